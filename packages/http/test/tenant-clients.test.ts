import type { ClientOf, TenantClientsConfig } from "@hawser/core"
import { describe, expect, it } from "vitest"
import { expectNoFlow } from "./support/browserAnswers.ts"
import { beginFlow, completeUrl, cookieUrl, outcomeAt, type Started } from "./support/flow.ts"
import { bodyOf, forge, gauge, type Host, makeHost, outcomeOf } from "./support/host.ts"

const clientOf: ClientOf = ({ tenantId }) =>
  tenantId === "tenant-3"
    ? null
    : { clientId: `client-of-${tenantId}`, clientSecret: `canary-of-${tenantId}` }

const ofTenants = (changes: Partial<TenantClientsConfig> = {}): TenantClientsConfig => ({
  clientOf,
  definition: forge.definition,
  ...changes
})

const tenantHost = (changes: Partial<TenantClientsConfig> = {}) =>
  makeHost({ providers: [ofTenants(changes), gauge] })

const begin = async (host: Host, tenant: string, redirectUrl = cookieUrl) =>
  beginFlow(host, { redirectUrl }, await host.issuer.token({ tenant_id: tenant }))

/** The path of a flow's own redirect URI, below the contract's. */
const pathOf = ({ authorizationUrl }: Started): string =>
  new URL(new URL(authorizationUrl).searchParams.get("redirect_uri") ?? "").pathname.replace(
    "/api/v1/integrations",
    ""
  )

const visit = (host: Host, started: Started, path: string, method = "GET") => {
  const response = `code=canary-code&state=${started.state}`
  const headers = { ...(started.cookie !== "" && { cookie: started.cookie }) }
  return method === "GET"
    ? host.send("GET", `${path}?${response}`, { headers })
    : host.send("POST", path, { body: new URLSearchParams(response), headers })
}

describe.each(["GET", "POST"])("a tenant's own redirect URI, by %s", (method) => {
  const changes: Partial<TenantClientsConfig> =
    method === "GET" ? {} : { definition: { ...forge.definition, responseMode: "form_post" } }

  it("S-79 ends the flows of two tenants, interleaved, each as its own client", async () => {
    const host = await tenantHost(changes)
    const [one, two] = [await begin(host, "tenant-1"), await begin(host, "tenant-2")]
    expect(pathOf(one)).toMatch(/^\/forge\/callback\/[\w-]{22}$/)
    for (const started of [two, one]) {
      const response = await visit(host, started, pathOf(started), method)
      expect(outcomeAt(response)["status"]).toBe("connected")
    }
    const bodies = host.world.requests
      .filter(({ url }) => url.pathname === "/token")
      .map(({ body }) => new URLSearchParams(body))
    expect(bodies.map((body) => [body.get("client_id"), body.get("client_secret")])).toEqual([
      ["client-of-tenant-2", "canary-of-tenant-2"],
      ["client-of-tenant-1", "canary-of-tenant-1"]
    ])
    expect(bodies.map((body) => new URL(body.get("redirect_uri") ?? "").pathname)).toEqual(
      [two, one].map((started) => `/api/v1/integrations${pathOf(started)}`)
    )
  })

  it.each([
    ["another tenant's", (_: string, other: string) => other],
    ["the plain path", () => "/forge/callback"],
    ["none of anybody's", () => "/forge/callback/context"]
  ])("S-20 at %s a flow is burned before any token request", async (_, elsewhere) => {
    const host = await tenantHost(changes)
    const started = await begin(host, "tenant-1")
    const other = pathOf(await begin(host, "tenant-2"))
    await expectNoFlow(await visit(host, started, elsewhere(pathOf(started), other), method))
    expect(host.events.at(-1)).toMatchObject({
      type: "provider_mismatch",
      reason: "redirect_uri",
      tenantId: "tenant-1"
    })
    await expectNoFlow(await visit(host, started, pathOf(started), method))
    expect(host.world.count("/token")).toBe(0)
  })
})

it("S-20 stands below a callback path of the host's choice as well", async () => {
  const callbackPaths = new Map([["/auth/forge", "forge" as never]])
  const host = await makeHost({ providers: [ofTenants()], settings: { callbackPaths } })
  const started = await begin(host, "tenant-1")
  const context = pathOf(started).split("/").at(-1) ?? ""
  const at = (path: string, method = "GET") =>
    host.handle(
      new Request(`https://process.test${path}?code=c&state=${started.state}`, {
        method,
        headers: { cookie: started.cookie }
      })
    )
  for (const path of [`/auth/forge/${context}/more`, "/auth/forge/callback", "/auth/other"])
    expect((await at(path)).status).toBe(404)
  expect((await at(`/auth/forge/${context}`, "HEAD")).status).toBe(405)
  expect(outcomeAt(await at(`/auth/forge/${context}`))["status"]).toBe("connected")
})

it("a parked flow is completed with the tenant's own client", async () => {
  const host = await tenantHost()
  const started = await begin(host, "tenant-1", completeUrl)
  const back = await visit(host, started, pathOf(started))
  const { hash } = new URL(back.headers.get("location") ?? "")
  const response = await host.send("POST", "/forge/complete", {
    token: await host.issuer.token(),
    json: { flowId: new URLSearchParams(hash.slice(1)).get("flowId") }
  })
  expect(response.status).toBe(200)
})

describe("a tenant that has no client", () => {
  const answerOf = async (response: Response) => ({
    status: response.status,
    body: await response.text(),
    headers: [...response.headers].filter(([name]) => !name.startsWith("x-ratelimit"))
  })

  it.each([
    ["a body that is right", { redirectUrl: cookieUrl }],
    ["one that is not", { redirectUrl: 7 }],
    ["none", undefined]
  ])("S-58 is answered by connect as if there were no such provider: %s", async (_, json) => {
    const host = await tenantHost()
    const token = await host.issuer.token({ tenant_id: "tenant-3" })
    const connect = async (provider: string) =>
      answerOf(
        await host.send("POST", `/${provider}/connect`, {
          token,
          ...(json !== undefined && { json })
        })
      )
    expect(await connect("forge")).toEqual(await connect("nobody"))
    expect((await connect("forge")).status).toBe(404)
  })
})

describe("while the host cannot give a client", () => {
  const away = () => {
    let isAway = false
    const hook: ClientOf = (request) => {
      if (isAway) throw new Error("canary-of-the-host")
      return clientOf(request)
    }
    return { hook, leave: () => void (isAway = true) }
  }

  it("connect and complete are 503, retryable, and say nothing of why", async () => {
    const { hook, leave } = away()
    const host = await tenantHost({ clientOf: hook })
    leave()
    const token = await host.issuer.token()
    for (const [path, json] of [
      ["connect", { redirectUrl: cookieUrl }],
      ["complete", { flowId: "x" }]
    ] as const) {
      const response = await host.send("POST", `/forge/${path}`, { token, json })
      const body = await bodyOf(response.clone())
      expect(await outcomeOf(response)).toBe("503 storage_unavailable")
      expect(JSON.stringify(body)).not.toContain("canary")
      expect(body.requestId).toBeDefined()
    }
    expect(host.logs.join()).toContain("clientOf threw.")
  })

  it("a callback sends the browser back with provider_unavailable, and no code anywhere", async () => {
    const { hook, leave } = away()
    const host = await tenantHost({ clientOf: hook })
    const started = await begin(host, "tenant-1")
    leave()
    const response = await visit(host, started, pathOf(started))
    expect(outcomeAt(response)["error"]).toBe("provider_unavailable")
    expect(host.world.count("/token")).toBe(0)
  })

  it("what is connected can be read, tested and left", async () => {
    const { hook, leave } = away()
    const host = await tenantHost({ clientOf: hook })
    const started = await begin(host, "tenant-1")
    await visit(host, started, pathOf(started))
    leave()
    const token = await host.issuer.token()
    const got = await host.send("GET", "/forge", { token })
    expect(await bodyOf(got)).toMatchObject({ status: "connected" })
    expect((await host.send("POST", "/forge/test", { token })).status).toBe(200)
    expect((await host.send("DELETE", "/forge", { token })).status).toBe(204)
  })
})
