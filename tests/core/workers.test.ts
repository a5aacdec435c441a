import { assert, describe, it } from "@effect/vitest"
import { Deferred, Duration, Effect, Exit, Fiber, Layer, Queue, Scope } from "effect"
import { TestClock } from "effect/testing"
import {
  CredentialStore,
  EventBus,
  newCredentialId,
  OAuthStateStore,
  ProviderId,
  type Sealed,
  StorageUnavailable,
  type Subscription,
  TenantId,
  UserId,
  type WorkerOptions,
  Workers
} from "@hawser/core"
import {
  eventStores,
  named,
  recordChanges,
  recordConnected,
  recordDisconnected,
  subscription
} from "./support/events.ts"

const down = Effect.fail(new StorageUnavailable({ cause: "down" }))

const options: WorkerOptions = {
  mode: "in-process",
  pollInterval: Duration.seconds(5),
  sweepInterval: Duration.minutes(10),
  eventRetention: Duration.days(7)
}

/** Workers with a life of their own within the test, over stores that the test may change. */
const startWorkers = Effect.fnUntraced(function* (
  changes: Partial<WorkerOptions> = {},
  stores: {
    readonly bus?: Partial<EventBus["Service"]>
    readonly flows?: Partial<OAuthStateStore["Service"]>
  } = {}
) {
  const bus = { ...(yield* EventBus), ...stores.bus }
  const flows = { ...(yield* OAuthStateStore), ...stores.flows }
  const scope = yield* Scope.make()
  const context = yield* Layer.buildWithScope(
    Workers.layer({ ...options, ...changes }).pipe(
      Layer.provide([Layer.succeed(EventBus, bus), Layer.succeed(OAuthStateStore, flows)])
    ),
    scope
  )
  const workers = yield* Effect.provide(Workers, Layer.succeedContext(context))
  return { ...workers, end: Scope.close(scope, Exit.void) }
})

/** A subscriber whose deliveries a test can wait for. */
const waiting = Effect.fnUntraced(function* (changes: Partial<Subscription> = {}) {
  const deliveries = yield* Queue.unbounded<string>()
  return {
    /** The next delivery: waits until it is there. */
    next: Queue.take(deliveries),
    /** What came and was not looked at. */
    rest: Queue.clear(deliveries),
    subscriber: subscription<unknown>(
      (event) => Effect.sync(() => Queue.offerUnsafe(deliveries, named(event))),
      changes
    )
  }
})

/** Lets fibres that have work do it, without time passing. */
const settled = TestClock.adjust(0)

describe("workers in process", () => {
  it.effect("deliver what is there as soon as a subscriber registers", () =>
    Effect.gen(function* () {
      yield* recordChanges("a", 2)
      const workers = yield* startWorkers()
      const { next, subscriber } = yield* waiting()
      yield* workers.register(subscriber)
      assert.deepStrictEqual([yield* next, yield* next], ["a connected", "a disconnected"])
      yield* workers.end
    }).pipe(Effect.provide(eventStores()))
  )

  it.effect("start where the subscriber says the first time, and after where it stopped", () =>
    Effect.gen(function* () {
      yield* recordConnected("a")
      const { next, rest, subscriber } = yield* waiting({ from: "now" })
      const workers = yield* startWorkers()
      yield* workers.register(subscriber)
      yield* settled
      assert.deepStrictEqual(yield* rest, [])
      yield* recordDisconnected("a")
      yield* workers.wake
      assert.strictEqual(yield* next, "a disconnected")
      yield* workers.end

      yield* recordConnected("a")
      const restarted = yield* startWorkers()
      yield* restarted.register(subscriber)
      assert.strictEqual(yield* next, "a connected")
      yield* restarted.end
    }).pipe(Effect.provide(eventStores()))
  )

  it.effect("go on after a defect in one look", () =>
    Effect.gen(function* () {
      yield* recordConnected("a")
      const { claim } = yield* EventBus
      let looks = 0
      const workers = yield* startWorkers(
        {},
        { bus: { claim: (...look) => (looks++ === 0 ? Effect.die("a bug") : claim(...look)) } }
      )
      const { next, subscriber } = yield* waiting()
      yield* workers.register(subscriber)
      yield* settled
      assert.strictEqual(looks, 1)
      yield* TestClock.adjust("5 seconds")
      assert.strictEqual(yield* next, "a connected")
      yield* workers.end
    }).pipe(Effect.provide(eventStores()))
  )

  it.effect("look again after the poll interval, and at once when woken", () =>
    Effect.gen(function* () {
      const workers = yield* startWorkers()
      const first = yield* waiting({ name: "first" })
      const second = yield* waiting({ name: "second" })
      yield* workers.register(first.subscriber)
      yield* workers.register(second.subscriber)
      yield* settled

      yield* recordConnected("a")
      yield* TestClock.adjust(Duration.millis(4_999))
      assert.deepStrictEqual(yield* first.rest, [])
      yield* TestClock.adjust("1 milli")
      assert.deepStrictEqual(
        [yield* first.next, yield* second.next],
        ["a connected", "a connected"]
      )

      yield* recordDisconnected("a")
      yield* workers.wake
      yield* workers.wake
      assert.deepStrictEqual(
        [yield* first.next, yield* second.next],
        ["a disconnected", "a disconnected"]
      )
      yield* settled
      assert.deepStrictEqual([yield* first.rest, yield* second.rest], [[], []])
      yield* workers.end
    }).pipe(Effect.provide(eventStores()))
  )

  it.effect("ask a handler that fails again, and go on with others meanwhile", () =>
    Effect.gen(function* () {
      let failures = 2
      const { next, rest, subscriber } = yield* waiting()
      const workers = yield* startWorkers({ pollInterval: Duration.millis(100) })
      yield* workers.register({
        ...subscriber,
        handle: (delivered) =>
          Effect.andThen(
            subscriber.handle(delivered),
            Effect.suspend(() =>
              delivered.event.tenantId === "a" && failures-- > 0 ? Effect.fail("no") : Effect.void
            )
          )
      })
      yield* recordConnected("a")
      yield* recordConnected("b")
      yield* recordDisconnected("a")
      yield* TestClock.adjust("100 millis")
      assert.deepStrictEqual([yield* next, yield* next], ["a connected", "b connected"])
      yield* TestClock.adjust("10 seconds")
      assert.deepStrictEqual(yield* rest, ["a connected", "a connected", "a disconnected"])
      yield* workers.end
    }).pipe(Effect.provide(eventStores()))
  )

  const ends: ReadonlyArray<readonly [string, Effect.Effect<never, unknown>]> = [
    ["fails", Effect.fail("no")],
    ["dies", Effect.die("no")],
    ["interrupts itself", Effect.interrupt]
  ]
  for (const [name, end] of ends) {
    it.effect(`outlive a handler that ${name}`, () =>
      Effect.gen(function* () {
        const { next, subscriber } = yield* waiting()
        const workers = yield* startWorkers()
        let isFirst = true
        yield* workers.register({
          ...subscriber,
          handle: (event) =>
            Effect.andThen(
              subscriber.handle(event),
              Effect.suspend(() => {
                if (!isFirst) return Effect.void
                isFirst = false
                return end
              })
            )
        })
        yield* recordConnected("a")
        yield* workers.wake
        assert.strictEqual(yield* next, "a connected")
        yield* TestClock.adjust("10 seconds")
        assert.strictEqual(yield* next, "a connected")
        yield* recordConnected("b")
        yield* workers.wake
        assert.strictEqual(yield* next, "b connected")
        yield* workers.end
      }).pipe(Effect.provide(eventStores()))
    )
  }

  it.effect("wait for a store that went away, ever longer but never above 30 seconds", () =>
    Effect.gen(function* () {
      const asked: Array<number> = []
      let isDown = true
      const bus = yield* EventBus
      const workers = yield* startWorkers(
        {},
        {
          bus: {
            claim: (...parameters) =>
              Effect.clockWith((clock) => {
                asked.push(clock.currentTimeMillisUnsafe())
                return isDown ? down : bus.claim(...parameters)
              })
          }
        }
      )
      const { next, subscriber } = yield* waiting()
      yield* recordConnected("a")
      yield* workers.register(subscriber)
      yield* TestClock.adjust("95 seconds")
      const waits = asked.slice(1).map((at, index) => at - (asked[index] ?? 0))
      assert.deepStrictEqual(waits, [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000])
      isDown = false
      yield* TestClock.adjust("30 seconds")
      assert.strictEqual(yield* next, "a connected")
      yield* workers.end
    }).pipe(Effect.provide(eventStores()))
  )

  it.effect("S-04 sweep at once and then at each interval, though one sweep fails", () =>
    Effect.gen(function* () {
      const swept: Array<string> = []
      let isDown = false
      const workers = yield* startWorkers(
        {},
        {
          flows: {
            sweep: Effect.suspend(() => {
              swept.push("flows")
              return isDown ? down : Effect.succeed(0)
            })
          },
          bus: {
            sweep: (retention) =>
              Effect.sync(() => swept.push(`events of ${Duration.format(retention)}`))
          }
        }
      )
      const news = () => swept.splice(0)
      yield* settled
      assert.deepStrictEqual(news(), ["flows", "events of 7d"])
      yield* TestClock.adjust(Duration.millis(599_999))
      assert.deepStrictEqual(news(), [])
      yield* TestClock.adjust("1 milli")
      assert.deepStrictEqual(news(), ["flows", "events of 7d"])
      isDown = true
      yield* TestClock.adjust("10 minutes")
      // What follows it is done all the same.
      assert.deepStrictEqual(news(), ["flows", "events of 7d"])
      isDown = false
      yield* TestClock.adjust("500 millis")
      assert.deepStrictEqual(news(), ["flows", "events of 7d"])
      yield* workers.end
    }).pipe(Effect.provide(eventStores()))
  )

  it.effect("end with their scope: a handler has 15 seconds, and nothing is delivered after", () =>
    Effect.gen(function* () {
      const entered = yield* Deferred.make<void>()
      const interrupted = yield* Deferred.make<void>()
      const { next, rest, subscriber } = yield* waiting()
      const workers = yield* startWorkers()
      yield* workers.register({
        ...subscriber,
        handle: () =>
          Deferred.succeed(entered, undefined).pipe(
            Effect.andThen(Effect.never),
            Effect.onInterrupt(() => Deferred.succeed(interrupted, undefined))
          )
      })
      yield* recordConnected("a")
      yield* workers.wake
      yield* Deferred.await(entered)
      const closing = yield* Effect.forkChild(workers.end)
      yield* TestClock.adjust(Duration.millis(14_999))
      assert.isFalse(yield* Deferred.isDone(interrupted))
      yield* TestClock.adjust("1 milli")
      yield* Fiber.join(closing)
      assert.isTrue(yield* Deferred.isDone(interrupted))

      yield* recordDisconnected("a")
      yield* workers.wake
      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual(yield* rest, [])

      // It was interrupted and had not failed: both events come to whoever is there next.
      const restarted = yield* startWorkers()
      yield* restarted.register(subscriber)
      assert.deepStrictEqual([yield* next, yield* next], ["a connected", "a disconnected"])
      yield* restarted.end
    }).pipe(Effect.provide(eventStores()))
  )

  it.effect("refuse a subscriber whose cursor cannot be made", () =>
    Effect.gen(function* () {
      const workers = yield* startWorkers({}, { bus: { subscribe: () => down } })
      const { rest, subscriber } = yield* waiting()
      yield* recordConnected("a")
      assert.instanceOf(yield* Effect.flip(workers.register(subscriber)), StorageUnavailable)
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(yield* rest, [])
      yield* workers.end
    }).pipe(Effect.provide(eventStores()))
  )
})

describe("workers that are off", () => {
  it.effect("do nothing by themselves, whatever happens", () =>
    Effect.gen(function* () {
      const swept: Array<string> = []
      const sweep = Effect.sync(() => swept.push("swept"))
      const workers = yield* startWorkers(
        { mode: "off" },
        { flows: { sweep }, bus: { sweep: () => sweep } }
      )
      const { rest, subscriber } = yield* waiting()
      yield* workers.register(subscriber)
      yield* recordConnected("a")
      yield* workers.wake
      yield* TestClock.adjust("1 day")
      assert.deepStrictEqual(yield* rest, [])
      assert.deepStrictEqual(swept, [])
    }).pipe(Effect.provide(eventStores()))
  )

  it.effect(
    "do with one tick all that is due: every batch of every subscriber, and the sweeps",
    () =>
      Effect.gen(function* () {
        const bus = yield* EventBus
        const workers = yield* startWorkers({ mode: "off", eventRetention: Duration.days(1) })
        const first = yield* waiting({ name: "first" })
        const second = yield* waiting({ name: "second" })
        yield* workers.register(first.subscriber)
        yield* workers.register(second.subscriber)
        yield* recordChanges("a", 230)
        yield* workers.tick
        assert.strictEqual((yield* first.rest).length, 230)
        assert.strictEqual((yield* second.rest).length, 230)
        yield* workers.tick
        assert.deepStrictEqual(yield* first.rest, [])

        yield* TestClock.adjust("25 hours")
        yield* recordChanges("b", 1)
        yield* workers.tick
        // What is past its retention was swept: a new subscriber has only the rest.
        yield* bus.subscribe("late", "beginning")
        const late = yield* waiting({ name: "late" })
        yield* workers.register(late.subscriber)
        yield* workers.tick
        assert.deepStrictEqual(yield* late.rest, ["b connected"])
      }).pipe(Effect.provide(eventStores()))
  )

  for (const [what, unusedCredentialRetention, left] of [
    [
      "destroy API keys that were never connected with once they are old enough",
      Duration.days(30),
      0
    ],
    ["keep them without limit where the host says so", undefined, 1]
  ] as const) {
    it.effect(what, () =>
      Effect.gen(function* () {
        const credentials = yield* CredentialStore
        const place = { tenantId: TenantId.make("acme"), provider: ProviderId.make("gauge") }
        const stored = Effect.map(credentials.list(place), ({ total }) => total)
        yield* credentials.insert({
          ...place,
          id: yield* newCredentialId,
          label: undefined,
          status: "unverified",
          createdBy: UserId.make("ann"),
          sealedFields: new Uint8Array() as Sealed
        })
        const workers = yield* startWorkers({ mode: "off", unusedCredentialRetention })
        yield* TestClock.adjust("29 days")
        yield* workers.tick
        assert.strictEqual(yield* stored, 1)
        yield* TestClock.adjust("2 days")
        yield* workers.tick
        assert.strictEqual(yield* stored, left)
      }).pipe(Effect.provide(eventStores()))
    )
  }

  it.effect("ask again for what failed only once it is due", () =>
    Effect.gen(function* () {
      const { rest, subscriber } = yield* waiting()
      const workers = yield* startWorkers({ mode: "off" })
      yield* workers.register({
        ...subscriber,
        handle: (event) => Effect.andThen(subscriber.handle(event), Effect.fail("no"))
      })
      yield* recordConnected("a")
      yield* workers.tick
      yield* workers.tick
      assert.deepStrictEqual(yield* rest, ["a connected"])
      yield* TestClock.adjust("1 second")
      yield* workers.tick
      assert.deepStrictEqual(yield* rest, ["a connected"])
    }).pipe(Effect.provide(eventStores()))
  )

  it.effect("fail where the store cannot be reached, in either half of a tick", () =>
    Effect.gen(function* () {
      const { subscriber } = yield* waiting()
      const stores = [
        { bus: { claim: () => down } },
        { flows: { sweep: down } },
        { bus: { sweep: () => down } }
      ]
      for (const changes of stores) {
        const workers = yield* startWorkers({ mode: "off" }, changes)
        yield* workers.register(subscriber)
        assert.instanceOf(yield* Effect.flip(workers.tick), StorageUnavailable)
      }
    }).pipe(Effect.provide(eventStores()))
  )
})
