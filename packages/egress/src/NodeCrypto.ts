import { CryptoLive } from "@hawser/core"
import { Effect, Layer } from "effect"
import { Aead, Digest, Mac, SecureRandom } from "effect/crypto"
import { Hex } from "effect/encoding"
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createSecretKey,
  type KeyObject
} from "node:crypto"

const tagLength = 16

/**
 * Keys are given as `KeyObject`s: on mere bytes Node 24 tries first whether they are one, which takes longer than to encrypt.
 * A tag that does not match is told by undefined: that is how `Aead` asks for it.
 */
const aes256Gcm: Aead.Implementation = {
  encrypt: (key, nonce, plaintext, aad) => {
    const cipher = createCipheriv("aes-256-gcm", createSecretKey(key), nonce).setAAD(aad)
    const encrypted = new Uint8Array(plaintext.length + tagLength)
    encrypted.set(cipher.update(plaintext))
    // In this mode nothing is left for the end.
    cipher.final()
    encrypted.set(cipher.getAuthTag(), plaintext.length)
    return encrypted
  },
  decrypt: (key, nonce, ciphertext, aad) => {
    const tagAt = ciphertext.length - tagLength
    const decipher = createDecipheriv("aes-256-gcm", createSecretKey(key), nonce, {
      authTagLength: tagLength
    })
    decipher.setAAD(aad).setAuthTag(ciphertext.subarray(tagAt))
    const plaintext = new Uint8Array(decipher.update(ciphertext.subarray(0, tagAt)))
    try {
      decipher.final()
      return plaintext
    } catch {
      return undefined
    }
  }
}

const aead = Aead.layerWebCryptoWith({ implementations: { aes256Gcm } })

/** As `getHashes` writes them: Node takes WebCrypto's `SHA-256` too, Deno does not. */
const opensslNames = {
  MD5: "md5",
  "SHA-1": "sha1",
  "SHA-256": "sha256",
  "SHA-384": "sha384",
  "SHA-512": "sha512"
}

const digest: Digest.Digest["Service"]["digest"] = ({ name }, data) =>
  Effect.sync(() => new Uint8Array(createHash(opensslNames[name]).update(data).digest()))

const digests = Layer.succeed(Digest.Digest, {
  digest,
  digestHex: (algorithm, data) => Effect.map(digest(algorithm, data), Hex.encode)
})

/** Of keys that sign many times, by the bytes that a `Mac.Key` holds for itself. */
const keyObjects = new WeakMap<Uint8Array, KeyObject>()

const keyObjectOf = (bytes: Uint8Array): KeyObject => {
  const kept = keyObjects.get(bytes)
  if (kept !== undefined) return kept
  const made = createSecretKey(bytes)
  keyObjects.set(bytes, made)
  return made
}

const mac = Mac.layerWebCryptoWith({
  hmac: (hash, key, data) =>
    new Uint8Array(createHmac(opensslNames[hash], keyObjectOf(key)).update(data).digest())
})

/**
 * `CryptoLive` with digests, AES-256-GCM and HMAC on OpenSSL, in the calling thread. WebCrypto hands each call to
 * another thread, and for texts as short as a token that costs many times what is computed there (docs/performance.md).
 */
export const NodeCrypto = {
  layer: Layer.provideMerge(
    Layer.mergeAll(aead, digests, mac).pipe(Layer.provide(SecureRandom.layerWebCrypto)),
    CryptoLive
  )
}
