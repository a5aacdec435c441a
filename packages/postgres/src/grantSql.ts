import { Duration } from "effect"
import { nextPosition, recordEvent } from "./eventSql.ts"
import type { Tables } from "./Namespace.ts"

const secondsBetween = (from: string, until: string): string =>
  `CASE WHEN ${until} IS NOT NULL THEN
    greatest(0, least(2147483647, floor(extract(epoch FROM ${until} - ${from}))))::int
  END`

/** A grant `g` as it is read back, with its integration `i`. */
export const grantColumns = `g.integration_id, g.id AS grant_id, g.sealed_access_token, g.sealed_refresh_token, g.sealed_dpop_key,
  g.token_type, g.client_fingerprint, g.generation::text, g.expires_at, i.scopes, i.fields, i.account_id, i.account_issuer, i.grant_subject,
  coalesce(g.expires_at <= statement_timestamp(), false) AS expired,
  ${secondsBetween("statement_timestamp()", "g.expires_at")} AS remaining,
  ${secondsBetween("g.issued_at", "g.expires_at")} AS lifetime,
  CASE WHEN g.challenged_at IS NOT NULL THEN CASE WHEN i.problem = 'grant_revoked' THEN 'told' ELSE 'suspected' END END AS withdrawal,
  ${secondsBetween("statement_timestamp()", "g.refresh_expires_at")} AS refresh_remaining`

/** SQL of an instant so many milliseconds from now. */
export const fromNow = (milliseconds: string): string =>
  `statement_timestamp() + ${milliseconds}::float8 * interval '1 millisecond'`

/** SQL of a duration that is known beforehand. */
export const interval = (duration: Duration.Duration): string =>
  `interval '${Duration.toSeconds(duration)} seconds'`

/** SQL of an instant so long ago. */
export const ago = (duration: Duration.Duration): string =>
  `statement_timestamp() - ${interval(duration)}`

/** SQL of an instant so many seconds from now; null for null. */
export const secondsFromNow = (seconds: string): string =>
  `statement_timestamp() + ${seconds}::float8 * interval '1 second'`

/** Whether nobody holds the right to refresh the grant `g` now. */
export const isFree = "(g.lease_deadline IS NULL OR g.lease_deadline <= statement_timestamp())"

export const withoutLease = "lease_holder = NULL, lease_deadline = NULL, sent_at = NULL"

interface Locked {
  readonly columns: string
  readonly where: string
}

/**
 * Locks one integration with its grant, which has not ended. Whoever waits for the lock looks at the rows again once they are
 * free (READ COMMITTED).
 *
 * The integration comes first, as in every statement that locks both.
 */
const locked = (t: Tables, { columns, where }: Locked): string =>
  `SELECT i.tenant_id, i.id, ${columns}
  FROM ${t.integration} i
  JOIN ${t.oauthGrant} g ON g.tenant_id = i.tenant_id AND g.integration_id = i.id
  WHERE ${where} AND g.ended_at IS NULL
  FOR UPDATE`

/**
 * Locks the integration of tenant `$1` and id `$2` with its grant, if that still is the one of id `$3` and generation
 * `$4`.
 */
export const lockedGrant = (t: Tables, { columns, where }: Locked): string =>
  locked(t, {
    columns,
    where: `i.tenant_id = $1 AND i.id = $2 AND g.id = $3 AND g.generation = $4::bigint AND ${where}`
  })

/**
 * Locks the integration of tenant `$1`, this owner, provider `$2` and name `$3` with its grant, if that still is the one of id `$4` and
 * generation `$5`.
 */
export const lockedUse = (t: Tables, owner: string, { columns, where }: Locked): string =>
  locked(t, {
    columns,
    where: `i.tenant_id = $1 AND i.owner = ${owner} AND i.provider = $2 AND i.name = $3
    AND g.id = $4 AND g.generation = $5::bigint AND ${where}`
  })

/** Whether the caller's lease, by its fence, was neither given back nor taken over. */
export const isLeasedWith = (fence: string): string =>
  `g.lease_holder IS NOT NULL AND g.fence = ${fence}::bigint`

/** Ends the integrations of `source` because of their provider: disconnected, with the account remembered. */
export const endedIntegration = (
  t: Tables,
  source: string,
  reason: string,
  where = ""
): string => `UPDATE ${t.integration} i SET
    status = 'disconnected',
    problem = ${reason},
    scopes = '{}',
    fields = '{}',
    credential_id = NULL,
    version = i.version + 1,
    last_position = ${nextPosition}
  FROM ${source} l
  WHERE i.tenant_id = $1 AND i.id = l.id${where}
  RETURNING i.*`

/** Puts the grants of `source` into quarantine, with what the integration had of them. */
export const quarantinedGrant = (
  t: Tables,
  source: string,
  reason: string,
  milliseconds: string,
  { set = "", where = "" }: { readonly set?: string; readonly where?: string } = {}
): string => `UPDATE ${t.oauthGrant} g SET${set}
    ended_at = statement_timestamp(),
    end_reason = ${reason},
    quarantined_until = ${fromNow(milliseconds)},
    ended_scopes = l.scopes,
    ended_fields = l.fields,
    refresh_due_at = NULL,
    ${withoutLease}
  FROM ${source} l
  WHERE g.tenant_id = $1 AND g.integration_id = l.id${where}`

/** Records that `written` was disconnected, by whom and why. */
export const recordDisconnected = (
  t: Tables,
  id: string,
  by: string,
  reason: string,
  where?: string
): string =>
  recordEvent(t, "integration.disconnected", {
    id,
    data: `'disconnectedBy', ${by}::text, 'reason', ${reason}::text`,
    ...(where !== undefined && { where })
  })

/** What waits in quarantine of a provider, the oldest first. */
export const quarantinedGrants = (t: Tables, where: string): string => `
SELECT i.tenant_id, i.owner, i.provider, i.name, i.id, g.end_reason, g.client_fingerprint, g.ended_at, g.quarantined_until
FROM ${t.integration} i
JOIN ${t.oauthGrant} g ON g.tenant_id = i.tenant_id AND g.integration_id = i.id
WHERE ${where} AND g.quarantined_until > statement_timestamp()
ORDER BY g.ended_at, g.tenant_id, g.integration_id`
