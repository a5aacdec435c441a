import type { Migration } from "../Migration.ts"

/** What refreshing grants needs: leases, the keeper's queue, and what a provider ended and may be restored. */
export const refreshing: Migration = {
  version: 2,
  name: "refreshing",
  statements: ({ tablePrefix, tables: t }) => [
    `ALTER TABLE ${t.integration}
  ADD COLUMN problem text,
  ADD CHECK (problem IS NULL OR status <> 'connected')`,
    // When a stored grant was issued is not known: its lifetime counts from now.
    `ALTER TABLE ${t.oauthGrant}
  ADD COLUMN generation bigint NOT NULL DEFAULT 1,
  ADD COLUMN issued_at timestamptz NOT NULL DEFAULT statement_timestamp(),
  ADD COLUMN refresh_due_at timestamptz,
  ADD COLUMN lease_owner text,
  ADD COLUMN lease_deadline timestamptz,
  ADD COLUMN fence bigint NOT NULL DEFAULT 0,
  ADD COLUMN sent_at timestamptz,
  ADD COLUMN interrupted boolean NOT NULL DEFAULT false,
  ADD COLUMN failures integer NOT NULL DEFAULT 0,
  ADD COLUMN retry_at timestamptz,
  ADD COLUMN refresh_problem text,
  ADD COLUMN renewed_at timestamptz,
  ADD COLUMN refused_at timestamptz,
  ADD COLUMN tried_by text,
  ADD COLUMN expiry_told boolean NOT NULL DEFAULT false,
  ADD COLUMN ended_at timestamptz,
  ADD COLUMN end_reason text,
  ADD COLUMN quarantined_until timestamptz,
  ADD COLUMN ended_scopes text[],
  ADD COLUMN ended_fields jsonb,
  ADD CHECK (num_nonnulls(ended_at, end_reason, quarantined_until, ended_scopes, ended_fields) IN (0, 5)),
  ADD CHECK (ended_at IS NULL OR num_nonnulls(refresh_due_at, lease_owner, lease_deadline, sent_at) = 0),
  ADD CHECK (num_nonnulls(lease_owner, lease_deadline) IN (0, 2)),
  ADD CHECK (num_nonnulls(retry_at, refresh_problem) IN (0, 2))`,
    // As core would have it due: 5 minutes before its end, 7 days where it cannot be refreshed, at most half of its life.
    `UPDATE ${t.oauthGrant} SET refresh_due_at = greatest(
  statement_timestamp(),
  expires_at - least(
    CASE WHEN sealed_refresh_token IS NULL THEN interval '7 days' ELSE interval '5 minutes' END,
    (expires_at - statement_timestamp()) / 2
  )
)
WHERE expires_at IS NOT NULL`,
    `CREATE INDEX ${tablePrefix}oauth_grant_due ON ${t.oauthGrant} (refresh_due_at) WHERE refresh_due_at IS NOT NULL`,
    `CREATE INDEX ${tablePrefix}oauth_grant_renewed ON ${t.oauthGrant} (tried_by, renewed_at)
  WHERE renewed_at IS NOT NULL`,
    `CREATE INDEX ${tablePrefix}oauth_grant_refused ON ${t.oauthGrant} (tried_by, refused_at)
  WHERE refused_at IS NOT NULL`,
    `CREATE INDEX ${tablePrefix}oauth_grant_kept ON ${t.oauthGrant} (quarantined_until)
  WHERE quarantined_until IS NOT NULL`,
    `CREATE TABLE ${t.refreshBrake} (
  client_version text PRIMARY KEY,
  client_fingerprint text NOT NULL,
  since timestamptz NOT NULL,
  next_probe_at timestamptz NOT NULL,
  succeeded text[] NOT NULL DEFAULT '{}',
  released_at timestamptz
)`
  ]
}
