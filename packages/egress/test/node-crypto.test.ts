import { CryptoLive } from "@hawser/core"
import { expect, layer } from "@effect/vitest"
import { Effect } from "effect"
import { Aead, Digest, Mac } from "effect/crypto"
import { NodeCrypto } from "../src/index.ts"

const bytes = (length: number, first = 0): Uint8Array =>
  Uint8Array.from({ length }, (_, index) => (first + index) % 256)

const nonce = bytes(12)
const aad = bytes(40, 7)

/** The same calls on WebCrypto, which is another implementation of the same standards. */
const onWebCrypto = <A, E>(effect: Effect.Effect<A, E, Aead.Aead | Digest.Digest | Mac.Mac>) =>
  Effect.provide(effect, CryptoLive)

const sealed = (plaintext: Uint8Array) =>
  Effect.gen(function* () {
    const aead = yield* Aead.Aead
    const key = yield* Aead.key(Aead.aes256Gcm, bytes(32))
    return yield* aead.encrypt(key, plaintext, { nonce, aad })
  })

const opened = (ciphertext: Uint8Array, context = aad) =>
  Effect.gen(function* () {
    const aead = yield* Aead.Aead
    const key = yield* Aead.key(Aead.aes256Gcm, bytes(32))
    return yield* aead.decrypt(key, ciphertext, { nonce, aad: context })
  })

layer(NodeCrypto.layer)("The primitives on OpenSSL", (it) => {
  for (const length of [0, 1, 16, 43, 70_000]) {
    it.effect(`seal ${length} bytes to what WebCrypto seals them to, and open them again`, () =>
      Effect.gen(function* () {
        const plaintext = bytes(length)
        const ciphertext = yield* sealed(plaintext)
        expect(ciphertext).toEqual(yield* onWebCrypto(sealed(plaintext)))
        expect(yield* opened(ciphertext)).toEqual(plaintext)
      })
    )
  }

  it.effect("open nothing of which one bit has changed, nor what belongs elsewhere", () =>
    Effect.gen(function* () {
      const ciphertext = yield* sealed(bytes(20))
      for (let at = 0; at < ciphertext.length; at++) {
        const changed = ciphertext.map((byte, index) => (index === at ? byte ^ 1 : byte))
        const error = yield* Effect.flip(opened(changed))
        expect(error.reason._tag).toBe("DecryptionFailed")
      }
      const elsewhere = yield* Effect.flip(opened(ciphertext, bytes(40, 8)))
      expect(elsewhere.reason._tag).toBe("DecryptionFailed")
    })
  )

  it.effect("open nothing whose tag was cut short", () =>
    Effect.gen(function* () {
      const ciphertext = yield* sealed(new Uint8Array(0))
      const error = yield* Effect.flip(opened(ciphertext.subarray(0, 12)))
      expect(error.reason._tag).toBe("DecryptionFailed")
    })
  )

  it.effect("hash and sign what WebCrypto hashes and signs", () =>
    Effect.gen(function* () {
      const digests = Effect.gen(function* () {
        const digest = yield* Digest.Digest
        const all = [Digest.md5, Digest.sha1, Digest.sha256, Digest.sha384, Digest.sha512]
        return yield* Effect.forEach(all, (algorithm) => digest.digestHex(algorithm, bytes(100)))
      })
      expect(yield* digests).toEqual(yield* onWebCrypto(digests))
      const signed = Effect.gen(function* () {
        const mac = yield* Mac.Mac
        return yield* Effect.forEach([Mac.hmacSha256, Mac.hmacSha512], (algorithm) =>
          Effect.gen(function* () {
            const key = yield* Mac.key(algorithm, bytes(32, 3))
            return [yield* mac.sign(key, aad), yield* mac.sign(key, bytes(100))]
          })
        )
      })
      expect(yield* signed).toEqual(yield* onWebCrypto(signed))
    })
  )

  it.effect("hand out bytes of their own, not views of a pool that others share", () =>
    Effect.gen(function* () {
      const digest = yield* Digest.Digest
      const ciphertext = yield* sealed(bytes(20))
      const hash = yield* digest.digest(Digest.sha256, bytes(3))
      for (const one of [ciphertext, yield* opened(ciphertext), hash]) {
        expect(one.buffer.byteLength).toBe(one.length)
        expect(Buffer.isBuffer(one)).toBe(false)
      }
    })
  )
})
