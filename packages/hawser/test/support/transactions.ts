import { drizzle } from "drizzle-orm/node-postgres"
import { pgTable, text } from "drizzle-orm/pg-core"
import { CompiledQuery, Kysely, PostgresDialect } from "kysely"
import type { Pool } from "pg"
import type { Hawser } from "hawser"

type TransactionClient = Parameters<Hawser["transaction"]>[0]

/** A host's transaction: stores a project of its own, runs `work` on the same connection, and commits. */
export type HostTransaction = (
  pool: Pool,
  project: string,
  work: (client: TransactionClient) => Promise<void>
) => Promise<void>

const withPg: HostTransaction = async (pool, project, work) => {
  const client = await pool.connect()
  try {
    await client.query("BEGIN")
    await client.query("INSERT INTO project (name) VALUES ($1)", [project])
    await work(client)
    await client.query("COMMIT")
  } catch (error) {
    await client.query("ROLLBACK")
    throw error
  } finally {
    client.release()
  }
}

const projects = pgTable("project", { name: text() })

const withDrizzle: HostTransaction = async (pool, project, work) => {
  const client = await pool.connect()
  try {
    await drizzle({ client }).transaction(async (tx) => {
      await tx.insert(projects).values({ name: project })
      await work(client)
    })
  } finally {
    client.release()
  }
}

interface Tables {
  readonly project: { readonly name: string }
}

/** Kysely keeps its connection to itself; statements go through the transaction. */
const withKysely: HostTransaction = async (pool, project, work) => {
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) })
  await db.transaction().execute(async (trx) => {
    await trx.insertInto("project").values({ name: project }).execute()
    await work({
      query: ({ text, values }) => trx.executeQuery(CompiledQuery.raw(text, values))
    })
  })
}

/** Kysely over the one connection of a transaction, which it hands back to the pool itself. */
const withKyselyOnClient: HostTransaction = async (pool, project, work) => {
  const client = await pool.connect()
  const one = { connect: async () => client, end: async () => {}, options: {} }
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: one }) })
  await db.transaction().execute(async (trx) => {
    await trx.insertInto("project").values({ name: project }).execute()
    await work(client)
  })
}

export const hostTransactions: ReadonlyArray<readonly [name: string, HostTransaction]> = [
  ["pg", withPg],
  ["Drizzle", withDrizzle],
  ["Kysely", withKysely],
  ["Kysely on a client of its own", withKyselyOnClient]
]
