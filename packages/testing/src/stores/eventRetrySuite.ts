import { expect } from "@effect/vitest"
import { type Claim, EventBus } from "@hawser/core"
import { Duration, Effect, Option } from "effect"
import { advance } from "../StoreClock.ts"
import { eventSource } from "./eventSource.ts"
import { freshTenant } from "./fixtures.ts"
import {
  claimSome,
  deferred,
  delivered,
  failed,
  freshSubscriber,
  idsOf,
  lease,
  outcomesOf,
  receiveAll,
  receiveIds
} from "./subscriber.ts"
import type { SuiteIt } from "./SuiteServices.ts"

const attempts = (deliveries: Claim["deliveries"]) =>
  deliveries.map(({ attempt, event }) => [event.id, attempt])

export const eventRetrySuite = (it: SuiteIt, timeout: number | undefined): void => {
  it.effect(
    "gives an event that failed again when its time has come, and counts the attempts",
    Effect.fnUntraced(function* () {
      const bus = yield* EventBus
      const subscriber = yield* freshSubscriber()
      const id = yield* (yield* eventSource()).connect
      for (const attempt of [1, 2, 3]) {
        const claim = yield* claimSome(subscriber)
        expect(attempts(claim.deliveries)).toStrictEqual([[id, attempt]])
        expect(
          yield* bus.settle(claim, outcomesOf(claim, [[id, failed(Duration.minutes(10))]]))
        ).toBe(true)
        yield* advance(Duration.minutes(9))
        expect(Option.isNone(yield* bus.claim(subscriber, { limit: 10, lease }))).toBe(true)
        yield* advance(Duration.seconds(61))
      }
      expect(attempts(yield* receiveAll(subscriber))).toStrictEqual([[id, 4]])
      yield* advance(Duration.hours(1))
      expect(yield* receiveIds(subscriber)).toStrictEqual([])
    }),
    timeout
  )

  it.effect(
    "gives what was postponed again when its time has come, as the same attempt",
    Effect.fnUntraced(function* () {
      const bus = yield* EventBus
      const subscriber = yield* freshSubscriber()
      const source = yield* eventSource()
      const [first, second] = [yield* source.connect, yield* source.disconnect]
      const claim = yield* claimSome(subscriber)
      const postponed = { _tag: "Postponed", retryAfter: Duration.minutes(10) } as const
      expect(yield* bus.settle(claim, new Map([[first, postponed]]))).toBe(true)
      expect(Option.isNone(yield* bus.claim(subscriber, { limit: 10, lease }))).toBe(true)
      yield* advance(Duration.seconds(601))
      expect(attempts(yield* receiveAll(subscriber))).toStrictEqual([
        [first, 1],
        [second, 1]
      ])
    }),
    timeout
  )

  it.effect(
    "what was under way is concluded by its attempt, and what waits behind it comes with it",
    Effect.fnUntraced(function* () {
      const bus = yield* EventBus
      const subscriber = yield* freshSubscriber()
      const source = yield* eventSource()
      const [first, second] = [yield* source.connect, yield* source.disconnect]
      const other = yield* (yield* eventSource()).connect
      const claim = yield* claimSome(subscriber)
      const underWay = failed(Duration.hours(1))
      const outcomes = new Map([
        [first, underWay],
        [other, underWay]
      ])
      expect(yield* bus.settle(claim, outcomes)).toBe(true)
      const [delivery] = claim.deliveries
      if (delivery === undefined) expect.fail("nothing was claimed")
      const wrong = { ...delivery, attempt: 2 }
      expect(yield* bus.conclude(subscriber, wrong, delivered)).toBe(false)
      expect(Option.isNone(yield* bus.claim(subscriber, { limit: 10, lease }))).toBe(true)

      const again = failed(Duration.minutes(10))
      expect(yield* bus.conclude(subscriber, delivery, again)).toBe(true)
      expect(Option.isNone(yield* bus.claim(subscriber, { limit: 10, lease }))).toBe(true)
      yield* advance(Duration.seconds(601))
      const retried = yield* claimSome(subscriber)
      expect(attempts(retried.deliveries)).toStrictEqual([
        [first, 2],
        [second, 1]
      ])
      expect(yield* bus.settle(retried, new Map([[first, underWay]]))).toBe(true)
      // What the first worker says later counts for nothing: another has taken it up.
      expect(yield* bus.conclude(subscriber, delivery, delivered)).toBe(false)

      const [takenUp] = retried.deliveries
      if (takenUp === undefined) expect.fail("nothing was claimed")
      expect(yield* bus.conclude(subscriber, takenUp, delivered)).toBe(true)
      expect(yield* bus.conclude(subscriber, takenUp, delivered)).toBe(false)
      expect(yield* receiveIds(subscriber)).toStrictEqual([second])
    }),
    timeout
  )

  it.effect(
    "a failing event holds back the later events of its integration, of no other, and then they come in order",
    Effect.fnUntraced(function* () {
      const bus = yield* EventBus
      const subscriber = yield* freshSubscriber()
      const tenantId = yield* freshTenant
      const [failing, healthy] = [
        yield* eventSource(tenantId),
        yield* eventSource(tenantId, "second")
      ]
      const first = yield* failing.connect
      const claim = yield* claimSome(subscriber)
      yield* bus.settle(claim, outcomesOf(claim, [[first, failed(Duration.minutes(10))]]))

      const second = yield* failing.disconnect
      const other = yield* healthy.connect
      const third = yield* failing.connect
      const meanwhile = yield* claimSome(subscriber)
      expect(idsOf(meanwhile)).toStrictEqual([other])
      expect(meanwhile.blocked).toStrictEqual([second, third])
      expect(yield* bus.settle(meanwhile, outcomesOf(meanwhile))).toBe(true)
      expect(Option.isNone(yield* bus.claim(subscriber, { limit: 10, lease }))).toBe(true)

      yield* advance(Duration.seconds(601))
      const again = yield* claimSome(subscriber)
      expect(attempts(again.deliveries)).toStrictEqual([
        [first, 2],
        [second, 1],
        [third, 1]
      ])
      yield* bus.settle(
        again,
        outcomesOf(again, [
          [first, failed(Duration.minutes(10))],
          [second, deferred],
          [third, deferred]
        ])
      )
      const fourth = yield* failing.disconnect
      expect(yield* receiveIds(subscriber)).toStrictEqual([])

      yield* advance(Duration.seconds(601))
      const received = yield* receiveAll(subscriber)
      expect(attempts(received)).toStrictEqual([
        [first, 3],
        [second, 1],
        [third, 1],
        [fourth, 1]
      ])
    }),
    timeout
  )

  it.effect(
    "an integration waits behind its retry even where a batch is too small for all that is due",
    Effect.fnUntraced(function* () {
      const bus = yield* EventBus
      const subscriber = yield* freshSubscriber()
      const source = yield* eventSource()
      const ids = [yield* source.connect, yield* source.disconnect, yield* source.connect]
      const claim = yield* claimSome(subscriber)
      yield* bus.settle(claim, new Map(ids.map((id) => [id, deferred])))
      const last = yield* source.disconnect
      const received = []
      for (const _ of [...ids, last]) {
        const next = yield* claimSome(subscriber, 1)
        received.push(...idsOf(next))
        yield* bus.settle(next, outcomesOf(next))
      }
      expect(received).toStrictEqual([...ids, last])
    }),
    timeout
  )

  it.effect(
    "a retry that comes due in the middle does not overtake: what is not due blocks what is",
    Effect.fnUntraced(function* () {
      const bus = yield* EventBus
      const subscriber = yield* freshSubscriber()
      const source = yield* eventSource()
      const [first, second] = [yield* source.connect, yield* source.disconnect]
      const claim = yield* claimSome(subscriber)
      yield* bus.settle(
        claim,
        new Map([
          [first, failed(Duration.minutes(10))],
          [second, failed(Duration.minutes(1))]
        ])
      )
      yield* advance(Duration.minutes(5))
      expect(Option.isNone(yield* bus.claim(subscriber, { limit: 10, lease }))).toBe(true)
      yield* advance(Duration.seconds(301))
      expect(attempts(yield* receiveAll(subscriber))).toStrictEqual([
        [first, 2],
        [second, 2]
      ])
    }),
    timeout
  )

  it.effect(
    "a deferred delivery comes again at once, as the same attempt",
    Effect.fnUntraced(function* () {
      const bus = yield* EventBus
      const subscriber = yield* freshSubscriber()
      const id = yield* (yield* eventSource()).connect
      const claim = yield* claimSome(subscriber)
      yield* bus.settle(claim, new Map([[id, deferred]]))
      expect(attempts(yield* receiveAll(subscriber))).toStrictEqual([[id, 1]])
    }),
    timeout
  )

  it.effect(
    "a delivery without an outcome counts as deferred, and an outcome for what was not delivered as nothing",
    Effect.fnUntraced(function* () {
      const bus = yield* EventBus
      const subscriber = yield* freshSubscriber()
      const source = yield* eventSource()
      const [first, second] = [yield* source.connect, yield* source.disconnect]
      const claim = yield* claimSome(subscriber, 1)
      expect(idsOf(claim)).toStrictEqual([first])
      yield* bus.settle(claim, new Map([[second, delivered]]))
      expect(attempts(yield* receiveAll(subscriber))).toStrictEqual([
        [first, 1],
        [second, 1]
      ])
    }),
    timeout
  )

  it.effect(
    "retries of a subscriber are forgotten with it",
    Effect.fnUntraced(function* () {
      const bus = yield* EventBus
      const subscriber = yield* freshSubscriber()
      const source = yield* eventSource()
      const id = yield* source.connect
      const claim = yield* claimSome(subscriber)
      yield* bus.settle(claim, outcomesOf(claim, [[id, failed(Duration.seconds(1))]]))
      yield* bus.unsubscribe(subscriber)
      yield* bus.subscribe(subscriber, "now")
      yield* advance(Duration.minutes(1))
      const next = yield* source.disconnect
      expect(attempts(yield* receiveAll(subscriber))).toStrictEqual([[next, 1]])
    }),
    timeout
  )

  it.effect(
    "two subscribers that failed with one event retry it each for itself, and the end of one leaves the other",
    Effect.fnUntraced(function* () {
      const bus = yield* EventBus
      const [one, two] = [yield* freshSubscriber(), yield* freshSubscriber()]
      const id = yield* (yield* eventSource()).connect
      for (const subscriber of [one, two]) {
        const claim = yield* claimSome(subscriber)
        yield* bus.settle(claim, outcomesOf(claim, [[id, failed(Duration.minutes(1))]]))
      }
      yield* advance(Duration.seconds(61))
      const again = yield* claimSome(one)
      yield* bus.settle(again, outcomesOf(again, [[id, failed(Duration.minutes(1))]]))
      yield* advance(Duration.seconds(61))
      expect(attempts(yield* receiveAll(one))).toStrictEqual([[id, 3]])
      yield* bus.unsubscribe(one)
      expect(attempts(yield* receiveAll(two))).toStrictEqual([[id, 2]])
    }),
    timeout
  )

  it.effect(
    "one subscriber's failures are nothing to another",
    Effect.fnUntraced(function* () {
      const bus = yield* EventBus
      const [failing, healthy] = [yield* freshSubscriber(), yield* freshSubscriber()]
      const source = yield* eventSource()
      const first = yield* source.connect
      const claim = yield* claimSome(failing)
      yield* bus.settle(claim, outcomesOf(claim, [[first, failed(Duration.minutes(10))]]))
      const second = yield* source.disconnect
      expect(attempts(yield* receiveAll(healthy))).toStrictEqual([
        [first, 1],
        [second, 1]
      ])
      expect(yield* receiveIds(failing)).toStrictEqual([])
    }),
    timeout
  )

  it.effect(
    "retries that are due come in the order of their events, whichever of them failed last",
    Effect.fnUntraced(function* () {
      const bus = yield* EventBus
      const subscriber = yield* freshSubscriber()
      const ids = [
        yield* (yield* eventSource()).connect,
        yield* (yield* eventSource()).connect
      ] as const
      const claim = yield* claimSome(subscriber)
      yield* bus.settle(
        claim,
        new Map([
          [ids[0], failed(Duration.minutes(1))],
          [ids[1], failed(Duration.minutes(10))]
        ])
      )
      yield* advance(Duration.minutes(2))
      const again = yield* claimSome(subscriber)
      expect(idsOf(again)).toStrictEqual([ids[0]])
      yield* bus.settle(again, outcomesOf(again, [[ids[0], failed(Duration.minutes(1))]]))
      yield* advance(Duration.minutes(10))
      expect(yield* receiveIds(subscriber)).toStrictEqual(ids)
    }),
    timeout
  )
}
