import { expect } from "@effect/vitest"
import { ConnectionStore, EventBus, Maintenance, OAuthStateStore, type Written } from "@hawser/core"
import { Duration, Effect, Schedule } from "effect"
import { advance } from "../StoreClock.ts"
import { eventSource } from "./eventSource.ts"
import {
  connectCommand,
  disconnectCommand,
  freshTenant,
  github,
  keyOf,
  newFlow,
  newGrant,
  withGrant
} from "./fixtures.ts"
import { connectedGrant } from "./grants.ts"
import type { SuiteIt } from "./SuiteServices.ts"
import {
  claimSome,
  failed,
  freshSubscriber,
  idsOf,
  lease,
  outcomesOf,
  receiveIds
} from "./subscriber.ts"

/** What is due, once no transaction of anybody's holds back an event any more. */
const next = Effect.fnUntraced(function* (...subscribers: ReadonlyArray<string>) {
  const maintenance = yield* Maintenance
  return yield* maintenance
    .dueTimes({
      subscribers,
      eventRetention: Duration.days(7),
      unusedCredentialRetention: Duration.days(30)
    })
    .pipe(
      Effect.flatMap((times) =>
        times.awaitsCommit ? Effect.fail("held back") : Effect.succeed(times)
      ),
      Effect.retry(Schedule.spaced("5 millis"))
    )
})

const seconds = (duration: Duration.Duration | undefined): number =>
  duration === undefined ? Infinity : Duration.toSeconds(duration)

const minutes10 = 600

const expectWithin = (duration: Duration.Duration | undefined, limit: number) => {
  expect(seconds(duration)).toBeGreaterThan(0)
  expect(seconds(duration)).toBeLessThanOrEqual(limit)
}

/** What `Maintenance` promises of the work that is due. */
export const dueWorkSuite = (it: SuiteIt, timeout: number | undefined): void => {
  it.effect(
    "a subscriber is due while there is something for it, later while it is held, and when a retry is",
    Effect.fnUntraced(function* () {
      const bus = yield* EventBus
      const subscriber = yield* freshSubscriber()
      const other = yield* freshSubscriber()
      const source = yield* eventSource()
      const dueIn = Effect.map(next(subscriber), ({ deliverers }) => deliverers.get(subscriber))
      expect(yield* dueIn).toBeUndefined()

      const id = yield* source.connect
      expect(seconds(yield* dueIn)).toBe(0)
      const claim = yield* claimSome(subscriber)
      expectWithin(yield* dueIn, Duration.toSeconds(lease))

      const retried = failed(Duration.seconds(minutes10))
      yield* bus.settle(claim, outcomesOf(claim, [[id, retried]]))
      expectWithin(yield* dueIn, minutes10)
      yield* advance(retried.retryAfter)
      expect(seconds(yield* dueIn)).toBe(0)

      expect(yield* receiveIds(subscriber)).toStrictEqual([id])
      expect(yield* dueIn).toBeUndefined()
      // Each is asked for by its name alone.
      expect([...(yield* next(other)).deliverers.keys()]).toStrictEqual([other])
      expect([...(yield* next()).deliverers.keys()]).toStrictEqual([])
    }),
    timeout
  )

  it.effect(
    "the keeper is due with the first grant",
    Effect.fnUntraced(function* () {
      const maintenance = yield* Maintenance
      yield* advance(Duration.days(1))
      yield* maintenance.claimDueGrants({ limit: 1_000_000, hold: Duration.days(10_000) })
      yield* connectedGrant({ dueIn: 2 * minutes10 })
      yield* connectedGrant({ dueIn: minutes10 })
      expectWithin((yield* next()).keeper, minutes10)
      yield* advance(Duration.seconds(minutes10))
      expect(seconds((yield* next()).keeper)).toBe(0)
    }),
    timeout
  )

  it.effect(
    "the revoker is due with the first revocation that is not given up",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const maintenance = yield* Maintenance
      const hold = Duration.hours(23)
      yield* maintenance.claimRevocations({ limit: 1_000_000, hold })
      const key = keyOf(yield* freshTenant, github)
      yield* connections.connect(yield* connectCommand(key, withGrant(yield* newGrant())))
      yield* connections.disconnect(yield* disconnectCommand(key))
      expect(seconds((yield* next()).revoker)).toBe(0)
      yield* maintenance.claimRevocations({ limit: 1_000_000, hold: Duration.seconds(minutes10) })
      expectWithin((yield* next()).revoker, minutes10)
      yield* advance(Duration.hours(25))
      expect((yield* next()).revoker).toBeUndefined()
      // It is given up instead.
      expect(seconds((yield* next()).sweeper)).toBe(0)
    }),
    timeout
  )

  it.effect(
    "the sweeper is due when something expires",
    Effect.fnUntraced(function* () {
      const flows = yield* OAuthStateStore
      yield* flows.start(newFlow(yield* freshTenant), {
        lifetime: Duration.seconds(minutes10),
        limits: { perUser: 1, perTenant: 1 }
      })
      expect(seconds((yield* next()).sweeper)).toBeLessThanOrEqual(minutes10)
      yield* advance(Duration.seconds(minutes10))
      expect(seconds((yield* next()).sweeper)).toBe(0)
    }),
    timeout
  )

  it.effect(
    "a listener hears of work, and of a changed instant, until its scope ends",
    Effect.fnUntraced(function* () {
      const bus = yield* EventBus
      const maintenance = yield* Maintenance
      const heard: Array<Written> = []
      const subscriber = yield* freshSubscriber()
      const source = yield* eventSource()
      const listening = Effect.gen(function* () {
        yield* maintenance.listen((written) => heard.push(written))
        heard.length = 0
        yield* source.connect
        expect(heard).toContain("work")
        const claim = yield* claimSome(subscriber)
        heard.length = 0
        const outcomes = idsOf(claim).map((id) => [id, failed(Duration.minutes(1))] as const)
        yield* bus.settle(claim, new Map(outcomes))
        expect(new Set(heard)).toStrictEqual(new Set(["times"]))
      })
      yield* Effect.scoped(listening)
      heard.length = 0
      yield* source.disconnect
      expect(heard).toStrictEqual([])
    }),
    timeout
  )
}
