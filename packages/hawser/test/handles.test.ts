import { inspect } from "node:util"
import { type ActingTenant, type Hawser, isHawserError, memory } from "hawser"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { connectProjects } from "./support/flow.ts"
import { goodApiKey, startTestHost, type TestHost } from "./support/host.ts"
import { connectLocker, forAll } from "./support/owners.ts"

let host: TestHost
let hawser: Hawser
beforeAll(async () => {
  host = await startTestHost(memory(), forAll)
  ;({ hawser } = host)
})
afterAll(() => host.close())

let tenants = 0
const freshTenant = (): string => `tenant-${tenants++}`

/** Whom the compiler takes for a user who acts, as in JavaScript. */
const withoutUser = (tenantId: string): ActingTenant =>
  hawser.tenant(tenantId) as unknown as ActingTenant

const redirectUrl = () => host.cookieRedirect

const codeOf = async (act: () => Promise<unknown>): Promise<unknown> => {
  try {
    await act()
    return "done"
  } catch (error) {
    if (isHawserError(error)) return error.code
    throw error
  }
}

describe("the handle of a tenant", () => {
  it("is made of anything, and its calls say what is wrong", async () => {
    const nobody = hawser.tenant("", { user: "" })
    expect(await codeOf(nobody.connection("projects").token)).toBe("validation_error")
    expect(await codeOf(nobody.connections)).toBe("validation_error")
    const acme = hawser.tenant("acme")
    expect(await codeOf(acme.connection("nothing").get)).toBe("provider_not_found")
    expect(await codeOf(acme.connection({ id: "nothing" }).get)).toBe("integration_not_found")
  })

  it("without a user refuses what a user has to do, and does the rest", async () => {
    const tenant = freshTenant()
    const { credentialId } = await connectLocker(host, { tenant })
    const itself = withoutUser(tenant)
    const locker = itself.connection("locker")
    for (const act of [
      () => itself.connect("projects", { redirectUrl: redirectUrl() }),
      () => itself.credentials("locker").store({ credentials: { api_key: "k" } }),
      () => itself.credentials("locker").list(),
      () => itself.credentials("locker").delete(credentialId),
      () => itself.connections({ owner: "user" }),
      () => itself.connection("locker", { owner: "user" }).apiKey(),
      () => locker.reconnect({ redirectUrl: redirectUrl() }),
      () => locker.disconnect(),
      () => locker.test(),
      () => locker.swapCredential(credentialId)
    ])
      expect([act.toString(), await codeOf(act)]).toEqual([act.toString(), "user_required"])
    expect((await locker.get()).status).toBe("connected")
    expect((await locker.apiKey()).get("api_key")).toBe("a-key")
    expect((await itself.connections()).total).toBe(1)
    expect(await locker.markRevoked()).toBe(true)
  })
})

describe("S-93 a connection by its id", () => {
  it.each([false, true])("is acted on by its owner, of a user's own: %s", async (own) => {
    const tenant = freshTenant()
    const as = { tenant, user: "ada" }
    const named = { name: "sales", owner: own ? ("user" as const) : ("tenant" as const) }
    const { integrationId: id } = await connectLocker(host, as, { own, name: "sales" })
    const adas = hawser.tenant(tenant, { user: "ada" })
    const one = adas.connection({ id })
    const { credentialId } = await adas
      .credentials("locker", { owner: named.owner })
      .store({ credentials: { api_key: "next" } })
    expect((await one.swapCredential(credentialId)).integrationId).toBe(id)
    expect((await adas.connection("locker", named).apiKey()).get("api_key")).toBe("next")
    expect(await one.test()).toMatchObject({ status: "failed", reason: "not_supported" })
    expect(await one.disconnect()).toMatchObject({ ...named, status: "disconnected" })
  })

  it("of another user is there for nobody else, whatever is to be done", async () => {
    const tenant = freshTenant()
    const { credentialId, integrationId: id } = await connectLocker(
      host,
      { tenant, user: "ada" },
      { own: true }
    )
    const bobs = hawser.tenant(tenant, { user: "bob" }).connection({ id })
    for (const act of [
      () => bobs.get(),
      () => bobs.reconnect({ redirectUrl: redirectUrl() }),
      () => bobs.disconnect(),
      () => bobs.test(),
      () => bobs.swapCredential(credentialId),
      () => bobs.markRevoked()
    ])
      expect([act.toString(), await codeOf(act)]).toEqual([act.toString(), "integration_not_found"])
    const adas = hawser.tenant(tenant, { user: "ada" }).connection({ id })
    expect((await adas.get()).status).toBe("connected")
  })

  it("is reconnected under its name, and connect begins none that is connected", async () => {
    const tenant = freshTenant()
    await connectProjects(host, { as: { tenant, user: "ada" } })
    const acme = hawser.tenant(tenant, { user: "ada" })
    const { integrationId: id } = await acme.connection("projects").get()
    const again = { redirectUrl: redirectUrl(), reauthorize: true }
    expect(await codeOf(() => acme.connect("projects", again))).toBe("already_connected")
    const begun = await acme.connection({ id }).reconnect({ redirectUrl: redirectUrl() })
    expect(begun.authorizationUrl).toMatch(/^http/)
    // A key has no consent to ask for.
    await connectLocker(host, { tenant })
    const locker = acme.connection("locker")
    expect(await codeOf(() => locker.reconnect({ redirectUrl: redirectUrl() }))).toBe(
      "validation_error"
    )
  })
})

describe("a token", () => {
  it("has the unit of its validity, and is not printed", async () => {
    const tenant = freshTenant()
    await connectProjects(host, { as: { tenant, user: "ada" } })
    const { token: read } = hawser.tenant(tenant).connection("projects")
    const held = await read({ validFor: "1 second" })
    expect((await read({ validFor: 1000 })).token).toBe(held.token)
    expect(inspect(held) + JSON.stringify(held)).not.toContain(held.token)
    for (const validFor of ["10", "ten seconds", "-1 seconds", "Infinity", Number.NaN, -1, {}])
      expect(await codeOf(() => read({ validFor: validFor as never }))).toBe("validation_error")
  })
})

describe("a list in process", () => {
  it("comes in pages, as on the wire", async () => {
    const tenant = freshTenant()
    for (const name of ["a", "b", "c"]) await connectLocker(host, { tenant }, { name })
    const acme = hawser.tenant(tenant, { user: "ada" })
    const first = await acme.connections({ limit: 2 })
    expect([first.items.length, first.total]).toEqual([2, 3])
    const rest = await acme.connections({ limit: 2, cursor: first.nextCursor })
    expect([rest.items.length, rest.total, rest.nextCursor]).toEqual([1, 3, undefined])
    expect(new Set([...first.items, ...rest.items].map(({ name }) => name)).size).toBe(3)
    const keys = acme.credentials("locker")
    const page = await keys.list({ limit: 2 })
    expect([page.items.length, page.total]).toEqual([2, 3])
    expect((await keys.list({ limit: 2, cursor: page.nextCursor })).items).toHaveLength(1)
  })

  it.each([
    { limit: 0 },
    { limit: 101 },
    { limit: 1.5 },
    { limit: "1" as never },
    { cursor: "canary" },
    { status: "gone" as never },
    { error: "canary" as never },
    { error: "" as never },
    { owner: "everybody" as never }
  ])("refuses %j", async (options) => {
    const acme = hawser.tenant(freshTenant(), { user: "ada" })
    expect(await codeOf(() => acme.connections(options))).toBe("validation_error")
  })
})

it("a call is made of its parts too: they need no this", async () => {
  const tenant = freshTenant()
  const { admin, tenant: of } = hawser
  const { connect, connection, credentials } = of(tenant, { user: "ada" })
  const { store } = credentials("beacon")
  const { credentialId } = await store({ credentials: { api_key: goodApiKey } })
  await connect("beacon", { credentialId })
  const { fetch, get } = connection("beacon")
  expect((await get()).status).toBe("connected")
  expect(await codeOf(() => fetch("canary"))).not.toBe("done")
  const { tenants: list } = admin
  const { items } = await list({ provider: "beacon" })
  expect(items.map(({ tenantId }) => tenantId)).toContain(tenant)
})
