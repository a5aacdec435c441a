import { Effect, Layer, Redacted } from "effect"
import { Aead, Digest, Mac, SecureRandom } from "effect/crypto"
import { base64Url, Secret, type SecretHash } from "../model/index.ts"

/** The primitives, all on WebCrypto: randomness (the only source of it), SHA-256, AES-GCM, HMAC. */
export const CryptoLive = Layer.mergeAll(
  Aead.layerWebCrypto,
  Digest.layerWebCrypto,
  Mac.layerWebCrypto
).pipe(Layer.provideMerge(SecureRandom.layerWebCrypto))

const encoder = new TextEncoder()

/** 32 bytes of the system's CSPRNG as base64url: 43 characters, no meaning inside (RFC 7636 §4.1 for verifiers). */
export const freshSecret: Effect.Effect<Secret, never, SecureRandom.SecureRandom> = Effect.gen(
  function* () {
    const random = yield* SecureRandom.SecureRandom
    return Secret(base64Url(yield* random.randomBytes(32)))
  }
)

/** SHA-256 of a secret. Only the hash is stored and looked up. */
export const hashSecret = Effect.fnUntraced(function* (secret: Secret) {
  const digest = yield* Digest.Digest
  const hash = yield* digest.digest(Digest.sha256, encoder.encode(Redacted.value(secret)))
  return hash as SecretHash
})

/** Compares two hashes in constant time. */
export const isSameHash = (one: SecretHash, other: SecretHash): boolean =>
  Mac.timingSafeEqual(one, other)

/** The public handle of a flow, for the name of its cookie: half of the state's hash, which does not reveal the state. */
export const flowTag = (stateHash: SecretHash): string => base64Url(stateHash.subarray(0, 16))
