import { type HandledEvent, isHawserError, memory } from "hawser"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { eventually } from "./support/flow.ts"
import { startTestHost, type TestHost } from "./support/host.ts"
import { connectLocker, forAll, type Reference, referred } from "./support/owners.ts"

let host: TestHost
beforeAll(async () => {
  host = await startTestHost(memory(), forAll)
})
afterAll(() => host.close())

let tenants = 0
const freshTenant = (): string => `tenant-${tenants++}`

const codeOf = async (act: () => Promise<unknown>): Promise<unknown> => {
  try {
    return await act()
  } catch (error) {
    if (isHawserError(error)) return error.code
    throw error
  }
}

/** What every call of a reference makes of it. */
const found = async (tenantId: string, reference: Reference) => {
  const one = referred(host.hawser, tenantId, "locker", reference)
  return {
    get: await codeOf(async () => (await one.get()).integrationId),
    apiKey: await codeOf(async () => (await one.apiKey()).get("api_key")),
    // Whoever has no key has the wrong call; whoever has none is told that.
    token: await codeOf(() => one.token()),
    fetch: await codeOf(() => one.fetch("/"))
  }
}

const notFound = {
  get: "integration_not_found",
  apiKey: "not_connected",
  token: "not_connected",
  fetch: "not_connected"
}
const noSuchId = {
  get: "integration_not_found",
  apiKey: "integration_not_found",
  token: "integration_not_found",
  fetch: "integration_not_found"
}
const is = (integrationId: string, key: string) => ({
  get: integrationId,
  apiKey: key,
  token: "other_credential_kind",
  // `locker` says of no API where it is.
  fetch: "configuration_error"
})

const adas = { owner: "user", userId: "ada" } as const

const ada = (tenant: string) => ({ tenant, user: "ada", roles: ["member"] })

describe("S-93 a reference", () => {
  it("without a user finds nothing of a user's, not even where there is nothing else", async () => {
    const tenant = freshTenant()
    const { integrationId } = await connectLocker(host, ada(tenant), { own: true, key: "adas" })
    expect(await found(tenant, {})).toEqual(notFound)
    for (const owner of [{}, { owner: "tenant" }] as const)
      expect(await found(tenant, { ...owner, userId: "ada" })).toEqual(notFound)
    expect(await found(tenant, { owner: "user", userId: "bob" })).toEqual(notFound)
    expect(await found(tenant, adas)).toEqual(is(integrationId, "adas"))
    expect(await found(freshTenant(), adas)).toEqual(notFound)
  })

  it("with a user finds nothing of the tenant's", async () => {
    const tenant = freshTenant()
    const { integrationId } = await connectLocker(host, { tenant }, { key: "tenants" })
    expect(await found(tenant, adas)).toEqual(notFound)
    // What a user does for the tenant, or only reads, names the tenant's.
    for (const reference of [{}, { userId: "ada" }, { integrationId }])
      expect(await found(tenant, reference)).toEqual(is(integrationId, "tenants"))
  })

  it("by the id of a user's needs that user beside it", async () => {
    const tenant = freshTenant()
    const { integrationId } = await connectLocker(host, ada(tenant), { own: true, key: "adas" })
    for (const [other, reference] of [
      [tenant, {}],
      [tenant, { userId: "bob" }],
      [tenant, { userId: "Ada" }],
      [tenant, { userId: "ada " }],
      [freshTenant(), { userId: "ada" }]
    ] as const)
      expect(await found(other, { ...reference, integrationId })).toEqual(noSuchId)
    expect(await found(tenant, { userId: "ada", integrationId })).toEqual(is(integrationId, "adas"))
    const never = { userId: "ada", integrationId: `int_${"0".repeat(26)}` }
    expect(await found(tenant, never)).toEqual(noSuchId)
    expect(await found(tenant, { ...never, integrationId: "int_1" })).toEqual(noSuchId)
  })

  it("of a user that names nobody is refused, and never the tenant", async () => {
    const tenant = freshTenant()
    await connectLocker(host, { tenant })
    for (const reference of [
      { owner: "user", userId: "" },
      { owner: "user", userId: "x".repeat(256) },
      { owner: "user", userId: "a\0" },
      { owner: "user", userId: null as never },
      { owner: "everybody" as never }
    ] as const) {
      const outcomes = await found(tenant, reference)
      expect([reference, new Set(Object.values(outcomes))]).toEqual([
        reference,
        new Set(["validation_error"])
      ])
    }
    const outcomes = await found(tenant, { owner: "user" })
    expect(new Set(Object.values(outcomes))).toEqual(new Set(["user_required"]))
  })

  it("without a name is told the names of the same owner, and nobody else's", async () => {
    const tenant = freshTenant()
    await connectLocker(host, ada(tenant), { own: true, name: "mine" })
    await connectLocker(host, ada(tenant), { own: true, name: "gone" })
    await connectLocker(host, { tenant, user: "bob" }, { own: true, name: "bobs" })
    await connectLocker(host, { tenant }, { name: "sales" })
    await connectLocker(host, { tenant }, { name: "support" })
    await host.call("DELETE", "/locker?owner=user&name=gone", { as: ada(tenant) })
    const said = async (reference: Reference) => {
      try {
        await referred(host.hawser, tenant, "locker", reference).apiKey()
      } catch (error) {
        if (isHawserError(error, "not_connected")) return error.message
      }
      throw new Error("it is connected")
    }
    const none = "There is no connection to locker. Connect it first."
    expect(await said({})).toBe(
      "There is no connection to locker. Name one of these: sales, support."
    )
    expect(await said(adas)).toBe("There is no connection to locker. Name one of these: mine.")
    expect(await said({ ...adas, userId: "eve" })).toBe(none)
    // Who has said a name is not helped to others.
    expect(await said({ name: "mine" })).toBe(
      "There is no connection to locker by the name mine. Connect it first."
    )
    expect(await said({ ...adas, name: "sales" })).toBe(
      "There is no connection to locker by the name sales. Connect it first."
    )
  })

  it("is what an event has of its connection", async () => {
    const heard: Array<HandledEvent<"integration.connected">["event"]> = []
    await host.hawser.on(
      "integration.connected",
      { as: "references" },
      ({ event }) => void heard.push(event)
    )
    const tenant = freshTenant()
    const tenants = await connectLocker(host, { tenant }, { name: "sales", key: "tenants" })
    const adas = await connectLocker(host, ada(tenant), { own: true, name: "sales", key: "adas" })
    const ofTenant = () => heard.filter((event) => event.tenantId === tenant)
    await eventually("both events", () => ofTenant().length === 2)
    const common = { provider: "locker", name: "sales" }
    expect(ofTenant().map(({ data }) => data)).toEqual([
      { ...common, integrationId: tenants.integrationId, owner: "tenant", connectedBy: "ada" },
      {
        ...common,
        integrationId: adas.integrationId,
        owner: "user",
        userId: "ada",
        connectedBy: "ada"
      }
    ])
    const keys: Array<string | undefined> = []
    for (const { data, tenantId } of ofTenant()) {
      const owner = host.hawser.tenant(tenantId, { user: data.userId })
      const key = await owner.connection({ id: data.integrationId }).apiKey()
      keys.push(key.get("api_key"))
    }
    expect(keys).toEqual(["tenants", "adas"])
  })

  it("marks as revoked, and lists, what is the owner's alone", async () => {
    const tenant = freshTenant()
    const { hawser } = host
    const provider = "locker"
    await connectLocker(host, ada(tenant), { own: true })
    await connectLocker(host, { tenant })
    const owners = async (userId?: string) => {
      const { items } =
        userId === undefined
          ? await hawser.tenant(tenant).connections()
          : await hawser.tenant(tenant, { user: userId }).connections({ owner: "user" })
      return items.map((one) => [one.owner, one.userId, one.status])
    }
    expect(await owners()).toEqual([["tenant", undefined, "connected"]])
    expect(await owners("ada")).toEqual([["user", "ada", "connected"]])
    expect(await owners("bob")).toEqual([])
    expect(
      await hawser
        .tenant(tenant, { user: "bob" })
        .connection(provider, { owner: adas.owner })
        .markRevoked()
    ).toBe(false)
    expect(
      await hawser
        .tenant(tenant, { user: adas.userId })
        .connection(provider, { owner: adas.owner })
        .markRevoked()
    ).toBe(true)
    expect(await owners()).toEqual([["tenant", undefined, "connected"]])
    expect(await owners("ada")).toEqual([["user", "ada", "disconnected"]])
  })
})
