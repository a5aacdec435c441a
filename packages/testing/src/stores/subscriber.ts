import { expect } from "@effect/vitest"
import {
  type Claim,
  type Delivery,
  EventBus,
  type EventId,
  type Outcome,
  type SubscribeFrom
} from "@hawser/core"
import { Duration, Effect, Option } from "effect"

export const lease = Duration.seconds(60)
export const delivered: Outcome = { _tag: "Delivered" }
export const deferred: Outcome = { _tag: "Deferred" }
export const failed = (retryAfter: Duration.Duration): Outcome => ({ _tag: "Failed", retryAfter })

/** A subscriber of the test's own. It ends with the test: one left behind would keep every later event from the sweep. */
export const freshSubscriber = Effect.fnUntraced(function* (from: SubscribeFrom = "now") {
  const bus = yield* EventBus
  const name = `subscriber-${crypto.randomUUID()}`
  yield* Effect.acquireRelease(bus.subscribe(name, from), () => Effect.orDie(bus.unsubscribe(name)))
  return name
})

/** The claim that must be there. */
export const claimSome = Effect.fnUntraced(function* (subscriber: string, limit: number = 100) {
  const bus = yield* EventBus
  const claim = yield* bus.claim(subscriber, { limit, lease })
  expect(Option.isSome(claim), `${subscriber} gets a batch`).toBe(true)
  return Option.getOrThrow(claim)
})

export const idsOf = (claim: Claim): ReadonlyArray<EventId> =>
  claim.deliveries.map(({ event }) => event.id)

/** The outcomes of a whole batch: delivered, except those named. */
export const outcomesOf = (claim: Claim, except: ReadonlyArray<readonly [EventId, Outcome]> = []) =>
  new Map<EventId, Outcome>([...idsOf(claim).map((id) => [id, delivered] as const), ...except])

/** Receives all there is, as a worker whose handler never fails. */
export const receiveAll = Effect.fnUntraced(function* (subscriber: string) {
  const bus = yield* EventBus
  const received: Array<Delivery> = []
  while (true) {
    const claim = yield* bus.claim(subscriber, { limit: 100, lease })
    if (Option.isNone(claim)) return received
    received.push(...claim.value.deliveries)
    expect(yield* bus.settle(claim.value, outcomesOf(claim.value))).toBe(true)
  }
})

/** The ids of all there is to receive, in order. */
export const receiveIds = (subscriber: string) =>
  Effect.map(receiveAll(subscriber), (deliveries) => deliveries.map(({ event }) => event.id))
