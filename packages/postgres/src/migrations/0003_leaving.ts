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
    `CREATE INDEX ${tablePrefix}integration_account ON ${t.integration} (provider, account_id)
  WHERE account_id IS NOT NULL OR status <> 'disconnected'`
  ]
}
