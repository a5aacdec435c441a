import { challengesApart, refreshBrake } from "@hawser/core"
import { nextPosition, recordEvent } from "./eventSql.ts"
import {
  ago,
  endedIntegration,
  fromNow,
  grantColumns,
  interval,
  isFree,
  isLeasedWith,
  lockedGrant,
  lockedUse,
  quarantinedGrant,
  quarantinedGrants,
  recordDisconnected,
  secondsFromNow,
  withoutLease
} from "./grantSql.ts"
import { twins } from "./siblings.ts"
import type { Tables } from "./Namespace.ts"

/** Whether a refresh gives the refresh token a first expiry, or one more than an hour after the stored one. */
const endsLater = `($13::float8 IS NOT NULL AND (
      g.refresh_expires_at IS NULL OR ${secondsFromNow("$13")} > g.refresh_expires_at + interval '1 hour'
    ))`

/** When the grant `g` expires so that only a person can renew it. */
const end =
  "CASE WHEN g.sealed_refresh_token IS NULL THEN g.expires_at ELSE g.refresh_expires_at END"

/** The statements about one tenant's grants. */
export const grantStatements = (t: Tables) => ({
  // Of racing calls, the one that gets the row's lock gets the lease. The others read the row again, which has changed
  // since they chose it as a candidate: a candidate without a hindrance and without a lease means "locked", and under the brake
  // "raced": the probe went to a call of the same moment, perhaps for this very grant.
  acquireGrant: `
WITH candidate AS MATERIALIZED (
  SELECT i.tenant_id, i.id, i.scopes, i.fields, i.account_id, i.account_issuer, i.grant_subject, i.problem, g.refresh_problem,
    CASE
      WHEN i.suspended THEN 'Suspended'
      WHEN NOT ${isFree} THEN 'Leased'
      WHEN g.retry_at > statement_timestamp() THEN 'Deferred'
      WHEN b.next_probe_at > statement_timestamp() OR i.tenant_id = ANY (b.succeeded) THEN 'Paused'
      WHEN b.client_version IS NOT NULL AND EXISTS (
        SELECT FROM ${t.oauthGrant} o
        WHERE o.tenant_id = $1 AND o.tried_by = $8 AND o.refused_at > ${ago(refreshBrake.window)}
      ) THEN 'Paused'
    END AS hindrance,
    b.client_version IS NOT NULL AS braked,
    g.retry_at
  FROM ${t.integration} i
  JOIN ${t.oauthGrant} g ON g.tenant_id = i.tenant_id AND g.integration_id = i.id
  LEFT JOIN ${t.refreshBrake} b ON b.client_version = $8 AND b.released_at IS NULL
  WHERE i.tenant_id = $1 AND i.owner = $9 AND i.provider = $2 AND i.name = $3
    AND g.id = $4 AND g.generation = $5::bigint AND g.ended_at IS NULL AND g.sealed_refresh_token IS NOT NULL
), probe AS (
  UPDATE ${t.refreshBrake} b SET next_probe_at = statement_timestamp() + ${interval(refreshBrake.probeEvery)}
  FROM candidate c
  WHERE c.braked AND c.hindrance IS NULL
    AND b.client_version = $8 AND b.released_at IS NULL AND b.next_probe_at <= statement_timestamp()
  RETURNING 1
), acquired AS (
  UPDATE ${t.oauthGrant} g SET
    lease_holder = $6,
    lease_deadline = ${fromNow("$7")},
    refresh_due_at = ${fromNow("$7")},
    fence = g.fence + 1,
    interrupted = g.interrupted OR g.sent_at IS NOT NULL,
    sent_at = statement_timestamp()
  FROM candidate i
  WHERE g.tenant_id = $1 AND g.integration_id = i.id AND i.hindrance IS NULL
    AND (NOT i.braked OR EXISTS (SELECT FROM probe))
    AND g.id = $4 AND g.generation = $5::bigint AND g.ended_at IS NULL
    AND ${isFree} AND (g.retry_at IS NULL OR g.retry_at <= statement_timestamp())
  RETURNING ${grantColumns}, g.fence::text, g.interrupted, g.failures
)
SELECT coalesce(c.hindrance, CASE WHEN c.braked AND NOT EXISTS (SELECT FROM probe) THEN 'Raced' END) AS hindrance,
  c.refresh_problem, a.*,
  greatest(1, least(2147483647, ceil(extract(epoch FROM c.retry_at - statement_timestamp()))))::int AS retry_in
FROM candidate c
LEFT JOIN acquired a ON true`,

  // Compares the generation and not the fence: whichever process asked, these tokens replace the stored ones. They may be
  // stored already, if the response to that write was lost.
  renewGrant: `
WITH locked AS (
  ${lockedGrant(t, { columns: "i.status, i.owner, i.provider, i.name, i.account_id, i.account_issuer", where: "true" })}
), moved_to AS (
  SELECT EXISTS (${twins(t, { owner: "l.owner", provider: "l.provider", name: "l.name", accountId: "l.account_id", accountIssuer: "l.account_issuer", fields: "$15" })}) AS is_twin
  FROM locked l
  WHERE $15::jsonb IS NOT NULL
), renewed AS (
  UPDATE ${t.oauthGrant} g SET
    generation = g.generation + 1,
    sealed_access_token = $5,
    sealed_refresh_token = $6,
    token_type = $7,
    issued_at = statement_timestamp(),
    expires_at = ${secondsFromNow("$8")},
    refresh_due_at = least(
      ${secondsFromNow("$9")},
      CASE
        WHEN ${endsLater} THEN ${secondsFromNow("$14")}
        WHEN NOT g.expiry_told THEN g.refresh_notice_at
      END
    ),
    refresh_expires_at = coalesce(${secondsFromNow("$13")}, g.refresh_expires_at),
    refresh_notice_at = CASE WHEN ${endsLater} THEN ${secondsFromNow("$14")} ELSE g.refresh_notice_at END,
    sealed_dpop_key = CASE WHEN $15::jsonb IS NULL THEN g.sealed_dpop_key ELSE $16::bytea END,
    renewed_at = statement_timestamp(),
    refused_at = NULL,
    tried_by = $12,
    ${withoutLease},
    interrupted = false,
    failures = 0,
    retry_at = NULL,
    refresh_problem = NULL,
    expiry_told = g.expiry_told AND NOT ${endsLater}
  FROM locked l
  WHERE g.tenant_id = $1 AND g.integration_id = l.id
  RETURNING 1
), written AS (
  UPDATE ${t.integration} i SET
    status = 'connected',
    problem = NULL,
    scopes = $10::text[],
    fields = coalesce($15::jsonb, i.fields),
    account_id = CASE WHEN m.is_twin THEN NULL ELSE i.account_id END,
    account_label = CASE WHEN m.is_twin THEN NULL ELSE i.account_label END,
    account_issuer = CASE WHEN m.is_twin THEN NULL ELSE i.account_issuer END,
    version = i.version + (l.status = 'error')::int + ($15::jsonb IS NOT NULL)::int,
    last_position = CASE
      WHEN l.status = 'error' OR $15::jsonb IS NOT NULL THEN ${nextPosition}
      ELSE i.last_position
    END
  FROM locked l LEFT JOIN moved_to m ON true
  WHERE i.tenant_id = $1 AND i.id = l.id
    AND (l.status = 'error' OR i.scopes <> $10::text[] OR $15::jsonb IS NOT NULL)
  RETURNING i.*, l.status = 'error' AS recovered, $15::jsonb IS NOT NULL AS moved
), event AS (
  ${recordEvent(t, "integration.recovered", { id: "$11", version: "version - moved::int", where: "recovered" })}
), moved_event AS (
  ${recordEvent(t, "integration.moved", { id: "$17::text", where: "moved" })}
), told AS (
  UPDATE ${t.refreshBrake} b SET
    succeeded = array_append(b.succeeded, l.tenant_id),
    released_at = CASE WHEN cardinality(b.succeeded) + 1 >= ${refreshBrake.successes} THEN statement_timestamp() END
  FROM locked l
  WHERE b.client_version = $12 AND b.released_at IS NULL AND l.tenant_id <> ALL (b.succeeded)
)
SELECT 1 FROM renewed
UNION ALL
SELECT 1 FROM ${t.oauthGrant} g
WHERE g.tenant_id = $1 AND g.integration_id = $2 AND g.id = $3 AND g.sealed_access_token = $5`,

  deferGrant: `
WITH locked AS (
  ${lockedGrant(t, {
    columns: "i.status, coalesce(g.expires_at <= statement_timestamp(), false) AS expired",
    where: isLeasedWith("$5")
  })}
), deferred AS (
  UPDATE ${t.oauthGrant} g SET
    ${withoutLease},
    interrupted = g.interrupted OR $8::boolean,
    failures = g.failures + 1,
    retry_at = ${fromNow("$6")},
    refresh_due_at = ${fromNow("$6")},
    refresh_problem = $7::text
  FROM locked l
  WHERE g.tenant_id = $1 AND g.integration_id = l.id
  RETURNING 1
), written AS (
  UPDATE ${t.integration} i SET
    status = 'error',
    problem = $7::text,
    version = i.version + (l.status = 'connected')::int,
    last_position = CASE WHEN l.status = 'connected' THEN ${nextPosition} ELSE i.last_position END
  FROM locked l
  WHERE i.tenant_id = $1 AND i.id = l.id
    AND CASE l.status WHEN 'connected' THEN l.expired ELSE i.problem IS DISTINCT FROM $7::text END
  RETURNING i.*, l.status = 'connected' AS failed
), event AS (
  ${recordEvent(t, "integration.error", { id: "$9", data: "'error', $10::text", where: "failed" })}
)
SELECT FROM deferred`,

  postponeGrant: `
UPDATE ${t.oauthGrant} g SET refresh_due_at = ${fromNow("$5")}
WHERE g.tenant_id = $1 AND g.integration_id = $2 AND g.id = $3 AND g.generation = $4::bigint AND g.ended_at IS NULL
  AND ${isFree}
RETURNING 1`,

  tellExpiry: `
WITH locked AS (
  ${lockedGrant(t, {
    columns: `${end} AS expires_at`,
    where: `${end} IS NOT NULL AND NOT g.expiry_told`
  })}
), told AS (
  UPDATE ${t.oauthGrant} g SET
    expiry_told = true,
    refresh_due_at = CASE WHEN g.sealed_refresh_token IS NULL THEN g.expires_at ELSE g.refresh_due_at END
  FROM locked l
  WHERE g.tenant_id = $1 AND g.integration_id = l.id
  RETURNING 1
), written AS (
  UPDATE ${t.integration} i SET version = i.version + 1, last_position = ${nextPosition}
  FROM locked l
  WHERE i.tenant_id = $1 AND i.id = l.id
  RETURNING i.*, l.expires_at
), event AS (
  ${recordEvent(t, "integration.expiring", {
    id: "$5",
    data: `'expiresAt', to_char(expires_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`
  })}
)
SELECT FROM told`,

  expireGrant: `
WITH locked AS (
  ${lockedGrant(t, {
    columns: "g.expires_at",
    where: "g.sealed_refresh_token IS NULL AND g.expires_at <= statement_timestamp()"
  })}
), destroyed AS (
  DELETE FROM ${t.oauthGrant} g USING locked l
  WHERE g.tenant_id = $1 AND g.integration_id = l.id
  RETURNING 1
), written AS (
  ${endedIntegration(t, "locked", "'token_expired'")}
), event AS (
  ${recordDisconnected(t, "$5", "$6", "$7")}
)
SELECT FROM destroyed`,

  markRevoked: `
WITH locked AS (
  SELECT tenant_id, id, scopes, fields
  FROM ${t.integration}
  WHERE tenant_id = $1 AND owner = $8 AND provider = $2 AND name = $3 AND status <> 'disconnected'
  FOR UPDATE
), quarantined AS (
  ${quarantinedGrant(t, "locked", "'revoked'", "$4")}
), written AS (
  ${endedIntegration(t, "locked", "'revoked'")}
), event AS (
  ${recordDisconnected(t, "$5", "$6", "$7")}
)
SELECT FROM written`,

  // Two challenges at once count as one: the second finds the instant of the first.
  noteWithdrawal: `
WITH locked AS (
  ${lockedUse(t, "$9", {
    columns: `$6::boolean OR g.challenged_at IS NOT NULL AS is_proven`,
    where: `i.status = 'connected' AND g.sealed_refresh_token IS NULL
    AND ($6::boolean OR g.challenged_at IS NULL OR g.challenged_at <= ${ago(challengesApart)})`
  })}
), noted AS (
  UPDATE ${t.oauthGrant} g SET challenged_at = coalesce(g.challenged_at, statement_timestamp())
  FROM locked l
  WHERE g.tenant_id = $1 AND g.integration_id = l.id
), written AS (
  UPDATE ${t.integration} i SET
    status = 'error',
    problem = 'grant_revoked',
    version = i.version + 1,
    last_position = ${nextPosition}
  FROM locked l
  WHERE i.tenant_id = $1 AND i.id = l.id AND l.is_proven
  RETURNING i.*
), event AS (
  ${recordEvent(t, "integration.error", { id: "$7", data: "'error', $8::text" })}
)
SELECT FROM written`,

  clearWithdrawal: `
WITH locked AS (
  ${lockedUse(t, "$7", {
    columns: "coalesce(i.problem = 'grant_revoked', false) AS was_told",
    where: "g.challenged_at IS NOT NULL"
  })}
), cleared AS (
  UPDATE ${t.oauthGrant} g SET challenged_at = NULL
  FROM locked l
  WHERE g.tenant_id = $1 AND g.integration_id = l.id
  RETURNING 1
), written AS (
  UPDATE ${t.integration} i SET
    status = 'connected',
    problem = NULL,
    version = i.version + 1,
    last_position = ${nextPosition}
  FROM locked l
  WHERE i.tenant_id = $1 AND i.id = l.id AND l.was_told
  RETURNING i.*
), event AS (
  ${recordEvent(t, "integration.recovered", { id: "$6" })}
)
SELECT FROM cleared`,

  findQuarantined: quarantinedGrants(t, "i.tenant_id = $1 AND i.provider = $2"),

  restoreGrant: `
WITH locked AS (
  SELECT i.tenant_id, i.id, i.account_id, i.account_issuer, g.ended_scopes, g.ended_fields
  FROM ${t.integration} i
  JOIN ${t.oauthGrant} g ON g.tenant_id = i.tenant_id AND g.integration_id = i.id
  WHERE i.tenant_id = $1 AND i.owner = $5 AND i.provider = $2 AND i.name = $3 AND i.status = 'disconnected'
    AND g.quarantined_until > statement_timestamp()
  FOR UPDATE
), free AS (
  SELECT * FROM locked l
  WHERE NOT EXISTS (${twins(t, { owner: "$5", provider: "$2", name: "$3", accountId: "l.account_id", accountIssuer: "l.account_issuer", fields: "l.ended_fields" })})
), restored AS (
  UPDATE ${t.oauthGrant} g SET
    ended_at = NULL,
    end_reason = NULL,
    quarantined_until = NULL,
    ended_scopes = NULL,
    ended_fields = NULL,
    refresh_due_at = statement_timestamp(),
    interrupted = false,
    failures = 0,
    retry_at = NULL,
    refresh_problem = NULL,
    challenged_at = NULL
  FROM free l
  WHERE g.tenant_id = $1 AND g.integration_id = l.id
), written AS (
  UPDATE ${t.integration} i SET
    status = 'connected',
    problem = NULL,
    scopes = l.ended_scopes,
    fields = l.ended_fields,
    version = i.version + 1,
    last_position = ${nextPosition}
  FROM free l
  WHERE i.tenant_id = $1 AND i.id = l.id
  RETURNING i.*
), event AS (
  ${recordEvent(t, "integration.connected", { id: "$4", data: "'connectedBy', connected_by" })}
)
SELECT FROM written`
})
