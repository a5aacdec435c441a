import { ConfigurationError } from "@hawser/core"
import { Effect } from "effect"
import type { SqlError } from "effect/sql/SqlError"
import type { Database } from "./Database.ts"
import type { DatabaseClient } from "./DatabaseClient.ts"
import { migrationCommand } from "./migrationCommand.ts"
import type { Namespace, Tables } from "./Namespace.ts"

/** The settings of a transaction that decide whose rows it may touch: one tenant's, or all. */
const tenantSetting = "hawser.tenant_id"
const allSetting = "hawser.all_tenants"

const policy = "hawser_tenant"

/** The tables whose rows belong to a tenant. */
export const tenantTables = (t: Tables): ReadonlyArray<string> => [
  t.credential,
  t.integration,
  t.oauthGrant,
  t.revocation,
  t.flow,
  t.barredUser,
  t.outbox,
  t.deliveryRetry
]

/**
 * The statements that secure a table. They can be repeated. FORCE, because the owner of a table is not subject to its
 * policies otherwise.
 */
const securing = (table: string): ReadonlyArray<string> => [
  `ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY`,
  `DROP POLICY IF EXISTS ${policy} ON ${table}`,
  `CREATE POLICY ${policy} ON ${table} USING (
  tenant_id = current_setting('${tenantSetting}', true) OR current_setting('${allSetting}', true) = 'on'
)`
]

/** All of them, for hosts that run the SQL themselves. */
export const securityStatements = ({ tables }: Namespace): ReadonlyArray<string> =>
  tenantTables(tables).flatMap(securing)

/** Lets this transaction touch the rows of one tenant. */
const ofTenantAlone = `SELECT set_config('${tenantSetting}', $1, true), set_config('${allSetting}', 'off', true)`

/** Lets this transaction touch the rows of every tenant. */
export const acrossTenants = `SELECT set_config('${tenantSetting}', '', true), set_config('${allSetting}', 'on', true)`

/**
 * The same database for tables with row-level security: before each statement, in the same transaction, it says whose rows
 * may be touched. A tenant's statement can touch only that tenant's rows, even without its conditions.
 */
export const scoped = (
  { ofTenant, run, statements }: Database,
  { inTransaction, settled }: DatabaseClient
): Database => ({
  ofTenant,
  statements,
  run: <Row extends object>(statement: string, parameters: ReadonlyArray<unknown>) => {
    const scope = ofTenant.has(statement)
      ? run(ofTenantAlone, [parameters[0]])
      : run(acrossTenants, [])
    return settled(inTransaction(Effect.andThen(scope, run<Row>(statement, parameters))))
  }
})

interface Security {
  /** The tables with row-level security of any kind. */
  readonly enabled: number
  /** The tables that lack some of Hawser's policies. */
  readonly lacking: ReadonlyArray<string>
  /** Whether the account is subject to no policy at all. */
  readonly bypasses: boolean
}

const readSecurity = Effect.fnUntraced(function* (
  { run }: DatabaseClient,
  tables: ReadonlyArray<string>
) {
  const [security] = yield* run<Security>(
    `SELECT
  count(*) FILTER (WHERE c.relrowsecurity)::int AS enabled,
  coalesce(array_agg(name) FILTER (WHERE p.polname IS NULL OR NOT c.relrowsecurity OR NOT c.relforcerowsecurity), '{}') AS lacking,
  (SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user) AS bypasses
FROM unnest($1::text[]) AS name
JOIN pg_class c ON c.oid = to_regclass(name)
LEFT JOIN pg_policy p ON p.polrelid = c.oid AND p.polname = $2`,
    [tables, policy]
  )
  return security ?? { enabled: 0, lacking: tables, bypasses: true }
})

const refuse = (problem: string) => new ConfigurationError({ setting: "rowLevelSecurity", problem })

/**
 * Secures tables that are not secured yet, or checks that they are. If the host has not switched it on, checks that they
 * are not: without the setting, a statement would find no rows.
 */
export const secure = Effect.fnUntraced(function* (
  client: DatabaseClient,
  namespace: Namespace,
  options: { readonly wanted: boolean; readonly mayAlter: boolean; readonly version: number }
): Effect.fn.Return<void, ConfigurationError | SqlError> {
  const { schema, tables } = namespace
  const { bypasses, enabled, lacking } = yield* readSecurity(client, tenantTables(tables))
  if (!options.wanted) {
    if (enabled === 0) return
    return yield* refuse(
      `the tables in schema "${schema}" have row-level security; set it to true, or disable it there`
    )
  }
  if (bypasses) {
    return yield* refuse(
      "this account is a superuser or has BYPASSRLS, so that no policy applies to it; use another"
    )
  }
  if (lacking.length > 0 && !options.mayAlter) {
    return yield* refuse(
      `${lacking.join(", ")} lack it; run: ${migrationCommand(namespace, { from: options.version, rowLevelSecurity: true })}`
    )
  }
  for (const table of lacking) {
    yield* client.inTransaction(
      Effect.forEach(securing(table), (statement) => client.run(statement, []), { discard: true })
    )
  }
})
