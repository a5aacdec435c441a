import { describe, expect, it } from "@effect/vitest"
import { ConfigurationError, ConnectionName, IntegrationStore, type Store } from "@hawser/core"
import { migrationSql, type NamespaceOptions, postgres } from "@hawser/postgres"
import { PgliteClient, PostgresStores } from "@hawser/postgres/effect"
import { Effect, Layer } from "effect"
import { SqlClient } from "effect/sql/SqlClient"
import { fork, spawnSync } from "node:child_process"
import { once } from "node:events"
import { dirname } from "node:path"
import { fileURLToPath } from "node:url"
import { checksum } from "../src/Migration.ts"
import { migrations } from "../src/Migrations.ts"
import { initial } from "../src/migrations/0001_initial.ts"
import { canonicalNamespace } from "../src/Namespace.ts"
import { createPGlite } from "../../../test-support/pglite.ts"
import { connect, freshTenant, keyOf } from "./support/commands.ts"
import { clientOf, freshDatabase } from "./support/databases.ts"

const startingProcess = fileURLToPath(new URL("support/starting-process.ts", import.meta.url))
const packageFolder = fileURLToPath(new URL("..", import.meta.url))
const hasPsql = spawnSync("psql", ["--version"]).status === 0

/** Opens a store and closes it again, as a host's start and end do. */
const start = (store: Store) => Effect.scoped(Layer.build(store.layer))

const problemOf = (store: Store) =>
  start(store).pipe(
    Effect.flip,
    Effect.map((error) =>
      error instanceof ConfigurationError ? error.message : `not configuration: ${error._tag}`
    )
  )

const sqlOn = <Row extends object>(url: string, statement: string) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient
    return yield* sql.unsafe<Row>(statement)
  }).pipe(Effect.provide(clientOf(url)))

/** All that a migration makes in a schema: columns, constraints and indexes, by their definitions. */
const catalogOf = (schema: string): string => `
SELECT 'column' AS kind, table_name AS owner, column_name AS name,
  concat_ws(' ', data_type, udt_name, is_nullable, column_default, collation_name) AS definition
FROM information_schema.columns WHERE table_schema = '${schema}'
UNION ALL
SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid)
FROM pg_constraint WHERE connamespace = '${schema}'::regnamespace
UNION ALL
SELECT 'index', tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = '${schema}'
ORDER BY 1, 2, 3`

describe("Migrations", () => {
  it.live(
    "run once though eight processes start together",
    Effect.fnUntraced(function* () {
      const url = yield* freshDatabase
      const processes = Array.from({ length: 8 }, () => fork(startingProcess, [url]))
      yield* Effect.addFinalizer(() =>
        Effect.sync(() => {
          for (const one of processes) one.kill()
        })
      )
      yield* Effect.promise(() => Promise.all(processes.map((one) => once(one, "message"))))
      const exits = processes.map((one) => once(one, "exit"))
      for (const one of processes) one.send("start")
      expect(yield* Effect.promise(() => Promise.all(exits))).toStrictEqual(
        processes.map(() => [0, null])
      )
      const applied = yield* sqlOn(url, "SELECT version, name FROM hawser.migration")
      expect(applied).toStrictEqual(migrations.map(({ name, version }) => ({ version, name })))
    }),
    60_000
  )

  it.live(
    "are only compared by check, which refuses an empty database and changes nothing",
    Effect.fnUntraced(function* () {
      const url = yield* freshDatabase
      const checking = postgres({ url, schema: "printed", migrate: "check" })
      expect(yield* problemOf(checking)).toMatch(
        /schema "printed" lack migration 1, 2.*; start once with migrate: "auto", or run: node .* \| psql /
      )
      expect(
        yield* sqlOn(
          url,
          `SELECT oid FROM pg_class WHERE relnamespace NOT IN
            (SELECT oid FROM pg_namespace WHERE nspname IN ('pg_catalog', 'pg_toast', 'information_schema'))
          UNION ALL SELECT oid FROM pg_namespace WHERE nspname = 'printed'`
        )
      ).toStrictEqual([])
    })
  )

  it.live.skipIf(!hasPsql)(
    "are run by the command that check names, to the same tables as by auto",
    Effect.fnUntraced(function* () {
      const url = yield* freshDatabase
      const named = { url, schema: "printed", tablePrefix: "h_" }
      const checking = postgres({ ...named, migrate: "check" })
      const command = (yield* problemOf(checking)).split(" run: ")[1] ?? ""
      const { status, stderr } = spawnSync("sh", ["-c", command], {
        cwd: packageFolder,
        encoding: "utf8",
        env: {
          ...process.env,
          PATH: `${dirname(process.execPath)}:${process.env["PATH"]}`,
          NODE_OPTIONS: "--conditions=@hawser/source",
          DATABASE_URL: url
        }
      })
      expect([stderr, status]).toStrictEqual(["", 0])
      yield* start(checking)

      yield* start(postgres({ ...named, schema: "ran" }))
      const printed = yield* sqlOn(url, catalogOf("printed"))
      const ran = yield* sqlOn(url, catalogOf("ran"))
      expect(printed.length).toBeGreaterThan(80)
      expect(JSON.stringify(printed).replaceAll("printed.", "ran.")).toBe(JSON.stringify(ran))
    })
  )

  it.live(
    "print what they run",
    Effect.fnUntraced(function* () {
      const db = yield* Effect.acquireRelease(
        Effect.promise(() => createPGlite()),
        (db) => Effect.promise(() => db.close())
      )
      yield* Effect.promise(() => db.exec(migrationSql({ schema: "one", tablePrefix: "h_" })))
      yield* start({
        layer: PostgresStores.layer({ schema: "two", tablePrefix: "h_" }).pipe(
          Layer.provide(PgliteClient.layerFrom(db))
        )
      })
      yield* start({
        layer: PostgresStores.layer({ schema: "one", tablePrefix: "h_", migrate: "check" }).pipe(
          Layer.provide(PgliteClient.layerFrom(db))
        )
      })
      const [printed, ran] = yield* Effect.promise(() =>
        Promise.all([db.query(catalogOf("one")), db.query(catalogOf("two"))])
      )
      expect(printed.rows.length).toBeGreaterThan(80)
      expect(JSON.stringify(printed.rows).replaceAll("one.", "two.")).toBe(JSON.stringify(ran.rows))
      const migrationsOf = (schema: string) =>
        Effect.promise(() => db.query(`SELECT version, name, checksum FROM ${schema}.h_migration`))
      expect((yield* migrationsOf("one")).rows).toStrictEqual((yield* migrationsOf("two")).rows)
    }),
    60_000
  )

  it.live(
    "refuse a database that a newer release has migrated, and one whose migration is another",
    Effect.fnUntraced(function* () {
      const url = yield* freshDatabase
      yield* start(postgres({ url }))
      const original = yield* sqlOn<{ checksum: string }>(
        url,
        "SELECT checksum FROM hawser.migration WHERE version = 1"
      )
      yield* sqlOn(url, "UPDATE hawser.migration SET checksum = 'changed' WHERE version = 1")
      expect(yield* problemOf(postgres({ url }))).toMatch(
        /migration 1 .* not the one of this release/
      )
      expect(yield* problemOf(postgres({ url, migrate: "check" }))).toMatch(/migration 1/)

      yield* sqlOn(
        url,
        `UPDATE hawser.migration SET checksum = '${original[0]?.checksum}' WHERE version = 1`
      )
      yield* start(postgres({ url, migrate: "check" }))
      yield* sqlOn(url, "INSERT INTO hawser.migration VALUES (999, 'later', 'x')")
      expect(yield* problemOf(postgres({ url }))).toMatch(/version 999 .* update Hawser/)
    })
  )

  it.live(
    "bring what the first release stored to be refreshed, each grant in its time",
    Effect.fnUntraced(function* () {
      const url = yield* freshDatabase
      const tenant = freshTenant()
      const grants = {
        refreshable: `'\\x01', now() + interval '1 hour'`,
        short: `'\\x01', now() + interval '4 minutes'`,
        expired: `'\\x01', now() - interval '1 hour'`,
        unrefreshable: `NULL, now() + interval '60 days'`,
        endless: `NULL, NULL`
      }
      const former = [
        "CREATE SCHEMA hawser",
        ...initial.statements(canonicalNamespace),
        "CREATE TABLE hawser.migration (version integer PRIMARY KEY, name text, checksum text)",
        `INSERT INTO hawser.migration VALUES (1, 'initial', '${checksum(initial)}')`,
        ...Object.entries(grants).flatMap(([connection, tokens]) => [
          `INSERT INTO hawser.integration VALUES ('${tenant}', 'github', '${connection}', '${connection}', 'connected',
            'ann', now(), '{repo}', NULL, '{}', NULL, NULL, 1, '2')`,
          `INSERT INTO hawser.oauth_grant (tenant_id, integration_id, id, sealed_access_token, token_type,
            client_fingerprint, sealed_refresh_token, expires_at)
          VALUES ('${tenant}', '${connection}', 'gnt-${connection}', '\\x02', 'bearer', '', ${tokens})`
        ])
      ]
      yield* Effect.gen(function* () {
        const sql = yield* SqlClient
        for (const statement of former) yield* sql.unsafe(statement)
      }).pipe(Effect.provide(clientOf(url)))
      yield* start(postgres({ url }))
      const due = yield* sqlOn<{ id: string; minutes: number | null }>(
        url,
        `SELECT integration_id AS id, round(extract(epoch FROM refresh_due_at - now()) / 60)::int AS minutes
        FROM hawser.oauth_grant ORDER BY id DESC`
      )
      expect(Object.fromEntries(due.map(({ id, minutes }) => [id, minutes]))).toStrictEqual({
        refreshable: 55,
        short: 2,
        expired: 0,
        unrefreshable: 53 * 24 * 60,
        endless: null
      })
      const read = (connection: string) =>
        Effect.flatMap(IntegrationStore, (integrations) =>
          integrations.grant({ ...keyOf(tenant), connection: ConnectionName.make(connection) })
        ).pipe(Effect.provide(postgres({ url }).layer))
      // Its lifetime is counted from the migration.
      const refreshable = yield* read("refreshable")
      expect([refreshable.generation, refreshable.scopes]).toStrictEqual([1, ["repo"]])
      expect(refreshable.lifetime).toBeGreaterThan(3500)
      expect(refreshable.lifetime).toBeLessThanOrEqual(3600)
      expect(yield* read("expired")).toMatchObject({ expired: true, remaining: 0, lifetime: 0 })
      expect((yield* read("endless")).lifetime).toBe(undefined)
    }),
    60_000
  )

  it.live(
    "keep two namespaces in one database apart",
    Effect.fnUntraced(function* () {
      const url = yield* freshDatabase
      const tenant = freshTenant()
      const connectIn = (store: Store) =>
        connect(tenant).pipe(Effect.provide(store.layer), Effect.exit)
      const a = { url, schema: "shared", tablePrefix: "a_" }
      const b = { url, schema: "shared", tablePrefix: "b_" }
      expect((yield* connectIn(postgres(a)))._tag).toBe("Success")
      // Connected in the one, unknown in the other.
      expect((yield* connectIn(postgres(a)))._tag).toBe("Failure")
      expect((yield* connectIn(postgres(b)))._tag).toBe("Success")
      expect((yield* connectIn(postgres({ url })))._tag).toBe("Success")
    })
  )

  it.live(
    "need no right to create anything once the tables are there",
    Effect.fnUntraced(function* () {
      const url = yield* freshDatabase
      const role = `app_${crypto.randomUUID().replaceAll("-", "")}`
      const appUrl = new URL(url)
      appUrl.username = role
      appUrl.password = "app"
      yield* sqlOn(url, `CREATE ROLE ${role} LOGIN PASSWORD 'app'`)
      yield* Effect.addFinalizer(() =>
        Effect.andThen(
          Effect.orDie(sqlOn(url, `DROP OWNED BY ${role}`)),
          Effect.orDie(sqlOn(url, `DROP ROLE ${role}`))
        )
      )
      expect(yield* problemOf(postgres({ url: appUrl.href }))).toMatch(/grant it the rights/)

      yield* start(postgres({ url }))
      yield* sqlOn(url, `GRANT USAGE ON SCHEMA hawser TO ${role}`)
      yield* sqlOn(
        url,
        `GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA hawser TO ${role}`
      )
      // S-49: the application's account has no right over definitions.
      yield* connect(freshTenant()).pipe(Effect.provide(postgres({ url: appUrl.href }).layer))
    })
  )

  it.live.each<readonly [NamespaceOptions, string]>([
    [{ schema: "Hawser" }, "schema"],
    [{ schema: 'x"; DROP TABLE users; --' }, "schema"],
    [{ schema: "" }, "schema"],
    [{ schema: "s".repeat(42) }, "schema"],
    [{ tablePrefix: "a-" }, "tablePrefix"]
  ])("take only plain lower-case names", ([options, setting]) =>
    Effect.gen(function* () {
      const problem = yield* problemOf(postgres({ url: "postgres://127.0.0.1:1/x", ...options }))
      expect(problem).toMatch(new RegExp(`^${setting}: write it as`))
      expect(() => migrationSql(options)).toThrow(ConfigurationError)
    })
  )
})
