import type { Tables } from "./Namespace.ts"

/**
 * Puts grants `g` that are not kept into the queue of what is revoked. `source` is what follows FROM, with `g` and, for what
 * their integrations were, `i`. What a provider ended keeps its own fields.
 */
export const queueRevocations = (t: Tables, source: string): string =>
  `INSERT INTO ${t.revocation} (
    tenant_id, owner, provider, name, integration_id, id, sealed_access_token, sealed_refresh_token,
    client_fingerprint, fields, grant_subject, due_at, expires_at
  )
  SELECT g.tenant_id, i.owner, i.provider, i.name, g.integration_id, g.id, g.sealed_access_token, g.sealed_refresh_token,
    g.client_fingerprint, coalesce(g.ended_fields, i.fields), i.grant_subject, statement_timestamp(),
    statement_timestamp() + interval '24 hours'
  FROM ${source}
  ON CONFLICT (tenant_id, id) DO NOTHING`
