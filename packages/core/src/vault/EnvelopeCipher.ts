import { Effect, Layer, Redacted } from "effect"
import { Aead, Digest, SecureRandom } from "effect/crypto"
import {
  canonical,
  ConfigurationError,
  DecryptionFailed,
  type KeysUnavailable,
  type SealContext,
  type Sealed,
  Secret,
  StorageUnavailable
} from "../model/index.ts"
import { Cipher, KeyManagement, SecurityLog, type WrappedKey } from "../services/index.ts"

/**
 * Envelope encryption: AES-256-GCM (NIST SP 800-38D) under a new data key for each value, which the key management wraps. A
 * data key encrypts only once, so its nonce cannot repeat.
 *
 * Layout: version 1 · length and UTF-8 of the key id · length and bytes of the wrapped data key · nonce · ciphertext
 * with tag.
 */
const version = 1
const nonceLength = Aead.aes256Gcm.nonceLength
const tagLength = 16

const encoder = new TextEncoder()
// Without `ignoreBOM` a text that begins with U+FEFF would come back shorter than it went in.
const decoder = new TextDecoder("utf-8", { ignoreBOM: true })

/** As bytes of a fixed length, because some key management services accept only a short context. */
const authenticated = (
  digest: Digest.Digest["Service"],
  { directing, field, owner, provider, recordId, tenantId }: SealContext
): Effect.Effect<Uint8Array> =>
  digest.digest(
    Digest.sha256,
    canonical([String(version), tenantId, owner, provider, recordId, field, directing])
  )

const pack = (key: WrappedKey, nonce: Uint8Array, ciphertext: Uint8Array): Sealed => {
  const keyId = encoder.encode(key.keyId)
  // A length that was cut off silently would make an envelope that never decrypts.
  if (key.bytes.length > 0xffff)
    throw new RangeError("The key management's wrapped key is too long to be stored.")
  const bytes = new Uint8Array(
    4 + keyId.length + key.bytes.length + nonce.length + ciphertext.length
  )
  bytes[0] = version
  bytes[1] = keyId.length
  bytes.set(keyId, 2)
  new DataView(bytes.buffer).setUint16(2 + keyId.length, key.bytes.length)
  let offset = 4 + keyId.length
  for (const part of [key.bytes, nonce, ciphertext]) {
    bytes.set(part, offset)
    offset += part.length
  }
  return bytes as Sealed
}

const unpack = (sealed: Sealed) => {
  const keyIdLength = sealed[1]
  if (sealed[0] !== version || keyIdLength === undefined || sealed.length < 4 + keyIdLength)
    return undefined
  const wrappedLength = new DataView(sealed.buffer, sealed.byteOffset).getUint16(2 + keyIdLength)
  const wrappedAt = 4 + keyIdLength
  const nonceAt = wrappedAt + wrappedLength
  if (sealed.length < nonceAt + nonceLength + tagLength) return undefined
  return {
    key: {
      keyId: decoder.decode(sealed.subarray(2, 2 + keyIdLength)),
      bytes: sealed.subarray(wrappedAt, nonceAt)
    },
    nonce: sealed.subarray(nonceAt, nonceAt + nonceLength),
    ciphertext: sealed.subarray(nonceAt + nonceLength)
  }
}

/** The id of the key that a value is sealed under; empty if it is not an envelope. */
export const keyIdOf = (sealed: Sealed): string =>
  sealed[0] === version ? decoder.decode(sealed.subarray(2, 2 + (sealed[1] ?? 0))) : ""

const unreachable = (error: KeysUnavailable) => new StorageUnavailable({ cause: error })

/** The `Cipher` of every store. A value that does not decrypt is reported as a security event. */
export const EnvelopeCipher = {
  layer: Layer.effect(
    Cipher,
    Effect.gen(function* () {
      const aead = yield* Aead.Aead
      const digest = yield* Digest.Digest
      const random = yield* SecureRandom.SecureRandom
      const keys = yield* KeyManagement
      const log = yield* SecurityLog
      const { primaryKeyId } = keys
      const keyIdLength = encoder.encode(primaryKeyId).length
      if (keyIdLength === 0 || keyIdLength > 0xff) {
        return yield* new ConfigurationError({
          setting: "keyManagement",
          problem: "Its primaryKeyId must have 1 to 255 bytes."
        })
      }

      const wrap = (dataKey: Uint8Array, aad: Uint8Array) =>
        Effect.map(keys.wrap(dataKey, aad), (bytes) => ({ keyId: primaryKeyId, bytes }))

      const seal = Effect.fnUntraced(
        function* (secret: Secret, context: SealContext) {
          const aad = yield* authenticated(digest, context)
          const { keyLength } = Aead.aes256Gcm
          const bytes = yield* random.randomBytes(keyLength + nonceLength)
          const dataKey = bytes.subarray(0, keyLength)
          const nonce = bytes.subarray(keyLength)
          // With a key and nonce of the right length neither can fail, so a failure is a defect.
          const key = yield* Effect.orDie(Aead.key(Aead.aes256Gcm, dataKey))
          const plaintext = encoder.encode(Redacted.value(secret))
          const ciphertext = yield* Effect.orDie(aead.encrypt(key, plaintext, { nonce, aad }))
          return pack(yield* wrap(dataKey, aad), nonce, ciphertext)
        },
        Effect.catchTag("KeysUnavailable", (error) => Effect.fail(unreachable(error)))
      )

      /** A value that does not decrypt is a security event; a key management that does not answer is not. */
      const reporting =
        (context: SealContext) =>
        <A>(opened: Effect.Effect<A, DecryptionFailed | KeysUnavailable>) =>
          opened.pipe(
            Effect.mapError((error) =>
              error._tag === "KeysUnavailable" ? unreachable(error) : error
            ),
            Effect.tapErrorTag("DecryptionFailed", ({ reason }) =>
              log.report({
                type: "decryption_failed",
                tenantId: context.tenantId,
                provider: context.provider,
                reason
              })
            )
          )

      const open = Effect.fnUntraced(
        function* (sealed: Sealed, context: SealContext) {
          const envelope = unpack(sealed)
          if (envelope === undefined) return yield* new DecryptionFailed({ reason: "malformed" })
          const aad = yield* authenticated(digest, context)
          const dataKey = yield* keys.unwrap(envelope.key, aad)
          const notAuthentic = () => new DecryptionFailed({ reason: "not_authentic" })
          const key = yield* Effect.mapError(Aead.key(Aead.aes256Gcm, dataKey), notAuthentic)
          const plaintext = yield* Effect.mapError(
            aead.decrypt(key, envelope.ciphertext, { nonce: envelope.nonce, aad }),
            notAuthentic
          )
          return Secret(decoder.decode(plaintext))
        },
        (opened, _sealed, context) => reporting(context)(opened)
      )

      const reseal = Effect.fnUntraced(function* (sealed: Sealed, context: SealContext) {
        if (unpack(sealed)?.key.keyId === primaryKeyId) return undefined
        return yield* seal(yield* open(sealed, context), context)
      })

      return Cipher.of({ primaryKeyId, seal, open, reseal })
    })
  )
}
