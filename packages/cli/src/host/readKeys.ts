import { Cipher, EnvelopeCipher, keysInUse, LocalKeyring, Secret } from "@hawser/core"
import { NodeCrypto } from "@hawser/egress"
import { Effect, Layer } from "effect"
import type { HawserOptions } from "hawser"
import { vault } from "./openHost.ts"

/** A key of the configuration or of stored values, by its id: the first bytes of its hash, and nothing of the key. */
export interface Key {
  readonly keyId: string
  /** How many stored values need it. */
  readonly values: number
  /** `primary` seals new values. `unknown` if a key management service keeps them. */
  readonly configured: "primary" | "other" | "no" | "unknown"
}

const idOf = (key: string) =>
  Effect.map(Cipher, ({ primaryKeyId }) => primaryKeyId).pipe(
    Effect.provide(
      // Fresh: one layer is built once, and each key needs its own.
      Layer.fresh(EnvelopeCipher.layer).pipe(
        Layer.provide(LocalKeyring.layer({ keys: [Secret(key)] })),
        Layer.provide(NodeCrypto.layer)
      )
    )
  )

/** The keys of the options and those that stored values need. */
export const readKeys = (options: HawserOptions) =>
  Effect.gen(function* () {
    const { encryptionKey, keyManagement } = options
    const keys = typeof encryptionKey === "string" ? [encryptionKey] : (encryptionKey ?? [])
    const configured = yield* Effect.forEach(keys, idOf)
    const { primaryKeyId } = yield* Cipher
    const used = new Map((yield* keysInUse).map(({ count, keyId }) => [keyId, count]))
    const ids = [...new Set([primaryKeyId, ...configured, ...used.keys()])]
    return ids.map((keyId): Key => ({
      keyId,
      values: used.get(keyId) ?? 0,
      configured:
        keyId === primaryKeyId
          ? "primary"
          : configured.includes(keyId)
            ? "other"
            : keyManagement === undefined
              ? "no"
              : "unknown"
    }))
  }).pipe(Effect.provide(vault(options)))
