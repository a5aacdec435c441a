import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import {
  Cipher,
  CryptoLive,
  EnvelopeCipher,
  KeyManagement,
  KeysUnavailable,
  type Sealed,
  Secret,
  type SecurityEvent,
  TenantId
} from "@hawser/core"
import { cipherOf, keyBytes, recordedSecurityLog, revealed, sealContext } from "./support/crypto.ts"
import * as reference from "./support/referenceEnvelope.ts"

const seal = Effect.flatMap(Cipher, (cipher) => cipher.seal(Secret("canary"), sealContext))
const open = (sealed: Sealed) =>
  Effect.flatMap(Cipher, (cipher) => cipher.open(sealed, sealContext))
const reseal = (sealed: Sealed, context = sealContext) =>
  Effect.flatMap(Cipher, (cipher) => cipher.reseal(sealed, context))

describe("S-45 a value sealed under an older key", () => {
  it.effect(
    "comes under the primary key with a data key and nonce of its own: who held the old has nothing of it",
    () =>
      Effect.gen(function* () {
        const old = yield* seal.pipe(Effect.provide(cipherOf([1]).layer))
        const resealed = yield* reseal(old).pipe(Effect.provide(cipherOf([2, 1]).layer))
        assert(resealed !== undefined)
        const [before, after] = [reference.parse(old), reference.parse(resealed)]
        assert.strictEqual(after.keyId, reference.keyIdOf(keyBytes(2)))
        for (const part of ["wrapped", "nonce", "ciphertext"] as const)
          assert.notDeepEqual(after[part], before[part])
        const oldDataKey = reference.dataKeyOf(old, keyBytes(1), sealContext)
        assert.strictEqual(reference.openWith(oldDataKey, old, sealContext), "canary")
        assert.throws(() => reference.openWith(oldDataKey, resealed, sealContext))
        const opened = revealed(open(resealed)).pipe(Effect.provide(cipherOf([2]).layer))
        assert.strictEqual(yield* opened, "canary")
      })
  )

  it.effect("stays as it is where it is under the primary key", () =>
    Effect.gen(function* () {
      assert.isUndefined(yield* reseal(yield* seal))
    }).pipe(Effect.provide(cipherOf([2, 1]).layer))
  )

  it.effect(
    "is not taken where its key is gone, or it belongs elsewhere, and that is a security event",
    () => {
      const { events, layer } = cipherOf([2, 1])
      const reasonOf = (event: SecurityEvent) => [event.type, event.tenantId, event.reason]
      return Effect.gen(function* () {
        const ofThird = yield* seal.pipe(Effect.provide(cipherOf([3]).layer))
        const ofFirst = yield* seal.pipe(Effect.provide(cipherOf([1]).layer))
        const elsewhere = { ...sealContext, tenantId: TenantId.make("tenant-2") }
        for (const [sealed, context] of [
          [ofThird, sealContext],
          [ofFirst, elsewhere],
          [new Uint8Array(20) as Sealed, sealContext]
        ] as const) {
          const error = yield* Effect.flip(reseal(sealed, context))
          assert.strictEqual(error._tag, "DecryptionFailed")
        }
        assert.deepStrictEqual(events.map(reasonOf), [
          ["decryption_failed", "tenant-1", "unknown_key"],
          ["decryption_failed", "tenant-2", "not_authentic"],
          ["decryption_failed", "tenant-1", "malformed"]
        ])
      }).pipe(Effect.provide(layer))
    }
  )
})

describe("A key management that does not answer", () => {
  it.effect("makes each call one to try again, and is not a security event", () => {
    const { events, layer: log } = recordedSecurityLog()
    const away = Effect.fail(new KeysUnavailable({ cause: "timeout" }))
    const keys = Layer.mock(KeyManagement)({
      primaryKeyId: "k",
      wrap: () => away,
      unwrap: () => away
    })
    const layer = EnvelopeCipher.layer.pipe(Layer.provide([keys, log]), Layer.provide(CryptoLive))
    return Effect.gen(function* () {
      const old = yield* seal.pipe(Effect.provide(cipherOf([1]).layer))
      const calls = [Effect.asVoid(seal), Effect.asVoid(open(old)), Effect.asVoid(reseal(old))]
      for (const call of calls) {
        const error = yield* Effect.flip(call.pipe(Effect.provide(layer)))
        assert(error._tag === "StorageUnavailable" && error.retryable)
        assert.instanceOf(error.cause, KeysUnavailable)
      }
      assert.deepStrictEqual(events, [])
    })
  })
})
