import type {
  Integration,
  IntegrationEvent,
  IntegrationKey,
  NewFlow,
  ParkedFlow,
  SealedGrant,
  StoredCredential
} from "@hawser/core"
import { Clock, Effect, type Result } from "effect"
import { Hex } from "effect/encoding"

/** Instants are milliseconds of Effect's clock. */
type Instant = number

export interface IntegrationRow {
  readonly integration: Integration
  readonly grant: { readonly issued: SealedGrant; readonly expiresAt: Instant | undefined } | undefined
}

export interface FlowRow {
  readonly status: "pending" | "consumed"
  /** Without its secrets once consumed. */
  readonly flow: NewFlow
  readonly expiresAt: Instant
  readonly parked: { readonly flow: Omit<ParkedFlow, "expired">; readonly expiresAt: Instant } | undefined
}

export interface OutboxRow {
  /** The place in the outbox. Writes are whole before the next begins, so it orders an integration's events too. */
  readonly position: number
  readonly event: IntegrationEvent
  readonly recordedAt: Instant
}

/** An event before the cursor that the subscriber has not received. */
export interface WaitingEvent {
  readonly row: OutboxRow
  readonly attempt: number
  readonly dueAt: Instant
}

export interface SubscriberRow {
  /** Position of the last event that was handed out and settled. */
  readonly cursor: number
  readonly waiting: ReadonlyArray<WaitingEvent>
  readonly hold: { readonly fence: bigint; readonly until: Instant; readonly scanned: ReadonlyArray<WaitingEvent> } | undefined
}

/** Everything that the four stores keep. Rows are replaced, never changed. */
export interface MemoryState {
  readonly credentials: Map<string, StoredCredential>
  readonly integrations: Map<string, IntegrationRow>
  /** By the hash of the state. */
  readonly flows: Map<string, FlowRow>
  /** From the hash of a flow id to the key of its flow. */
  readonly parkedFlows: Map<string, string>
  outbox: ReadonlyArray<OutboxRow>
  lastPosition: number
  readonly subscribers: Map<string, SubscriberRow>
  lastFence: bigint
}

export const emptyState = (): MemoryState => ({
  credentials: new Map(),
  integrations: new Map(),
  flows: new Map(),
  parkedFlows: new Map(),
  outbox: [],
  lastPosition: 0,
  subscribers: new Map(),
  lastFence: 0n
})

/** JSON keeps the parts of a key apart whatever they hold: tenant ids are the host's own text. */
export const compositeKey = (...parts: ReadonlyArray<string>): string => JSON.stringify(parts)

export const integrationKey = ({ connection, provider, tenantId }: IntegrationKey): string =>
  compositeKey(tenantId, provider, connection)

/** Hashes are equal by content. */
export const hashKey = (hash: Uint8Array): string => Hex.encode(hash)

/** Bytes are the one thing that a caller could change under the store, or the store under a caller. */
export const copyBytes = <Bytes extends Uint8Array | undefined>(bytes: Bytes): Bytes => bytes?.slice() as Bytes

/**
 * One command on the state, at one instant. The body is synchronous, so no other fibre sees half of it: what a
 * transaction is to a database.
 */
export const atomically = <A, E>(body: (now: Instant) => Result.Result<A, E>): Effect.Effect<A, E> =>
  Clock.clockWith((clock) => Effect.fromResult(body(clock.currentTimeMillisUnsafe())))
