import { Context, type Effect } from "effect"
import type { DecryptionFailed, KeysUnavailable } from "../model/index.ts"

/** A data key as it is stored: wrapped by the key named. */
export interface WrappedKey {
  readonly keyId: string
  readonly bytes: Uint8Array
}

/** Keeps the keys that wrap data keys: a local keyring, or a key management service with encryption context. */
export class KeyManagement extends Context.Service<
  KeyManagement,
  {
    /** What names the key that wraps from now on. Stored with each value; at most 255 bytes of UTF-8. */
    readonly primaryKeyId: string
    /** Wraps a data key under the primary key, for this context alone; at most 65,535 bytes. */
    readonly wrap: (
      dataKey: Uint8Array,
      context: Uint8Array
    ) => Effect.Effect<Uint8Array, KeysUnavailable>
    /** Unwraps what any key that is still there wrapped for this context. */
    readonly unwrap: (
      key: WrappedKey,
      context: Uint8Array
    ) => Effect.Effect<Uint8Array, DecryptionFailed | KeysUnavailable>
  }
>()("@hawser/core/KeyManagement") {}
