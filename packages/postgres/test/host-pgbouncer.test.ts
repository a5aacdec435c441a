import { describe, expect, it } from "@effect/vitest"
import { postgres, type PostgresOptions } from "@hawser/postgres"
import { Effect, Layer, type Scope } from "effect"
import { SqlClient } from "effect/sql/SqlClient"
import { withPgBouncer } from "../../../test-support/pgbouncer.ts"
import { migrations } from "../src/Migrations.ts"
import { connect, connectWithCredential, disconnect, freshTenant } from "./support/commands.ts"
import { clientOf, freshDatabase } from "./support/databases.ts"
import { pgBouncer } from "./support/pgBouncer.ts"
import { hostPool } from "./support/pools.ts"
import { holdOpen } from "./support/transactions.ts"

/** What the server keeps for a session beyond its transaction. */
const sessionState = Effect.gen(function* () {
  const sql = yield* SqlClient
  return yield* sql.unsafe<{ readonly pid: number; readonly kept: number }>(
    `SELECT pg_backend_pid() AS pid, (
       SELECT count(*) FROM pg_prepared_statements
     )::int + (
       SELECT count(*) FROM pg_listening_channels()
     )::int + (
       SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()
     )::int AS kept`
  )
})

/** Of both connections that PgBouncer has to a database: each is held by a transaction while the other is asked. */
const keptBy = (url: string) =>
  Effect.gen(function* () {
    const first = yield* holdOpen(sessionState)
    const second = yield* holdOpen(sessionState)
    yield* Effect.all([first.commit, second.commit])
    return [...first.result, ...second.result]
  }).pipe(Effect.scoped, Effect.provide(clientOf(url, { prepare: false })))

withPgBouncer((binary) => {
  describe("Behind PgBouncer in transaction mode", () => {
    const forms: ReadonlyArray<
      readonly [string, (url: string) => Effect.Effect<PostgresOptions, never, Scope.Scope>]
    > = [
      ["a URL", (url) => Effect.succeed({ url, pgBouncer: true })],
      ["a host's pool", (url) => Effect.map(hostPool(url), (pool) => ({ pool }))]
    ]

    it.live.each(forms)(
      "%s leaves nothing on a connection that others get next",
      ([, optionsFor]) =>
        Effect.gen(function* () {
          const { through } = yield* pgBouncer(binary)
          const url = through(yield* freshDatabase)
          const options = yield* optionsFor(url)
          yield* Effect.forEach(
            [1, 2, 3, 4],
            () =>
              Effect.gen(function* () {
                const tenant = freshTenant()
                yield* connectWithCredential(tenant)
                yield* connect(tenant)
                yield* disconnect(tenant)
              }),
            { concurrency: "unbounded" }
          ).pipe(Effect.provide(postgres(options).layer))
          const connections = yield* keptBy(url)
          expect(new Set(connections.map(({ pid }) => pid)).size).toBe(2)
          expect(connections.map(({ kept }) => kept)).toStrictEqual([0, 0])
        })
    )

    it.live("processes that start together migrate once", () =>
      Effect.gen(function* () {
        const { through } = yield* pgBouncer(binary)
        const database = yield* freshDatabase
        yield* Effect.forEach(
          [1, 2, 3, 4],
          () =>
            Effect.scoped(Layer.build(postgres({ url: through(database), pgBouncer: true }).layer)),
          { concurrency: "unbounded" }
        )
        const versions = yield* Effect.gen(function* () {
          const sql = yield* SqlClient
          return yield* sql.unsafe(`SELECT version FROM hawser.migration`)
        }).pipe(Effect.provide(clientOf(database)))
        expect(versions).toStrictEqual(migrations.map(({ version }) => ({ version })))
      })
    )
  })
})
