import type { Migration } from "../Migration.ts"

/**
 * Instants are always `statement_timestamp()`: the database's clock, and in a long transaction of the host's not the
 * instant at which that began.
 */
export const initial: Migration = {
  version: 1,
  name: "initial",
  statements: ({ tablePrefix, tables: t }) => [
    `CREATE TABLE ${t.credential} (
  tenant_id text NOT NULL,
  provider text COLLATE "C" NOT NULL,
  id text NOT NULL,
  label text,
  status text NOT NULL CHECK (status IN ('validated', 'unverified')),
  created_by text NOT NULL,
  created_at timestamptz NOT NULL,
  sealed_fields bytea NOT NULL,
  PRIMARY KEY (tenant_id, provider, id)
)`,
    `CREATE TABLE ${t.integration} (
  tenant_id text NOT NULL,
  provider text COLLATE "C" NOT NULL,
  connection text COLLATE "C" NOT NULL,
  id text NOT NULL,
  status text NOT NULL CHECK (status IN ('connected', 'disconnected', 'error')),
  connected_by text NOT NULL,
  connected_at timestamptz NOT NULL,
  scopes text[] NOT NULL,
  credential_id text,
  fields jsonb NOT NULL,
  account_id text,
  account_label text,
  version bigint NOT NULL,
  last_position xid8 NOT NULL,
  PRIMARY KEY (tenant_id, provider, connection),
  UNIQUE (tenant_id, id),
  FOREIGN KEY (tenant_id, provider, credential_id) REFERENCES ${t.credential} (tenant_id, provider, id)
)`,
    `CREATE TABLE ${t.oauthGrant} (
  tenant_id text NOT NULL,
  integration_id text NOT NULL,
  id text NOT NULL,
  sealed_access_token bytea NOT NULL,
  sealed_refresh_token bytea,
  token_type text NOT NULL,
  expires_at timestamptz,
  client_fingerprint text NOT NULL,
  sealed_dpop_key bytea,
  PRIMARY KEY (tenant_id, integration_id),
  FOREIGN KEY (tenant_id, integration_id) REFERENCES ${t.integration} (tenant_id, id)
)`,
    `CREATE TABLE ${t.revocation} (
  tenant_id text NOT NULL,
  id text NOT NULL,
  provider text NOT NULL,
  integration_id text NOT NULL,
  sealed_access_token bytea NOT NULL,
  sealed_refresh_token bytea,
  client_fingerprint text NOT NULL,
  fields jsonb NOT NULL,
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id)
)`,
    `CREATE INDEX ${tablePrefix}revocation_expiry ON ${t.revocation} (expires_at)`,
    `CREATE TABLE ${t.flow} (
  state_hash bytea PRIMARY KEY,
  status text NOT NULL CHECK (status IN ('pending', 'parked', 'consumed')),
  tenant_id text NOT NULL,
  user_id text NOT NULL,
  provider text NOT NULL,
  connection text NOT NULL,
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
    = CASE WHEN status = 'parked' THEN 3 ELSE 0 END)
)`,
    // A flow waits until its response's end once it is parked, and until its own before.
    `CREATE INDEX ${tablePrefix}flow_user ON ${t.flow} (tenant_id, user_id, coalesce(response_expires_at, expires_at))
  WHERE status <> 'consumed'`,
    `CREATE INDEX ${tablePrefix}flow_tenant ON ${t.flow} (tenant_id, coalesce(response_expires_at, expires_at))
  WHERE status <> 'consumed'`,
    `CREATE INDEX ${tablePrefix}flow_expiry ON ${t.flow} (expires_at)`,
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
