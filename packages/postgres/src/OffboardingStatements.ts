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

  eraseUser: `
WITH erased_integration AS (
  UPDATE ${t.integration} SET connected_by = $3 WHERE tenant_id = $1 AND connected_by = $2 RETURNING 1
), erased_credential AS (
  UPDATE ${t.credential} SET created_by = $3 WHERE tenant_id = $1 AND created_by = $2 RETURNING 1
), erased_event AS (
  UPDATE ${t.outbox} SET data = data || jsonb_build_object(
    CASE WHEN data->>'connectedBy' = $2 THEN 'connectedBy' ELSE 'disconnectedBy' END, $3::text
  )
  WHERE tenant_id = $1 AND (data->>'connectedBy' = $2 OR data->>'disconnectedBy' = $2)
  RETURNING 1
), removed_pending AS (
  DELETE FROM ${t.flow} WHERE tenant_id = $1 AND user_id = $2 AND status = 'pending' RETURNING 1
), removed_finished AS (
  DELETE FROM ${t.flow} WHERE tenant_id = $1 AND user_id = $2 AND status NOT IN ('pending', 'choosing') RETURNING 1
), abandoned AS (
  ${abandonChoices(t, "tenant_id = $1 AND user_id = $2")}
)
SELECT (SELECT count(*) FROM erased_integration)::int AS integrations,
  (SELECT count(*) FROM erased_credential)::int AS credentials,
  (SELECT count(*) FROM erased_event)::int AS events,
  (SELECT count(*) FROM (SELECT FROM removed_pending UNION ALL SELECT FROM removed_finished UNION ALL SELECT FROM abandoned) AS f)::int AS flows`
})

/** The time of choices is over, and their tokens are still to be revoked. */
const abandonChoices = (t: Tables, where: string): string => `UPDATE ${t.flow} SET
    expires_at = least(expires_at, statement_timestamp()),
    response_expires_at = least(response_expires_at, statement_timestamp())
  WHERE ${where} AND status = 'choosing'
  RETURNING 1`
