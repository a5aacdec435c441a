import { describe, expect, it } from "@effect/vitest"
import { PostgresStores } from "@hawser/postgres/effect"
import { Effect, Layer } from "effect"
import { SqlClient } from "effect/sql/SqlClient"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { crossTenantStatements } from "../src/CrossTenantStatements.ts"
import { canonicalNamespace } from "../src/Namespace.ts"
import { tenantStatements } from "../src/TenantStatements.ts"
import { statementsAcrossTenants } from "./support/acrossTenants.ts"
import { serverClient } from "./support/databases.ts"

const { tables } = canonicalNamespace

const sourceFolder = fileURLToPath(new URL("../src", import.meta.url))
const filesWithStatements = new Set([
  "TenantStatements.ts",
  "CrossTenantStatements.ts",
  "RowLevelSecurity.ts",
  "SealedColumns.ts",
  "SealedValueStatements.ts",
  "GrantStatements.ts",
  "GrantWorkerStatements.ts",
  // Parts of those.
  "barredSql.ts",
  "eventSql.ts",
  "grantSql.ts",
  "revocationSql.ts",
  "siblings.ts",
  "RevocationStatements.ts",
  "OffboardingStatements.ts",
  "ConnectionTransferStatements.ts",
  // An operator's, in the process of a command: it reads what no request reads, and writes nothing.
  "Inspection.ts",
  // They know no rows but of the migrations themselves.
  "Migrations.ts",
  "migrations/0001_initial.ts",
  // It locks a table as a reader does, to be refused where no transaction is open.
  "HostTransaction.ts"
])

/** The tables whose rows belong to a tenant. */
const tenantTables = [
  tables.credential,
  tables.integration,
  tables.oauthGrant,
  tables.revocation,
  tables.flow,
  tables.barredUser,
  tables.outbox,
  tables.deliveryRetry
]

/** The clause around an index: out to the parentheses that enclose it, without what stands in parentheses itself. */
const clauseAround = (sql: string, index: number): string => {
  let depth = 0
  let start = index
  while (start > 0 && depth >= 0) {
    start--
    depth += sql[start] === ")" ? 1 : sql[start] === "(" ? -1 : 0
  }
  depth = 0
  let clause = ""
  for (const character of sql.slice(start + 1)) {
    depth += character === "(" ? 1 : 0
    if (depth === 0) clause += character === ")" ? "" : character
    depth -= character === ")" ? 1 : 0
    if (depth < 0) break
  }
  return clause
}

/** The mentions of a tenant's table in which the tenant is missing. */
const tenantlessMentions = (sql: string): ReadonlyArray<string> =>
  tenantTables.flatMap((table) =>
    [
      ...sql.matchAll(
        new RegExp(`(INTO|FROM|JOIN|UPDATE|USING) ${table}(?: AS)?(?: ([a-z]+))?`, "g")
      )
    ]
      .filter(({ 0: mention, 1: verb, 2: alias, index }) => {
        const rest = sql.slice(index + mention.length)
        if (verb === "INTO") return !/^ ?\(\s*tenant_id,/.test(rest)
        const own = alias === undefined ? "tenant_id" : `(?:${alias}\\.)?tenant_id`
        // Joined on the tenant of another table, which itself must have it.
        if (verb === "JOIN") return !new RegExp(`^ ON ${own} = \\w+\\.tenant_id AND `).test(rest)
        const condition = new RegExp(`(?:WHERE|AND) ${own} = (?:\\$1|\\w+\\.tenant_id)\\b`)
        return !condition.test(clauseAround(sql, index))
      })
      .map(({ 0: mention }) => mention)
  )

/** An upsert by another key than the tenant's could meet another tenant's row. */
const tenantlessUpserts = (sql: string): ReadonlyArray<string> =>
  [...sql.matchAll(/ON CONFLICT \((?!tenant_id,).+?\) DO UPDATE/g)]
    .filter(({ index }) => !/WHERE \w+\.tenant_id = \$1\b/.test(clauseAround(sql, index)))
    .map(({ 0: upsert }) => upsert)

const tenantless = (sql: string): ReadonlyArray<string> => [
  ...tenantlessMentions(sql),
  ...tenantlessUpserts(sql)
]

describe("S-57 The statements of a tenant", () => {
  const statements = Object.entries(tenantStatements(tables))

  it.each(statements)("%s leads with the tenant in every table", (_, sql) => {
    expect(tenantTables.some((table) => sql.includes(table))).toBe(true)
    expect(tenantless(sql)).toStrictEqual([])
    // $1 is the tenant: the first column of an insert, or compared with tenant_id.
    expect(sql).toMatch(/tenant_id = \$1\b|(?:VALUES \(|SELECT )\$1,/)
  })

  it("are told apart from one that forgets the tenant", () => {
    const forgetful = statements.flatMap(([name, sql]) =>
      [...sql.matchAll(/(?:\w+\.)?tenant_id = (?:\$1|\w+\.tenant_id)/g)].map(
        ({ 0: condition, index }) =>
          [name, `${sql.slice(0, index)}true${sql.slice(index + condition.length)}`] as const
      )
    )
    expect(forgetful.length).toBeGreaterThan(10)
    for (const [name, sql] of forgetful)
      expect([name, tenantless(sql)]).not.toStrictEqual([name, []])
  })

  it("leave out a closed list, which no tenant's request reaches without a secret", () => {
    expect(Object.keys(crossTenantStatements(tables)).toSorted()).toStrictEqual(
      Object.keys(statementsAcrossTenants).toSorted()
    )
  })

  it("S-37 end a grant by its tenant: nothing but the brake's counts is of all tenants", () => {
    const { endGrant } = crossTenantStatements(tables)
    const counted = `FROM ${tables.oauthGrant} r`
    expect(tenantlessMentions(endGrant)).toStrictEqual([counted, counted])
    const counts = /LATERAL \(\s+SELECT count\((?<counts>.+?)\) AS n/s.exec(endGrant)?.groups?.[
      "counts"
    ]
    expect(counts?.split(counted)).toHaveLength(3)
  })

  it("and those without a tenant are all that there are: no other file reads or writes a table", () => {
    const elsewhere = readdirSync(sourceFolder, { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts") && !filesWithStatements.has(file))
      .filter((file) =>
        /\b(?:FROM|INTO|UPDATE|JOIN|USING|TABLE) [$"\w]/.test(
          readFileSync(join(sourceFolder, file), "utf8")
        )
      )
    expect(elsewhere).toStrictEqual([])
  })

  it("S-03 burn by nothing but the hash and that it is pending", () => {
    const { burnFlow } = crossTenantStatements(tables)
    expect(/WHERE (.+)\n\s+FOR UPDATE/.exec(burnFlow)?.[1]).toBe(
      "state_hash = $1::bytea AND status = 'pending'"
    )
  })
})

describe("S-49 The tables", () => {
  it.live("hold secrets in sealed and hashed columns alone, as bytes", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const columns = yield* sql<{
        readonly table_name: string
        readonly column_name: string
        readonly data_type: string
      }>`SELECT table_name, column_name, data_type FROM information_schema.columns
        WHERE table_schema = 'hawser' ORDER BY table_name, column_name`
      const bytes = columns.filter(({ data_type }) => data_type === "bytea")
      expect(bytes.map((one) => `${one.table_name}.${one.column_name}`)).toStrictEqual([
        "barred_user.user_hash",
        "credential.sealed_fields",
        "flow.browser_hash",
        "flow.flow_id_hash",
        "flow.sealed_response",
        "flow.sealed_secrets",
        "flow.state_hash",
        "hash_key.sealed_key",
        "oauth_grant.held_hash",
        "oauth_grant.sealed_access_token",
        "oauth_grant.sealed_dpop_key",
        "oauth_grant.sealed_refresh_token",
        "revocation.sealed_access_token",
        "revocation.sealed_refresh_token"
      ])
      const named = columns.filter(({ column_name }) =>
        /secret|token|key|code|verifier|response|password|sealed|hash/.test(column_name)
      )
      const plain = named
        .filter(({ data_type }) => data_type !== "bytea")
        .map((one) => `${one.table_name}.${one.column_name}`)
      // When a response expires, and what kind of token it is, are not secrets.
      expect(plain).toStrictEqual(["flow.response_expires_at", "oauth_grant.token_type"])
    }).pipe(Effect.provide(Layer.provideMerge(PostgresStores.layer(), serverClient)))
  )
})
