import { Effect } from "effect"
import { Digest } from "effect/crypto"
import {
  ClientUnavailable,
  type ConfigurationError,
  Secret,
  type TenantId
} from "../model/index.ts"
import { callbackContext } from "./callbackContext.ts"
import type { ClientAuthentication, PrivateKeyJwt } from "./ClientAuthentication.ts"
import { acceptedFingerprints, clientFingerprint, clientVersion } from "./clientVersions.ts"
import type {
  Availability,
  CommonProviderConfig,
  GrantProvider,
  OAuth2Provider
} from "./Provider.ts"
import type { OAuth2Definition } from "./ProviderDefinition.ts"
import { signingKey } from "./signingKey.ts"
import { placeholders } from "./template.ts"
import { askForClient, type ClientOf, type TenantClient } from "./TenantClient.ts"

/** Options of every OAuth2 provider. */
interface OAuth2Settings extends CommonProviderConfig {
  /** What is known of the provider, as data. The helpers of the catalogue bring it. */
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
}

/** An OAuth2 provider with one client of the host's, which all tenants share. */
export interface SharedClientConfig extends OAuth2Settings {
  /** The start refuses undefined, so you can pass an environment variable as it is. */
  readonly clientId: string | undefined
  /** Leave it out only if the definition's client authentication is `none`, or if you give a key instead. */
  readonly clientSecret?: string | undefined
  /** Instead of `clientSecret` and the definition's method: assertions signed with the host's key (RFC 7523). */
  readonly clientAuthentication?: PrivateKeyJwt
  readonly clientOf?: undefined
}

/**
 * An OAuth2 provider at which each tenant has its own client and its own redirect URI. It has no shared client: a tenant's
 * server must never see a secret that all tenants depend on.
 */
export interface TenantClientsConfig<
  Client extends TenantClient = TenantClient
> extends OAuth2Settings {
  /** Returns a tenant's own client, or null if it has none. */
  readonly clientOf: ClientOf<Client>
  readonly clientId?: undefined
  readonly clientSecret?: undefined
  readonly clientAuthentication?: undefined
}

/** An OAuth2 provider as a host configures it. */
export type OAuth2ProviderConfig<Client extends TenantClient = TenantClient> =
  | SharedClientConfig
  | TenantClientsConfig<Client>

/** All of that but the definition. */
export type OAuth2Registration =
  | Omit<SharedClientConfig, "definition">
  | Omit<TenantClientsConfig, "definition">

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
const chooseAuthentication = Effect.fnUntraced(function* (
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

/** An empty text counts as not set, because an environment variable may be empty. */
const hasClient = ({ clientAuthentication, clientId, clientSecret }: OAuth2ProviderConfig) =>
  clientAuthentication !== undefined || (clientId ?? "") !== "" || (clientSecret ?? "") !== ""

/** They are of no API (OpenID Connect Core 1.0 §5.4 and §11). */
const ofOpenId = new Set(["openid", "profile", "email", "address", "phone", "offline_access"])

/** The APIs that scopes are of. */
const resourcesOf = (
  { grantedScopePrefix = "" }: OAuth2Definition,
  scopes: ReadonlyArray<string>
): ReadonlyArray<string> => [
  ...new Set(
    scopes
      .filter((scope) => !ofOpenId.has(scope))
      .map((scope) => (scope.includes("/") ? scope : `${grantedScopePrefix}${scope}`))
      .map((scope) => scope.slice(0, scope.lastIndexOf("/") + 1).replace(/\/+$/, ""))
  )
]

/** What an auth kind adds to OAuth2. */
export interface OAuth2Addition<Client extends TenantClient, Added> {
  /** What the provider has beside the members of OAuth2. Fails with a sentence that says what to set. */
  readonly added: (client: Client) => Effect.Effect<Added, string>
  /** The client's secrets that only this kind has. */
  readonly secrets: (client: Client) => ReadonlyArray<unknown>
}

/** A provider with the host's client, or one that asks for each tenant's. */
export const configureOAuth2 = Effect.fnUntraced(function* <Client extends TenantClient, Added>(
  {
    availability,
    config,
    definition
  }: {
    readonly config: OAuth2ProviderConfig<Client>
    readonly definition: OAuth2Definition
    readonly availability: Availability
  },
  addition: OAuth2Addition<Client, Added>,
  refuse: (problem: string) => ConfigurationError
): Effect.fn.Return<GrantProvider, ConfigurationError, Digest.Digest> {
  if (!("clientId" in config) && !("clientOf" in config)) return yield* refuse("Set clientId.")
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
  const unnamed: ReadonlyArray<string> = definition.unnamedScopes ?? []
  const neverNamed = config.requiredScopes?.find((scope) => unnamed.includes(scope))
  if (neverNamed !== undefined) {
    return yield* refuse(
      `requiredScopes: the vendor never says that it has granted "${neverNamed}", so nobody could connect. Leave it out there; it is still asked for.`
    )
  }
  const scopes = config.scopes ?? definition.defaultScopes
  const resources = resourcesOf(definition, scopes)
  if (definition.oneResource === true && resources.length > 1)
    return yield* refuse(
      `scopes: a token of this vendor is for one API, and these are of ${resources.join(" and ")}. Configure a provider for each.`
    )
  const settings = {
    authType: "oauth2" as const,
    id: definition.id,
    definition,
    ...availability,
    scopes,
    userScopes: config.userScopes ?? definition.userScopes?.defaultScopes ?? [],
    requiredScopes:
      config.requiredScopes ??
      (definition.leavesOutScopes === true ? scopes : []).filter(
        (scope) => !unnamed.includes(scope)
      ),
    pushedAuthorizationRequests,
    dpop: config.dpop === true,
    resource
  }
  /** The provider with the host's or a tenant's client. Fails with a sentence that says what to set. */
  const withClient = Effect.fnUntraced(function* (
    client: Client,
    tenantId?: TenantId
  ): Effect.fn.Return<OAuth2Provider & Added, string, Digest.Digest> {
    const { clientId } = client
    if (clientId === "") return yield* Effect.fail("Set clientId.")
    const ownFingerprint = yield* clientFingerprint(definition, clientId, tenantId)
    return {
      ...settings,
      ...(yield* addition.added(client)),
      client: { clientId, authentication: yield* chooseAuthentication(client, definition) },
      clientFingerprint: ownFingerprint,
      clientVersion: yield* clientVersion(client, ownFingerprint, addition.secrets(client)),
      acceptedFingerprints: yield* acceptedFingerprints(definition, clientId, approved, tenantId),
      ...(tenantId !== undefined && {
        callbackContext: yield* callbackContext(tenantId, definition.id)
      })
    }
  })
  if (clientOf === undefined) {
    const client = { ...config, clientId: config.clientId ?? "" } as Client & typeof config
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
