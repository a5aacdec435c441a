import {
  endedIntegration,
  fromNow,
  grantColumns,
  isHeldBy,
  lockedGrant,
  quarantinedGrant,
  quarantinedGrants,
  recordDisconnected,
  withoutLease
} from "./grantSql.ts"
import type { Tables } from "./Namespace.ts"

/** Every tenant's grants: what is due, what one client's grants have come to, and what has waited too long. */
export const grantWorkerStatements = (t: Tables) => ({
  claimDueGrants: `
WITH due AS MATERIALIZED (
  SELECT tenant_id, integration_id, refresh_due_at
  FROM ${t.oauthGrant}
  WHERE refresh_due_at <= statement_timestamp()
  ORDER BY refresh_due_at
  LIMIT $1::bigint
  FOR UPDATE SKIP LOCKED
), claimed AS (
  UPDATE ${t.oauthGrant} g SET refresh_due_at = ${fromNow("$2")}
  FROM due d
  JOIN ${t.integration} i ON i.tenant_id = d.tenant_id AND i.id = d.integration_id
  WHERE g.tenant_id = d.tenant_id AND g.integration_id = d.integration_id
  RETURNING i.tenant_id, i.provider, i.connection, ${grantColumns}, g.expiry_told, d.refresh_due_at AS due_at
)
SELECT * FROM claimed ORDER BY due_at`,

  // Ends one tenant's grant, unless too many of its client's ended: those two counts, and nothing else, are of all
  // tenants. Ends that are under way at the same moment do not count each other.
  endGrant: `
WITH held AS (
  ${lockedGrant(t, { columns: "i.scopes, i.fields, g.client_fingerprint", where: isHeldBy("$5") })}
), verdict AS MATERIALIZED (
  SELECT h.*, p.until IS NOT NULL OR CASE
    WHEN e.ended >= $9::bigint THEN e.ended > $10::float8 * (e.ended + (
      SELECT count(*) FROM ${t.oauthGrant} r
      WHERE r.client_fingerprint = h.client_fingerprint AND r.ended_at IS NULL
        AND r.renewed_at > statement_timestamp() - $8::float8 * interval '1 millisecond'
    ))
    ELSE false
  END AS braked
  FROM held h
  CROSS JOIN LATERAL (
    SELECT count(*) + 1 AS ended FROM ${t.oauthGrant} b
    WHERE b.client_fingerprint = h.client_fingerprint AND b.end_reason IN ('refresh_failed', 'refresh_interrupted')
      AND b.ended_at > statement_timestamp() - $8::float8 * interval '1 millisecond'
  ) AS e
  LEFT JOIN ${t.refreshPause} p ON p.client_fingerprint = h.client_fingerprint AND p.until > statement_timestamp()
), paused AS (
  INSERT INTO ${t.refreshPause} AS p (client_fingerprint, until)
  SELECT client_fingerprint, ${fromNow("$11")} FROM verdict WHERE braked
  ON CONFLICT (client_fingerprint) DO UPDATE SET until = excluded.until
  WHERE p.until <= statement_timestamp()
  RETURNING p.until
), released AS (
  UPDATE ${t.oauthGrant} g SET
    ${withoutLease},
    refresh_due_at = coalesce(
      (SELECT until FROM paused),
      (SELECT until FROM ${t.refreshPause} p WHERE p.client_fingerprint = g.client_fingerprint),
      ${fromNow("$11")}
    )
  FROM verdict h
  WHERE g.tenant_id = h.tenant_id AND g.integration_id = h.id AND h.braked
), quarantined AS (
  ${quarantinedGrant(t, "verdict", "$6::text", "$7", " AND NOT h.braked")}
), written AS (
  ${endedIntegration(t, "verdict", "$6::text", " AND NOT h.braked")}
), event AS (
  ${recordDisconnected(t, "$12", "$13", "$14")}
)
SELECT braked, EXISTS (SELECT FROM paused) AS first FROM verdict`,

  findAllQuarantined: quarantinedGrants(t, "i.provider = $1"),

  releaseBrake: `DELETE FROM ${t.refreshPause} WHERE client_fingerprint = $1`,

  sweepQuarantine: `
WITH swept AS (
  DELETE FROM ${t.oauthGrant} WHERE quarantined_until <= statement_timestamp()
  RETURNING 1
)
SELECT count(*)::int AS swept FROM swept`
})
