import { Effect } from "effect"
import { Digest } from "effect/crypto"
import type { CryptoKey } from "oauth4webapi"
import {
  ClientUnavailable,
  ConfigurationError,
  hostOptions,
  Secret,
  type TenantId
} from "../model/index.ts"
import { askHost } from "../services/index.ts"
import { callbackContext } from "./callbackContext.ts"
import type { ClientAuthentication, PrivateKeyJwt } from "./ClientAuthentication.ts"
import { acceptedFingerprints, clientFingerprint, clientVersion } from "./clientVersions.ts"
import { configuredDefinition } from "./configuredDefinition.ts"
import { templatesOf } from "./definitionTemplates.ts"
import { isPermission } from "./githubPermissions.ts"
import type { MayBind } from "./MayBind.ts"
import type { Availability, ConfiguredProvider, OAuth2Provider } from "./Provider.ts"
import {
  type ApiKeyDefinition,
  isLoopback,
  type OAuth2Definition,
  type ProviderDefinition
} from "./ProviderDefinition.ts"
import { commonOptions, oauth2Options } from "./providerOptions.ts"
import { signingKey } from "./signingKey.ts"
import { placeholders } from "./template.ts"
import { askForClient, type ClientOf, type TenantClient } from "./TenantClient.ts"
import { tenantHost } from "./urlChecks.ts"

/** Options of every provider. */
export interface CommonProviderConfig {
  /**
   * `public`, the default: listed in the catalog and open to every tenant. `unlisted`: open, but not listed. A function:
   * not listed, and open to the tenants for which it returns true; it counts as false if it throws or does not answer in
   * time.
   */
  readonly availability?: "public" | "unlisted" | ((tenantId: string) => boolean | Promise<boolean>)
  /** Values of the definition's `settings`, by name. */
  readonly settings?: Readonly<Record<string, string>>
  /**
   * Lets tenants name the whole host, for a product that they host themselves. The egress of your process will then reach
   * any public host that a tenant names. Default false: a definition with such a field stops the start.
   */
  readonly allowTenantHosts?: boolean
}

/** Options of every OAuth2 provider. */
interface OAuth2Settings extends CommonProviderConfig {
  readonly definition: OAuth2Definition
  /** The scopes to ask for; default the definition's `defaultScopes`. */
  readonly scopes?: ReadonlyArray<string>
  /** The scopes of the vendor's second list, for tokens of the user; default the definition's. */
  readonly userScopes?: ReadonlyArray<string>
  /**
   * The path of the redirect URI, if the registered one cannot change. It is under the origin of the public URL, belongs to
   * this provider only, and is mounted beside the contract's path. Default `/v1/integrations/{provider}/callback` under the
   * public URL.
   */
  readonly callbackPath?: string
  /** The connection is refused unless each of these is granted. Default none, or all if the vendor may leave out scopes. */
  readonly requiredScopes?: ReadonlyArray<string>
  /**
   * Sends the authorization request to the provider first, so that the browser carries a reference to it and can change
   * nothing (RFC 9126 §2). It adds one request to a connect. The definition must name the endpoint. Default false.
   */
  readonly pushedAuthorizationRequests?: boolean
  /**
   * Binds tokens to a key pair that each flow makes, so that a stolen token does not work without it (RFC 9449). Unbound
   * tokens are then refused. Default false.
   */
  readonly dpop?: boolean
  /** The services that tokens are asked for, as absolute URIs without fragment (RFC 8707 §2). Default none. */
  readonly resource?: ReadonlyArray<string>
  /**
   * Hosts of the definition's `formerTokenEndpoints` whose refresh tokens may be sent to its new endpoint. Check both hosts
   * first: whoever runs the new one gets those tokens. Default none.
   */
  readonly approvedFormerHosts?: ReadonlyArray<string>
  /**
   * Decides who may connect which installation of a GitHub App. It replaces Hawser's rule, by which that user connects a
   * user's installation, and an owner connects an organization's. The person must be able to see the installation in either
   * case. Only for a definition with the override `github_app`.
   */
  readonly mayBind?: MayBind
}

/** An OAuth2 provider with one client of the host's, which all tenants share. */
export interface SharedClientConfig extends OAuth2Settings {
  /** The start refuses undefined, so you can pass an environment variable as it is. */
  readonly clientId: string | undefined
  /** Leave it out only if the definition's client authentication is `none`, or if you give a key instead. */
  readonly clientSecret?: string | undefined
  /** Instead of `clientSecret` and the definition's method: assertions signed with the host's key (RFC 7523). */
  readonly clientAuthentication?: PrivateKeyJwt
  /**
   * The private key of a GitHub App as PEM, as GitHub issues it. It makes tokens of installations. Only for a definition
   * with the override `github_app`.
   */
  readonly appPrivateKey?: CryptoKey | string | undefined
  readonly clientOf?: undefined
}

/**
 * An OAuth2 provider at which each tenant has its own client and its own redirect URI. It has no shared client: a tenant's
 * server must never see a secret that all tenants depend on.
 */
export interface TenantClientsConfig extends OAuth2Settings {
  readonly clientOf: ClientOf
  readonly clientId?: undefined
  readonly clientSecret?: undefined
  readonly clientAuthentication?: undefined
  readonly appPrivateKey?: undefined
}

/** An OAuth2 provider as a host configures it. */
export type OAuth2ProviderConfig = SharedClientConfig | TenantClientsConfig

/** All of that but the definition. */
export type OAuth2Registration =
  | Omit<SharedClientConfig, "definition">
  | Omit<TenantClientsConfig, "definition">

/** An API-key provider as a host configures it. */
export interface ApiKeyProviderConfig extends CommonProviderConfig {
  readonly definition: ApiKeyDefinition
}

export type ProviderConfig = OAuth2ProviderConfig | ApiKeyProviderConfig

const checkOAuth2Options = hostOptions<OAuth2ProviderConfig>(oauth2Options)
const checkApiKeyOptions = hostOptions<ApiKeyProviderConfig>(commonOptions)

/** All URLs that requests go to, and hosts as URLs. */
const urlsOf = (definition: ProviderDefinition): ReadonlyArray<string> => [
  ...templatesOf(definition)
    .filter(({ isUrl }) => isUrl)
    .map(({ template }) => template),
  ...(definition.api?.hosts ?? []).map((host) => `https://${host}/`)
]

const availabilityOf = (
  availability: NonNullable<CommonProviderConfig["availability"]>
): Availability => ({
  listed: availability === "public",
  isOpenTo: (tenantId) =>
    typeof availability === "string"
      ? Effect.succeed(true)
      : askHost({
          hook: "availability",
          call: () => availability(tenantId),
          read: (answer) => answer === true,
          details: { tenantId }
        }).pipe(Effect.orElseSucceed(() => false))
})

const exchangesSecret = ({ tokenExchange }: OAuth2Definition): boolean =>
  Object.values(tokenExchange?.parameters ?? {}).some((template) =>
    placeholders(template).includes("client_secret")
  )

/** Whether a single request authenticates by a secret although the others do not. */
const needsSecret = (definition: OAuth2Definition): boolean =>
  exchangesSecret(definition) ||
  [definition.tokenRequest, definition.refreshRequest, definition.revocation].some(
    (request) => (request?.clientAuthentication ?? "none") !== "none"
  )

/** The host's key if it gave one, else the definition's method. Fails with a sentence that says what to set. */
const authenticationOf = Effect.fnUntraced(function* (
  { clientAuthentication: assertion, clientSecret = "" }: Omit<TenantClient, "clientId">,
  definition: OAuth2Definition
): Effect.fn.Return<ClientAuthentication, string> {
  if (assertion === undefined) {
    const method = definition.clientAuthentication
    if (method === "none" && !needsSecret(definition)) return { method }
    if (method === "private_key_jwt") return yield* Effect.fail("Set clientAuthentication.")
    if (clientSecret === "") return yield* Effect.fail("Set clientSecret.")
    return { method, clientSecret: Secret(clientSecret) }
  }
  if (clientSecret !== "")
    return yield* Effect.fail("Set clientSecret or clientAuthentication, not both.")
  if (exchangesSecret(definition))
    return yield* Effect.fail("tokenExchange needs clientSecret, which a key has no place beside.")
  const { alg, kid, privateKey = "", typ, unsafeAudience } = assertion
  if (privateKey === "") return yield* Effect.fail("Set clientAuthentication.privateKey.")
  const audience = unsafeAudience === "token_endpoint" ? unsafeAudience : "issuer"
  if (audience === "issuer" && definition.issuer === undefined)
    return yield* Effect.fail(
      'An assertion is for an issuer, and the definition names none. Set its issuer, or clientAuthentication.unsafeAudience: "token_endpoint".'
    )
  return {
    method: "private_key_jwt",
    key: yield* signingKey(privateKey, alg),
    alg,
    kid,
    typ,
    audience
  }
})

const appKeyOf = ({ appPrivateKey = "" }: TenantClient, { override }: OAuth2Definition) => {
  if (override !== "github_app") return Effect.succeed(undefined)
  return appPrivateKey === ""
    ? Effect.fail("Set appPrivateKey, the private key of the app.")
    : Effect.mapError(signingKey(appPrivateKey, "RS256"), (problem) =>
        problem.replace("privateKey", "appPrivateKey")
      )
}

const isOAuth2 = (config: ProviderConfig): config is OAuth2ProviderConfig =>
  "clientId" in config || "clientOf" in config

/** An empty text counts as not set, because an environment variable may be empty. */
const hasClient = ({ clientAuthentication, clientId, clientSecret }: OAuth2ProviderConfig) =>
  clientAuthentication !== undefined || (clientId ?? "") !== "" || (clientSecret ?? "") !== ""

/**
 * Turns what the host configured into a provider the programs can use.
 *
 * Fails with `ConfigurationError`, naming provider and member, on an unknown key, a wrong type, an unknown placeholder,
 * an http URL, or a missing client secret or key. Plain http is allowed only on loopback, for development, and only on request.
 */
export const configureProvider = Effect.fnUntraced(function* (
  config: ProviderConfig,
  options: {
    readonly unsafelyAllowLoopback: boolean
    /** Whether requests leave by a proxy that resolves names itself, so that Hawser cannot check the addresses. */
    readonly addressesAreUnchecked?: boolean
  }
): Effect.fn.Return<ConfiguredProvider, ConfigurationError, Digest.Digest> {
  const setting = `providers[${String(config.definition.id)}]`
  const refuse = (problem: string) => new ConfigurationError({ setting, problem })

  const check = config.definition.authType === "oauth2" ? checkOAuth2Options : checkApiKeyOptions
  const wrong = check(setting, config)
  if (wrong !== undefined) return yield* wrong
  const definition = yield* configuredDefinition(config)
  const byTenant = tenantHost(definition)
  if (byTenant !== undefined && config.allowTenantHosts !== true) {
    return yield* new ConfigurationError({
      setting: `${setting}.allowTenantHosts`,
      problem: `The field ${byTenant.field} lets a tenant choose the host of ${byTenant.member}. Set it if your egress may reach whatever public host a tenant names.`
    })
  }
  if (byTenant !== undefined && options.addressesAreUnchecked === true) {
    return yield* refuse(
      `The field ${byTenant.field} lets a tenant choose the host of ${byTenant.member}, and unsafelyResolvingProxy connects wherever that leads. Set egress.proxy, or leave the provider out.`
    )
  }
  const insecure = urlsOf(definition).find((url) => isLoopback(new URL(url).hostname))
  if (insecure !== undefined && !options.unsafelyAllowLoopback) {
    return yield* refuse(
      `${insecure} is on this machine. For development, set unsafelyAllowLoopback.`
    )
  }

  const availability = availabilityOf(config.availability ?? "public")
  if (definition.authType === "api_key")
    return { authType: "api_key", id: definition.id, definition, ...availability }

  if (!isOAuth2(config)) return yield* refuse("Set clientId.")
  const { clientOf } = config
  if (clientOf !== undefined && hasClient(config))
    return yield* refuse("Set a client of your own or clientOf, not both.")
  const pushedAuthorizationRequests = config.pushedAuthorizationRequests === true
  if (pushedAuthorizationRequests && definition.pushedAuthorizationRequestEndpoint === undefined) {
    return yield* refuse(
      "pushedAuthorizationRequests is set, and the definition names no pushedAuthorizationRequestEndpoint."
    )
  }
  if (config.userScopes !== undefined && definition.userScopes === undefined)
    return yield* refuse("userScopes is set, and the definition knows no second list of scopes.")
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
  const isGithubApp = definition.override === "github_app"
  if (config.mayBind !== undefined && (!isGithubApp || typeof config.mayBind !== "function"))
    return yield* refuse("mayBind must be a function, beside a definition of a GitHub App.")
  const notPermission = [...(config.scopes ?? []), ...(config.requiredScopes ?? [])].find(
    (scope) => !isPermission(scope)
  )
  if (isGithubApp && notPermission !== undefined) {
    return yield* refuse(
      `scopes: "${notPermission}" is not a permission of a GitHub App; write contents:read.`
    )
  }
  const unnamed: ReadonlyArray<string> = definition.unnamedScopes ?? []
  const neverNamed = config.requiredScopes?.find((scope) => unnamed.includes(scope))
  if (neverNamed !== undefined) {
    return yield* refuse(
      `requiredScopes: the vendor never says that it has granted "${neverNamed}", so nobody could connect. Leave it out there; it is still asked for.`
    )
  }
  const settings = {
    authType: "oauth2" as const,
    id: definition.id,
    definition,
    ...availability,
    scopes: config.scopes ?? definition.defaultScopes,
    userScopes: config.userScopes ?? definition.userScopes?.defaultScopes ?? [],
    requiredScopes:
      config.requiredScopes ??
      (definition.leavesOutScopes === true
        ? (config.scopes ?? definition.defaultScopes)
        : []
      ).filter((scope) => !unnamed.includes(scope)),
    pushedAuthorizationRequests,
    dpop: config.dpop === true,
    resource,
    mayBind: config.mayBind
  }
  /** The provider with the host's or a tenant's client. Fails with a sentence that says what to set. */
  const withClient = Effect.fnUntraced(function* (
    client: TenantClient,
    tenantId?: TenantId
  ): Effect.fn.Return<OAuth2Provider, string, Digest.Digest> {
    const { clientId } = client
    if (clientId === "") return yield* Effect.fail("Set clientId.")
    const ownFingerprint = yield* clientFingerprint(definition, clientId, tenantId)
    return {
      ...settings,
      client: {
        clientId,
        authentication: yield* authenticationOf(client, definition),
        appKey: yield* appKeyOf(client, definition)
      },
      clientFingerprint: ownFingerprint,
      clientVersion: yield* clientVersion(client, ownFingerprint),
      acceptedFingerprints: yield* acceptedFingerprints(definition, clientId, approved, tenantId),
      ...(tenantId !== undefined && {
        callbackContext: yield* callbackContext(tenantId, definition.id)
      })
    }
  })
  if (clientOf === undefined) {
    const client = { ...config, clientId: config.clientId ?? "" }
    return yield* Effect.mapError(withClient(client), refuse)
  }
  const digest = yield* Digest.Digest
  return {
    ...settings,
    usedBy: Effect.fnUntraced(function* (tenantId) {
      const client = yield* askForClient(clientOf, definition.id, tenantId)
      if (client === undefined) return undefined
      return yield* withClient(client, tenantId).pipe(
        Effect.provideService(Digest.Digest, digest),
        Effect.mapError(
          (problem) => new ClientUnavailable({ provider: definition.id, tenantId, problem })
        )
      )
    })
  }
})
