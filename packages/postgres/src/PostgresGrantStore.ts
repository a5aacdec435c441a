import {
  type AcquireLease,
  type Acquisition,
  type DueGrant,
  type Ending,
  type GrantStore,
  type QuarantinedGrant,
  type RefreshLease,
  type RefreshProblem,
  type StoredGrant,
  type UsedGrant
} from "@hawser/core"
import { DateTime, Duration, Effect } from "effect"
import type { Database } from "./Database.ts"
import { type GrantRow, toGrant } from "./grantRow.ts"
import { storageFailure } from "./StorageErrors.ts"

interface LeaseColumns {
  readonly fence: string
  readonly interrupted: boolean
  readonly failures: number
}

/** Without a lease the columns of grant and lease are empty. The hindrance says why, unless it arose only during the statement. */
type AcquisitionRow = {
  readonly retry_in: number
  readonly refresh_problem: RefreshProblem
} & (
  | ({ readonly hindrance: null } & GrantRow & LeaseColumns)
  | { readonly hindrance: "Leased" | "Paused" | "Deferred" | null; readonly fence: null }
)

interface DueRow extends GrantRow {
  readonly tenant_id: DueGrant["tenantId"]
  readonly provider: DueGrant["provider"]
  readonly name: DueGrant["connection"]
  readonly expiry_told: boolean
  readonly refresh_ends_soon: boolean
}

interface QuarantinedRow {
  readonly tenant_id: QuarantinedGrant["tenantId"]
  readonly provider: QuarantinedGrant["provider"]
  readonly name: QuarantinedGrant["connection"]
  readonly id: QuarantinedGrant["integrationId"]
  readonly end_reason: QuarantinedGrant["reason"]
  readonly client_fingerprint: string
  readonly ended_at: Date
  readonly quarantined_until: Date
}

const toAcquisition = (
  { clientVersion, tenantId }: AcquireLease,
  row: AcquisitionRow | undefined
): Acquisition => {
  if (row === undefined) return { _tag: "Superseded" }
  if (row.fence !== null) {
    const { failures, fence, interrupted } = row
    // The brand says that no other process has this lease.
    const lease = {
      tenantId,
      grant: toGrant(row),
      fence: BigInt(fence),
      interrupted,
      clientVersion,
      failures
    } as RefreshLease
    return { _tag: "Acquired", lease }
  }
  switch (row.hindrance) {
    case "Deferred":
      return { _tag: "Deferred", problem: row.refresh_problem, retryIn: row.retry_in }
    case "Paused":
      return { _tag: "Paused" }
    case "Leased":
    case null:
      return { _tag: "Leased" }
  }
}

const toDue = (row: DueRow): DueGrant => ({
  tenantId: row.tenant_id,
  provider: row.provider,
  connection: row.name,
  integrationId: row.integration_id,
  grant: toGrant(row),
  expiryTold: row.expiry_told,
  refreshEndsSoon: row.refresh_ends_soon
})

const toQuarantined = (row: QuarantinedRow): QuarantinedGrant => ({
  tenantId: row.tenant_id,
  provider: row.provider,
  connection: row.name,
  integrationId: row.id,
  reason: row.end_reason,
  clientFingerprint: row.client_fingerprint,
  endedAt: DateTime.fromDateUnsafe(row.ended_at),
  until: DateTime.fromDateUnsafe(row.quarantined_until)
})

/** Identifies the tokens that a command was decided on. */
const tokensOf = (
  tenantId: string,
  { generation, id, integrationId }: StoredGrant
): ReadonlyArray<unknown> => [tenantId, integrationId, id, generation]

const useOf = ({
  connection,
  generation,
  grantId,
  provider,
  tenantId
}: UsedGrant): ReadonlyArray<unknown> => [tenantId, provider, connection, grantId, generation]

/** The grant store over a database. */
export const makeGrantStore = ({ run, statements }: Database): GrantStore["Service"] => {
  const query = <Row extends object>(statement: string, parameters: ReadonlyArray<unknown>) =>
    run<Row>(statement, parameters).pipe(Effect.catch(storageFailure))
  const command = (statement: string, parameters: ReadonlyArray<unknown>) =>
    Effect.asVoid(query(statement, parameters))
  const wrote = (statement: string, parameters: ReadonlyArray<unknown>) =>
    Effect.map(query(statement, parameters), (rows) => rows.length > 0)

  return {
    acquire: (ask) =>
      query<AcquisitionRow>(statements.acquireGrant, [
        ask.tenantId,
        ask.provider,
        ask.connection,
        ask.grantId,
        ask.generation,
        ask.owner,
        Duration.toMillis(ask.lease),
        ask.clientVersion
      ]).pipe(Effect.map(([row]) => toAcquisition(ask, row))),

    renew: ({ clientVersion, grant, tenantId }, { moves, publish, scopes, tokens }) =>
      wrote(statements.renewGrant, [
        ...tokensOf(tenantId, grant),
        tokens.accessToken,
        tokens.refreshToken,
        tokens.tokenType,
        tokens.expiresIn,
        tokens.dueIn,
        scopes,
        publish.id,
        clientVersion,
        tokens.refreshExpiresIn,
        tokens.refreshNoticeIn,
        moves === undefined ? undefined : JSON.stringify(moves.fields),
        moves?.dpopKey,
        moves?.publish.id
      ]),

    defer: ({ fence, grant, tenantId }, { ambiguous, problem, publish, retryIn }) =>
      command(statements.deferGrant, [
        ...tokensOf(tenantId, grant),
        String(fence),
        Duration.toMillis(retryIn),
        problem,
        ambiguous,
        publish.id,
        publish.error
      ]),

    end: ({ clientVersion, fence, grant, tenantId }, { publish, quarantine, reason }) =>
      query<{ readonly braked: boolean; readonly first: boolean }>(statements.endGrant, [
        ...tokensOf(tenantId, grant),
        String(fence),
        reason,
        Duration.toMillis(quarantine),
        clientVersion,
        publish.id,
        publish.disconnectedBy,
        publish.reason
      ]).pipe(
        Effect.map(([row]): Ending => {
          if (row === undefined) return { _tag: "Superseded" }
          return row.braked ? { _tag: "Braked", first: row.first } : { _tag: "Ended" }
        })
      ),

    claimDue: ({ hold, limit }) =>
      query<DueRow>(statements.claimDueGrants, [limit, Duration.toMillis(hold)]).pipe(
        Effect.map((rows) => rows.map(toDue))
      ),

    postpone: ({ grant, tenantId }, retryIn) =>
      command(statements.postponeGrant, [...tokensOf(tenantId, grant), Duration.toMillis(retryIn)]),

    tellExpiry: ({ grant, tenantId }, publish) =>
      command(statements.tellExpiry, [...tokensOf(tenantId, grant), publish.id]),

    expire: ({ grant, tenantId }, publish) =>
      command(statements.expireGrant, [
        ...tokensOf(tenantId, grant),
        publish.id,
        publish.disconnectedBy,
        publish.reason
      ]),

    markRevoked: ({ connection, provider, tenantId }, { publish, quarantine }) =>
      wrote(statements.markRevoked, [
        tenantId,
        provider,
        connection,
        Duration.toMillis(quarantine),
        publish.id,
        publish.disconnectedBy,
        publish.reason
      ]),

    noteWithdrawal: (used, { isProven, publish }) =>
      wrote(statements.noteWithdrawal, [...useOf(used), isProven, publish.id, publish.error]),

    clearWithdrawal: (used, publish) =>
      command(statements.clearWithdrawal, [...useOf(used), publish.id]),

    quarantined: ({ provider, tenantId }) =>
      (tenantId === undefined
        ? query<QuarantinedRow>(statements.findAllQuarantined, [provider])
        : query<QuarantinedRow>(statements.findQuarantined, [tenantId, provider])
      ).pipe(Effect.map((rows) => rows.map(toQuarantined))),

    endedUnderBrake: (clientVersion) =>
      Effect.map(query<QuarantinedRow>(statements.findEndedUnderBrake, [clientVersion]), (rows) =>
        rows.map(toQuarantined)
      ),

    restore: ({ connection, provider, tenantId }, publish) =>
      wrote(statements.restoreGrant, [tenantId, provider, connection, publish.id]),

    releaseBrake: (clientFingerprint) => command(statements.releaseBrake, [clientFingerprint]),

    sweep: query<{ readonly swept: number }>(statements.sweepQuarantine, []).pipe(
      Effect.map(([row]) => row?.swept ?? 0)
    )
  }
}
