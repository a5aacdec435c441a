import { randomBytes } from "node:crypto"
import { databaseUrl, query } from "./postgres-query.ts"

/**
 * Uses a server that is already there. Everything happens in databases of this run's own name;
 * those that exist are never touched. The account needs CREATEDB.
 */
export const adoptPostgres = async (
  url: string
): Promise<{ readonly url: string; readonly stop: () => Promise<void> }> => {
  const name = `hawser_test_${randomBytes(6).toString("hex")}`
  await query(url, `CREATE DATABASE ${name} TEMPLATE template0`)
  return {
    url: databaseUrl(url, name),
    stop: async () => {
      const mine = await query<{ datname: string }>(
        url,
        `SELECT datname FROM pg_database WHERE starts_with(datname, '${name}')`
      )
      for (const { datname } of mine)
        await query(url, `DROP DATABASE IF EXISTS ${datname} WITH (FORCE)`)
    }
  }
}
