import { Effect } from "effect"
import { inject, it } from "vitest"
import { pgBouncerBinary, startPgBouncer } from "../../../../test-support/pgbouncer.ts"

/**
 * Runs the tests where the machine has a PgBouncer, and where it must have one; elsewhere they are skipped under a
 * name that says what is missing.
 */
export const withPgBouncer = (tests: (binary: string) => void): void => {
  const missing = pgBouncerBinary === undefined && process.env["HAWSER_REQUIRE_PGBOUNCER"] !== "1"
  if (!missing) return tests(pgBouncerBinary ?? "pgbouncer")
  it("Behind PgBouncer", ({ skip }) => skip("this machine has none: apt-get install pgbouncer"))
}

/** A PgBouncer in front of the run's PostgreSQL, for as long as the scope. */
export const pgBouncer = (binary: string) =>
  Effect.acquireRelease(
    Effect.promise(() => startPgBouncer(binary, inject("postgresUrl"))),
    ({ stop }) => Effect.promise(stop)
  )
