import type { Hawser } from "hawser"
import { Pool } from "pg"
import { makeEnvelope } from "./by-hand/envelope.ts"
import { makeHawser } from "./hawser.ts"
import { importGrants, tenantsOf, tokenOf } from "./grants.ts"
import { poolSize, type Settings } from "./settings.ts"
import { startWire } from "./wire.ts"

/** What reading fresh access tokens costs, one read after the other. */
export interface TokenReads {
  /** Microseconds a read, by round, of tokens that the process has read a moment ago. */
  readonly cached: ReadonlyArray<number>
  /** Microseconds a read, by round, of tokens that the process has never read. */
  readonly cold: ReadonlyArray<number>
  /** The same by hand: one `SELECT`, and the envelope opened. */
  readonly byHand: ReadonlyArray<number>
  /** Statements a read. */
  readonly cachedStatements: number
  readonly coldStatements: number
}

const selectGrant = (schema: string): string => `
SELECT g.id, g.sealed_access_token FROM ${schema}.integration i
JOIN ${schema}.oauth_grant g ON g.tenant_id = i.tenant_id AND g.integration_id = i.id
WHERE i.tenant_id = $1 AND i.owner = '' AND i.provider = $2 AND i.name = 'default' AND i.status = 'connected'
  AND g.ended_at IS NULL AND (g.expires_at IS NULL OR g.expires_at > now() + interval '5 minutes')`

/** Keeps no token: each read is a cold one. */
const startByHand = async (settings: Settings, tenants: ReadonlyArray<string>) => {
  const { databaseUrl, encryptionKey, schema } = settings
  const hawser = await makeHawser(settings, "off")
  await importGrants(hawser, tenants)
  await hawser.close()
  const pool = new Pool({ connectionString: databaseUrl, max: poolSize })
  const envelope = makeEnvelope(encryptionKey)
  const text = selectGrant(schema)
  const stored = await pool.query<{ readonly tenant_id: string; readonly id: string }>(
    `SELECT tenant_id, id FROM ${schema}.oauth_grant`
  )
  // Sealed as by hand: its envelopes are as Hawser's in kind, and not in their bytes.
  await pool.query(
    `UPDATE ${schema}.oauth_grant g SET sealed_access_token = s.sealed
     FROM unnest($1::text[], $2::bytea[]) AS s (id, sealed) WHERE g.id = s.id`,
    [
      stored.rows.map(({ id }) => id),
      stored.rows.map(({ id, tenant_id }) =>
        envelope.seal(tokenOf(tenant_id), [tenant_id, "acme", id, "access_token"])
      )
    ]
  )
  // The old rows are gone before anything is timed, as they are where nothing was sealed again.
  await pool.query(`VACUUM (FULL, ANALYZE) ${schema}.oauth_grant`)
  return {
    read: async (tenantId: string): Promise<string> => {
      const { rows } = await pool.query<{
        readonly id: string
        readonly sealed_access_token: Buffer
      }>({ name: "select-grant", text, values: [tenantId, "acme"] })
      const [grant] = rows
      if (grant === undefined) throw new Error("not connected")
      const context = [tenantId, "acme", grant.id, "access_token"]
      return envelope.open(grant.sealed_access_token, context)
    },
    close: () => pool.end()
  }
}

type Read = (tenantId: string) => Promise<string>

const readOf =
  (hawser: Hawser): Read =>
  async (tenantId) =>
    (await hawser.tenant(tenantId).connection("acme").token()).token

/** Microseconds a read, each tenant's read so many times in turn. */
const timeOf = async (
  read: Read,
  tenants: ReadonlyArray<string>,
  times: number
): Promise<number> => {
  const began = performance.now()
  for (let time = 0; time < times; time++) {
    for (const tenant of tenants) {
      const token = await read(tenant)
      if (token !== tokenOf(tenant)) throw new Error(`A wrong token: ${token}`)
    }
  }
  return ((performance.now() - began) * 1_000) / (tenants.length * times)
}

const countStatements = async (settings: Settings, tenants: ReadonlyArray<string>) => {
  const wire = await startWire(settings.databaseUrl)
  const hawser = await makeHawser({ ...settings, databaseUrl: wire.url }, "off")
  const before = wire.counts().statements
  await timeOf(readOf(hawser), tenants, 1)
  const between = wire.counts().statements
  await timeOf(readOf(hawser), tenants, 1)
  const after = wire.counts().statements
  await hawser.close()
  await wire.close()
  return {
    coldStatements: (between - before) / tenants.length,
    cachedStatements: (after - between) / tenants.length
  }
}

/** In each round other tenants, cold first and then once more from the process, by hand in between. */
export const measureTokens = async (
  settings: Settings,
  rounds: number,
  ofRound: number
): Promise<TokenReads> => {
  const hawser = await makeHawser(settings, "off")
  const tenants = tenantsOf((rounds + 1) * ofRound)
  await importGrants(hawser, tenants)
  const byHand = await startByHand({ ...settings, schema: `${settings.schema}_by_hand` }, tenants)
  const times: Record<"cached" | "cold" | "byHand", Array<number>> = {
    cached: [],
    cold: [],
    byHand: []
  }
  for (let round = 0; round <= rounds; round++) {
    const own = tenants.slice(round * ofRound, (round + 1) * ofRound)
    const cold = await timeOf(readOf(hawser), own, 1)
    const byHandTime = await timeOf(byHand.read, own, 1)
    const cached = await timeOf(readOf(hawser), own, 10)
    // The first is to warm up.
    if (round === 0) continue
    times.cold.push(cold)
    times.byHand.push(byHandTime)
    times.cached.push(cached)
  }
  await hawser.close()
  await byHand.close()
  return { ...times, ...(await countStatements(settings, tenants.slice(0, ofRound))) }
}
