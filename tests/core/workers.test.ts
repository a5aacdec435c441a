import { assert, describe, it } from "@effect/vitest"
import { Cause, Deferred, Duration, Effect, Exit, Fiber, Layer, Logger, Queue, Scope } from "effect"
import { TestClock } from "effect/testing"
import {
  CredentialStore,
  type DeliveredEvent,
  type DueTimes,
  EventBus,
  Keeper,
  Maintenance,
  newCredentialId,
  OAuthStateStore,
  ProviderId,
  type Sealed,
  StorageUnavailable,
  type Subscription,
  TenantId,
  UserId,
  type WorkerOptions,
  Workers,
  tenantsDefault
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
  unfinishedInterval: Duration.seconds(5),
  sweepInterval: Duration.minutes(10),
  eventRetention: Duration.days(7)
}

/** Workers with a life of their own within the test, over stores that the test may change. */
const startWorkers = Effect.fnUntraced(function* (
  changes: Partial<WorkerOptions> = {},
  stores: {
    readonly bus?: Partial<EventBus["Service"]>
    readonly flows?: Partial<OAuthStateStore["Service"]>
    readonly maintenance?: Partial<Maintenance["Service"]>
    readonly keeper?: Partial<Keeper["Service"]>
  } = {}
) {
  const keeper = { ...(yield* Keeper), ...stores.keeper }
  const bus = { ...(yield* EventBus), ...stores.bus }
  const flows = { ...(yield* OAuthStateStore), ...stores.flows }
  const maintenance = { ...(yield* Maintenance), ...stores.maintenance }
  const scope = yield* Scope.make()
  const context = yield* Layer.buildWithScope(
    Workers.layer({ ...options, ...changes }).pipe(
      Layer.provide([
        Layer.succeed(EventBus, bus),
        Layer.succeed(Keeper, keeper),
        Layer.succeed(OAuthStateStore, flows),
        Layer.succeed(Maintenance, maintenance)
      ])
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

  it.effect("hear of what is written, each of them, and several writes at once", () =>
    Effect.gen(function* () {
      const workers = yield* startWorkers()
      const first = yield* waiting({ name: "first" })
      const second = yield* waiting({ name: "second" })
      yield* workers.register(first.subscriber)
      yield* workers.register(second.subscriber)
      yield* settled
      yield* recordConnected("a")
      assert.deepStrictEqual(
        [yield* first.next, yield* second.next],
        ["a connected", "a connected"]
      )
      yield* recordDisconnected("a")
      yield* recordConnected("b")
      assert.deepStrictEqual(
        [yield* first.next, yield* first.next],
        ["a disconnected", "b connected"]
      )
      yield* settled
      assert.deepStrictEqual(yield* first.rest, [])
      yield* workers.end
    }).pipe(Effect.provide(eventStores()))
  )

  it.effect("hear of what is written without waiting for the store to say what is due", () =>
    Effect.gen(function* () {
      const answers = yield* Deferred.make<void>()
      const due = Effect.as(Deferred.await(answers), nothingDue)
      const workers = yield* startWorkers({}, { maintenance: { dueTimes: () => due } })
      const { next, subscriber } = yield* waiting()
      yield* workers.register(subscriber)
      yield* settled
      yield* recordConnected("a")
      assert.strictEqual(yield* next, "a connected")
      yield* Deferred.succeed(answers, undefined)
      yield* workers.end
    }).pipe(Effect.provide(eventStores()))
  )

  it.effect("ask in one look what is due, every 30 seconds, and do nothing where nothing is", () =>
    Effect.gen(function* () {
      const { dueTimes } = yield* Maintenance
      const { claim } = yield* EventBus
      const asked: Array<string> = []
      const counted =
        <A extends ReadonlyArray<unknown>, B>(name: string, call: (...of: A) => B) =>
        (...of: A) => {
          asked.push(name)
          return call(...of)
        }
      const begin = Effect.suspend(counted("keeper", () => Effect.succeed(false)))
      const workers = yield* startWorkers(
        {},
        {
          maintenance: { dueTimes: counted("due", dueTimes) },
          bus: { claim: counted("claim", claim) },
          keeper: { begin }
        }
      )
      const { subscriber } = yield* waiting()
      yield* workers.register(subscriber)
      yield* TestClock.adjust("1 second")
      assert.sameMembers(asked.splice(0), ["due", "due", "keeper", "claim"])
      yield* TestClock.adjust("10 minutes")
      assert.deepStrictEqual(
        asked,
        Array.from({ length: 20 }, () => "due")
      )
      yield* workers.end
    }).pipe(Effect.provide(eventStores()))
  )

  const nothingDue: DueTimes = {
    keeper: undefined,
    revoker: undefined,
    sweeper: undefined,
    deliverers: new Map(),
    awaitsCommit: false,
    askAgainIn: Duration.minutes(1)
  }

  it.effect("do what is due when it is, and what found no room again after the interval", () =>
    Effect.gen(function* () {
      const looks: Array<number> = []
      const now = Effect.clockWith((clock) => Effect.succeed(clock.currentTimeMillisUnsafe()))
      const workers = yield* startWorkers(
        {},
        {
          // Due after three seconds, and from then on.
          maintenance: {
            dueTimes: () =>
              Effect.map(now, (at) => ({
                ...nothingDue,
                keeper: Duration.millis(Math.max(0, 3_000 - at))
              }))
          },
          keeper: {
            begin: Effect.map(now, (at) => {
              looks.push(at)
              return false
            })
          }
        }
      )
      yield* TestClock.adjust("13 seconds")
      assert.deepStrictEqual(looks, [0, 3_000, 8_000, 13_000])
      yield* workers.end
    }).pipe(Effect.provide(eventStores()))
  )

  it.effect("ask again soon for events that a transaction holds back, and ever less often", () =>
    Effect.gen(function* () {
      const asked: Array<number> = []
      const workers = yield* startWorkers(
        {},
        {
          maintenance: {
            dueTimes: () =>
              Effect.clockWith((clock) => {
                asked.push(clock.currentTimeMillisUnsafe())
                return Effect.succeed({ ...nothingDue, awaitsCommit: true })
              })
          }
        }
      )
      yield* TestClock.adjust("4 seconds")
      const waits = asked.slice(1).map((at, index) => at - (asked[index] ?? 0))
      assert.deepStrictEqual(waits, [50, 100, 200, 400, 800, 1_000, 1_000])
      yield* workers.end
    }).pipe(Effect.provide(eventStores()))
  )

  it.effect("ask a handler that fails again, and go on with others meanwhile", () =>
    Effect.gen(function* () {
      let failures = 2
      const { next, rest, subscriber } = yield* waiting()
      const workers = yield* startWorkers()
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
        assert.strictEqual(yield* next, "a connected")
        yield* TestClock.adjust("10 seconds")
        assert.strictEqual(yield* next, "a connected")
        yield* recordConnected("b")
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

  it.effect(
    "S-04 sweep what has expired, at once and then at each interval, though one sweep fails",
    () =>
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
            },
            // Something has always expired.
            maintenance: {
              dueTimes: () => Effect.succeed({ ...nothingDue, sweeper: Duration.zero })
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

  it.effect("S-04 sweep in time though the clock on the wall was set back", () =>
    Effect.gen(function* () {
      let swept = 0
      const workers = yield* startWorkers(
        {},
        {
          flows: { sweep: Effect.sync(() => ++swept) },
          maintenance: {
            dueTimes: () => Effect.succeed({ ...nothingDue, sweeper: Duration.zero })
          }
        }
      )
      yield* settled
      yield* TestClock.adjust(Duration.millis(599_999))
      assert.strictEqual(swept, 1)
      yield* TestClock.setTime(0)
      yield* TestClock.adjust("1 milli")
      // Whatever is written wakes the scheduler.
      yield* recordChanges("a", 1)
      yield* settled
      assert.strictEqual(swept, 2)
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
      yield* Deferred.await(entered)
      const closing = yield* Effect.forkChild(workers.end)
      yield* TestClock.adjust(Duration.millis(14_999))
      assert.isFalse(yield* Deferred.isDone(interrupted))
      yield* TestClock.adjust("1 milli")
      yield* Fiber.join(closing)
      assert.isTrue(yield* Deferred.isDone(interrupted))

      yield* recordDisconnected("a")
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

describe("S-71 whatever a look does, its worker goes on", () => {
  const looks: ReadonlyArray<readonly [string, Effect.Effect<never, StorageUnavailable>, string]> =
    [
      ["fails", down, "storage_unavailable"],
      ["throws", Effect.sync(() => assert.fail("a bug")), "internal_error"],
      ["dies", Effect.die(new TypeError("a bug")), "internal_error"],
      ["interrupts itself", Effect.interrupt, "internal_error"]
    ]
  for (const [what, look, code] of looks) {
    it.effect(
      `one that ${what} is logged with name and cause, told by health, and made again`,
      () =>
        Effect.gen(function* () {
          const lines: Array<string> = []
          const log = Logger.make(({ cause, message }) => {
            lines.push(`${JSON.stringify(message)} ${Cause.pretty(cause)}`)
          })
          const { claim } = yield* EventBus
          let isBroken = true
          const workers = yield* startWorkers(
            {},
            { bus: { claim: (...parameters) => (isBroken ? look : claim(...parameters)) } }
          ).pipe(Effect.provide(Logger.layer([log])))
          const { next, subscriber } = yield* waiting()
          yield* workers.register(subscriber).pipe(Effect.provide(Logger.layer([log])))
          yield* recordConnected("a")
          yield* TestClock.adjust("400 millis")
          const delivererOf = Effect.map(workers.health, (health) =>
            health.workers.find(({ name }) => name === "deliverer of test")
          )
          assert.deepStrictEqual(yield* delivererOf, {
            name: "deliverer of test",
            lastLookAt: new Date(0),
            lastError: { at: new Date(0), code },
            lagMs: 400
          })
          assert.lengthOf(lines, 1)
          assert.include(lines[0], "deliverer of test")
          if (what !== "interrupts itself") assert.match(lines[0] ?? "", /a bug|cannot be reached/)

          isBroken = false
          yield* TestClock.adjust("100 millis")
          assert.strictEqual(yield* next, "a connected")
          yield* TestClock.adjust("1 second")
          // What it said last stays there to be read.
          assert.deepInclude(yield* delivererOf, {
            lagMs: 0,
            lastError: { at: new Date(0), code }
          })
          yield* workers.end
        }).pipe(Effect.provide(eventStores()))
    )
  }

  it.effect("one that hangs shows in its lag", () =>
    Effect.gen(function* () {
      const workers = yield* startWorkers({}, { flows: { sweep: Effect.never } })
      yield* TestClock.adjust("1 hour")
      const { isReady, workers: all } = yield* workers.health
      assert.isTrue(isReady)
      assert.deepStrictEqual(
        all.map(({ lagMs, name }) => [name, lagMs]),
        [
          ["keeper", 0],
          ["revoker", 0],
          ["sweeper", 3_600_000],
          ["scheduler", 0]
        ]
      )
    }).pipe(Effect.provide(eventStores()))
  )

  it.effect("a logger that throws ends no worker", () =>
    Effect.gen(function* () {
      const broken = Logger.layer([
        Logger.make(() => {
          throw new Error("the log is full")
        })
      ])
      const { claim } = yield* EventBus
      let isBroken = true
      const workers = yield* startWorkers(
        {},
        { bus: { claim: (...parameters) => (isBroken ? down : claim(...parameters)) } }
      ).pipe(Effect.provide(broken))
      const { next, subscriber } = yield* waiting()
      yield* workers.register(subscriber).pipe(Effect.provide(broken))
      yield* recordConnected("a")
      yield* settled
      isBroken = false
      yield* TestClock.adjust("500 millis")
      assert.strictEqual(yield* next, "a connected")
      yield* workers.end
    }).pipe(Effect.provide(eventStores()))
  )
})

describe("health", () => {
  const broken: ReadonlyArray<
    readonly [string, Effect.Effect<never, StorageUnavailable>, string, Duration.Input]
  > = [
    ["is away", down, "storage_unavailable", 0],
    ["has a bug", Effect.die("a bug"), "internal_error", 0],
    ["is silent", Effect.never, "no_answer", "2 seconds"]
  ]
  for (const [what, find, error, wait] of broken) {
    it.effect(`is not ready when the store ${what}`, () =>
      Effect.gen(function* () {
        const workers = yield* startWorkers({ mode: "off" }, { maintenance: { findHashKey: find } })
        const asked = yield* Effect.forkChild(workers.health)
        yield* TestClock.adjust(wait)
        assert.deepStrictEqual(yield* Fiber.join(asked), {
          isReady: false,
          store: { isReachable: false, error },
          workers: [],
          stuck: []
        })
      }).pipe(Effect.provide(eventStores()))
    )
  }

  it.effect("is not ready once the end has begun", () =>
    Effect.gen(function* () {
      const workers = yield* startWorkers()
      assert.isTrue((yield* workers.health).isReady)
      yield* workers.end
      assert.isFalse((yield* workers.health).isReady)
    }).pipe(Effect.provide(eventStores()))
  )
})

describe("a subscriber that registers again", () => {
  it.effect("takes the place of the one before, which is asked for nothing any more", () =>
    Effect.gen(function* () {
      const workers = yield* startWorkers()
      const before = yield* waiting()
      const after = yield* waiting()
      const first = yield* workers.register(before.subscriber)
      yield* workers.register(after.subscriber)
      yield* recordConnected("a")
      assert.strictEqual(yield* after.next, "a connected")
      // Whoever it replaced cannot stop it.
      assert.isFalse(yield* first.stop)
      yield* recordDisconnected("a")
      assert.strictEqual(yield* after.next, "a disconnected")
      assert.deepStrictEqual(yield* before.rest, [])
      yield* workers.end
    }).pipe(Effect.provide(eventStores()))
  )

  it.effect("registers though it could not before", () =>
    Effect.gen(function* () {
      const { subscribe } = yield* EventBus
      let isDown = true
      const workers = yield* startWorkers(
        {},
        { bus: { subscribe: (...parameters) => (isDown ? down : subscribe(...parameters)) } }
      )
      const { next, subscriber } = yield* waiting()
      yield* Effect.flip(workers.register(subscriber))
      isDown = false
      yield* recordConnected("a")
      yield* workers.register(subscriber)
      assert.strictEqual(yield* next, "a connected")
      yield* workers.end
    }).pipe(Effect.provide(eventStores()))
  )

  it.effect("after it was stopped, continues where it stopped", () =>
    Effect.gen(function* () {
      const workers = yield* startWorkers()
      const go = yield* Deferred.make<void>()
      const { next, rest, subscriber } = yield* waiting()
      const { stop } = yield* workers.register({
        ...subscriber,
        handle: (delivered) => Effect.andThen(subscriber.handle(delivered), Deferred.await(go))
      })
      yield* recordConnected("a")
      assert.strictEqual(yield* next, "a connected")
      const stopping = yield* Effect.forkChild(stop, { startImmediately: true })
      yield* TestClock.adjust("1 second")
      // It waits for what runs.
      assert.isUndefined(stopping.pollUnsafe())
      yield* Deferred.succeed(go, undefined)
      assert.isTrue(yield* Fiber.join(stopping))
      yield* recordDisconnected("a")
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(yield* rest, [])
      yield* workers.register(subscriber)
      assert.strictEqual(yield* next, "a disconnected")
      yield* workers.end
    }).pipe(Effect.provide(eventStores()))
  )
})

describe("a handler that does not end", () => {
  /** One that only its signal reaches, as a promise is, and that ends when the test says so. */
  const unending = Effect.fnUntraced(function* (changes: Partial<Subscription> = {}) {
    const end = yield* Deferred.make<void, string>()
    const signals: Array<AbortSignal> = []
    const { next, rest, subscriber } = yield* waiting(changes)
    return {
      end,
      signals,
      next,
      rest,
      subscriber: {
        ...subscriber,
        endsBySignal: true,
        handle: (delivered: DeliveredEvent) =>
          Effect.andThen(
            subscriber.handle(delivered),
            delivered.event.tenantId === "a" && delivered.attempt === 1
              ? Effect.suspend(() => {
                  signals.push(delivered.signal)
                  return Deferred.await(end)
                })
              : Effect.void
          )
      } satisfies Subscription
    }
  })

  for (const [how, exit, then] of [
    ["well", Exit.void, "a disconnected"],
    ["with a failure", Exit.fail("too late"), "a connected"]
  ] as const) {
    it.effect(
      `is asked to after a minute and stuck after two; its integration waits until it ends ${how}`,
      () =>
        Effect.gen(function* () {
          const workers = yield* startWorkers({ unfinishedInterval: Duration.seconds(1) })
          const { end, next, rest, signals, subscriber } = yield* unending()
          yield* workers.register(subscriber)
          yield* recordConnected("a")
          yield* recordDisconnected("a")
          assert.strictEqual(yield* next, "a connected")
          yield* TestClock.adjust(Duration.millis(59_999))
          assert.isFalse(signals[0]?.aborted)
          yield* TestClock.adjust("1 milli")
          assert.isTrue(signals[0]?.aborted)
          yield* TestClock.adjust(Duration.millis(59_999))
          assert.deepStrictEqual((yield* workers.health).stuck, [])
          yield* TestClock.adjust("1 milli")
          const [stuck, ...others] = (yield* workers.health).stuck
          assert.deepStrictEqual(others, [])
          assert.deepInclude(stuck, {
            subscriber: "test",
            event: "integration.connected",
            tenantId: TenantId.make("a"),
            attempt: 1,
            since: new Date(120_000)
          })
          // Not even in hours it is called again beside itself, here or in another process.
          yield* TestClock.adjust("3 hours")
          assert.deepStrictEqual(yield* rest, [])
          const bus = yield* EventBus
          const claimed = yield* bus.claim("test", { limit: 1, lease: Duration.seconds(1) })
          assert.strictEqual(claimed._tag, "None")
          yield* recordConnected("b")
          assert.strictEqual(yield* next, "b connected")

          yield* Deferred.done(end, exit)
          yield* TestClock.adjust("2 seconds")
          assert.strictEqual(yield* next, then)
          assert.deepStrictEqual((yield* workers.health).stuck, [])
          yield* workers.end
        }).pipe(Effect.provide(eventStores()))
    )
  }

  it.effect("S-78 takes no room from others, however many do not end", () =>
    Effect.gen(function* () {
      const workers = yield* startWorkers({ unfinishedInterval: Duration.seconds(1) })
      const { next, rest, subscriber } = yield* unending()
      yield* workers.register(subscriber)
      for (let i = 0; i < 40; i++) yield* recordConnected("a", `p${i}`)
      // Four of one tenant at once, and as many again whenever those are given up.
      yield* TestClock.adjust("21 minutes")
      assert.lengthOf(yield* rest, 40)
      assert.lengthOf((yield* workers.health).stuck, 40)
      yield* recordConnected("b")
      assert.strictEqual(yield* next, "b connected")
      yield* workers.end
    }).pipe(Effect.provide(eventStores()))
  )

  it.effect("holds up a tick for two minutes, and then nothing", () =>
    Effect.gen(function* () {
      const workers = yield* startWorkers({ mode: "off" })
      const { next, subscriber } = yield* unending()
      yield* workers.register(subscriber)
      yield* recordConnected("a")
      const tick = yield* Effect.forkChild(workers.tick)
      assert.strictEqual(yield* next, "a connected")
      yield* TestClock.adjust("121 seconds")
      yield* Fiber.join(tick)
      // Nobody waits for it any more.
      yield* workers.end
    }).pipe(Effect.provide(eventStores()))
  )
})

describe("the end", () => {
  it.effect("lets a handler that runs come to its own end, and what it did counts", () =>
    Effect.gen(function* () {
      const workers = yield* startWorkers()
      const go = yield* Deferred.make<void>()
      const { next, rest, subscriber } = yield* waiting()
      yield* workers.register({
        ...subscriber,
        handle: (delivered) => Effect.andThen(subscriber.handle(delivered), Deferred.await(go))
      })
      yield* recordConnected("a")
      yield* recordDisconnected("a")
      assert.strictEqual(yield* next, "a connected")
      const closing = yield* Effect.forkChild(workers.end)
      yield* TestClock.adjust("10 seconds")
      yield* Deferred.succeed(go, undefined)
      yield* Fiber.join(closing)
      assert.deepStrictEqual(yield* rest, [])

      const restarted = yield* startWorkers()
      yield* restarted.register(subscriber)
      assert.strictEqual(yield* next, "a disconnected")
      yield* restarted.end
    }).pipe(Effect.provide(eventStores()))
  )

  it.effect("gives the lease of a batch back: what it left waits for nothing", () =>
    Effect.gen(function* () {
      const workers = yield* startWorkers()
      const { next, rest, subscriber } = yield* waiting()
      yield* workers.register({
        ...subscriber,
        handle: (delivered) => Effect.andThen(subscriber.handle(delivered), Effect.never)
      })
      // More than there is room for: some are not even begun.
      for (let i = 0; i < 6; i++) yield* recordConnected("a", `p${i}`)
      yield* next
      const closing = yield* Effect.forkChild(workers.close(Duration.seconds(4)))
      yield* TestClock.adjust("3 seconds")
      yield* Fiber.join(closing)
      assert.lengthOf(yield* rest, 3)
      yield* workers.end

      const restarted = yield* startWorkers()
      yield* restarted.register(subscriber)
      yield* settled
      assert.lengthOf(yield* rest, 6)
      yield* restarted.end
    }).pipe(Effect.provide(eventStores()))
  )

  it.effect("returns in time though a look hangs", () =>
    Effect.gen(function* () {
      const workers = yield* startWorkers(
        {},
        { flows: { sweep: Effect.uninterruptible(Effect.never) } }
      )
      yield* settled
      const closing = yield* Effect.forkChild(workers.close(Duration.seconds(8)))
      yield* TestClock.adjust(Duration.millis(7_999))
      assert.isUndefined(closing.pollUnsafe())
      yield* TestClock.adjust("1 milli")
      yield* Fiber.join(closing)
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
        const place = {
          tenantId: TenantId.make("acme"),
          ...tenantsDefault,
          provider: ProviderId.make("gauge")
        }
        const stored = Effect.map(credentials.list(place), ({ total }) => total)
        yield* credentials.insert({
          ...place,
          id: yield* newCredentialId,
          label: undefined,
          status: "unverified",
          createdBy: UserId.make("ann"),
          userHash: new Uint8Array(32),
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
