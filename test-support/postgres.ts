import { randomBytes } from "node:crypto"
import { inject } from "vitest"
import { databaseUrl, query } from "./postgres-query.ts"

/**
 * Makes an empty database on the run's PostgreSQL, so that test files do not see each other's rows.
 *
 * @example
 * const database = await createDatabase()
 * afterAll(database.drop)
 */
export const createDatabase = async (): Promise<{
  readonly url: string
  readonly drop: () => Promise<void>
}> => {
  const server = inject("postgresUrl")
  const run = new URL(server).pathname.slice(1)
  // The run's own name leads, so that what a killed test leaves behind is dropped with the run.
  const name = `${run}_${randomBytes(6).toString("hex")}`
  // template0: template1 cannot be copied while anybody is connected to it.
  await query(server, `CREATE DATABASE ${name} TEMPLATE template0 STRATEGY FILE_COPY`)
  return {
    url: databaseUrl(server, name),
    drop: async () => {
      await query(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
    }
  }
}
