import { Pool } from "pg"

/** Who calls, with the same of its own in any case, however much there is of others. */
export const callingTenant = "org_0"
/** How many connections that tenant has, with those of its users. */
export const ofCallingTenant = 1_000
/** So many of its users call, and each has so many connections of the user's own. */
export const callingUsers = 20
export const ofEachUser = 20
/** How many the tenant itself has of the provider by OAuth2, and as many of the one by API key. */
const ofEachProvider = 60

/** Half of the others' connections belong to so many large tenants. */
const largeTenants = 20
const ofSmallTenant = 50
/** The names that an owner in a large tenant has of one provider. */
const ofEachOwner = 50
/** Rows of one `INSERT`. */
const batch = 100_000

/** In the order of their tenants: `i` counts each one's connections from 0. */
const smallTenants = (integrations: number): Part => ({
  from: `generate_series($1::int, $2::int) AS t, generate_series(0, ${ofSmallTenant - 1}) AS i`,
  tenant: "'org_' || lpad(t::text, 7, '0')",
  provider: `(t + i) % 100`,
  owner: "''",
  name: "'default'",
  tenants: Math.floor(integrations / ofSmallTenant),
  perBatch: Math.floor(batch / ofSmallTenant),
  perTenant: ofSmallTenant
})

const large = (integrations: number): Part => ({
  from: `generate_series($1::int, $2::int) AS t, generate_series(0, ${Math.floor(integrations / largeTenants) - 1}) AS i`,
  tenant: "'large_' || t",
  provider: "i % 100",
  owner: `CASE WHEN i / 100 < ${ofEachOwner} THEN '' ELSE 'user_' || i / 100 / ${ofEachOwner} END`,
  name: `'n-' || i / 100 % ${ofEachOwner}`,
  tenants: largeTenants,
  perBatch: Math.max(1, Math.floor((batch * largeTenants) / integrations)),
  perTenant: Math.floor(integrations / largeTenants)
})

interface Part {
  /** Rows of tenants `t`. */
  readonly from: string
  readonly tenant: string
  /** A number below 100: 0 is by OAuth2, 1 by API key; of the others nothing is configured. */
  readonly provider: string
  readonly owner: string
  readonly name: string
  readonly tenants: number
  readonly perTenant: number
  /** So many tenants for one `INSERT`. */
  readonly perBatch: number
}

/** As long as an envelope with a token in it, and with its head: version 1, and the key's id. */
const sealed = "('\\x0105'::bytea || 'bench'::bytea || decode(repeat('5a', 153), 'hex'))"

/** As ids are: a time, then chance. Those of one tenant are from many times. */
const ulid = (of: string): string => `upper(substr(translate(md5(${of}), 'ilou', 'wxyz'), 1, 26))`

const provider = "CASE p WHEN 0 THEN 'acme' WHEN 1 THEN 'beacon' ELSE 'provider-' || p END"

/** What each connection has, one after another: its key, its row, its grant, an event of each tenth, and of a few a flow. */
const statements = (
  schema: string,
  fingerprint: string,
  { from, name, owner, provider: p, tenant }: Part
) => {
  const rows = `
    SELECT tenant_id, owner, ${provider} AS provider, name, p, t, i, ${ulid("tenant_id || '/' || i")} AS ulid
    FROM (SELECT ${tenant} AS tenant_id, ${owner} AS owner, ${name} AS name, ${p} AS p, t, i FROM ${from}) AS part
    ORDER BY t, i`
  return [
    `INSERT INTO ${schema}.credential (tenant_id, owner, provider, id, status, created_by, created_at, connected_once, sealed_fields)
     SELECT tenant_id, owner, provider, 'crd_' || ulid, 'validated', 'user', now(), true, ${sealed}
     FROM (${rows}) AS r WHERE p = 1`,
    `INSERT INTO ${schema}.integration (
       tenant_id, owner, provider, name, id, status, connected_by, connected_at, scopes, credential_id, fields,
       account_id, account_label, grant_subject, client_fingerprint, number, version, last_position
     )
     SELECT tenant_id, owner, provider, name, 'int_' || ulid, 'connected', 'user', now(),
       CASE WHEN p = 1 THEN '{}'::text[] ELSE '{projects.read,projects.write}' END,
       CASE WHEN p = 1 THEN 'crd_' || ulid END, '{}',
       CASE WHEN p > 1 THEN ulid END, CASE WHEN p > 1 THEN name || ' of ' || tenant_id END,
       CASE WHEN p > 1 THEN ulid END, CASE WHEN p <> 1 THEN '${fingerprint}' END,
       CASE name WHEN 'default' THEN 1 ELSE substr(name, 3)::int + 1 END, 1, pg_current_xact_id()
     FROM (${rows}) AS r`,
    `INSERT INTO ${schema}.oauth_grant (
       tenant_id, integration_id, id, sealed_access_token, sealed_refresh_token, token_type, client_fingerprint,
       expires_at, refresh_due_at, renewed_at, tried_by
     )
     SELECT tenant_id, 'int_' || ulid, 'gnt_' || ulid, ${sealed}, ${sealed},
       'bearer', '${fingerprint}', due_at + interval '5 minutes', due_at,
       due_at - interval '55 minutes', 'version-of-43-characters-as-base64url-has-it'
     FROM (SELECT *, now() + (2 + random()) * interval '1 hour' AS due_at FROM (${rows}) AS r) AS r WHERE p <> 1`,
    `INSERT INTO ${schema}.outbox (tenant_id, id, integration_id, version, event, data, position, created_at)
     SELECT tenant_id, 'evt_' || ulid, 'int_' || ulid, 1, 'integration.connected', jsonb_build_object(
       'integrationId', 'int_' || ulid, 'provider', provider, 'name', name, 'owner', 'tenant', 'connectedBy', 'user'
     ), pg_current_xact_id(), now()
     FROM (${rows}) AS r WHERE i % 10 = 5`,
    `INSERT INTO ${schema}.flow (
       state_hash, status, tenant_id, user_id, provider, name, binding, redirect_url, redirect_uri, server, scopes, fields,
       reauthorizes, expires_at, browser_hash, sealed_secrets
     )
     SELECT sha256(ulid::bytea), 'pending', tenant_id, 'user', provider, name, 'cookie', 'https://app.example.com/settings',
       'https://app.example.com/v1/integrations/callback', '{}', '{}', '{}', false, now() + random() * interval '1 hour',
       sha256(ulid::bytea), ${sealed}
     FROM (${rows}) AS r WHERE i % 1000 = 7 AND t % 20 = 0`,
    `INSERT INTO ${schema}.barred_user (tenant_id, user_hash, reason)
     SELECT tenant_id, sha256(ulid::bytea), 'suspended' FROM (${rows}) AS r WHERE i % 1000 = 9 AND t % 20 = 0`
  ]
}

/** What the calling tenant has: as much as one may have of each provider, but for what is still to be connected. */
const calling: Part = {
  from: `generate_series($1::int, $2::int) AS t, generate_series(0, ${ofCallingTenant - 1}) AS i`,
  tenants: 1,
  perTenant: ofCallingTenant,
  perBatch: 1,
  tenant: `'${callingTenant}'`,
  ...(() => {
    const oauth = ofEachProvider
    const keys = oauth + ofEachProvider
    const users = keys + callingUsers * ofEachUser
    const perProvider = 10
    const cases = (acme: string, beacon: string, user: string, other: string): string =>
      `CASE WHEN i < ${oauth} THEN ${acme} WHEN i < ${keys} THEN ${beacon} WHEN i < ${users} THEN ${user} ELSE ${other} END`
    return {
      provider: cases("0", "1", "0", `2 + (i - ${users}) / ${perProvider}`),
      owner: cases("''", "''", `'user_' || (i - ${keys}) / ${ofEachUser}`, "''"),
      name: cases(
        "'n-' || i",
        `'n-' || i - ${oauth}`,
        `'n-' || (i - ${keys}) % ${ofEachUser}`,
        `'n-' || (i - ${users}) % ${perProvider}`
      )
    }
  })()
}

export interface Filling {
  /** Of the host's client, as the grants have it: one for all tenants. */
  readonly fingerprint: string
  readonly integrations: number
}

/** At once: what is inserted waits for the disk as often as for a core. */
const connections = 4

/** Fills a schema's tables, with the indexes that they have, so that those look as if their rows had come one by one. */
export const fill = async (
  databaseUrl: string,
  schema: string,
  { fingerprint, integrations }: Filling,
  progress: (text: string) => void
): Promise<void> => {
  const database = new Pool({
    connectionString: databaseUrl,
    max: connections,
    // Nobody waits for what is only being prepared. Whether the rows fit each other is not asked: they do.
    options: "-c synchronous_commit=off -c session_replication_role=replica"
  })
  let done = 0
  const insert = async (part: Part, from: number, to: number) => {
    for (const statement of statements(schema, fingerprint, part))
      await database.query(statement, [from, to])
    done += (to - from + 1) * part.perTenant
    progress(`${schema} has ${done.toLocaleString("en")} integrations`)
  }
  await insert(calling, 0, 0)
  const others = integrations - ofCallingTenant
  const batches = (others === 0 ? [] : [large(others / 2), smallTenants(others / 2)]).flatMap(
    (part) =>
      Array.from({ length: Math.ceil(part.tenants / part.perBatch) }, (_, at) => {
        const from = at * part.perBatch + 1
        return () => insert(part, from, Math.min(part.tenants, from + part.perBatch - 1))
      })
  )
  const work = async () => {
    for (let next = batches.shift(); next !== undefined; next = batches.shift()) await next()
  }
  await Promise.all(Array.from({ length: connections }, work))
  const tables = ["integration", "oauth_grant", "credential", "outbox", "flow", "barred_user"]
  await database.query(`VACUUM ANALYZE ${tables.map((table) => `${schema}.${table}`).join(", ")}`)
  await database.end()
}

/** Bytes of a schema's tables, with their indexes. */
export const sizeOf = async (database: Pool, schema: string): Promise<number> => {
  const { rows } = await database.query<{ readonly bytes: string }>(
    `SELECT sum(pg_total_relation_size(c.oid))::text AS bytes
     FROM pg_class c WHERE c.relnamespace = $1::regnamespace AND c.relkind = 'r'`,
    [schema]
  )
  return Number(rows[0]?.bytes)
}
