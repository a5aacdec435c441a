import { ConfigurationError } from "@hawser/core"
import { Effect } from "effect"
import type { SqlError } from "effect/sql/SqlError"
import type { DatabaseClient } from "./DatabaseClient.ts"
import { checksum, type Migration } from "./Migration.ts"
import { initial } from "./migrations/0001_initial.ts"
import { migrationCommand } from "./migrationCommand.ts"
import type { Namespace } from "./Namespace.ts"
import { acrossTenants } from "./RowLevelSecurity.ts"

/**
 * `auto`: missing migrations run at start. `check`: the start only compares, for hosts whose account may not change tables.
 * They run the output of `migrationSql`.
 */
export type MigrateMode = "auto" | "check"

/** All migrations, oldest first. */
export const migrations: ReadonlyArray<Migration> = [initial]

/** The version of this release's tables. */
export const newestVersion = migrations.reduce(
  (newest, { version }) => Math.max(newest, version),
  0
)

const migrationTable = ({ tables: t }: Namespace): string =>
  `CREATE TABLE IF NOT EXISTS ${t.migration} (
  version integer PRIMARY KEY,
  name text NOT NULL,
  checksum text NOT NULL,
  additive boolean NOT NULL,
  applied_at timestamptz NOT NULL DEFAULT statement_timestamp()
)`

const recordMigration = ({ tables: t }: Namespace, migration: Migration): string =>
  `INSERT INTO ${t.migration} (version, name, checksum, additive)
VALUES (${migration.version}, '${migration.name}', '${checksum(migration)}', ${migration.additive === true})`

const migrationStatements = (namespace: Namespace, migration: Migration): ReadonlyArray<string> => [
  ...migration.statements(namespace),
  recordMigration(namespace, migration)
]

/**
 * The statements that bring tables from version `from` to the newest, in order. 0 means a database without tables, and also
 * creates the schema.
 */
export const statementsFrom = (
  namespace: Namespace,
  from: number,
  known = migrations
): ReadonlyArray<string> => [
  ...(from === 0
    ? [`CREATE SCHEMA IF NOT EXISTS "${namespace.schema}"`, migrationTable(namespace)]
    : [acrossTenants]),
  ...known
    .filter(({ version }) => version > from)
    .flatMap((migration) => migrationStatements(namespace, migration))
]

interface Applied {
  readonly version: number
  readonly checksum: string
  readonly additive: boolean
}

const oldestServer = 150_000

const wrong = (setting: string, problem: string): Effect.Effect<never, ConfigurationError> =>
  Effect.fail(new ConfigurationError({ setting, problem }))

const readApplied = Effect.fnUntraced(function* (
  { run }: DatabaseClient,
  { schema, tables: t }: Namespace
): Effect.fn.Return<ReadonlyArray<Applied>, ConfigurationError | SqlError> {
  const [server] = yield* run<{ readonly version: number; readonly isThere: boolean }>(
    `SELECT current_setting('server_version_num')::int AS version, to_regclass($1) IS NOT NULL AS "isThere"`,
    [t.migration]
  )
  if (server !== undefined && server.version < oldestServer) {
    return yield* wrong("postgres", "the server is older than PostgreSQL 15; use a newer one")
  }
  if (server?.isThere !== true) return []
  const [first] = yield* run<Pick<Applied, "checksum">>(
    `SELECT checksum FROM ${t.migration} WHERE version = 1`,
    []
  )
  // The first migration never changes once it is released.
  if (first !== undefined && first.checksum !== checksum(initial)) {
    return yield* wrong(
      "postgres",
      `the tables in schema "${schema}" were made by an earlier development version of Hawser; drop them, or the whole schema, and start again`
    )
  }
  return yield* run<Applied>(
    `SELECT version, checksum, additive FROM ${t.migration} ORDER BY version`,
    []
  )
})

/** The migrations that are missing. Refuses tables of a newer release unless its migrations are additive. */
const pending = (
  applied: ReadonlyArray<Applied>,
  known: ReadonlyArray<Migration>
): Effect.Effect<ReadonlyArray<Migration>, ConfigurationError> => {
  const newest = known.at(-1)?.version ?? 0
  const breaking = applied.find(({ additive, version }) => version > newest && !additive)
  if (breaking !== undefined) {
    return wrong(
      "postgres",
      `the tables are at version ${breaking.version} and this release knows ${newest}; update Hawser`
    )
  }
  const changed = applied.find((row) => {
    const own = known.find(({ version }) => version === row.version)
    return row.version <= newest && (own === undefined || checksum(own) !== row.checksum)
  })
  if (changed !== undefined) {
    return wrong(
      "postgres",
      `migration ${changed.version} in the database is not the one of this release; use the release that made the tables, or another schema`
    )
  }
  const done = new Set(applied.map(({ version }) => version))
  return Effect.succeed(known.filter(({ version }) => !done.has(version)))
}

const runPending = (
  client: DatabaseClient,
  namespace: Namespace,
  known: ReadonlyArray<Migration>
) =>
  client.inTransaction(
    Effect.gen(function* () {
      const { run } = client
      // Held until the commit, so it works behind a pooler in transaction mode.
      yield* run(`SELECT pg_advisory_xact_lock(hashtextextended($1, 0))`, [
        `hawser migrations of ${namespace.tables.migration}`
      ])
      const [existing] = yield* run<{ readonly found: boolean }>(
        `SELECT to_regnamespace($1) IS NOT NULL AS found`,
        [`"${namespace.schema}"`]
      )
      // With row-level security, a migration must see the rows of all tenants.
      yield* run(acrossTenants, [])
      // IF NOT EXISTS needs the right to create even if the schema exists.
      if (existing?.found !== true) yield* run(`CREATE SCHEMA "${namespace.schema}"`, [])
      yield* run(migrationTable(namespace), [])
      // Another process may have run them during the wait for the lock.
      const missing = yield* pending(yield* readApplied(client, namespace), known)
      for (const statement of missing.flatMap((one) => migrationStatements(namespace, one))) {
        yield* run(statement, [])
      }
    })
  )

/** Which migrations the tables have, and which they lack. */
export interface TablesVersion {
  /** The newest migration that is there; 0 without tables. */
  readonly version: number
  /** Those that this release has and the tables lack, oldest first. */
  readonly missing: ReadonlyArray<Migration>
}

/** Fails as the start does, on tables of another release or an older development version. */
export const readVersion = Effect.fnUntraced(function* (
  client: DatabaseClient,
  namespace: Namespace,
  known: ReadonlyArray<Migration> = migrations
): Effect.fn.Return<TablesVersion, ConfigurationError | SqlError> {
  const applied = yield* readApplied(client, namespace)
  return { version: applied.at(-1)?.version ?? 0, missing: yield* pending(applied, known) }
})

/**
 * Brings the tables to this release's version, or checks that they have it.
 *
 * Not `effect/sql`'s Migrator, which has no checksums, no prefix, no printing and no mode that only checks, and skips a
 * migration that is older than the newest applied one.
 */
export const migrate = (
  client: DatabaseClient,
  namespace: Namespace,
  mode: MigrateMode,
  known = migrations
): Effect.Effect<void, ConfigurationError | SqlError> =>
  Effect.gen(function* () {
    const { missing, version } = yield* readVersion(client, namespace, known)
    if (missing.length === 0) return
    if (mode === "auto") return yield* runPending(client, namespace, known)
    const versions = missing.map((one) => one.version).join(", ")
    return yield* wrong(
      "migrate",
      `the tables in schema "${namespace.schema}" lack migration ${versions}; start once with migrate: "auto", or run: ${migrationCommand(namespace, { from: version })}`
    )
  })
