import { Effect, Schedule } from "effect"
import { query } from "../../../../test-support/postgres-query.ts"
import { startPostgres } from "../../../../test-support/postgres-server.ts"
import { proxy } from "./proxy.ts"

const started = (...options: Parameters<typeof startPostgres>) =>
  Effect.acquireRelease(
    Effect.promise(() => startPostgres(...options)),
    ({ stop }) => Effect.promise(stop)
  )

/** Until a row of one column says so. */
const until = (url: string, isSo: string) =>
  Effect.promise(() => query<{ readonly so: boolean }>(url, `SELECT ${isSo} AS so`)).pipe(
    Effect.flatMap(([row]) => (row?.so === true ? Effect.void : Effect.fail("not yet"))),
    Effect.retry(Schedule.spaced("20 millis")),
    Effect.timeout("60 seconds"),
    Effect.orDie
  )

/**
 * A primary whose commits wait for its standby, and one address for both, as a virtual IP or a load balancer is one: it leads to
 * the primary, and after `failOver` to the former standby.
 */
export const replicated = Effect.gen(function* () {
  const primary = yield* started({ durable: true })
  const standby = yield* started({ durable: true, standbyOf: primary })
  yield* until(
    primary.url,
    "(SELECT count(*) = 1 FROM pg_stat_replication WHERE state = 'streaming')"
  )
  for (const statement of [
    "ALTER SYSTEM SET synchronous_standby_names = 'standby'",
    "SELECT pg_reload_conf()"
  ])
    yield* Effect.promise(() => query(primary.url, statement))
  yield* until(
    primary.url,
    "(SELECT count(*) = 1 FROM pg_stat_replication WHERE sync_state = 'sync')"
  )
  const address = yield* proxy(primary.url)
  return {
    url: address.url,
    standbyUrl: standby.url,
    /** The primary is gone at once, as with its machine; the standby is promoted, and then the address leads to it. */
    failOver: Effect.gen(function* () {
      yield* Effect.promise(primary.crash)
      yield* Effect.promise(() => query(standby.url, "SELECT pg_promote(true, 60)"))
      yield* until(standby.url, "NOT pg_is_in_recovery()")
      yield* address.lead(standby.url)
    })
  }
})
