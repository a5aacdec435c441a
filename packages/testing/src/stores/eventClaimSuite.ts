import { expect } from "@effect/vitest"
import { EventBus } from "@hawser/core"
import { Duration, Effect, Option } from "effect"
import { advance } from "../StoreClock.ts"
import { eventSource } from "./eventSource.ts"
import { inParallel, times } from "./inParallel.ts"
import {
  claimSome,
  failed,
  freshSubscriber,
  idsOf,
  lease,
  outcomesOf,
  receiveAll,
  receiveIds
} from "./subscriber.ts"
import type { SuiteIt } from "./SuiteServices.ts"

export const eventClaimSuite = (it: SuiteIt, timeout: number | undefined): void => {
  it.effect(
    "gives no batch where there is nothing",
    Effect.fnUntraced(function* () {
      const bus = yield* EventBus
      const subscriber = yield* freshSubscriber()
      expect(Option.isNone(yield* bus.claim(subscriber, { limit: 10, lease }))).toBe(true)
      // Asking in vain takes no lease.
      const id = yield* (yield* eventSource()).connect
      expect(yield* receiveIds(subscriber)).toStrictEqual([id])
    }),
    timeout
  )

  it.effect(
    "gives at most as many as were asked for, and goes on after them",
    Effect.fnUntraced(function* () {
      const bus = yield* EventBus
      const subscriber = yield* freshSubscriber()
      const source = yield* eventSource()
      const ids = [
        yield* source.connect,
        yield* source.disconnect,
        yield* source.connect,
        yield* source.disconnect,
        yield* source.connect
      ]
      for (const expected of [ids.slice(0, 2), ids.slice(2, 4), ids.slice(4)]) {
        const claim = yield* claimSome(subscriber, 2)
        expect(claim.subscriber).toBe(subscriber)
        expect(idsOf(claim)).toStrictEqual(expected)
        expect(claim.blocked).toStrictEqual([])
        expect(yield* bus.settle(claim, outcomesOf(claim))).toBe(true)
      }
      expect(Option.isNone(yield* bus.claim(subscriber, { limit: 2, lease }))).toBe(true)
    }),
    timeout
  )

  it.effect(
    "20 racing workers: exactly one holds the subscriber",
    Effect.fnUntraced(function* () {
      const bus = yield* EventBus
      const subscriber = yield* freshSubscriber()
      const id = yield* (yield* eventSource()).connect
      const { failed, succeeded } = yield* inParallel(
        times(20, () => bus.claim(subscriber, { limit: 10, lease }))
      )
      expect(failed).toStrictEqual([])
      expect(succeeded.flatMap(Option.toArray).map(idsOf)).toStrictEqual([[id]])
    }),
    timeout
  )

  it.effect(
    "a worker holds the subscriber for the lease, and another takes over after",
    Effect.fnUntraced(function* () {
      const bus = yield* EventBus
      const subscriber = yield* freshSubscriber()
      const id = yield* (yield* eventSource()).connect
      yield* claimSome(subscriber)
      yield* advance(Duration.seconds(30))
      expect(Option.isNone(yield* bus.claim(subscriber, { limit: 10, lease }))).toBe(true)
      yield* advance(Duration.seconds(31))
      expect(idsOf(yield* claimSome(subscriber))).toStrictEqual([id])
    }),
    timeout
  )

  it.effect(
    "delivers again what a lost worker held, as the same attempt, and what it says later counts for nothing",
    Effect.fnUntraced(function* () {
      const bus = yield* EventBus
      const subscriber = yield* freshSubscriber()
      const source = yield* eventSource()
      const [first, second] = [yield* source.connect, yield* source.disconnect]
      const lost = yield* claimSome(subscriber)
      yield* advance(Duration.seconds(61))
      const takenOver = yield* claimSome(subscriber)
      expect(idsOf(takenOver)).toStrictEqual([first, second])
      expect(takenOver.deliveries.map(({ attempt }) => attempt)).toStrictEqual([1, 1])
      expect(takenOver.fence).not.toBe(lost.fence)

      expect(
        yield* bus.settle(lost, outcomesOf(lost, [[first, failed(Duration.seconds(1))]]))
      ).toBe(false)
      // Neither the cursor moved nor a retry was kept, nor did the new worker lose its lease.
      expect(Option.isNone(yield* bus.claim(subscriber, { limit: 10, lease }))).toBe(true)
      expect(
        yield* bus.settle(takenOver, outcomesOf(takenOver, [[second, failed(Duration.seconds(1))]]))
      ).toBe(true)
      yield* advance(Duration.seconds(2))
      const rest = yield* receiveAll(subscriber)
      expect(rest.map(({ attempt, event }) => [event.id, attempt])).toStrictEqual([[second, 2]])
    }),
    timeout
  )

  it.effect(
    "a batch is settled once",
    Effect.fnUntraced(function* () {
      const bus = yield* EventBus
      const subscriber = yield* freshSubscriber()
      const id = yield* (yield* eventSource()).connect
      const claim = yield* claimSome(subscriber)
      expect(yield* bus.settle(claim, outcomesOf(claim))).toBe(true)
      expect(yield* bus.settle(claim, outcomesOf(claim, [[id, failed(Duration.seconds(1))]]))).toBe(
        false
      )
      yield* advance(Duration.minutes(1))
      expect(yield* receiveIds(subscriber)).toStrictEqual([])
    }),
    timeout
  )

  it.effect(
    "settling ends the lease at once",
    Effect.fnUntraced(function* () {
      const bus = yield* EventBus
      const subscriber = yield* freshSubscriber()
      const source = yield* eventSource()
      yield* source.connect
      const claim = yield* claimSome(subscriber)
      const next = yield* source.disconnect
      yield* bus.settle(claim, outcomesOf(claim))
      expect(yield* receiveIds(subscriber)).toStrictEqual([next])
    }),
    timeout
  )

  it.effect(
    "a batch of a subscriber that ended settles nothing, even when its name lives again",
    Effect.fnUntraced(function* () {
      const bus = yield* EventBus
      const subscriber = yield* freshSubscriber()
      const source = yield* eventSource()
      const first = yield* source.connect
      const old = yield* claimSome(subscriber)
      yield* bus.unsubscribe(subscriber)
      expect(yield* bus.settle(old, outcomesOf(old, [[first, failed(Duration.seconds(1))]]))).toBe(
        false
      )
      yield* bus.subscribe(subscriber, "now")
      const second = yield* source.disconnect
      const claim = yield* claimSome(subscriber)
      expect(yield* bus.settle(old, outcomesOf(old, [[first, failed(Duration.seconds(1))]]))).toBe(
        false
      )
      expect(yield* bus.settle(claim, outcomesOf(claim))).toBe(true)
      expect(idsOf(claim)).toStrictEqual([second])
      yield* advance(Duration.minutes(1))
      expect(yield* receiveIds(subscriber)).toStrictEqual([])
    }),
    timeout
  )
}
