import { describe, expect, it } from "@effect/vitest"
import {
  ConfigurationError,
  ConnectionStore,
  Maintenance,
  OAuthStateStore,
  type Store,
  type TenantId,
  UserId
} from "@hawser/core"
import { postgres } from "@hawser/postgres"
import { Duration, Effect, Layer, type Scope } from "effect"
import { SqlClient } from "effect/sql/SqlClient"
import type { Pool } from "pg"
import type { Migration } from "../src/Migration.ts"
import { makeDatabaseClient } from "../src/DatabaseClient.ts"
import { migrate, migrations, statementsFrom } from "../src/Migrations.ts"
import { canonicalNamespace } from "../src/Namespace.ts"
import { tenantTables } from "../src/RowLevelSecurity.ts"
import { appRole } from "./support/appRole.ts"
import {
  connect,
  connectWithCredential,
  disconnect,
  freshTenant,
  hash,
  keyOf,
  newFlow
} from "./support/commands.ts"
import { clientOf, freshDatabase } from "./support/databases.ts"
import { hostPool } from "./support/pools.ts"
import { securedDatabase } from "./support/secured.ts"

const securedStore = (url: string): Store =>
  postgres({ url, migrate: "check", rowLevelSecurity: true })

const rows = (pool: Pool, statement: string, parameters: Array<unknown> = []) =>
  Effect.promise(async () => {
    const { rows } = await pool.query<Record<string, unknown>>(statement, parameters)
    return rows
  })

const codeOf = (pool: Pool, statement: string) =>
  Effect.promise(() =>
    pool.query(statement).then(
      () => "allowed",
      (error: { readonly code?: string }) => error.code
    )
  )

/** Leaves a row of the tenant in every table that has some. */
const fill = Effect.fnUntraced(function* (tenantId: TenantId, owner: Pool) {
  const flows = yield* OAuthStateStore
  yield* connect(tenantId)
  yield* disconnect(tenantId)
  yield* connect(tenantId)
  yield* connectWithCredential(tenantId)
  const limits = { perUser: 9, perTenant: 9 }
  // Only while it is not connected may a flow begin.
  yield* flows.start(
    { ...newFlow(tenantId), reauthorizes: true },
    { lifetime: Duration.minutes(9), limits }
  )
  const maintenance = yield* Maintenance
  yield* maintenance.suspendUser({ tenantId, userId: UserId.make("bob"), userHash: hash() })
  yield* rows(
    owner,
    `WITH s AS (INSERT INTO hawser.subscriber VALUES ($1, '0', NULL, NULL, '1') RETURNING name)
    INSERT INTO hawser.delivery_retry
    SELECT o.tenant_id, o.integration_id, o.version, $1, 1, now() FROM hawser.outbox o
    WHERE o.tenant_id = $1`,
    [tenantId]
  )
})

/** Whose rows a query without any condition finds, by table. */
const visible = Effect.fnUntraced(function* (app: Pool) {
  const found: Record<string, ReadonlyArray<unknown>> = {}
  for (const table of tenantTables(canonicalNamespace.tables)) {
    const all = yield* rows(app, `SELECT DISTINCT tenant_id FROM ${table} ORDER BY 1`)
    found[table] = all.map(({ tenant_id }) => tenant_id)
  }
  return found
})

const everyTable = (tenants: ReadonlyArray<TenantId>) =>
  Object.fromEntries(tenantTables(canonicalNamespace.tables).map((table) => [table, tenants]))

describe("Row-level security", () => {
  it.live("S-49 S-83 a query that forgot its WHERE finds nothing, or one tenant's rows", () =>
    Effect.gen(function* () {
      const { app, owner } = yield* securedDatabase
      const [one, other] = [freshTenant(), freshTenant()].toSorted() as [TenantId, TenantId]
      yield* Effect.andThen(fill(one, owner), fill(other, owner)).pipe(
        Effect.provide(securedStore(app.url).layer)
      )
      const pool = yield* hostPool(app.url, { max: 1 })
      // The rows are there, for an account that no policy applies to.
      expect(yield* visible(owner)).toStrictEqual(everyTable([one, other]))
      expect(yield* visible(pool)).toStrictEqual(everyTable([]))
      yield* rows(pool, "SELECT set_config('hawser.tenant_id', $1, false)", [other])
      expect(yield* visible(pool)).toStrictEqual(everyTable([other]))
      // Nor does a write without a condition reach another tenant, or make a row of one.
      yield* rows(pool, "UPDATE hawser.integration SET connected_by = 'mallory'")
      const touched = yield* rows(
        owner,
        "SELECT tenant_id FROM hawser.integration WHERE connected_by = 'mallory'"
      )
      expect(touched).toStrictEqual([{ tenant_id: other }])
      expect(yield* codeOf(pool, `UPDATE hawser.integration SET tenant_id = '${one}'`)).toBe(
        "42501"
      )
    })
  )

  it.live("S-49 secures every table that has tenants", () =>
    Effect.gen(function* () {
      const { owner } = yield* securedDatabase
      const tables = yield* rows(
        owner,
        `SELECT format('"hawser"."%s"', c.relname) AS name, c.relrowsecurity AND c.relforcerowsecurity AS secured
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
        WHERE c.relnamespace = 'hawser'::regnamespace AND c.relkind = 'r' AND a.attname = 'tenant_id'`
      )
      expect(tables.map(({ name }) => String(name)).toSorted()).toStrictEqual(
        [...tenantTables(canonicalNamespace.tables)].toSorted()
      )
      expect(tables.every(({ secured }) => secured)).toBe(true)
    })
  )

  it.live("S-49 an account that starts with migrate: check may change no table and no policy", () =>
    Effect.gen(function* () {
      const { app } = yield* securedDatabase
      yield* connect(freshTenant()).pipe(Effect.provide(securedStore(app.url).layer))
      const pool = yield* hostPool(app.url, { max: 1 })
      for (const statement of [
        "CREATE TABLE hawser.extra (id text)",
        "ALTER TABLE hawser.credential ADD COLUMN extra text",
        "ALTER TABLE hawser.credential DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE hawser.credential NO FORCE ROW LEVEL SECURITY",
        "DROP POLICY hawser_tenant ON hawser.credential",
        "CREATE POLICY open ON hawser.credential USING (true)",
        "CREATE INDEX extra ON hawser.credential (id)",
        "TRUNCATE hawser.credential CASCADE",
        "DROP TABLE hawser.credential CASCADE",
        "CREATE SCHEMA extra"
      ]) {
        expect([statement, yield* codeOf(pool, statement)]).toStrictEqual([statement, "42501"])
      }
    })
  )

  it.live("leaves nothing on the connection: what comes after a statement has no tenant", () =>
    Effect.gen(function* () {
      const { app } = yield* securedDatabase
      const pool = yield* hostPool(app.url, { max: 1 })
      yield* Effect.gen(function* () {
        const connections = yield* ConnectionStore
        const tenantId = freshTenant()
        yield* connect(tenantId)
        expect((yield* connections.find(keyOf(tenantId))).tenantId).toBe(tenantId)
        const left = yield* rows(pool, "SELECT tenant_id FROM hawser.integration")
        expect(left).toStrictEqual([])
      }).pipe(Effect.provide(postgres({ pool, migrate: "check", rowLevelSecurity: true }).layer))
    })
  )

  it.live("holds in a transaction of the host's", () =>
    Effect.gen(function* () {
      const { app } = yield* securedDatabase
      const pool = yield* hostPool(app.url, { max: 1 })
      const client = yield* Effect.promise(() => pool.connect())
      const [one, other] = [freshTenant(), freshTenant()]
      const { inTransaction } = securedStore(app.url)
      if (inTransaction === undefined) return expect.fail("no transactions")
      yield* Effect.promise(() => client.query("BEGIN"))
      const stores = yield* inTransaction(client)
      yield* Effect.andThen(connect(one), connect(other)).pipe(Effect.provide(stores))
      const seen = yield* Effect.promise(() =>
        client.query("SELECT tenant_id FROM hawser.integration")
      )
      expect(seen.rows).toStrictEqual([{ tenant_id: other }])
      yield* Effect.promise(() => client.query("COMMIT"))
      client.release()
      yield* Effect.gen(function* () {
        const connections = yield* ConnectionStore
        for (const tenantId of [one, other])
          expect((yield* connections.find(keyOf(tenantId))).status).toBe("connected")
      }).pipe(Effect.provide(securedStore(app.url).layer))
    })
  )
})

/** Why a store does not open; undefined if it does. */
const problemOf = (store: Store) =>
  Effect.scoped(Layer.build(store.layer)).pipe(
    Effect.as(undefined),
    Effect.catch((error) =>
      Effect.succeed(error instanceof ConfigurationError ? error.message : error._tag)
    )
  )

describe("The start under row-level security", () => {
  it.live("secures the tables where it may, once, and tables with rows in them as well", () =>
    Effect.gen(function* () {
      const url = yield* freshDatabase
      const { role, url: ownUrl } = yield* appRole(url)
      const superuser = yield* hostPool(url, { max: 1 })
      const database = new URL(url).pathname.slice(1)
      yield* rows(superuser, `GRANT CREATE ON DATABASE "${database}" TO ${role}`)
      const tenantId = freshTenant()
      yield* connect(tenantId).pipe(Effect.provide(postgres({ url: ownUrl }).layer))

      const secured = postgres({ url: ownUrl, rowLevelSecurity: true })
      expect(yield* problemOf({ layer: securedStore(ownUrl).layer })).toMatch(
        /^rowLevelSecurity: .* lack it; run: node .*"from":1,"rowLevelSecurity":true/
      )
      expect(yield* problemOf(secured)).toBeUndefined()
      const owner = yield* hostPool(ownUrl, { max: 1 })
      expect(yield* rows(owner, "SELECT FROM hawser.integration")).toStrictEqual([])
      const policies = yield* rows(owner, "SELECT oid FROM pg_policy ORDER BY oid")
      expect(yield* problemOf(secured)).toBeUndefined()
      // The second start made none again.
      expect(yield* rows(owner, "SELECT oid FROM pg_policy ORDER BY oid")).toStrictEqual(policies)
      yield* Effect.gen(function* () {
        const connections = yield* ConnectionStore
        expect((yield* connections.find(keyOf(tenantId))).tenantId).toBe(tenantId)
      }).pipe(Effect.provide(secured.layer))
    })
  )

  const migrating: ReadonlyArray<
    readonly [
      string,
      (url: string, next: ReadonlyArray<Migration>) => Effect.Effect<unknown, unknown, Scope.Scope>
    ]
  > = [
    [
      "that the start runs",
      (url, next) =>
        Effect.flatMap(SqlClient, (sql) =>
          migrate(makeDatabaseClient(sql, {}), canonicalNamespace, "auto", next)
        ).pipe(Effect.provide(clientOf(url)))
    ],
    [
      "whose SQL was printed",
      (url, next) =>
        Effect.gen(function* () {
          const owner = yield* hostPool(url, { max: 1 })
          const printed = statementsFrom(canonicalNamespace, 1, next).join(";\n")
          yield* rows(owner, `BEGIN;\n${printed};\nCOMMIT`)
        })
    ]
  ]

  it.live.each(migrating)(
    "lets a migration %s change the rows of every tenant, which its policies would hide",
    ([, run]) =>
      Effect.gen(function* () {
        const url = yield* freshDatabase
        const { role, url: ownUrl } = yield* appRole(url)
        const superuser = yield* hostPool(url, { max: 1 })
        const database = new URL(url).pathname.slice(1)
        yield* rows(superuser, `GRANT CREATE ON DATABASE "${database}" TO ${role}`)
        const tenantId = freshTenant()
        yield* connect(tenantId).pipe(
          Effect.provide(postgres({ url: ownUrl, rowLevelSecurity: true }).layer)
        )
        const renaming: Migration = {
          version: 2,
          name: "renaming",
          statements: ({ tables }) => [`UPDATE ${tables.integration} SET connected_by = 'renamed'`]
        }
        yield* run(ownUrl, [...migrations, renaming])
        expect(yield* rows(superuser, "SELECT connected_by FROM hawser.integration")).toStrictEqual(
          [{ connected_by: "renamed" }]
        )
      })
  )

  it.live(
    "is refused where no policy would apply, and where they would and nobody asked for them",
    () =>
      Effect.gen(function* () {
        const { app, url } = yield* securedDatabase
        expect(yield* problemOf(securedStore(url))).toMatch(
          /^rowLevelSecurity: this account is a superuser/
        )
        expect(yield* problemOf(postgres({ url: app.url }))).toMatch(
          /^rowLevelSecurity: the tables in schema "hawser" have row-level security; set it/
        )
      })
  )
})
