import type { Tables } from "./Namespace.ts"

/** Queued revocations of one tenant. `disconnect` adds them in its own statement. */
export const revocationStatements = (t: Tables) => ({
  // Tokens that are stored now are kept: the caller took their write for failed because its connection broke.
  enqueueRevocation: `
INSERT INTO ${t.revocation} (
  tenant_id, id, provider, sealed_access_token, sealed_refresh_token, client_fingerprint, fields, grant_subject,
  owner, name, integration_id, accounts, account_issuer, due_at, expires_at
)
SELECT $1, $2, $3, $4, $5, $6, $7::jsonb, $8, $9, $10, $11, $12::text[], $13, statement_timestamp(),
  statement_timestamp() + interval '24 hours'
WHERE NOT EXISTS (SELECT FROM ${t.oauthGrant} g WHERE g.tenant_id = $1 AND g.id = $2)
ON CONFLICT (tenant_id, id) DO NOTHING`,

  removeRevocation: `DELETE FROM ${t.revocation} WHERE tenant_id = $1 AND id = $2`,

  postponeRevocation: `
UPDATE ${t.revocation} SET due_at = statement_timestamp() + $3::float8 * interval '1 millisecond'
WHERE tenant_id = $1 AND id = $2`
})

/**
 * The revocation queue, with whether a live integration of any tenant has tokens of the same consent through the same client.
 * If one of the subjects is unknown they count as the same, because a working connection is more important.
 */
export const revocationWorkerStatements = (t: Tables) => ({
  claimRevocations: `
WITH due AS (
  SELECT tenant_id, id
  FROM ${t.revocation}
  WHERE due_at <= statement_timestamp() AND expires_at > statement_timestamp()
  ORDER BY due_at
  LIMIT $1::bigint
  FOR UPDATE SKIP LOCKED
), claimed AS (
  UPDATE ${t.revocation} r SET
    attempt = r.attempt + 1,
    due_at = statement_timestamp() + $2::float8 * interval '1 millisecond'
  FROM due d
  WHERE r.tenant_id = d.tenant_id AND r.id = d.id
  RETURNING r.*
)
SELECT c.tenant_id, c.owner, c.provider, c.name, c.integration_id, c.id, c.sealed_access_token, c.sealed_refresh_token, c.client_fingerprint, c.fields,
  c.attempt, (
    ${liveOfClient(t, "i.grant_subject = c.grant_subject")}
    OR ${liveOfClient(t, "i.grant_subject IS NULL")}
    OR ${liveOfClient(t, "c.grant_subject IS NULL")}
    OR (c.accounts IS NOT NULL AND ${liveOfClient(
      t,
      "i.account_id = ANY (c.accounts) AND i.account_issuer IS NOT DISTINCT FROM c.account_issuer",
      "i.account_id"
    )})
  ) AS shared
FROM claimed c`,

  giveUpRevocations: `
DELETE FROM ${t.revocation} WHERE expires_at <= statement_timestamp()
RETURNING tenant_id, provider`
})

/**
 * One condition for each case, so that an index answers each. With a request for the first row in index
 * order, the planner does not scan the table, however many rows it expects for this provider.
 */
const liveOfClient = (t: Tables, condition: string, order = "i.grant_subject"): string => `(
      SELECT true
      FROM ${t.integration} i
      WHERE i.provider = c.provider COLLATE "C" AND i.client_fingerprint = c.client_fingerprint
        AND ${condition} AND i.status <> 'disconnected'
      ORDER BY ${order}
      LIMIT 1
    ) IS NOT NULL`
