import { assert, describe, it } from "@effect/vitest"
import { Deferred, Duration, Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { makeShutdown, Shutdown, StorageUnavailable } from "@hawser/core"
import { supervise, type Worker } from "../../packages/core/src/runtime/supervisor.ts"

const settled = TestClock.adjust(0)

/** A worker whose looks do what the test says next, and which pauses for a minute. */
const supervised = Effect.fnUntraced(function* (changes: Partial<Worker> = {}) {
  const shutdown = makeShutdown()
  let looks = 0
  const state = { look: Effect.void as Effect.Effect<unknown, unknown> }
  const worker = yield* supervise({
    name: "keeper",
    look: Effect.suspend(() => {
      looks += 1
      return state.look
    }),
    pause: Effect.sleep("1 minute"),
    longestPause: Duration.minutes(1),
    ...changes
  }).pipe(Effect.provideService(Shutdown, shutdown))
  yield* settled
  yield* Effect.addFinalizer(() => worker.stop)
  return { ...worker, looks: () => looks, shutdown, state }
})

describe("a supervised worker", () => {
  it.effect(
    "waits for longer from failure to failure, and from the start again after a success",
    () =>
      Effect.gen(function* () {
        const { looks, state } = yield* supervised()
        const failing = Effect.fail(new StorageUnavailable({ cause: "down" }))
        state.look = failing
        yield* TestClock.adjust("1 minute")
        yield* TestClock.adjust("500 millis")
        yield* TestClock.adjust("1 second")
        assert.strictEqual(looks(), 4)
        state.look = Effect.void
        yield* TestClock.adjust("2 seconds")
        assert.strictEqual(looks(), 5)
        state.look = failing
        yield* TestClock.adjust("1 minute")
        assert.strictEqual(looks(), 6)
        yield* TestClock.adjust("500 millis")
        assert.strictEqual(looks(), 7)
      })
  )

  it.effect("tells the code of an error of Hawser's, and nothing of what a driver says", () =>
    Effect.gen(function* () {
      const { health, state } = yield* supervised()
      state.look = Effect.fail(new StorageUnavailable({ cause: "down" }))
      yield* TestClock.adjust("1 minute")
      assert.strictEqual((yield* health).lastError?.code, "storage_unavailable")
      state.look = Effect.die(Object.assign(new Error("from outside"), { code: "ENOTOURS" }))
      yield* TestClock.adjust("500 millis")
      assert.strictEqual((yield* health).lastError?.code, "internal_error")
    })
  )

  it.effect("has no lag while it pauses, and has some once it should have looked and has not", () =>
    Effect.gen(function* () {
      const { health } = yield* supervised({ pause: Effect.never })
      yield* TestClock.adjust("1 minute")
      assert.strictEqual((yield* health).lagMs, 0)
      yield* TestClock.adjust("90 seconds")
      assert.strictEqual((yield* health).lagMs, 90_000)
    })
  )

  it.effect("has its lag though the clock on the wall was set back", () =>
    Effect.gen(function* () {
      const { health } = yield* supervised({ pause: Effect.never })
      yield* TestClock.adjust("90 seconds")
      yield* TestClock.setTime(0)
      assert.strictEqual((yield* health).lagMs, 30_000)
    })
  )

  it.effect("has had lag since the first of its looks that did not end well", () =>
    Effect.gen(function* () {
      const { health, state } = yield* supervised()
      state.look = Effect.fail("not now")
      yield* TestClock.adjust("1 minute")
      yield* TestClock.adjust("10 seconds")
      assert.strictEqual((yield* health).lagMs, 10_000)
    })
  )

  it.effect("ends in a pause and between two failures as soon as the shutdown begins", () =>
    Effect.gen(function* () {
      const pausing = yield* supervised()
      yield* pausing.shutdown.begin
      yield* pausing.ended
      const failing = yield* supervised({ look: Effect.fail("not now") })
      yield* failing.shutdown.begin
      yield* failing.ended
    })
  )

  it.effect("ends a look that runs before it ends itself", () =>
    Effect.gen(function* () {
      const done = yield* Deferred.make<void>()
      const { ended, shutdown } = yield* supervised({ look: Deferred.await(done) })
      yield* shutdown.begin
      const waiting = yield* Effect.forkChild(ended)
      yield* settled
      assert.isUndefined(waiting.pollUnsafe())
      yield* Deferred.succeed(done, undefined)
      yield* Fiber.join(waiting)
    })
  )
})
