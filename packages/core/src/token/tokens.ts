import { Clock, Context, DateTime, Duration, Effect, Record, Redacted } from "effect"
import { authKindOf } from "../auth/index.ts"
import {
  type AccessToken,
  type AccessTokenError,
  type AccessTokenOptions,
  type DecryptionFailed,
  defaultName,
  NotConnected,
  OtherCredentialKind,
  type ProviderNotFound,
  ProviderUnavailable,
  ReconnectRequired,
  type Secret,
  type StorageUnavailable,
  type StoredGrant,
  type IntegrationKey,
  Misconfigured
} from "../model/index.ts"
import {
  type ApiKeyProvider,
  beginsByConsent,
  clientToRefreshWith,
  type ConfiguredProvider,
  type FieldValues,
  mayOwn,
  type OAuth2Provider,
  ProviderRegistry
} from "../provider/index.ts"
import {
  type Cipher,
  ConnectionStore,
  type CredentialKey,
  CredentialStore,
  program
} from "../services/index.ts"
import { ClientTokens } from "./ClientTokens.ts"
import { openDpopKey, openToken, grantPlace } from "./grantTokens.ts"
import { isFresh, refreshMarginFor } from "./lifetime.ts"
import { isRefreshable } from "./refreshGrant.ts"
import { Refreshing } from "./Refreshing.ts"
import { openCredential } from "./sealedCredential.ts"
import { type CachedToken, type ReadToken, TokenCache } from "./TokenCache.ts"
import { uptime, uptimeUnsafe } from "./uptime.ts"

const isRejected = (
  { rejected }: AccessTokenOptions,
  grantId: AccessToken["grantId"],
  generation: number
): boolean => rejected?.grantId === grantId && rejected.generation === generation

export type AccessTokenServices =
  | Cipher
  | ClientTokens
  | CredentialStore
  | ConnectionStore
  | ProviderRegistry
  | Refreshing
  | TokenCache

/** The provider of a connection. Fails with `Misconfigured` if the host does not let such an owner have connections any more. */
export const usableProvider = Effect.fnUntraced(function* ({
  owner,
  provider: id
}: IntegrationKey) {
  const registry = yield* ProviderRegistry
  const provider = yield* registry.get(id)
  return mayOwn(provider, owner)
    ? provider
    : yield* new Misconfigured({ provider: provider.id, reason: "owner_not_allowed" })
})

/** If no name was asked for, the error has those that the owner has. */
const notConnected = Effect.fnUntraced(function* ({
  name,
  owner,
  provider,
  tenantId
}: IntegrationKey) {
  if (name !== defaultName) return yield* new NotConnected({ provider, connection: name })
  const connections = yield* ConnectionStore
  const { items } = yield* connections.list({
    tenantId,
    owners: [owner],
    provider
  })
  const names = items.filter(({ status }) => status !== "disconnected").map((one) => one.name)
  return yield* new NotConnected(names.length === 0 ? { provider } : { provider, names })
})

/** How long a caller waits for a refresh that another process makes: longer than its lease may live. */
const patience = Duration.seconds(40)

/**
 * A working access token of a tenant. A fresh one is read, from the process or by one statement; one that ends soon is
 * refreshed first, exactly once however many ask, and while the provider cannot give a new one, what is still
 * valid is given. For client credentials of the tenant's it is the token that they are exchanged for.
 *
 * Fails with `NotConnected`; with `OtherCredentialKind` if `apiKey` is the call; with `ReconnectRequired` if only a person can help; with `ProviderUnavailable`,
 * `RateLimited` and `Misconfigured` if the connection stays and another try will help.
 */
export const accessToken = program("Hawser.accessToken")(function* (
  key: IntegrationKey,
  options: AccessTokenOptions = {}
): Effect.fn.Return<AccessToken, AccessTokenError, AccessTokenServices> {
  const provider = yield* usableProvider(key)
  const cache = yield* TokenCache
  if (!beginsByConsent(provider) && authKindOf(provider).renew !== undefined)
    return yield* cache.current(key, madeWithKey(provider, key, options))
  const margin = marginOf(provider, options)
  const cached = freshToken(yield* cache.get(key), options, margin)
  return cached ?? (yield* cache.share(key, options, readToken(provider, key, options, margin)))
})

/** Seconds for which the token must stay valid. */
const marginOf = (provider: ConfiguredProvider, { validFor = 0 }: AccessTokenOptions): number =>
  Math.max(refreshMarginFor(provider), validFor)

const freshToken = (
  cached: CachedToken | undefined,
  options: AccessTokenOptions,
  margin: number
): AccessToken | undefined =>
  cached !== undefined &&
  !isRejected(options, cached.token.grantId, cached.token.generation) &&
  isFresh({ lifetime: cached.token.lifetime, remaining: cached.remaining }, margin)
    ? cached.token
    : undefined

/**
 * Gives the token that `accessToken` would give from this process's memory, or undefined if that has more to do. It needs no
 * fibre, which is most of what a token from memory costs: 2.8 µs of CPU without one, 17.8 with it.
 */
export const tokensInMemory = (
  services: Context.Context<ProviderRegistry | TokenCache>
): ((key: IntegrationKey, options: AccessTokenOptions) => AccessToken | undefined) => {
  const cache = Context.get(services, TokenCache)
  const clock = Context.get(services, Clock.Clock)
  const { all } = Context.get(services, ProviderRegistry)
  const providers = new Map<string, ConfiguredProvider>(
    all.filter(beginsByConsent).map((provider) => [provider.id, provider])
  )
  return (key, options) => {
    const provider = providers.get(key.provider)
    return provider !== undefined && mayOwn(provider, key.owner)
      ? freshToken(cache.getUnsafe(key, uptimeUnsafe(clock)), options, marginOf(provider, options))
      : undefined
  }
}

/** What a tenant's own key is exchanged for: kept in this process, and stored nowhere. */
const madeWithKey = Effect.fnUntraced(function* (
  provider: ApiKeyProvider,
  key: IntegrationKey,
  options: AccessTokenOptions
) {
  const { fields, key: credential } = yield* keyOfConnection(key)
  const tokens = yield* ClientTokens
  if (options.rejected?.grantId === credential.id)
    yield* tokens.refused(credential, options.rejected.generation)
  const token = yield* tokens.get(provider, credential, fields, options.validFor)
  const remaining = token.endsAt === undefined ? undefined : (token.endsAt - (yield* uptime)) / 1000
  const now = yield* DateTime.now
  const isPublic = (name: string) =>
    provider.definition.fields.some((field) => field.name === name && field.secret === false)
  return {
    accessToken: token.accessToken,
    dpopKey: undefined,
    tokenType: "bearer",
    expiresAt:
      remaining === undefined ? undefined : DateTime.addDuration(now, Duration.seconds(remaining)),
    remaining,
    lifetime: token.lifetime,
    withdrawal: undefined,
    generation: token.generation,
    grantId: credential.id,
    scopes: [],
    fields: Record.filter(fields, (_, name) => isPublic(name))
  } satisfies AccessToken
})

/** From the store, refreshed where it must be: by this process, or by the one that holds the lease. */
const readToken = Effect.fnUntraced(function* (
  provider: ConfiguredProvider,
  key: IntegrationKey,
  options: AccessTokenOptions,
  margin: number
): Effect.fn.Return<ReadToken, AccessTokenError, AccessTokenServices> {
  const connections = yield* ConnectionStore
  // Asked for only if something is to be refreshed, and once.
  let used: OAuth2Provider | undefined
  let generation: number | undefined
  const givenUpAt = (yield* uptime) + Duration.toMillis(patience)
  for (let wait = 50; ; wait = Math.min(wait * 1.5, 1000)) {
    const readAt = yield* uptime
    const grant = yield* Effect.catchTag(connections.grant(key), "NotConnected", () =>
      byOtherKind(key)
    )
    const opened = Effect.map(openAccessToken(key, grant), (token) => ({ token, readAt }))
    // A token that was just made is as fresh as it gets, however short it lives.
    const isNew = generation !== undefined && grant.generation > generation
    const wasRejected = isRejected(options, grant.id, grant.generation)
    if (isNew || (!wasRejected && isFresh(grant, margin))) return yield* opened
    generation = grant.generation
    const validFor = options.validFor ?? (isRefreshable(grant) ? 10 : 0)
    const stillServes = !grant.expired && isFresh(grant, validFor)
    if (!isRefreshable(grant) || !beginsByConsent(provider)) {
      if (stillServes) return yield* opened
      return yield* new ReconnectRequired({ provider: key.provider, reason: "token_expired" })
    }
    const outcome = yield* Effect.result(
      Effect.gen(function* () {
        const refreshing = yield* Refreshing
        used ??= yield* clientToRefreshWith(key.tenantId, provider)
        return yield* refreshing.refresh(used, key, grant)
      })
    )
    if (outcome._tag === "Failure") {
      // What the API has refused does not serve any more.
      const serves = stillServes && !wasRejected
      if (outcome.failure._tag !== "ReconnectRequired" && serves) return yield* opened
      return yield* outcome.failure
    }
    if (outcome.success === "leased" && stillServes && !wasRejected) return yield* opened
    if ((yield* uptime) >= givenUpAt)
      return yield* new ProviderUnavailable({ provider: key.provider, retryAfter: 1 })
    if (outcome.success === "leased") yield* Effect.sleep(Duration.millis(wait))
  }
})

/** Only what is committed is ever given out: the token is opened from the row that was read. */
const openAccessToken = Effect.fnUntraced(function* (key: IntegrationKey, grant: StoredGrant) {
  const place = grantPlace(key, grant)
  const { expiresAt, fields, generation, lifetime, remaining, scopes, tokenType, withdrawal } =
    grant
  const token: AccessToken = {
    accessToken: yield* openToken(place, "access_token", grant.accessToken),
    dpopKey: yield* openDpopKey(place, grant),
    tokenType,
    expiresAt,
    remaining,
    lifetime,
    withdrawal,
    generation,
    grantId: grant.id,
    scopes,
    fields
  }
  const cache = yield* TokenCache
  if (yield* cache.isInDoubt(key)) {
    // A transaction of the host's may have disconnected it while it was opened. What another process refreshed is still it.
    const connections = yield* ConnectionStore
    yield* connections.grant(key)
  }
  return token
})

/** A tenant that has connected by OAuth2 before the provider's definition wanted a key has to connect again. */
export const keyOfConnection = (
  key: IntegrationKey
): Effect.Effect<
  ConnectedKey,
  Exclude<ConnectedKeyError, OtherCredentialKind>,
  Cipher | ConnectionStore | CredentialStore | TokenCache
> =>
  Effect.catchTag(
    connectedKey(key),
    "OtherCredentialKind",
    () => new NotConnected({ provider: key.provider })
  )

/** An API key that a tenant is connected with, opened. */
export interface ConnectedKey {
  readonly key: CredentialKey
  readonly fields: FieldValues
}

type ConnectedKeyError =
  | DecryptionFailed
  | Misconfigured
  | NotConnected
  | OtherCredentialKind
  | StorageUnavailable

/** The API key that a tenant is connected with. Fails with `NotConnected`, and with `OtherCredentialKind` for tokens. */
const connectedKey = (
  key: IntegrationKey
): Effect.Effect<
  ConnectedKey,
  ConnectedKeyError,
  Cipher | ConnectionStore | CredentialStore | TokenCache
> => Effect.flatMap(TokenCache, (cache) => cache.current(key, readKey(key)))

const readKey = Effect.fnUntraced(function* (
  key: IntegrationKey
): Effect.fn.Return<
  ConnectedKey,
  ConnectedKeyError,
  Cipher | ConnectionStore | CredentialStore | TokenCache
> {
  const { owner, provider, tenantId } = key
  const used = { tenantId, owner, provider, id: yield* connectedCredential(key) }
  const credentials = yield* CredentialStore
  // Disconnected between the two reads.
  const credential = yield* Effect.catchTag(
    credentials.find(used),
    "CredentialNotFound",
    () => new NotConnected({ provider: key.provider })
  )
  const fields = yield* openCredential(used, credential)
  const cache = yield* TokenCache
  if (yield* cache.isInDoubt(key)) yield* connectedCredential(key)
  return { key: used, fields }
})

const connectedCredential = Effect.fnUntraced(function* (key: IntegrationKey) {
  const connections = yield* ConnectionStore
  const { credentialId, isSuspended, status } = yield* Effect.catchTag(
    connections.find(key),
    "IntegrationNotFound",
    () => notConnected(key)
  )
  if (status !== "disconnected" && credentialId === undefined) {
    return yield* new OtherCredentialKind({
      provider: key.provider,
      connectedBy: "access_token"
    })
  }
  if (credentialId === undefined || status !== "connected") return yield* notConnected(key)
  return isSuspended === true
    ? yield* new Misconfigured({ provider: key.provider, reason: "owner_suspended" })
    : credentialId
})

/** Whoever asks for a token of a tenant that has connected by an API key has the wrong call, and not the wrong tenant. */
const byOtherKind = Effect.fnUntraced(function* (key: IntegrationKey) {
  const connections = yield* ConnectionStore
  const found = yield* Effect.catchTag(connections.find(key), "IntegrationNotFound", () =>
    notConnected(key)
  )
  return yield* found.credentialId === undefined
    ? notConnected(key)
    : new OtherCredentialKind({ provider: key.provider, connectedBy: "api_key" })
})

/**
 * The fields of the API key that a tenant is connected with. Fails as `connectedKey` does, and as `accessToken` does if the host
 * has no such provider, lets such an owner have no connections any more, or has suspended the user.
 */
export const apiKey = program("Hawser.apiKey")(function* (
  key: IntegrationKey
): Effect.fn.Return<
  Readonly<Record<string, Secret>>,
  ConnectedKeyError | ProviderNotFound,
  Cipher | ConnectionStore | CredentialStore | ProviderRegistry | TokenCache
> {
  yield* usableProvider(key)
  const { fields } = yield* connectedKey(key)
  return Record.map(fields, (value) => Redacted.make(value))
})
