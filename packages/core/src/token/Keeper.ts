import { Context, Duration, Effect, FiberSet, Layer, Random, Semaphore } from "effect"
import type { SecureRandom } from "effect/crypto"
import { newEventId, type StorageUnavailable } from "../model/index.ts"
import { beginsByConsent, clientToRefreshWith, ProviderRegistry } from "../provider/index.ts"
import { type DueGrant, Maintenance, Shutdown } from "../services/index.ts"
import { endedByProvider, isRefreshable } from "./refreshGrant.ts"
import { Refreshing } from "./Refreshing.ts"

/** How many grants one claim takes, and how many are worked on at once. */
const claimSize = 50
const capacity = 256
/**
 * How many of one tenant's grants are worked on at once: the rest come due again in a moment, so that whatever one tenant's
 * own hosts do, the others' grants find room.
 */
const perTenant = 16
/** What is claimed and not begun comes due again after this: for another process, or for this one with more room. */
const hold = Duration.seconds(10)

/**
 * Keeps tokens alive in the background: refreshes what is due, tells of what will end, ends what has ended. Any number of
 * processes share the work; the store gives each grant to one of them.
 */
export class Keeper extends Context.Service<
  Keeper,
  {
    /** Begins with what is due as far as there is room; true if there may be more. Does not wait for the providers. */
    readonly begin: Effect.Effect<boolean, StorageUnavailable>
    /** Does all that is due, whoever's it is, and waits for the providers. */
    readonly drain: Effect.Effect<void, StorageUnavailable>
    /** Waits until nothing runs that `begin` has begun. */
    readonly awaitIdle: Effect.Effect<void>
  }
>()("@hawser/core/Keeper") {
  static readonly layer: Layer.Layer<
    Keeper,
    never,
    Maintenance | ProviderRegistry | Refreshing | SecureRandom.SecureRandom
  > = Layer.effect(
    Keeper,
    Effect.gen(function* () {
      const maintenance = yield* Maintenance
      const shutdown = yield* Shutdown
      const services = yield* Effect.context<
        Maintenance | ProviderRegistry | Refreshing | SecureRandom.SecureRandom
      >()
      const work = yield* FiberSet.make<void>()
      const ofTenant = new Map<string, number>()

      const enter = (tenantId: string) => ofTenant.set(tenantId, (ofTenant.get(tenantId) ?? 0) + 1)
      const leave = (tenantId: string) => {
        const left = (ofTenant.get(tenantId) ?? 0) - 1
        if (left > 0) ofTenant.set(tenantId, left)
        else ofTenant.delete(tenantId)
      }

      const awaitIdle = FiberSet.awaitEmpty(work)

      const begin = Effect.gen(function* () {
        const room = Math.min(claimSize, capacity - (yield* FiberSet.size(work)))
        if (room <= 0) return false
        const due = yield* maintenance.claimDueGrants({ limit: room, hold })
        for (const one of due) {
          if ((ofTenant.get(one.tenantId) ?? 0) >= perTenant) continue
          enter(one.tenantId)
          yield* refreshDueGrant(one).pipe(
            Effect.provide(services),
            Effect.ensuring(Effect.sync(() => leave(one.tenantId))),
            FiberSet.run(work)
          )
        }
        return due.length === room
      })

      const drain = Effect.gen(function* () {
        // Its share holds for one tenant here too, but what finds no room waits for it.
        const shares = new Map<string, Semaphore.Semaphore>()
        const semaphoreFor = (tenantId: string) => {
          const share = shares.get(tenantId) ?? Semaphore.makeUnsafe(perTenant)
          shares.set(tenantId, share)
          return share
        }
        const drained = yield* FiberSet.make<void>()
        const room = Semaphore.makeUnsafe(capacity)
        let due: ReadonlyArray<DueGrant>
        do {
          due = yield* maintenance.claimDueGrants({ limit: claimSize, hold })
          for (const one of due) {
            yield* room.take(1)
            yield* semaphoreFor(one.tenantId)
              .withPermit(refreshDueGrant(one))
              .pipe(
                Effect.provide(services),
                Effect.ensuring(room.release(1)),
                FiberSet.run(drained)
              )
          }
          // The next are claimed while these wait for their providers.
        } while (due.length === claimSize && !shutdown.hasBegun())
        yield* FiberSet.awaitEmpty(drained)
        yield* awaitIdle
      }).pipe(Effect.scoped)

      return Keeper.of({ begin, drain, awaitIdle })
    })
  )
}

/** Seconds until a grant is looked at again that only a change of the host's configuration can help. */
const configurationDelay = 300

/** Seconds until a grant asks again whether the brake has been let go, or to be the one that is tried; not all at once. */
const pausedDelay = Random.nextBetween(30, 60)

/** What the store did not defer already is put off here; whoever asks for the token gets the error itself. */
const refreshDueGrant = (due: DueGrant) =>
  Effect.gen(function* () {
    const { grant } = due
    if (!isRefreshable(grant)) return yield* announceExpiry(due)
    if (due.refreshEndsSoon) yield* tellExpiry(due)
    const registry = yield* ProviderRegistry
    const provider = yield* registry.get(due.provider)
    if (!beginsByConsent(provider)) return yield* postpone(due, configurationDelay)
    const refreshing = yield* Refreshing
    const used = yield* clientToRefreshWith(due.tenantId, provider)
    yield* refreshing.refresh(used, due, grant)
  }).pipe(
    Effect.catchTags({
      ProviderNotFound: () => postpone(due, configurationDelay),
      Misconfigured: ({ reason }) =>
        reason === "paused"
          ? Effect.flatMap(pausedDelay, (seconds) => postpone(due, seconds))
          : postpone(due, configurationDelay),
      DecryptionFailed: () => postpone(due, configurationDelay),
      ProviderUnavailable: ({ retryAfter }) => postpone(due, retryAfter),
      RateLimited: ({ retryAfter }) => postpone(due, retryAfter)
    }),
    Effect.ignore
  )

const postpone = (due: DueGrant, seconds: number) =>
  Effect.flatMap(Maintenance, (maintenance) =>
    maintenance.postponeGrant(due, Duration.seconds(seconds))
  )

/** Nothing renews it: its end is told in time, and when it comes, the integration says so. */
const announceExpiry = Effect.fnUntraced(function* (due: DueGrant) {
  const maintenance = yield* Maintenance
  if (due.grant.expired) {
    return yield* maintenance.expireGrant(due, {
      id: yield* newEventId,
      event: "integration.disconnected",
      disconnectedBy: endedByProvider,
      reason: "refresh_failed"
    })
  }
  if (!due.expiryTold) yield* tellExpiry(due)
})

const tellExpiry = Effect.fnUntraced(function* (due: DueGrant) {
  const maintenance = yield* Maintenance
  yield* maintenance.tellExpiry(due, { id: yield* newEventId, event: "integration.expiring" })
})
