import {
  Cause,
  Clock,
  Deferred,
  Duration,
  Effect,
  Fiber,
  FiberSet,
  Latch,
  Option,
  type Scope,
  Semaphore,
  Stream
} from "effect"
import type {
  EventId,
  EventName,
  IntegrationEvent,
  IntegrationId,
  StorageUnavailable,
  TenantId
} from "../model/index.ts"
import {
  type Claim,
  type Delivery,
  EventBus,
  type Outcome,
  Shutdown,
  type ShutdownState,
  type SubscribeFrom
} from "../services/index.ts"

/** A named subscriber of the host. The name is its identity: after a restart, the same name continues where it stopped. */
export interface Subscription<E = unknown, R = never> {
  readonly name: string
  /** The events that it receives. */
  readonly events: ReadonlySet<EventName>
  /** Where a new subscriber starts. */
  readonly from: SubscribeFrom
  /** Called at least once for each event, in order for each integration. If it fails, it is called again later. */
  readonly handle: (delivered: DeliveredEvent) => Effect.Effect<void, E, R>
  /** True if `handle` waits for something that only `signal` ends, such as a promise. It is then never interrupted. */
  readonly endsBySignal?: boolean
}

/** What a handler gets. */
export interface DeliveredEvent {
  readonly event: IntegrationEvent
  /** 1 for the first call, higher after failures. */
  readonly attempt: number
  /** Aborts when the handler should stop: after a minute, or because the process is closing. */
  readonly signal: AbortSignal
}

/** A handler that still runs a minute after its signal aborted. The later events of its integration wait for it. */
export interface StuckHandler {
  readonly subscriber: string
  readonly eventId: EventId
  readonly event: EventName
  readonly tenantId: TenantId
  readonly integrationId: IntegrationId
  readonly attempt: number
  readonly since: Date
}

const batchSize = 100
/** How long a worker may hold a subscriber; another takes over after. */
const lease = Duration.seconds(60)
/** How long one call of a handler may take before its signal aborts, and after that before it counts as stuck. */
const handlerTimeout = Duration.seconds(60)
/** Handlers that run at once for one subscriber, and how many of them for one tenant. */
const sideBySide = 16
const ofOneTenant = 4
/** After this, a batch is settled and the next one can begin. Handlers that still run are settled one by one. */
const settleAfter = Duration.seconds(1)
/** When another worker takes over a running handler's event, unless its worker extends the claim. */
const takenUpAfter = Duration.seconds(60)
const saidAgainAfter = Duration.seconds(30)
/** When to look again at events that found no free slot. */
const noRoomDelay = Duration.seconds(1)
const longestRetryDelay = Duration.hours(1)

/** 1 s, 2 s, 4 s … 1 h: a failing handler is retried without limit, so that no event is lost. */
const retryDelay = (attempt: number): Duration.Duration =>
  Duration.min(Duration.seconds(2 ** Math.min(attempt - 1, 12)), longestRetryDelay)

const delivered = { _tag: "Delivered" } as const satisfies Outcome
const noRoom: Outcome = { _tag: "Postponed", retryAfter: noRoomDelay }
const underWay = { _tag: "Failed", retryAfter: takenUpAfter } as const satisfies Outcome
/** It was stopped because the process is closing, which does not count as a failure. */
const givenBack = { _tag: "Postponed", retryAfter: Duration.zero } as const satisfies Outcome
/** A newer release that knows the event may soon run beside this one, or replace it. */
const forNewerRelease: Outcome = { _tag: "Postponed", retryAfter: Duration.minutes(1) }

/** The delivery of events to one subscriber by one process. */
export interface EventDelivery {
  /**
   * Delivers one batch. Returns true if there was one, so the caller can ask for the next at once. A slow handler continues
   * after that.
   */
  readonly batch: Effect.Effect<boolean, StorageUnavailable>
  /** Waits for the slow handlers, except stuck ones. Returns true if there were any. */
  readonly awaitHandlers: Effect.Effect<boolean>
  readonly stuck: () => ReadonlyArray<StuckHandler>
}

/** The events of one integration, in order: one handler at a time. */
interface Line {
  readonly tenantId: TenantId
  readonly deliveries: ReadonlyArray<Delivery>
  /** The running call. */
  current: Delivery | undefined
  isOver: boolean
}

/** Retries come after new events, so that a handler that keeps failing does not delay the others. */
const groupByIntegration = (deliveries: ReadonlyArray<Delivery>): Array<Line> =>
  [...Map.groupBy(deliveries, ({ integrationId }) => integrationId).values()]
    .flatMap(([first, ...others]) => (first === undefined ? [] : [[first, ...others] as const]))
    .toSorted(([one], [other]) => Number(one.attempt > 1) - Number(other.attempt > 1))
    .map((line) => ({
      tenantId: line[0].event.tenantId,
      deliveries: line,
      current: undefined,
      isOver: false
    }))

/**
 * Delivers integrations in parallel, each in order. A failing event is retried later and holds back only its own
 * integration. A tenant whose handlers hang uses up only its own share.
 *
 * The handlers end with the scope.
 */
export const makeEventDelivery = Effect.fnUntraced(function* <E, R>(
  subscription: Subscription<E, R>
): Effect.fn.Return<EventDelivery, never, EventBus | R | Scope.Scope> {
  const { name } = subscription
  const bus = yield* EventBus
  const shutdown = yield* Shutdown
  const context = yield* Effect.context<R>()
  const handlers = yield* FiberSet.make<void>()
  /** Serialises the writes about one integration. */
  const writing = Semaphore.makeUnsafe(1)
  const running = new Map<TenantId, number>()
  const stuck = new Set<StuckHandler>()
  const noneRuns = Latch.makeUnsafe(true)
  let total = 0

  const enter = (tenantId: TenantId): boolean => {
    const own = running.get(tenantId) ?? 0
    if (total >= sideBySide || own >= ofOneTenant) return false
    running.set(tenantId, own + 1)
    total += 1
    noneRuns.closeUnsafe()
    return true
  }
  const leave = (tenantId: TenantId) => {
    const own = (running.get(tenantId) ?? 0) - 1
    if (own > 0) running.set(tenantId, own)
    else running.delete(tenantId)
    total -= 1
    if (total === 0) noneRuns.openUnsafe()
  }

  /** False if another worker has attempted it since. */
  const conclude = (delivery: Delivery, outcome: ConcludingOutcome) =>
    writing.withPermit(bus.conclude(name, delivery, outcome)).pipe(
      // The event is delivered again: delivery is at least once.
      Effect.catch((error) =>
        Effect.as(
          Effect.logWarning(
            "The result of an event handler could not be stored, so its event is delivered again.",
            Cause.fail(error),
            { subscriber: name, eventId: delivery.event.id }
          ),
          true
        )
      )
    )

  const deliver = Effect.fnUntraced(function* (claim: Claim) {
    const outcomes = yield* leftToNewerRelease(name, claim)
    const lines = groupByIntegration(claim.deliveries)
    const fibers: Array<Fiber.Fiber<void>> = []
    const allDone = yield* Deferred.make<void>()
    let isSettled = false

    const run = Effect.fnUntraced(function* (line: Line) {
      for (const delivery of line.deliveries) {
        if (isSettled) return
        if (shutdown.hasBegun()) return void outcomes.set(delivery.event.id, givenBack)
        line.current = delivery
        const outcome = yield* attempt(subscription, shutdown, delivery, {
          stillRuns: Effect.suspend(() =>
            isSettled ? conclude(delivery, underWay) : Effect.succeed(true)
          ),
          isStuck: (one) => {
            stuck.add(one)
            // A stuck handler holds back its own integration, and frees its slot for others.
            end(line)
            return () => void stuck.delete(one)
          }
        })
        line.current = undefined
        if (isSettled) {
          yield* conclude(
            delivery,
            outcome._tag === "Postponed" ? { ...outcome, _tag: "Failed" } : outcome
          )
          return
        }
        outcomes.set(delivery.event.id, outcome)
        if (outcome._tag !== "Delivered") return
      }
    })

    const end = (line: Line) => {
      if (line.isOver) return
      line.isOver = true
      leave(line.tenantId)
    }

    /** Starts every integration that finds a free slot. */
    const begin: Effect.Effect<void, never, R> = Effect.suspend(() => {
      if (isSettled) return Effect.void
      if (lines.every(({ isOver }) => isOver)) return Deferred.succeed(allDone, undefined)
      const next = waiting.find(({ tenantId }) => enter(tenantId))
      if (next === undefined) return Effect.void
      waiting.splice(waiting.indexOf(next), 1)
      return run(next).pipe(
        Effect.ensuring(
          Effect.suspend(() => {
            end(next)
            return Effect.provide(begin, context)
          })
        ),
        FiberSet.run(handlers),
        Effect.tap((fiber) => Effect.sync(() => fibers.push(fiber))),
        Effect.andThen(begin)
      )
    })
    const waiting = [...lines]

    const settle = writing.withPermit(
      Effect.suspend(() => {
        isSettled = true
        for (const line of lines) {
          const [first] = line.deliveries
          if (line.current !== undefined) outcomes.set(line.current.event.id, underWay)
          else if (waiting.includes(line) && first !== undefined)
            outcomes.set(first.event.id, shutdown.hasBegun() ? givenBack : noRoom)
        }
        return bus.settle(claim, outcomes)
      })
    )

    const stop = Effect.suspend(() => Fiber.interruptAll(fibers))
    return yield* begin.pipe(
      Effect.andThen(Effect.raceFirst(Deferred.await(allDone), Effect.sleep(settleAfter))),
      Effect.andThen(settle),
      // Another worker holds the subscriber now, and runs the same events.
      Effect.tap((isOurs) => (isOurs ? Effect.void : stop)),
      Effect.onError(() => stop)
    )
  })

  const batch = Effect.gen(function* () {
    if (shutdown.hasBegun()) return false
    const claimed = yield* bus.claim(name, { limit: batchSize, lease })
    if (Option.isNone(claimed)) return false
    yield* deliver(claimed.value)
    return true
  }).pipe(Effect.withSpan("Hawser.deliverBatch"))

  return {
    batch: Effect.provide(batch, context),
    awaitHandlers: Effect.suspend(() =>
      total === 0 ? Effect.succeed(false) : Effect.as(noneRuns.await, true)
    ),
    stuck: () => [...stuck]
  }
})

type ConcludingOutcome = Extract<Outcome, { readonly _tag: "Delivered" | "Failed" }>

interface AttemptWatch {
  /** Extends the claim in the store. False if another worker has taken the event over. */
  readonly stillRuns: Effect.Effect<boolean>
  /** Called when the handler is stuck; the returned effect runs when it no longer is. */
  readonly isStuck: (handler: StuckHandler) => () => void
}

/**
 * One call of the handler. Its signal aborts after a minute, and when the process is closing. No second call begins while
 * it runs, however long that takes, because that keeps the order within an integration.
 */
const attempt = Effect.fnUntraced(function* <E, R>(
  subscription: Subscription<E, R>,
  shutdown: ShutdownState,
  { attempt, event, integrationId }: Delivery,
  { isStuck, stillRuns }: AttemptWatch
): Effect.fn.Return<Exclude<Outcome, { readonly _tag: "Deferred" }>, never, R> {
  if (!subscription.events.has(event.event)) return delivered
  const { name } = subscription
  const details = { subscriber: name, eventId: event.id, attempt }
  const controller = new AbortController()
  let isClosing = false

  // Forked outside of the scope: closing it must not wait for the host's promise.
  const handler = yield* Effect.suspend(() =>
    subscription.handle({ event, attempt, signal: controller.signal })
  ).pipe(Effect.forkDetach({ startImmediately: true }))
  const stop = Effect.sync(() => {
    controller.abort()
    if (subscription.endsBySignal !== true) handler.interruptUnsafe()
  })

  const renew = Effect.flatMap(stillRuns, (isOurs) => (isOurs ? Effect.void : stop))
  const forHandlerTimeout = Effect.sleep(saidAgainAfter).pipe(
    Effect.andThen(renew),
    Effect.repeat({
      times: Duration.toMillis(handlerTimeout) / Duration.toMillis(saidAgainAfter) - 1
    })
  )
  const watch = Effect.gen(function* () {
    yield* forHandlerTimeout
    yield* stop
    yield* Effect.logWarning(
      `Subscriber ${name} has worked on ${event.event} for ${Duration.format(handlerTimeout)}; its signal aborts now.`,
      details
    )
    yield* forHandlerTimeout
    const since = new Date(yield* Clock.currentTimeMillis)
    yield* Effect.logError(
      `Subscriber ${name} is stuck on ${event.event}: it goes on although its signal was aborted. Later events of the integration wait for it.`,
      details
    )
    const { tenantId } = event
    const subscriber = { subscriber: name, tenantId, integrationId }
    const freed = isStuck({ ...subscriber, eventId: event.id, event: event.event, attempt, since })
    return yield* Effect.ensuring(Effect.forever(forHandlerTimeout), Effect.sync(freed))
  })
  const closing = shutdown.lastCall.pipe(
    Effect.andThen(
      Effect.suspend(() => {
        isClosing = true
        return stop
      })
    ),
    Effect.andThen(Effect.never)
  )

  const exit = yield* Effect.raceAllFirst([Fiber.await(handler), watch, closing]).pipe(
    // Interrupted before its result was known.
    Effect.onInterrupt(() => stop)
  )
  if (exit._tag === "Success") return delivered
  if (isClosing) return givenBack
  const retryAfter = retryDelay(attempt)
  yield* Effect.logWarning(
    `Subscriber ${name} failed on ${event.event}; it is called again in ${Duration.format(retryAfter)}.`,
    details,
    exit.cause
  )
  return { _tag: "Failed", retryAfter }
})

/** Events that this release does not know hold back only their own integrations. */
const leftToNewerRelease = Effect.fnUntraced(function* (subscriber: string, { unknown }: Claim) {
  if (unknown.length > 0) {
    yield* Effect.logWarning(
      "This release does not know these events: their integrations wait for a newer one.",
      { subscriber, events: [...new Set(unknown.map(({ event }) => event))], count: unknown.length }
    )
  }
  return new Map<EventId, Outcome>(unknown.map(({ id }) => [id, forNewerRelease]))
})

/**
 * The same events as a stream, for hosts with Effect. An array of events counts as received once the next one is pulled; if
 * the stream ends before that, it receives them again next time.
 */
export const eventStream = (options: {
  readonly name: string
  readonly from: SubscribeFrom
  readonly pollInterval: Duration.Duration
}): Stream.Stream<IntegrationEvent, StorageUnavailable, EventBus> => {
  const nextBatch = Effect.fnUntraced(function* (previous: Option.Option<Claim>) {
    const bus = yield* EventBus
    if (Option.isSome(previous)) {
      const outcomes = yield* leftToNewerRelease(options.name, previous.value)
      for (const { event } of previous.value.deliveries) outcomes.set(event.id, delivered)
      yield* bus.settle(previous.value, outcomes)
    }
    const claimed = yield* bus.claim(options.name, { limit: batchSize, lease })
    if (Option.isNone(claimed)) {
      yield* Effect.sleep(options.pollInterval)
      return [[], Option.some(Option.none<Claim>())] as const
    }
    const events = claimed.value.deliveries.map(({ event }) => event)
    return [events, Option.some(claimed)] as const
  })
  return Stream.unwrap(
    Effect.gen(function* () {
      const bus = yield* EventBus
      yield* bus.subscribe(options.name, options.from)
      return Stream.paginate(Option.none<Claim>(), nextBatch)
    })
  )
}
