import { describe, expect, it } from "@effect/vitest"
import { ConfigurationError, type Store } from "@hawser/core"
import { migrationSql, type NamespaceOptions, postgres } from "@hawser/postgres"
import { PgliteClient, PostgresStores } from "@hawser/postgres/effect"
import { Effect, Layer } from "effect"
import { SqlClient } from "effect/sql/SqlClient"
import { fork, spawnSync } from "node:child_process"
import { once } from "node:events"
import { dirname } from "node:path"
import { fileURLToPath } from "node:url"
import { makeDatabaseClient } from "../src/DatabaseClient.ts"
import type { Migration } from "../src/Migration.ts"
import {
  migrate,
  type MigrateMode,
  migrations,
  newestVersion,
  statementsFrom
} from "../src/Migrations.ts"
import { canonicalNamespace } from "../src/Namespace.ts"
import { createPGlite } from "../../../test-support/pglite.ts"
import { connect, freshTenant, keyOf } from "./support/commands.ts"
import { clientOf, freshDatabase } from "./support/databases.ts"
import { hostPool } from "./support/pools.ts"

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

/** A step as a release to come may have one. */
const later: Migration = {
  version: 2,
  name: "later",
  statements: ({ tables }) => [
    `ALTER TABLE ${tables.integration} ADD COLUMN note text`,
    `UPDATE ${tables.integration} SET note = 'of version 2'`
  ]
}

/** The start of a release that has these migrations. */
const migrateWith = (url: string, mode: MigrateMode, known: ReadonlyArray<Migration>) =>
  Effect.gen(function* () {
    yield* migrate(makeDatabaseClient(yield* SqlClient, {}), canonicalNamespace, mode, known)
  }).pipe(Effect.provide(clientOf(url, { maxConnections: 1 })))

const migrationProblem = (url: string, mode: MigrateMode, known: ReadonlyArray<Migration>) =>
  Effect.map(Effect.flip(migrateWith(url, mode, known)), ({ message }) => message)

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
    "run once though four processes start together",
    Effect.fnUntraced(function* () {
      const url = yield* freshDatabase
      const processes = Array.from({ length: 4 }, () => fork(startingProcess, [url]))
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
        /schema "printed" lack migration 1; start once with migrate: "auto", or run: node .* \| psql /
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
    "bring tables of the release before to the next, once, with what is stored in them",
    Effect.fnUntraced(function* () {
      const url = yield* freshDatabase
      const tenant = freshTenant()
      yield* connect(tenant).pipe(Effect.provide(postgres({ url }).layer))
      const next = [...migrations, later]
      expect(yield* migrationProblem(url, "check", next)).toMatch(
        / lack migration 2; start once .*h\.migrationSql\(\{"schema":"hawser","from":1\}\)/
      )
      const starts = [1, 2, 3].map(() => migrateWith(url, "auto", next))
      yield* Effect.all(starts, { concurrency: "unbounded" })
      yield* migrateWith(url, "check", next)
      expect(yield* sqlOn(url, "SELECT provider, note FROM hawser.integration")).toStrictEqual([
        { provider: keyOf(tenant).provider, note: "of version 2" }
      ])
      expect(
        yield* sqlOn(url, "SELECT version, name, additive FROM hawser.migration ORDER BY version")
      ).toStrictEqual([
        { version: 1, name: "initial", additive: false },
        { version: 2, name: "later", additive: false }
      ])
    })
  )

  it.live(
    "print SQL that works from the version that is there",
    Effect.fnUntraced(function* () {
      const url = yield* freshDatabase
      yield* connect(freshTenant()).pipe(Effect.provide(postgres({ url }).layer))
      const next = [...migrations, later]
      const printed = statementsFrom(canonicalNamespace, 1, next).join(";\n")
      const pool = yield* hostPool(url, { max: 1 })
      yield* Effect.promise(() => pool.query(`BEGIN;\n${printed};\nCOMMIT`))
      yield* migrateWith(url, "check", next)
      expect(yield* sqlOn(url, "SELECT note FROM hawser.integration")).toStrictEqual([
        { note: "of version 2" }
      ])
      expect(migrationSql({ from: newestVersion })).not.toMatch(/CREATE|INSERT/)
    })
  )

  it.live(
    "refuse tables that a newer release has made, unless all that is new in them is additive",
    Effect.fnUntraced(function* () {
      const url = yield* freshDatabase
      const additive: Migration = { ...later, additive: true }
      yield* migrateWith(url, "auto", [...migrations, additive])
      yield* start(postgres({ url, migrate: "check" }))
      yield* connect(freshTenant()).pipe(Effect.provide(postgres({ url }).layer))

      const contracting: Migration = {
        version: 3,
        name: "contracting",
        statements: ({ tables }) => [`ALTER TABLE ${tables.integration} DROP COLUMN account_label`]
      }
      yield* migrateWith(url, "auto", [...migrations, additive, contracting])
      expect(yield* problemOf(postgres({ url }))).toMatch(/version 3 .* knows 1; update Hawser/)
    })
  )

  it.live(
    "refuse tables that were made by another migration of that number, and by a development version",
    Effect.fnUntraced(function* () {
      const url = yield* freshDatabase
      yield* migrateWith(url, "auto", [...migrations, later])
      const another: Migration = { ...later, statements: () => ["SELECT 1"] }
      for (const mode of ["auto", "check"] as const)
        expect(yield* migrationProblem(url, mode, [...migrations, another])).toMatch(
          /migration 2 .* not the one of this release/
        )

      const former = yield* freshDatabase
      yield* sqlOn(former, "CREATE SCHEMA hawser")
      yield* sqlOn(
        former,
        "CREATE TABLE hawser.migration (version integer PRIMARY KEY, name text, checksum text)"
      )
      yield* sqlOn(
        former,
        "INSERT INTO hawser.migration VALUES (1, 'initial', 'a'), (2, 'refreshing', 'b'), (3, 'leaving', 'c')"
      )
      for (const mode of ["auto", "check"] as const)
        expect(yield* problemOf(postgres({ url: former, migrate: mode }))).toMatch(
          /schema "hawser" were made by an earlier development version of Hawser; drop them/
        )
    })
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
