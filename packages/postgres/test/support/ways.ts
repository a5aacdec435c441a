import { PgClient } from "@effect/sql-pg"
import type { PostgresOptions } from "@hawser/postgres"
import { Effect, Layer, Redacted, type Scope } from "effect"
import { hostPool } from "./pools.ts"

/** The three ways to a database, with as many connections at most. */
export const ways: ReadonlyArray<
  readonly [
    name: string,
    optionsFor: (url: string, max: number) => Effect.Effect<PostgresOptions, never, Scope.Scope>
  ]
> = [
  ["a URL", (url, maxConnections) => Effect.succeed({ url, maxConnections })],
  ["a host's pool", (url, max) => Effect.map(hostPool(url, { max }), (pool) => ({ pool }))],
  [
    "a host's SqlClient",
    (url, maxConnections) =>
      Layer.build(PgClient.layer({ url: Redacted.make(url), maxConnections })).pipe(
        Effect.orDie,
        Effect.flatMap((context) => Effect.provide(PgClient.PgClient, context)),
        Effect.map((sqlClient) => ({ sqlClient }))
      )
  ]
]
