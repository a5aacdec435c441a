import { Context, type Duration, type Effect, type Option } from "effect"
import type {
  EventId,
  IntegrationEvent,
  IntegrationId,
  StorageUnavailable,
  TenantId
} from "../model/index.ts"

/** Where a new subscriber's cursor starts. One that exists keeps its place. */
export type SubscribeFrom = "now" | "beginning"

/** An event handed to a subscriber. */
export interface Delivery {
  readonly event: IntegrationEvent
  readonly integrationId: IntegrationId
  /** 1 for the first time; more after failures of the handler. */
  readonly attempt: number
}

/** An event that a newer release has recorded and this one cannot read. */
export interface UnknownEvent {
  readonly id: EventId
  readonly tenantId: TenantId
  readonly event: string
}

/** A batch that one worker holds for a subscriber until it settles it or its lease runs out. */
export interface Claim {
  readonly subscriber: string
  /** Deliveries in order: for each integration by version. */
  readonly deliveries: ReadonlyArray<Delivery>
  /** Events that must wait behind a retry of their integration that is not due yet: settling defers them. */
  readonly blocked: ReadonlyArray<EventId>
  /**
   * Events that only a newer release knows, and that whoever settles postpones for it. What comes behind one in its
   * integration is not among the deliveries, and waits with it.
   */
  readonly unknown: ReadonlyArray<UnknownEvent>
  /** Fencing: a claim whose lease another worker has taken over settles nothing. */
  readonly fence: bigint
  /** What the cursor becomes once settled; opaque to everyone but the store. */
  readonly cursor: string
}

/**
 * What became of a delivery. A `Deferred` one waits behind an earlier event of its integration. One that is still under way
 * is settled as `Failed`, to come due only if it is never concluded.
 */
export type Outcome =
  | { readonly _tag: "Delivered" }
  | { readonly _tag: "Failed"; readonly retryAfter: Duration.Duration }
  /** It was not attempted. */
  | { readonly _tag: "Postponed"; readonly retryAfter: Duration.Duration }
  | { readonly _tag: "Deferred" }

/**
 * The outbox, read side. The write side has no method: an event is recorded by the command that it belongs to (the
 * `publish` of `ConnectionStore`'s commands), if and only if that command's write commits.
 *
 * Delivery is at least once, in order per integration. A failing event holds back its own integration, no other.
 */
export class EventBus extends Context.Service<
  EventBus,
  {
    /** Makes the subscriber's durable cursor, unless it exists. */
    readonly subscribe: (
      subscriber: string,
      from: SubscribeFrom
    ) => Effect.Effect<void, StorageUnavailable>
    /** Ends a subscriber and forgets its cursor and retries. */
    readonly unsubscribe: (subscriber: string) => Effect.Effect<void, StorageUnavailable>
    /**
     * Takes the subscriber's next batch: retries that are due, then what comes after the cursor, leaving out events that
     * a transaction still open might precede. None if there is nothing, or another worker holds the subscriber.
     */
    readonly claim: (
      subscriber: string,
      options: { readonly limit: number; readonly lease: Duration.Duration }
    ) => Effect.Effect<Option.Option<Claim>, StorageUnavailable>
    /**
     * Moves the cursor and keeps what failed, was deferred or was held for later, in one unit; a delivery without an
     * outcome counts as deferred. False, and nothing written, if the lease was lost.
     */
    readonly settle: (
      claim: Claim,
      outcomes: ReadonlyMap<EventId, Outcome>
    ) => Effect.Effect<boolean, StorageUnavailable>
    /**
     * Says what became of a delivery that was under way when its batch was settled; `attempt` is the one that was claimed.
     * What waited behind it comes due with it. False, and nothing written, if it was attempted again meanwhile.
     */
    readonly conclude: (
      subscriber: string,
      delivery: Pick<Delivery, "event" | "attempt">,
      outcome: Extract<Outcome, { readonly _tag: "Delivered" | "Failed" }>
    ) => Effect.Effect<boolean, StorageUnavailable>
    /** Deletes events older than the retention that every subscriber has received. Returns the number deleted. */
    readonly sweep: (retention: Duration.Duration) => Effect.Effect<number, StorageUnavailable>
  }
>()("@hawser/core/EventBus") {}
