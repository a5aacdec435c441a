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
const rewrap = (sealed: Sealed, context = sealContext) =>
  Effect.flatMap(Cipher, (cipher) => cipher.rewrap(sealed, context))

describe("S-45 a value sealed under an older key", () => {
  it.effect("comes under the primary key with the same ciphertext, and opens without the old", () =>
    Effect.gen(function* () {
      const old = yield* seal.pipe(Effect.provide(cipherOf([1]).layer))
      const rewrapped = yield* rewrap(old).pipe(Effect.provide(cipherOf([2, 1]).layer))
      assert(rewrapped !== undefined)
      const [before, after] = [reference.parse(old), reference.parse(rewrapped)]
      assert.strictEqual(after.keyId, reference.keyIdOf(keyBytes(2)))
      assert.deepStrictEqual([after.nonce, after.ciphertext], [before.nonce, before.ciphertext])
      assert.notDeepEqual(after.wrapped, before.wrapped)
      const opened = revealed(open(rewrapped)).pipe(Effect.provide(cipherOf([2]).layer))
      assert.strictEqual(yield* opened, "canary")
    })
  )

  it.effect("stays as it is where it is under the primary key", () =>
    Effect.gen(function* () {
      assert.isUndefined(yield* rewrap(yield* seal))
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
          const error = yield* Effect.flip(rewrap(sealed, context))
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
  it.effect("makes each call one to try again, and is no security event", () => {
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
      const calls = [Effect.asVoid(seal), Effect.asVoid(open(old)), Effect.asVoid(rewrap(old))]
      for (const call of calls) {
        const error = yield* Effect.flip(call.pipe(Effect.provide(layer)))
        assert(error._tag === "StorageUnavailable" && error.isRetryable)
        assert.instanceOf(error.cause, KeysUnavailable)
      }
      assert.deepStrictEqual(events, [])
    })
  })
})
