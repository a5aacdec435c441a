import { Context, Duration, Effect, Exit, Layer, Queue, Scope, Semaphore } from "effect"
import type { StorageUnavailable } from "../domain/Errors.ts"
import { CredentialStore } from "../ports/CredentialStore.ts"
import { EventBus } from "../ports/EventBus.ts"
import { GrantStore } from "../ports/GrantStore.ts"
import { HashKeyStore } from "../ports/HashKeyStore.ts"
import { OAuthStateStore } from "../ports/OAuthStateStore.ts"
import {
  makeShutdown,
  ownShutdown,
  reportLost,
  Shutdown,
  type ShutdownState
} from "../runtime/shutdown.ts"
import { type SupervisedWorker, supervise, type WorkerHealth } from "../runtime/supervisor.ts"
import {
  type EventDelivery,
  makeEventDelivery,
  type StuckHandler,
  type Subscription
} from "./deliverEvents.ts"
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

/** What this process is at, for a readiness probe. Nothing in it is secret, and nothing came from outside. */
export interface Health {
  /** Whether requests can be served: the store answers, and the end has not begun. */
  readonly isReady: boolean
  /** Whether the store answered within two seconds; if not, why, as a word. */
  readonly store: { readonly isReachable: boolean; readonly error?: string }
  /** Empty if the host calls `tick` itself. Otherwise `keeper`, `revoker`, `sweeper` and a deliverer for each subscriber. */
  readonly workers: ReadonlyArray<WorkerHealth>
  /** Event handlers that did not end although they were asked to. */
  readonly stuck: ReadonlyArray<StuckHandler>
}

/** A subscriber that this process delivers to. */
export interface Registration {
  /**
   * Delivers nothing more, and waits for the handlers that run. The subscriber's place is kept. False, and nothing done, if
   * another has taken its place.
   */
  readonly stop: Effect.Effect<boolean>
}

/**
 * The background work under one lifecycle: event delivery, the keeper, revocations and sweeps start and end with this
 * service's scope.
 */
export class Workers extends Context.Service<
  Workers,
  {
    /**
     * Registers a subscriber's cursor and, in process, begins to deliver to it. One that is there by this name is replaced:
     * what comes from now on goes to the new handler.
     */
    readonly register: (
      subscription: Subscription
    ) => Effect.Effect<Registration, StorageUnavailable>
    /**
     * Does all work that is due, once: refreshes and revokes, delivers until nothing is left, and sweeps. Each is done
     * though another fails; then it fails as the first of them.
     */
    readonly tick: Effect.Effect<void, StorageUnavailable>
    /** Says that something was just written, so that idle workers look now. */
    readonly wake: Effect.Effect<void>
    readonly health: Effect.Effect<Health>
    /**
     * Begins nothing more and waits for what runs; after three quarters of the time it asks it to end. When the time is
     * over it returns all the same, and the log has what is lost.
     */
    readonly close: (within: Duration.Duration) => Effect.Effect<void>
  }
>()("@hawser/core/Workers") {
  static readonly layer = (
    options: WorkerOptions
  ): Layer.Layer<
    Workers,
    never,
    | CredentialStore
    | EventBus
    | GrantStore
    | HashKeyStore
    | Keeper
    | OAuthStateStore
    | RevokeQueuedServices
  > =>
    Layer.effect(
      Workers,
      Effect.gen(function* () {
        const bus = yield* EventBus
        const credentials = yield* CredentialStore
        const flows = yield* OAuthStateStore
        const grants = yield* GrantStore
        const hashKeys = yield* HashKeyStore
        const keeper = yield* Keeper
        const revoking = yield* Effect.context<RevokeQueuedServices>()
        const scope = yield* Scope.make()
        const shutdown = yield* ownShutdown
        const subscribers = new Map<string, Subscriber>()
        const workers = new Set<SupervisedWorker>()

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

        const keep = Effect.repeat(keeper.begin, {
          while: (more: boolean) => more && !shutdown.hasBegun()
        })

        const revoke = Effect.repeat(revokeQueued, {
          while: (more: boolean) => more && !shutdown.hasBegun()
        }).pipe(Effect.provide(revoking))

        const sweep = allOf([
          flows.sweep,
          grants.sweep,
          Effect.provide(giveUpRevocations, revoking),
          ...(options.unusedCredentialRetention === undefined
            ? []
            : [credentials.sweepUnused(options.unusedCredentialRetention)]),
          bus.sweep(options.eventRetention)
        ])

        const start = (
          name: string,
          look: Effect.Effect<unknown, unknown>,
          longestPause: Duration.Duration,
          pause: Effect.Effect<void> = Effect.sleep(longestPause),
          until: ShutdownState = shutdown
        ) =>
          supervise({ name, look, longestPause, pause }).pipe(
            Effect.provideService(Shutdown, until),
            Effect.tap((worker) => Effect.sync(() => workers.add(worker)))
          )

        const deliverTo = Effect.fnUntraced(function* (subscription: Subscription) {
          const ownScope = yield* Scope.fork(scope)
          const current = { subscription }
          const own = makeShutdown()
          const delivery = yield* makeEventDelivery(following(current)).pipe(
            Effect.provideService(EventBus, bus),
            Effect.provideService(Shutdown, own),
            Scope.provide(ownScope)
          )
          const subscriber: Subscriber = {
            current,
            alarm: yield* Queue.sliding<void>(1),
            delivery,
            worker: undefined,
            shutdown: own,
            scope: ownScope
          }
          subscribers.set(subscription.name, subscriber)
          if (options.mode === "in-process") {
            const { alarm } = subscriber
            subscriber.worker = yield* start(
              `deliverer of ${subscription.name}`,
              drain(delivery),
              options.pollInterval,
              Effect.asVoid(Effect.timeoutOption(Queue.take(alarm), options.pollInterval)),
              own
            )
          }
          return subscriber
        })

        const end = Effect.fnUntraced(function* ({
          current,
          delivery,
          scope: ownScope,
          shutdown: own,
          worker
        }: Subscriber) {
          subscribers.delete(current.subscription.name)
          yield* own.begin
          if (worker !== undefined) {
            yield* worker.ended
            workers.delete(worker)
          }
          yield* delivery.awaitHandlers
          yield* Scope.close(ownScope, Exit.void)
        })

        const registering = Semaphore.makeUnsafe(1)
        const register = Effect.fnUntraced(
          function* (subscription: Subscription) {
            yield* bus.subscribe(subscription.name, subscription.from)
            const there = subscribers.get(subscription.name)
            const subscriber = there ?? (yield* deliverTo(subscription))
            subscriber.current.subscription = subscription
            return {
              // Of one that was replaced, nothing is left to stop.
              stop: Effect.suspend(() =>
                subscriber.current.subscription === subscription &&
                subscribers.get(subscription.name) === subscriber
                  ? Effect.as(end(subscriber), true)
                  : Effect.succeed(false)
              )
            }
          },
          (registered) => registering.withPermit(registered)
        )

        if (options.mode === "in-process") {
          yield* start("keeper", keep, options.pollInterval)
          yield* start("revoker", revoke, options.pollInterval)
          yield* start("sweeper", sweep, options.sweepInterval)
        }

        const allEnded = Effect.suspend(() =>
          Effect.all(
            [
              ...[...workers].map(({ ended }) => ended),
              ...[...subscribers.values()].map(({ delivery }) => delivery.awaitHandlers),
              keeper.awaitIdle,
              shutdown.allStored
            ],
            { concurrency: "unbounded", discard: true }
          )
        )

        const shutdowns = () => [
          shutdown,
          ...[...subscribers.values()].map((subscriber) => subscriber.shutdown)
        ]

        const lastCall = Effect.gen(function* () {
          yield* Effect.forEach(shutdowns(), ({ callLast }) => callLast, { discard: true })
          yield* Effect.forEach(workers, ({ stop }) => stop, {
            concurrency: "unbounded",
            discard: true
          })
          yield* allEnded
        })

        let isClosing = false
        const close = (within: Duration.Duration) =>
          Effect.gen(function* () {
            if (isClosing) return
            isClosing = true
            yield* Effect.forEach(shutdowns(), ({ begin }) => begin, { discard: true })
            const patience = Duration.times(within, 3 / 4)
            yield* Effect.timeoutOption(allEnded, patience)
            yield* Effect.timeoutOption(lastCall, Duration.subtract(within, patience))
            yield* Effect.forEach(shutdown.unstored(), reportLost, { discard: true })
          })
        yield* Effect.addFinalizer(() =>
          Effect.andThen(close(closeWithin), Scope.close(scope, Exit.void))
        )

        const health = Effect.gen(function* () {
          const store = yield* hashKeys.find.pipe(
            Effect.as({ isReachable: true }),
            Effect.timeoutOrElse({
              duration: storePatience,
              orElse: () => Effect.succeed({ isReachable: false, error: "no_answer" })
            }),
            Effect.catch(({ code }) => Effect.succeed({ isReachable: false, error: code })),
            Effect.catchCause(() => Effect.succeed({ isReachable: false, error: "internal_error" }))
          )
          return {
            isReady: store.isReachable && !shutdown.hasBegun(),
            store,
            workers: yield* Effect.forEach(workers, (worker) => worker.health),
            stuck: [...subscribers.values()].flatMap(({ delivery }) => delivery.stuck())
          }
        })

        return Workers.of({
          register,
          health,
          close,
          tick: allOf([
            keeper.drain,
            revoke,
            Effect.suspend(() =>
              allOf([...subscribers.values()].map(({ delivery }) => drainAll(delivery)))
            ),
            sweep
          ]),
          wake: Effect.sync(() => {
            for (const { alarm } of subscribers.values()) Queue.offerUnsafe(alarm, undefined)
          })
        })
      })
    )
}

/** How long a scope that closes waits for what runs. */
const closeWithin = Duration.seconds(20)
/** A probe asks often, and an answer that comes later is no good one. */
const storePatience = Duration.seconds(2)

interface Subscriber {
  /** What is called from now on. */
  readonly current: { subscription: Subscription }
  readonly alarm: Queue.Queue<void>
  readonly delivery: EventDelivery
  worker: SupervisedWorker | undefined
  /** It may end before the others. */
  readonly shutdown: ShutdownState
  readonly scope: Scope.Closeable
}

/** A subscription that is whatever it is at the moment. */
const following = (current: Subscriber["current"]): Subscription => ({
  ...current.subscription,
  get events() {
    return current.subscription.events
  },
  get endsBySignal() {
    return current.subscription.endsBySignal === true
  },
  handle: (delivered) => current.subscription.handle(delivered)
})

/** Does each, though others fail, and then fails as the first that did. */
const allOf = (
  all: ReadonlyArray<Effect.Effect<unknown, StorageUnavailable>>
): Effect.Effect<void, StorageUnavailable> =>
  Effect.gen(function* () {
    const exits = yield* Effect.forEach(all, (one) => Effect.exit(one))
    for (const exit of exits) yield* exit
  })
