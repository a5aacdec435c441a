import type { Migration } from "../Migration.ts"

/**
 * Instants are always `statement_timestamp()`: the database's clock, and in a long transaction of the host's not the
 * instant at which that began.
 *
 * The owner of what the tenant itself has is empty and not NULL: NULLs are apart in a key.
 */
export const initial: Migration = {
  version: 1,
  name: "initial",
  statements: ({ tablePrefix, tables: t }) => [
    `CREATE TABLE ${t.credential} (
  tenant_id text NOT NULL,
  owner text COLLATE "C" NOT NULL DEFAULT '',
  provider text COLLATE "C" NOT NULL,
  id text NOT NULL,
  label text,
  status text NOT NULL CHECK (status IN ('validated', 'unverified')),
  created_by text NOT NULL,
  created_at timestamptz NOT NULL,
  connected_once boolean NOT NULL DEFAULT false,
  sealed_fields bytea NOT NULL,
  account_id text,
  account_label text,
  account_issuer text,
  PRIMARY KEY (tenant_id, owner, provider, id)
)`,
    `CREATE INDEX ${tablePrefix}credential_unused ON ${t.credential} (created_at) WHERE NOT connected_once`,
    `CREATE TABLE ${t.integration} (
  tenant_id text NOT NULL,
  owner text COLLATE "C" NOT NULL DEFAULT '',
  provider text COLLATE "C" NOT NULL,
  name text COLLATE "C" NOT NULL,
  id text NOT NULL,
  status text NOT NULL CHECK (status IN ('connected', 'disconnected', 'error')),
  problem text,
  connected_by text NOT NULL,
  connected_at timestamptz NOT NULL,
  scopes text[] NOT NULL,
  credential_id text,
  fields jsonb NOT NULL,
  account_id text,
  account_label text,
  account_issuer text,
  grant_subject text,
  client_fingerprint text,
  version bigint NOT NULL,
  last_position xid8 NOT NULL,
  suspended boolean NOT NULL DEFAULT false,
  number smallint NOT NULL DEFAULT 1,
  PRIMARY KEY (tenant_id, owner, provider, name),
  UNIQUE (tenant_id, id),
  FOREIGN KEY (tenant_id, owner, provider, credential_id)
    REFERENCES ${t.credential} (tenant_id, owner, provider, id),
  CHECK (problem IS NULL OR status <> 'connected')
)`,
    `CREATE INDEX ${tablePrefix}integration_provider ON ${t.integration} (provider, tenant_id, owner, name)`,
    `CREATE INDEX ${tablePrefix}integration_account ON ${t.integration} (provider, account_id)
  WHERE account_id IS NOT NULL`,
    // The grant has the fingerprint too; here it stands beside the subject, so that who shares a consent is one search.
    `CREATE INDEX ${tablePrefix}integration_subject ON ${t.integration} (provider, client_fingerprint, grant_subject)
  WHERE client_fingerprint IS NOT NULL AND status <> 'disconnected'`,
    // Of an owner's connections to one provider, two are not to the same account: what lets one of two flows win.
    `CREATE UNIQUE INDEX ${tablePrefix}integration_twin ON ${t.integration}
  (tenant_id, owner, provider, account_id, coalesce(account_issuer, ''), md5(fields::text))
  WHERE account_id IS NOT NULL AND status <> 'disconnected'`,
    // An owner has as many connections to one provider as there are numbers: what lets no two of them take the last one.
    // The number leads, so that nothing but a search for it finds this index as good as the primary key: for a name it would read all
    // that the owner has.
    `CREATE UNIQUE INDEX ${tablePrefix}integration_number ON ${t.integration} (number, tenant_id, owner, provider)`,
    `CREATE TABLE ${t.oauthGrant} (
  tenant_id text NOT NULL,
  integration_id text NOT NULL,
  id text NOT NULL,
  generation bigint NOT NULL DEFAULT 1,
  sealed_access_token bytea NOT NULL,
  sealed_refresh_token bytea,
  sealed_dpop_key bytea,
  token_type text NOT NULL,
  client_fingerprint text NOT NULL,
  held_hash bytea,
  issued_at timestamptz NOT NULL DEFAULT statement_timestamp(),
  expires_at timestamptz,
  expiry_told boolean NOT NULL DEFAULT false,
  challenged_at timestamptz,
  refresh_expires_at timestamptz,
  refresh_notice_at timestamptz,
  refresh_due_at timestamptz,
  renewed_at timestamptz,
  refused_at timestamptz,
  tried_by text,
  lease_holder text,
  lease_deadline timestamptz,
  fence bigint NOT NULL DEFAULT 0,
  sent_at timestamptz,
  interrupted boolean NOT NULL DEFAULT false,
  failures integer NOT NULL DEFAULT 0,
  retry_at timestamptz,
  refresh_problem text,
  ended_at timestamptz,
  end_reason text,
  quarantined_until timestamptz,
  ended_scopes text[],
  ended_fields jsonb,
  PRIMARY KEY (tenant_id, integration_id),
  FOREIGN KEY (tenant_id, integration_id) REFERENCES ${t.integration} (tenant_id, id),
  CHECK (num_nonnulls(ended_at, end_reason, quarantined_until, ended_scopes, ended_fields) IN (0, 5)),
  CHECK (ended_at IS NULL OR num_nonnulls(refresh_due_at, lease_holder, lease_deadline, sent_at) = 0),
  CHECK (num_nonnulls(lease_holder, lease_deadline) IN (0, 2)),
  CHECK (num_nonnulls(retry_at, refresh_problem) IN (0, 2))
)`,
    `CREATE INDEX ${tablePrefix}oauth_grant_due ON ${t.oauthGrant} (refresh_due_at) WHERE refresh_due_at IS NOT NULL`,
    `CREATE INDEX ${tablePrefix}oauth_grant_renewed ON ${t.oauthGrant} (tried_by, renewed_at)
  WHERE renewed_at IS NOT NULL`,
    `CREATE INDEX ${tablePrefix}oauth_grant_refused ON ${t.oauthGrant} (tried_by, refused_at)
  WHERE refused_at IS NOT NULL`,
    `CREATE INDEX ${tablePrefix}oauth_grant_kept ON ${t.oauthGrant} (quarantined_until)
  WHERE quarantined_until IS NOT NULL`,
    // The one index of a tenant's rows that is of all tenants: it lets two of them hold nothing together.
    `CREATE UNIQUE INDEX ${tablePrefix}oauth_grant_held ON ${t.oauthGrant} (held_hash) WHERE held_hash IS NOT NULL`,
    `CREATE TABLE ${t.hashKey} (
  name text PRIMARY KEY CHECK (name = 'keyed_hash'),
  sealed_key bytea NOT NULL
)`,
    `CREATE TABLE ${t.refreshBrake} (
  client_version text PRIMARY KEY,
  client_fingerprint text NOT NULL,
  since timestamptz NOT NULL,
  next_probe_at timestamptz NOT NULL,
  succeeded text[] NOT NULL DEFAULT '{}',
  released_at timestamptz
)`,
    `CREATE TABLE ${t.revocation} (
  tenant_id text NOT NULL,
  owner text COLLATE "C" NOT NULL DEFAULT '',
  provider text NOT NULL,
  name text COLLATE "C" NOT NULL,
  integration_id text NOT NULL,
  id text NOT NULL,
  sealed_access_token bytea NOT NULL,
  sealed_refresh_token bytea,
  client_fingerprint text NOT NULL,
  fields jsonb NOT NULL,
  grant_subject text,
  account_issuer text,
  accounts text[],
  attempt integer NOT NULL DEFAULT 0,
  due_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id)
)`,
    `CREATE INDEX ${tablePrefix}revocation_due ON ${t.revocation} (due_at)`,
    `CREATE INDEX ${tablePrefix}revocation_expiry ON ${t.revocation} (expires_at)`,
    `CREATE TABLE ${t.flow} (
  state_hash bytea PRIMARY KEY,
  status text NOT NULL CHECK (status IN ('pending', 'parked', 'confirming', 'choosing', 'consumed')),
  tenant_id text NOT NULL,
  owner text COLLATE "C" NOT NULL DEFAULT '',
  user_id text NOT NULL,
  provider text NOT NULL,
  name text NOT NULL,
  binding text NOT NULL,
  redirect_url text NOT NULL,
  redirect_uri text NOT NULL,
  server jsonb NOT NULL,
  scopes text[] NOT NULL,
  fields jsonb NOT NULL,
  reauthorizes boolean NOT NULL,
  expires_at timestamptz NOT NULL,
  browser_hash bytea,
  sealed_secrets bytea,
  flow_id_hash bytea UNIQUE,
  sealed_response bytea,
  response_expires_at timestamptz,
  CHECK (status = 'pending' OR num_nonnulls(browser_hash, sealed_secrets) = 0),
  CHECK (num_nonnulls(flow_id_hash, sealed_response, response_expires_at)
    = CASE WHEN status IN ('pending', 'consumed') THEN 0 ELSE 3 END)
)`,
    // A flow waits until its response's end once it is parked, and until its own before.
    `CREATE INDEX ${tablePrefix}flow_user ON ${t.flow} (tenant_id, user_id, coalesce(response_expires_at, expires_at))
  WHERE status <> 'consumed'`,
    `CREATE INDEX ${tablePrefix}flow_tenant ON ${t.flow} (tenant_id, coalesce(response_expires_at, expires_at))
  WHERE status <> 'consumed'`,
    // Those that are pending have one, and starting a flow must not pay for another.
    `CREATE INDEX ${tablePrefix}flow_finished ON ${t.flow} (tenant_id, user_id) WHERE status <> 'pending'`,
    `CREATE INDEX ${tablePrefix}flow_choosing ON ${t.flow} (response_expires_at) WHERE status = 'choosing'`,
    `CREATE INDEX ${tablePrefix}flow_expiry ON ${t.flow} (expires_at)`,
    `CREATE TABLE ${t.barredUser} (
  tenant_id text NOT NULL,
  user_hash bytea NOT NULL,
  reason text NOT NULL CHECK (reason IN ('erased', 'suspended')),
  expires_at timestamptz,
  PRIMARY KEY (tenant_id, user_hash),
  CHECK ((expires_at IS NULL) = (reason = 'suspended'))
)`,
    `CREATE INDEX ${tablePrefix}barred_user_expiry ON ${t.barredUser} (expires_at)`,
    `CREATE TABLE ${t.userFence} (
  fence integer PRIMARY KEY,
  changes bigint NOT NULL DEFAULT 0
)`,
    `INSERT INTO ${t.userFence} (fence) SELECT * FROM generate_series(0, 15)`,
    `CREATE TABLE ${t.outbox} (
  tenant_id text NOT NULL,
  id text NOT NULL,
  integration_id text NOT NULL,
  version bigint NOT NULL,
  event text NOT NULL,
  data jsonb NOT NULL,
  tx_id xid8 NOT NULL DEFAULT pg_current_xact_id(),
  position xid8 NOT NULL CHECK (position >= tx_id),
  created_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, integration_id, version)
)`,
    `CREATE INDEX ${tablePrefix}outbox_position ON ${t.outbox} (position)`,
    `CREATE INDEX ${tablePrefix}outbox_age ON ${t.outbox} (created_at)`,
    `CREATE TABLE ${t.subscriber} (
  name text PRIMARY KEY,
  cursor xid8 NOT NULL,
  since pg_snapshot,
  lease_until timestamptz,
  fence xid8 NOT NULL
)`,
    `CREATE TABLE ${t.deliveryRetry} (
  tenant_id text NOT NULL,
  integration_id text NOT NULL,
  version bigint NOT NULL,
  subscriber text NOT NULL REFERENCES ${t.subscriber} (name) ON DELETE CASCADE,
  attempt integer NOT NULL,
  due_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, integration_id, version, subscriber),
  FOREIGN KEY (tenant_id, integration_id, version)
    REFERENCES ${t.outbox} (tenant_id, integration_id, version)
)`,
    `CREATE INDEX ${tablePrefix}delivery_retry_due ON ${t.deliveryRetry} (subscriber, due_at)`
  ]
}
