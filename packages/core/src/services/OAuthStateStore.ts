import { Context, type Duration, type Effect, type Option } from "effect"
import type {
  AlreadyConnected,
  BoundFlow,
  BurnedFlow,
  BurnMiss,
  Forbidden,
  NewFlow,
  ParkedFlow,
  ParkedState,
  Sealed,
  SecretHash,
  StorageUnavailable,
  TooManyPendingFlows,
  WaitingFlow
} from "../model/index.ts"

/** How many flows may wait at once, for their callback or, parked, for what comes after it. */
export interface PendingFlowLimits {
  readonly perUser: number
  /**
   * Of flows for what the tenant owns, and again of those for what its users own: any member may begin those, and must not
   * keep an admin from connecting.
   */
  readonly perTenant: number
}

/**
 * Keeps flows between their start and their end. It takes lifetimes, never instants: expiry is set and compared by the
 * store's own clock, so that processes whose clocks differ agree.
 */
export class OAuthStateStore extends Context.Service<
  OAuthStateStore,
  {
    /**
     * Stores a pending flow, in one statement with its conditions: the tenant's integration is not connected, unless the
     * flow reauthorizes it, the limits are not reached, and the user is not barred.
     */
    readonly start: (
      flow: NewFlow,
      options: { readonly lifetime: Duration.Duration; readonly limits: PendingFlowLimits }
    ) => Effect.Effect<
      void,
      AlreadyConnected | Forbidden | TooManyPendingFlows | StorageUnavailable
    >
    /**
     * Burns the flow of a state: atomically, under any concurrency at most one caller gets it, and its secrets leave the
     * store. Nothing but the hash decides, so a mismatch found later has burned the flow too.
     */
    readonly burn: (
      stateHash: SecretHash
    ) => Effect.Effect<Option.Option<BurnedFlow>, StorageUnavailable>
    /** After a miss: whether the state was ever known. For the security log only. */
    readonly explainMiss: (stateHash: SecretHash) => Effect.Effect<BurnMiss, StorageUnavailable>
    /**
     * Parks what waits of a flow under a fresh flow id: of a burned and bound one, or of one that was parked and taken, so
     * that each flow id is good for one call. `Forbidden` if the user is barred: the row of one who was erased is gone, and
     * must not come back.
     */
    readonly park: (
      flow: BoundFlow | ParkedFlow,
      options: {
        readonly as: ParkedState
        readonly flowIdHash: SecretHash
        readonly sealedResponse: Sealed
        readonly lifetime: Duration.Duration
        /** The keyed hash of who began the flow. */
        readonly userHash: Uint8Array
      }
    ) => Effect.Effect<void, Forbidden | StorageUnavailable>
    /** Reads a parked flow and leaves it: for a page about it, not for its end. */
    readonly findParked: (
      flowIdHash: SecretHash
    ) => Effect.Effect<Option.Option<WaitingFlow>, StorageUnavailable>
    /**
     * Burns a parked flow, as `burn` does, in whichever state it is: a caller that expected another one has burned it too.
     */
    readonly takeParked: (
      flowIdHash: SecretHash
    ) => Effect.Effect<Option.Option<ParkedFlow>, StorageUnavailable>
    /**
     * Flows in which an account was not chosen in time, the oldest first. They stay until `removeChoice`: their tokens have to
     * be revoked first, and no flow id of theirs is good for anything any more.
     */
    readonly abandonedChoices: (
      limit: number
    ) => Effect.Effect<ReadonlyArray<WaitingFlow>, StorageUnavailable>
    /** Deletes a flow in which an account was not chosen in time. */
    readonly removeChoice: (flowIdHash: SecretHash) => Effect.Effect<void, StorageUnavailable>
    /**
     * Deletes expired flows, but for those of `abandonedChoices`, and the tombstones that have outlived all flows. Returns the
     * number of flows deleted.
     */
    readonly sweep: Effect.Effect<number, StorageUnavailable>
  }
>()("@hawser/core/OAuthStateStore") {}
