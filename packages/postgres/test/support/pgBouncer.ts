import { Effect } from "effect"
import { inject, it } from "vitest"
import { pgBouncerBinary, startPgBouncer } from "../../../../test-support/pgbouncer.ts"

/** Runs the tests where the machine has a PgBouncer; elsewhere says what is missing. */
export const withPgBouncer = (tests: (binary: string) => void): void => {
  if (pgBouncerBinary !== undefined) return tests(pgBouncerBinary)
  const required = process.env["HAWSER_REQUIRE_PGBOUNCER"] === "1"
  const name = "Behind PgBouncer: not tested, apt-get install pgbouncer first"
  if (required) it(name, () => Promise.reject(new Error("HAWSER_REQUIRE_PGBOUNCER is set")))
  else it.skip(name)
}

/** A PgBouncer in front of the run's PostgreSQL, for as long as the scope. */
export const pgBouncer = (binary: string) =>
  Effect.acquireRelease(
    Effect.promise(() => startPgBouncer(binary, inject("postgresUrl"))),
    ({ stop }) => Effect.promise(stop)
  )
