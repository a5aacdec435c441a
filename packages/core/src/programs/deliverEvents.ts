import { Clock, Duration, Effect, Option, Stream } from "effect"
import type { StorageUnavailable } from "../domain/Errors.ts"
import type { EventName, IntegrationEvent } from "../domain/Event.ts"
import type { EventId, IntegrationId } from "../domain/Ids.ts"
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
/** How long one call of a handler may take; together with `startWithin` it stays within the lease. */
const handlerTimeout = Duration.seconds(25)
/** After this, a batch starts no further handler: what is left waits for the next batch. */
const startWithin = Duration.seconds(30)
const longestRetryDelay = Duration.hours(1)

/** 1 s, 2 s, 4 s … 1 h: a handler that fails is asked again without limit, so that no event is lost. */
const retryDelay = (attempt: number): Duration.Duration =>
  Duration.min(Duration.seconds(2 ** Math.min(attempt - 1, 12)), longestRetryDelay)

const delivered: Outcome = { _tag: "Delivered" }
const deferred: Outcome = { _tag: "Deferred" }

/**
 * Delivers one batch to a subscriber. True where there was one, so that the caller may ask for the next at once.
 *
 * A failing event is tried again later and holds back the later events of its own integration, of no other.
 */
export const deliverBatch = Effect.fn("Hawser.deliverBatch")(function* <E, R>(
  subscription: Subscription<E, R>
): Effect.fn.Return<boolean, StorageUnavailable, EventBus | R> {
  const bus = yield* EventBus
  const claimed = yield* bus.claim(subscription.name, { limit: batchSize, lease })
  if (Option.isNone(claimed)) return false
  const claim = claimed.value

  const startedAt = yield* Clock.currentTimeMillis
  const outcomes = new Map<EventId, Outcome>()
  const heldBack = new Set<IntegrationId>()
  for (const delivery of claim.deliveries) {
    const late = (yield* Clock.currentTimeMillis) - startedAt > Duration.toMillis(startWithin)
    const outcome =
      late || heldBack.has(delivery.integrationId)
        ? deferred
        : yield* attempt(subscription, delivery)
    if (outcome._tag !== "Delivered") heldBack.add(delivery.integrationId)
    outcomes.set(delivery.event.id, outcome)
  }
  yield* bus.settle(claim, outcomes)
  return true
})

const attempt = Effect.fnUntraced(function* <E, R>(
  subscription: Subscription<E, R>,
  { attempt, event }: Delivery
): Effect.fn.Return<Outcome, never, R> {
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
