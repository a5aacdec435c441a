import { assert, describe, it } from "@effect/vitest"
import { MemoryStores } from "@hawser/memory"
import { Effect, Fiber, Layer } from "effect"
import { TestClock } from "effect/testing"
import {
  Cipher,
  CredentialId,
  CredentialStore,
  keysInUse,
  Maintenance,
  ProviderId,
  rotateKeys,
  type RotationProgress,
  type Sealed,
  Secret,
  StorageUnavailable,
  TenantId,
  tenantsOwn,
  UserId
} from "@hawser/core"
import { cipherOf, keyBytes, revealed } from "./support/crypto.ts"
import { keyIdOf } from "./support/referenceEnvelope.ts"

const provider = ProviderId.make("datadog")
const keyId = (seed: number) => keyIdOf(keyBytes(seed))

const place = (n: number) => ({
  tenantId: TenantId.make(`tenant-${n % 7}`),
  provider,
  recordId: `crd_${String(n).padStart(26, "0")}`,
  owner: tenantsOwn,
  field: "fields",
  directing: []
})

/** As many API keys, sealed under the primary key of this moment, each with a text of its own. */
const store = Effect.fnUntraced(function* (from: number, to: number, broken?: Sealed) {
  const credentials = yield* CredentialStore
  const cipher = yield* Cipher
  for (let n = from; n < to; n++) {
    yield* credentials.insert({
      ...place(n),
      id: CredentialId.make(place(n).recordId),
      label: undefined,
      status: "validated",
      createdBy: UserId.make("ann"),
      userHash: new Uint8Array(32),
      sealedFields: broken ?? (yield* cipher.seal(Secret(`text ${n}`), place(n)))
    })
  }
})

const readAll = Effect.fnUntraced(function* (count: number) {
  const credentials = yield* CredentialStore
  const cipher = yield* Cipher
  for (let n = 0; n < count; n++) {
    const { sealedFields } = yield* credentials.find({
      ...place(n),
      id: CredentialId.make(place(n).recordId)
    })
    assert.strictEqual(yield* revealed(cipher.open(sealedFields, place(n))), `text ${n}`)
  }
})

const silent = () => Effect.void
const recorded = () => {
  const steps: Array<RotationProgress> = []
  return { steps, onProgress: (step: RotationProgress) => Effect.sync(() => steps.push(step)) }
}
const inUse = Effect.map(keysInUse, (keys) =>
  Object.fromEntries(keys.map(({ count, keyId }) => [keyId, count]))
)

describe("S-45 a rotation", () => {
  it.effect(
    "brings every value under the primary key, tells how far it is, and the old key can go",
    () =>
      Effect.gen(function* () {
        const { onProgress, steps } = recorded()
        yield* store(0, 450).pipe(Effect.provide(cipherOf([1]).layer))
        yield* store(450, 460).pipe(Effect.provide(cipherOf([2, 1]).layer))
        assert.deepStrictEqual(yield* inUse, { [keyId(1)]: 450, [keyId(2)]: 10 })

        const end = yield* rotateKeys(onProgress).pipe(Effect.provide(cipherOf([2, 1]).layer))
        assert.deepStrictEqual(end, { done: 450, failed: 0, remaining: 0 })
        assert.deepStrictEqual(
          steps.map(({ done, remaining }) => [done, remaining]),
          [
            [200, 250],
            [400, 50],
            [450, 0],
            [450, 0]
          ]
        )
        assert.deepStrictEqual(yield* inUse, { [keyId(2)]: 460 })
        yield* readAll(460).pipe(Effect.provide(cipherOf([2]).layer))

        const again = yield* rotateKeys(silent).pipe(Effect.provide(cipherOf([2, 1]).layer))
        assert.deepStrictEqual(again, { done: 0, failed: 0, remaining: 0 })
      }).pipe(Effect.provide(MemoryStores.layer))
  )

  it.effect("that was cut short is continued by the next, and several at once do no harm", () =>
    Effect.gen(function* () {
      const cipher = cipherOf([2, 1]).layer
      yield* store(0, 450).pipe(Effect.provide(cipherOf([1]).layer))
      const cut = rotateKeys(() => Effect.interrupt).pipe(Effect.provide(cipher), Effect.exit)
      yield* Effect.forkChild(cut).pipe(Effect.flatMap(Fiber.await))
      assert.deepStrictEqual(yield* inUse, { [keyId(1)]: 250, [keyId(2)]: 200 })

      const ends = yield* Effect.all([rotateKeys(silent), rotateKeys(silent)], {
        concurrency: "unbounded"
      }).pipe(Effect.provide(cipher))
      assert.strictEqual(ends[0].done + ends[1].done, 250)
      yield* readAll(450).pipe(Effect.provide(cipherOf([2]).layer))
    }).pipe(Effect.provide(MemoryStores.layer))
  )

  it.effect("passes by what does not open, with a security event for each, and ends", () => {
    const { events, layer } = cipherOf([2, 1])
    return Effect.gen(function* () {
      yield* store(0, 3).pipe(Effect.provide(cipherOf([1]).layer))
      yield* store(3, 5).pipe(Effect.provide(cipherOf([3]).layer))
      const garbage = new Uint8Array([7, 7, 7]) as Sealed
      yield* store(5, 6, garbage).pipe(Effect.provide(cipherOf([1]).layer))
      const { onProgress, steps } = recorded()
      const end = yield* rotateKeys(onProgress).pipe(Effect.provide(layer))
      assert.deepStrictEqual(end, { done: 3, failed: 3, remaining: 3 })
      assert.deepStrictEqual(steps, [end, end])
      assert.deepStrictEqual(
        events.map(({ reason, tenantId, type }) => `${type} ${tenantId} ${reason}`).toSorted(),
        [
          "decryption_failed tenant-3 unknown_key",
          "decryption_failed tenant-4 unknown_key",
          "decryption_failed tenant-5 malformed"
        ]
      )
      assert.deepStrictEqual(yield* inUse, { [keyId(2)]: 3, [keyId(3)]: 2, "": 1 })
    }).pipe(Effect.provide(MemoryStores.layer))
  })

  it.effect("leaves alone what was written while it worked", () =>
    Effect.gen(function* () {
      const maintenance = yield* Maintenance
      yield* store(0, 1).pipe(Effect.provide(cipherOf([1]).layer))
      const written = new Uint8Array([1, 0, 5]) as Sealed
      // Between the reading of a value and its replacement, another is stored.
      const interfering = Layer.succeed(Maintenance, {
        ...maintenance,
        replaceSealed: (stored, by) =>
          Effect.andThen(
            maintenance.replaceSealed(stored, written),
            maintenance.replaceSealed(stored, by)
          )
      })
      const end = yield* rotateKeys(silent).pipe(
        Effect.provide([cipherOf([2, 1]).layer, interfering])
      )
      assert.deepStrictEqual(end, { done: 0, failed: 0, remaining: 1 })
      const [stored] = yield* maintenance.sealedValues({
        exceptKeyId: "none",
        limit: 1,
        after: undefined
      })
      assert.deepStrictEqual(stored?.sealed, written)
    }).pipe(Effect.provide(MemoryStores.layer))
  )

  it.effect(
    "waits for a key management or a store that is away for a moment, and no longer than a minute",
    () =>
      Effect.gen(function* () {
        const maintenance = yield* Maintenance
        yield* store(0, 1).pipe(Effect.provide(cipherOf([1]).layer))
        // Nothing here takes real time, so that the clock of the test is all there is.
        const cipher = Layer.mock(Cipher)({
          primaryKeyId: keyId(2),
          reseal: (sealed) => Effect.succeed(sealed)
        })
        let calls = 0
        const rotation = Effect.fnUntraced(function* (failures: number) {
          calls = 0
          const failing = Layer.succeed(Maintenance, {
            ...maintenance,
            replaceSealed: (stored, by) =>
              calls++ < failures
                ? Effect.fail(new StorageUnavailable({ cause: "away" }))
                : maintenance.replaceSealed(stored, by)
          })
          const running = yield* rotateKeys(silent).pipe(
            Effect.provide([cipher, failing]),
            Effect.result,
            Effect.forkChild({ startImmediately: true })
          )
          yield* TestClock.adjust("2 minutes")
          return yield* Fiber.join(running)
        })
        const hopeless = yield* rotation(Infinity)
        assert.strictEqual(hopeless._tag, "Failure")
        assert.isAbove(calls, 10)
        const continued = yield* rotation(3)
        assert(continued._tag === "Success" && continued.success.done === 1)
      }).pipe(Effect.provide(MemoryStores.layer))
  )
})
