import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Redacted } from "effect"
import {
  Cipher,
  CryptoLive,
  DecryptionFailed,
  EnvelopeCipher,
  KeyManagement,
  ProviderId,
  Owner,
  type SealContext,
  type Sealed,
  Secret,
  TenantId
} from "@hawser/core"
import {
  cipherOf,
  countingBytes,
  cryptoOver,
  keyBytes,
  recordedSecurityLog,
  revealed,
  sealContext
} from "./support/crypto.ts"
import * as reference from "./support/referenceEnvelope.ts"

const secret = "canary-token"

/** `secret` in `sealContext` under key 1, made once by the reference: the format must never change silently. */
const firstRelease =
  "011030623934313033666230343738336564003ce4341d405c48916809aec22507b63b510d6f7a0963343eba3482c4b6" +
  "9da28b8a1214c5fc4a70be04e854eb9dc381110d74fcbf8b582ea52701f377d82e4ebb5ef6903b1a8558700ed2d29a26" +
  "bfebcf5c76ab393581354793b776b9feaba3fe42d2f3b9ee"

const seal = (text: string, context: SealContext = sealContext) =>
  Effect.flatMap(Cipher, (cipher) => cipher.seal(Secret(text), context))

const open = (sealed: Uint8Array, context: SealContext = sealContext) =>
  Effect.flatMap(Cipher, (cipher) => cipher.open(sealed as Sealed, context))

/** Opening fails, with an error of ours and nothing else. */
const refusal = (sealed: Uint8Array, context?: SealContext) =>
  Effect.map(Effect.flip(open(sealed, context)), (error) => {
    assert.instanceOf(error, DecryptionFailed)
    return error.reason
  })

describe("S-41 an envelope", () => {
  const { layer } = cipherOf([1])

  it.effect("is opened by an implementation of its layout that shares no code", () =>
    Effect.gen(function* () {
      for (const text of ["", secret, "ünïcödé 🔑", "x".repeat(16_384)]) {
        const sealed = yield* seal(text)
        assert.strictEqual(reference.open(sealed, keyBytes(1), sealContext), text)
        const { ciphertext, keyId, nonce, version, wrapped } = reference.parse(sealed)
        assert.strictEqual(version, 1)
        assert.strictEqual(keyId, reference.keyIdOf(keyBytes(1)))
        // 96-bit nonces, 256-bit data keys, 128-bit tags.
        assert.strictEqual(nonce.length, 12)
        assert.strictEqual(wrapped.length, 12 + 32 + 16)
        assert.strictEqual(ciphertext.length, Buffer.byteLength(text) + 16)
      }
    }).pipe(Effect.provide(layer))
  )

  it.effect("made by that implementation opens here", () =>
    Effect.gen(function* () {
      const random = {
        dataKey: keyBytes(40),
        nonce: keyBytes(41).subarray(0, 12),
        wrappingNonce: keyBytes(42).subarray(0, 12)
      }
      const sealed = reference.seal(secret, keyBytes(1), sealContext, random)
      assert.strictEqual(yield* revealed(open(sealed)), secret)
    }).pipe(Effect.provide(layer))
  )

  it.effect("holds, of all it could, only what the one source of randomness gave", () =>
    Effect.gen(function* () {
      const bytes = countingBytes()
      const expected = reference.seal(secret, keyBytes(1), sealContext, {
        dataKey: bytes(32),
        nonce: bytes(12),
        wrappingNonce: bytes(12)
      })
      const stubbed = cipherOf([1], { crypto: cryptoOver(countingBytes()) })
      const sealed = yield* seal(secret).pipe(Effect.provide(stubbed.layer))
      assert.strictEqual(Buffer.from(sealed).toString("hex"), expected.toString("hex"))
    })
  )

  it.effect("of the first release always opens", () =>
    Effect.gen(function* () {
      const sealed = Buffer.from(firstRelease, "hex")
      assert.strictEqual(yield* revealed(open(sealed)), secret)
    }).pipe(Effect.provide(layer))
  )

  it.effect("inside a larger buffer, as database drivers hand it on, opens", () =>
    Effect.gen(function* () {
      const sealed = yield* seal(secret)
      const pool = new Uint8Array(sealed.length + 20).fill(0xff)
      pool.set(sealed, 7)
      assert.strictEqual(yield* revealed(open(pool.subarray(7, 7 + sealed.length))), secret)
    }).pipe(Effect.provide(layer))
  )

  it.effect("gives back every text, a byte order mark at its start too", () =>
    Effect.gen(function* () {
      for (const text of ["\uFEFFkey", "\u0000", "🔑"]) {
        assert.strictEqual(yield* revealed(open(yield* seal(text))), text)
      }
    }).pipe(Effect.provide(layer))
  )

  it.effect("with any one bit flipped does not open", () =>
    Effect.gen(function* () {
      const sealed = yield* seal(secret)
      const reasons = new Set<string>()
      for (let bit = 0; bit < sealed.length * 8; bit++) {
        const changed = Uint8Array.from(sealed)
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        reasons.add(yield* refusal(changed))
      }
      assert.deepStrictEqual([...reasons].toSorted(), ["malformed", "not_authentic", "unknown_key"])
    }).pipe(Effect.provide(layer))
  )

  it.effect("cut short anywhere, or with a byte more, does not open", () =>
    Effect.gen(function* () {
      const sealed = yield* seal(secret)
      for (let length = 0; length < sealed.length; length++) {
        yield* refusal(sealed.slice(0, length))
        yield* refusal(sealed.slice(sealed.length - length))
      }
      yield* refusal(Uint8Array.from([...sealed, 0]))
    }).pipe(Effect.provide(layer))
  )

  it.effect("of another version, or no envelope at all, is malformed", () =>
    Effect.gen(function* () {
      const sealed = yield* seal(secret)
      for (const version of [0, 2, 255]) {
        assert.strictEqual(
          yield* refusal(Uint8Array.from([version, ...sealed.subarray(1)])),
          "malformed"
        )
      }
      assert.strictEqual(yield* refusal(new TextEncoder().encode(secret)), "malformed")
      assert.strictEqual(yield* refusal(new Uint8Array([1, 255, 255, 255])), "malformed")
    }).pipe(Effect.provide(layer))
  )

  it.effect("is not made where the key management answers what its lengths cannot say", () =>
    Effect.gen(function* () {
      const { layer: log } = recordedSecurityLog()
      for (const [primaryKeyId, length] of [
        ["", 60],
        ["k".repeat(256), 60],
        ["k", 65_536]
      ] as const) {
        const keys = Layer.mock(KeyManagement)({
          primaryKeyId,
          wrap: () => Effect.succeed(new Uint8Array(length))
        })
        const exit = yield* seal(secret).pipe(
          Effect.provide(
            EnvelopeCipher.layer.pipe(Layer.provide([keys, log]), Layer.provide(CryptoLive))
          ),
          Effect.exit
        )
        assert.strictEqual(exit._tag, "Failure")
      }
    })
  )
})

describe("S-42 a sealed value moved elsewhere", () => {
  const elsewhere: ReadonlyArray<readonly [string, Partial<SealContext>]> = [
    ["another tenant", { tenantId: TenantId.make("tenant-2") }],
    ["another provider", { provider: ProviderId.make("gitlab") }],
    ["another record", { recordId: "gnt_2" }],
    ["another field", { field: "refresh_token" }],
    ["another owner", { owner: Owner.make("ann") }],
    ["another connection", { directing: ["second", undefined, ["site", "eu"], ""] }],
    ["other fields", { directing: ["default", undefined, ["site", "us"], ""] }],
    ["fields divided otherwise", { directing: ["default", undefined, ["sitee", "u"], ""] }],
    ["what was not there, and is empty", { directing: ["default", "", ["site", "eu"], ""] }],
    [
      "what was empty, and is not there",
      { directing: ["default", undefined, ["site", "eu"], undefined] }
    ],
    ["a list that was none", { directing: ["default", undefined, "site", "eu", ""] }],
    ["more", { directing: ["default", undefined, ["site", "eu"], "", undefined] }]
  ]
  for (const [where, change] of elsewhere) {
    it.effect(`to ${where} does not open, and is a security event`, () => {
      const { events, layer } = cipherOf([1])
      return Effect.gen(function* () {
        const sealed = yield* seal(secret)
        const context = { ...sealContext, ...change }
        assert.strictEqual(yield* refusal(sealed, context), "not_authentic")
        assert.deepStrictEqual(events, [
          {
            type: "decryption_failed",
            tenantId: context.tenantId,
            provider: context.provider,
            reason: "not_authentic"
          }
        ])
        // The value itself is whole.
        assert.strictEqual(yield* revealed(open(sealed)), secret)
        assert.strictEqual(events.length, 1)
      }).pipe(Effect.provide(layer))
    })
  }

  it.effect("does not open where the same characters are divided otherwise", () =>
    Effect.gen(function* () {
      const contextOf = (tenantId: string, recordId: string, field: string): SealContext => ({
        ...sealContext,
        tenantId: TenantId.make(tenantId),
        recordId,
        field
      })
      const pairs = [
        [contextOf("a|b", "c", "d"), contextOf("a", "b|c", "d")],
        [contextOf("t", "ab", "c"), contextOf("t", "a", "bc")],
        [contextOf("t", "", "ab"), contextOf("t", "ab", "")],
        [contextOf("t", "\0", ""), contextOf("t", "", "\0")]
      ] as const
      for (const [one, other] of pairs) {
        const sealed = yield* seal(secret, one)
        assert.strictEqual(yield* refusal(sealed, other), "not_authentic")
        assert.strictEqual(yield* revealed(open(sealed, one)), secret)
      }
      const ownTenant = {
        ...sealContext,
        tenantId: TenantId.make("a|b"),
        provider: ProviderId.make("c")
      }
      const sealed = yield* seal(secret, ownTenant)
      for (const [tenantId, provider] of [
        ["a", "b|c"],
        ["a|", "bc"]
      ] as const) {
        const shifted = { ...sealContext, tenantId, provider } as SealContext
        assert.strictEqual(yield* refusal(sealed, shifted), "not_authentic")
      }
    }).pipe(Effect.provide(cipherOf([1]).layer))
  )
})

describe("S-43 no key and nonce come twice", () => {
  it.effect("2,000 values have 2,000 data keys and nonces", () =>
    Effect.gen(function* () {
      const count = 2_000
      const dataKeys = new Set<string>()
      const nonces = new Set<string>()
      // Data keys are seen where they are wrapped; wrapping itself is not what is counted here.
      const keys = Layer.mock(KeyManagement)({
        primaryKeyId: "k",
        wrap: (dataKey) =>
          Effect.sync(() => {
            assert.strictEqual(dataKey.length, 32)
            dataKeys.add(Buffer.from(dataKey).toString("latin1"))
            return new Uint8Array(0)
          })
      })
      const layer = EnvelopeCipher.layer.pipe(
        Layer.provide([keys, recordedSecurityLog().layer]),
        Layer.provide(CryptoLive)
      )
      yield* Effect.gen(function* () {
        for (let i = 0; i < count; i++) {
          nonces.add(reference.parse(yield* seal(secret)).nonce.toString("latin1"))
        }
      }).pipe(Effect.provide(layer))
      assert.strictEqual(dataKeys.size, count)
      assert.strictEqual(nonces.size, count)
    })
  )

  it.effect("2,000 values of one context are wrapped under 2,000 nonces", () =>
    Effect.gen(function* () {
      const wrappingNonces = new Set<string>()
      for (let i = 0; i < 2_000; i++) {
        const { wrapped } = reference.parse(yield* seal(secret))
        wrappingNonces.add(wrapped.subarray(0, 12).toString("latin1"))
      }
      assert.strictEqual(wrappingNonces.size, 2_000)
    }).pipe(Effect.provide(cipherOf([1]).layer))
  )

  it.effect("the same text sealed twice looks different", () =>
    Effect.gen(function* () {
      assert.notDeepEqual(yield* seal(secret), yield* seal(secret))
    }).pipe(Effect.provide(cipherOf([1]).layer))
  )
})

describe("S-47 what was sealed", () => {
  it.effect("comes back redacted", () =>
    Effect.gen(function* () {
      const opened = yield* open(yield* seal(secret))
      assert.isTrue(Redacted.isRedacted(opened))
      assert.strictEqual(JSON.stringify({ opened }), '{"opened":"<redacted>"}')
    }).pipe(Effect.provide(cipherOf([1]).layer))
  )
})
