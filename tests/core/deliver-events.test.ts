import { assert, describe, it } from "@effect/vitest"
import { Cause, Deferred, Duration, Effect, Exit, Fiber, Stream } from "effect"
import { TestClock } from "effect/testing"
import {
  EventBus,
  eventStream,
  type IntegrationEvent,
  makeEventDelivery,
  StorageUnavailable,
  type Subscription
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

/** A subscriber that notes what it is handed, and then does as the test says. */
const noting = (
  then: (event: IntegrationEvent) => Effect.Effect<void, unknown> = () => Effect.void,
  changes: Partial<Subscription<unknown>> = {}
) => {
  const seen: Array<string> = []
  return {
    seen,
    /** What came since the last look. */
    news: () => seen.splice(0),
    subscriber: subscription<unknown>(
      (event) =>
        Effect.andThen(
          Effect.sync(() => seen.push(named(event))),
          then(event)
        ),
      changes
    )
  }
}

const subscribe = Effect.fnUntraced(function* <E>({ from, name }: Subscription<E>) {
  const bus = yield* EventBus
  yield* bus.subscribe(name, from)
})

/** One batch, as a process of its own delivers it. */
const deliverBatch = <E>(subscriber: Subscription<E>) =>
  Effect.flatMap(makeEventDelivery(subscriber), ({ batch }) => batch)

/** Delivers batches until there is none. */
const drain = <E>(subscriber: Subscription<E>) =>
  Effect.repeat(deliverBatch(subscriber), { while: (more: boolean) => more })

const failsFor =
  (...names: ReadonlyArray<string>) =>
  (event: IntegrationEvent) =>
    names.includes(named(event)) ? Effect.fail("no") : Effect.void

describe("a subscriber is handed events", () => {
  it.effect("each once, in order within its integration, and then nothing", () =>
    Effect.gen(function* () {
      const { news, subscriber } = noting()
      yield* subscribe(subscriber)
      assert.isFalse(yield* deliverBatch(subscriber))
      yield* recordConnected("a")
      yield* recordConnected("b")
      yield* recordDisconnected("a")
      assert.isTrue(yield* deliverBatch(subscriber))
      const [, ...ofA] = news().toSorted((one) => (one.startsWith("b") ? -1 : 1))
      assert.deepStrictEqual(ofA, ["a connected", "a disconnected"])
      assert.isFalse(yield* deliverBatch(subscriber))
      yield* recordDisconnected("b")
      yield* drain(subscriber)
      assert.deepStrictEqual(news(), ["b disconnected"])
    }).pipe(Effect.provide(eventStores()))
  )

  it.effect("of the kinds it wants; others always pass it by", () =>
    Effect.gen(function* () {
      const { seen, subscriber } = noting(undefined, {
        events: new Set(["integration.disconnected"])
      })
      yield* subscribe(subscriber)
      yield* recordChanges("a", 4)
      yield* drain(subscriber)
      assert.deepStrictEqual(seen, ["a disconnected", "a disconnected"])
      yield* drain({ ...subscriber, events: new Set(["integration.connected"]) })
      assert.strictEqual(seen.length, 2)
    }).pipe(Effect.provide(eventStores()))
  )

  it.effect("a hundred a batch", () =>
    Effect.gen(function* () {
      const { news, subscriber } = noting()
      yield* subscribe(subscriber)
      yield* recordChanges("a", 250)
      const sizes: Array<number> = []
      while (yield* deliverBatch(subscriber)) sizes.push(news().length)
      assert.deepStrictEqual(sizes, [100, 100, 50])
    }).pipe(Effect.provide(eventStores()))
  )

  it.effect("by one worker at a time", () =>
    Effect.gen(function* () {
      const go = yield* Deferred.make<void>()
      const entered = yield* Deferred.make<void>()
      const { seen, subscriber } = noting(() =>
        Effect.andThen(Deferred.succeed(entered, undefined), Deferred.await(go))
      )
      yield* subscribe(subscriber)
      yield* recordConnected("a")
      const first = yield* Effect.forkChild(deliverBatch(subscriber))
      yield* Deferred.await(entered)
      assert.isFalse(yield* deliverBatch(subscriber))
      yield* Deferred.succeed(go, undefined)
      assert.isTrue(yield* Fiber.join(first))
      assert.deepStrictEqual(seen, ["a connected"])
    }).pipe(Effect.provide(eventStores()))
  )

  it.effect("apart from other subscribers: one that fails holds nobody else back", () =>
    Effect.gen(function* () {
      const broken = noting(() => Effect.fail("no"), { name: "broken" })
      const sound = noting(undefined, { name: "sound" })
      yield* subscribe(broken.subscriber)
      yield* subscribe(sound.subscriber)
      yield* recordChanges("a", 2)
      yield* drain(broken.subscriber)
      yield* drain(sound.subscriber)
      assert.deepStrictEqual(broken.seen, ["a connected"])
      assert.deepStrictEqual(sound.seen, ["a connected", "a disconnected"])
    }).pipe(Effect.provide(eventStores()))
  )
})

describe("a handler that failed is asked again", () => {
  it.effect("after 1 s, 2 s, 4 s and so on up to an hour, without limit", () =>
    Effect.gen(function* () {
      const { news, subscriber } = noting(() => Effect.fail("no"))
      yield* subscribe(subscriber)
      yield* recordConnected("a")
      yield* drain(subscriber)
      assert.deepStrictEqual(news(), ["a connected"])
      const waits = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 3600, 3600, 3600]
      for (const seconds of waits) {
        yield* TestClock.adjust(Duration.millis(seconds * 1000 - 1))
        assert.isFalse(yield* deliverBatch(subscriber), `before ${seconds} s`)
        yield* TestClock.adjust("1 milli")
        yield* drain(subscriber)
        assert.deepStrictEqual(news(), ["a connected"], `after ${seconds} s`)
      }
    }).pipe(Effect.provide(eventStores()))
  )

  const failures: ReadonlyArray<readonly [string, Effect.Effect<void, unknown>]> = [
    ["with an error", Effect.fail("no")],
    ["with a defect", Effect.die(new Error("no"))],
    ["by throwing", Effect.sync(() => assert.fail("no"))],
    ["by an interruption of its own", Effect.interrupt],
    [
      "by waiting for something that was interrupted",
      Effect.flatMap(Effect.forkChild(Effect.never), (fiber) =>
        Effect.andThen(Fiber.interrupt(fiber), Fiber.join(fiber))
      )
    ]
  ]
  for (const [name, failure] of failures) {
    it.effect(`${name}; and the event once it works`, () =>
      Effect.gen(function* () {
        let works = false
        const { news, subscriber } = noting(() => (works ? Effect.void : failure))
        yield* subscribe(subscriber)
        yield* recordConnected("a")
        yield* drain(subscriber)
        works = true
        yield* drain(subscriber)
        assert.deepStrictEqual(news(), ["a connected"])
        yield* TestClock.adjust("1 second")
        yield* drain(subscriber)
        yield* TestClock.adjust("1 day")
        yield* drain(subscriber)
        assert.deepStrictEqual(news(), ["a connected"])
      }).pipe(Effect.provide(eventStores()))
    )
  }

  it.effect("after 60 seconds without an end", () =>
    Effect.gen(function* () {
      let isInterrupted = false
      const { news, subscriber } = noting(() =>
        Effect.onInterrupt(Effect.never, () =>
          Effect.sync(() => {
            isInterrupted = true
          })
        )
      )
      yield* subscribe(subscriber)
      yield* recordConnected("a")
      const fiber = yield* Effect.forkChild(deliverBatch(subscriber))
      yield* TestClock.adjust(Duration.millis(59_999))
      assert.isFalse(isInterrupted)
      yield* TestClock.adjust("1 milli")
      assert.isTrue(isInterrupted)
      yield* Fiber.join(fiber)
      assert.isFalse(yield* deliverBatch(subscriber))
      yield* TestClock.adjust("1 second")
      const again = yield* Effect.forkChild(deliverBatch(subscriber))
      yield* TestClock.adjust("60 seconds")
      yield* Fiber.join(again)
      assert.deepStrictEqual(news(), ["a connected", "a connected"])
    }).pipe(Effect.provide(eventStores()))
  )
})

describe("the order within an integration", () => {
  it.effect("is held while an earlier event fails; other integrations go on", () =>
    Effect.gen(function* () {
      let fails = true
      const { news, subscriber } = noting((event) =>
        fails ? failsFor("a connected")(event) : Effect.void
      )
      yield* subscribe(subscriber)
      yield* recordConnected("a")
      yield* recordConnected("b")
      yield* recordDisconnected("a")
      yield* recordDisconnected("b")
      yield* drain(subscriber)
      assert.deepStrictEqual(news(), ["a connected", "b connected", "b disconnected"])

      // What comes while it waits is held too, and again only for its own integration.
      yield* recordConnected("a")
      yield* recordConnected("c")
      yield* drain(subscriber)
      assert.deepStrictEqual(news(), ["c connected"])

      yield* TestClock.adjust("1 second")
      yield* drain(subscriber)
      assert.deepStrictEqual(news(), ["a connected"])

      fails = false
      yield* TestClock.adjust("2 seconds")
      yield* drain(subscriber)
      assert.deepStrictEqual(news(), ["a connected", "a disconnected", "a connected"])
      assert.isFalse(yield* deliverBatch(subscriber))
    }).pipe(Effect.provide(eventStores()))
  )

  it.effect("is held across more events than one batch has", () =>
    Effect.gen(function* () {
      let fails = true
      const { news, subscriber } = noting(() => (fails ? Effect.fail("no") : Effect.void))
      yield* subscribe(subscriber)
      yield* recordChanges("a", 230)
      yield* drain(subscriber)
      assert.deepStrictEqual(news(), ["a connected"])
      fails = false
      yield* TestClock.adjust("1 second")
      yield* drain(subscriber)
      const expected = Array.from({ length: 230 }, (_, i) =>
        i % 2 === 0 ? "a connected" : "a disconnected"
      )
      assert.deepStrictEqual(news(), expected)
    }).pipe(Effect.provide(eventStores()))
  )

  it.effect("is kept by a slow handler, and what waits behind it comes as soon as it is done", () =>
    Effect.gen(function* () {
      const { news, subscriber } = noting(({ event }) =>
        event === "integration.connected" ? Effect.sleep("20 seconds") : Effect.void
      )
      yield* subscribe(subscriber)
      yield* recordChanges("a", 2)
      const delivery = yield* makeEventDelivery(subscriber)
      const first = yield* Effect.forkChild(delivery.batch)
      yield* TestClock.adjust("1 second")
      assert.isTrue(yield* Fiber.join(first))
      assert.isFalse(yield* delivery.batch)
      yield* TestClock.adjust(Duration.millis(18_999))
      assert.isFalse(yield* delivery.batch)
      assert.deepStrictEqual(news(), ["a connected"])
      yield* TestClock.adjust("1 milli")
      assert.isTrue(yield* delivery.batch)
      assert.deepStrictEqual(news(), ["a disconnected"])
      yield* TestClock.adjust("1 hour")
      assert.isFalse(yield* delivery.batch)
    }).pipe(Effect.provide(eventStores()))
  )
})

describe("an event whose handler takes minutes", () => {
  it.effect("S-78 is taken up by no other worker while the handler goes on", () =>
    Effect.gen(function* () {
      const { news, subscriber } = noting(() => Effect.sleep("170 seconds"))
      const patient = { ...subscriber, endsBySignal: true }
      yield* subscribe(patient)
      yield* recordConnected("a")
      const delivery = yield* makeEventDelivery(patient)
      const other = yield* makeEventDelivery(patient)
      const first = yield* Effect.forkChild(delivery.batch)
      yield* TestClock.adjust("1 second")
      assert.isTrue(yield* Fiber.join(first))
      for (let seconds = 1; seconds < 170; seconds += 13) {
        assert.isFalse(yield* other.batch, `after ${seconds} seconds`)
        yield* TestClock.adjust("13 seconds")
      }
      yield* TestClock.adjust("1 hour")
      assert.isFalse(yield* other.batch)
      assert.deepStrictEqual(news(), ["a connected"])
    }).pipe(Effect.provide(eventStores()))
  )
})

describe("S-78 a tenant whose handlers hang", () => {
  const hangsFor = (tenantId: string) => (event: IntegrationEvent) =>
    event.tenantId === tenantId ? Effect.never : Effect.void

  it.effect("holds up no other: neither what is there, nor what comes", () =>
    Effect.gen(function* () {
      const { news, subscriber } = noting(hangsFor("mallory"))
      yield* subscribe(subscriber)
      for (let i = 0; i < 6; i++) yield* recordConnected("mallory", `p${i}`)
      yield* recordConnected("b")
      const delivery = yield* makeEventDelivery(subscriber)
      const first = yield* Effect.forkChild(delivery.batch, { startImmediately: true })
      yield* Effect.promise(() => new Promise(setImmediate))
      // Its share, and no more.
      assert.deepStrictEqual([...news()].toSorted(), [
        "b connected",
        ...Array.from({ length: 4 }, () => "mallory connected")
      ])
      yield* TestClock.adjust("1 second")
      assert.isTrue(yield* Fiber.join(first))
      yield* recordConnected("c")
      assert.isTrue(yield* deliverOne(delivery.batch))
      assert.include(news(), "c connected")
    }).pipe(Effect.provide(eventStores()))
  )

  it.effect("is asked again behind what is new", () =>
    Effect.gen(function* () {
      let fails = true
      const { news, subscriber } = noting(() => (fails ? Effect.fail("no") : Effect.void))
      yield* subscribe(subscriber)
      for (let i = 0; i < 3; i++) yield* recordConnected("mallory", `p${i}`)
      yield* drain(subscriber)
      news()
      fails = false
      yield* TestClock.adjust("1 second")
      yield* recordConnected("b")
      yield* drain(subscriber)
      assert.strictEqual(news()[0], "b connected")
    }).pipe(Effect.provide(eventStores()))
  )

  it.effect(
    "takes no more than a quarter of the room, and all tenants together no more than 16",
    () =>
      Effect.gen(function* () {
        let atOnce = 0
        let most = 0
        const { subscriber } = noting(() =>
          Effect.acquireUseRelease(
            Effect.sync(() => {
              atOnce++
              most = Math.max(most, atOnce)
            }),
            () => Effect.sleep("100 millis"),
            () => Effect.sync(() => void atOnce--)
          )
        )
        yield* subscribe(subscriber)
        for (let tenant = 0; tenant < 8; tenant++)
          for (let i = 0; i < 5; i++) yield* recordConnected(`t${tenant}`, `p${i}`)
        const fiber = yield* Effect.forkChild(deliverBatch(subscriber))
        yield* TestClock.adjust("900 millis")
        yield* Fiber.join(fiber)
        assert.strictEqual(most, 16)
      }).pipe(Effect.provide(eventStores()))
  )
})

/** One batch, with the time that it may take. */
const deliverOne = Effect.fnUntraced(function* <E>(batch: Effect.Effect<boolean, E>) {
  const fiber = yield* Effect.forkChild(batch, { startImmediately: true })
  yield* TestClock.adjust("1 second")
  return yield* Fiber.join(fiber)
})

describe("a worker that ends in the middle of a batch", () => {
  it.effect("stops its handlers where another one holds the subscriber by now", () =>
    Effect.gen(function* () {
      const stopped = yield* Deferred.make<void>()
      const { subscriber } = noting(() =>
        Effect.onInterrupt(Effect.never, () => Deferred.succeed(stopped, undefined))
      )
      yield* subscribe(subscriber)
      yield* recordConnected("a")
      const fiber = yield* deliverBatch(subscriber).pipe(
        Effect.updateService(EventBus, (bus) => ({ ...bus, settle: () => Effect.succeed(false) })),
        Effect.forkChild
      )
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(fiber)
      yield* Deferred.await(stopped)
    }).pipe(Effect.provide(eventStores()))
  )

  it.effect("settles nothing: another delivers it all, once the lease is over", () =>
    Effect.gen(function* () {
      const entered = yield* Deferred.make<void>()
      let hangs = true
      const { news, subscriber } = noting((event) =>
        hangs && event.tenantId === "b"
          ? Effect.andThen(Deferred.succeed(entered, undefined), Effect.never)
          : Effect.void
      )
      yield* subscribe(subscriber)
      for (const tenant of ["a", "b"]) yield* recordConnected(tenant)
      const fiber = yield* Effect.forkChild(deliverBatch(subscriber))
      yield* Deferred.await(entered)
      const ended = yield* Effect.andThen(Fiber.interrupt(fiber), Fiber.await(fiber))
      assert.isTrue(Exit.isFailure(ended) && Cause.hasInterruptsOnly(ended.cause))
      hangs = false
      news()
      yield* TestClock.adjust(Duration.millis(59_999))
      assert.isFalse(yield* deliverBatch(subscriber))
      yield* TestClock.adjust("1 milli")
      assert.isTrue(yield* deliverBatch(subscriber))
      assert.deepStrictEqual(news(), ["a connected", "b connected"])
    }).pipe(Effect.provide(eventStores()))
  )

  it.effect("and so does one whose store goes away", () =>
    Effect.gen(function* () {
      const { news, subscriber } = noting()
      yield* subscribe(subscriber)
      yield* recordConnected("a")
      const unreachable = yield* deliverBatch(subscriber).pipe(
        Effect.updateService(EventBus, (bus) => ({ ...bus, claim: () => down })),
        Effect.flip
      )
      assert.instanceOf(unreachable, StorageUnavailable)
      assert.deepStrictEqual(news(), [])
      const unsettled = yield* deliverBatch(subscriber).pipe(
        Effect.updateService(EventBus, (bus) => ({ ...bus, settle: () => down })),
        Effect.flip
      )
      assert.instanceOf(unsettled, StorageUnavailable)
      assert.deepStrictEqual(news(), ["a connected"])
      yield* TestClock.adjust("60 seconds")
      yield* drain(subscriber)
      assert.deepStrictEqual(news(), ["a connected"])
    }).pipe(Effect.provide(eventStores()))
  )
})

describe("the stream of events", () => {
  const stream = eventStream({
    name: "stream",
    from: "beginning",
    pollInterval: Duration.seconds(1)
  })

  it.effect("gives what is there and then what comes", () =>
    Effect.gen(function* () {
      yield* recordConnected("a")
      const seen: Array<string> = []
      const fiber = yield* stream.pipe(
        Stream.take(3),
        Stream.runForEach((event) => Effect.sync(() => seen.push(named(event)))),
        Effect.forkChild
      )
      yield* TestClock.adjust("1 milli")
      assert.deepStrictEqual(seen, ["a connected"])
      yield* recordConnected("b")
      yield* recordDisconnected("a")
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(fiber)
      assert.deepStrictEqual(seen, ["a connected", "b connected", "a disconnected"])
    }).pipe(Effect.provide(eventStores()))
  )

  it.effect("gives again what was not followed by a pull, once the lease is over", () =>
    Effect.gen(function* () {
      const first = (count: number) =>
        stream.pipe(
          Stream.take(count),
          Stream.runCollect,
          Effect.map((events) => [...events].map(named))
        )
      yield* recordConnected("a")
      assert.deepStrictEqual(yield* first(1), ["a connected"])
      yield* recordDisconnected("a")
      const fiber = yield* Effect.forkChild(first(2))
      yield* TestClock.adjust("61 seconds")
      assert.deepStrictEqual(yield* Fiber.join(fiber), ["a connected", "a disconnected"])
    }).pipe(Effect.provide(eventStores()))
  )

  it.effect("takes as received what was followed by a pull", () =>
    Effect.gen(function* () {
      yield* recordConnected("a")
      const seen: Array<string> = []
      const pulling = yield* stream.pipe(
        Stream.runForEach((event) => Effect.sync(() => seen.push(named(event)))),
        Effect.forkChild
      )
      // The second pull finds nothing, and waits.
      yield* TestClock.adjust("1 second")
      yield* Fiber.interrupt(pulling)
      assert.deepStrictEqual(seen, ["a connected"])
      const bus = yield* EventBus
      yield* TestClock.adjust("61 seconds")
      const claim = yield* bus.claim("stream", { limit: 10, lease: Duration.seconds(1) })
      assert.strictEqual(claim._tag, "None")
    }).pipe(Effect.provide(eventStores()))
  )

  it.effect("fails where the store cannot be reached", () =>
    Effect.gen(function* () {
      const failing = (change: Partial<EventBus["Service"]>) =>
        Stream.runDrain(stream).pipe(
          Effect.updateService(EventBus, (bus) => ({ ...bus, ...change })),
          Effect.flip
        )
      for (const change of [{ subscribe: () => down }, { claim: () => down }]) {
        assert.instanceOf(yield* failing(change), StorageUnavailable)
      }
      yield* recordConnected("a")
      assert.instanceOf(yield* failing({ settle: () => down }), StorageUnavailable)
    }).pipe(Effect.provide(eventStores()))
  )
})
