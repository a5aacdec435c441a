import type { Effect } from "effect"
import { Context } from "effect"
import type { DecryptionFailed } from "../domain/Errors.ts"

/** A data key as it is stored: wrapped by the key named. */
export interface WrappedKey {
  /** At most 255 bytes of UTF-8. */
  readonly keyId: string
  /** At most 65,535. */
  readonly bytes: Uint8Array
}

/** Keeps the keys that wrap data keys: a local keyring, or a key management service with encryption context (S-44). */
export class KeyManagement extends Context.Service<
  KeyManagement,
  {
    readonly wrap: (dataKey: Uint8Array, context: Uint8Array) => Effect.Effect<WrappedKey>
    readonly unwrap: (
      key: WrappedKey,
      context: Uint8Array
    ) => Effect.Effect<Uint8Array, DecryptionFailed>
  }
>()("@hawser/core/KeyManagement") {}
