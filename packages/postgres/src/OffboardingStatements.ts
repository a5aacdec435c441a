import { fences } from "./barredSql.ts"
import type { Tables } from "./Namespace.ts"
import { queueRevocations } from "./revocationSql.ts"

/** Deletes a tenant, and erases a user. */
export const offboardingStatements = (t: Tables) => ({
  // If an integration has just been connected with one of the keys, the foreign key refuses the statement.
  removeTenant: `
WITH removed_grant AS (
  DELETE FROM ${t.oauthGrant} WHERE tenant_id = $1 AND ended_at IS NOT NULL RETURNING *
), removed_integration AS (
  DELETE FROM ${t.integration} WHERE tenant_id = $1 AND status = 'disconnected' RETURNING *
), queued AS (
  ${queueRevocations(t, "removed_grant g JOIN removed_integration i ON i.id = g.integration_id")}
), removed_credential AS (
  DELETE FROM ${t.credential} c
  WHERE c.tenant_id = $1 AND NOT EXISTS (
    SELECT FROM ${t.integration} i
    WHERE i.tenant_id = c.tenant_id AND i.owner = c.owner AND i.provider = c.provider AND i.credential_id = c.id
  )
  RETURNING 1
), forgotten AS (
  UPDATE ${t.refreshBrake} SET succeeded = array_remove(succeeded, $1) WHERE $1 = ANY (succeeded)
), unbarred AS (
  DELETE FROM ${t.barredUser} WHERE tenant_id = $1
), removed_pending AS (
  DELETE FROM ${t.flow} WHERE tenant_id = $1 AND status = 'pending' RETURNING 1
), removed_finished AS (
  DELETE FROM ${t.flow} WHERE tenant_id = $1 AND status NOT IN ('pending', 'choosing') RETURNING 1
), abandoned AS (
  ${abandonChoices(t, "tenant_id = $1")}
)
SELECT
  EXISTS (SELECT FROM ${t.integration} WHERE tenant_id = $1 AND status <> 'disconnected') AS connected,
  (SELECT count(*) FROM removed_integration)::int AS integrations,
  (SELECT count(*) FROM removed_credential)::int AS credentials,
  (SELECT count(*) FROM (SELECT FROM removed_pending UNION ALL SELECT FROM removed_finished UNION ALL SELECT FROM abandoned) AS f)::int AS flows`,

  // Alone, because it waits for what is being written for the user: only what comes after it sees that. Without a life, $4,
  // the user is suspended. One who was erased stays so.
  barUser: `
WITH changed AS (
  UPDATE ${t.userFence} SET changes = changes + 1 WHERE fence = get_byte($2::bytea, 0) % ${fences}
)
INSERT INTO ${t.barredUser} AS b (tenant_id, user_hash, reason, expires_at)
SELECT $1, $2::bytea, $3, statement_timestamp() + $4::float8 * interval '1 millisecond'
ON CONFLICT (tenant_id, user_hash) DO UPDATE SET reason = excluded.reason, expires_at = excluded.expires_at
WHERE $3 = 'erased' OR b.reason = 'suspended' OR b.expires_at <= statement_timestamp()
RETURNING 1`,

  eraseUser: `
WITH own AS MATERIALIZED (
  SELECT id, credential_id, status FROM ${t.integration} WHERE tenant_id = $1 AND owner = $2
), removed_grant AS (
  DELETE FROM ${t.oauthGrant}
  WHERE tenant_id = $1 AND ended_at IS NOT NULL AND integration_id IN (SELECT id FROM own)
  RETURNING *
), removed_integration AS (
  DELETE FROM ${t.integration} WHERE tenant_id = $1 AND owner = $2 AND status = 'disconnected' RETURNING *
), queued AS (
  ${queueRevocations(t, "removed_grant g JOIN removed_integration i ON i.id = g.integration_id")}
), removed_credential AS (
  DELETE FROM ${t.credential} c
  WHERE c.tenant_id = $1 AND c.owner = $2 AND NOT EXISTS (SELECT FROM own WHERE own.credential_id = c.id)
  RETURNING 1
), erased_integration AS (
  UPDATE ${t.integration} SET connected_by = $3
  WHERE tenant_id = $1 AND owner <> $2 AND connected_by = $2 AND $2 <> $3
  RETURNING 1
), erased_credential AS (
  UPDATE ${t.credential} SET created_by = $3
  WHERE tenant_id = $1 AND owner <> $2 AND created_by = $2 AND $2 <> $3
  RETURNING 1
), erased_event AS (
  UPDATE ${t.outbox} SET data = data || (
    SELECT jsonb_object_agg(key, $3::text) FROM jsonb_each_text(data) WHERE ${namesUser}
  )
  WHERE tenant_id = $1 AND $2 <> $3 AND EXISTS (SELECT FROM jsonb_each_text(data) WHERE ${namesUser})
  RETURNING 1
), removed_pending AS (
  DELETE FROM ${t.flow} WHERE tenant_id = $1 AND user_id = $2 AND status = 'pending' RETURNING 1
), removed_finished AS (
  DELETE FROM ${t.flow} WHERE tenant_id = $1 AND user_id = $2 AND status NOT IN ('pending', 'choosing') RETURNING 1
), abandoned AS (
  ${abandonChoices(t, "tenant_id = $1 AND user_id = $2")}
)
SELECT EXISTS (SELECT FROM own WHERE status <> 'disconnected') AS connected,
  (SELECT count(*) FROM (SELECT FROM removed_integration UNION ALL SELECT FROM erased_integration) AS i)::int AS integrations,
  (SELECT count(*) FROM (SELECT FROM removed_credential UNION ALL SELECT FROM erased_credential) AS c)::int AS credentials,
  (SELECT count(*) FROM erased_event)::int AS events,
  (SELECT count(*) FROM (SELECT FROM removed_pending UNION ALL SELECT FROM removed_finished UNION ALL SELECT FROM abandoned) AS f)::int AS flows`,

  // A call that ends the suspension waits for it, or comes first, and then nothing is marked.
  suspendUser: `
WITH barred AS MATERIALIZED (
  SELECT FROM ${t.barredUser} WHERE tenant_id = $1 AND user_hash = $3::bytea AND reason = 'suspended' FOR SHARE
)
UPDATE ${t.integration} SET suspended = true
WHERE tenant_id = $1 AND owner = $2 AND EXISTS (SELECT FROM barred)
RETURNING owner, provider, name`,

  unbarUser: `DELETE FROM ${t.barredUser} WHERE tenant_id = $1 AND user_hash = $2::bytea AND reason = 'suspended'`,

  resumeUser: `UPDATE ${t.integration} SET suspended = false WHERE tenant_id = $1 AND owner = $2 AND suspended`
})

/** The members of an event that name a user. */
const namesUser = "key IN ('connectedBy', 'disconnectedBy', 'userId') AND value = $2"

/** The time of choices is over, and their tokens are still to be revoked. */
const abandonChoices = (t: Tables, where: string): string => `UPDATE ${t.flow} SET
    expires_at = least(expires_at, statement_timestamp()),
    response_expires_at = least(response_expires_at, statement_timestamp())
  WHERE ${where} AND status = 'choosing' AND response_expires_at > statement_timestamp()
  RETURNING 1`
