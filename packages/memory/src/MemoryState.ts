import {
  type DueWork,
  type BurnedFlow,
  type CredentialId,
  type EndReason,
  type EnqueueRevocation,
  type EventId,
  type Integration,
  type IntegrationEvent,
  type IntegrationKey,
  makeWrittenListeners,
  type ParkedFlow,
  type RefreshProblem,
  type Sealed,
  type SealedGrant,
  type StoredCredential,
  type TenantId,
  type Written
} from "@hawser/core"
import { type Brand, Clock, Effect, type Result } from "effect"
import { Hex } from "effect/encoding"

/** Milliseconds since 1970 by Effect's clock. */
export type Instant = number

/** What a grant is, without the lifetimes that are counted from its storing. */
export type GrantSecrets = Omit<
  SealedGrant,
  "expiresIn" | "dueIn" | "refreshExpiresIn" | "refreshNoticeIn"
>

export interface GrantRow {
  readonly secrets: GrantSecrets
  readonly generation: number
  readonly issuedAt: Instant
  readonly expiresAt: Instant | undefined
  readonly dueAt: Instant | undefined
  /** Who may refresh it now. */
  readonly lease: { readonly owner: string; readonly deadline: Instant } | undefined
  readonly fence: bigint
  /** A request with this refresh token may be under way, or its holder died. */
  readonly sent: boolean
  readonly interrupted: boolean
  readonly failures: number
  /** The last attempt failed: for what reason, and when the next may be made. */
  readonly retry: { readonly problem: RefreshProblem; readonly at: Instant } | undefined
  readonly renewedAt: Instant | undefined
  /** When it was refused last, since it was renewed. */
  readonly refusedAt: Instant | undefined
  /** The client, with its secret, that it was renewed by or refused to last. */
  readonly triedBy: string | undefined
  readonly expiryTold: boolean
  /** When its API was first seen to refuse it, since a success. */
  readonly challengedAt: Instant | undefined
  readonly refreshExpiresAt: Instant | undefined
  /** When the host is told of that end. */
  readonly refreshNoticeAt: Instant | undefined
  /** The hash of what no other grant may be of, as hex. */
  readonly held: string | undefined
}

/** A grant that its provider ended, with what its integration had of it. */
export interface QuarantineRow {
  readonly grant: GrantRow
  readonly scopes: Integration["scopes"]
  readonly fields: Integration["fields"]
  readonly reason: EndReason
  readonly endedAt: Instant
  readonly until: Instant
}

export interface IntegrationRow {
  readonly integration: Integration
  readonly grant: GrantRow | undefined
  readonly quarantined: QuarantineRow | undefined
}

/** The brake of a client with its secret. */
export interface BrakeRow {
  readonly clientFingerprint: string
  readonly since: Instant
  readonly nextProbeAt: Instant
  /** Whose grants were renewed while it was on. */
  readonly succeeded: ReadonlySet<TenantId>
  /** When those let it go. */
  readonly releasedAt: Instant | undefined
}

export interface RevocationRow {
  readonly command: EnqueueRevocation
  readonly attempt: number
  readonly dueAt: Instant
  readonly expiresAt: Instant
}

/** A flow, without its secrets once it is consumed. */
export type StoredFlow = Omit<BurnedFlow, keyof Brand.Brand<"BurnedFlow"> | "expired">

export interface FlowRow {
  readonly status: "pending" | "consumed"
  readonly flow: StoredFlow
  readonly expiresAt: Instant
  readonly parked:
    | (Pick<ParkedFlow, "flowIdHash" | "sealedResponse"> & { readonly expiresAt: Instant })
    | undefined
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

/** A batch that a worker holds. */
export interface Hold {
  readonly fence: bigint
  readonly until: Instant
  readonly deliveries: ReadonlyArray<WaitingEvent>
  readonly held: ReadonlyArray<WaitingEvent>
  /** The cursor once the batch is settled. */
  readonly cursor: number
}

export interface SubscriberRow {
  /** Position of the last event that was handed out and settled. */
  readonly cursor: number
  /** By position. */
  readonly waiting: ReadonlyArray<WaitingEvent>
  readonly hold: Hold | undefined
}

/** Everything that the stores keep. Rows are replaced, never changed. */
export interface MemoryState {
  readonly credentials: Map<string, StoredCredential>
  /** The keys of credentials that something was connected with, now or before. */
  readonly usedCredentials: Set<string>
  readonly integrations: Map<string, IntegrationRow>
  /** Tokens that wait to be revoked, by tenant and the ids of their grants. */
  readonly revocations: Map<string, RevocationRow>
  /** By the client's version. */
  readonly brakes: Map<string, BrakeRow>
  /** By the hash of the state. */
  readonly flows: Map<string, FlowRow>
  /** From the hash of a flow id to the key of its flow. */
  readonly parkedFlows: Map<string, string>
  /** In the order of recording. */
  readonly outbox: Map<EventId, OutboxRow>
  /** The key of keyed hashes. */
  hashKey: Sealed | undefined
  lastPosition: number
  readonly subscribers: Map<string, SubscriberRow>
  lastFence: bigint
  /** Hears of what was written. */
  readonly listen: DueWork["Service"]["listen"]
}

/** Tells of each row that is put there. */
class ToldMap<K, V> extends Map<K, V> {
  readonly #tell: () => void
  constructor(tell: () => void) {
    super()
    this.#tell = tell
  }
  override set(key: K, value: V): this {
    super.set(key, value)
    this.#tell()
    return this
  }
}

export const emptyState = (): MemoryState => {
  const { listen, tell } = makeWrittenListeners()
  const telling = (written: Written) => () => tell(written)
  return {
    credentials: new Map(),
    usedCredentials: new Set(),
    integrations: new ToldMap(telling("times")),
    revocations: new ToldMap(telling("work")),
    brakes: new Map(),
    flows: new Map(),
    parkedFlows: new Map(),
    outbox: new ToldMap(telling("work")),
    hashKey: undefined,
    lastPosition: 0,
    subscribers: new ToldMap(telling("times")),
    lastFence: 0n,
    listen
  }
}

/** JSON keeps the parts of a key apart whatever they hold: tenant ids are the host's own text. */
export const compositeKey = (...parts: ReadonlyArray<string>): string => JSON.stringify(parts)

export const integrationKey = ({ connection, provider, tenantId }: IntegrationKey): string =>
  compositeKey(tenantId, provider, connection)

/** Hashes are equal by content. */
export const hashKey = (hash: Uint8Array): string => Hex.encode(hash)

/** Whether any connection of a tenant's is made with a credential. */
export const isCredentialInUse = (
  state: MemoryState,
  tenantId: TenantId,
  credentialId: CredentialId
): boolean =>
  [...state.integrations.values()].some(
    ({ integration }) =>
      integration.tenantId === tenantId && integration.credentialId === credentialId
  )

/** Whether a grant of another integration than this is of the same account, and one at a time may be. */
export const isHeldByAnother = (state: MemoryState, key: string, held: Uint8Array): boolean => {
  const wanted = hashKey(held)
  return [...state.integrations].some(
    ([other, { grant, quarantined }]) =>
      other !== key && (grant?.held === wanted || quarantined?.grant.held === wanted)
  )
}

/** A second row under one key is a defect, as it is to a database: trying again would be refused again. */
export const refuseDuplicate = (table: string, exists: boolean): void => {
  if (exists) throw new Error(`a row of ${table} with this key exists`)
}

/** Bytes are the one thing that a caller could change under the store, or the store under a caller. */
export const copyBytes = <Bytes extends Uint8Array | undefined>(bytes: Bytes): Bytes =>
  bytes?.slice() as Bytes

/**
 * One command on the state, at one instant. The body is synchronous, so no other fibre sees half of it: what a
 * transaction is to a database.
 */
export const atomically = <R extends Result.Result<unknown, unknown>>(body: (now: Instant) => R) =>
  Clock.clockWith((clock) =>
    Effect.fromResult(
      // A body answers several kinds of Result; this is their union as one.
      body(clock.currentTimeMillisUnsafe()) as Result.Result<
        Result.Result.Success<R>,
        Result.Result.Failure<R>
      >
    )
  )
