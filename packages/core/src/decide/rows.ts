import type { Brand } from "effect"
import { Hex } from "effect/encoding"
import {
  type BurnedFlow,
  type EndReason,
  type EventId,
  type Integration,
  type IntegrationEvent,
  type IntegrationId,
  type ParkedFlow,
  type RefreshProblem,
  type SealedGrant,
  type StoredCredential,
  type TenantId,
  keyText
} from "../model/index.ts"
import type { CredentialKey, EnqueueRevocation } from "../services/index.ts"

/** Milliseconds since 1970 by the store's clock. */
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
  readonly lease: { readonly holder: string; readonly deadline: Instant } | undefined
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
  readonly heldAccount: string | undefined
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

/** At most one of `grant` and `quarantined` is there. */
export interface IntegrationRow {
  readonly integration: Integration
  readonly grant: GrantRow | undefined
  readonly quarantined: QuarantineRow | undefined
}

export interface CredentialRow {
  readonly credential: StoredCredential
  /** Whether something was connected with it, now or before. */
  readonly connectedOnce: boolean
}

/** The brake of a client with its secret. */
export interface BrakeRow {
  readonly clientVersion: string
  readonly clientFingerprint: string
  readonly since: Instant
  readonly nextProbeAt: Instant
  /** Whose grants were renewed while it was on, each once. */
  readonly succeeded: ReadonlyArray<TenantId>
  /** When those let it go. */
  readonly releasedAt: Instant | undefined
}

export interface RevocationRow {
  readonly command: EnqueueRevocation
  readonly attempt: number
  readonly dueAt: Instant
  readonly expiresAt: Instant
}

/** A user for whom nothing may be written: one who was erased, for a time, or one who is suspended. */
export interface BarredRow {
  readonly tenantId: TenantId
  readonly userHash: Uint8Array
  readonly reason: "erased" | "suspended"
  readonly until: Instant | undefined
}

/** A flow, without its secrets once it is consumed. */
export type StoredFlow = Omit<BurnedFlow, keyof Brand.Brand<"BurnedFlow"> | "expired">

export interface FlowRow {
  readonly status: "pending" | "consumed"
  readonly flow: StoredFlow
  readonly expiresAt: Instant
  readonly parked:
    | (Pick<ParkedFlow, "as" | "flowIdHash" | "sealedResponse"> & { readonly expiresAt: Instant })
    | undefined
}

export interface OutboxRow {
  /** The place in the outbox: it grows with each event. The store gives it. */
  readonly position: number
  readonly event: IntegrationEvent
  readonly recordedAt: Instant
}

/** An event before the cursor that the subscriber has not received. */
export interface WaitingEvent {
  readonly id: EventId
  readonly integrationId: IntegrationId
  readonly position: number
  readonly attempt: number
  readonly dueAt: Instant
}

/** A batch that a worker holds. */
export interface Hold {
  readonly fence: bigint
  readonly until: Instant
  readonly deliveries: ReadonlyArray<WaitingEvent>
  readonly blocked: ReadonlyArray<WaitingEvent>
  /** The cursor once the batch is settled. */
  readonly cursor: number
}

export interface SubscriberRow {
  readonly name: string
  /** Position of the last event that was handed out and settled. */
  readonly cursor: number
  /** By position. */
  readonly waiting: ReadonlyArray<WaitingEvent>
  readonly hold: Hold | undefined
}

/** Every kind of row that a store keeps, but for the key of keyed hashes. */
export interface Tables {
  readonly integrations: IntegrationRow
  readonly credentials: CredentialRow
  readonly flows: FlowRow
  readonly revocations: RevocationRow
  readonly brakes: BrakeRow
  readonly barred: BarredRow
  readonly outbox: OutboxRow
  readonly subscribers: SubscriberRow
}

/** JSON keeps the parts of a key apart whatever they hold: tenant ids are the host's own text. */
const composite = (...parts: ReadonlyArray<string>): string => JSON.stringify(parts)

/** The primary key of each table, of what a row is looked up by. */
export const keys = {
  integration: keyText,
  credential: ({ id, owner, provider, tenantId }: CredentialKey): string =>
    composite(tenantId, owner, provider, id),
  revocation: (tenantId: TenantId, grantId: string): string => composite(tenantId, grantId),
  barred: (tenantId: TenantId, userHash: Uint8Array): string =>
    composite(tenantId, Hex.encode(userHash)),
  /** Hashes are equal by content. */
  hash: (hash: Uint8Array): string => Hex.encode(hash)
}

/** The primary key of a row. */
const keyOf: { readonly [T in keyof Tables]: (row: Tables[T]) => string } = {
  integrations: ({ integration }) => keys.integration(integration),
  credentials: ({ credential }) => keys.credential(credential),
  flows: ({ flow }) => keys.hash(flow.stateHash),
  revocations: ({ command }) => keys.revocation(command.tenantId, command.grant.id),
  brakes: ({ clientVersion }) => clientVersion,
  barred: ({ tenantId, userHash }) => keys.barred(tenantId, userHash),
  outbox: ({ event }) => event.id,
  subscribers: ({ name }) => name
}

/** What becomes of the row of one key: replaced, or deleted where `row` is undefined. */
export interface WriteOf<T extends keyof Tables> {
  readonly table: T
  readonly key: string
  readonly row: Tables[T] | undefined
  /** What a row under the same key means: it is replaced, it is a defect, or it stays. */
  readonly onConflict: "replace" | "fail" | "keep"
}

export type Write = { readonly [T in keyof Tables]: WriteOf<T> }[keyof Tables]

export const put = <T extends keyof Tables>(
  table: T,
  row: Tables[T],
  onConflict: Write["onConflict"] = "replace"
): Write => ({ table, key: keyOf[table](row), row, onConflict }) as Write

export const remove = <T extends keyof Tables>(table: T, row: Tables[T]): Write => ({
  table,
  key: keyOf[table](row),
  row: undefined,
  onConflict: "replace"
})
