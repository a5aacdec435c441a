import { Context, Effect, Layer, Redacted } from "effect"
import { SecureRandom } from "effect/crypto"
import {
  type DecryptionFailed,
  type ProviderId,
  type SealContext,
  type Secret,
  type StorageUnavailable,
  type TenantId,
  tenantsOwn,
  type UserId
} from "../model/index.ts"
import { Cipher, Maintenance } from "../services/index.ts"
import { lengthPrefixed } from "./lengthPrefixed.ts"
import { freshSecret } from "./secrets.ts"

/** The context of the key. No tenant and no provider has an empty id, so no other value decrypts in its place. */
export const hashKeyContext: SealContext = {
  tenantId: "" as TenantId,
  owner: tenantsOwn,
  provider: "" as ProviderId,
  recordId: "keyed_hash",
  field: "key",
  directing: []
}

/**
 * Hashes values that may be compared but not read: HMAC-SHA-256 (RFC 2104) under a key of 32 bytes. With a dump of the
 * database but without the encryption key, an attacker cannot test guesses.
 *
 * The key is made once and stored sealed, so all processes have the same one, and rotating the encryption key does not
 * change the hashes.
 */
export class KeyedHash extends Context.Service<
  KeyedHash,
  {
    /** The hash of these parts for this purpose. Another purpose gives another hash. */
    readonly of: (
      purpose: string,
      parts: ReadonlyArray<string>
    ) => Effect.Effect<Uint8Array, DecryptionFailed | StorageUnavailable>
  }
>()("@hawser/core/KeyedHash") {
  static readonly layer: Layer.Layer<
    KeyedHash,
    never,
    Cipher | Maintenance | SecureRandom.SecureRandom
  > = Layer.effect(
    KeyedHash,
    Effect.gen(function* () {
      const cipher = yield* Cipher
      const maintenance = yield* Maintenance
      const random = yield* SecureRandom.SecureRandom
      let imported: CryptoKey | undefined

      /** A new key, or one that another process has stored first. */
      const madeKey = Effect.gen(function* () {
        const made = yield* Effect.provideService(freshSecret, SecureRandom.SecureRandom, random)
        const sealed = yield* cipher.seal(made, hashKeyContext)
        const kept = yield* maintenance.keepHashKey(sealed)
        const isOwn = kept.every((byte, at) => byte === sealed[at])
        return isOwn ? made : yield* cipher.open(kept, hashKeyContext)
      })

      const key = Effect.gen(function* () {
        if (imported !== undefined) return imported
        const found = yield* maintenance.findHashKey
        const secret =
          found === undefined ? yield* madeKey : yield* cipher.open(found, hashKeyContext)
        imported = yield* Effect.promise(() => importHashKey(secret))
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

/** What a user of a tenant is known by where the id itself must not stand. */
export const userHash = (
  tenantId: TenantId,
  userId: UserId
): Effect.Effect<Uint8Array, DecryptionFailed | StorageUnavailable, KeyedHash> =>
  Effect.flatMap(KeyedHash, (keyed) => keyed.of("user", [tenantId, userId]))

const encoder = new TextEncoder()

const importHashKey = (secret: Secret): Promise<CryptoKey> =>
  crypto.subtle.importKey(
    "raw",
    encoder.encode(Redacted.value(secret)),
    { name: "HMAC", hash: "SHA-256" },
    false,
    ["sign"]
  )
