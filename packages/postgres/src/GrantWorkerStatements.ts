import { refreshBrake } from "@hawser/core"
import {
  ago,
  endedIntegration,
  fromNow,
  grantColumns,
  interval,
  isLeasedWith,
  lockedGrant,
  quarantinedGrant,
  quarantinedGrants,
  recordDisconnected,
  withoutLease
} from "./grantSql.ts"
import type { Tables } from "./Namespace.ts"
import { queueRevocations } from "./revocationSql.ts"

/** `isTooMany()` of core. */
const tooMany = refreshBrake.rules
  .map(({ share, tenants }) => `n.refused >= ${tenants} AND n.refused > ${share} * n.tried`)
  .join(" OR ")

/** The statements about all tenants' grants: the due ones, the outcomes for one client, and those that waited too long. */
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
  RETURNING i.tenant_id, i.owner, i.provider, i.name, ${grantColumns}, g.expiry_told,
    coalesce(NOT g.expiry_told AND g.refresh_notice_at <= statement_timestamp(), false) AS refresh_ends_soon,
    d.refresh_due_at AS due_at
)
SELECT * FROM claimed ORDER BY due_at`,

  // Ends one tenant's grant, unless the brake is on or this end puts it on. Only the count of the client's attempts within
  // ten minutes covers all tenants. Concurrent ends do not count each other.
  endGrant: `
WITH locked AS (
  ${lockedGrant(t, { columns: "i.scopes, i.fields, g.client_fingerprint, g.refused_at, g.tried_by", where: isLeasedWith("$5") })}
), known AS (
  SELECT l.*,
    b.client_version IS NOT NULL AND b.released_at IS NULL AS is_on,
    coalesce(l.tried_by = $8 AND l.refused_at <= b.released_at, false) AS believed,
    greatest(${ago(refreshBrake.window)}, b.released_at) AS counted_since
  FROM locked l
  LEFT JOIN ${t.refreshBrake} b ON b.client_version = $8
), verdict AS MATERIALIZED (
  SELECT k.*, k.is_on OR NOT k.believed AND (${tooMany}) AS braked
  FROM known k
  CROSS JOIN LATERAL (
    SELECT count(DISTINCT c.tenant_id) AS tried,
      count(DISTINCT c.tenant_id) FILTER (WHERE c.refused_at > k.counted_since) AS refused
    FROM (
      SELECT k.tenant_id, statement_timestamp() AS refused_at
      UNION ALL
      SELECT r.tenant_id, r.refused_at FROM ${t.oauthGrant} r
      WHERE r.tried_by = $8 AND r.refused_at > ${ago(refreshBrake.window)}
      UNION ALL
      SELECT r.tenant_id, NULL FROM ${t.oauthGrant} r
      WHERE r.tried_by = $8 AND r.renewed_at > ${ago(refreshBrake.window)}
    ) AS c
  ) AS n
), put_on AS (
  INSERT INTO ${t.refreshBrake} AS b (client_version, client_fingerprint, since, next_probe_at)
  SELECT $8, client_fingerprint, statement_timestamp(), statement_timestamp() FROM verdict WHERE braked AND NOT is_on
  ON CONFLICT (client_version) DO UPDATE SET
    since = excluded.since,
    next_probe_at = excluded.next_probe_at,
    succeeded = '{}',
    released_at = NULL
  WHERE b.released_at IS NOT NULL
  RETURNING 1
), kept AS (
  UPDATE ${t.oauthGrant} g SET
    ${withoutLease},
    refused_at = statement_timestamp(),
    tried_by = $8,
    refresh_due_at = statement_timestamp() + ${interval(refreshBrake.probeEvery)}
  FROM verdict l
  WHERE g.tenant_id = $1 AND g.integration_id = l.id AND l.braked
), quarantined AS (
  ${quarantinedGrant(t, "verdict", "$6::text", "$7", {
    set: `
    refused_at = CASE WHEN l.believed THEN g.refused_at ELSE statement_timestamp() END,
    tried_by = $8,`,
    where: " AND NOT l.braked"
  })}
), written AS (
  ${endedIntegration(t, "verdict", "$6::text", " AND NOT l.braked")}
), event AS (
  ${recordDisconnected(t, "$9", "$10", "$11")}
)
SELECT braked, EXISTS (SELECT FROM put_on) AS first FROM verdict`,

  findEndedUnderBrake: quarantinedGrants(
    t,
    `g.tried_by = $1 AND g.end_reason IN ('refresh_failed', 'refresh_interrupted') AND g.refused_at > (
  SELECT b.since - ${interval(refreshBrake.window)} FROM ${t.refreshBrake} b
  WHERE b.client_version = $1 AND b.released_at IS NULL
)`
  ),

  findAllQuarantined: quarantinedGrants(t, "i.provider = $1"),

  releaseBrake: `
WITH released AS (
  DELETE FROM ${t.refreshBrake} WHERE client_fingerprint = $1 RETURNING client_version
)
UPDATE ${t.oauthGrant} g SET refused_at = NULL, tried_by = NULL
FROM released r
WHERE g.tried_by = r.client_version AND g.refused_at IS NOT NULL`,

  sweepQuarantine: `
WITH swept AS (
  DELETE FROM ${t.oauthGrant} WHERE quarantined_until <= statement_timestamp()
  RETURNING *
), queued AS (
  ${queueRevocations(t, `swept g JOIN ${t.integration} i ON i.tenant_id = g.tenant_id AND i.id = g.integration_id`)}
), unused AS (
  DELETE FROM ${t.refreshBrake} WHERE next_probe_at <= ${ago(refreshBrake.keptFor)}
)
SELECT count(*)::int AS swept FROM swept`
})
