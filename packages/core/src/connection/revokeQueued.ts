import { Duration, Effect, Random } from "effect"
import { authKindOf } from "../auth/index.ts"
import type {
  ClientUnavailable,
  DecryptionFailed,
  ProviderNotFound,
  StorageUnavailable
} from "../model/index.ts"
import {
  type AuthorizationServerClient,
  clientTraffic,
  type ProviderBusy,
  ProviderTraffic,
  type RevocationFailed,
  checkedServer
} from "../protocol/index.ts"
import {
  beginsByConsent,
  type CheckedServer,
  type ConfiguredProvider,
  type EndpointNotAllowed,
  type OAuth2Provider,
  ProviderRegistry,
  reportingEndpoints,
  type Revocation,
  type SecretUrl,
  secretUrl
} from "../provider/index.ts"
import {
  type Cipher,
  type GivenUpRevocation,
  Maintenance,
  type QueuedRevocation,
  SecurityLog
} from "../services/index.ts"
import { openToken } from "../token/index.ts"

export type RevokeQueuedServices =
  | AuthorizationServerClient
  | Cipher
  | ProviderRegistry
  | ProviderTraffic
  | Maintenance
  | SecurityLog

/** How many one claim takes; all of them are worked on at once. */
const batchSize = 20
/** Longer than a slot and two requests may take. */
const hold = Duration.seconds(60)
const longestDelay = 3600

/**
 * Revokes at their providers what was disconnected, as far as it is due. True if there may be more.
 *
 * A revocation that fails is retried with exponential backoff, for as long as the queue keeps it. Nothing of this ever
 * holds up who disconnects.
 */
export const revokeQueued: Effect.Effect<boolean, StorageUnavailable, RevokeQueuedServices> =
  Effect.gen(function* () {
    const maintenance = yield* Maintenance
    const claimed = yield* maintenance.claimRevocations({ limit: batchSize, hold })
    yield* Effect.forEach(claimed, revokeOne, { concurrency: "unbounded" })
    return claimed.length === batchSize
  }).pipe(Effect.withSpan("Hawser.revokeQueued"))

/** Destroys what could not be revoked within 24 hours, and says so. */
export const giveUpRevocations: Effect.Effect<
  void,
  StorageUnavailable,
  Maintenance | ProviderRegistry | SecurityLog
> = Effect.gen(function* () {
  const maintenance = yield* Maintenance
  const registry = yield* ProviderRegistry
  for (const revocation of yield* maintenance.giveUpRevocations) {
    const provider = yield* Effect.option(registry.get(revocation.provider))
    // Nothing could have been revoked.
    if (provider._tag === "Some" && effectiveRevocation(provider.value) === undefined) continue
    yield* reportGivenUp(revocation, "too_late")
  }
})

/** What revoking ends there; undefined if it ends nothing. */
const effectiveRevocation = (provider: ConfiguredProvider): Revocation | undefined =>
  beginsByConsent(provider) && provider.definition.revocation?.ends !== "none"
    ? provider.definition.revocation
    : undefined

const revokeOne = Effect.fnUntraced(function* (queued: QueuedRevocation) {
  const maintenance = yield* Maintenance
  const answer = yield* Effect.result(revoke(queued))
  if (answer._tag === "Success") return yield* maintenance.removeRevocation(queued)
  const error = answer.failure
  if (error._tag === "RevocationFailed" && !error.retryable) {
    yield* maintenance.removeRevocation(queued)
    return yield* reportGivenUp(queued, "refused")
  }
  yield* maintenance.postponeRevocation(queued, yield* revocationBackoff(queued, error))
})

/** Tokens of another client than the configured one: sending them there would be refused at best. */
const clientChanged = { _tag: "ClientChanged" } as const

type RevokeError =
  | RevocationFailed
  | ClientUnavailable
  | ProviderBusy
  | ProviderNotFound
  | DecryptionFailed
  | EndpointNotAllowed
  | StorageUnavailable
  | typeof clientChanged

const revoke = Effect.fnUntraced(function* (
  queued: QueuedRevocation
): Effect.fn.Return<void, RevokeError, RevokeQueuedServices> {
  const registry = yield* ProviderRegistry
  // A process that has just been started without the provider may stand beside one that still has it.
  const configured = yield* registry.get(queued.provider)
  if (!beginsByConsent(configured)) return
  const revocation = effectiveRevocation(configured)
  if (revocation === undefined) return
  if (revocation.ends === "grant" && queued.shared) return yield* reportLeftOut(queued)
  const provider = yield* registry.usedBy(queued.tenantId, configured)
  if (!provider.acceptedFingerprints.has(queued.grant.clientFingerprint))
    return yield* Effect.fail(clientChanged)
  const to = yield* revocationTarget(provider, queued)
  const traffic = yield* ProviderTraffic
  yield* traffic.through(
    clientTraffic(provider, queued.tenantId, to.endpoint),
    // The breaker hears nothing of it: a revocation endpoint that fails must not hold up refreshing.
    () => sendRevocation(provider, revocation, { ...queued, ...to })
  )
})

/** It is told once of each connection, and not each time that it is tried. */
const revocationTarget = (provider: OAuth2Provider, queued: QueuedRevocation) => {
  const { clientId } = provider.client
  const endpoints = Effect.all({
    server: checkedServer(provider, queued.fields),
    endpoint: secretUrl(provider.definition, "revocation.endpoint", queued.fields, clientId)
  })
  return queued.attempt === 1 ? reportingEndpoints(queued)(endpoints) : endpoints
}

/** The refresh token first: it could still make new access tokens (RFC 7009 §2.1). */
const sendRevocation = Effect.fnUntraced(function* (
  provider: OAuth2Provider,
  { tokenParameter, tokens }: Revocation,
  queued: QueuedRevocation & { readonly server: CheckedServer; readonly endpoint: SecretUrl }
) {
  // A token that is sent nowhere but where it authenticates can be no refresh token.
  const only = tokens ?? (tokenParameter === "none" ? "access_token" : undefined)
  const { accessToken, refreshToken } = queued.grant
  const place = { ...queued, ...queued.grant }
  // If access tokens are exchanged for new ones, it is the same token.
  const isOwn = provider.definition.refreshRequest?.uses !== "access_token"
  const toSend = [
    ...(refreshToken !== undefined && isOwn && only !== "access_token"
      ? [["refresh_token", refreshToken] as const]
      : []),
    ...(only === "refresh_token" ? [] : [["access_token", accessToken] as const])
  ]
  // All of them are opened before any is sent: a row that was changed is not one to send half of.
  const opened = yield* Effect.forEach(toSend, ([hint, sealed]) =>
    Effect.map(openToken(place, hint, sealed), (token) => [hint, token] as const)
  )
  for (const [hint, token] of opened)
    yield* authKindOf(provider).revoke(provider, queued, token, hint)
})

/** Doubling from 15 s to an hour, and never before the provider asks for it. */
const revocationBackoff = Effect.fnUntraced(function* (
  { attempt }: QueuedRevocation,
  error: RevokeError
) {
  const backoff = Math.min(15 * 2 ** Math.min(attempt - 1, 12), longestDelay)
  const jittered = backoff * (yield* Random.nextBetween(0.75, 1))
  const asked = "retryAfter" in error ? (error.retryAfter ?? 0) : 0
  return Duration.seconds(Math.max(jittered, asked))
})

const reportLeftOut = Effect.fnUntraced(function* ({ provider, tenantId }: QueuedRevocation) {
  const log = yield* SecurityLog
  yield* log.report({
    type: "revocation_left_out",
    tenantId,
    provider,
    reason: "account_in_use"
  })
})

const reportGivenUp = Effect.fnUntraced(function* (
  { provider, tenantId }: GivenUpRevocation,
  reason: "too_late" | "refused"
) {
  const log = yield* SecurityLog
  yield* log.report({ type: "revocation_given_up", tenantId, provider, reason })
  yield* Effect.logWarning(
    "The tokens of a disconnected connection could not be revoked. They may still be valid.",
    { provider, tenantId, reason }
  )
})
