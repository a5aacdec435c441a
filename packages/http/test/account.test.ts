import { accessToken, ProviderId, TenantId, tenantsDefault } from "@hawser/core"
import { Redacted } from "effect"
import { describe, expect, it } from "vitest"
import { accountForge, tokensOf } from "./support/accounts.ts"
import {
  beginFlow,
  comeBack,
  connectForge,
  cookieUrl,
  outcomeAt,
  startFlow
} from "./support/flow.ts"
import { bodyOf, type Host, makeHost, outcomeOf } from "./support/host.ts"

const finish = async (host: Host, json: object = {}) =>
  outcomeAt(await comeBack(host, await beginFlow(host, { redirectUrl: cookieUrl, ...json })))

/** The token that the tenant's integration works with. */
const tokenInUse = async (host: Host) => {
  const query = {
    tenantId: TenantId.make("tenant-1"),
    ...tenantsDefault,
    provider: ProviderId.make("forge")
  }
  return Redacted.value((await host.runtime.runPromise(accessToken(query))).accessToken)
}

const item = async (host: Host) =>
  bodyOf<Record<string, unknown>>(
    await host.send("GET", "/forge", { token: await host.issuer.token() })
  )

describe("S-27 the account at the callback", () => {
  it.each([
    ["a number", { id: 7 }, "connected"],
    ["as long as can be stored", { id: "7".repeat(255) }, "connected"],
    ["missing", undefined, "invalid_response"],
    ["empty", { id: "" }, "invalid_response"],
    ["a list", { id: [7] }, "invalid_response"],
    ["longer than can be stored", { id: "7".repeat(256) }, "invalid_response"],
    ["not to be stored", { id: "7\0" }, "invalid_response"],
    // JSON.parse has rounded it, as it has its neighbours: two accounts would look like one.
    ["a number that JavaScript cannot hold", { id: 2 ** 60 }, "invalid_response"]
  ])("is %s", async (_, team, expected) => {
    const host = await makeHost({ providers: [accountForge] })
    host.world.set({ token: tokensOf(team) })
    const outcome = outcomeAt(await comeBack(host, await startFlow(host)))
    expect(outcome["error"] ?? outcome["status"]).toBe(expected)
    const { total } = await bodyOf<{ total: number }>(
      await host.send("GET", "", { token: await host.issuer.token() })
    )
    expect(total).toBe(expected === "connected" ? 1 : 0)
  })

  const asked = {
    ...accountForge,
    definition: {
      ...accountForge.definition,
      account: { from: "request", url: "https://forge.test/me", id: ["id"], label: ["login"] }
    }
  } as const

  it("is asked for with the new token where the definition says so", async () => {
    const host = await makeHost({ providers: [asked] })
    host.world.set({ check: () => Response.json({ id: 42, login: "ada" }) })
    expect((await finish(host))["status"]).toBe("connected")
    expect(await item(host)).toMatchObject({ accountLabel: "ada" })
    host.world.set({ check: () => Response.json({ id: 42, login: "a".repeat(201) }) })
    expect((await finish(host, { reauthorize: true }))["status"]).toBe("connected")
    expect(await item(host)).toMatchObject({ accountLabel: "a".repeat(200) })
    const request = host.world.requests.at(-1)
    expect([request?.method, request?.url.href, request?.headers["authorization"]]).toEqual([
      "GET",
      "https://forge.test/me",
      "Bearer canary-access-token"
    ])
  })

  it.each([
    ["is broken", 500, "provider_unavailable"],
    ["is down", 502, "provider_unavailable"],
    ["asks to wait", 429, "provider_unavailable"],
    // Errors have names too, and some vendors call the member `id`.
    ["answers an error that has an id", 403, "invalid_response"]
  ])("nothing is stored where the provider %s when it is asked", async (_, status, error) => {
    const host = await makeHost({ providers: [asked] })
    host.world.set({ check: () => Response.json({ id: "unauthorized" }, { status }) })
    expect(await finish(host)).toMatchObject({ status: "error", error })
    expect(
      await outcomeOf(await host.send("GET", "/forge", { token: await host.issuer.token() }))
    ).toBe("404 integration_not_found")
  })
})

describe("S-27 reauthorize", () => {
  it("is refused with 409 where it is not asked for, and begins where it is", async () => {
    const host = await makeHost({ providers: [accountForge] })
    host.world.set({ token: tokensOf({ id: "7" }) })
    await connectForge(host)
    const connect = async (json: object) =>
      host.send("POST", "/forge/connect", {
        token: await host.issuer.token(),
        json: { redirectUrl: cookieUrl, ...json }
      })
    for (const json of [{}, { reauthorize: false }]) {
      expect(await outcomeOf(await connect(json))).toBe("409 already_connected")
    }
    expect((await connect({ reauthorize: true })).status).toBe(200)
  })

  it("the old token serves until the new one is there, and the integration keeps its id", async () => {
    const host = await makeHost({ providers: [accountForge] })
    host.world.set({ token: tokensOf({ id: "7", name: "before" }, "old-token") })
    const integrationId = await connectForge(host)
    host.world.set({ token: tokensOf({ id: "7", name: "after" }, "new-token") })
    const started = await beginFlow(host, { redirectUrl: cookieUrl, reauthorize: true })
    expect(await tokenInUse(host)).toBe("old-token")
    expect(outcomeAt(await comeBack(host, started))).toMatchObject({
      status: "connected",
      integrationId
    })
    expect(await tokenInUse(host)).toBe("new-token")
    expect(await item(host)).toMatchObject({ accountLabel: "after", status: "connected" })
  })

  it.each([
    ["another account", tokensOf({ id: "8" }, "new-token"), "account_mismatch"],
    ["no account", tokensOf(undefined, "new-token"), "invalid_response"],
    ["no token", () => Response.json({ error: "invalid_grant" }, { status: 400 }), "provider_error"]
  ])("that brings %s leaves the old token in place", async (_, token, error) => {
    const host = await makeHost({ providers: [accountForge] })
    host.world.set({ token: tokensOf({ id: "7", name: "ours" }, "old-token") })
    await connectForge(host)
    host.world.set({ token })
    expect(await finish(host, { reauthorize: true })).toEqual({
      status: "error",
      provider: "forge",
      error
    })
    expect(await tokenInUse(host)).toBe("old-token")
    expect(await item(host)).toMatchObject({ accountLabel: "ours", status: "connected" })
    expect(host.events.at(-1)).toMatchObject({ type: "flow_failed", reason: error })
  })

  it("after the tenant's own disconnect any account may come", async () => {
    const host = await makeHost({ providers: [accountForge] })
    host.world.set({ token: tokensOf({ id: "7" }) })
    await connectForge(host)
    await host.send("DELETE", "/forge", { token: await host.issuer.token() })
    host.world.set({ token: tokensOf({ id: "8" }) })
    expect((await finish(host))["status"]).toBe("connected")
  })

  it("of two flows that race without it, the second ends with already_connected", async () => {
    const host = await makeHost()
    const [first, second] = [await startFlow(host), await startFlow(host)]
    expect(outcomeAt(await comeBack(host, first))["status"]).toBe("connected")
    expect(outcomeAt(await comeBack(host, second))).toEqual({
      status: "error",
      provider: "forge",
      error: "already_connected"
    })
  })
})
