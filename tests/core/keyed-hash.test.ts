import { assert, describe, it } from "@effect/vitest"
import {
  Cipher,
  CryptoLive,
  KeyedHash,
  keysInUse,
  Maintenance,
  rotateKeys,
  TenantId,
  UserId
} from "@hawser/core"
import { MemoryStores } from "@hawser/memory"
import { Effect, Layer } from "effect"
import { Hex } from "effect/encoding"
import { userHash } from "../../packages/core/src/vault/KeyedHash.ts"
import { cipherOf, keyBytes } from "./support/crypto.ts"
import { keyIdOf } from "./support/referenceEnvelope.ts"

const keyId = (seed: number) => keyIdOf(keyBytes(seed))
const stores = Layer.mergeAll(MemoryStores.layer, CryptoLive)

/** What a process that has just begun hashes these parts to. */
const hashed = (
  seeds: readonly [number, ...ReadonlyArray<number>],
  purpose = "installation",
  parts: ReadonlyArray<string> = ["github-app", "7"]
) =>
  Effect.flatMap(KeyedHash, (keyed) => keyed.of(purpose, parts)).pipe(
    Effect.map(Hex.encode),
    Effect.provide(Layer.fresh(KeyedHash.layer).pipe(Layer.provide(cipherOf(seeds).layer)))
  )

describe("S-104 a keyed hash", () => {
  it.effect("is the same in every process, and of 32 bytes", () =>
    Effect.gen(function* () {
      const hashes = yield* Effect.all(
        Array.from({ length: 20 }, () => hashed([1])),
        { concurrency: "unbounded" }
      )
      assert.strictEqual(new Set(hashes).size, 1)
      assert.match(hashes[0] ?? "", /^[0-9a-f]{64}$/)
    }).pipe(Effect.provide(stores))
  )

  it.effect("differs by purpose and by each part, wherever one ends and the next begins", () =>
    Effect.gen(function* () {
      const all = yield* Effect.all([
        hashed([1]),
        hashed([1], "tombstone"),
        hashed([1], "installation", ["github-app", "8"]),
        hashed([1], "installation", ["github-app7"]),
        hashed([1], "installation", ["github-app7", ""]),
        hashed([1], "installationgithub-app", ["7"])
      ])
      assert.strictEqual(new Set(all).size, all.length)
    }).pipe(Effect.provide(stores))
  )

  it.effect("S-98 of a user is that of tenant and user, by a purpose of its own", () =>
    Effect.gen(function* () {
      const ofUser = (tenantId: string, userId: string) =>
        userHash(TenantId.make(tenantId), UserId.make(userId)).pipe(
          Effect.map(Hex.encode),
          Effect.provide(Layer.fresh(KeyedHash.layer).pipe(Layer.provide(cipherOf([1]).layer)))
        )
      const ada = yield* ofUser("acme", "ada")
      assert.strictEqual(ada, yield* hashed([1], "user", ["acme", "ada"]))
      assert.notStrictEqual(ada, yield* ofUser("acme", "bob"))
      assert.notStrictEqual(ada, yield* ofUser("globex", "ada"))
    }).pipe(Effect.provide(stores))
  )

  it.effect("is of another key in another database, so that no dump tells what was hashed", () =>
    Effect.gen(function* () {
      const one = yield* Effect.provide(hashed([1]), Layer.fresh(stores))
      const other = yield* Effect.provide(hashed([1]), Layer.fresh(stores))
      assert.notStrictEqual(one, other)
    })
  )

  it.effect("S-45 stays the same when the encryption key is rotated and the old one is gone", () =>
    Effect.gen(function* () {
      const before = yield* hashed([1])
      assert.deepStrictEqual(yield* keysInUse, [{ keyId: keyId(1), count: 1 }])
      yield* rotateKeys(() => Effect.void).pipe(Effect.provide(cipherOf([2, 1]).layer))
      assert.deepStrictEqual(yield* keysInUse, [{ keyId: keyId(2), count: 1 }])
      assert.strictEqual(yield* hashed([2]), before)
    }).pipe(Effect.provide(stores))
  )

  it.effect("fails where its key does not open, and makes no other", () =>
    Effect.gen(function* () {
      yield* hashed([1])
      const maintenance = yield* Maintenance
      const kept = yield* maintenance.findHashKey
      assert.strictEqual((yield* Effect.flip(hashed([3])))._tag, "DecryptionFailed")
      assert.deepStrictEqual(yield* maintenance.findHashKey, kept)
    }).pipe(Effect.provide(stores))
  )

  it.effect("has its key read once in a process, and needs neither store nor key after that", () =>
    Effect.gen(function* () {
      let opened = 0
      const counting = Layer.effect(
        Cipher,
        Effect.map(Cipher, (cipher) => ({
          ...cipher,
          open: (...parameters) => {
            opened += 1
            return cipher.open(...parameters)
          }
        }))
      ).pipe(Layer.provide(cipherOf([1]).layer))
      const hashes = Effect.gen(function* () {
        const keyed = yield* KeyedHash
        for (const user of ["ada", "bob", "cy"]) yield* keyed.of("user", [user])
      })
      const process = Layer.fresh(KeyedHash.layer).pipe(Layer.provide(counting))
      yield* Effect.provide(hashes, process)
      // Whoever has made the key need not ask for it to be opened.
      assert.strictEqual(opened, 0)
      yield* Effect.provide(hashes, process)
      assert.strictEqual(opened, 1)
    }).pipe(Effect.provide(stores))
  )
})
