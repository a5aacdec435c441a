import { Effect, Schema } from "effect"
import type { Digest } from "effect/crypto"
import { signingKey } from "../crypto/signingKey.ts"
import { apiContradiction, keyTemplates } from "./apiContradiction.ts"
import type { ClientAuthentication, PrivateKeyJwt } from "./ClientAuthentication.ts"
import { acceptedFingerprints, clientFingerprint } from "./clientFingerprint.ts"
import { ConfigurationError } from "./Errors.ts"
import type { Availability, Provider } from "./Provider.ts"
import {
  type ApiKeyDefinition,
  isLoopback,
  type OAuth2Definition,
  ProviderDefinition
} from "./ProviderDefinition.ts"
import { Secret } from "./Sealed.ts"
import { tenantChosenHost } from "./sharedClient.ts"
import { isFirstLabel, placeholders } from "./template.ts"

/** What a host may say of every provider. */
export interface CommonProviderConfig {
  /**
   * `public`, the default: listed in the catalog and open to every tenant. `unlisted`: open, and not listed. A function:
   * not listed, and open to the tenants for whom it says true; one that throws closes it.
   */
  readonly availability?: "public" | "unlisted" | ((tenantId: string) => boolean)
}

/** An OAuth2 provider as a host configures it. */
export interface OAuth2ProviderConfig extends CommonProviderConfig {
  readonly definition: OAuth2Definition
  /** The start refuses what is undefined, so that an environment variable may be written here as it is. */
  readonly clientId: string | undefined
  /** Left out only where the definition's client authentication is `none`, or a key stands in its place. */
  readonly clientSecret?: string | undefined
  /** In place of `clientSecret` and of the definition's method: assertions signed with a key of the host's (RFC 7523). */
  readonly clientAuthentication?: PrivateKeyJwt
  /** What to ask for; default the definition's `defaultScopes`. */
  readonly scopes?: ReadonlyArray<string>
  /**
   * The path of the redirect URI, where one is registered at the provider that cannot change: under the origin of the
   * public URL, of this provider alone, and to be mounted besides the contract's own. Default
   * `/v1/integrations/{provider}/callback` under the public URL.
   */
  readonly callbackPath?: string
  /** Without each of these granted there is no connection; default none. */
  readonly requiredScopes?: ReadonlyArray<string>
  /**
   * Sends the authorization request to the provider first, so that the browser carries a reference to it and can change
   * nothing (RFC 9126 §2). Costs a connect one request. The definition must name the endpoint. Default false.
   */
  readonly pushedAuthorizationRequests?: boolean
  /**
   * Binds tokens to a key pair of each flow's own, so that a stolen token is of no use without it (RFC 9449). Tokens that
   * are not bound are then refused. Default false.
   */
  readonly dpop?: boolean
  /** The services that tokens are asked for, as absolute URIs without fragment (RFC 8707 §2). Default none. */
  readonly resource?: ReadonlyArray<string>
  /**
   * Hosts of the definition's `formerTokenEndpoints` whose refresh tokens may be sent to its new endpoint (S-38). Look at
   * both before: who holds the new one gets those tokens. Default none.
   */
  readonly approvedFormerHosts?: ReadonlyArray<string>
}

/** An API-key provider as a host configures it. */
export interface ApiKeyProviderConfig extends CommonProviderConfig {
  readonly definition: ApiKeyDefinition
}

export type ProviderConfig = OAuth2ProviderConfig | ApiKeyProviderConfig

const decodeDefinition = Schema.decodeUnknownEffect(ProviderDefinition, {
  errors: "all",
  onExcessProperty: "error"
})

const isRegularExpression = (pattern: string): boolean => {
  try {
    return new RegExp(pattern, "v").source !== ""
  } catch {
    return false
  }
}

const urlsOf = (definition: ProviderDefinition): ReadonlyArray<string> =>
  [
    definition.check?.url,
    definition.api?.baseUrl,
    ...(definition.api?.hosts ?? []).map((host) => `https://${host}/`),
    ...(definition.authType === "oauth2"
      ? [
          definition.authorizationEndpoint,
          definition.tokenEndpoint,
          definition.refreshEndpoint,
          definition.pushedAuthorizationRequestEndpoint,
          definition.revocation?.endpoint,
          definition.issuer,
          definition.account?.from === "request" ? definition.account.url : undefined
        ]
      : [])
  ].filter((url) => url !== undefined)

/** What the refresh itself consists of: a second client authentication, or another grant, may not come with it (S-32). */
const refreshMembers = new Set([
  "grant_type",
  "refresh_token",
  "scope",
  "client_id",
  "client_secret",
  "client_assertion",
  "client_assertion_type"
])

const availabilityOf = (
  availability: NonNullable<CommonProviderConfig["availability"]>
): Availability => ({
  listed: availability === "public",
  isOpenTo: (tenantId) => {
    if (typeof availability === "string") return true
    try {
      // A promise, from a function that should not be async, is no yes.
      const answer: unknown = availability(tenantId)
      return answer === true
    } catch {
      return false
    }
  }
})

/** What the schema of one member cannot see: templates against fields, patterns that do not compile, host parts. */
const contradiction = (definition: ProviderDefinition): string | undefined => {
  const given = definition.fields ?? []
  const fields = new Map(given.map((field) => [field.name, field]))
  if (fields.size !== given.length) return "two fields have the same name"
  if (definition.authType === "oauth2") {
    const secret = given.find((field) => field.secret !== false)
    if (secret !== undefined) return `the field ${secret.name} must say secret: false`
    if (definition.openid === true && definition.issuer === undefined)
      return "openid needs the issuer that ID tokens name"
    if (definition.account?.from === "id_token" && definition.openid !== true)
      return "account comes from an ID token, and openid is not set"
    const member = Object.keys(definition.refreshParameters ?? {}).find((name) =>
      refreshMembers.has(name)
    )
    if (member !== undefined) return `refreshParameters may not set ${member}`
  }
  const carriers = definition.authType === "api_key" ? keyTemplates(definition) : []
  for (const template of [...carriers, ...urlsOf(definition)]) {
    const unknown = placeholders(template).find((name) => !fields.has(name))
    if (unknown !== undefined) return `{${unknown}} is not the name of a field`
  }
  for (const url of urlsOf(definition)) {
    for (const name of placeholders(url)) {
      // A secret in a URL ends in logs (S-32), and free text in a host leads anywhere (S-62).
      const field = fields.get(name)
      if (field?.secret !== false) return `{${name}} stands in a URL and is a secret`
      if (field.choices === undefined && field.format !== "subdomain")
        return `{${name}} stands in a URL and has no list of choices`
      if (field.choices === undefined && !isFirstLabel(url, name))
        return `{${name}} may stand only where a host begins, before a fixed name`
      // Nothing in its place would make another host of what stands around it.
      if (field.required === false && field.default === undefined)
        return `{${name}} stands in a URL and may be left out`
    }
  }
  for (const field of given) {
    if (field.pattern !== undefined) {
      if (!isRegularExpression(field.pattern)) {
        return `the pattern of field ${field.name} is not a regular expression`
      }
    }
  }
  return apiContradiction(definition)
}

/** The host's key where it has one, else what the definition says. Fails with what to set. */
const authenticationOf = Effect.fnUntraced(function* (
  { clientAuthentication: assertion, clientSecret = "" }: OAuth2ProviderConfig,
  method: OAuth2Definition["clientAuthentication"]
): Effect.fn.Return<ClientAuthentication, string> {
  if (assertion === undefined) {
    if (method === "none") return { method }
    if (method === "private_key_jwt") return yield* Effect.fail("Set clientAuthentication.")
    if (clientSecret === "") return yield* Effect.fail("Set clientSecret.")
    return { method, clientSecret: Secret(clientSecret) }
  }
  if (clientSecret !== "")
    return yield* Effect.fail("Set clientSecret or clientAuthentication, not both.")
  const { alg, kid, privateKey = "" } = assertion
  if (privateKey === "") return yield* Effect.fail("Set clientAuthentication.privateKey.")
  return {
    method: "private_key_jwt",
    key: yield* signingKey(privateKey, alg),
    alg,
    kid
  }
})

/**
 * Turns what the host configured into a provider the programs can use.
 *
 * Fails with `ConfigurationError`, naming provider and member, on an unknown key, a wrong type, an unknown placeholder,
 * an http URL, or a missing client secret or key. Plain http on loopback is for development only and must be asked for.
 */
export const configureProvider = Effect.fnUntraced(function* (
  config: ProviderConfig,
  options: { readonly unsafelyAllowLoopback: boolean }
): Effect.fn.Return<Provider, ConfigurationError, Digest.Digest> {
  const setting = `providers[${String(config.definition.id)}]`
  const refuse = (problem: string) => new ConfigurationError({ setting, problem })

  const definition = yield* Effect.mapError(decodeDefinition(config.definition), (error) =>
    refuse(error.message)
  )
  const chosen = definition.authType === "oauth2" ? tenantChosenHost(definition) : undefined
  if (chosen !== undefined) {
    const { member, problem } = chosen
    return yield* new ConfigurationError({ setting: `${setting}.${member}`, problem })
  }
  const wrong = contradiction(definition)
  if (wrong !== undefined) return yield* refuse(`${wrong}.`)
  const insecure = urlsOf(definition).find((url) => isLoopback(new URL(url).hostname))
  if (insecure !== undefined && !options.unsafelyAllowLoopback) {
    return yield* refuse(
      `${insecure} is on this machine. For development, set unsafelyAllowLoopback.`
    )
  }

  const availability = availabilityOf(config.availability ?? "public")
  if (definition.authType === "api_key")
    return { authType: "api_key", id: definition.id, definition, ...availability }

  if (!("clientId" in config)) return yield* refuse("Set clientId.")
  const clientId = config.clientId ?? ""
  if (clientId === "") return yield* refuse("Set clientId.")
  const authentication = yield* Effect.mapError(
    authenticationOf(config, definition.clientAuthentication),
    refuse
  )
  const pushedAuthorizationRequests = config.pushedAuthorizationRequests === true
  if (pushedAuthorizationRequests && definition.pushedAuthorizationRequestEndpoint === undefined) {
    return yield* refuse(
      "pushedAuthorizationRequests is set, and the definition names no pushedAuthorizationRequestEndpoint."
    )
  }
  const resource = config.resource ?? []
  const notAbsolute = resource.find((uri) => !URL.canParse(uri) || uri.includes("#"))
  if (notAbsolute !== undefined)
    return yield* refuse(`resource: "${notAbsolute}" must be an absolute URI without a fragment.`)
  const approved = config.approvedFormerHosts ?? []
  const unknown = approved.find(
    (host) => !(definition.formerTokenEndpoints ?? []).some((url) => new URL(url).host === host)
  )
  if (unknown !== undefined)
    return yield* refuse(`approvedFormerHosts: no former token endpoint is at ${unknown}.`)
  return {
    authType: "oauth2",
    id: definition.id,
    definition,
    ...availability,
    client: { clientId, authentication },
    clientFingerprint: yield* clientFingerprint(definition, clientId),
    acceptedFingerprints: yield* acceptedFingerprints(definition, clientId, approved),
    scopes: config.scopes ?? definition.defaultScopes,
    requiredScopes: config.requiredScopes ?? [],
    pushedAuthorizationRequests,
    dpop: config.dpop === true,
    resource
  }
})
