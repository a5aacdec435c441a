import * as PgClient from "@effect/sql-pg/PgClient"
import { Effect, Exit, Layer } from "effect"
import * as Reactivity from "effect/reactivity/Reactivity"
import { make, SqlClient } from "effect/sql/SqlClient"
import type { PgPool } from "./HostClient.ts"
import { pgConnection, pgError } from "./PgConnection.ts"

/** A connection that breaks between two statements fails the next one; unheard, its event would end the process. */
const heard = (): void => {}

/** A connection of its own for a transaction; after a failure the pool does not get it back. */
const reserve = (pool: PgPool) =>
  Effect.map(
    Effect.acquireRelease(
      Effect.tryPromise({
        try: async () => {
          const client = await pool.connect()
          client.on?.("error", heard)
          return client
        },
        catch: pgError
      }),
      (client, exit) =>
        Effect.sync(() => {
          client.off?.("error", heard)
          client.release(Exit.isFailure(exit))
        })
    ),
    pgConnection
  )

/** An `SqlClient` over the host's own pool, which stays open when Hawser is closed. */
export const pgPoolClient = (pool: PgPool): Layer.Layer<SqlClient> =>
  Layer.effect(
    SqlClient,
    make({
      acquirer: Effect.succeed(pgConnection(pool)),
      transactionAcquirer: reserve(pool),
      compiler: PgClient.makeCompiler(),
      driver: "pg",
      spanAttributes: [["db.system.name", "postgresql"]]
    })
  ).pipe(Layer.provide(Reactivity.layer))
