import {
  Deferred,
  Duration,
  Effect,
  Fiber,
  FiberSet,
  Option,
  type Scope,
  Semaphore,
  Stream
} from "effect"
import type { StorageUnavailable } from "../domain/Errors.ts"
import type { EventName, IntegrationEvent } from "../domain/Event.ts"
import type { EventId, TenantId } from "../domain/Ids.ts"
import {
  type Claim,
  type Delivery,
  EventBus,
  type Outcome,
  type SubscribeFrom
} from "../ports/EventBus.ts"

/** A named subscriber of the host. The name is its durable identity: the same name continues where it stopped. */
export interface Subscription<E = unknown, R = never> {
  readonly name: string
  /** The events it wants. Others pass it by. */
  readonly events: ReadonlySet<EventName>
  /** Where it starts the first time. */
  readonly from: SubscribeFrom
  /** Called at least once for each event, for one integration in order. A failure means: again, later. */
  readonly handle: (event: IntegrationEvent) => Effect.Effect<void, E, R>
}

const batchSize = 100
/** How long a worker may hold a subscriber; another takes over after. */
const lease = Duration.seconds(60)
/** How long one call of a handler may take. */
const handlerTimeout = Duration.seconds(25)
/** Handlers that run at once for one subscriber, and how many of them for one tenant. */
const sideBySide = 16
const ofOneTenant = 4
/** After this, a batch is settled and the next one is looked for: whatever still runs is concluded by itself. */
const settleAfter = Duration.seconds(1)
/** When another worker takes up what runs: longer than a handler may take. */
const takenUpAfter = Duration.seconds(60)
/** When what found no room is looked at again. */
const noRoomDelay = Duration.seconds(1)
const longestRetryDelay = Duration.hours(1)

/** 1 s, 2 s, 4 s … 1 h: a handler that fails is asked again without limit, so that no event is lost. */
const retryDelay = (attempt: number): Duration.Duration =>
  Duration.min(Duration.seconds(2 ** Math.min(attempt - 1, 12)), longestRetryDelay)

const delivered = { _tag: "Delivered" } as const satisfies Outcome
const noRoom: Outcome = { _tag: "Postponed", retryAfter: noRoomDelay }
const underWay: Outcome = { _tag: "Failed", retryAfter: takenUpAfter }

/** The delivery of events to one subscriber by one process. */
export interface EventDelivery {
  /**
   * Delivers one batch. True where there was one, so that the caller may ask for the next at once. A handler that takes long
   * goes on after it.
   */
  readonly batch: Effect.Effect<boolean, StorageUnavailable>
  /** Waits for the handlers that went on. True where there were some. */
  readonly awaitHandlers: Effect.Effect<boolean>
}

/** The events of one integration, in order: one handler at a time. */
interface Line {
  readonly tenantId: TenantId
  readonly deliveries: ReadonlyArray<Delivery>
  /** What runs now. */
  current: Delivery | undefined
  isOver: boolean
}

/** Retries come behind what is new: who fails again and again waits for the others, and not they for it. */
const linesOf = (deliveries: ReadonlyArray<Delivery>): Array<Line> =>
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
 * Integrations side by side, each in order. A failing event is tried again later and holds back the later events of its own
 * integration, of no other; a tenant whose handlers hang has its share, and holds up nobody.
 *
 * The handlers end with the scope.
 */
export const makeEventDelivery = Effect.fnUntraced(function* <E, R>(
  subscription: Subscription<E, R>
): Effect.fn.Return<EventDelivery, never, EventBus | R | Scope.Scope> {
  const bus = yield* EventBus
  const context = yield* Effect.context<R>()
  const handlers = yield* FiberSet.make<void>()
  /** What is settled and what is concluded of one integration must not cross. */
  const writing = Semaphore.makeUnsafe(1)
  const running = new Map<TenantId, number>()
  let total = 0

  const enter = (tenantId: TenantId): boolean => {
    const own = running.get(tenantId) ?? 0
    if (total >= sideBySide || own >= ofOneTenant) return false
    running.set(tenantId, own + 1)
    total += 1
    return true
  }
  const leave = (tenantId: TenantId) => {
    const own = (running.get(tenantId) ?? 0) - 1
    if (own > 0) running.set(tenantId, own)
    else running.delete(tenantId)
    total -= 1
  }

  const conclude = (delivery: Delivery, outcome: ConcludingOutcome) =>
    writing.withPermit(bus.conclude(subscription.name, delivery, outcome)).pipe(
      // It is taken up again: at least once.
      Effect.catch((error) => Effect.logWarning(error.message, { eventId: delivery.event.id }))
    )

  const deliver = Effect.fnUntraced(function* (claim: Claim) {
    const outcomes = new Map<EventId, Outcome>()
    const lines = linesOf(claim.deliveries)
    const fibers: Array<Fiber.Fiber<void>> = []
    const allDone = yield* Deferred.make<void>()
    let isSettled = false

    const run = Effect.fnUntraced(function* (line: Line) {
      for (const delivery of line.deliveries) {
        if (isSettled) return
        line.current = delivery
        const outcome = yield* attempt(subscription, delivery)
        line.current = undefined
        if (isSettled) return yield* conclude(delivery, outcome)
        outcomes.set(delivery.event.id, outcome)
        if (outcome._tag !== "Delivered") return
      }
    })

    /** Begins with whatever has room. */
    const begin: Effect.Effect<void, never, R> = Effect.suspend(() => {
      if (isSettled) return Effect.void
      if (lines.every(({ isOver }) => isOver)) return Deferred.succeed(allDone, undefined)
      const next = waiting.find(({ tenantId }) => enter(tenantId))
      if (next === undefined) return Effect.void
      waiting.splice(waiting.indexOf(next), 1)
      return run(next).pipe(
        Effect.ensuring(
          Effect.suspend(() => {
            next.isOver = true
            leave(next.tenantId)
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
            outcomes.set(first.event.id, noRoom)
        }
        return bus.settle(claim, outcomes)
      })
    )

    const stop = Effect.suspend(() => Fiber.interruptAll(fibers))
    return yield* begin.pipe(
      Effect.andThen(Effect.raceFirst(Deferred.await(allDone), Effect.sleep(settleAfter))),
      Effect.andThen(settle),
      // Another worker holds the subscriber by now, and runs the same.
      Effect.tap((isOurs) => (isOurs ? Effect.void : stop)),
      Effect.onError(() => stop)
    )
  })

  const batch = Effect.gen(function* () {
    const claimed = yield* bus.claim(subscription.name, { limit: batchSize, lease })
    if (Option.isNone(claimed)) return false
    yield* deliver(claimed.value)
    return true
  }).pipe(Effect.withSpan("Hawser.deliverBatch"))

  return {
    batch: Effect.provide(batch, context),
    awaitHandlers: Effect.suspend(() =>
      total === 0 ? Effect.succeed(false) : Effect.as(FiberSet.awaitEmpty(handlers), true)
    )
  }
})

type ConcludingOutcome = Extract<Outcome, { readonly _tag: "Delivered" | "Failed" }>

const attempt = Effect.fnUntraced(function* <E, R>(
  subscription: Subscription<E, R>,
  { attempt, event }: Delivery
): Effect.fn.Return<ConcludingOutcome, never, R> {
  if (!subscription.events.has(event.event)) return delivered
  const exit = yield* subscription.handle(event).pipe(Effect.timeout(handlerTimeout), Effect.exit)
  if (exit._tag === "Success") return delivered
  // An interruption too is the handler's own: a worker that shuts down does not come this far.
  const retryAfter = retryDelay(attempt)
  yield* Effect.logWarning(
    `Subscriber ${subscription.name} failed on ${event.event}; it is asked again in ${Duration.format(retryAfter)}.`,
    { eventId: event.id, attempt },
    exit.cause
  )
  return { _tag: "Failed", retryAfter }
})

/**
 * The same events as a stream, for hosts with Effect: an array of events counts as received once the next is pulled.
 * A stream that ends before that receives them again the next time.
 */
export const eventStream = (options: {
  readonly name: string
  readonly from: SubscribeFrom
  readonly pollInterval: Duration.Duration
}): Stream.Stream<IntegrationEvent, StorageUnavailable, EventBus> => {
  const nextBatch = Effect.fnUntraced(function* (previous: Option.Option<Claim>) {
    const bus = yield* EventBus
    if (Option.isSome(previous)) {
      const all = new Map(previous.value.deliveries.map(({ event }) => [event.id, delivered]))
      yield* bus.settle(previous.value, all)
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
