import {
  Context,
  Data,
  Duration,
  Effect,
  Layer,
  Metric,
  PartitionedSemaphore,
  Random,
  Result,
  Semaphore
} from "effect"
import * as CircuitBreaker from "effect/persistence/CircuitBreaker"
import type { ProviderId, TenantId } from "../domain/Ids.ts"
import type { TenantFields } from "../domain/Integration.ts"
import type { OAuth2Provider } from "../domain/Provider.ts"
import { renderUrl } from "../domain/template.ts"

/** Whose request, and to which server as which client: servers and clients of their own never share a fate. */
export interface Traffic {
  readonly provider: ProviderId
  readonly origin: string
  readonly clientId: string
  readonly tenantId: TenantId
}

/** The traffic of a grant: where a tenant has a host of its own at the provider, that host stands alone. */
export const clientTraffic = (
  { client, definition, id }: OAuth2Provider,
  tenantId: TenantId,
  fields: TenantFields
): Traffic => {
  const endpoint = definition.refreshEndpoint ?? definition.tokenEndpoint
  return {
    provider: id,
    origin: new URL(renderUrl(endpoint, fields)).origin,
    clientId: client.clientId,
    tenantId
  }
}

/** A failure that tells of the server and not of this one request. */
export interface Transient {
  /** Seconds that the server itself asked to wait: nobody asks it sooner. */
  readonly retryAfter?: number | undefined
}

/** Runs a request and notes what it says about its server; `transient` is undefined for the answer of a healthy one. */
export type Watch = <A, E, R>(
  request: Effect.Effect<A, E, R>,
  transient: (error: E) => Transient | undefined
) => Effect.Effect<A, E, R>

/** Nothing was sent: the server has no slot free, or failed so often that it is left alone for a while. */
export class ProviderBusy extends Data.TaggedError("ProviderBusy")<{
  /** Seconds after which trying again makes sense. */
  readonly retryAfter: number
}> {
  override get message(): string {
    return `The provider is busy. Try again in ${this.retryAfter} s.`
  }
}

interface TrafficOptions {
  /** Requests at once to one server as one client. Default 32. */
  readonly slots?: number
  /** How long a request waits for its slot. Default 10 seconds. */
  readonly patience?: Duration.Duration
}

/** A tenant with a thousand grants waits for itself, and leaves the others three quarters. */
const tenantShare = 4

const failuresInARow = 5
const longestBackoff = 60
const longestRetryAfter = 900

/** The slots of one server for as long as anybody wants one. */
interface Lanes {
  readonly shared: PartitionedSemaphore.PartitionedSemaphore<TenantId>
  readonly tenants: Map<TenantId, { readonly own: Semaphore.Semaphore; users: number }>
}

/**
 * What all requests to token endpoints go through, so that one tenant cannot slow the others (S-78): for each server and
 * client a number of slots, of which a tenant has at most a quarter, and a circuit breaker. In process only: each process
 * sees for itself that a server is down.
 */
export class ProviderTraffic extends Context.Service<
  ProviderTraffic,
  {
    /** Runs `work` in a slot. What it does besides its requests, such as taking a lease, is done there too. */
    readonly through: <A, E, R>(
      traffic: Traffic,
      work: (watch: Watch) => Effect.Effect<A, E, R>
    ) => Effect.Effect<A, E | ProviderBusy, R>
  }
>()("@hawser/core/ProviderTraffic") {
  static readonly layer = (options: TrafficOptions = {}): Layer.Layer<ProviderTraffic> =>
    Layer.effect(
      ProviderTraffic,
      Effect.gen(function* () {
        const breakers = yield* CircuitBreaker.CircuitBreakerStore
        const slots = makeSlots(options.slots ?? 32, options.patience ?? Duration.seconds(10))
        return ProviderTraffic.of({
          through: (traffic, work) => {
            const key = JSON.stringify([traffic.provider, traffic.origin, traffic.clientId])
            // Asked before the wait, so that nobody queues for a server that is left alone; and after it once more.
            return refuseOpen(breakers, key).pipe(
              Effect.andThen(slots(key, traffic, guarded(breakers, key, traffic, work)))
            )
          }
        })
      })
    ).pipe(
      Layer.provide(
        CircuitBreaker.layerStoreMemory({ idleTimeToLive: Duration.seconds(longestRetryAfter) })
      )
    )
}

const makeSlots = (slots: number, patience: Duration.Duration) => {
  const lanes = new Map<string, Lanes>()
  const share = Math.max(1, Math.floor(slots / tenantShare))

  const enter = (key: string, tenantId: TenantId) => {
    const found: Lanes = lanes.get(key) ?? {
      shared: PartitionedSemaphore.makeUnsafe({ permits: slots }),
      tenants: new Map()
    }
    lanes.set(key, found)
    const tenant = found.tenants.get(tenantId) ?? { own: Semaphore.makeUnsafe(share), users: 0 }
    found.tenants.set(tenantId, tenant)
    tenant.users += 1
    return { shared: found.shared, own: tenant.own }
  }
  const leave = (key: string, tenantId: TenantId) => {
    const found = lanes.get(key)
    const tenant = found?.tenants.get(tenantId)
    if (found === undefined || tenant === undefined) return
    tenant.users -= 1
    if (tenant.users === 0) found.tenants.delete(tenantId)
    if (found.tenants.size === 0) lanes.delete(key)
  }

  return <A, E, R>(key: string, { provider, tenantId }: Traffic, work: Effect.Effect<A, E, R>) =>
    Effect.acquireUseRelease(
      Effect.sync(() => enter(key, tenantId)),
      ({ own, shared }) => {
        let isWaiting = true
        const impatience = Effect.suspend(() =>
          isWaiting
            ? Effect.fail(new ProviderBusy({ retryAfter: wholeSeconds(patience) }))
            : Effect.never
        )
        const inUse = Metric.withAttributes(slotsInUse, { provider })
        const begun = Effect.suspend(() => {
          isWaiting = false
          return Metric.modify(inUse, 1)
        })
        return begun.pipe(
          Effect.andThen(Effect.ensuring(work, Metric.modify(inUse, -1))),
          shared.withPermit(tenantId),
          (inSlot) => own.withPermit(inSlot),
          Effect.raceFirst(Effect.delay(impatience, patience))
        )
      },
      () => Effect.sync(() => leave(key, tenantId))
    )
}

type Breakers = CircuitBreaker.CircuitBreakerStore["Service"]

const refuseOpen = Effect.fnUntraced(function* (breakers: Breakers, key: string) {
  const state = yield* Effect.orDie(breakers.state(key))
  if (state._tag === "Open" && Duration.isGreaterThan(state.retryAfter, Duration.zero))
    return yield* new ProviderBusy({ retryAfter: wholeSeconds(state.retryAfter) })
})

/** The work, with the breaker told how its requests went. Where it sent none, or was interrupted, that tells nothing. */
const guarded = <A, E, R>(
  breakers: Breakers,
  key: string,
  { provider }: Traffic,
  work: (watch: Watch) => Effect.Effect<A, E, R>
) =>
  Effect.suspend(() => {
    let seen: "Healthy" | Transient | undefined
    const watch: Watch = (request, transient) =>
      Effect.tap(Effect.result(request), (result) =>
        Effect.sync(() => {
          seen = Result.isSuccess(result) ? "Healthy" : (transient(result.failure) ?? "Healthy")
        })
      ).pipe(Effect.flatMap(Effect.fromResult))

    const record = Effect.fnUntraced(function* ({ consecutiveOpenings, generation }: Admission) {
      const told = seen === undefined || seen === "Healthy" ? undefined : seen
      const retryAfter = told?.retryAfter ?? 0
      const transition = yield* Effect.orDie(
        breakers.record({
          key,
          generation,
          outcome: seen === undefined ? "Ignored" : told === undefined ? "Success" : "Failure",
          // A server that says when it can be asked again need not say it five times.
          tripPolicy: CircuitBreaker.consecutive(retryAfter > 0 ? 1 : failuresInARow),
          openFor: yield* openFor(consecutiveOpenings, retryAfter)
        })
      )
      if (transition?.to === "Open")
        yield* Metric.update(Metric.withAttributes(openings, { provider }), 1)
    })

    return Effect.acquireUseRelease(
      Effect.scoped(Effect.mapError(breakers.admit(key), busyOf)),
      () => work(watch),
      record
    )
  })

type Admission = CircuitBreaker.Admission

const busyOf = ({ reason }: CircuitBreaker.CircuitBreakerError): ProviderBusy =>
  new ProviderBusy({
    // Half open: one request is finding out.
    retryAfter: reason._tag === "CircuitOpen" ? wholeSeconds(reason.retryAfter) : 1
  })

/** Doubling from a second to a minute, and never shorter than what the server asked for. */
const openFor = (openings: number, retryAfter: number) =>
  Effect.map(Random.nextBetween(0.75, 1), (jitter) => {
    const backoff = Math.min(2 ** openings, longestBackoff) * jitter
    return Duration.seconds(Math.max(backoff, Math.min(retryAfter, longestRetryAfter)))
  })

const wholeSeconds = (duration: Duration.Duration): number =>
  Math.max(1, Math.ceil(Duration.toSeconds(duration)))

const slotsInUse = Metric.gauge("hawser_provider_slots_in_use", {
  description: "Requests to token endpoints under way, by provider."
})

const openings = Metric.counter("hawser_provider_breaker_openings", {
  description: "How often a provider's server was left alone for a while, by provider.",
  incremental: true
})
