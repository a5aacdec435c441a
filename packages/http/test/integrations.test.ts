import { describe, expect, it } from "vitest"
import { accountForge, tokensOf } from "./support/accounts.ts"
import { connectForge, connectGauge } from "./support/flow.ts"
import { bodyOf, gauge, makeHost, matching, outcomeOf } from "./support/host.ts"

const timestamp = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/

describe("GET one integration", () => {
  it("is an item of the list, and the account's label where the provider tells it", async () => {
    const host = await makeHost({ providers: [accountForge, gauge] })
    host.world.set({ token: tokensOf({ id: 7, name: "Ada's forge" }) })
    const integrationId = await connectForge(host)
    const response = await host.send("GET", "/forge", {
      token: await host.issuer.token({ roles: ["member"] })
    })
    expect(response.status).toBe(200)
    expect(response.headers.get("cache-control")).toBe("no-store")
    expect(await response.json()).toEqual({
      integrationId,
      provider: "forge",
      name: "default",
      owner: "tenant",
      status: "connected",
      connectedBy: "user-1",
      connectedAt: matching(timestamp),
      scopes: ["repo"],
      missingScopes: [],
      accountLabel: "Ada's forge"
    })
  })

  it("has no label where none is known, and stays readable once disconnected", async () => {
    const host = await makeHost()
    await connectGauge(host)
    const token = await host.issuer.token()
    await host.send("DELETE", "/gauge", { token })
    const body = await bodyOf<Record<string, unknown>>(await host.send("GET", "/gauge", { token }))
    expect(body).toMatchObject({ provider: "gauge", status: "disconnected", scopes: [] })
    expect(Object.keys(body)).not.toContain("accountLabel")
  })

  it("404 where the tenant has never had it, and where the provider does not exist", async () => {
    const host = await makeHost()
    await connectForge(host)
    const token = await host.issuer.token({ tenant_id: "tenant-2" })
    expect(await outcomeOf(await host.send("GET", "/forge", { token }))).toBe(
      "404 integration_not_found"
    )
    expect(await outcomeOf(await host.send("GET", "/nobody", { token }))).toBe(
      "404 provider_not_found"
    )
  })
})

describe("DELETE an integration", () => {
  it("204 without a body, once; the key in use is gone", async () => {
    const host = await makeHost()
    const credentialId = await connectGauge(host)
    const token = await host.issuer.token()
    const response = await host.send("DELETE", "/gauge", { token })
    expect(response.status).toBe(204)
    expect(await response.text()).toBe("")
    expect(response.headers.get("content-type")).toBeNull()
    expect(response.headers.get("cache-control")).toBe("no-store")
    expect(await outcomeOf(await host.send("DELETE", "/gauge", { token }))).toBe(
      "404 integration_not_found"
    )
    const again = await host.send("POST", "/gauge/connect", { token, json: { credentialId } })
    expect(await outcomeOf(again)).toBe("404 credential_not_found")
  })

  it("a new connection keeps the integration's id", async () => {
    const host = await makeHost()
    const integrationId = await connectForge(host)
    const token = await host.issuer.token()
    await host.send("DELETE", "/forge", { token })
    expect(await connectForge(host)).toBe(integrationId)
  })

  it("404 for a tenant that has none, and for a provider that does not exist", async () => {
    const host = await makeHost()
    await connectForge(host)
    const token = await host.issuer.token({ tenant_id: "tenant-2" })
    expect(await outcomeOf(await host.send("DELETE", "/forge", { token }))).toBe(
      "404 integration_not_found"
    )
    expect(await outcomeOf(await host.send("DELETE", "/nobody", { token }))).toBe(
      "404 provider_not_found"
    )
    const list = await host.send("GET", "", { token: await host.issuer.token() })
    expect(await bodyOf(list)).toMatchObject({ items: [{ status: "connected" }] })
  })
})

describe("POST test", () => {
  const test = async (host: Awaited<ReturnType<typeof makeHost>>, provider: string, claims = {}) =>
    host.send("POST", `/${provider}/test`, { token: await host.issuer.token(claims) })

  it.each([
    ["accepts", 200, { status: "ok", checkedAt: matching(timestamp) }],
    ["rejects", 403, { status: "failed", checkedAt: matching(timestamp), reason: "rejected" }],
    [
      "fails",
      502,
      { status: "failed", checkedAt: matching(timestamp), reason: "unexpected_answer" }
    ]
  ])("says what a provider that %s says, and nothing of its body", async (_, status, expected) => {
    const host = await makeHost({ providers: [accountForge, gauge] })
    host.world.set({ token: tokensOf({ id: "7" }) })
    await connectForge(host)
    await connectGauge(host)
    host.world.set({ check: () => new Response("canary-body", { status }) })
    for (const provider of ["forge", "gauge"]) {
      const response = await test(host, provider)
      expect(response.status).toBe(200)
      expect(await response.json()).toEqual(expected)
    }
    expect(host.world.count("/me")).toBe(1)
    expect(host.world.requests.at(-1)?.headers["x-api-key"]).toBe("good-key")
  })

  it("says not_supported where the provider knows no check, and asks nobody", async () => {
    const host = await makeHost()
    await connectForge(host)
    const before = host.world.requests.length
    expect(await bodyOf(await test(host, "forge"))).toMatchObject({
      status: "failed",
      reason: "not_supported"
    })
    expect(host.world.requests.length).toBe(before)
  })
})
