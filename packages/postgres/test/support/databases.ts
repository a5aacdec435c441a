import { PgClient } from "@effect/sql-pg"
import { PgliteClient } from "@hawser/postgres/effect"
import { Effect, Layer, Redacted } from "effect"
import type { SqlClient } from "effect/sql/SqlClient"
import { createPGlite } from "../../../../test-support/pglite.ts"
import { createDatabase } from "../../../../test-support/postgres.ts"

/** An empty database on the run's PostgreSQL, dropped with the scope. */
export const freshDatabase = Effect.map(
  Effect.acquireRelease(
    Effect.promise(() => createDatabase()),
    ({ drop }) => Effect.promise(drop)
  ),
  ({ url }) => url
)

export const clientOf = (
  url: string,
  options: { readonly maxConnections?: number; readonly prepare?: boolean } = {}
): Layer.Layer<SqlClient> =>
  PgClient.layer({ url: Redacted.make(url), ...options }).pipe(Layer.orDie)

/** A client of an empty database on a server. */
export const serverClient: Layer.Layer<SqlClient> = Layer.unwrap(
  Effect.map(freshDatabase, (url) => clientOf(url))
)

/** A client of an empty PGlite in memory. */
export const pgliteClient: Layer.Layer<SqlClient> = Layer.unwrap(
  Effect.map(
    Effect.acquireRelease(
      Effect.promise(() => createPGlite()),
      (db) => Effect.promise(() => db.close())
    ),
    PgliteClient.layerFrom
  )
).pipe(Layer.orDie)

/** Both kinds of database, for promises that must hold on each. */
export const databases = [
  ["PostgreSQL", serverClient],
  ["PGlite", pgliteClient]
] as const
