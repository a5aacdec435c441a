import type {
  ConfigurationError,
  EndReason,
  IntegrationEvent,
  IntegrationProblem,
  IntegrationStatus,
  StorageUnavailable
} from "@hawser/core"
import { Effect, Layer, type Scope } from "effect"
import type { SqlClient } from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import type { WorkersConnection } from "./Announcements.ts"
import { type DatabaseClient, makeDatabaseClient } from "./DatabaseClient.ts"
import type { MigrateMode } from "./Migrations.ts"
import { newestVersion, readVersion } from "./Migrations.ts"
import { makeNamespace, type Namespace, type Tables } from "./Namespace.ts"
import { PgliteClient } from "./PgliteClient.ts"
import type { PgliteStoreOptions } from "./pglite.ts"
import { clientOf, type PostgresOptions } from "./postgres.ts"
import {
  type StoreClientOptions,
  type PostgresStoresOptions,
  postgresClient,
  prepareTables
} from "./PostgresStores.ts"
import { acrossTenants } from "./RowLevelSecurity.ts"
import { startError } from "./StorageErrors.ts"

/** Which version the tables have, and which one this release has. */
export interface InspectedTables {
  /** 0 without tables. */
  readonly version: number
  readonly newest: number
  /** The migrations that are missing, oldest first. */
  readonly missing: ReadonlyArray<{ readonly version: number; readonly name: string }>
}

/** Which connections are listed. */
export interface InspectedQuery {
  readonly tenantId?: string | undefined
  readonly provider?: string | undefined
  readonly status?: IntegrationStatus | undefined
  /** At most this many. */
  readonly limit: number
}

/** A connection as it is stored, without its secrets. */
export interface InspectedConnection {
  readonly tenantId: string
  readonly integrationId: string
  readonly provider: string
  readonly name: string
  /** The user who owns it; null for the tenant's own. */
  readonly userId: string | null
  readonly status: IntegrationStatus
  readonly problem: IntegrationProblem | null
  readonly suspended: boolean
  readonly connectedBy: string
  readonly connectedAt: Date
  readonly accountLabel: string | null
  readonly scopes: ReadonlyArray<string>
  /** Whether it is connected by an API key. */
  readonly hasApiKey: boolean
}

/** What is stored of a grant, beside its tokens. */
export interface InspectedGrant {
  readonly hasRefreshToken: boolean
  /** How often its tokens were refreshed. */
  readonly refreshes: number
  readonly issuedAt: Date
  readonly expiresAt: Date | null
  readonly renewedAt: Date | null
  /** When the provider refused the refresh token. */
  readonly refusedAt: Date | null
  /** When its API first refused a token that has no refresh token, since it last took one. */
  readonly challengedAt: Date | null
  /** Attempts that failed since the last success, and when the next one is due. */
  readonly failures: number
  readonly retryAt: Date | null
  readonly refreshDueAt: Date | null
  readonly refreshExpiresAt: Date | null
  readonly isRefreshing: boolean
  readonly endedAt: Date | null
  readonly endReason: EndReason | null
  readonly quarantinedUntil: Date | null
}

/** An event of the connection that is still kept. */
export interface InspectedEvent {
  readonly event: IntegrationEvent["event"]
  readonly at: Date
  readonly data: Readonly<Record<string, unknown>>
}

/** Everything that is stored of one connection, without its secrets. */
export interface InspectedFacts {
  readonly connection: InspectedConnection
  /** Null for an API key, and for what a user has disconnected. */
  readonly grant: InspectedGrant | null
  /** Since when refreshes of this client are paused, because several tenants were refused at once; null if they are not. */
  readonly brakedSince: Date | null
  /** How many tokens of it wait to be revoked at the provider. */
  readonly revocations: number
  /** The oldest first. */
  readonly events: ReadonlyArray<InspectedEvent>
  /** The database's clock, by which all of these are counted. */
  readonly now: Date
}

/** The server and what the account may do there. */
export interface InspectedServer {
  readonly version: string
  /** The protocol of TLS; null in plain text. */
  readonly tls: string | null
  readonly now: Date
  readonly isReadOnly: boolean
  readonly schemaExists: boolean
  /** Whether the account may make the schema, or tables in it. */
  readonly mayCreate: boolean
  /** The tables that the account may not read and write. */
  readonly withoutRights: ReadonlyArray<string>
  /** Whether a pooler stands between; null if that cannot be known, as for a client of the host's. */
  readonly isPooled: boolean | null
}

type Inspected<A> = Effect.Effect<A, ConfigurationError | StorageUnavailable>

/** What an operator asks of a database. Nothing that is returned holds a secret. */
export interface Inspection {
  readonly tables: Inspected<InspectedTables>
  /** Brings the tables up to date, or checks them, as the start does. */
  readonly prepare: (mode: MigrateMode) => Inspected<void>
  readonly server: Inspected<InspectedServer>
  readonly connections: (query: InspectedQuery) => Inspected<ReadonlyArray<InspectedConnection>>
  /** The connections with this id: ids are unique within a tenant, and are made at random. */
  readonly facts: (integrationId: string) => Inspected<ReadonlyArray<InspectedFacts>>
}

const connectionColumns = `i.tenant_id AS "tenantId", i.id AS "integrationId", i.provider, i.name,
  nullif(i.owner, '') AS "userId", i.status, i.problem, i.suspended, i.connected_by AS "connectedBy",
  i.connected_at AS "connectedAt", i.account_label AS "accountLabel", i.scopes,
  i.credential_id IS NOT NULL AS "hasApiKey"`

const listConnections = (t: Tables): string => `SELECT ${connectionColumns}
FROM ${t.integration} i
WHERE ($1::text IS NULL OR i.tenant_id = $1) AND ($2::text IS NULL OR i.provider = $2)
  AND ($3::text IS NULL OR i.status = $3)
ORDER BY i.tenant_id, i.provider, i.owner, i.id
LIMIT $4::int`

const findConnections = (t: Tables): string => `SELECT ${connectionColumns},
  g.id IS NOT NULL AS "hasGrant",
  g.sealed_refresh_token IS NOT NULL AS "hasRefreshToken", (g.generation - 1)::int AS refreshes,
  g.issued_at AS "issuedAt", g.expires_at AS "expiresAt", g.renewed_at AS "renewedAt", g.refused_at AS "refusedAt",
  g.challenged_at AS "challengedAt", g.failures, g.retry_at AS "retryAt", g.refresh_due_at AS "refreshDueAt",
  g.refresh_expires_at AS "refreshExpiresAt",
  coalesce(g.lease_deadline > statement_timestamp(), false) AS "isRefreshing",
  g.ended_at AS "endedAt", g.end_reason AS "endReason", g.quarantined_until AS "quarantinedUntil",
  (SELECT min(b.since) FROM ${t.refreshBrake} b
    WHERE b.client_fingerprint = g.client_fingerprint AND b.released_at IS NULL) AS "brakedSince",
  (SELECT count(*)::int FROM ${t.revocation} r
    WHERE r.tenant_id = i.tenant_id AND r.integration_id = i.id) AS revocations,
  statement_timestamp() AS now
FROM ${t.integration} i
LEFT JOIN ${t.oauthGrant} g ON g.tenant_id = i.tenant_id AND g.integration_id = i.id
WHERE i.id = $1`

const findEvents = (t: Tables): string => `SELECT event, created_at AS at, data FROM ${t.outbox}
WHERE tenant_id = $1 AND integration_id = $2 ORDER BY version`

const describeServer = `SELECT current_setting('server_version') AS version, clock_timestamp() AS now,
  pg_is_in_recovery() OR current_setting('transaction_read_only')::bool AS "isReadOnly",
  s.oid IS NOT NULL AS "schemaExists",
  CASE WHEN s.oid IS NULL THEN has_database_privilege(current_database(), 'CREATE')
    ELSE has_schema_privilege(s.oid, 'CREATE') END AS "mayCreate",
  (SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid() AND ssl) AS tls,
  (SELECT coalesce(array_agg(name ORDER BY name), '{}') FROM unnest($2::text[]) AS name
    WHERE CASE WHEN to_regclass(name) IS NULL THEN false
      ELSE NOT (has_table_privilege(name, 'SELECT') AND has_table_privilege(name, 'INSERT')
        AND has_table_privilege(name, 'UPDATE') AND has_table_privilege(name, 'DELETE')) END) AS "withoutRights"
FROM (SELECT to_regnamespace($1) AS oid) s`

type FactsRow = InspectedConnection &
  InspectedGrant & {
    readonly hasGrant: boolean
    readonly brakedSince: Date | null
    readonly revocations: number
    readonly now: Date
  }

const inspection = (
  client: DatabaseClient,
  namespace: Namespace,
  options: PostgresStoresOptions,
  {
    isPooled,
    setting
  }: { readonly setting: string; readonly isPooled: Effect.Effect<boolean | null, SqlError> }
): Inspection => {
  const { run } = client
  const t = namespace.tables
  const asked = <A>(effect: Effect.Effect<A, ConfigurationError | SqlError>): Inspected<A> =>
    Effect.catchTag(effect, "SqlError", (error) => Effect.fail(startError(error, setting)))
  /** With row-level security, a statement sees the rows of all tenants only where it says so. */
  const ofAll = <Row extends object>(statement: string, parameters: ReadonlyArray<unknown>) =>
    client.inTransaction(Effect.andThen(run(acrossTenants, []), run<Row>(statement, parameters)))

  return {
    tables: asked(
      Effect.map(readVersion(client, namespace), ({ missing, version }) => ({
        version,
        newest: newestVersion,
        missing: missing.map((one) => ({ version: one.version, name: one.name }))
      }))
    ),

    prepare: (mode) =>
      asked(prepareTables(client, namespace, { ...options, migrate: mode }, setting)),

    server: asked(
      Effect.gen(function* () {
        const [server] = yield* run<Omit<InspectedServer, "isPooled">>(describeServer, [
          `"${namespace.schema}"`,
          Object.values(t)
        ])
        if (server === undefined) return yield* Effect.die("a SELECT without FROM has one row")
        return { ...server, isPooled: yield* isPooled }
      })
    ),

    connections: ({ limit, provider, status, tenantId }) =>
      asked(
        ofAll<InspectedConnection>(listConnections(t), [
          tenantId ?? null,
          provider ?? null,
          status ?? null,
          limit
        ])
      ),

    facts: (integrationId) =>
      asked(
        Effect.gen(function* () {
          const rows = yield* ofAll<FactsRow>(findConnections(t), [integrationId])
          return yield* Effect.forEach(rows, (row) =>
            Effect.map(
              ofAll<InspectedEvent>(findEvents(t), [row.tenantId, row.integrationId]),
              (events): InspectedFacts => ({
                connection: connectionOf(row),
                grant: row.hasGrant ? grantOf(row) : null,
                brakedSince: row.brakedSince,
                revocations: row.revocations,
                events,
                now: row.now
              })
            )
          )
        })
      )
  }
}

const connectionOf = (row: FactsRow): InspectedConnection => ({
  tenantId: row.tenantId,
  integrationId: row.integrationId,
  provider: row.provider,
  name: row.name,
  userId: row.userId,
  status: row.status,
  problem: row.problem,
  suspended: row.suspended,
  connectedBy: row.connectedBy,
  connectedAt: row.connectedAt,
  accountLabel: row.accountLabel,
  scopes: row.scopes,
  hasApiKey: row.hasApiKey
})

const grantOf = (row: FactsRow): InspectedGrant => ({
  hasRefreshToken: row.hasRefreshToken,
  refreshes: row.refreshes,
  issuedAt: row.issuedAt,
  expiresAt: row.expiresAt,
  renewedAt: row.renewedAt,
  refusedAt: row.refusedAt,
  challengedAt: row.challengedAt,
  failures: row.failures,
  retryAt: row.retryAt,
  refreshDueAt: row.refreshDueAt,
  refreshExpiresAt: row.refreshExpiresAt,
  isRefreshing: row.isRefreshing,
  endedAt: row.endedAt,
  endReason: row.endReason,
  quarantinedUntil: row.quarantinedUntil
})

/**
 * Whether a pooler answers for the server: the process that a pooler named when the connection began is none of the
 * server's.
 */
const meetsPooler = (
  open: Effect.Effect<WorkersConnection, SqlError, Scope.Scope>
): Effect.Effect<boolean, SqlError> =>
  Effect.scoped(
    Effect.gen(function* () {
      const { processId, run } = yield* open
      const rows = yield* run("SELECT pg_backend_pid() AS pid", [])
      return (rows[0] as { readonly pid: number } | undefined)?.pid !== processId
    })
  )

const over = (
  options: PostgresStoresOptions,
  setting: string,
  clientOptions: StoreClientOptions,
  client: Layer.Layer<SqlClient, ConfigurationError | StorageUnavailable>,
  isPooled: Effect.Effect<boolean | null, SqlError>
) =>
  Effect.gen(function* () {
    const context = yield* Layer.build(client)
    const sql = yield* Effect.provide(postgresClient(setting), context)
    return inspection(
      makeDatabaseClient(sql, clientOptions),
      yield* makeNamespace(options),
      options,
      { setting, isPooled }
    )
  })

/**
 * Opens the database of `postgres(options)` for an operator, without making or changing tables.
 *
 * Fails with `ConfigurationError` if options or account are unusable. A database that does not answer fails the calls.
 */
export const inspectPostgres = (
  options: PostgresOptions
): Effect.Effect<Inspection, ConfigurationError | StorageUnavailable, Scope.Scope> =>
  Effect.gen(function* () {
    const { client, setting, timeout, workersConnection } = yield* clientOf(options)
    const clientOptions = { timeout, isHosts: options.sqlClient !== undefined }
    const isPooled =
      workersConnection === undefined ? Effect.succeed(null) : meetsPooler(workersConnection)
    return yield* over(options, setting, clientOptions, client, isPooled)
  })

/** The same for `pglite(options)`. It fails with `ConfigurationError` while another process has the folder open. */
export const inspectPglite = ({
  dataDir,
  ...options
}: PgliteStoreOptions): Effect.Effect<
  Inspection,
  ConfigurationError | StorageUnavailable,
  Scope.Scope
> =>
  over(options, "pglite", { isAlone: true }, PgliteClient.layer({ dataDir }), Effect.succeed(null))
