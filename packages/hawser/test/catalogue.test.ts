import {
  type ApiKeyFacts,
  type CatalogueId,
  catalogueIds,
  factsOf,
  type OAuth2Facts
} from "@hawser/testing/facts"
import { type IntegrationEvent, postgres } from "hawser"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { chosenProviders, seed } from "../../../test-support/chosen-providers.ts"
import { createDatabase } from "../../../test-support/postgres.ts"
import { query } from "../../../test-support/postgres-query.ts"
import { eventually } from "./support/flow.ts"
import {
  connectSimulated,
  type SimulatedHost,
  startSimulatedHost
} from "./support/simulatedHost.ts"

/** One host with the whole catalogue, one simulator, one database; each provider has a tenant of its name. */
let database: Awaited<ReturnType<typeof createDatabase>>
let host: SimulatedHost
const heard: Array<IntegrationEvent> = []

beforeAll(async () => {
  database = await createDatabase()
  host = await startSimulatedHost(postgres({ url: database.url }), catalogueIds)
  const { hawser } = host
  await hawser.on(
    "integration.connected",
    { as: "connected" },
    ({ event }) => void heard.push(event)
  )
  await hawser.on(
    "integration.disconnected",
    { as: "disconnected" },
    ({ event }) => void heard.push(event)
  )
})
afterAll(async () => {
  await host.close()
  await database.drop()
})

/** A call of the contract by the tenant's admin; its answer's body. */
const call = async (
  status: number,
  method: string,
  id: string,
  body?: object
): Promise<Readonly<Record<string, unknown>>> => {
  const [verb = "", path = ""] = method.split(" ")
  const answer = await host.call(verb, `/${id}${path}`, { as: { tenant: id }, body })
  const text = await answer.text()
  expect([answer.status, text]).toEqual([status, text])
  return text === "" ? {} : (JSON.parse(text) as Readonly<Record<string, unknown>>)
}

const api = (id: string) => host.hawser.tenant(id).connection(id).fetch("/probe")

const tokenOf = async (id: string) => (await host.hawser.tenant(id).connection(id).token()).token

/** The vendor's clock is the simulator's. A server's cannot be moved: what it has stored moves back instead. */
const pass = async (id: string, seconds: number): Promise<void> => {
  host.simulator.advance(seconds)
  const columns = ["issued_at", "expires_at", "refresh_due_at", "renewed_at"]
  const older = columns.map((one) => `${one} = ${one} - interval '${seconds} seconds'`)
  await query(
    database.url,
    `UPDATE hawser.oauth_grant SET ${older.join(", ")} WHERE tenant_id = '${id}'`
  )
}

const disconnect = async (id: string): Promise<void> => {
  const { hawser } = host
  await call(204, "DELETE", id)
  const ofTenant = () => heard.filter(({ tenantId }) => tenantId === id)
  // What other databases of the server do may hold an event back for a moment.
  await eventually("both events", async () => {
    await hawser.tick()
    return ofTenant().length === 2
  })
  expect(Object.fromEntries(ofTenant().map(({ data, event }) => [event, data]))).toMatchObject({
    "integration.connected": { provider: id, connectedBy: "ada" },
    "integration.disconnected": { provider: id, reason: "user" }
  })
}

/** What the vendor would not have taken. */
const complaints = (id: string) =>
  host.simulator.violations.filter(({ provider }) => provider === id)

const oauth2Life = async (id: CatalogueId, facts: OAuth2Facts): Promise<void> => {
  const { simulator } = host
  const told = await connectSimulated(host, id, { tenant: id })
  expect(told).toMatchObject({ status: "connected", provider: id })
  const named = facts.defaultScopes.filter((scope) => facts.unnamedScopes?.includes(scope) !== true)
  expect(await call(200, "GET", id)).toMatchObject({
    status: "connected",
    scopes: expect.arrayContaining(named) as unknown,
    missingScopes: [],
    ...(facts.account?.label !== undefined && { accountLabel: facts.account.label })
  })

  expect(simulator.liveTokens(id)).toContain(await tokenOf(id))
  if (facts.api !== undefined) expect((await api(id)).status).toBe(200)
  if (facts.check !== undefined)
    expect(await call(200, "POST /test", id)).toMatchObject({ status: "ok" })
  if (facts.refresh !== null) await refreshes(id, facts, facts.refresh)
  const last = await tokenOf(id)

  await disconnect(id)
  await expect(tokenOf(id)).rejects.toMatchObject({ code: "not_connected" })
  expect(complaints(id)).toEqual([])
  const { revocation } = facts
  if (revocation === null || revocation.ends === "none") {
    expect(simulator.count(id, "revocation")).toBe(0)
    return
  }
  const live = simulator.liveTokens(id)
  // A vendor that takes no refresh tokens there ends none by it.
  if (revocation.tokens === "access_token" && revocation.ends === "token")
    expect(live).not.toContain(last)
  else expect(live).toEqual([])
}

const refreshes = async (
  id: string,
  facts: OAuth2Facts,
  refresh: NonNullable<OAuth2Facts["refresh"]>
): Promise<void> => {
  const { simulator } = host
  const before = simulator.count(id, "refresh")
  const count = () => simulator.count(id, "refresh") - before
  const first = await tokenOf(id)
  const lifetime =
    facts.authKind === "github_app"
      ? refresh.lifetime
      : (facts.tokenExchange ?? facts.token).lifetime

  if (lifetime !== null) {
    // The keeper renews it in time, and this process still has the old one when that ends.
    await pass(id, lifetime - 10)
    await host.hawser.tick()
    expect(count()).toBe(1)
    simulator.advance(10)
  }
  if (facts.api === undefined) return
  if (lifetime !== null) {
    expect((await api(id)).status).toBe(200)
    expect(count()).toBe(1)
    expect(await tokenOf(id)).not.toBe(first)
  }

  // The API refuses a token before its time. It is refreshed with what the refresh before it has brought.
  const done = count()
  const old = await tokenOf(id)
  if (refresh.lifetime === null || refresh.uses === "access_token")
    simulator.failNext(id, "api", { kind: "status", status: 401 })
  else simulator.advance(refresh.lifetime)
  expect((await api(id)).status).toBe(200)
  expect(count()).toBe(done + 1)
  expect(await tokenOf(id)).not.toBe(old)
  expect(simulator.liveTokens(id)).toContain(await tokenOf(id))
}

const apiKeyLife = async (id: string, facts: ApiKeyFacts): Promise<void> => {
  const { simulator } = host
  const credentials = simulator.fields(id)
  const isAsked = facts.check !== undefined || facts.clientCredentials !== undefined
  const { credentialId, status } = await call(201, "POST /credentials", id, { credentials })
  expect(status).toBe(isAsked ? "validated" : "unverified")
  if (facts.check !== undefined) expect(simulator.count(id, "check")).toBe(1)

  const connection = await call(200, "POST /connect", id, { credentialId })
  expect(connection).toMatchObject({ status: "connected", provider: id })
  expect(await call(200, "POST /test", id)).toMatchObject(
    isAsked ? { status: "ok" } : { status: "failed", reason: "not_supported" }
  )
  expect((await api(id)).status).toBe(200)
  const key = await host.hawser.tenant(id).connection(id).apiKey()
  expect(Object.fromEntries(key.fields.map((name) => [name, key.get(name)]))).toEqual(credentials)

  await disconnect(id)
  await expect(api(id)).rejects.toMatchObject({ code: "not_connected" })
  expect(complaints(id)).toEqual([])
}

const lifeOf = (id: CatalogueId) => {
  const facts = factsOf(id)
  if (facts.authType === "api_key") {
    const steps = "store, check, connect, authorizedFetch"
    return { steps, live: () => apiKeyLife(id, facts) }
  }
  const refreshed = facts.refresh === null ? "" : "refresh, "
  const steps = `connect, callback, token, ${refreshed}disconnect`
  return { steps, live: () => oauth2Life(id, facts) }
}

describe(`the life of a connection at the front door, on PostgreSQL (HAWSER_SEED=${seed})`, () => {
  for (const id of chosenProviders(catalogueIds)) {
    const { live, steps } = lifeOf(id)
    it(`${id}: ${steps}`, live)
  }
})

it("the whole catalogue is offered at once, and no vendor met a request that it would not take", async () => {
  const { simulator } = host
  const { total } = (await (await host.call("GET", "/catalog")).json()) as { total: number }
  expect(total).toBe(catalogueIds.length)
  expect(simulator.violations).toEqual([])
  // No refresh was refused, no revocation given up.
  const types = new Set(host.securityEvents.map(({ type }) => type))
  expect(types).toEqual(new Set(["flow_started", "flow_completed"]))
})
