import {
  type HawserOptions,
  type IntegrationEvent,
  memory,
  type PortableConnection,
  postgres
} from "hawser"
import { afterEach, describe, expect, it } from "vitest"
import { createDatabase } from "../../../test-support/postgres.ts"
import { query } from "../../../test-support/postgres-query.ts"
import { callback, connectProjects, consent, eventually, startFlow } from "./support/flow.ts"
import { goodApiKey, startTestHost } from "./support/host.ts"

const closing: Array<() => Promise<void>> = []
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close()
})

const start = async (store: HawserOptions["store"]) => {
  const host = await startTestHost(store, { workers: "off" })
  closing.push(host.close)
  const { hawser } = host
  const events: Array<IntegrationEvent> = []
  for (const name of ["integration.connected", "integration.disconnected"] as const)
    await hawser.on(name, { as: name }, ({ event }) => void events.push(event))

  /** Both kinds of connection, a key besides, and a flow that waits. */
  const tenantWithAll = async (tenantId: string, userId = "ada") => {
    const as = { tenant: tenantId, user: userId }
    const beacon = { tenantId, userId, provider: "beacon", credentials: { api_key: goodApiKey } }
    await connectProjects(host, { as })
    const { credentialId } = await hawser
      .tenant(beacon.tenantId, { user: beacon.userId })
      .credentials(beacon.provider)
      .store(beacon)
    await hawser
      .tenant(beacon.tenantId, { user: beacon.userId })
      .connect(beacon.provider, { ...beacon, credentialId })
    await hawser
      .tenant(beacon.tenantId, { user: beacon.userId })
      .credentials(beacon.provider)
      .store(beacon)
    const flow = await startFlow(host, host.cookieRedirect, { as, body: { reauthorize: true } })
    return { flow, url: await consent(host, flow) }
  }
  /** What other databases of the server do may hold an event back for a moment. */
  const delivered = (count: number) =>
    eventually(`${count} events`, async () => {
      await hawser.tick()
      return events.length >= count
    })
  return { ...host, delivered, events, tenantWithAll }
}

const database = async () => {
  const { drop, url } = await createDatabase()
  closing.push(drop)
  return url
}

const byText = (one: ReadonlyArray<unknown>, other: ReadonlyArray<unknown>): number =>
  String(one) < String(other) ? -1 : 1

describe.each([
  ["memory", async () => memory()],
  ["PostgreSQL", async () => postgres({ url: await database() })]
] as const)("with %s", (_, store) => {
  it("S-46 deleteTenant ends what is connected, tells of it, and leaves nothing; others stay", async () => {
    const { delivered, events, hawser, tenantWithAll } = await start(await store())
    const { flow, url } = await tenantWithAll("leaving")
    await tenantWithAll("staying")
    await delivered(4)
    events.splice(0)
    expect(await hawser.admin.deleteTenant({ tenantId: "leaving" })).toEqual({
      disconnected: 2,
      integrations: 2,
      credentials: 2,
      // The one that connected and the one that waits.
      flows: 2
    })
    await delivered(2)
    // Connections are told of side by side.
    expect(
      events
        .map(({ data, event, tenantId }) => [tenantId, data.provider, event, data])
        .toSorted(byText)
    ).toEqual(
      ["beacon", "projects"].map((provider) => [
        "leaving",
        provider,
        "integration.disconnected",
        expect.objectContaining({ disconnectedBy: "system", reason: "user" }) as unknown
      ])
    )
    expect((await hawser.tenant("leaving").connections()).items).toEqual([])
    expect((await callback(flow, url)).response.status).toBe(400)
    const provider = { tenantId: "staying", provider: "projects" }
    expect(
      (await hawser.tenant(provider.tenantId).connection(provider.provider).token()).scopes
    ).toContain("projects.read")
    expect((await hawser.tenant("staying").connections()).items).toHaveLength(2)
    // Again, and where there was never anything.
    const none = { disconnected: 0, integrations: 0, credentials: 0, flows: 0 }
    expect(await hawser.admin.deleteTenant({ tenantId: "leaving" })).toEqual(none)
    expect(await hawser.admin.deleteTenant({ tenantId: "never" })).toEqual(none)
  })

  it("S-46 eraseUser takes the user's name from all that is stored and told, and nothing else", async () => {
    const { delivered, events, hawser, tenantWithAll } = await start(await store())
    const { flow, url } = await tenantWithAll("acme", "ann")
    await tenantWithAll("other", "ann")
    expect(await hawser.admin.eraseUser({ tenantId: "acme", userId: "ann" })).toEqual({
      disconnected: 0,
      integrations: 2,
      credentials: 2,
      events: 2,
      // The one that connected and the one that waits.
      flows: 2
    })
    await delivered(4)
    const users = async (tenantId: string) =>
      (await hawser.tenant(tenantId).connections()).items.map(({ connectedBy }) => connectedBy)
    expect(await users("acme")).toEqual(["erased", "erased"])
    expect(await users("other")).toEqual(["ann", "ann"])
    expect(
      events
        .map(({ data, tenantId }) => [tenantId, "connectedBy" in data && data.connectedBy])
        .toSorted(byText)
    ).toEqual([
      ["acme", "erased"],
      ["acme", "erased"],
      ["other", "ann"],
      ["other", "ann"]
    ])
    expect((await callback(flow, url)).response.status).toBe(400)
    expect(await hawser.tenant("acme").connection("projects").token()).toBeDefined()
  })

  it("everything moves from one Hawser to another, and is found by its account there", async () => {
    const here = await start(await store())
    await here.tenantWithAll("acme")
    const connections: Array<PortableConnection> = []
    for await (const connection of here.hawser.admin.export()) connections.push(connection)
    expect(here.securityEvents).toContainEqual({ type: "connections_exported" })
    const account = { id: "octocat", label: "Octo Cat" }
    const there = await start(await store())
    const report = await there.hawser.admin.import(
      connections.map((one) => ("accessToken" in one ? { ...one, account } : one))
    )
    expect(report).toEqual({ imported: 2, unchanged: 0, refused: [] })
    await there.hawser.tick()
    expect(there.events).toEqual([])
    const key = await there.hawser.tenant("acme").connection("beacon").apiKey()
    expect(key.get("api_key")).toBe(goodApiKey)
    const token = await there.hawser.tenant("acme").connection("projects").token()
    expect(await here.authorizationServer.isActive(token.token)).toBe(true)
    const [integration] = (await there.hawser.tenant("acme").connections({ provider: "projects" }))
      .items
    const { items, nextCursor } = await there.hawser.admin.tenants({ provider: "projects" })
    expect(items).toEqual([{ tenantId: "acme", ...integration }])
    expect(nextCursor).toBeUndefined()
    const found = { provider: "projects", accountId: "octocat" }
    expect(await there.hawser.admin.findByAccount(found)).toEqual([
      {
        tenantId: "acme",
        userId: undefined,
        name: "default",
        integrationId: integration?.integrationId,
        status: "connected"
      }
    ])
  })
})

it("S-46 no table holds a row of a deleted tenant but its events, once its tokens are revoked", async () => {
  const url = await database()
  const { hawser, tenantWithAll } = await start(postgres({ url }))
  await tenantWithAll("leaving")
  await hawser.tenant("leaving").connection("projects").markRevoked()
  await hawser.admin.deleteTenant({ tenantId: "leaving" })
  await hawser.tick()
  const tables = await query(
    url,
    `SELECT table_name FROM information_schema.columns
     WHERE table_schema = 'hawser' AND column_name = 'tenant_id' ORDER BY table_name`
  )
  const left: Array<unknown> = []
  for (const { table_name } of tables as ReadonlyArray<{ readonly table_name: string }>) {
    const rows = await query(url, `SELECT 1 FROM hawser.${table_name} WHERE tenant_id = 'leaving'`)
    if (rows.length > 0) left.push(table_name)
  }
  expect(left).toEqual(["outbox"])
})
