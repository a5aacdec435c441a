import { PgClient } from "@effect/sql-pg"
import { postgres, type TransactionClient } from "@hawser/postgres"
import { Effect } from "effect"
import type { Client, Pool, PoolClient } from "pg"
import { expectTypeOf, test } from "vitest"

declare const pool: Pool
declare const url: string | undefined

test("postgres takes a URL, a pg.Pool or an SqlClient", () => {
  postgres({ url, maxConnections: 5, pgBouncer: true })
  postgres({ pool, schema: "integrations" })
  void Effect.map(PgClient.PgClient, (sqlClient) => postgres({ sqlClient }))
})

test("postgres takes one of them", () => {
  // @ts-expect-error none
  postgres({ migrate: "check" })
  // @ts-expect-error two
  postgres({ url: "postgres://localhost/app", pool })
  // @ts-expect-error what makes connections has no say over a host's
  postgres({ pool, maxConnections: 5 })
})

test("a transaction is held on a client of pg or on an SqlClient", () => {
  expectTypeOf<PoolClient | Client | PgClient.PgClient>().toExtend<TransactionClient>()
})
