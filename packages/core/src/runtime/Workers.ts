import { Context, Duration, Effect, Exit, Layer, Queue, Scope, Semaphore } from "effect"
import { giveUpRevocations, revokeQueued, type RevokeQueuedServices } from "../connection/index.ts"
import { type AbandonedChoicesServices, revokeAbandonedChoices } from "../connect/index.ts"
import {
  type EventDelivery,
  makeEventDelivery,
  type StuckHandler,
  type Subscription
} from "../event/index.ts"
import type { StorageUnavailable } from "../model/index.ts"
import {
  CredentialStore,
  EventBus,
  Maintenance,
  makeShutdown,
  OAuthStateStore,
  ownShutdown,
  reportLost,
  Shutdown,
  type ShutdownState,
  type Written
} from "../services/index.ts"
import { Keeper, uptime } from "../token/index.ts"
import { supervise, type SupervisedWorker, type Worker, type WorkerHealth } from "./supervisor.ts"

export interface WorkerOptions {
  /** `in-process`: Hawser's own fibres do the work. `off`: the host calls `tick` when it wants work done. */
  readonly mode: "in-process" | "off"
  /** How soon to look again at due work that found no free slot. */
  readonly unfinishedInterval: Duration.Duration
  /** The shortest time between two sweeps. */
  readonly sweepInterval: Duration.Duration
  /** How long an event is kept once every subscriber has received it. */
  readonly eventRetention: Duration.Duration
  /** How long an unused API key is kept; undefined keeps it without limit. */
  readonly unusedCredentialRetention?: Duration.Duration | undefined
}

/** The state of this process, for a readiness probe. It holds no secret and no text from outside. */
export interface Health {
  /** Whether requests can be served: the store answers, and the shutdown has not begun. */
  readonly isReady: boolean
  /** Whether the store answered within two seconds; if not, the reason as a word. */
  readonly store: { readonly isReachable: boolean; readonly error?: string }
  /**
   * Empty if the host calls `tick` itself. Otherwise `scheduler`, which asks the store what is due, `keeper`, `revoker`,
   * `sweeper` and a deliverer for each subscriber.
   */
  readonly workers: ReadonlyArray<WorkerHealth>
  /** Event handlers that still run although their signal aborted. */
  readonly stuck: ReadonlyArray<StuckHandler>
}

/** A subscriber that this process delivers to. */
export interface Registration {
  /**
   * Stops delivery and waits for the handlers that run. The subscriber keeps its cursor. Returns false, and does nothing,
   * if another handler has replaced this one.
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
     * Registers a subscriber's cursor and, in process, begins to deliver to it. It replaces a handler of the same name:
     * later events go to the new one.
     */
    readonly register: (
      subscription: Subscription
    ) => Effect.Effect<Registration, StorageUnavailable>
    /**
     * Does all due work once: refreshes, revokes, delivers until nothing is left, and sweeps. If one of them fails, the
     * others still run; then it fails with the first failure.
     */
    readonly tick: Effect.Effect<void, StorageUnavailable>
    readonly health: Effect.Effect<Health>
    /**
     * Starts nothing new and waits for running work; after three quarters of the time it asks that work to end. When the
     * time is over it returns in any case, and logs what was lost.
     */
    readonly close: (within: Duration.Duration) => Effect.Effect<void>
  }
>()("@hawser/core/Workers") {
  static readonly layer = (
    options: WorkerOptions
  ): Layer.Layer<
    Workers,
    never,
    | AbandonedChoicesServices
    | CredentialStore
    | EventBus
    | Keeper
    | Maintenance
    | OAuthStateStore
    | RevokeQueuedServices
  > =>
    Layer.effect(
      Workers,
      Effect.gen(function* () {
        const bus = yield* EventBus
        const credentials = yield* CredentialStore
        const maintenance = yield* Maintenance
        const flows = yield* OAuthStateStore
        const keeper = yield* Keeper
        const revoking = yield* Effect.context<AbandonedChoicesServices | RevokeQueuedServices>()
        const scope = yield* Scope.make()
        const shutdown = yield* ownShutdown
        const subscribers = new Map<string, Subscriber>()
        const workers = new Set<SupervisedWorker>()
        /** Of `uptime`. */
        let sweptAt = Number.NEGATIVE_INFINITY

        const drain = ({ batch }: EventDelivery): Effect.Effect<void, StorageUnavailable> =>
          Effect.asVoid(Effect.repeat(batch, { while: (more: boolean) => more }))

        /** It also waits for slow handlers, because the events behind them are delivered too. */
        const drainAll = (delivery: EventDelivery): Effect.Effect<void, StorageUnavailable> =>
          drain(delivery).pipe(
            Effect.andThen(delivery.awaitHandlers),
            Effect.flatMap((some) =>
              some
                ? Effect.andThen(Effect.sleep("1 second"), () => drainAll(delivery))
                : Effect.void
            )
          )

        const refreshDueGrants = Effect.repeat(keeper.begin, {
          while: (more: boolean) => more && !shutdown.hasBegun()
        })

        const revoke = Effect.repeat(revokeQueued, {
          while: (more: boolean) => more && !shutdown.hasBegun()
        }).pipe(Effect.provide(revoking))

        const sweep = Effect.gen(function* () {
          sweptAt = yield* uptime
          yield* sweepAll
        })

        const sweepAll = runAll([
          Effect.provide(revokeAbandonedChoices, revoking),
          flows.sweep,
          maintenance.sweepQuarantine,
          Effect.provide(giveUpRevocations, revoking),
          ...(options.unusedCredentialRetention === undefined
            ? []
            : [credentials.sweepUnused(options.unusedCredentialRetention)]),
          bus.sweep(options.eventRetention)
        ])

        const start = (worker: Worker, until: ShutdownState = shutdown) =>
          supervise(worker).pipe(
            Effect.provideService(Shutdown, until),
            Effect.tap((supervised) => Effect.sync(() => workers.add(supervised)))
          )

        /** A worker that looks once, and then each time it is called. */
        const startOnCall = Effect.fnUntraced(function* (
          name: string,
          look: Effect.Effect<unknown, unknown>,
          until?: ShutdownState
        ) {
          const calls = yield* Queue.sliding<void>(1)
          const worker = yield* start(
            { name, look, pause: Queue.take(calls), longestPause: Duration.infinity },
            until
          )
          return { worker, call: () => void Queue.offerUnsafe(calls, undefined) }
        })

        const deliverTo = Effect.fnUntraced(function* (subscription: Subscription) {
          const ownScope = yield* Scope.fork(scope)
          const current = { subscription }
          const own = makeShutdown()
          const delivery = yield* makeEventDelivery(following(current)).pipe(
            Effect.provideService(EventBus, bus),
            Effect.provideService(Shutdown, own),
            Scope.provide(ownScope)
          )
          const started =
            options.mode === "off"
              ? undefined
              : yield* startOnCall(`deliverer of ${subscription.name}`, drain(delivery), own)
          const subscriber: Subscriber = {
            current,
            delivery,
            started,
            shutdown: own,
            scope: ownScope
          }
          subscribers.set(subscription.name, subscriber)
          return subscriber
        })

        const end = Effect.fnUntraced(function* ({
          current,
          delivery,
          scope: ownScope,
          shutdown: own,
          started
        }: Subscriber) {
          subscribers.delete(current.subscription.name)
          yield* own.begin
          if (started !== undefined) {
            yield* started.worker.ended
            workers.delete(started.worker)
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
            // Its delivery has begun; the scheduler knows what is due later.
            reschedule()
            return {
              // A replaced handler has already stopped.
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

        /** Asks what is due, calls the workers that have something to do, and sleeps until the next instant. */
        const schedule = Effect.fnUntraced(function* () {
          const onCall = {
            keeper: yield* startOnCall("keeper", refreshDueGrants),
            revoker: yield* startOnCall("revoker", revoke),
            sweeper: yield* startOnCall("sweeper", sweep)
          }
          const calls = yield* Queue.sliding<void>(1)
          let wait = Duration.zero
          let checks = 0

          /** Returns the milliseconds until the next look, and calls the workers that are due now. */
          const soonest = (due: Duration.Duration | undefined, call: () => void): number => {
            if (due === undefined) return Infinity
            if (Duration.toMillis(due) > 0) return Duration.toMillis(due)
            call()
            return Duration.toMillis(options.unfinishedInterval)
          }

          const look = Effect.gen(function* () {
            const due = yield* maintenance.dueTimes({
              subscribers: [...subscribers.keys()],
              eventRetention: options.eventRetention,
              unusedCredentialRetention: options.unusedCredentialRetention
            })
            const sweptAgo = (yield* uptime) - sweptAt
            const sweepable = Duration.millis(Duration.toMillis(options.sweepInterval) - sweptAgo)
            checks = due.awaitsCommit ? checks + 1 : 0
            wait = Duration.millis(
              Math.min(
                Duration.toMillis(due.askAgainIn),
                checks > 0 ? Math.min(25 * 2 ** checks, 1_000) : Infinity,
                soonest(due.keeper, onCall.keeper.call),
                soonest(due.revoker, onCall.revoker.call),
                soonest(due.sweeper && Duration.max(due.sweeper, sweepable), onCall.sweeper.call),
                ...[...subscribers.values()].map(({ current, started }) =>
                  soonest(due.deliverers.get(current.subscription.name), () => started?.call())
                )
              )
            )
          })

          scheduler = yield* start({
            name: "scheduler",
            look,
            // All writes of this pause together cause one look.
            pause: Effect.andThen(
              Effect.sleep(betweenLooks),
              Effect.suspend(() =>
                Effect.asVoid(
                  Effect.timeoutOption(Queue.take(calls), Duration.subtract(wait, betweenLooks))
                )
              )
            ),
            longestPause: Duration.seconds(30)
          })
          reschedule = () => void Queue.offerUnsafe(calls, undefined)
          yield* Scope.provide(
            maintenance.listen((written: Written) => {
              if (written === "work")
                for (const { started } of subscribers.values()) started?.call()
              reschedule()
            }),
            scope
          )
        })

        let scheduler: SupervisedWorker | undefined
        let reschedule: () => void = () => {}
        if (options.mode === "in-process") yield* schedule()

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

        const callLast = Effect.suspend(() =>
          Effect.forEach(shutdowns(), (one) => one.callLast, { discard: true })
        )

        const lastCall = Effect.gen(function* () {
          yield* callLast
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
          close(closeWithin).pipe(
            // If the time ran out before this step, fibers that wait for the last call would never end.
            Effect.andThen(callLast),
            Effect.andThen(Scope.close(scope, Exit.void))
          )
        )

        /** The scheduler called the workers that wait. */
        const healthOfWorkers = Effect.gen(function* () {
          const asked = scheduler === undefined ? undefined : yield* scheduler.health
          const healths = yield* Effect.forEach(workers, (worker) => worker.health)
          return healths.map((health) =>
            health.lagMs > 0
              ? health
              : { ...health, lastLookAt: latest(health.lastLookAt, asked?.lastLookAt) }
          )
        })

        const health = Effect.gen(function* () {
          const store = yield* maintenance.findHashKey.pipe(
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
            workers: yield* healthOfWorkers,
            stuck: [...subscribers.values()].flatMap(({ delivery }) => delivery.stuck())
          }
        })

        return Workers.of({
          register,
          health,
          close,
          tick: runAll([
            keeper.drain,
            revoke,
            Effect.suspend(() =>
              runAll([...subscribers.values()].map(({ delivery }) => drainAll(delivery)))
            ),
            sweep
          ])
        })
      })
    )
}

/** How long a closing scope waits for running work. */
const closeWithin = Duration.seconds(20)
/** A probe asks often, and a later answer counts as a failure. */
const storePatience = Duration.seconds(2)

/** The shortest pause between two looks, however much is written. */
const betweenLooks = Duration.millis(50)

const latest = (one: Date | undefined, other: Date | undefined): Date | undefined =>
  one === undefined || (other !== undefined && other > one) ? other : one

interface Subscriber {
  /** The handler that later events go to. */
  readonly current: { subscription: Subscription }
  readonly delivery: EventDelivery
  /** Undefined if the host calls `tick` itself. */
  readonly started: { readonly worker: SupervisedWorker; readonly call: () => void } | undefined
  /** Its own scope: it may end before the others. */
  readonly shutdown: ShutdownState
  readonly scope: Scope.Closeable
}

/** A subscription that always refers to the current handler. */
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

/** Runs all of them even if some fail, then fails with the first failure. */
const runAll = (
  all: ReadonlyArray<Effect.Effect<unknown, StorageUnavailable>>
): Effect.Effect<void, StorageUnavailable> =>
  Effect.gen(function* () {
    const exits = yield* Effect.forEach(all, (one) => Effect.exit(one))
    for (const exit of exits) yield* exit
  })
