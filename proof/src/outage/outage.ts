import { setTimeout as sleep } from "node:timers/promises"
import type { Hawser } from "hawser"
import { query } from "../../../test-support/postgres-query.ts"
import type { PostgresServer } from "../../../test-support/postgres-server.ts"
import { startRotatingServer } from "../../../test-support/rotating-server.ts"
import { createDatabase } from "../database.ts"
import { connectTenant, consent, newEncryptionKey, providerId, silent, startHost } from "../host.ts"

export interface OutageOptions {
  readonly outages: number
  /** Callers that read tokens, each of random tenants. */
  readonly readers: number
  /** Callers that connect one new tenant after another. */
  readonly connectors: number
  /** Tenants that are connected before. */
  readonly tenants: number
}

export interface OutageResult {
  readonly reads: number
  /** What readers were told where they got no token, by code. */
  readonly readErrors: Readonly<Record<string, number>>
  /** Tokens that the provider would not have taken any more. */
  readonly deadTokens: number
  /** What connects ended as: the callback's status, or the code or HTTP status if there was none. */
  readonly connects: Readonly<Record<string, number>>
  /** Tenants who were told that they are connected, and are not, or of whom not exactly one event tells. */
  readonly lost: number
  /** Tenants who are connected with no event, or with several, or not connected with one, whatever they were told. */
  readonly halfWritten: number
  readonly refreshes: number
  readonly reuses: number
}

const codeOf = (error: unknown): string => String((error as { code?: unknown }).code ?? error)

/** Connects a new tenant: what its browser was told in the end. */
const connect = async (hawser: Hawser, tenantId: string): Promise<string> => {
  try {
    const { cookie, url } = await consent(hawser, tenantId)
    const answer = await hawser.handler(new Request(url, { headers: { cookie } }))
    const location = answer.headers.get("location")
    return location === null
      ? String(answer.status)
      : (new URL(location).searchParams.get("status") ?? "")
  } catch (error) {
    return codeOf(error)
  }
}

/** The database is ended and started again, several times, while callers read and connect. */
export const outage = async (
  database: PostgresServer,
  { connectors, outages, readers, tenants }: OutageOptions
): Promise<OutageResult> => {
  const server = await startRotatingServer({ lifetime: 16, latencyMs: 20 })
  const databaseUrl = await createDatabase(database.url, "outage")
  const { clientId, clientSecret, origin } = server
  const hawser = await startHost(
    {
      databaseUrl,
      encryptionKey: newEncryptionKey(),
      server: { origin, clientId, clientSecret }
    },
    { logger: silent }
  )
  try {
    const known = Array.from({ length: tenants }, (_, index) => `known-${index}`)
    for (const tenant of known) await connectTenant(hawser, tenant)

    const over = new AbortController()
    const readErrors: Record<string, number> = {}
    const connects: Record<string, number> = {}
    const outcomes = new Map<string, string>()
    let reads = 0
    let deadTokens = 0

    const read = async () => {
      while (!over.signal.aborted) {
        const tenantId = known[Math.floor(Math.random() * known.length)] ?? ""
        reads++
        try {
          const token = await hawser.tenant(tenantId).connection(providerId).token()
          if (!server.isAlive(token.token)) deadTokens++
        } catch (error) {
          count(readErrors, codeOf(error))
        }
        await sleep(10 + Math.random() * 40)
      }
    }
    const connectMany = async (_: unknown, caller: number) => {
      for (let index = 0; !over.signal.aborted; index++) {
        const tenantId = `new-${caller}-${index}`
        const outcome = await connect(hawser, tenantId)
        outcomes.set(tenantId, outcome)
        count(connects, outcome)
        await sleep(20)
      }
    }
    const callers = [
      ...Array.from({ length: readers }, read),
      ...Array.from({ length: connectors }, connectMany)
    ]
    for (let index = 0; index < outages; index++) {
      await sleep(3_000)
      await database.crash()
      await sleep(1_500)
      await database.resume()
    }
    await sleep(3_000)
    over.abort()
    await Promise.all(callers)

    const found = await connections(databaseUrl)
    const isWhole = (tenantId: string) => {
      const connection = found.get(tenantId)
      return connection?.status === "connected" && connection.events === 1
    }
    return {
      reads,
      readErrors,
      deadTokens,
      connects,
      lost: [...outcomes].filter(([tenant, end]) => end === "connected" && !isWhole(tenant)).length,
      halfWritten: [...found.keys()].filter((tenant) => !isWhole(tenant)).length,
      refreshes: server.refreshes(),
      reuses: server.reuses()
    }
  } finally {
    await hawser.close()
    await server.close()
  }
}

const count = (counts: Record<string, number>, name: string): void => {
  counts[name] = (counts[name] ?? 0) + 1
}

interface Connection {
  readonly status: string
  /** How many events tell that it was connected. */
  readonly events: number
}

const connections = async (url: string): Promise<ReadonlyMap<string, Connection>> => {
  const rows = await query<Connection & { tenant_id: string }>(
    url,
    `SELECT i.tenant_id, i.status, (SELECT count(*)::int FROM hawser.outbox o
  WHERE o.tenant_id = i.tenant_id AND o.event = 'integration.connected') AS events FROM hawser.integration i`
  )
  return new Map(rows.map((row) => [row.tenant_id, row]))
}
