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

/** What a host may say of every provider. */
export interface CommonProviderConfig {
  /**
   * `public`, the default: listed in the catalog and open to every tenant. `unlisted`: open, and not listed. A function:
   * not listed, and open to the tenants for whom it says true; one that throws, or does not answer in time, closes it.
   */
  readonly availability?: "public" | "unlisted" | ((tenantId: string) => boolean | Promise<boolean>)
  /** Values of the definition's `settings`, by name. */
  readonly settings?: Readonly<Record<string, string>>
  /**
   * Lets tenants name the whole host where the definition has a field for it, as of a product that they host themselves:
   * the egress of your process will reach whatever public host a tenant names. Default false: such a provider stops
   * the start.
   */
  readonly allowTenantHosts?: boolean
}

/** What a host may say of every OAuth2 provider. */
interface OAuth2Settings extends CommonProviderConfig {
  readonly definition: OAuth2Definition
  /** What to ask for; default the definition's `defaultScopes`. */
  readonly scopes?: ReadonlyArray<string>
  /** What to ask for beside those, if the vendor has a second list for tokens of the user; default the definition's. */
  readonly userScopes?: ReadonlyArray<string>
  /**
   * The path of the redirect URI, if one is registered at the provider that cannot change: under the origin of the
   * public URL, of this provider alone, and to be mounted besides the contract's own. Default
   * `/v1/integrations/{provider}/callback` under the public URL.
   */
  readonly callbackPath?: string
  /** Without each of these granted there is no connection; default none, or all where the vendor leaves scopes out. */
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
   * Hosts of the definition's `formerTokenEndpoints` whose refresh tokens may be sent to its new endpoint. Look at
   * both before: who holds the new one gets those tokens. Default none.
   */
  readonly approvedFormerHosts?: ReadonlyArray<string>
  /**
   * Decides who may connect which installation of a GitHub App, in place of Hawser's own rule: a user's by that user, an
   * organization's by one of its owners. The person must see the installation all the same. Only for a definition with the
   * override `github_app`.
   */
  readonly mayBind?: MayBind
}

/** An OAuth2 provider with one client of the host's, which all tenants share. */
export interface SharedClientConfig extends OAuth2Settings {
  /** The start refuses what is undefined, so that an environment variable may be written here as it is. */
  readonly clientId: string | undefined
  /** Left out only if the definition's client authentication is `none`, or a key stands in its place. */
  readonly clientSecret?: string | undefined
  /** In place of `clientSecret` and of the definition's method: assertions signed with a key of the host's (RFC 7523). */
  readonly clientAuthentication?: PrivateKeyJwt
  /**
   * The private key of a GitHub App, PEM as GitHub hands it out, with which tokens of its installations are made; only for
   * a definition with the override `github_app`.
   */
  readonly appPrivateKey?: CryptoKey | string | undefined
  readonly clientOf?: undefined
}

/**
 * An OAuth2 provider at which each tenant has a client of its own, with a redirect URI of its own. No client
 * of the host's stands beside it: one that all share must not be used where tenants bring theirs.
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

/** All URLs that something is sent to, and hosts as if they were. */
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

/** Whether one request proves by a secret what the others do not. */
const needsSecret = (definition: OAuth2Definition): boolean =>
  exchangesSecret(definition) ||
  [definition.tokenRequest, definition.refreshRequest, definition.revocation].some(
    (request) => (request?.clientAuthentication ?? "none") !== "none"
  )

/** The host's key where it has one, else what the definition says. Fails with what to set. */
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

/** Empty counts as not set: an environment variable may be. */
const hasClient = ({ clientAuthentication, clientId, clientSecret }: OAuth2ProviderConfig) =>
  clientAuthentication !== undefined || (clientId ?? "") !== "" || (clientSecret ?? "") !== ""

/**
 * Turns what the host configured into a provider the programs can use.
 *
 * Fails with `ConfigurationError`, naming provider and member, on an unknown key, a wrong type, an unknown placeholder,
 * an http URL, or a missing client secret or key. Plain http on loopback is for development only and must be asked for.
 */
export const configureProvider = Effect.fnUntraced(function* (
  config: ProviderConfig,
  options: {
    readonly unsafelyAllowLoopback: boolean
    /** Whether requests leave by a proxy that looks names up itself, so that nobody here sees where they lead. */
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
  /** The provider with the host's client, or a tenant's. Fails with what to set. */
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
