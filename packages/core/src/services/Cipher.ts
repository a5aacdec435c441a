import { Context, type Effect } from "effect"
import type {
  DecryptionFailed,
  SealContext,
  Sealed,
  Secret,
  StorageUnavailable
} from "../model/index.ts"

/**
 * Seals secrets for the store and opens them again, bound to where they belong. `StorageUnavailable` if
 * the key management cannot be reached: to a caller, what is stored cannot be read for now.
 */
export class Cipher extends Context.Service<
  Cipher,
  {
    /** What names the key that values are sealed under from now on. */
    readonly primaryKeyId: string
    readonly seal: (
      secret: Secret,
      context: SealContext
    ) => Effect.Effect<Sealed, StorageUnavailable>
    readonly open: (
      sealed: Sealed,
      context: SealContext
    ) => Effect.Effect<Secret, DecryptionFailed | StorageUnavailable>
    /**
     * The same value under the primary key, with a data key and nonce of its own: who held the old data key has nothing of
     * it. Undefined if it is under the primary key already.
     */
    readonly reseal: (
      sealed: Sealed,
      context: SealContext
    ) => Effect.Effect<Sealed | undefined, DecryptionFailed | StorageUnavailable>
  }
>()("@hawser/core/Cipher") {}
