import { type Duration, Effect, Option, Redacted, Schema } from "effect"
import type { Digest, SecureRandom } from "effect/crypto"
import {
  type Actor,
  configuredAndGranted,
  requireAllowedName,
  requireRoom
} from "../connection/index.ts"
import {
  type AccountAlreadyConnected,
  type AccountMismatch,
  type AlreadyConnected,
  ConnectFailed,
  type IntegrationKey,
  type ConnectionName,
  CredentialId,
  CredentialNotFound,
  type DecryptionFailed,
  defaultName,
  type FlowSecrets,
  Forbidden,
  type Integration,
  newEventId,
  newIntegrationId,
  type Secret,
  type StorageUnavailable,
  type TooManyPendingFlows,
  type ValidationDetail,
  ValidationError
} from "../model/index.ts"
import {
  AuthorizationServerClient,
  freshDpopKey,
  type ProviderTraffic,
  checkedServer
} from "../protocol/index.ts"
import {
  type ApiKeyProvider,
  beginsByConsent,
  checkFields,
  type OAuth2Provider,
  type Provider,
  reportingEndpoints
} from "../provider/index.ts"
import {
  type Cipher,
  ConnectionStore,
  ConnectSettings,
  OAuthStateStore,
  SecurityLog,
  program
} from "../services/index.ts"
import { flowTag, freshSecret, hashSecret, type KeyedHash, userHash } from "../vault/index.ts"
import { type BeginningPage, findBinding } from "./bindings/index.ts"
import { flowRequest } from "./flowRequest.ts"
import { sealFlowSecrets } from "./flowSecrets.ts"

export interface ConnectInput {
  /** Which of the owner's connections to the provider is meant. Default `default`. */
  readonly name?: ConnectionName | undefined
  /** The page at which the flow ends; required for OAuth2, ignored for API keys. */
  readonly redirectUrl?: string | undefined
  /** The stored API key to connect with; required for API keys, ignored for OAuth2. */
  readonly credentialId?: string | undefined
  /** OAuth2 only: values for the definition's fields. For API keys they are in the credential. */
  readonly fields?: Readonly<Record<string, unknown>> | undefined
  /**
   * OAuth2 only: some of the scopes that the host configured; default all of them. With `reauthorize`, those that are
   * granted and still configured are asked for besides.
   */
  readonly scopes?: ReadonlyArray<string> | undefined
  /** The page that begins the flow, if known; default one of the host's. */
  readonly page?: BeginningPage | undefined
  /** OAuth2 only: begins although connected. The new tokens replace the old ones once they arrive. */
  readonly reauthorize?: boolean | undefined
  /** OAuth2 only, with `reauthorize` and `scopes`: asks for exactly these scopes, so that others are dropped. */
  readonly replaceScopes?: boolean | undefined
}

/** Binds a flow to the browser that starts it: set it as a cookie with this name and secret. */
export interface BrowserBinding {
  /** Public handle of the flow, for the cookie's name. */
  readonly flowTag: string
  readonly secret: Secret
  readonly lifetime: Duration.Duration
  /** The provider returns the browser by a POST from its own site, and browsers do not send a Lax cookie with that. */
  readonly crossSite: boolean
}

export type ConnectResult =
  | {
      readonly _tag: "Authorize"
      /** Where to send the browser. */
      readonly authorizationUrl: string
      readonly state: string
      /** Only for the binding `cookie`. */
      readonly browserBinding: BrowserBinding | undefined
    }
  | { readonly _tag: "Connected"; readonly integration: Integration }

const invalid = (path: string, code: ValidationDetail["code"]) =>
  new ValidationError({ details: [{ path, code }] })

/**
 * Connects an owner to a provider: begins the OAuth2 flow, or connects at once with a stored API key.
 *
 * Fails with `ValidationError` if a member that the auth type needs is missing or invalid, or the redirect URL is not one
 * of the host's; with `ConnectFailed` if the authorization request is pushed and the provider refuses it; with
 * `CredentialNotFound`, `AlreadyConnected` or `TooManyPendingFlows`; with `AccountMismatch` if an API key is known to be another
 * account's than the connection remembers, and with `AccountAlreadyConnected` if the owner has another connection to its account;
 * with `Forbidden` if the page may not begin this flow, or the user was erased or is suspended.
 */
export const connect = program("Hawser.connect")(function* (
  actor: Actor,
  provider: Provider,
  input: ConnectInput
): Effect.fn.Return<ConnectResult, ConnectError, ConnectServices> {
  return beginsByConsent(provider)
    ? yield* authorize(actor, provider, input)
    : yield* connectWithCredential(actor, provider, input)
})

export type ConnectError =
  | ValidationError
  | ConnectFailed
  | TooManyPendingFlows
  | CredentialNotFound
  | Forbidden
  | AccountAlreadyConnected
  | AccountMismatch
  | AlreadyConnected
  | DecryptionFailed
  | StorageUnavailable

export type ConnectServices =
  | AuthorizationServerClient
  | Cipher
  | ConnectSettings
  | Digest.Digest
  | ConnectionStore
  | KeyedHash
  | OAuthStateStore
  | ProviderTraffic
  | SecureRandom.SecureRandom
  | SecurityLog

const authorize = Effect.fnUntraced(function* (
  actor: Actor,
  provider: OAuth2Provider,
  input: ConnectInput
) {
  const settings = yield* ConnectSettings
  const { name = defaultName, redirectUrl } = input
  if (redirectUrl === undefined) return yield* invalid("redirectUrl", "missing")
  const allowed = yield* settings.bindingAt(redirectUrl, actor.tenantId)
  if (allowed === undefined) return yield* invalid("redirectUrl", "not_allowed")
  const { binding } = allowed
  const bound = findBinding(allowed)
  if (!bound.mayBegin(input.page ?? "listed", allowed)) return yield* originDenied
  yield* requireAllowedName(provider, actor, name)
  yield* requireRoom(provider, actor, name)
  const { definition } = provider
  const fields = yield* checkFields("fields", definition.fields ?? [], input.fields ?? {})
  const scopes = yield* scopesToAskFor(actor, provider, input)

  const server = yield* checkedServer(provider, fields).pipe(
    reportingEndpoints(actor),
    Effect.mapError(() => new ConnectFailed({ provider: provider.id, reason: "provider_error" }))
  )
  const redirectUri = settings.redirectUri(provider.id, provider.callbackContext)

  const state = yield* freshSecret
  const stateHash = yield* hashSecret(state)
  const secrets: FlowSecrets = {
    codeVerifier:
      definition.pkce === undefined || definition.openid === true ? yield* freshSecret : undefined,
    dpopKey: provider.dpop ? yield* freshDpopKey : undefined
  }
  const browserSecret = yield* bound.start

  const flow = {
    tenantId: actor.tenantId,
    owner: actor.owner,
    userId: actor.userId,
    provider: provider.id,
    name,
    binding,
    redirectUrl,
    redirectUri,
    server,
    scopes,
    fields,
    reauthorizes: input.reauthorize === true,
    stateHash,
    userHash: yield* userHash(actor.tenantId, actor.userId),
    browserHash: browserSecret === undefined ? undefined : yield* hashSecret(browserSecret)
  }
  const flows = yield* OAuthStateStore
  yield* flows.start(
    { ...flow, sealedSecrets: yield* sealFlowSecrets(flow, secrets) },
    { lifetime: settings.flowLifetime, limits: settings.pendingFlowLimits }
  )

  const authorizationServer = yield* AuthorizationServerClient
  const asked = authorizationServer.authorizationUrl(provider, {
    server,
    redirectUri,
    scopes,
    reauthorizes: flow.reauthorizes
      ? input.replaceScopes === true
        ? "replacing"
        : "adding"
      : undefined,
    fields,
    state: Redacted.value(state),
    secrets
  })
  // Pushed only once the flow is counted, so that a connect that the limits refuse sends nothing.
  const authorizationUrl = yield* flowRequest(
    provider,
    { server, tenantId: actor.tenantId },
    server.pushedAuthorizationRequestEndpoint,
    asked
  ).pipe(
    // Nobody has its state, so it must not count as pending.
    Effect.onError(() => Effect.ignore(flows.burn(stateHash)))
  )

  const log = yield* SecurityLog
  yield* log.report({
    type: "flow_started",
    tenantId: actor.tenantId,
    userId: actor.userId,
    provider: provider.id,
    reason: binding
  })
  return {
    _tag: "Authorize",
    authorizationUrl,
    state: Redacted.value(state),
    browserBinding:
      browserSecret === undefined
        ? undefined
        : {
            flowTag: flowTag(stateHash),
            secret: browserSecret,
            lifetime: settings.flowLifetime,
            crossSite: definition.responseMode === "form_post"
          }
  } satisfies ConnectResult
})

const originDenied = Effect.gen(function* () {
  const log = yield* SecurityLog
  yield* log.report({ type: "origin_denied" })
  return yield* new Forbidden({ reason: "origin" })
})

/**
 * The scopes of the request. A tenant may ask for less than the host configured, never for more, and not for less than the
 * host requires.
 *
 * Without `scopes` it is all that the host configured, also when reauthorizing: a person then sees and grants the whole, what
 * was dropped before included. With `scopes`, a reauthorization adds what is granted and still configured, and nothing
 * else. So what `replaceScopes` dropped stays dropped until somebody asks for it, or for everything, again.
 */
const scopesToAskFor = Effect.fnUntraced(function* (
  { owner, tenantId }: Actor,
  provider: OAuth2Provider,
  { name = defaultName, reauthorize = false, replaceScopes = false, scopes: wanted }: ConnectInput
) {
  if (replaceScopes && !reauthorize) return yield* invalid("replaceScopes", "not_allowed")
  if (wanted === undefined)
    return replaceScopes ? yield* invalid("scopes", "missing") : provider.scopes
  if (!wanted.every((scope) => provider.scopes.includes(scope)))
    return yield* invalid("scopes", "not_allowed")
  const kept =
    reauthorize && !replaceScopes
      ? yield* grantedScopes(provider, { tenantId, owner, provider: provider.id, name })
      : []
  const scopes = [...new Set([...kept, ...wanted])]
  // Without scopes in the request, the server chooses them (RFC 6749 §3.3).
  const isNone = scopes.length === 0 && provider.scopes.length > 0
  if (isNone || !provider.requiredScopes.every((scope) => scopes.includes(scope)))
    return yield* invalid("scopes", "missing")
  return scopes
})

/** What is granted and still configured; nothing while there is no grant. */
const grantedScopes = Effect.fnUntraced(function* (provider: OAuth2Provider, key: IntegrationKey) {
  const connections = yield* ConnectionStore
  return yield* connections.find(key).pipe(
    Effect.map(({ scopes, status }) =>
      status === "disconnected" ? [] : configuredAndGranted(provider, scopes)
    ),
    Effect.catchTag("IntegrationNotFound", () => Effect.succeed([]))
  )
})

const decodeCredentialId = Schema.decodeUnknownOption(CredentialId)

const connectWithCredential = Effect.fnUntraced(function* (
  actor: Actor,
  provider: ApiKeyProvider,
  input: ConnectInput
) {
  if (input.page !== undefined && input.page !== "listed") return yield* originDenied
  if (input.reauthorize !== undefined) {
    return yield* new ValidationError({
      details: [{ path: "reauthorize", code: "not_allowed" }],
      advice:
        "An API key has no consent to renew. Swap the credential or, once disconnected, connect again by provider and name."
    })
  }
  for (const member of ["fields", "scopes", "replaceScopes"] as const) {
    if (input[member] !== undefined) return yield* invalid(member, "not_allowed")
  }
  const { credentialId, name = defaultName } = input
  yield* requireAllowedName(provider, actor, name)
  if (credentialId === undefined) return yield* invalid("credentialId", "missing")
  // A text that is not a credential id gets the same answer as an unknown id.
  const id = decodeCredentialId(credentialId)
  if (Option.isNone(id)) return yield* new CredentialNotFound()

  const connections = yield* ConnectionStore
  const integration = yield* connections
    .connect({
      tenantId: actor.tenantId,
      owner: actor.owner,
      provider: provider.id,
      name,
      newId: yield* newIntegrationId,
      connectedBy: actor.userId,
      userHash: yield* userHash(actor.tenantId, actor.userId),
      with: { _tag: "Credential", credentialId: id.value },
      publish: { id: yield* newEventId, event: "integration.connected", connectedBy: actor.userId }
    })
    .pipe(
      // Only a command with tokens can fail with these.
      Effect.catchTag(["AccountHeld", "GrantNotKept", "IntegrationReplaced"], Effect.die),
      Effect.catchTag("TooManyConnections", () => invalid("name", "not_allowed"))
    )
  return { _tag: "Connected", integration } satisfies ConnectResult
})
