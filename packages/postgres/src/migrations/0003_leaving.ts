import type { Migration } from "../Migration.ts"

/** What leaving and arriving need: the queue of revocations, erasure, and finding an account. */
export const leaving: Migration = {
  version: 3,
  name: "leaving",
  statements: ({ tablePrefix, tables: t }) => [
    `ALTER TABLE ${t.revocation}
  ALTER COLUMN integration_id DROP NOT NULL,
  ADD COLUMN account_id text,
  ADD COLUMN attempt integer NOT NULL DEFAULT 0,
  ADD COLUMN due_at timestamptz NOT NULL DEFAULT statement_timestamp()`,
    `CREATE INDEX ${tablePrefix}revocation_due ON ${t.revocation} (due_at)`,
    // Of those that are there nobody knows, so they count as used.
    `ALTER TABLE ${t.credential} ADD COLUMN connected_once boolean NOT NULL DEFAULT true`,
    `ALTER TABLE ${t.credential} ALTER COLUMN connected_once SET DEFAULT false`,
    `CREATE INDEX ${tablePrefix}credential_unused ON ${t.credential} (created_at) WHERE NOT connected_once`,
    // Those that are pending have one, and starting a flow must not pay for another.
    `CREATE INDEX ${tablePrefix}flow_finished ON ${t.flow} (tenant_id, user_id) WHERE status <> 'pending'`,
    `CREATE INDEX ${tablePrefix}integration_account ON ${t.integration} (provider, account_id)
  WHERE account_id IS NOT NULL OR status <> 'disconnected'`
  ]
}
