import { type Brand, Context, type Effect } from "effect"
import type { SealContext, Sealed, StorageUnavailable } from "../model/index.ts"

/** Where a store keeps a sealed value: for that store to read, and nobody else. */
export type SealedAddress = string & Brand.Brand<"SealedAddress">

/** A sealed value as it is stored, with the context that it was sealed for. */
export interface StoredSealed extends SealContext {
  readonly address: SealedAddress
  readonly sealed: Sealed
}

/** How many stored values name a key; the id is empty for values that are not envelopes. */
export interface KeyUse {
  readonly keyId: string
  readonly count: number
}

/** Every sealed value that is stored, of all tenants and kinds, for the rotation of keys. */
export class SealedValues extends Context.Service<
  SealedValues,
  {
    /** Which keys the stored values name. Reads all of them. */
    readonly inUse: Effect.Effect<ReadonlyArray<KeyUse>, StorageUnavailable>
    /**
     * Values that name another key than this, from the first or from after an address, in an order that does not change
     * when values do. None if none are left.
     */
    readonly batch: (options: {
      readonly exceptKeyId: string
      readonly limit: number
      readonly after: SealedAddress | undefined
    }) => Effect.Effect<ReadonlyArray<StoredSealed>, StorageUnavailable>
    /** Replaces a value by another form of the same; false, and nothing written, if it is not the stored one any more. */
    readonly replace: (
      stored: Pick<StoredSealed, "address" | "sealed">,
      by: Sealed
    ) => Effect.Effect<boolean, StorageUnavailable>
  }
>()("@hawser/core/SealedValues") {}
