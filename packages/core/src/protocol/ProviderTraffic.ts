import { Clock, Context, Duration, Effect, Layer, Metric, Random, Result } from "effect"
import { type ProviderId, TaggedError, type TenantId } from "../model/index.ts"
import type { OAuth2Provider, SecretUrl } from "../provider/index.ts"
import { makeServerHealth, type ServerHealth, shortestJitter } from "./ServerHealth.ts"
import { makeServers, type ServerSlots, type Slot } from "./slots.ts"

/** The tenant, the server and the client of a request. Each server and client has its own slots and breaker. */
export interface Traffic {
  readonly provider: ProviderId
  readonly origin: string
  readonly clientId: string
  readonly tenantId: TenantId
}

/** The traffic of a request to an endpoint. A tenant's own host at the provider counts as a server of its own. */
export const clientTraffic = (
  { client, id }: OAuth2Provider,
  tenantId: TenantId,
  endpoint: SecretUrl
): Traffic => ({
  provider: id,
  origin: new URL(endpoint).origin,
  clientId: client.clientId,
  tenantId
})

/** The traffic of requests that carry only the tenant's own secrets: they never count against another tenant. */
export const ownTraffic = (provider: ProviderId, tenantId: TenantId, url: SecretUrl): Traffic => ({
  provider,
  origin: new URL(url).origin,
  clientId: tenantId,
  tenantId
})

/** A failure of the server, not of this one request. */
export interface Transient {
  /** Seconds that the server asked this tenant to wait. Until then nothing is sent for the tenant. */
  readonly retryAfter?: number | undefined
}

/** Runs a request and records whether its server is healthy; `transient` returns undefined if it is. */
export type Watch = <A, E, R>(
  request: Effect.Effect<A, E, R>,
  transient: (error: E) => Transient | undefined
) => Effect.Effect<A, E, R>

/** Nothing was sent: no slot is free, the server fails for many tenants, or it asked this tenant to wait. */
export class ProviderBusy extends TaggedError("ProviderBusy")<{
  /** Seconds after which trying again makes sense. */
  readonly retryAfter: number
}> {
  override get message(): string {
    return `The provider is busy. Try again in ${this.retryAfter} s.`
  }
}

interface TrafficOptions {
  /** Requests at once to one server as one client, if they are not to adapt to it. Default 32 at first, and then 8 to 128. */
  readonly slots?: number
  /** How long a request waits for its slot. Default 10 seconds. */
  readonly patience?: Duration.Duration
}

/**
 * Keeps one tenant from slowing the others. Each server and client has slots, 8 to 128 of them by how it answers, of which a tenant gets
 * at most a quarter, and a circuit breaker that counts tenants. All requests to authorization servers, live checks and account
 * look-ups go through it. The counts belong to this process: each process finds out by itself that a server is down.
 */
export class ProviderTraffic extends Context.Service<
  ProviderTraffic,
  {
    /** Runs `work` in a slot, including what it does beside its requests, such as taking a lease. */
    readonly through: <A, E, R>(
      traffic: Traffic,
      work: (watch: Watch) => Effect.Effect<A, E, R>
    ) => Effect.Effect<A, E | ProviderBusy, R>
  }
>()("@hawser/core/ProviderTraffic") {
  static readonly layer = (options: TrafficOptions = {}): Layer.Layer<ProviderTraffic> =>
    Layer.effect(
      ProviderTraffic,
      Effect.sync(() => {
        const health = makeServerHealth()
        const servers = makeServers(
          options.slots === undefined
            ? { least: 8, first: 32, most: 128 }
            : { least: options.slots, first: options.slots, most: options.slots }
        )
        const patience = options.patience ?? Duration.seconds(10)
        return ProviderTraffic.of({
          through: (traffic, work) => {
            const key = JSON.stringify([traffic.provider, traffic.origin, traffic.clientId])
            // Checked before the wait, so that nothing queues for a server whose breaker is open, and again after it.
            return refuseSick(health, key, traffic).pipe(
              Effect.andThen(
                inSlot(servers, key, traffic, patience, (server) =>
                  guarded(health, server, key, traffic, work)
                )
              )
            )
          }
        })
      })
    )
}

const inSlot = <A, E, R>(
  servers: ReturnType<typeof makeServers>,
  key: string,
  { provider, tenantId }: Traffic,
  patience: Duration.Duration,
  work: (server: ServerSlots) => Effect.Effect<A, E, R>
) =>
  Effect.suspend(() => {
    const server = servers.of(key)
    const slot = server.enter(tenantId)
    const inUse = Metric.withAttributes(slotsInUse, { provider })
    const begun = Effect.andThen(Metric.modify(inUse, 1), () =>
      Effect.ensuring(work(server), Metric.modify(inUse, -1))
    )
    return Effect.ensuring(
      // Who need not wait needs neither a timer nor a fibre.
      slot.state === "held" ? begun : Effect.andThen(waitForSlot(server, slot, patience), begun),
      Effect.sync(() => servers.leave(key, server, slot))
    )
  })

/** By a timer of its own: the wait has to end in regions that cannot be interrupted too. */
const waitForSlot = (
  server: ServerSlots,
  slot: Slot,
  patience: Duration.Duration
): Effect.Effect<void, ProviderBusy> =>
  Effect.contextWith(
    (context: Context.Context<never>) =>
      Effect.callback<void, ProviderBusy>((resume) => {
        if (slot.state === "held") return resume(Effect.void)
        const impatience = Effect.runForkWith(context)(
          Effect.delay(
            Effect.sync(() => {
              if (slot.state !== "waiting") return
              server.leave(slot)
              resume(Effect.fail(new ProviderBusy({ retryAfter: wholeSeconds(patience) })))
            }),
            patience
          )
        )
        slot.begin = () => {
          impatience.interruptUnsafe()
          resume(Effect.void)
        }
        return Effect.sync(() => impatience.interruptUnsafe())
      })
    // A fibre goes on where it is resumed: without this, a thousand in turn would each end inside the one before.
  ).pipe(Effect.andThen(Effect.yieldNow))

const busyFor = (milliseconds: number) =>
  new ProviderBusy({ retryAfter: wholeSeconds(Duration.millis(milliseconds)) })

const refuseSick = Effect.fnUntraced(function* (
  health: ServerHealth,
  key: string,
  { tenantId }: Traffic
) {
  const wait = health.remainingWait(key, tenantId, yield* Clock.currentTimeMillis)
  if (wait > 0) return yield* busyFor(wait)
})

/** Runs the work and reports its outcome to the breaker. Work that sent nothing, or was interrupted, does not count. */
const guarded = <A, E, R>(
  health: ServerHealth,
  server: ServerSlots,
  key: string,
  { provider, tenantId }: Traffic,
  work: (watch: Watch) => Effect.Effect<A, E, R>
) =>
  Effect.suspend(() => {
    let seen: "Healthy" | Transient | undefined
    const watch: Watch = Effect.fnUntraced(function* (request, transient) {
      const begun = yield* Clock.monotonicTimeNanos
      const result = yield* Effect.result(request)
      const milliseconds = Number((yield* Clock.monotonicTimeNanos) - begun) / 1_000_000
      seen = Result.isSuccess(result) ? "Healthy" : (transient(result.failure) ?? "Healthy")
      server.answered(tenantId, { failed: seen !== "Healthy", milliseconds })
      return yield* Effect.fromResult(result)
    })

    const admit = Effect.flatMap(Clock.currentTimeMillis, (now) => {
      const admission = health.admit(key, tenantId, now)
      return typeof admission === "number"
        ? Effect.fail(busyFor(admission))
        : Effect.succeed(admission)
    })

    return Effect.acquireUseRelease(
      admit,
      () => work(watch),
      Effect.fnUntraced(function* (admission) {
        const now = yield* Clock.currentTimeMillis
        if (seen === undefined) return admission.nothingSent()
        if (seen === "Healthy") return admission.healthy(now)
        // Without jitter, processes and servers that failed together would all retry at the same time.
        const jitter = yield* Random.nextBetween(shortestJitter, 1)
        if (admission.failed(now, seen.retryAfter ?? 0, jitter))
          yield* Metric.update(Metric.withAttributes(openings, { provider }), 1)
      })
    )
  })

const wholeSeconds = (duration: Duration.Duration): number =>
  Math.max(1, Math.ceil(Duration.toSeconds(duration)))

const slotsInUse = Metric.gauge("hawser_provider_slots_in_use", {
  description: "Requests to authorization servers under way, by provider."
})

const openings = Metric.counter("hawser_provider_breaker_openings", {
  description: "How often the circuit breaker of a provider opened, by provider.",
  incremental: true
})
