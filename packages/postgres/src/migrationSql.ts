import { hostOptions } from "@hawser/core"
import { Effect, Schema } from "effect"
import { statementsFrom } from "./Migrations.ts"
import { makeNamespace, type NamespaceOptions } from "./Namespace.ts"
import { ofNames } from "./optionSchemas.ts"
import { securityStatements } from "./RowLevelSecurity.ts"

export interface MigrationSqlOptions extends NamespaceOptions {
  /** The version of the tables that are there, for what comes after it alone. Default 0: there are none. */
  readonly from?: number
  /** Adds the policies that `rowLevelSecurity` of `postgres(…)` wants. They may be run again. */
  readonly rowLevelSecurity?: boolean
}

const checkOptions = hostOptions<MigrationSqlOptions>({
  ...ofNames,
  from: Schema.Number,
  rowLevelSecurity: Schema.Boolean
})

/**
 * The SQL that makes all tables in an empty database, or brings those of an earlier version up to date: what
 * `migrate: "auto"` runs, for hosts whose application may not change tables. Run it in one transaction (`psql -1 -f`, or the host's own migration tool).
 *
 * Throws `ConfigurationError` if the schema or prefix is not a plain lower-case name.
 *
 * @example
 * import { migrationSql } from "@hawser/postgres"
 * import { writeFileSync } from "node:fs"
 *
 * writeFileSync("hawser.sql", migrationSql({ schema: "integrations" }))
 */
export const migrationSql = (options: MigrationSqlOptions = {}): string => {
  const wrong = checkOptions("migrationSql", options)
  if (wrong !== undefined) throw wrong
  const namespace = Effect.runSync(makeNamespace(options))
  const security = options.rowLevelSecurity === true ? securityStatements(namespace) : []
  return [...statementsFrom(namespace, options.from ?? 0), ...security]
    .map((statement) => `${statement};\n`)
    .join("\n")
}
