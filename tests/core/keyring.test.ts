import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import {
  Cipher,
  ConfigurationError,
  CryptoLive,
  KeyManagement,
  LocalKeyring,
  Secret
} from "@hawser/core"
import { cipherOf, keyBytes, keyText, revealed, sealContext } from "./support/crypto.ts"
import { keyIdOf } from "./support/referenceEnvelope.ts"

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64")

/** Builds a keyring, as the start does. */
const keyring = (...keys: readonly [string, ...ReadonlyArray<string>]) => {
  const [first, ...others] = keys
  return Layer.build(
    LocalKeyring.layer({ keys: [Secret(first), ...others.map(Secret)] }).pipe(
      Layer.provide(CryptoLive)
    )
  )
}

describe("S-44 the start is refused with a key that is", () => {
  const weak: ReadonlyArray<readonly [string, string, RegExp]> = [
    ["missing", "", /missing/],
    ["blank", " \n", /missing/],
    ["short", base64(keyBytes(1).subarray(0, 31)), /has 31 bytes and needs 32/],
    ["long", base64(new Uint8Array([...keyBytes(1), 9])), /has 33 bytes and needs 32/],
    ["sixteen bytes", base64(keyBytes(1).subarray(0, 16)), /has 16 bytes and needs 32/],
    ["all zeros", base64(new Uint8Array(32)), /not random/],
    ["all zeros in hex", "0".repeat(64), /not random/],
    ["one byte repeated", base64(new Uint8Array(32).fill(0xa7)), /not random/],
    ["a short pattern repeated", base64(Buffer.from("secret!!".repeat(4))), /not random/],
    [
      "a sample of sequential bytes",
      base64(Uint8Array.from({ length: 32 }, (_, i) => i)),
      /sample/
    ],
    ["a sample of digits", base64(Buffer.from("01234567890123456789012345678901")), /sample/],
    ["a sentence", "correct horse battery staple, again", /neither base64 nor hex/],
    ["not ASCII", "ключ".repeat(11), /neither base64 nor hex/],
    ["hex with a stray letter", `g${"ab".repeat(31)}1`, /has 48 bytes and needs 32/]
  ]
  for (const [what, key, problem] of weak) {
    it.effect(what, () =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(keyring(key))
        assert.instanceOf(error, ConfigurationError)
        assert.strictEqual(error.setting, "encryptionKey")
        assert.match(error.message, problem)
        // What to do about it, and never what was set.
        assert.match(
          error.message,
          /^encryptionKey: .* Set 32 random bytes.*openssl rand -base64 32/
        )
        if (key.trim() !== "") assert.notInclude(error.message, key)
      })
    )
  }

  it.effect("weak as a second key too", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(keyring(keyText(1), base64(new Uint8Array(32))))
      assert.match(error.message, /not random/)
    })
  )
})

describe("S-44 a data key", () => {
  it.effect("is unwrapped for the context that it was wrapped for, and for no other", () =>
    Effect.gen(function* () {
      const context = yield* keyring(keyText(1))
      const keys = yield* Effect.service(KeyManagement).pipe(Effect.provide(context))
      const [own, other] = [new TextEncoder().encode("own"), new TextEncoder().encode("other")]
      const wrapped = { keyId: keys.primaryKeyId, bytes: yield* keys.wrap(keyBytes(9), own) }
      assert.deepStrictEqual(yield* keys.unwrap(wrapped, own), keyBytes(9))
      const error = yield* Effect.flip(keys.unwrap(wrapped, other))
      assert(error._tag === "DecryptionFailed" && error.reason === "not_authentic")
      const unknown = yield* Effect.flip(keys.unwrap({ ...wrapped, keyId: "another" }, own))
      assert(unknown._tag === "DecryptionFailed" && unknown.reason === "unknown_key")
    })
  )
})

describe("S-44 a key is taken as", () => {
  // Bytes whose base64 has + and /, and bytes whose base64 has neither: base64url without padding is then nothing but
  // letters and digits.
  const plain = Buffer.from("Hawser0keeps1the2keys3of4tenants")
  const special = Uint8Array.from(keyBytes(1), (byte, i) =>
    i === 0 ? 0xfb : i === 1 ? 0xff : byte
  )
  assert.match(base64(special), /[+/]/)
  assert.match(plain.toString("base64url"), /^[A-Za-z0-9]{43}$/)
  const forms: ReadonlyArray<readonly [string, (bytes: Buffer) => string]> = [
    ["base64", (bytes) => bytes.toString("base64")],
    ["base64 without padding", (bytes) => bytes.toString("base64").replace("=", "")],
    ["base64 with a newline after it", (bytes) => `${bytes.toString("base64")}\n`],
    ["base64url", (bytes) => bytes.toString("base64url")],
    ["base64url with padding", (bytes) => `${bytes.toString("base64url")}=`],
    ["hex", (bytes) => bytes.toString("hex")],
    ["upper-case hex", (bytes) => bytes.toString("hex").toUpperCase()]
  ]
  for (const [name, form] of forms) {
    it.effect(name, () =>
      Effect.gen(function* () {
        for (const bytes of [plain, Buffer.from(special)]) {
          const context = yield* keyring(form(bytes))
          const keys = yield* Effect.service(KeyManagement).pipe(Effect.provide(context))
          assert.strictEqual(keys.primaryKeyId, keyIdOf(bytes))
        }
      })
    )
  }
})

describe("Several keys", () => {
  const sealed = Effect.flatMap(Cipher, (cipher) => cipher.seal(Secret("canary"), sealContext))
  const opening = (value: Effect.Success<typeof sealed>) =>
    Effect.flatMap(Cipher, (cipher) => cipher.open(value, sealContext))

  it.effect("the second opens what it once sealed as the first", () =>
    Effect.gen(function* () {
      const old = yield* sealed.pipe(Effect.provide(cipherOf([1]).layer))
      yield* Effect.gen(function* () {
        assert.strictEqual(yield* revealed(opening(old)), "canary")
        // New values go under the first.
        const fresh = yield* sealed
        const withoutOld = cipherOf([2])
        assert.strictEqual(
          yield* revealed(opening(fresh)).pipe(Effect.provide(withoutOld.layer)),
          "canary"
        )
      }).pipe(Effect.provide(cipherOf([2, 1]).layer))
    })
  )

  it.effect("a value under a key that is gone says so, and is a security event", () => {
    const { events, layer } = cipherOf([2])
    return Effect.gen(function* () {
      const old = yield* sealed.pipe(Effect.provide(cipherOf([1]).layer))
      const error = yield* Effect.flip(opening(old).pipe(Effect.provide(layer)))
      assert(error._tag === "DecryptionFailed" && error.reason === "unknown_key")
      assert.match(error.message, /Add that key to the keyring again/)
      assert.deepStrictEqual(
        events.map(({ reason, type }) => [type, reason]),
        [["decryption_failed", "unknown_key"]]
      )
    })
  })
})
