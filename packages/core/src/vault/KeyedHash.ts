import { Context, Effect, Layer, Redacted } from "effect"
import { Mac, SecureRandom } from "effect/crypto"
import {
  type DecryptionFailed,
  type ProviderId,
  type SealContext,
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
    Cipher | Mac.Mac | Maintenance | SecureRandom.SecureRandom
  > = Layer.effect(
    KeyedHash,
    Effect.gen(function* () {
      const cipher = yield* Cipher
      const maintenance = yield* Maintenance
      const mac = yield* Mac.Mac
      const random = yield* SecureRandom.SecureRandom
      let read: Mac.Key | undefined

      /** A new key, or one that another process has stored first. */
      const madeKey = Effect.gen(function* () {
        const made = yield* Effect.provideService(freshSecret, SecureRandom.SecureRandom, random)
        const sealed = yield* cipher.seal(made, hashKeyContext)
        const kept = yield* maintenance.keepHashKey(sealed)
        const isOwn = kept.every((byte, at) => byte === sealed[at])
        return isOwn ? made : yield* cipher.open(kept, hashKeyContext)
      })

      const key = Effect.gen(function* () {
        if (read !== undefined) return read
        const found = yield* maintenance.findHashKey
        const secret =
          found === undefined ? yield* madeKey : yield* cipher.open(found, hashKeyContext)
        read = yield* Effect.orDie(Mac.key(Mac.hmacSha256, encoder.encode(Redacted.value(secret))))
        return read
      })

      return KeyedHash.of({
        of: Effect.fnUntraced(function* (purpose, parts) {
          const hmac = yield* key
          const message = lengthPrefixed([purpose, ...parts])
          return yield* Effect.orDie(mac.sign(hmac, message))
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
