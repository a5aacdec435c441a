import type { Tables } from "./Namespace.ts"

/** How many rows the table of fences has. Each is of the users whose hashes begin with one of as many digits. */
export const fences = 16

const ofUsers = (t: Tables, userHashes: ReadonlyArray<string>): string =>
  `FROM ${t.userFence} WHERE fence IN (${userHashes.map((hash) => `get_byte(${hash}::bytea, 0) % ${fences}`).join(", ")})`

/** Why nothing may be written for users of tenant `$1`. */
export const barredReason = (t: Tables, ...userHashes: ReadonlyArray<string>): string =>
  `SELECT b.reason FROM ${t.barredUser} b
    WHERE b.tenant_id = $1 AND b.user_hash IN (${userHashes.map((hash) => `${hash}::bytea`).join(", ")})
      AND (b.expires_at IS NULL OR b.expires_at > statement_timestamp())`

/**
 * What a statement that writes for users of tenant `$1` begins with, as `fence`. It does not see who was barred since it began.
 * So it locks their fence, for which whoever bars one of them waits, and looks whether the row has changed since.
 */
export const fence = (t: Tables, barred: string, ...userHashes: ReadonlyArray<string>): string =>
  `fence AS MATERIALIZED (
  SELECT NOT EXISTS (${barred}) AS is_free,
    (SELECT sum(changes) FROM (SELECT changes ${ofUsers(t, userHashes)} FOR SHARE) AS newest)
      IS NOT DISTINCT FROM (SELECT sum(changes) ${ofUsers(t, userHashes)}) AS is_current
)`

/** Whether the statement may write. */
export const mayWrite = "(SELECT is_free AND is_current FROM fence)"

/** What such a statement answers: one row always, with nothing of `written` if nothing was. */
export const answerOf = (columns: string): string =>
  `SELECT NOT f.is_current AS outdated, written.tenant_id IS NOT NULL AS is_written, ${columns}
FROM fence f LEFT JOIN written ON true`
