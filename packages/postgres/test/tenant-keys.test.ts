import { describe, expect, it } from "@effect/vitest"
import { PostgresStores } from "@hawser/postgres/effect"
import { Effect, Layer } from "effect"
import { SqlClient } from "effect/sql/SqlClient"
import { crossTenantStatements } from "../src/CrossTenantStatements.ts"
import { canonicalNamespace } from "../src/Namespace.ts"
import { tenantTables } from "../src/RowLevelSecurity.ts"
import { tenantStatements } from "../src/TenantStatements.ts"
import {
  foreignKeysWithoutTenant,
  keysWithoutTenant,
  tablesWithoutTenant
} from "./support/acrossTenants.ts"
import { serverClient } from "./support/databases.ts"

const { tables } = canonicalNamespace
const names = (reasons: Readonly<Record<string, string>>) => Object.keys(reasons).toSorted()

/** Of the schema's tables, whatever a query of the catalog finds. */
const found = (from: string) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient
    const rows = yield* sql.unsafe<{ readonly name: string }>(
      `WITH t AS (
         SELECT c.oid, c.relname, (
           SELECT attnum FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id'
         ) AS tenant
         FROM pg_class c WHERE c.relnamespace = '"hawser"'::regnamespace AND c.relkind = 'r'
       ) ${from}`
    )
    return rows.map(({ name }) => name).toSorted()
  }).pipe(Effect.provide(Layer.provideMerge(PostgresStores.layer(), serverClient)))

/** Joins of a tenant's table on something else than the tenant. */
const tenantlessJoins = (sql: string): ReadonlyArray<string> =>
  tenantTables(tables).flatMap((table) =>
    [...sql.matchAll(new RegExp(`JOIN ${table}(?: AS)? ([a-z]+)\\s+(?:ON|USING) `, "g"))]
      .filter(({ 0: join, 1: alias, index }) => {
        const on = sql.slice(index + join.length)
        return !new RegExp(`^(?:${alias}\\.tenant_id = |\\(tenant_id, )`).test(on)
      })
      .map(({ 0: join }) => join)
  )

describe("The tenant, by which a database can be split,", () => {
  it.live("is in every table, but for those that are listed", () =>
    Effect.gen(function* () {
      const without = yield* found("SELECT relname AS name FROM t WHERE tenant IS NULL")
      expect(without).toStrictEqual(names(tablesWithoutTenant))
    })
  )

  it.live("is in every primary key and unique index, but for those that are listed", () =>
    Effect.gen(function* () {
      const without = yield* found(
        `SELECT i.relname AS name
         FROM t JOIN pg_index x ON x.indrelid = t.oid JOIN pg_class i ON i.oid = x.indexrelid
         WHERE x.indisunique AND tenant <> ALL (x.indkey)`
      )
      expect(without).toStrictEqual(names(keysWithoutTenant))
    })
  )

  it.live("is in every foreign key, on both sides, but for those that are listed", () =>
    Effect.gen(function* () {
      const all =
        "FROM pg_constraint k JOIN t ON t.oid = k.conrelid JOIN t o ON o.oid = k.confrelid"
      const without = yield* found(
        `SELECT conname AS name ${all} WHERE k.contype = 'f' AND NOT EXISTS (
           SELECT FROM unnest(k.conkey, k.confkey) AS pair (own, other)
           WHERE pair.own = t.tenant AND pair.other = o.tenant
         )`
      )
      expect(without).toStrictEqual(names(foreignKeysWithoutTenant))
    })
  )

  it.each(Object.entries({ ...tenantStatements(tables), ...crossTenantStatements(tables) }))(
    "is in every join of %s",
    (_, sql) => {
      expect(tenantlessJoins(sql)).toStrictEqual([])
    }
  )

  it("is missed in a join that forgets it", () => {
    const { claimDueGrants } = crossTenantStatements(tables)
    const forgetful = claimDueGrants.replace("i.tenant_id = d.tenant_id AND ", "")
    expect(tenantlessJoins(forgetful)).toHaveLength(1)
  })
})
