import { Effect } from "effect"
import { query } from "../../../../test-support/postgres-query.ts"

/** An account of an application: it may read and write the tables of a schema once it is granted that, and no more. */
export const appRole = Effect.fnUntraced(function* (url: string) {
  const role = `app_${crypto.randomUUID().replaceAll("-", "")}`
  const appUrl = new URL(url)
  appUrl.username = role
  appUrl.password = "app"
  const run = (statement: string) => Effect.promise(() => query(url, statement))
  yield* run(`CREATE ROLE ${role} LOGIN PASSWORD 'app'`)
  yield* Effect.addFinalizer(() =>
    Effect.andThen(run(`DROP OWNED BY ${role}`), run(`DROP ROLE ${role}`))
  )
  return {
    role,
    url: appUrl.href,
    /** Run once the tables are there. */
    grant: Effect.andThen(
      run(`GRANT USAGE ON SCHEMA hawser TO ${role}`),
      run(`GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA hawser TO ${role}`)
    )
  }
})
