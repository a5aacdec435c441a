import { Effect, Layer, Redacted, Result } from "effect"
import { Aead, Digest, Mac, SecureRandom } from "effect/crypto"
import { Base64, Base64Url, Hex } from "effect/encoding"
import { ConfigurationError, DecryptionFailed, type Secret } from "../model/index.ts"
import { KeyManagement, type WrappedKey } from "../services/index.ts"

/** Keys kept by the host itself: the first seals, all of them open. */
export interface LocalKeyringOptions {
  /** Each 32 random bytes as base64, base64url or hex: `openssl rand -base64 32`. */
  readonly keys: readonly [Secret, ...ReadonlyArray<Secret>]
}

const keyLength = 32

/** The probability that 32 random bytes have fewer different values than this is below 10^-15. */
const leastDistinctBytes = 14

/** Keys from Hawser's own documentation, which protect nothing. */
const sampleKeys: ReadonlySet<string> = new Set([
  "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
  "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
])

const refuse = (problem: string) =>
  new ConfigurationError({
    setting: "encryptionKey",
    problem: `${problem} Set 32 random bytes, for instance from \`openssl rand -base64 32\`.`
  })

const decodeKey = (key: Secret): Effect.Effect<Uint8Array, ConfigurationError> => {
  const text = Redacted.value(key).trim()
  if (text === "") return Effect.fail(refuse("The encryption key is missing."))
  const decoded = /^[0-9a-f]{64}$/i.test(text)
    ? Hex.decode(text)
    : // A key in base64url without padding may have none of the letters that identify it, so one alphabet reads both.
      Base64Url.decode(text.replaceAll("+", "-").replaceAll("/", "_"))
  if (Result.isFailure(decoded))
    return Effect.fail(refuse("The encryption key is neither base64 nor hex."))
  const bytes = decoded.success
  if (bytes.length !== keyLength) {
    return Effect.fail(
      refuse(`The encryption key has ${bytes.length} bytes and needs ${keyLength}.`)
    )
  }
  if (new Set(bytes).size < leastDistinctBytes || sampleKeys.has(Base64.encode(bytes))) {
    return Effect.fail(
      refuse("The encryption key is not random: it repeats itself or is a sample.")
    )
  }
  return Effect.succeed(bytes)
}

/**
 * A `KeyManagement` over keys in the process. A data key is wrapped by AES-256-GCM under a key that is derived (HKDF, RFC
 * 5869) for its context. So no derived key comes near the limit of random nonces, however many values the key protects. The
 * key id is the first 8 bytes of the key's SHA-256.
 *
 * Fails with `ConfigurationError` for a key that is missing, too short, too long, repeating or a sample.
 */
export const LocalKeyring = {
  layer: (options: LocalKeyringOptions) =>
    Layer.effect(
      KeyManagement,
      Effect.gen(function* () {
        const aead = yield* Aead.Aead
        const mac = yield* Mac.Mac
        const digest = yield* Digest.Digest
        const random = yield* SecureRandom.SecureRandom

        /**
         * The first step of HKDF-SHA-256 (RFC 5869 §2.2), without a salt. It depends on the key alone, so it is taken once: 2.3 µs
         * a derivation instead of 7.4.
         */
        const extract = (key: Uint8Array) =>
          Mac.key(Mac.hmacSha256, new Uint8Array(keyLength)).pipe(
            Effect.flatMap((noSalt) => mac.sign(noSalt, key)),
            Effect.flatMap((extracted) => Mac.key(Mac.hmacSha256, extracted)),
            Effect.orDie
          )

        const keys = yield* Effect.forEach(options.keys, (key) =>
          Effect.gen(function* () {
            const bytes = yield* decodeKey(key)
            const hash = yield* digest.digest(Digest.sha256, bytes)
            return { id: Hex.encode(hash.subarray(0, 8)), extracted: yield* extract(bytes) }
          })
        )
        const primary = keys[0]
        const keyring = new Map(keys.map(({ extracted, id }) => [id, extracted]))

        /** The second step (RFC 5869 §2.3): the key has the length of one hash, so one block is all of it. */
        const wrappingKey = (extracted: Mac.Key, context: Uint8Array) => {
          const bytes = new Uint8Array(context.length + 1)
          bytes.set(context)
          bytes[context.length] = 1
          return Effect.orDie(
            Effect.flatMap(mac.sign(extracted, bytes), (key) => Aead.key(Aead.aes256Gcm, key))
          )
        }

        const nonceLength = Aead.aes256Gcm.nonceLength
        const wrap = Effect.fnUntraced(function* (dataKey: Uint8Array, context: Uint8Array) {
          const nonce = yield* random.randomBytes(nonceLength)
          const key = yield* wrappingKey(primary.extracted, context)
          const ciphertext = yield* Effect.orDie(
            aead.encrypt(key, dataKey, { nonce, aad: context })
          )
          const bytes = new Uint8Array(nonce.length + ciphertext.length)
          bytes.set(nonce)
          bytes.set(ciphertext, nonce.length)
          return bytes
        })

        const unwrap = Effect.fnUntraced(function* (wrapped: WrappedKey, context: Uint8Array) {
          const extracted = keyring.get(wrapped.keyId)
          if (extracted === undefined) return yield* new DecryptionFailed({ reason: "unknown_key" })
          const key = yield* wrappingKey(extracted, context)
          return yield* Effect.mapError(
            aead.decrypt(key, wrapped.bytes.subarray(nonceLength), {
              nonce: wrapped.bytes.subarray(0, nonceLength),
              aad: context
            }),
            () => new DecryptionFailed({ reason: "not_authentic" })
          )
        })

        return KeyManagement.of({ primaryKeyId: primary.id, wrap, unwrap })
      })
    )
}
