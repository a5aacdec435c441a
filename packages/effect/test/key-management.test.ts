import { assert, describe, it } from "@effect/vitest"
import { DecryptionFailed, KeyManagement, KeysUnavailable } from "@hawser/core"
import { NodeCrypto } from "@hawser/egress"
import { Effect, Fiber, Layer } from "effect"
import { TestClock } from "effect/testing"
import { type KeyManagementPromise, keyManagementLayer } from "../src/keyManagement.ts"

const key = new Uint8Array(32).fill(7)
const context = new Uint8Array([1, 2, 3])
const wrapped = { keyId: "kms-1", bytes: new Uint8Array([9]) }

/** The port over promises, of which a test says what matters to it. */
const keys = (given: Partial<KeyManagementPromise>) =>
  Effect.service(KeyManagement).pipe(
    Effect.provide(
      keyManagementLayer({
        keyManagement: {
          primaryKeyId: "kms-1",
          wrap: () => Promise.reject(new Error("not asked for")),
          unwrap: () => Promise.reject(new Error("not asked for")),
          ...given
        }
      }).pipe(Layer.provide(NodeCrypto.layer))
    )
  )

describe("S-44 a key management service over promises", () => {
  it.effect("is given data key and context, and its answers are taken as they are", () =>
    Effect.gen(function* () {
      const service = yield* keys({
        wrap: (...given) => {
          assert.deepStrictEqual(given.slice(0, 2), [key, context])
          return Promise.resolve(wrapped.bytes)
        },
        unwrap: (...given) => {
          assert.deepStrictEqual(given.slice(0, 2), [wrapped, context])
          return Promise.resolve(key)
        }
      })
      assert.strictEqual(service.primaryKeyId, "kms-1")
      assert.strictEqual(yield* service.wrap(key, context), wrapped.bytes)
      assert.strictEqual(yield* service.unwrap(wrapped, context), key)
    })
  )

  it.effect("that refuses has not failed: the value does not open", () =>
    Effect.gen(function* () {
      const service = yield* keys({ unwrap: () => Promise.resolve(undefined) })
      const error = yield* Effect.flip(service.unwrap(wrapped, context))
      assert.instanceOf(error, DecryptionFailed)
    })
  )

  const broken: ReadonlyArray<readonly [string, () => Promise<never>]> = [
    ["rejects", () => Promise.reject(new Error("connection refused"))],
    [
      "throws",
      () => {
        throw new Error("no credentials")
      }
    ],
    ["answers something else than bytes", () => Promise.resolve("text" as never)]
  ]
  for (const [how, wrap] of broken) {
    it.effect(`that ${how} cannot be reached`, () =>
      Effect.gen(function* () {
        const service = yield* keys({ wrap })
        assert.instanceOf(yield* Effect.flip(service.wrap(key, context)), KeysUnavailable)
      })
    )
  }

  it.effect("that does not answer is given up after ten seconds, and told so", () =>
    Effect.gen(function* () {
      const signals: Array<AbortSignal> = []
      const service = yield* keys({
        unwrap: (_key, _context, signal) => {
          signals.push(signal)
          return new Promise(() => {})
        }
      })
      const waiting = yield* Effect.forkChild(Effect.flip(service.unwrap(wrapped, context)), {
        startImmediately: true
      })
      yield* TestClock.adjust("10 seconds")
      assert.instanceOf(yield* Fiber.join(waiting), KeysUnavailable)
      assert.isTrue(signals[0]?.aborted)
    })
  )
})
