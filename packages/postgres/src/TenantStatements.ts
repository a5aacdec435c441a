import { nextPosition, recordEvent } from "./eventSql.ts"
import { answerOf, barredReason, fence, mayWrite } from "./barredSql.ts"
import { importStatements } from "./ConnectionTransferStatements.ts"
import { flowTerms } from "./flowTerms.ts"
import { grantColumns, isFree, recordDisconnected, secondsFromNow } from "./grantSql.ts"
import { grantStatements } from "./GrantStatements.ts"
import { type ConnectedWithColumns, integrationColumns } from "./integrationRow.ts"
import type { Tables } from "./Namespace.ts"
import { offboardingStatements } from "./OffboardingStatements.ts"
import { queueRevocations } from "./revocationSql.ts"
import { freeNumber, twins } from "./siblings.ts"
import { revocationStatements } from "./RevocationStatements.ts"

/**
 * All statements on behalf of one tenant: `$1` is the tenant, in every table that a statement touches, and a test verifies
 * that. The others are in `CrossTenantStatements.ts`.
 *
 * Each statement is one string, made once for each store, so that a connection prepares it once.
 */
export const tenantStatements = (t: Tables) => ({
  ...grantStatements(t),
  ...importStatements(t),
  ...revocationStatements(t),
  ...offboardingStatements(t),

  // As with flows, concurrent calls do not see each other, which does not help a flood.
  insertCredential: `
WITH ${fence(t, barredReason(t, "$13"), "$13")}, written AS (
  INSERT INTO ${t.credential} (
    tenant_id, provider, id, label, status, created_by, created_at, sealed_fields, owner, account_id, account_label,
    account_issuer
  )
  SELECT $1, $2, $3, $4::text, $5, $6, statement_timestamp(), $7::bytea, $9, $10::text, $11::text, $12::text
  WHERE (
    SELECT count(*) FROM (
      SELECT FROM ${t.credential} WHERE tenant_id = $1 AND owner = $9 AND provider = $2 LIMIT $8::bigint
    ) stored
  ) < $8::bigint AND ${mayWrite}
  RETURNING tenant_id, created_at
)
${answerOf("written.created_at")}`,

  findCredential: `
SELECT tenant_id, owner, provider, id, label, status, created_by, created_at, sealed_fields, account_id, account_label, account_issuer
FROM ${t.credential}
WHERE tenant_id = $1 AND owner = $4 AND provider = $2 AND id = $3`,

  listCredentials: `
WITH matching AS (
  SELECT tenant_id, owner, provider, id, label, status, created_by, date_trunc('milliseconds', created_at) AS created_at
  FROM ${t.credential}
  WHERE tenant_id = $1 AND owner = $6 AND provider = $2
), page AS (
  SELECT * FROM matching
  WHERE $3::float8 IS NULL
    OR (created_at, id) > (timestamptz 'epoch' + $3::float8 * interval '1 millisecond', $4::text)
  ORDER BY created_at, id
  LIMIT $5::bigint
)
SELECT (SELECT count(*) FROM matching)::int AS total, page.*
FROM (VALUES (1)) AS always
LEFT JOIN page ON true
ORDER BY created_at, id`,

  // The foreign key refuses while an integration refers to it.
  deleteCredential: `
DELETE FROM ${t.credential}
WHERE tenant_id = $1 AND owner = $4 AND provider = $2 AND id = $3
RETURNING id`,

  // Of racing calls, the one that gets the row's lock connects. The others find it connected and write nothing. A key that is
  // deleted meanwhile is refused by the foreign key.
  connectWithCredential: `
WITH ${fence(t, barredReason(t, "$10"), "$10")}, former AS MATERIALIZED (
  ${formerGrant(t, "$9")}
), key AS MATERIALIZED (
  SELECT id, account_id, account_label, account_issuer FROM ${t.credential}
  WHERE tenant_id = $1 AND owner = $9 AND provider = $2 AND id = $8
), written AS (
  ${connectIntegration(
    t,
    {
      owner: "$9",
      scopes: "'{}'",
      credentialId: "key.id",
      fields: "'{}'",
      accountId: "key.account_id",
      accountLabel: "key.account_label",
      accountIssuer: "key.account_issuer",
      grantSubject: "NULL",
      clientFingerprint: "NULL"
    },
    `i.status <> 'connected' AND ${isSameAccount("excluded.account_id", "excluded.account_issuer")}`,
    `NOT EXISTS (${twins(t, {
      owner: "$9",
      provider: "$2",
      name: "$3",
      accountId: "key.account_id",
      accountIssuer: "key.account_issuer",
      fields: "'{}'"
    })})`,
    ", key"
  )}
), event AS (
  ${recordConnected(t)}
), used AS (
  ${markUsed(t)}
), destroyed_grant AS (
  DELETE FROM ${t.oauthGrant} g USING written w
  WHERE g.tenant_id = $1 AND g.integration_id = w.id
), queued AS (
  ${queueRevocations(t, replacedByWritten)}
)
${answerOf(integrationColumns("written"))}`,

  connectWithGrant: `
WITH ${fence(t, barredReason(t, "$29"), "$29")}, former AS MATERIALIZED (
  ${formerGrant(t, "$26")}
), written AS (
  ${connectIntegration(
    t,
    {
      owner: "$26",
      scopes: "$8::text[]",
      credentialId: "NULL",
      fields: "$15::jsonb",
      accountId: "$16::text",
      accountLabel: "$17::text",
      accountIssuer: "$27::text",
      grantSubject: "$28::text",
      clientFingerprint: "$14::text"
    },
    // Tokens that are sealed for another id would never decrypt.
    `(i.status <> 'connected' OR $18::boolean) AND ${isSameAccount("$16", "$27")} AND i.id = $4`,
    `($22::text IS NULL OR EXISTS (
      SELECT FROM former g WHERE g.id = $22 AND g.generation = $23::bigint AND g.ended_at IS NULL AND ${isFree}
    )) AND NOT EXISTS (${twins(t, {
      owner: "$26",
      provider: "$2",
      name: "$3",
      accountId: "$16",
      accountIssuer: "$27",
      fields: "$15"
    })})`
  )}
), event AS (
  ${recordConnected(t)}
), granted AS (
  INSERT INTO ${t.oauthGrant} AS g (
    tenant_id, integration_id, id, sealed_access_token, sealed_refresh_token, token_type, client_fingerprint,
    issued_at, expires_at, refresh_due_at, sealed_dpop_key, held_hash, refresh_expires_at, refresh_notice_at
  )
  SELECT tenant_id, id, $9, $10, $11, $12, $14, statement_timestamp(), ${secondsFromNow("$13")},
    least(${secondsFromNow("$19")}, ${secondsFromNow("$25")}), $20::bytea, $21::bytea, ${secondsFromNow("$24")},
    ${secondsFromNow("$25")}
  FROM written
  ON CONFLICT (tenant_id, integration_id) DO UPDATE SET ${replacedGrant}
), queued AS (
  ${queueRevocations(t, `${replacedByWritten} WHERE $22::text IS NULL`)}
)
${answerOf(integrationColumns("written"))}`,

  swapCredential: `
WITH ${fence(t, barredReason(t, "$9"), "$9")}, written AS (
  UPDATE ${t.integration} i SET credential_id = $4, account_id = $6::text, account_label = $7::text, account_issuer = $8::text
  WHERE tenant_id = $1 AND owner = $5 AND provider = $2 AND name = $3 AND status = 'connected' AND credential_id IS NOT NULL
    AND ${isSameAccount("$6", "$8")} AND ${mayWrite}
  RETURNING i.*
), used AS (
  ${markUsed(t)}
)
${answerOf(integrationColumns("written"))}`,

  // The row is locked first, to read its old values: RETURNING cannot do that before PostgreSQL 18. A row that its provider
  // ended is found too, to delete what is left of it, but is reported as not found.
  disconnect: `
WITH ${fence(t, `${barredReason(t, "$8")} AND b.reason = 'erased'`, "$8")}, previous AS (
  SELECT tenant_id, owner, provider, name, credential_id, fields, grant_subject, status <> 'disconnected' AS live
  FROM ${t.integration}
  WHERE tenant_id = $1 AND owner = $7 AND provider = $2 AND name = $3 AND (status <> 'disconnected' OR problem IS NOT NULL)
    AND ${mayWrite}
  FOR UPDATE
), written AS (
  UPDATE ${t.integration} i SET
    status = 'disconnected',
    problem = NULL,
    scopes = '{}',
    credential_id = NULL,
    fields = '{}',
    account_id = NULL,
    account_label = NULL,
    account_issuer = NULL,
    grant_subject = NULL,
    client_fingerprint = NULL,
    version = i.version + p.live::int,
    last_position = CASE WHEN p.live THEN ${nextPosition} ELSE i.last_position END
  FROM previous p
  WHERE i.tenant_id = $1 AND i.owner = p.owner AND i.provider = p.provider AND i.name = p.name
  RETURNING i.*, p.live
), event AS (
  ${recordDisconnected(t, "$4", "$5", "$6", "live")}
), destroyed_grant AS (
  DELETE FROM ${t.oauthGrant} g USING written w
  WHERE g.tenant_id = $1 AND g.integration_id = w.id
  RETURNING g.*
), queued AS (
  ${queueRevocations(t, "destroyed_grant g CROSS JOIN previous i")}
), destroyed_credential AS (
  DELETE FROM ${t.credential} c USING previous p
  WHERE c.tenant_id = $1 AND c.owner = p.owner AND c.provider = p.provider AND c.id = p.credential_id
    AND NOT EXISTS (
      SELECT FROM ${t.integration} o
      WHERE o.tenant_id = $1 AND o.owner = p.owner AND o.provider = p.provider
        AND o.credential_id = p.credential_id AND o.name <> p.name
    )
)
${answerOf(`${integrationColumns("written")}, written.live`)}`,

  findIntegration: `
SELECT ${integrationColumns("i")}
FROM ${t.integration} i
WHERE tenant_id = $1 AND owner = $4 AND provider = $2 AND name = $3`,

  findIntegrationById: `
SELECT ${integrationColumns("i")}
FROM ${t.integration} i
WHERE tenant_id = $1 AND id = $2`,

  // With the name and the account under which its owner would connect again.
  findTwin: `
${twins(t, { owner: "$2", provider: "$3", name: "$4", accountId: "$5", accountIssuer: "$7", fields: "$6" }, integrationColumns("i"))}`,

  findFreeNumber: `
SELECT number FROM ${freeNumber(t, { owner: "$2", provider: "$3", name: "$4" })}`,

  listIntegrations: listing(
    t,
    "($3::text IS NULL OR provider = $3) AND ($8::text[] IS NULL OR owner = ANY ($8))"
  ),

  // What these owners have of one provider: only then can the primary key be read no further than that.
  listIntegrationsOf: listing(t, "provider = $3 AND owner = ANY ($8::text[])"),

  findGrant: `
SELECT i.problem, i.suspended, ${grantColumns}
FROM ${t.integration} i
LEFT JOIN ${t.oauthGrant} g ON g.tenant_id = i.tenant_id AND g.integration_id = i.id AND g.ended_at IS NULL
WHERE i.tenant_id = $1 AND i.owner = $4 AND i.provider = $2 AND i.name = $3`,

  // Counting stops at the limit, so a flood costs no more than a full allowance. Starts in flight at one moment do not
  // see each other: the limits may be passed by as many as the pool has connections, which does not help a flood.
  startFlow: `
WITH connected AS (
  SELECT FROM ${t.integration}
  WHERE tenant_id = $1 AND owner = $12 AND provider = $3 AND name = $4 AND status = 'connected' AND NOT $11::boolean
), of_user AS (
  SELECT ${waitsUntil} AS waits_until FROM ${t.flow}
  WHERE tenant_id = $1 AND user_id = $2 AND status <> 'consumed' AND ${waitsUntil} > statement_timestamp()
  ORDER BY ${waitsUntil} LIMIT $17::bigint
), of_tenant AS (
  SELECT ${waitsUntil} AS waits_until FROM ${t.flow}
  WHERE tenant_id = $1 AND (owner = '') = ($12 = '') AND status <> 'consumed' AND ${waitsUntil} > statement_timestamp()
  ORDER BY ${waitsUntil} LIMIT $18::bigint
), verdict AS (
  SELECT
    EXISTS (SELECT FROM connected) AS already_connected,
    (${barredReason(t, "$19")}) AS barred,
    CASE
      WHEN (SELECT count(*) FROM of_user) >= $17::bigint THEN (SELECT min(waits_until) FROM of_user)
      WHEN (SELECT count(*) FROM of_tenant) >= $18::bigint THEN (SELECT min(waits_until) FROM of_tenant)
    END AS free_at
), started AS (
  INSERT INTO ${t.flow} (
    ${flowTerms}, state_hash, browser_hash, sealed_secrets, expires_at, status
  )
  SELECT ${flowTermsParameters}, $13::bytea, $14::bytea, $15::bytea,
    statement_timestamp() + $16::float8 * interval '1 millisecond', 'pending'
  FROM verdict
  WHERE NOT already_connected AND free_at IS NULL AND barred IS NULL
  RETURNING 1
)
SELECT already_connected, barred, EXISTS (SELECT FROM started) AS started,
  greatest(1, ceil(extract(epoch FROM free_at - statement_timestamp())))::int AS retry_after
FROM verdict`,

  // The row may have been swept since it was burned: then it comes back, with no life but the response's.
  parkFlow: `
INSERT INTO ${t.flow} AS f (
  ${flowTerms}, state_hash, flow_id_hash, sealed_response, expires_at, response_expires_at, status
)
SELECT ${flowTermsParameters}, $13::bytea, $14::bytea, $15::bytea,
  statement_timestamp() + $16::float8 * interval '1 millisecond',
  statement_timestamp() + $16::float8 * interval '1 millisecond', $17
WHERE NOT EXISTS (${barredReason(t, "$18")})
ON CONFLICT (state_hash) DO UPDATE SET
  status = excluded.status,
  flow_id_hash = excluded.flow_id_hash,
  sealed_response = excluded.sealed_response,
  response_expires_at = excluded.response_expires_at
WHERE f.tenant_id = $1
RETURNING 1`,

  // Of users for whom a write was refused: the erased before the suspended.
  findBarred: `${barredReason(t, "$2", "$3")}
ORDER BY b.reason`
})

/** A page of a tenant's integrations, and how many there are in all. Which ones is decided by `whose` and the other parameters. */
const listing = (t: Tables, whose: string): string => `
WITH matching AS (
  SELECT ${integrationColumns("i")}
  FROM ${t.integration} i
  WHERE tenant_id = $1 AND ($2::text IS NULL OR status = $2) AND ${whose}
    AND (NOT $9::boolean OR owner <> '') AND ($10::text IS NULL OR name = $10)
    AND ($11::text[] IS NULL OR problem = ANY ($11))
), page AS (
  SELECT * FROM matching
  WHERE $4::text IS NULL OR (provider, owner, id COLLATE "C") > ($4, $5, $6)
  ORDER BY provider, owner, id COLLATE "C"
  LIMIT $7::bigint
)
SELECT (SELECT count(*) FROM matching)::int AS total, page.*
FROM (VALUES (1)) AS always
LEFT JOIN page ON true
ORDER BY provider, owner, id COLLATE "C"`

/** Until when a flow waits: one that is parked, in whichever state, for its response's life, a pending one, which has no response, for its own. */
const waitsUntil = "coalesce(response_expires_at, expires_at)"

const flowTermsParameters =
  "$1, $2, $3, $4, $5, $6, $7, $8::jsonb, $9::text[], $10::jsonb, $11::boolean, $12"

/** Remembers of a credential that something was connected with it. */
const markUsed = (t: Tables): string =>
  `UPDATE ${t.credential} c SET connected_once = true
  FROM written w
  WHERE c.tenant_id = $1 AND c.owner = w.owner AND c.provider = w.provider AND c.id = w.credential_id AND NOT c.connected_once`

/** A grant that takes another's place has nothing of it. */
const replacedGrant = [
  "id",
  "sealed_access_token",
  "sealed_refresh_token",
  "sealed_dpop_key",
  "token_type",
  "client_fingerprint",
  "generation",
  "issued_at",
  "expires_at",
  "refresh_due_at",
  "lease_holder",
  "lease_deadline",
  "fence",
  "sent_at",
  "interrupted",
  "failures",
  "retry_at",
  "refresh_problem",
  "renewed_at",
  "refused_at",
  "tried_by",
  "expiry_told",
  "challenged_at",
  "refresh_expires_at",
  "refresh_notice_at",
  "ended_at",
  "end_reason",
  "quarantined_until",
  "ended_scopes",
  "ended_fields",
  "held_hash"
]
  .map((column) => `${column} = excluded.${column}`)
  .join(", ")

/**
 * Whether the account of the row `i` may be the one of these parameters: an unknown one may be any, and one that another server
 * has named is another.
 */
const isSameAccount = (id: string, issuer: string): string =>
  `(i.account_id IS NULL OR ${id}::text IS NULL
      OR (i.account_id = ${id}::text AND i.account_issuer IS NOT DISTINCT FROM ${issuer}::text))`

/**
 * The grant that a new connection takes the place of, as it is once its rows are locked: a refresh may have replaced it since
 * the statement began. It is read before anything is written, because what reads it is.
 */
const formerGrant = (t: Tables, owner: string): string =>
  `SELECT i.owner, i.provider, i.name, i.fields, i.grant_subject, g.*
  FROM ${t.integration} i
  JOIN ${t.oauthGrant} g ON g.tenant_id = i.tenant_id AND g.integration_id = i.id
  WHERE i.tenant_id = $1 AND i.owner = ${owner} AND i.provider = $2 AND i.name = $3
  FOR UPDATE`

/** Only if the new connection was written. It is one row: an integration has one grant. */
const replacedByWritten = "former g CROSS JOIN former i CROSS JOIN written"

const connectIntegration = (
  t: Tables,
  set: ConnectedWithColumns,
  mayReplace: string,
  isPossible: string,
  from = ""
): string => `INSERT INTO ${t.integration} AS i (
    tenant_id, owner, provider, name, id, status, connected_by, connected_at, scopes, credential_id,
    fields, account_id, account_label, account_issuer, grant_subject, client_fingerprint, version, last_position, number
  )
  SELECT $1, ${set.owner}, $2, $3, $4, 'connected', $5, statement_timestamp(), ${set.scopes}, ${set.credentialId},
    ${set.fields}, ${set.accountId}, ${set.accountLabel}, ${set.accountIssuer}, ${set.grantSubject}, ${set.clientFingerprint}, 1, pg_current_xact_id(),
    free.number
  FROM (SELECT count(*) FROM former) AS locked, ${freeNumber(t, { owner: set.owner, provider: "$2", name: "$3" })}${from}
  WHERE ${mayWrite} AND ${isPossible}
  ON CONFLICT (tenant_id, owner, provider, name) DO UPDATE SET
    status = excluded.status,
    connected_by = excluded.connected_by,
    connected_at = excluded.connected_at,
    scopes = excluded.scopes,
    credential_id = excluded.credential_id,
    fields = excluded.fields,
    account_id = excluded.account_id,
    account_label = excluded.account_label,
    account_issuer = excluded.account_issuer,
    grant_subject = excluded.grant_subject,
    client_fingerprint = excluded.client_fingerprint,
    problem = NULL,
    version = i.version + 1,
    last_position = ${nextPosition}
  WHERE ${mayReplace}
  RETURNING i.*`

const recordConnected = (t: Tables): string =>
  recordEvent(t, "integration.connected", { id: "$6", data: "'connectedBy', $7::text" })

export type TenantStatements = ReturnType<typeof tenantStatements>
