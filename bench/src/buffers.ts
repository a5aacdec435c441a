import { startContender } from "./ContenderProcess.ts"
import { makeHawser, startHawser } from "./hawser.ts"
import { type Operation, runRound, scenarios, type World } from "./scenarios.ts"
import type { Settings } from "./settings.ts"
import { startWire, type Wire } from "./wire.ts"

/** Pages that a request's statements touch, with 1,000 stored integrations and with many. */
export interface BufferCounts {
  readonly operation: string
  readonly few: number
  readonly many: number
}

/** Who calls has the same in any case, however much there is of others. */
const callingTenants = 20
const ofEachTenant = 50
/** Half of many integrations belong to so many large tenants. */
const largeTenants = 20

const few = callingTenants * ofEachTenant

/** A tenant's rows lie together; if they came over years, each may have a page of its own, in a small table too. */
const fill = async ({ database }: World, schema: string, integrations: number): Promise<void> => {
  const others = integrations - few
  const large = Math.floor(others / 2 / largeTenants)
  const small = callingTenants + Math.floor(others / 2 / ofEachTenant)
  const client = await database.connect()
  // Nobody waits for what is only being prepared.
  await client.query("SET synchronous_commit = off")
  await client.query(
    `INSERT INTO ${schema}.integration (
       tenant_id, provider, name, id, status, connected_by, connected_at, scopes, fields, version, last_position
     )
     SELECT tenant_id, 'provider-' || i, 'default', 'int_' || lpad(i::text, 26, '0'), 'connected', 'user', now(),
       '{projects.read,projects.write}', '{}', 1, pg_current_xact_id()
     FROM (
       SELECT 'org_' || t, i
       FROM generate_series(0, $1::int - 1) AS t, generate_series(1, ${ofEachTenant}) AS i
       UNION ALL
       SELECT 'large_' || t, i
       FROM generate_series(1, ${largeTenants}) AS t, generate_series(1, $2::int) AS i
     ) AS everything (tenant_id, i)
     ORDER BY tenant_id, i`,
    [small, large]
  )
  await client.query(
    `INSERT INTO ${schema}.oauth_grant (
       tenant_id, integration_id, id, sealed_access_token, sealed_refresh_token, token_type, client_fingerprint,
       expires_at, refresh_due_at
     )
     SELECT tenant_id, id, id, decode(repeat('5a', 160), 'hex'), decode(repeat('5a', 160), 'hex'), 'bearer',
       'fingerprint', due_at + interval '5 minutes', due_at
     FROM (
       SELECT *, now() + (1 + random()) * interval '1 hour' AS due_at
       FROM ${schema}.integration ORDER BY tenant_id, id
     ) AS i`
  )
  await client.query("RESET synchronous_commit")
  await client.query(`VACUUM ANALYZE ${schema}.integration, ${schema}.oauth_grant`)
  client.release()
}

const listOperation: Operation = {
  prepare: async ({ callers }, _contender, count) =>
    callers.slice(0, count).map(({ token }) => ({
      method: "GET",
      path: "/v1/integrations",
      headers: { authorization: `Bearer ${token}` }
    })),
  isRight: ({ body, status }) => status === 200 && body.includes(`"total":${ofEachTenant}`)
}

/** The list comes first, while each caller has what was filled in. */
const operations = [
  { name: "list", operation: listOperation },
  ...["connect-start", "callback", "API-key connect"].flatMap((wanted) =>
    scenarios.flatMap(({ contenders: { hawser }, name }) =>
      name === wanted && hawser !== undefined ? [{ name, operation: hawser }] : []
    )
  )
]

/** Has the server tell, statement by statement, what its executor touched, also for foreign keys. */
const explaining = [
  "session_preload_libraries = 'auto_explain'",
  "auto_explain.log_min_duration = 0",
  "auto_explain.log_analyze = on",
  "auto_explain.log_buffers = on",
  "auto_explain.log_timing = off",
  "auto_explain.log_nested_statements = on",
  "auto_explain.log_format = 'json'",
  "auto_explain.log_level = 'notice'"
]

const countWith = async (
  base: Settings,
  world: World,
  integrations: number
): Promise<ReadonlyArray<number>> => {
  const schema = `buffers_${integrations}`
  const settings: Settings = { ...base, contender: "hawser", mount: "node", schema }
  await (await startHawser(settings)).close()
  await fill(world, schema, integrations)
  for (const setting of explaining)
    await world.database.query(`ALTER DATABASE postgres SET ${setting}`)
  const wire = await startWire(settings.databaseUrl)
  const contender = await startContender({ ...settings, databaseUrl: wire.url })
  const counts = []
  for (const { name, operation } of operations) {
    let before = 0
    const counted: Operation = {
      ...operation,
      prepare: async (...given) => {
        const requests = await operation.prepare(...given)
        before = wire.counts().buffers
        return requests
      }
    }
    await runRound(name, counted, world, contender, { concurrency: 1, count: callingTenants })
    counts.push((wire.counts().buffers - before) / callingTenants)
  }
  await contender.close()
  counts.push(...(await countReads(settings, world, wire)))
  await wire.close()
  await world.database.query("ALTER DATABASE postgres RESET ALL")
  return counts
}

/** Of the grants that the callbacks brought, once they are no longer in the process that answered those. */
const countReads = async (
  settings: Settings,
  { callers, database }: World,
  wire: Wire
): Promise<ReadonlyArray<number>> => {
  const { schema } = settings
  const tenants = callers.slice(0, callingTenants).map(({ tenantId }) => tenantId)
  const hawser = await makeHawser({ ...settings, databaseUrl: wire.url }, "off")
  const before = wire.counts().buffers
  for (const tenantId of tenants) await hawser.tenant(tenantId).connection("acme").token()
  const read = wire.counts().buffers - before
  await database.query(
    `UPDATE ${schema}.oauth_grant g SET refresh_due_at = statement_timestamp()
     FROM ${schema}.integration i
     WHERE i.tenant_id = g.tenant_id AND i.id = g.integration_id AND i.provider = 'acme' AND i.tenant_id = ANY ($1)`,
    [tenants]
  )
  await hawser.tick()
  await hawser.close()
  const claimed = wire.buffersOf("WITH due AS MATERIALIZED")
  const taken = wire.buffersOf("WITH candidate AS MATERIALIZED")
  if (claimed === 0 || taken === 0) throw new Error("Nothing was claimed.")
  return [read, claimed, taken].map((buffers) => buffers / callingTenants)
}

/** What `countReads` counts. */
const reads = [
  "access token, first read",
  `keeper's claim of ${callingTenants} grants, for each`,
  "lease of a refresh"
]

/** Counts with 1,000 integrations, and with so many. */
export const countBuffers = async (
  base: Settings,
  world: World,
  many: number
): Promise<ReadonlyArray<BufferCounts>> => {
  const filled: World = { ...world, isFilled: true }
  const withFew = await countWith(base, filled, few)
  const withMany = await countWith(base, filled, many)
  const names = [...operations.map(({ name }) => name), ...reads]
  return names.map((operation, at) => ({
    operation,
    few: withFew[at] ?? Number.NaN,
    many: withMany[at] ?? Number.NaN
  }))
}
