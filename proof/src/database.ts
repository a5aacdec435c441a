import { databaseUrl, query } from "../../test-support/postgres-query.ts"

/** A database of its own on the server, for one proof. */
export const createDatabase = async (serverUrl: string, name: string): Promise<string> => {
  await query(serverUrl, `CREATE DATABASE "${name}"`)
  return databaseUrl(serverUrl, name)
}

/** Integrations by status. */
export const statuses = async (url: string): Promise<Readonly<Record<string, number>>> => {
  const rows = await query<{ status: string; count: number }>(
    url,
    "SELECT status, count(*)::int AS count FROM hawser.integration GROUP BY status"
  )
  return Object.fromEntries(rows.map(({ count, status }) => [status, count]))
}

/** How many events of this kind were recorded. */
export const recorded = async (url: string, event: string): Promise<number> => {
  const [row] = await query<{ count: number }>(
    url,
    `SELECT count(*)::int AS count FROM hawser.outbox WHERE event = '${event}'`
  )
  return row?.count ?? 0
}

/** Every access token ends now, and whatever was put off comes due: as if the wait were over. */
export const expireTokens = async (url: string): Promise<void> => {
  await query(
    url,
    `UPDATE hawser.oauth_grant SET expires_at = statement_timestamp(), refresh_due_at = statement_timestamp(),
retry_at = CASE WHEN retry_at IS NULL THEN NULL ELSE statement_timestamp() END WHERE ended_at IS NULL`
  )
}

/** How many grants are due now, or in less than a minute because somebody took them up just now. */
export const dueTokens = async (url: string): Promise<number> => {
  const [row] = await query<{ count: number }>(
    url,
    `SELECT count(*)::int AS count FROM hawser.oauth_grant
WHERE refresh_due_at <= statement_timestamp() + interval '1 minute'`
  )
  return row?.count ?? 0
}
