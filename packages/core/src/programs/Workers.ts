import { Context, type Duration, Effect, Layer, Queue, Schedule, Scope } from "effect"
import type { StorageUnavailable } from "../domain/Errors.ts"
import { CredentialStore } from "../ports/CredentialStore.ts"
import { EventBus } from "../ports/EventBus.ts"
import { GrantStore } from "../ports/GrantStore.ts"
import { OAuthStateStore } from "../ports/OAuthStateStore.ts"
import { type EventDelivery, makeEventDelivery, type Subscription } from "./deliverEvents.ts"
import { Keeper } from "./Keeper.ts"
import { giveUpRevocations, revokeQueued, type RevokeQueuedServices } from "./revokeQueued.ts"

export interface WorkerOptions {
  /** `in-process`: Hawser's own fibres do the work. `off`: the host calls `tick` when it wants work done. */
  readonly mode: "in-process" | "off"
  /** How long an idle worker waits before it looks again. */
  readonly pollInterval: Duration.Duration
  /** How often what has expired is deleted. */
  readonly sweepInterval: Duration.Duration
  /** How long an event is kept once every subscriber has received it. */
  readonly eventRetention: Duration.Duration
  /** How long an unused API key is kept; undefined keeps it without limit. */
  readonly unusedCredentialRetention?: Duration.Duration | undefined
}

/**
 * The background work under one lifecycle: event delivery, the keeper, revocations and sweeps start and end with this
 * service's scope.
 */
export class Workers extends Context.Service<
  Workers,
  {
    /** Registers a subscriber's cursor and, in process, begins to deliver to it. */
    readonly register: (subscription: Subscription) => Effect.Effect<void, StorageUnavailable>
    /** Does all work that is due, once: refreshes and revokes, delivers until nothing is left, then sweeps. */
    readonly tick: Effect.Effect<void, StorageUnavailable>
    /** Says that something was just written, so that idle workers look now. */
    readonly wake: Effect.Effect<void>
  }
>()("@hawser/core/Workers") {
  static readonly layer = (
    options: WorkerOptions
  ): Layer.Layer<
    Workers,
    never,
    CredentialStore | EventBus | GrantStore | Keeper | OAuthStateStore | RevokeQueuedServices
  > =>
    Layer.effect(
      Workers,
      Effect.gen(function* () {
        const bus = yield* EventBus
        const credentials = yield* CredentialStore
        const flows = yield* OAuthStateStore
        const grants = yield* GrantStore
        const keeper = yield* Keeper
        const revoking = yield* Effect.context<RevokeQueuedServices>()
        const scope = yield* Effect.scope
        const subscriptions = new Map<string, EventDelivery>()
        const alarms = new Set<Queue.Queue<void>>()

        const drain = ({ batch }: EventDelivery): Effect.Effect<void, StorageUnavailable> =>
          Effect.asVoid(Effect.repeat(batch, { while: (more: boolean) => more }))

        /** And waits for handlers that take long, for what waits behind them is delivered too. */
        const drainAll = (delivery: EventDelivery): Effect.Effect<void, StorageUnavailable> =>
          drain(delivery).pipe(
            Effect.andThen(delivery.awaitHandlers),
            Effect.flatMap((some) =>
              some
                ? Effect.andThen(Effect.sleep("1 second"), () => drainAll(delivery))
                : Effect.void
            )
          )

        const keep = Effect.repeat(keeper.begin, { while: (more: boolean) => more })

        const revoke = Effect.repeat(revokeQueued, { while: (more: boolean) => more }).pipe(
          Effect.provide(revoking)
        )

        const sweep = Effect.gen(function* () {
          yield* flows.sweep
          yield* grants.sweep
          yield* Effect.provide(giveUpRevocations, revoking)
          if (options.unusedCredentialRetention !== undefined)
            yield* credentials.sweepUnused(options.unusedCredentialRetention)
          yield* bus.sweep(options.eventRetention)
        })

        const register = Effect.fnUntraced(function* (subscription: Subscription) {
          yield* bus.subscribe(subscription.name, subscription.from)
          const delivery = yield* makeEventDelivery(subscription).pipe(
            Effect.provideService(EventBus, bus),
            Scope.provide(scope)
          )
          subscriptions.set(subscription.name, delivery)
          if (options.mode === "in-process") {
            const alarm = yield* Queue.sliding<void>(1)
            alarms.add(alarm)
            yield* forever(drain(delivery), idle(alarm, options.pollInterval), scope)
          }
        })

        if (options.mode === "in-process") {
          yield* forever(keep, Effect.sleep(options.pollInterval), scope)
          yield* forever(revoke, Effect.sleep(options.pollInterval), scope)
          yield* forever(sweep, Effect.sleep(options.sweepInterval), scope)
        }

        return Workers.of({
          register,
          tick: Effect.gen(function* () {
            yield* keeper.drain
            yield* revoke
            yield* Effect.forEach(subscriptions.values(), drainAll, {
              concurrency: "unbounded",
              discard: true
            })
            yield* sweep
          }),
          wake: Effect.sync(() => {
            for (const alarm of alarms) Queue.offerUnsafe(alarm, undefined)
          })
        })
      })
    )
}

const idle = (alarm: Queue.Queue<void>, interval: Duration.Duration) =>
  Effect.asVoid(Effect.timeoutOption(Queue.take(alarm), interval))

/** Works and waits in turn until the scope ends. A store that cannot be reached is waited for, ever longer. */
const forever = <A>(
  work: Effect.Effect<A, StorageUnavailable>,
  wait: Effect.Effect<void>,
  scope: Scope.Scope
) =>
  work.pipe(
    Effect.tapError((error) => Effect.logWarning(error.message)),
    Effect.retry(Schedule.min([Schedule.exponential("500 millis"), Schedule.spaced("30 seconds")])),
    // What is a bug today, in one batch, is no reason to work never again.
    Effect.catchDefect((defect) => Effect.logError("Background work failed.", defect)),
    Effect.andThen(wait),
    Effect.forever,
    Effect.forkIn(scope)
  )
