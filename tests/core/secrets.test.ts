import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { createHash } from "node:crypto"
import { inspect } from "node:util"
import { flowTag, freshSecret, hashSecret } from "../../packages/core/src/vault/secrets.ts"
import { CryptoLive, Secret } from "@hawser/core"
import { countingBytes, cryptoOver, revealed } from "./support/crypto.ts"

const base64url = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64url")

describe("S-01 a secret of a flow", () => {
  it.effect("is 32 bytes of the one source of randomness and nothing else", () =>
    Effect.gen(function* () {
      const expected = countingBytes()
      for (let i = 0; i < 20; i++) {
        assert.strictEqual(yield* revealed(freshSecret), base64url(expected(32)))
      }
    }).pipe(Effect.provide(cryptoOver(countingBytes())))
  )

  it.effect("uses the whole alphabet, and each of its bits is as often 0 as 1", () =>
    Effect.gen(function* () {
      const count = 4_000
      const letters = new Set<string>()
      const ones = Array.from({ length: 256 }, () => 0)
      for (let i = 0; i < count; i++) {
        const secret = yield* revealed(freshSecret)
        for (const letter of secret) letters.add(letter)
        for (const [index, byte] of Buffer.from(secret, "base64url").entries()) {
          for (let bit = 0; bit < 8; bit++) {
            const at = index * 8 + bit
            ones[at] = (ones[at] ?? 0) + ((byte >> bit) & 1)
          }
        }
      }
      assert.strictEqual(letters.size, 64)
      // Nine standard deviations: a fixed bit is far outside, chance never is.
      for (const seen of ones) assert.approximately(seen, count / 2, 9 * Math.sqrt(count / 4))
    }).pipe(Effect.provide(CryptoLive))
  )
})

describe("S-02 of a secret is kept", () => {
  it.effect("its SHA-256", () =>
    Effect.gen(function* () {
      for (const secret of ["", "state", "ünïcödé 🔑", "x".repeat(256)]) {
        const expected = createHash("sha256").update(secret).digest("hex")
        assert.strictEqual(Buffer.from(yield* hashSecret(Secret(secret))).toString("hex"), expected)
      }
    }).pipe(Effect.provide(CryptoLive))
  )

  it.effect("a handle for the cookie's name, which is half of that hash and a cookie's token", () =>
    Effect.gen(function* () {
      const hash = yield* hashSecret(Secret("state"))
      const tag = flowTag(hash)
      assert.strictEqual(tag, base64url(hash.slice(0, 16)))
      assert.match(tag, /^[A-Za-z0-9_-]{22}$/)
    }).pipe(Effect.provide(CryptoLive))
  )
})

describe("S-47 a fresh secret", () => {
  it.effect("does not show itself", () =>
    Effect.gen(function* () {
      const secret = yield* freshSecret
      const shown = `${inspect({ secret })} ${JSON.stringify({ secret })}`
      assert.notInclude(shown, Redacted.value(secret))
    }).pipe(Effect.provide(CryptoLive))
  )
})
