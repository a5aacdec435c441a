import { PgClient } from "@effect/sql-pg"
import { Effect, Redacted } from "effect"

/** Removes what a run has made in a database that is not its own. */
export const dropSchema = (url: string, schema: string): Promise<unknown> =>
  Effect.gen(function* () {
    const sql = yield* PgClient.PgClient
    yield* sql`DROP SCHEMA IF EXISTS ${sql(schema)} CASCADE`
  }).pipe(
    Effect.provide(PgClient.layer({ url: Redacted.make(url), maxConnections: 1 })),
    Effect.runPromise
  )
