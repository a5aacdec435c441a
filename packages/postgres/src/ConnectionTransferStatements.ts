import { answerOf, barredReason, fence, mayWrite } from "./barredSql.ts"
import { grantColumns, secondsFromNow } from "./grantSql.ts"
import { type ConnectedWithColumns, integrationColumns } from "./integrationRow.ts"
import { freeNumber, twins } from "./siblings.ts"
import type { Tables } from "./Namespace.ts"

/** Imports connections of one tenant. An import replaces no connection and writes no event. */
export const importStatements = (t: Tables) => ({
  importWithGrant: `
WITH ${fence(t, barredReason(t, "$25", "$26"), "$25", "$26")}, written AS (
  ${importIntegration(t, { owner: "$22", scopes: "$7::text[]", credentialId: "NULL", fields: "$8::jsonb", accountId: "$9::text", accountLabel: "$10::text", accountIssuer: "$23::text", grantSubject: "$24::text", clientFingerprint: "$15::text" })}
), granted AS (
  INSERT INTO ${t.oauthGrant} (
    tenant_id, integration_id, id, sealed_access_token, sealed_refresh_token, token_type, client_fingerprint,
    issued_at, expires_at, refresh_due_at, held_hash, sealed_dpop_key, refresh_expires_at, refresh_notice_at
  )
  SELECT tenant_id, id, $11, $12, $13, $14, $15, statement_timestamp(), ${secondsFromNow("$16")},
    least(${secondsFromNow("$17")}, ${secondsFromNow("$21")}), $18::bytea, $19::bytea, ${secondsFromNow("$20")},
    ${secondsFromNow("$21")}
  FROM written
)
${answerOf("written.id")}`,

  importWithCredential: `
WITH ${fence(t, barredReason(t, "$11", "$12"), "$11", "$12")}, written AS (
  ${importIntegration(t, { owner: "$10", scopes: "'{}'", credentialId: "$7", fields: "'{}'", accountId: "$13::text", accountLabel: "$14::text", accountIssuer: "$15::text", grantSubject: "NULL", clientFingerprint: "NULL" })}
), stored AS (
  INSERT INTO ${t.credential} (tenant_id, owner, provider, id, label, status, created_by, created_at, sealed_fields, connected_once, account_id,
    account_label, account_issuer)
  SELECT tenant_id, owner, provider, credential_id, $8::text, 'unverified', connected_by, connected_at, $9::bytea, true, account_id,
    account_label, account_issuer
  FROM written
)
${answerOf("written.id")}`
})

const importIntegration = (
  t: Tables,
  set: ConnectedWithColumns
): string => `INSERT INTO ${t.integration} AS i (
    tenant_id, owner, provider, name, id, status, connected_by, connected_at, scopes, credential_id,
    fields, account_id, account_label, account_issuer, grant_subject, client_fingerprint, version, last_position, number
  )
  SELECT $1, ${set.owner}, $2, $3, $4, 'connected', $5, coalesce($6::timestamptz, statement_timestamp()), ${set.scopes},
    ${set.credentialId}, ${set.fields}, ${set.accountId}, ${set.accountLabel}, ${set.accountIssuer}, ${set.grantSubject}, ${set.clientFingerprint}, 0, pg_current_xact_id(), free.number
  FROM ${freeNumber(t, { owner: set.owner, provider: "$2", name: "$3" })}
  WHERE ${mayWrite} AND NOT EXISTS (${twins(t, { ...set, provider: "$2", name: "$3" })})
  ON CONFLICT (tenant_id, owner, provider, name) DO NOTHING
  RETURNING i.*`

/** Connections of all tenants, for the host itself. */
export const transferStatements = (t: Tables) => ({
  // No id is empty, so the empty text sorts before all of them.
  exportConnections: `
SELECT ${integrationColumns("i")}, ${grantColumns}, c.id AS stored_credential_id, c.label, c.status AS credential_status,
  c.created_by, c.created_at, c.sealed_fields, c.account_id AS credential_account_id,
  c.account_label AS credential_account_label, c.account_issuer AS credential_account_issuer
FROM ${t.integration} i
LEFT JOIN ${t.oauthGrant} g ON g.tenant_id = i.tenant_id AND g.integration_id = i.id
LEFT JOIN ${t.credential} c ON c.tenant_id = i.tenant_id AND c.owner = i.owner AND c.provider = i.provider AND c.id = i.credential_id
WHERE (i.tenant_id, i.owner, i.provider, i.name)
    > (coalesce($1::text, ''), coalesce($5::text, ''), coalesce($2::text, ''), coalesce($3::text, ''))
  AND i.status <> 'disconnected'
ORDER BY i.tenant_id, i.owner, i.provider, i.name
LIMIT $4::bigint`,

  integrationsOfProvider: `
SELECT ${integrationColumns("i")}
FROM ${t.integration} i
WHERE i.provider = $1 AND i.status = ANY ($2::text[])
  AND ($7::jsonb IS NULL OR EXISTS (
    SELECT FROM jsonb_array_elements($7) AS lacking (names) WHERE NOT lacking.names ?| i.scopes
  ))
  AND (i.tenant_id, i.owner, i.name) > (coalesce($3::text, ''), coalesce($6::text, ''), coalesce($4::text, ''))
ORDER BY i.tenant_id, i.owner, i.name
LIMIT $5::bigint`,

  findByAccount: `
SELECT tenant_id, owner, name, id, status, account_issuer
FROM ${t.integration}
WHERE provider = $1 AND account_id = $2
ORDER BY tenant_id, owner, name`
})
