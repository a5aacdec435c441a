import { Context, type Effect } from "effect"
import type { Sealed, StorageUnavailable } from "../model/index.ts"

/** Keeps the one sealed key of `KeyedHash`. It is among the `SealedValues`, so that it is resealed as they are. */
export class HashKeyStore extends Context.Service<
  HashKeyStore,
  {
    /** Undefined before the first was stored. */
    readonly find: Effect.Effect<Sealed | undefined, StorageUnavailable>
    /** Stores a key unless there is one, and answers the one that is stored: of racing calls all get the same. */
    readonly keep: (sealed: Sealed) => Effect.Effect<Sealed, StorageUnavailable>
  }
>()("@hawser/core/HashKeyStore") {}
