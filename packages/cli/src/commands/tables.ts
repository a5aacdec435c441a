import { migrationSql } from "@hawser/postgres"
import { Effect, Option } from "effect"
import { Flag } from "effect/cli"
import { loadHost } from "../host/loadHost.ts"
import { inspect, storeOf } from "../host/openHost.ts"
import { reporting } from "../report.ts"

/** The tables of the host's database: `migrate`, `check` and `sql`. */

export const migrate = reporting("migrate", "Bring the tables to this release's version", {}, () =>
  Effect.gen(function* () {
    const { options } = yield* loadHost
    const database = yield* inspect(options)
    const { missing, newest, version } = yield* database.tables
    yield* database.prepare("auto")
    const applied = missing.map((one) => `${one.version} (${one.name})`)
    return {
      json: { from: version, to: newest, applied: missing },
      text:
        applied.length === 0
          ? `The tables are at version ${newest} already: nothing to do.`
          : `Applied ${applied.join(", ")}. The tables are at version ${newest}.`
    }
  }).pipe(Effect.scoped)
)

export const check = reporting(
  "check",
  "Compare the tables with this release, and change nothing",
  {},
  () =>
    Effect.gen(function* () {
      const { options } = yield* loadHost
      const database = yield* inspect(options)
      const { missing, newest, version } = yield* database.tables
      if (missing.length > 0) {
        const names = missing.map((one) => `${one.version} (${one.name})`).join(", ")
        return {
          json: { upToDate: false, version, newest, missing },
          text: `The tables are at version ${version}, and this release needs ${newest}. Missing: ${names}.\nNext: run npx hawser migrate, or give the output of npx hawser sql to your own migrations.`,
          isFailure: true
        }
      }
      // Also the policies of row-level security.
      yield* database.prepare("check")
      return {
        json: { upToDate: true, version, newest, missing },
        text: `The tables are at version ${version}, as this release needs them.`
      }
    }).pipe(Effect.scoped)
)

const from = Flag.Int("from").pipe(
  Flag.withDescription("The version that is there, 0 for none. Default: what the database says"),
  Flag.optional
)

export const sql = reporting(
  "sql",
  "Print the SQL that is missing, for your own migrations",
  { from },
  ({ from }) =>
    Effect.gen(function* () {
      const { options } = yield* loadHost
      const { options: store } = yield* storeOf(options.store)
      const { rowLevelSecurity, schema, tablePrefix } = store
      const version = yield* Option.match(from, {
        onNone: () =>
          Effect.flatMap(inspect(options), (database) =>
            Effect.map(database.tables, (tables) => tables.version)
          ),
        onSome: Effect.succeed
      })
      const statements = migrationSql({
        from: version,
        ...(schema !== undefined && { schema }),
        ...(tablePrefix !== undefined && { tablePrefix }),
        ...(rowLevelSecurity === true && { rowLevelSecurity })
      })
      return {
        json: { from: version, sql: statements },
        text: `-- Hawser, from version ${version} of the tables. Run it in one transaction.\n\n${statements.trimEnd()}`
      }
    }).pipe(Effect.scoped)
)
