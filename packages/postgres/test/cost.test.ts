import { expect, it } from "@effect/vitest"
import { PostgresStores } from "@hawser/postgres/effect"
import { Effect, Layer } from "effect"
import { SqlClient } from "effect/sql/SqlClient"
import { crossTenantStatements } from "../src/CrossTenantStatements.ts"
import { canonicalNamespace } from "../src/Namespace.ts"
import { tenantStatements } from "../src/TenantStatements.ts"
import { hash, sealed } from "./support/commands.ts"
import { clientOf, freshDatabase } from "./support/databases.ts"

const statements = {
  ...tenantStatements(canonicalNamespace.tables),
  ...crossTenantStatements(canonicalNamespace.tables)
}

const tenant = "tenant-7"
const key = [tenant, "github", "default"]
const terms = [
  tenant,
  "ann",
  "pagerduty",
  "default",
  "cookie",
  "https://a",
  "https://b",
  "{}",
  [],
  "{}",
  false,
  ""
]
const grant = [
  "gnt-new",
  sealed(),
  null,
  "bearer",
  3600,
  "client",
  "{}",
  null,
  null,
  false,
  3300,
  null,
  sealed(),
  null,
  null,
  null,
  null
]
/** The grant of one tenant, as every command on it names it. */
const grantOf = (n: number) => [`tenant-${n}`, `int-${n}`, `gnt-${n}`, 1]
const useOf = (n: number) => [`tenant-${n}`, "github", "default", `gnt-${n}`, 1]
const ended = ["evt-new", "system", "refresh_failed"]
const [leased, expired, due, quarantined, choosing, users] = [9, 10, 11, 12, 13, 14]
const day = 86_400_000
const imported = [
  "gnt-new",
  sealed(),
  null,
  "bearer",
  "client",
  3600,
  3000,
  sealed(),
  null,
  null,
  null
]
const fresh = { tenant_id: "tenant-8", id: "evt-fresh", delivered: true }

/** Every statement, on the rows of one tenant among many, as a request or a worker would send it. */
const measured: Record<keyof typeof statements, ReadonlyArray<unknown>> = {
  insertCredential: [
    tenant,
    "datadog",
    "crd-new",
    null,
    "unverified",
    "ann",
    sealed(),
    100,
    "",
    null,
    null,
    null,
    hash()
  ],
  findCredential: [tenant, "github", "crd-7", ""],
  connectWithCredential: [
    tenant,
    "github",
    "second",
    "int-new",
    "ann",
    "evt-new",
    "ann",
    "crd-7",
    "",
    hash()
  ],
  connectWithGrant: [
    tenant,
    "jira",
    "default",
    "int-new",
    "ann",
    "evt-new",
    "ann",
    [],
    ...grant,
    "",
    null,
    null,
    hash()
  ],
  disconnect: [...key, "evt-new", "ann", "user", "", hash()],
  findIntegration: [...key, ""],
  findIntegrationById: [tenant, "int-7"],
  findFreeNumber: [tenant, "", "github", "second"],
  findTwin: [tenant, "", "github", "default", "account", "{}", null],
  findGrant: [...key, ""],
  acquireGrant: [...key, "gnt-7", 1, "worker", 30_000, "version", ""],
  renewGrant: [
    ...grantOf(7),
    sealed(),
    sealed(),
    "bearer",
    3600,
    3300,
    ["repo"],
    "evt-new",
    "version",
    null,
    null,
    null,
    null,
    null
  ],
  deferGrant: [...grantOf(leased), "1", 1000, "misconfigured", false, "evt-new", "refresh_failed"],
  endGrant: [...grantOf(leased), "1", "refresh_failed", 7 * day, "version", ...ended],
  postponeGrant: [...grantOf(7), 1000],
  tellExpiry: [...grantOf(expired), "evt-new"],
  expireGrant: [...grantOf(expired), ...ended],
  noteWithdrawal: [...useOf(expired), true, "evt-new", "grant_revoked", ""],
  clearWithdrawal: [...useOf(expired), "evt-new", ""],
  markRevoked: [...key, 7 * day, "evt-new", "system", "revoked", ""],
  claimDueGrants: [20, 60_000],
  findQuarantined: [`tenant-${quarantined}`, "github"],
  findAllQuarantined: ["github"],
  restoreGrant: [`tenant-${quarantined}`, "github", "default", "evt-new", ""],
  findEndedUnderBrake: ["version"],
  releaseBrake: ["client"],
  findHashKey: [],
  keepHashKey: [sealed()],
  sweepQuarantine: [],
  listCredentials: [tenant, "github", null, null, null, ""],
  deleteCredential: [tenant, "github", "spare-7", ""],
  swapCredential: [...key, "spare-7", "", "account-7", null, null, hash()],
  listIntegrations: [tenant, null, null, null, null, null, null, [""], false, null, null],
  listIntegrationsOf: [tenant, null, "github", null, null, null, null, [""], false, null, null],
  startFlow: [...terms, hash(), null, null, 600_000, 20, 200, hash()],
  parkFlow: [...terms, hash(), hash(), sealed(), 120_000, "parked", hash()],
  burnFlow: [Buffer.from("pending-7")],
  findFlow: [Buffer.from("pending-7")],
  findParkedFlow: [Buffer.from("id-of-7")],
  takeParkedFlow: [Buffer.from("id-of-7")],
  abandonedChoices: [50],
  removeChoice: [Buffer.from(`id-of-${choosing}`)],
  sweepFlows: [],
  importWithGrant: [
    tenant,
    "jira",
    "default",
    "int-new",
    "ann",
    null,
    [],
    "{}",
    null,
    null,
    ...imported,
    "",
    null,
    null,
    hash(),
    hash()
  ],
  importWithCredential: [
    ...key.with(2, "second"),
    "int-new",
    "ann",
    null,
    "crd-new",
    null,
    sealed(),
    "",
    hash(),
    hash(),
    "account-new",
    null,
    null
  ],
  exportConnections: ["tenant-100", "github", "default", 20, ""],
  integrationsOfProvider: [
    "github",
    ["connected", "error"],
    "tenant-100",
    "default",
    20,
    "",
    '[["a scope that none has"]]'
  ],
  findByAccount: ["github", "nobody"],
  // Of another tenant: what is written and rolled back again lies in the way of the statements that follow.
  removeTenant: ["tenant-9"],
  barUser: ["tenant-9", hash(), "erased", 5_400_000],
  eraseUser: ["tenant-9", "ann", "erased"],
  suspendUser: [`tenant-${users}`, "bob", Buffer.from("suspended")],
  unbarUser: [`tenant-${users}`, Buffer.from("suspended")],
  resumeUser: [`tenant-${users}`, "bob"],
  findBarred: [tenant, Buffer.from("barred-7"), hash()],
  nextDue: [["idle", "behind", "holding"], day, day],
  sweepUnusedCredentials: [day],
  enqueueRevocation: [
    tenant,
    "gnt-late",
    "github",
    sealed(),
    null,
    "client",
    "{}",
    null,
    "",
    "default",
    "int-late",
    null,
    null
  ],
  postponeRevocation: [tenant, "gnt-left", 1000],
  removeRevocation: [tenant, "gnt-left"],
  claimRevocations: [20, 60_000],
  giveUpRevocations: [],
  subscribe: ["new", true],
  unsubscribe: ["idle"],
  claim: ["behind", 100, 60_000],
  settle: ["holding", "1", "4", JSON.stringify([fresh])],
  conclude: ["holding", tenant, fresh.id, 2, null],
  sweepEvents: [day]
}

/** How many rows a statement answers where it is not one. */
const answers: Readonly<Record<string, number>> = {
  unbarUser: 0,
  resumeUser: 0,
  findEndedUnderBrake: 0,
  releaseBrake: 0,
  enqueueRevocation: 0,
  exportConnections: 20,
  integrationsOfProvider: 20,
  findByAccount: 0,
  findTwin: 0,
  postponeRevocation: 0,
  removeRevocation: 0,
  removeChoice: 0,
  conclude: 0,
  subscribe: 0,
  unsubscribe: 0,
  keepHashKey: 0,
  listCredentials: 2
}

/** As many credentials, integrations, grants, flows and delivered events, each of a tenant of its own. */
const fill = Effect.fnUntraced(function* (from: number, to: number) {
  const sql = yield* SqlClient
  const insert = (table: string, columns: Readonly<Record<string, string>>, more = "") =>
    sql.unsafe(`INSERT INTO hawser.${table} (tenant_id, ${Object.keys(columns).join(", ")})
      SELECT 'tenant-' || n, ${Object.values(columns).join(", ")} FROM generate_series(${from}, ${to}) n${more}`)
  const credential = {
    provider: "'github'",
    status: "'validated'",
    created_by: "'ann'",
    created_at: "now()",
    connected_once: "true",
    sealed_fields: "''"
  }
  yield* insert("credential", { ...credential, id: "'spare-' || n" })
  yield* insert("credential", { ...credential, id: "'crd-' || n" })
  yield* insert("integration", {
    provider: "'github'",
    name: "'default'",
    id: "'int-' || n",
    status: "'connected'",
    connected_by: "'ann'",
    connected_at: "now()",
    scopes: "'{}'",
    credential_id: "'crd-' || n",
    fields: "'{}'",
    client_fingerprint: "''",
    version: "1",
    last_position: "'2'"
  })
  yield* insert("oauth_grant", {
    integration_id: "'int-' || n",
    id: "'gnt-' || n",
    sealed_access_token: "''",
    sealed_refresh_token: "''",
    token_type: "'bearer'",
    client_fingerprint: "''",
    issued_at: "now()"
  })
  yield* insert("outbox", {
    id: "'evt-' || n",
    integration_id: "'int-' || n",
    version: "1",
    event: "'integration.connected'",
    data: "'{}'",
    tx_id: "'2'",
    position: "'2'",
    created_at: "now()"
  })
  yield* insert(
    "flow",
    {
      state_hash: "(of.status || '-' || n)::bytea",
      status: "of.status",
      user_id: "'ann'",
      provider: "'github'",
      name: "'default'",
      binding: "'cookie'",
      redirect_url: "''",
      redirect_uri: "''",
      server: "'{}'",
      scopes: "'{}'",
      fields: "'{}'",
      reauthorizes: "false",
      expires_at: "now() + interval '10 minutes'",
      flow_id_hash: "of.flow_id",
      sealed_response: "of.response",
      response_expires_at: "CASE WHEN of.flow_id IS NOT NULL THEN now() END"
    },
    `,
      LATERAL (VALUES ('pending', NULL, NULL), ('parked', ('id-of-' || n)::bytea, ''::bytea)) AS of (status, flow_id, response)`
  )
  yield* insert("barred_user", {
    user_hash: "('barred-' || n)::bytea",
    reason: "'erased'",
    expires_at: "now() + interval '1 hour'"
  })
  yield* sql.unsafe("VACUUM ANALYZE")
})

/**
 * An autovacuum that comes by holds a snapshot, under which `VACUUM` leaves the rolled-back versions of rows where they are:
 * statements would then touch more pages than they do.
 */
const vacuumAlone = Effect.gen(function* () {
  const sql = yield* SqlClient
  for (const table of Object.values(canonicalNamespace.tables))
    yield* sql.unsafe(`ALTER TABLE ${table} SET (autovacuum_enabled = off)`)
})

/** One grant is leased, one cannot be refreshed and has expired, one is due, one waits in quarantine, and one is a user's. */
const refresh = Effect.gen(function* () {
  const sql = yield* SqlClient
  const set = (n: number, columns: string) =>
    sql.unsafe(`UPDATE hawser.oauth_grant SET ${columns} WHERE tenant_id = 'tenant-${n}'`)
  yield* set(
    leased,
    "lease_holder = 'worker', lease_deadline = now() + interval '1 day', fence = 1"
  )
  yield* set(expired, "sealed_refresh_token = NULL, expires_at = now(), challenged_at = now()")
  yield* set(due, "refresh_due_at = now()")
  yield* set(
    quarantined,
    `ended_at = now(), end_reason = 'refresh_failed', quarantined_until = now() + interval '1 day',
      ended_scopes = '{}', ended_fields = '{}'`
  )
  yield* sql.unsafe(`UPDATE hawser.integration SET status = 'disconnected', credential_id = NULL
    WHERE tenant_id = 'tenant-${quarantined}'`)
  yield* sql.unsafe(`UPDATE hawser.integration SET owner = 'bob', credential_id = NULL, suspended = true
    WHERE tenant_id = 'tenant-${users}'`)
  yield* sql.unsafe(`INSERT INTO hawser.barred_user (tenant_id, user_hash, reason)
    VALUES ('tenant-${users}', 'suspended', 'suspended')`)
})

/** One grant waits to be revoked, and one for too long; nobody shares their account. One choice is abandoned. */
const leave = Effect.gen(function* () {
  const sql = yield* SqlClient
  yield* sql`UPDATE hawser.flow SET status = 'choosing', response_expires_at = now()
    WHERE status = 'parked' AND tenant_id = ${`tenant-${choosing}`}`
  yield* sql`INSERT INTO hawser.revocation (
      tenant_id, id, provider, name, integration_id, sealed_access_token, client_fingerprint, fields, grant_subject,
      due_at, expires_at
    ) VALUES ('tenant-7', 'gnt-left', 'jira', 'default', 'int-left', '', '', '{}', 'account', now(), now() + interval '1 hour'),
      ('tenant-7', 'gnt-late-by-now', 'jira', 'default', 'int-late', '', '', '{}', 'account', now(), now())`
})

const keepKey = Effect.flatMap(
  SqlClient,
  (sql) => sql`INSERT INTO hawser.hash_key VALUES ('keyed_hash', '')`
)

/** One subscriber has everything; one has yet to claim the newest event; one holds it. */
const subscribe = Effect.gen(function* () {
  const sql = yield* SqlClient
  yield* sql`INSERT INTO hawser.outbox
    VALUES ('tenant-8', 'evt-fresh', 'int-8', 2, 'integration.disconnected', '{}', '4', '4', now())`
  yield* sql`INSERT INTO hawser.subscriber
    VALUES ('idle', '4', NULL, NULL, '1'), ('behind', '3', NULL, NULL, '1'), ('holding', '3', NULL, now(), '1')`
})

interface Explained {
  readonly "QUERY PLAN": ReadonlyArray<{
    readonly Plan: {
      readonly "Actual Rows": number
      readonly "Shared Hit Blocks": number
      readonly "Shared Read Blocks": number
    }
  }>
}

/** How many rows a statement answers, and how many pages it touches. What it writes is rolled back. */
const costOf = Effect.fnUntraced(function* (statement: string, parameters: ReadonlyArray<unknown>) {
  const sql = yield* SqlClient
  yield* sql`BEGIN`
  const [row] = yield* sql.unsafe<Explained>(
    `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${statement}`,
    parameters
  )
  yield* sql`ROLLBACK`
  const plan = row?.["QUERY PLAN"][0]?.Plan
  return {
    rows: plan?.["Actual Rows"],
    pages: (plan?.["Shared Hit Blocks"] ?? NaN) + (plan?.["Shared Read Blocks"] ?? NaN)
  }
})

/** The same of every statement, counted the second time: the first may still read the catalog. */
const pages = Effect.gen(function* () {
  const counted = new Map<string, number>()
  for (const [name, statement] of Object.entries(statements)) {
    const parameters = measured[name as keyof typeof measured]
    yield* costOf(statement, parameters)
    const { pages, rows } = yield* costOf(statement, parameters)
    // One that found nothing would seem cheaper than it is.
    expect([name, rows]).toStrictEqual([name, answers[name] ?? 1])
    counted.set(name, pages)
  }
  return counted
})

it.live(
  "the pages that a statement reads do not grow with the number of stored integrations",
  Effect.fnUntraced(function* () {
    const url = yield* freshDatabase
    yield* Effect.gen(function* () {
      yield* vacuumAlone
      yield* fill(1, 1_000)
      yield* subscribe
      yield* leave
      yield* keepKey
      yield* refresh
      const few = yield* pages
      yield* fill(1_001, 30_000)
      const many = yield* pages
      // An index grows by a level, and a search of it by a page. A row that is written enters every index of its table when
      // its page has no room left, and meets versions that were rolled back. Whoever reads a table reads hundreds.
      const grown = [...many].filter(([name, count]) => !(count <= 2 * (few.get(name) ?? 0) + 16))
      expect(grown).toStrictEqual([])
    }).pipe(
      Effect.provide(
        Layer.provideMerge(PostgresStores.layer(), clientOf(url, { maxConnections: 1 }))
      )
    )
  }),
  60_000
)
