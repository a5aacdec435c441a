import { expect } from "@effect/vitest"
import { EventBus } from "@hawser/core"
import { Duration, Effect } from "effect"
import { advance } from "../StoreClock.ts"
import { eventSource } from "./eventSource.ts"
import { freshTenant } from "./fixtures.ts"
import { claimSome, failed, freshSubscriber, idsOf, outcomesOf, receiveIds } from "./subscriber.ts"
import type { SuiteIt } from "./SuiteServices.ts"

const retention = Duration.hours(1)

/** What other tests left behind goes first, so that the figures that follow are this test's own. */
const sweepOthers = Effect.gen(function* () {
  const bus = yield* EventBus
  yield* advance(Duration.days(1))
  yield* bus.sweep(retention)
})

export const eventSweepSuite = (it: SuiteIt, timeout: number | undefined): void => {
  it.effect(
    "deletes what is older than the retention and nothing younger",
    Effect.fnUntraced(function* () {
      const bus = yield* EventBus
      yield* sweepOthers
      const source = yield* eventSource()
      const old = yield* source.connect
      yield* advance(Duration.minutes(50))
      expect(yield* bus.sweep(retention)).toBe(0)
      const young = yield* source.disconnect
      yield* advance(Duration.minutes(11))
      expect(yield* bus.sweep(retention)).toBe(1)
      expect(yield* bus.sweep(retention)).toBe(0)
      const kept = yield* receiveIds(yield* freshSubscriber("beginning"))
      expect(kept).toContain(young)
      expect(kept).not.toContain(old)
    }),
    timeout
  )

  it.effect(
    "keeps what a subscriber has not received, however old",
    Effect.fnUntraced(function* () {
      const bus = yield* EventBus
      yield* sweepOthers
      const [quick, slow] = [yield* freshSubscriber(), yield* freshSubscriber()]
      const source = yield* eventSource()
      const ids = [yield* source.connect, yield* source.disconnect]
      yield* receiveIds(quick)
      yield* advance(Duration.days(30))
      expect(yield* bus.sweep(retention)).toBe(0)

      // Handed out is not received.
      const claim = yield* claimSome(slow, 1)
      expect(yield* bus.sweep(retention)).toBe(0)
      yield* bus.settle(claim, outcomesOf(claim))
      expect(yield* bus.sweep(retention)).toBe(1)
      expect(yield* receiveIds(slow)).toStrictEqual(ids.slice(1))
      expect(yield* bus.sweep(retention)).toBe(1)
    }),
    timeout
  )

  it.effect(
    "keeps what waits for a retry, and what waits behind it",
    Effect.fnUntraced(function* () {
      const bus = yield* EventBus
      yield* sweepOthers
      const subscriber = yield* freshSubscriber()
      const source = yield* eventSource()
      const first = yield* source.connect
      const claim = yield* claimSome(subscriber)
      yield* bus.settle(claim, outcomesOf(claim, [[first, failed(Duration.days(2))]]))
      const second = yield* source.disconnect
      const behind = yield* claimSome(subscriber)
      expect(idsOf(behind)).toStrictEqual([])
      expect(behind.blocked).toStrictEqual([second])
      yield* bus.settle(behind, outcomesOf(behind))
      yield* advance(Duration.days(1))
      expect(yield* bus.sweep(retention)).toBe(0)
      yield* advance(Duration.days(2))
      expect(yield* receiveIds(subscriber)).toStrictEqual([first, second])
      expect(yield* bus.sweep(retention)).toBe(2)
    }),
    timeout
  )

  it.effect(
    "a subscriber keeps nothing from the sweep that was there before it began with now",
    Effect.fnUntraced(function* () {
      const bus = yield* EventBus
      yield* sweepOthers
      yield* (yield* eventSource()).connect
      yield* freshSubscriber("now")
      yield* advance(Duration.hours(2))
      expect(yield* bus.sweep(retention)).toBe(1)
    }),
    timeout
  )

  it.effect(
    "an ended subscriber keeps nothing from the sweep",
    Effect.fnUntraced(function* () {
      const bus = yield* EventBus
      yield* sweepOthers
      const subscriber = yield* freshSubscriber()
      yield* (yield* eventSource()).connect
      yield* advance(Duration.hours(2))
      expect(yield* bus.sweep(retention)).toBe(0)
      yield* bus.unsubscribe(subscriber)
      expect(yield* bus.sweep(retention)).toBe(1)
    }),
    timeout
  )

  it.effect(
    "sweeps what was received, though an event of another integration waits for a retry",
    Effect.fnUntraced(function* () {
      const bus = yield* EventBus
      yield* sweepOthers
      const subscriber = yield* freshSubscriber()
      const tenantId = yield* freshTenant
      const waiting = yield* (yield* eventSource(tenantId)).connect
      yield* (yield* eventSource(tenantId, "second")).connect
      const claim = yield* claimSome(subscriber)
      yield* bus.settle(claim, outcomesOf(claim, [[waiting, failed(Duration.days(2))]]))
      yield* advance(Duration.hours(2))
      expect(yield* bus.sweep(retention)).toBe(1)
      expect(yield* receiveIds(yield* freshSubscriber("beginning"))).toStrictEqual([waiting])
      yield* advance(Duration.days(2))
      expect(yield* receiveIds(subscriber)).toStrictEqual([waiting])
    }),
    timeout
  )
}
