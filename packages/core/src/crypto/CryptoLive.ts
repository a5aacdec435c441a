import { Layer } from "effect"
import { Aead, Digest, Kdf, SecureRandom } from "effect/crypto"

/** The primitives, all on WebCrypto: randomness (the only source of it, S-01), SHA-256, AES-GCM, HKDF. */
export const CryptoLive = Layer.mergeAll(
  Aead.layerWebCrypto,
  Digest.layerWebCrypto,
  Kdf.layerWebCrypto
).pipe(Layer.provideMerge(SecureRandom.layerWebCrypto))
