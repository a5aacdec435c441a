/**
 * The same tables and the same promises as Hawser's, one statement a change of state. `$1` is the tenant, but where a
 * flow is found by its state.
 */
export const statementsOf = (schema: string) => ({
  startFlow: `
INSERT INTO ${schema}.flow (
  tenant_id, user_id, provider, name, binding, redirect_url, redirect_uri, server, scopes, fields, reauthorizes,
  state_hash, browser_hash, sealed_secrets, expires_at, status
)
SELECT $1, $2, $3, 'default', 'cookie', $4, $5, $6::jsonb, $7::text[], '{}', false, $8::bytea, $9::bytea, $10::bytea,
  now() + interval '10 minutes', 'pending'
WHERE NOT EXISTS (
    SELECT FROM ${schema}.integration
    WHERE tenant_id = $1 AND owner = '' AND provider = $3 AND name = 'default' AND status = 'connected'
  )
  AND (
    SELECT count(*) FROM (
      SELECT FROM ${schema}.flow
      WHERE tenant_id = $1 AND user_id = $2 AND status = 'pending' AND expires_at > now() LIMIT 20
    ) AS of_user
  ) < 20
  AND (
    SELECT count(*) FROM (
      SELECT FROM ${schema}.flow
      WHERE tenant_id = $1 AND status = 'pending' AND expires_at > now() LIMIT 200
    ) AS of_tenant
  ) < 200`,

  burnFlow: `
WITH presented AS (
  SELECT *, expires_at <= now() AS expired FROM ${schema}.flow
  WHERE state_hash = $1 AND status = 'pending' FOR UPDATE
)
UPDATE ${schema}.flow f SET status = 'consumed', browser_hash = NULL, sealed_secrets = NULL
FROM presented p WHERE f.state_hash = p.state_hash
RETURNING p.tenant_id, p.user_id, p.provider, p.binding, p.redirect_url, p.redirect_uri, p.server, p.scopes,
  p.state_hash, p.browser_hash, p.sealed_secrets, p.expired`,

  connectWithGrant: `
WITH written AS (
  INSERT INTO ${schema}.integration AS i (
    tenant_id, provider, name, id, status, connected_by, connected_at, scopes, fields, version, last_position
  )
  VALUES ($1, $2, 'default', $3, 'connected', $4, now(), $5, '{}', 1, pg_current_xact_id())
  ON CONFLICT (tenant_id, owner, provider, name) DO UPDATE SET
    status = 'connected', connected_by = excluded.connected_by, connected_at = excluded.connected_at,
    scopes = excluded.scopes, credential_id = NULL, version = i.version + 1,
    last_position = greatest(i.last_position, pg_current_xact_id())
  WHERE i.status <> 'connected'
  RETURNING i.*
), event AS (
  INSERT INTO ${schema}.outbox (tenant_id, id, integration_id, version, event, data, position, created_at)
  SELECT tenant_id, $6, id, version, 'integration.connected', jsonb_build_object(
    'integrationId', id, 'provider', provider, 'connectedBy', connected_by
  ), last_position, now()
  FROM written
), granted AS (
  INSERT INTO ${schema}.oauth_grant AS g (
    tenant_id, integration_id, id, sealed_access_token, sealed_refresh_token, token_type, expires_at, client_fingerprint
  )
  SELECT tenant_id, id, $7, $8, $9, $10, now() + $11::float8 * interval '1 second', $12 FROM written
  ON CONFLICT (tenant_id, integration_id) DO UPDATE SET
    id = excluded.id, sealed_access_token = excluded.sealed_access_token,
    sealed_refresh_token = excluded.sealed_refresh_token, token_type = excluded.token_type,
    expires_at = excluded.expires_at, client_fingerprint = excluded.client_fingerprint
)
SELECT id FROM written`,

  findCredential: `SELECT id FROM ${schema}.credential WHERE tenant_id = $1 AND owner = '' AND provider = $2 AND id = $3`,

  connectWithCredential: `
WITH written AS (
  INSERT INTO ${schema}.integration AS i (
    tenant_id, provider, name, id, status, connected_by, connected_at, scopes, credential_id, fields, version,
    last_position
  )
  VALUES ($1, $2, 'default', $3, 'connected', $4, now(), '{}', $5, '{}', 1, pg_current_xact_id())
  ON CONFLICT (tenant_id, owner, provider, name) DO UPDATE SET
    status = 'connected', connected_by = excluded.connected_by, connected_at = excluded.connected_at, scopes = '{}',
    credential_id = excluded.credential_id, version = i.version + 1,
    last_position = greatest(i.last_position, pg_current_xact_id())
  WHERE i.status <> 'connected'
  RETURNING i.*
), event AS (
  INSERT INTO ${schema}.outbox (tenant_id, id, integration_id, version, event, data, position, created_at)
  SELECT tenant_id, $6, id, version, 'integration.connected', jsonb_build_object(
    'integrationId', id, 'provider', provider, 'connectedBy', connected_by
  ), last_position, now()
  FROM written
), former_grant AS (
  DELETE FROM ${schema}.oauth_grant g USING written w WHERE g.tenant_id = w.tenant_id AND g.integration_id = w.id
)
SELECT id, connected_at FROM written`,

  list: `
SELECT id, provider, status, connected_by, connected_at, scopes FROM ${schema}.integration
WHERE tenant_id = $1 AND owner = '' ORDER BY provider, name`
})
