import { type Claim, EventBus, type EventId, type Outcome } from "@hawser/core"
import { Duration, Effect, Option } from "effect"

export const lease = Duration.seconds(60)

export const claim = (subscriber: string, limit = 100) =>
  Effect.flatMap(EventBus, (bus) => bus.claim(subscriber, { limit, lease }))

export const idsOf = ({ deliveries }: Claim): ReadonlyArray<EventId> =>
  deliveries.map(({ event }) => event.id)

export const allDelivered = ({ deliveries }: Claim): ReadonlyMap<EventId, Outcome> =>
  new Map(deliveries.map(({ event }) => [event.id, { _tag: "Delivered" }]))

/** Claims and settles until nothing is left; answers the batches. */
export const drain = Effect.fnUntraced(function* (subscriber: string, limit: number = 100) {
  const bus: EventBus["Service"] = yield* EventBus
  const batches: Array<ReadonlyArray<EventId>> = []
  for (;;) {
    const claimed = yield* claim(subscriber, limit)
    if (Option.isNone(claimed)) return batches
    batches.push(idsOf(claimed.value))
    yield* bus.settle(claimed.value, allDelivered(claimed.value))
  }
})
