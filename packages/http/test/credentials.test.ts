import { describe, expect, it } from "vitest"
import { connectForge, connectGauge, storeKey } from "./support/flow.ts"
import { bodyOf, forge, gauge, type Host, makeHost, matching, outcomeOf } from "./support/host.ts"

const timestamp = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/

/** A second provider that takes keys. */
const dial = {
  definition: {
    ...gauge.definition,
    id: "dial" as never,
    displayName: "Dial",
    check: { url: "https://dial.test/validate" }
  }
} as const

const tokenOf = (host: Host, claims: Record<string, unknown> = {}) => host.issuer.token(claims)
const otherTenant = { tenant_id: "tenant-2" }
const unknownId = `crd_${"0".repeat(26)}`

/** No id of ours: too short, another kind's, another case, and what would mean something to a database or a path. */
const noIds = ["crd_1", unknownId.replace("crd", "int"), unknownId.toLowerCase(), "'; --", "%00"]

describe("paging of stored keys", () => {
  const stored = async () => {
    const host = await makeHost()
    for (const name of ["a", "b", "c"]) {
      await host.send("POST", "/gauge/credentials", {
        token: await tokenOf(host),
        json: { credentials: { api_key: "good-key" }, label: name }
      })
    }
    return host
  }
  interface KeyPage {
    readonly items: ReadonlyArray<{ readonly credentialId: string }>
    readonly total: number
    readonly nextCursor?: string
  }
  const send = async (host: Host, query: string, claims = {}) =>
    host.send("GET", `/gauge/credentials${query}`, { token: await tokenOf(host, claims) })
  const page = async (host: Host, query: string, claims = {}) =>
    bodyOf<KeyPage>(await send(host, query, claims))
  const idsOf = ({ items }: KeyPage) => items.map(({ credentialId }) => credentialId)

  it("goes through all, each once, in order; the total is that of all", async () => {
    const host = await stored()
    const all = await page(host, "")
    expect([all.items.length, all.total, all.nextCursor]).toEqual([3, 3, undefined])
    const first = await page(host, "?limit=2")
    const second = await page(host, `?limit=2&cursor=${first.nextCursor}`)
    expect([...idsOf(first), ...idsOf(second)]).toEqual(idsOf(all))
    expect([first.total, second.total, second.nextCursor]).toEqual([3, 3, undefined])
    const rest = await page(host, `?cursor=${first.nextCursor}`)
    expect([idsOf(rest), rest.nextCursor]).toEqual([idsOf(second), undefined])
  })

  it("S-57 with another tenant's cursor shows nothing of that tenant's", async () => {
    const host = await stored()
    const { nextCursor } = await page(host, "?limit=1")
    const other = await page(host, `?cursor=${nextCursor}`, otherTenant)
    expect(other).toEqual({ items: [], total: 0 })
  })

  const cursorOf = (place: unknown) => Buffer.from(JSON.stringify(place)).toString("base64url")
  it.each([
    "limit=0",
    "limit=101",
    "limit=1.5",
    "limit=x",
    "limit=1&limit=2",
    "cursor=x",
    "cursor=",
    `cursor=${cursorOf([1, "crd_1"])}`,
    `cursor=${cursorOf(["1", unknownId])}`,
    `cursor=${cursorOf([1.5, unknownId])}`,
    `cursor=${cursorOf([-1, unknownId])}`,
    `cursor=${cursorOf([9_000_000_000_000_000, unknownId])}`,
    `cursor=${cursorOf([1, unknownId, 2])}`
  ])("%s is 400", async (query) => {
    expect(await outcomeOf(await send(await makeHost(), `?${query}`))).toBe("400 validation_error")
  })

  it("the farthest instant that a cursor can name is one", async () => {
    const cursor = cursorOf([8_640_000_000_000_000, unknownId])
    expect(await page(await stored(), `?cursor=${cursor}`)).toEqual({ items: [], total: 3 })
  })
})

describe("S-11 how many keys a tenant may store", () => {
  it("is 100 of a provider, those that are connected among them; past it 429, and nothing is stored", async () => {
    const host = await makeHost({ providers: [forge, gauge, dial], settings: { rateLimit: false } })
    const token = await tokenOf(host)
    const store = (provider = "gauge", caller = token) =>
      host.send("POST", `/${provider}/credentials`, {
        token: caller,
        json: { credentials: { api_key: "good-key" } }
      })
    await connectGauge(host)
    for (let stored = 1; stored < 100; stored++) expect((await store()).status).toBe(201)
    const refused = await store()
    expect(await outcomeOf(refused)).toBe("429 rate_limit_exceeded")
    // Waiting would not help.
    expect(refused.headers.get("retry-after")).toBeNull()
    expect((await store("dial")).status).toBe(201)
    expect((await store("gauge", await tokenOf(host, otherTenant))).status).toBe(201)
    const listed = await host.send("GET", "/gauge/credentials?limit=1", { token })
    expect(await bodyOf<{ total: number }>(listed)).toMatchObject({ total: 100 })
  })
})

describe("GET credentials", () => {
  const list = async (host: Host, claims = {}, provider = "gauge") =>
    host.send("GET", `/${provider}/credentials`, { token: await tokenOf(host, claims) })

  it("is empty for another tenant, another provider, and one that takes no keys", async () => {
    const host = await makeHost({ providers: [forge, gauge, dial] })
    await storeKey(host)
    for (const response of [
      await list(host, otherTenant),
      await list(host, {}, "dial"),
      await list(host, {}, "forge")
    ]) {
      expect(await response.json()).toEqual({ items: [], total: 0 })
    }
  })
})

describe("DELETE a credential", () => {
  const remove = async (host: Host, id: string, claims = {}, provider = "gauge") =>
    host.send("DELETE", `/${provider}/credentials/${id}`, { token: await tokenOf(host, claims) })

  it("404 for what is not an id, another tenant's and another provider's, and it stays", async () => {
    const host = await makeHost({ providers: [gauge, dial] })
    const id = await storeKey(host)
    for (const other of [unknownId, ...noIds]) {
      expect(await outcomeOf(await remove(host, encodeURIComponent(other)))).toBe(
        "404 credential_not_found"
      )
    }
    expect(await outcomeOf(await remove(host, id, otherTenant))).toBe("404 credential_not_found")
    expect(await outcomeOf(await remove(host, id, {}, "dial"))).toBe("404 credential_not_found")
    expect((await remove(host, id)).status).toBe(204)
  })
})

describe("PUT a credential in the place of another", () => {
  const swap = async (host: Host, credentialId: unknown, claims = {}, provider = "gauge") =>
    host.send("PUT", `/${provider}/credential`, {
      token: await tokenOf(host, claims),
      json: { credentialId }
    })
  /** The key that the provider is asked with. */
  const keyInUse = async (host: Host) => {
    await host.send("POST", "/gauge/test", { token: await tokenOf(host) })
    return host.world.requests.at(-1)?.headers["x-api-key"]
  }
  const storeUnchecked = async (host: Host, key: string) => {
    host.world.set({ isDown: true })
    const response = await host.send("POST", "/gauge/credentials", {
      token: await tokenOf(host),
      json: { credentials: { api_key: key } }
    })
    host.world.set({ isDown: false })
    return (await bodyOf<{ credentialId: string }>(response)).credentialId
  }

  it("asks the provider first, then uses the new key; the old one stays stored", async () => {
    const host = await makeHost()
    const old = await connectGauge(host)
    const next = await storeUnchecked(host, "better-key")
    host.world.set({
      check: ({ headers }) =>
        new Response(null, { status: headers["x-api-key"] === "better-key" ? 200 : 403 })
    })
    const response = await swap(host, next)
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({
      integrationId: matching(/^int_/),
      provider: "gauge",
      status: "connected",
      connectedAt: matching(timestamp)
    })
    expect(await keyInUse(host)).toBe("better-key")
    const removed = await host.send("DELETE", `/gauge/credentials/${old}`, {
      token: await tokenOf(host)
    })
    expect(removed.status).toBe(204)
  })

  it("422 where the provider rejects the new key, and the old one stays in use", async () => {
    const host = await makeHost()
    await connectGauge(host)
    const wrong = await storeUnchecked(host, "canary-wrong-key")
    const response = await swap(host, wrong)
    expect(response.status).toBe(422)
    const text = await response.text()
    expect(JSON.parse(text)).toMatchObject({ error: "credential_validation_failed" })
    expect(text).not.toContain("canary")
    expect(await keyInUse(host)).toBe("good-key")
  })

  it("uses a key that the provider could not be asked about", async () => {
    const host = await makeHost()
    await connectGauge(host)
    const next = await storeUnchecked(host, "better-key")
    host.world.set({ isDown: true })
    expect((await swap(host, next)).status).toBe(200)
    expect(await keyInUse(host)).toBe("better-key")
  })

  it("404 integration_not_found where nothing is connected, and it stays so", async () => {
    const host = await makeHost()
    const id = await storeKey(host)
    expect(await outcomeOf(await swap(host, id))).toBe("404 integration_not_found")
    await connectGauge(host)
    await host.send("DELETE", "/gauge", { token: await tokenOf(host) })
    expect(await outcomeOf(await swap(host, id))).toBe("404 integration_not_found")
  })

  it("404 credential_not_found for what is not an id, another tenant's and another provider's", async () => {
    const host = await makeHost({ providers: [gauge, dial] })
    await connectGauge(host)
    const others = await storeKey(host, await tokenOf(host, otherTenant))
    const before = host.world.requests.length
    for (const id of [unknownId, ...noIds, others]) {
      expect(await outcomeOf(await swap(host, id))).toBe("404 credential_not_found")
    }
    const own = await storeKey(host)
    expect(await outcomeOf(await swap(host, own, {}, "dial"))).toBe("404 credential_not_found")
    // None of them was opened and sent to the provider; the one request is that of storing.
    expect(host.world.requests.length).toBe(before + 1)
    expect(await keyInUse(host)).toBe("good-key")
  })

  it("400 for a provider that takes no keys", async () => {
    const host = await makeHost()
    await connectForge(host)
    const response = await swap(host, unknownId, {}, "forge")
    expect(await bodyOf(response)).toMatchObject({
      error: "validation_error",
      details: [{ path: "provider", code: "not_allowed" }]
    })
  })
})
