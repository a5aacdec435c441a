import { Context, Effect, Layer, Redacted } from "effect"
import { SecureRandom } from "effect/crypto"
import {
  type DecryptionFailed,
  type ProviderId,
  type SealContext,
  type Secret,
  type StorageUnavailable,
  type TenantId,
  tenantsOwn
} from "../model/index.ts"
import { Cipher, HashKeyStore } from "../services/index.ts"
import { lengthPrefixed } from "./lengthPrefixed.ts"
import { freshSecret } from "./secrets.ts"

/** Where the key belongs. No tenant and no provider has an empty id, so no value of theirs opens in its place. */
export const hashKeyContext: SealContext = {
  tenantId: "" as TenantId,
  owner: tenantsOwn,
  provider: "" as ProviderId,
  recordId: "keyed_hash",
  field: "key",
  directing: []
}

/**
 * Hashes what may be compared but not read: HMAC-SHA-256 (RFC 2104) under a key of 32 bytes. Whoever has a dump of the
 * database and not the encryption key can try no value against it.
 *
 * The key is made once and stored sealed, so that every process has the same one, and the rotation of the encryption key
 * leaves the hashes as they are.
 */
export class KeyedHash extends Context.Service<
  KeyedHash,
  {
    /** The hash of these parts for this purpose: the same parts have another one for another. */
    readonly of: (
      purpose: string,
      parts: ReadonlyArray<string>
    ) => Effect.Effect<Uint8Array, DecryptionFailed | StorageUnavailable>
  }
>()("@hawser/core/KeyedHash") {
  static readonly layer: Layer.Layer<
    KeyedHash,
    never,
    Cipher | HashKeyStore | SecureRandom.SecureRandom
  > = Layer.effect(
    KeyedHash,
    Effect.gen(function* () {
      const cipher = yield* Cipher
      const store = yield* HashKeyStore
      const random = yield* SecureRandom.SecureRandom
      let imported: CryptoKey | undefined

      const key = Effect.gen(function* () {
        if (imported !== undefined) return imported
        const fresh = freshSecret.pipe(
          Effect.provideService(SecureRandom.SecureRandom, random),
          Effect.flatMap((secret) => cipher.seal(secret, hashKeyContext))
        )
        const sealed = (yield* store.find) ?? (yield* store.keep(yield* fresh))
        const opened = yield* cipher.open(sealed, hashKeyContext)
        imported = yield* Effect.promise(() => importKey(opened))
        return imported
      })

      return KeyedHash.of({
        of: Effect.fnUntraced(function* (purpose, parts) {
          const hmac = yield* key
          const message = lengthPrefixed([purpose, ...parts])
          return new Uint8Array(
            yield* Effect.promise(() => crypto.subtle.sign("HMAC", hmac, message))
          )
        })
      })
    })
  )
}

const encoder = new TextEncoder()

const importKey = (secret: Secret): Promise<CryptoKey> =>
  crypto.subtle.importKey(
    "raw",
    encoder.encode(Redacted.value(secret)),
    { name: "HMAC", hash: "SHA-256" },
    false,
    ["sign"]
  )
