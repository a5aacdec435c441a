import type {
  ConnectionName,
  DueGrant,
  DueTimes,
  ErasedUser,
  GrantId,
  IntegrationId,
  Maintenance,
  Owner,
  ProviderId,
  QuarantinedGrant,
  RemovedTenant,
  Sealed,
  TenantId
} from "@hawser/core"
import { DateTime, Duration, Effect } from "effect"
import type { Announcements } from "./Announcements.ts"
import { type Database, queries } from "./Database.ts"
import { type GrantRow, grantParameters, toGrant } from "./grantRow.ts"
import { toKey } from "./integrationRow.ts"
import type { Tables } from "./Namespace.ts"
import { makeConnectionTransfer } from "./PostgresConnectionTransfer.ts"
import { makeSealedValues } from "./PostgresSealedValues.ts"
import { isForeignKeyViolation, isTwin, storageFailure } from "./StorageErrors.ts"

interface DueRow extends GrantRow {
  readonly tenant_id: DueGrant["tenantId"]
  readonly provider: DueGrant["provider"]
  readonly owner: DueGrant["owner"]
  readonly name: DueGrant["name"]
  readonly expiry_told: boolean
  readonly refresh_ends_soon: boolean
}

interface QuarantinedRow {
  readonly tenant_id: QuarantinedGrant["tenantId"]
  readonly provider: QuarantinedGrant["provider"]
  readonly owner: QuarantinedGrant["owner"]
  readonly name: QuarantinedGrant["name"]
  readonly id: QuarantinedGrant["integrationId"]
  readonly end_reason: QuarantinedGrant["reason"]
  readonly client_fingerprint: string
  readonly ended_at: Date
  readonly quarantined_until: Date
}

interface RevocationRow {
  readonly tenant_id: TenantId
  readonly owner: Owner
  readonly name: ConnectionName
  readonly integration_id: IntegrationId
  readonly id: GrantId
  readonly provider: ProviderId
  readonly sealed_access_token: Sealed
  readonly sealed_refresh_token: Sealed | null
  readonly client_fingerprint: string
  readonly fields: Readonly<Record<string, string>>
  readonly attempt: number
  readonly shared: boolean
}

type RemovedRow = Omit<RemovedTenant, "isConnected"> & { readonly connected: boolean }

const noRow = Effect.die(new Error("a SELECT that always has a row answered none"))

/** If announcements may be missed: one look, which is four transactions a minute for each process. */
const whenHeard = Duration.seconds(30)
/** If there are no announcements. */
const whenUnheard = Duration.seconds(5)

interface TimesRow {
  readonly times: {
    readonly keeper: number | null
    readonly revoker: number | null
    readonly sweeper: number | null
    readonly deliverers: Readonly<Record<string, number>>
    readonly awaitsCommit: boolean
  }
}

const inTime = (milliseconds: number): Duration.Duration =>
  Duration.millis(Math.max(0, milliseconds))

const ifDue = (milliseconds: number | null | undefined): Duration.Duration | undefined =>
  milliseconds === null || milliseconds === undefined ? undefined : inTime(milliseconds)

const toDue = (row: DueRow): DueGrant => ({
  ...toKey(row),
  integrationId: row.integration_id,
  grant: toGrant(row),
  expiryTold: row.expiry_told,
  refreshEndsSoon: row.refresh_ends_soon
})

const toQuarantined = (row: QuarantinedRow): QuarantinedGrant => ({
  ...toKey(row),
  integrationId: row.id,
  reason: row.end_reason,
  clientFingerprint: row.client_fingerprint,
  endedAt: DateTime.fromDateUnsafe(row.ended_at),
  until: DateTime.fromDateUnsafe(row.quarantined_until)
})

/** What workers and operators use, over a database and by its clock. */
export const makeMaintenance = (
  database: Database,
  tables: Tables,
  { hearsOthers, listen }: Announcements
): Maintenance["Service"] => {
  const { run, statements } = database
  const { command, query, wrote } = queries(database)
  const findHashKey = query<{ readonly sealed_key: Sealed }>(statements.findHashKey).pipe(
    Effect.map(([row]) => row?.sealed_key)
  )
  const bar = (
    tenantId: TenantId,
    userHash: Uint8Array,
    reason: "erased" | "suspended",
    barredFor?: Duration.Duration
  ) =>
    wrote(statements.barUser, [
      tenantId,
      userHash,
      reason,
      barredFor && Duration.toMillis(barredFor)
    ])
  return {
    claimDueGrants: ({ hold, limit }) =>
      query<DueRow>(statements.claimDueGrants, [limit, Duration.toMillis(hold)]).pipe(
        Effect.map((rows) => rows.map(toDue))
      ),

    postponeGrant: ({ grant, tenantId }, retryIn) =>
      command(statements.postponeGrant, [
        ...grantParameters(tenantId, grant),
        Duration.toMillis(retryIn)
      ]),

    tellExpiry: ({ grant, tenantId }, publish) =>
      command(statements.tellExpiry, [...grantParameters(tenantId, grant), publish.id]),

    expireGrant: ({ grant, tenantId }, publish) =>
      command(statements.expireGrant, [
        ...grantParameters(tenantId, grant),
        publish.id,
        publish.disconnectedBy,
        publish.reason
      ]),

    quarantined: ({ provider, tenantId }) =>
      (tenantId === undefined
        ? query<QuarantinedRow>(statements.findAllQuarantined, [provider])
        : query<QuarantinedRow>(statements.findQuarantined, [tenantId, provider])
      ).pipe(Effect.map((rows) => rows.map(toQuarantined))),

    restore: ({ name, owner, provider, tenantId }, publish) =>
      run(statements.restoreGrant, [tenantId, provider, name, publish.id, owner]).pipe(
        Effect.map((rows) => rows.length > 0),
        Effect.catchIf(isTwin, () => Effect.succeed(false)),
        Effect.catch(storageFailure)
      ),

    sweepQuarantine: query<{ readonly swept: number }>(statements.sweepQuarantine, []).pipe(
      Effect.map(([row]) => row?.swept ?? 0)
    ),

    endedUnderBrake: (clientVersion) =>
      Effect.map(query<QuarantinedRow>(statements.findEndedUnderBrake, [clientVersion]), (rows) =>
        rows.map(toQuarantined)
      ),

    releaseBrake: (clientFingerprint) => command(statements.releaseBrake, [clientFingerprint]),

    claimRevocations: ({ hold, limit }) =>
      query<RevocationRow>(statements.claimRevocations, [limit, Duration.toMillis(hold)]).pipe(
        Effect.map((rows) =>
          rows.map((row) => ({
            ...toKey(row),
            integrationId: row.integration_id,
            grant: {
              id: row.id,
              accessToken: row.sealed_access_token,
              refreshToken: row.sealed_refresh_token ?? undefined,
              clientFingerprint: row.client_fingerprint
            },
            fields: row.fields,
            attempt: row.attempt,
            shared: row.shared
          }))
        )
      ),

    removeRevocation: ({ grant, tenantId }) =>
      command(statements.removeRevocation, [tenantId, grant.id]),

    postponeRevocation: ({ grant, tenantId }, retryIn) =>
      command(statements.postponeRevocation, [tenantId, grant.id, Duration.toMillis(retryIn)]),

    giveUpRevocations: query<Pick<RevocationRow, "tenant_id" | "provider">>(
      statements.giveUpRevocations,
      []
    ).pipe(
      Effect.map((rows) =>
        rows.map(({ provider, tenant_id }) => ({ tenantId: tenant_id, provider }))
      )
    ),

    ...makeConnectionTransfer(database),

    removeTenant: (tenantId) =>
      run<RemovedRow>(statements.removeTenant, [tenantId]).pipe(
        Effect.flatMap(([row]) => {
          if (row === undefined) return noRow
          const { connected, ...removed } = row
          return Effect.succeed<RemovedTenant>({ ...removed, isConnected: connected })
        }),
        // An integration was connected with one of the keys during the call: nothing was removed.
        Effect.catchIf(isForeignKeyViolation, () =>
          Effect.succeed<RemovedTenant>({
            isConnected: true,
            integrations: 0,
            credentials: 0,
            flows: 0
          })
        ),
        Effect.catch(storageFailure)
      ),

    eraseUser: Effect.fnUntraced(function* ({ barredFor, by, tenantId, userHash, userId }) {
      yield* bar(tenantId, userHash, "erased", barredFor)
      const [row] = yield* query<ErasedUser & { readonly connected: boolean }>(
        statements.eraseUser,
        [tenantId, userId, by]
      )
      if (row === undefined) return yield* noRow
      const { connected, ...erased } = row
      return { ...erased, isConnected: connected }
    }),

    suspendUser: Effect.fnUntraced(function* ({ tenantId, userHash, userId }) {
      if (!(yield* bar(tenantId, userHash, "suspended"))) return []
      const rows = yield* query<Pick<DueRow, "owner" | "provider" | "name">>(
        statements.suspendUser,
        [tenantId, userId, userHash]
      )
      return rows.map(({ name, owner, provider }) => ({ tenantId, owner, provider, name }))
    }),

    resumeUser: ({ tenantId, userHash, userId }) =>
      Effect.andThen(
        command(statements.unbarUser, [tenantId, userHash]),
        command(statements.resumeUser, [tenantId, userId])
      ),

    ...makeSealedValues(run, tables),

    findHashKey,
    keepHashKey: (sealed) =>
      query(statements.keepHashKey, [sealed]).pipe(
        Effect.andThen(findHashKey),
        // Nothing deletes the row. Hashes by a key that is not stored would be compared with nothing.
        Effect.flatMap((stored) => (stored === undefined ? noRow : Effect.succeed(stored)))
      ),

    dueTimes: Effect.fnUntraced(function* ({
      eventRetention,
      subscribers,
      unusedCredentialRetention
    }) {
      const hears = yield* hearsOthers
      const [row] = yield* query<TimesRow>(statements.nextDue, [
        [...subscribers],
        Duration.toMillis(eventRetention),
        unusedCredentialRetention === undefined
          ? null
          : Duration.toMillis(unusedCredentialRetention)
      ])
      const times = row?.times
      return {
        keeper: ifDue(times?.keeper),
        revoker: ifDue(times?.revoker),
        sweeper: ifDue(times?.sweeper),
        deliverers: new Map(
          Object.entries(times?.deliverers ?? {}).map(([name, due]) => [name, inTime(due)])
        ),
        awaitsCommit: times?.awaitsCommit ?? false,
        askAgainIn: hears ? whenHeard : whenUnheard
      } satisfies DueTimes
    }),
    listen
  }
}
