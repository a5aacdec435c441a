import { Cause, Duration, Effect, Metric, Random, Redacted, Schedule } from "effect"
import type { SecureRandom } from "effect/crypto"
import { authKindOf } from "../auth/index.ts"
import {
  type DecryptionFailed,
  type EndReason,
  integrationError,
  Misconfigured,
  newEventId,
  ProviderUnavailable,
  RateLimited,
  ReconnectRequired,
  type RefreshLease,
  type RefreshProblem,
  type Sealed,
  type Secret,
  StorageUnavailable,
  type StoredGrant,
  type TenantFields,
  UserId,
  type IntegrationKey
} from "../model/index.ts"
import {
  type AuthorizationServerClient,
  clientTraffic,
  type IssuedTokens,
  ProviderTraffic,
  RefreshFailed,
  refreshUrl,
  checkedServer,
  type Transient,
  type Watch
} from "../protocol/index.ts"
import {
  capturedFrom,
  type CheckedServer,
  valueAtPath,
  type OAuth2Provider,
  mayOwn,
  reportingEndpoints,
  type SecretUrl
} from "../provider/index.ts"
import {
  type Egress,
  type Cipher,
  ConnectionStore,
  Maintenance,
  reportLost,
  SecurityLog,
  Shutdown,
  type Unstored,
  program
} from "../services/index.ts"
import type { GrantPlace } from "../vault/index.ts"
import { openDpopKey, openToken, grantPlace, sealToken, sealTokens } from "./grantTokens.ts"
import { revokeLater, type RevokeLaterServices, type UnkeptTokens } from "./revokeLater.ts"
import { TokenCache } from "./TokenCache.ts"

/** A grant that can be refreshed. */
export type RefreshableGrant = StoredGrant & { readonly refreshToken: Sealed }

export const isRefreshable = (grant: StoredGrant): grant is RefreshableGrant =>
  grant.refreshToken !== undefined

/** What came of one attempt: new tokens are stored, by us or by somebody else, or somebody is at it. */
export type RefreshOutcome = "renewed" | "superseded" | "leased"

export type RefreshError =
  | Misconfigured
  | ProviderUnavailable
  | RateLimited
  | ReconnectRequired
  | DecryptionFailed
  | StorageUnavailable

export type RefreshServices =
  | AuthorizationServerClient
  | Cipher
  | ConnectionStore
  | Egress
  | Maintenance
  | ProviderTraffic
  | RevokeLaterServices
  | SecureRandom.SecureRandom
  | SecurityLog
  | TokenCache

/** Who holds leases, and for how long. */
export interface LeaseHolder {
  /** A random name of the process, for whoever looks into the table. */
  readonly name: string
  /** How long a lease lasts: `sendWithin`, the longest request, and the time to store its answer. */
  readonly lease: Duration.Duration
  /** How long after asking for the lease the request may still be sent. */
  readonly sendWithin: Duration.Duration
}

/** How long an ended grant may be restored. */
export const quarantine = Duration.days(7)

const longestDelay = 900

/** Seconds for which a provider may hold on to a request that we gave up on after 15 s. */
const unansweredFor = 30

/** Who ended an integration where no user did. */
export const endedByProvider = UserId.make("system")

const count = ({ id }: OAuth2Provider, outcome: string) =>
  Metric.update(Metric.withAttributes(refreshes, { provider: id, outcome }), 1)

const refreshes = Metric.counter("hawser_refreshes", {
  description: "Attempts to refresh a grant, by provider and outcome.",
  incremental: true
})

/**
 * Tries once to get new tokens for a grant, under a lease that only one process can hold: no transaction and no
 * connection is held while the provider is asked, and the new tokens are stored before anybody sees them.
 *
 * Fails with `ReconnectRequired` if the provider ended the grant; with `ProviderUnavailable`, `RateLimited` or
 * `Misconfigured` if the connection stays and another attempt will be made.
 */
export const refreshGrant = program("Hawser.refreshGrant")(function* (
  provider: OAuth2Provider,
  key: IntegrationKey,
  observed: RefreshableGrant,
  holder: LeaseHolder
): Effect.fn.Return<RefreshOutcome, RefreshError, RefreshServices> {
  if (!mayOwn(provider, key.owner)) {
    return yield* new Misconfigured({ provider: provider.id, reason: "owner_not_allowed" })
  }
  // Another client's refresh would be refused by the provider, and the refusal would look like the end of the grant.
  if (!provider.acceptedFingerprints.has(observed.clientFingerprint)) {
    return yield* new Misconfigured({ provider: provider.id, reason: "client_changed" })
  }
  const place = grantPlace(key, observed)
  const refreshToken = yield* openToken(place, "refresh_token", observed.refreshToken)
  const dpopKey = yield* openDpopKey(place, observed)
  const to = yield* Effect.all({
    server: checkedServer(provider, observed.fields),
    endpoint: refreshUrl(provider, observed.fields)
  }).pipe(
    reportingEndpoints(key),
    Effect.mapError(
      () => new Misconfigured({ provider: provider.id, reason: "endpoint_not_allowed" })
    )
  )
  const traffic = yield* ProviderTraffic
  return yield* traffic
    .through(clientTraffic(provider, key.tenantId, to.endpoint), (watch) =>
      underLease({ provider, key, observed, place, to, refreshToken, dpopKey, holder, watch })
    )
    .pipe(
      Effect.catchTag("ProviderBusy", ({ retryAfter }) =>
        Effect.fail(new ProviderUnavailable({ provider: provider.id, retryAfter }))
      )
    )
})

interface Attempt {
  readonly provider: OAuth2Provider
  readonly key: IntegrationKey
  readonly observed: RefreshableGrant
  /** With what the tokens were opened: the row that the lease was taken on is not asked for it again. */
  readonly place: GrantPlace
  readonly to: { readonly server: CheckedServer; readonly endpoint: SecretUrl }
  readonly refreshToken: Secret
  readonly dpopKey: Secret | undefined
  readonly holder: LeaseHolder
  readonly watch: Watch
}

/** What tells of the provider, and not of this one grant. */
const transient = ({ reason, retryAfter }: RefreshFailed): Transient | undefined =>
  reason === "invalid_grant" || reason === "client_refused" ? undefined : { retryAfter }

/** From the lease to what is stored of the answer nothing may stop: a rotated token exists nowhere else. */
const underLease = Effect.fnUntraced(function* (attempt: Attempt) {
  const { holder, key, observed, provider } = attempt
  const connections = yield* ConnectionStore
  // Before the statement, so that this process believes in its lease for no longer than the store does.
  const sendBefore = performance.now() + Duration.toMillis(holder.sendWithin)
  const acquisition = yield* connections.acquireLease({
    ...key,
    grantId: observed.id,
    generation: observed.generation,
    holder: holder.name,
    clientVersion: provider.clientVersion,
    lease: holder.lease
  })
  switch (acquisition._tag) {
    case "Leased":
      return "leased"
    case "Superseded":
      return "superseded"
    case "Suspended":
      return yield* new Misconfigured({ provider: provider.id, reason: "owner_suspended" })
    case "Paused":
      return yield* new Misconfigured({ provider: provider.id, reason: "paused" })
    case "Deferred":
      return yield* acquisition.problem === "misconfigured"
        ? new Misconfigured({ provider: provider.id, reason: "client_refused" })
        : new ProviderUnavailable({ provider: provider.id, retryAfter: acquisition.retryIn })
    case "Acquired": {
      const shutdown = yield* Shutdown
      return yield* shutdown.keeping(
        refreshedTokens(provider, key),
        ask(attempt, acquisition.lease, sendBefore)
      )
    }
  }
}, Effect.uninterruptible)

const refreshedTokens = (provider: OAuth2Provider, { tenantId }: IntegrationKey): Unstored => ({
  what: "refreshed_tokens",
  provider: provider.id,
  tenantId
})

const ask = Effect.fnUntraced(function* (
  { dpopKey, key, place, provider, refreshToken, to, watch }: Attempt,
  lease: RefreshLease,
  sendBefore: number
) {
  const answer = yield* Effect.result(
    watch(
      authKindOf(provider).renew(
        provider,
        { ...to, fields: place.fields, scopes: lease.grant.scopes, dpopKey },
        refreshToken,
        {
          sendBefore
        }
      ),
      transient
    )
  )
  if (answer._tag === "Success") {
    const unkept = revokeLater(provider, unkeptTokens(place, lease, refreshToken, answer.success))
    const outcome = yield* storeRenewedTokens(provider, key, place, lease, answer.success, {
      refreshToken,
      dpopKey
    }).pipe(
      Effect.map((isStored) => (isStored ? "renewed" : "superseded")),
      Effect.catchDefect((defect) =>
        Effect.logError("New tokens could not be stored, and are lost.", Cause.die(defect), {
          provider: provider.id,
          tenantId: key.tenantId
        }).pipe(Effect.as("not_stored" as const))
      )
    )
    yield* count(provider, outcome)
    if (outcome === "renewed") return outcome
    // Disconnected meanwhile, or replaced: nobody will ever use these.
    yield* unkept
    if (outcome === "superseded") return outcome
    return yield* deferRefresh(provider, key, lease, new RefreshFailed({ reason: "ambiguous" }))
  }
  yield* count(provider, answer.failure.reason)
  return yield* answer.failure.reason === "invalid_grant"
    ? endGrant(provider, key, lease)
    : deferRefresh(provider, key, lease, answer.failure)
})

/** A refresh token that the answer only repeats may be the stored one: it goes where that goes. */
const unkeptTokens = (
  place: GrantPlace,
  { grant }: RefreshLease,
  sent: Secret,
  { accessToken, refreshToken }: IssuedTokens
): UnkeptTokens => {
  const { id: _, ...of } = place
  return {
    ...of,
    accessToken,
    refreshToken:
      refreshToken !== undefined && Redacted.value(refreshToken) === Redacted.value(sent)
        ? undefined
        : refreshToken,
    grantSubject: grant.grantSubject
  }
}

/**
 * The store, or the key management, may be away for a moment, and these tokens are nowhere else: it is asked again and
 * again for minutes.
 */
const untilStored = Schedule.exponential("50 millis").pipe(
  Schedule.jittered,
  (delays) => Schedule.min([delays, Schedule.spaced("2 seconds")]),
  Schedule.upTo({ duration: "10 minutes" })
)

const storeRenewedTokens = Effect.fnUntraced(function* (
  provider: OAuth2Provider,
  key: IntegrationKey,
  place: GrantPlace,
  lease: RefreshLease,
  tokens: IssuedTokens,
  former: { readonly refreshToken: Secret; readonly dpopKey: Secret | undefined }
) {
  const { definition } = provider
  const { refreshMargin: margin } = definition
  const connections = yield* ConnectionStore
  const shutdown = yield* Shutdown
  const lost = shutdown.lastCall.pipe(
    Effect.andThen(reportLost(refreshedTokens(provider, key))),
    Effect.andThen(new StorageUnavailable({ cause: new Error("Hawser was closed.") }))
  )
  const persist = <A, E, R>(once: Effect.Effect<A, E, R>) =>
    Effect.raceFirst(Effect.retry(once, untilStored), lost)
  const moved = movedFields(definition, place.fields, tokens)
  const sealed = yield* persist(
    moved === undefined
      ? sealTokens(place, tokens, { former: lease.grant.refreshToken, margin })
      : // Sealed for where they were, nothing of the grant would open any more.
        sealTokens(
          { ...place, fields: moved },
          { ...tokens, refreshToken: tokens.refreshToken ?? former.refreshToken },
          { margin }
        )
  )
  const command = {
    tokens: sealed,
    scopes: tokens.scopes,
    publish: { id: yield* newEventId, event: "integration.recovered" as const },
    ...(moved !== undefined && {
      moves: {
        fields: moved,
        dpopKey:
          former.dpopKey === undefined
            ? undefined
            : yield* persist(sealToken({ ...place, fields: moved }, "dpop_key", former.dpopKey)),
        publish: { id: yield* newEventId, event: "integration.moved" as const }
      }
    })
  }
  return yield* persist(connections.renewGrant(lease, command))
})

/**
 * The fields with what of them the definition lets move and this token response has elsewhere; undefined if nothing has
 * moved. A host that the definition does not take is not believed: the one before stays.
 */
const movedFields = (
  { captures = {}, fields }: OAuth2Provider["definition"],
  known: TenantFields,
  { response }: IssuedTokens
): TenantFields | undefined => {
  const moving = Object.fromEntries(
    Object.entries(captures).flatMap(([name, capture]) =>
      capture.moves === true ? [[name, { ...capture, required: false }] as const] : []
    )
  )
  const captured = capturedFrom(
    { captures: moving, ...(fields !== undefined && { fields }) },
    known,
    {
      // A host stands in no list.
      token_response: (path) => valueAtPath(Redacted.value(response), path.map(String))
    }
  )
  const hasMoved = Object.entries(captured ?? {}).some(([name, value]) => known[name] !== value)
  return hasMoved ? { ...known, ...captured } : undefined
}

/** The provider refused the refresh token. The store has the last word: newer tokens, or the brake, overrule it. */
const endGrant = Effect.fnUntraced(function* (
  provider: OAuth2Provider,
  key: IntegrationKey,
  lease: RefreshLease
) {
  const connections = yield* ConnectionStore
  const log = yield* SecurityLog
  const reason: EndReason = lease.interrupted ? "refresh_interrupted" : "refresh_failed"
  const cache = yield* TokenCache
  const ending = yield* connections
    .endGrant(lease, {
      reason,
      quarantine,
      publish: {
        id: yield* newEventId,
        event: "integration.disconnected",
        disconnectedBy: endedByProvider,
        reason: "refresh_failed"
      }
    })
    .pipe(Effect.ensuring(cache.forget(key)))
  switch (ending._tag) {
    case "Superseded":
      return "superseded" as const
    case "Ended":
      yield* log.report({
        type: "grant_ended",
        tenantId: key.tenantId,
        provider: provider.id,
        reason
      })
      return yield* new ReconnectRequired({ provider: provider.id, reason })
    case "Braked":
      if (ending.first) {
        yield* log.report({ type: "refreshing_paused", provider: provider.id })
        yield* Effect.logError(
          "Too many refreshes were refused at once: all of this provider wait. Check its client id and secret.",
          { provider: provider.id }
        )
      }
      yield* takeBack(provider)
      return yield* new Misconfigured({ provider: provider.id, reason: "paused" })
  }
})

/**
 * The refusals that put the brake on ended grants first, and are no longer believed. Done with each refusal under the brake,
 * so that a process that dies in between leaves it to the next.
 */
const takeBack = Effect.fnUntraced(function* ({ clientVersion }: OAuth2Provider) {
  const maintenance = yield* Maintenance
  for (const ended of yield* maintenance.endedUnderBrake(clientVersion))
    yield* maintenance.restore(ended, { id: yield* newEventId, event: "integration.connected" })
})

const toRefreshProblem = ({ reason }: RefreshFailed): RefreshProblem =>
  reason === "client_refused" ? "misconfigured" : "provider_unavailable"

/** Nothing ends: the lease goes back, and the next attempt has its time. */
const deferRefresh = Effect.fnUntraced(function* (
  provider: OAuth2Provider,
  key: IntegrationKey,
  lease: RefreshLease,
  failure: RefreshFailed
) {
  const connections = yield* ConnectionStore
  const retryAfter = yield* refreshBackoff(lease, failure)
  const problem = toRefreshProblem(failure)
  yield* connections.deferRefresh(lease, {
    retryIn: Duration.seconds(retryAfter),
    problem,
    ambiguous: failure.reason === "ambiguous",
    publish: {
      id: yield* newEventId,
      event: "integration.error",
      error: integrationError(problem)
    }
  })
  yield* Effect.logWarning(failure.message, {
    provider: provider.id,
    tenantId: key.tenantId,
    retryAfter
  })
  if (problem === "misconfigured")
    return yield* new Misconfigured({ provider: provider.id, reason: "client_refused" })
  const failed = { provider: provider.id, retryAfter }
  return yield* failure.reason === "rate_limited"
    ? new RateLimited(failed)
    : new ProviderUnavailable(failed)
})

/**
 * Seconds until the next attempt: doubling from 2 s, at most 15 minutes, never before the provider asks for it. Its
 * refresh token may be used up where an answer was lost: that is tried once more soon, and then rarely. Soon is after the
 * provider is through with the first request: Salesforce refuses a second one meanwhile, by `invalid_grant`.
 */
const refreshBackoff = Effect.fnUntraced(function* (lease: RefreshLease, failure: RefreshFailed) {
  const first =
    failure.reason === "client_refused" || (failure.reason === "ambiguous" && lease.interrupted)
      ? 300
      : 2
  const backoff = Math.min(first * 2 ** Math.min(lease.failures, 9), longestDelay)
  const jittered = backoff * (yield* Random.nextBetween(0.75, 1))
  const least = failure.retryAfter ?? (failure.isUnanswered === true ? unansweredFor : 1)
  return Math.ceil(Math.max(jittered, least))
})
