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
export const delivered = { _tag: "Delivered" } as const satisfies Outcome
export const deferred: Outcome = { _tag: "Deferred" }
export const failed = (retryAfter: Duration.Duration) =>
  ({ _tag: "Failed", retryAfter }) as const satisfies Outcome

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

/** Receives all there is, as a worker whose handler never fails. What it has settled must not come again. */
export const receiveAll = Effect.fnUntraced(function* (subscriber: string, limit: number = 100) {
  const bus = yield* EventBus
  const received: Array<Delivery> = []
  while (true) {
    const claimed = yield* bus.claim(subscriber, { limit, lease })
    if (Option.isNone(claimed)) return received
    const claim = claimed.value
    expect(
      claim.deliveries.length + claim.blocked.length,
      "a batch holds something"
    ).toBeGreaterThan(0)
    expect(claim.deliveries.length).toBeLessThanOrEqual(limit)
    const before = received.map(({ event }) => event.id)
    expect(before.filter((id) => idsOf(claim).includes(id))).toStrictEqual([])
    received.push(...claim.deliveries)
    expect(yield* bus.settle(claim, outcomesOf(claim))).toBe(true)
  }
})

/** The ids of all there is to receive, in order. */
export const receiveIds = (subscriber: string) =>
  Effect.map(receiveAll(subscriber), (deliveries) => deliveries.map(({ event }) => event.id))

/** All there is to receive, each without its instant, which must be one of whole seconds. */
export const receiveEvents = (subscriber: string) =>
  Effect.map(receiveAll(subscriber), (deliveries) =>
    deliveries.map(({ event: { timestamp, ...event } }) => {
      expect(timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
      return event
    })
  )
