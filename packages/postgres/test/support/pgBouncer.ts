import { Effect } from "effect"
import { inject } from "vitest"
import { startPgBouncer } from "../../../../test-support/pgbouncer.ts"

/** A PgBouncer in front of the run's PostgreSQL, for as long as the scope. */
export const pgBouncer = (binary: string) =>
  Effect.acquireRelease(
    Effect.promise(() => startPgBouncer(binary, inject("postgresUrl"))),
    ({ stop }) => Effect.promise(stop)
  )
