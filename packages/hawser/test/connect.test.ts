import { postgres } from "hawser"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { createDatabase } from "../../../test-support/postgres.ts"
import { query } from "../../../test-support/postgres-query.ts"
import { callback, connectProjects, consent, eventually, startFlow } from "./support/flow.ts"
import { goodApiKey, startTestHost, type TestHost } from "./support/host.ts"

let host: TestHost
let database: Awaited<ReturnType<typeof createDatabase>>

beforeAll(async () => {
  database = await createDatabase()
  host = await startTestHost(postgres({ url: database.url }))
})
afterAll(async () => {
  await host.close()
  await database.drop()
})

const list = async (tenant: string) => {
  const response = await host.call("GET", "", { as: { tenant } })
  return (await response.json()) as { items: ReadonlyArray<Record<string, unknown>>; total: number }
}

const storeKey = async (tenant: string, key = goodApiKey) =>
  host.call("POST", "/beacon/credentials", {
    as: { tenant },
    body: { credentials: { api_key: key } }
  })

describe("an OAuth2 provider", () => {
  it("connects by cookie: the tenant's list shows what was granted, and the host holds the token", async () => {
    const integrationId = await connectProjects(host, { as: { tenant: "t-cookie" } })
    const { items, total } = await list("t-cookie")
    expect(total).toBe(1)
    expect(items[0]).toEqual({
      integrationId,
      provider: "projects",
      name: "default",
      owner: "tenant",
      status: "connected",
      connectedBy: "ada",
      connectedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/) as unknown,
      scopes: ["offline_access", "projects.read"],
      missingScopes: []
    })
    const token = await host.hawser.tenant("t-cookie").connection("projects").token()
    expect(await host.authorizationServer.isActive(token.token)).toBe(true)
    expect(JSON.stringify(token)).not.toContain(token.token)
  })

  it("connects by complete: nothing is exchanged before the user who started it says so", async () => {
    const as = { tenant: "t-complete" }
    const flow = await startFlow(host, host.completeRedirect, { as })
    expect(flow.cookie).toBeUndefined()
    const before = host.authorizationServer.tokenRequests()
    const { location } = await callback(flow, await consent(host, flow))
    expect(location?.searchParams.get("status")).toBe("pending")
    expect(location?.searchParams.get("from")).toBe("hawser")
    expect(host.authorizationServer.tokenRequests()).toBe(before)
    const flowId = new URLSearchParams(location?.hash.slice(1)).get("flowId")
    const done = await host.call("POST", "/projects/complete", { as, body: { flowId } })
    expect(done.status).toBe(200)
    expect(await done.json()).toMatchObject({ provider: "projects", status: "connected" })
    const again = await host.call("POST", "/projects/complete", { as, body: { flowId } })
    expect(again.status).toBe(404)
  })

  it("a refusal at the provider comes back as access_denied, and the state is spent (S-14)", async () => {
    const flow = await startFlow(host, host.cookieRedirect, { as: { tenant: "t-denied" } })
    const denied = new URL(flow.authorizationUrl)
    denied.searchParams.set("login_hint", "deny")
    const url = await consent(host, { ...flow, authorizationUrl: denied.href })
    const { location } = await callback(flow, url)
    expect(location?.searchParams.get("status")).toBe("error")
    expect(location?.searchParams.get("error")).toBe("access_denied")
    expect(location?.href).not.toContain("script")
    expect((await callback(flow, url)).response.status).toBe(400)
  })
})

describe("an API-key provider", () => {
  it("stores an accepted key, connects with it, and the host reads it back", async () => {
    const stored = await storeKey("t-key")
    expect(stored.status).toBe(201)
    const { credentialId, status } = (await stored.json()) as {
      credentialId: string
      status: string
    }
    expect(status).toBe("validated")
    const connected = await host.call("POST", "/beacon/connect", {
      as: { tenant: "t-key" },
      body: { credentialId }
    })
    expect(connected.status).toBe(200)
    const key = await host.hawser.tenant("t-key").connection("beacon").apiKey()
    expect(key.get("api_key")).toBe(goodApiKey)
  })

  it("S-67 a rejected key is not stored, and nothing of the provider's answer is told", async () => {
    const rejected = await storeKey("t-bad-key", "wrong-key-4711")
    expect(rejected.status).toBe(422)
    const body = await rejected.text()
    expect(JSON.parse(body)).toMatchObject({ error: "credential_validation_failed" })
    expect(body).not.toContain("canary")
    expect(
      await query(database.url, "select 1 from hawser.credential where tenant_id = 't-bad-key'")
    ).toHaveLength(0)
  })
})

describe("races, decided by the database", () => {
  it("S-03 50 parallel callbacks with one state: one token request, one integration, one event", async () => {
    const events: Array<string> = []
    await host.hawser.on(
      "integration.connected",
      { as: "parallel-callbacks" },
      ({ event }) => void events.push(event.tenantId)
    )
    const as = { tenant: "t-parallel" }
    const flow = await startFlow(host, host.cookieRedirect, { as })
    const url = await consent(host, flow)
    const before = host.authorizationServer.tokenRequests()
    const cookie = flow.cookie?.split(";")[0] ?? ""
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => fetch(url, { redirect: "manual", headers: { cookie } }))
    )
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
      303,
      ...Array.from({ length: 49 }, () => 400)
    ])
    expect(host.authorizationServer.tokenRequests() - before).toBe(1)
    expect((await list("t-parallel")).total).toBe(1)
    await eventually("the event", () => events.includes("t-parallel"))
    await host.hawser.tick()
    expect(events.filter((tenant) => tenant === "t-parallel")).toHaveLength(1)
  })

  it("50 parallel API-key connects: one 200, 49 times 409, one event", async () => {
    const as = { tenant: "t-parallel-key" }
    const { credentialId } = (await (await storeKey(as.tenant)).json()) as { credentialId: string }
    const answers = await Promise.all(
      Array.from({ length: 50 }, () =>
        host.call("POST", "/beacon/connect", { as, body: { credentialId } })
      )
    )
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
      200,
      ...Array.from({ length: 49 }, () => 409)
    ])
    const recorded = await query(
      database.url,
      "select 1 from hawser.outbox where tenant_id = 't-parallel-key' and event = 'integration.connected'"
    )
    expect(recorded).toHaveLength(1)
  })
})
