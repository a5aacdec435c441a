import type { Migration } from "../Migration.ts"

/** What one tenant at a time may be connected with, and the key that it is hashed under. */
export const held: Migration = {
  version: 4,
  name: "held",
  statements: ({ tablePrefix, tables: t }) => [
    `CREATE TABLE ${t.hashKey} (
  name text PRIMARY KEY CHECK (name = 'keyed_hash'),
  sealed_key bytea NOT NULL
)`,
    `ALTER TABLE ${t.oauthGrant} ADD COLUMN held_hash bytea`,
    // The one index of a tenant's rows that is of all tenants: it lets two of them hold nothing together.
    `CREATE UNIQUE INDEX ${tablePrefix}oauth_grant_held ON ${t.oauthGrant} (held_hash) WHERE held_hash IS NOT NULL`
  ]
}
