import { afterEach, describe, expect, it, vi } from "vitest"
import { cookieUrl, parkFlow, startFlow, storeKey } from "./support/flow.ts"
import { type Host, makeHost, outcomeOf } from "./support/host.ts"

afterEach(() => {
  vi.useRealTimers()
})

/** Wrong in every way: each line mends one thing more than the line before. */
const steps: ReadonlyArray<
  readonly [string, (host: Host) => Promise<Parameters<Host["send"]>>, string]
> = [
  ["route", async () => ["PUT", "/nowhere/at/all", {}], "404 not_found"],
  ["method", async () => ["PUT", "/nobody/connect", {}], "405 method_not_allowed"],
  [
    "token",
    async () => ["POST", "/nobody/connect", { body: "x".repeat(70_000) }],
    "401 unauthorized"
  ],
  [
    "role",
    async ({ issuer }) => [
      "POST",
      "/nobody/connect",
      { token: await issuer.token({ roles: ["member"] }), body: "x".repeat(70_000) }
    ],
    "403 forbidden"
  ],
  [
    "origin",
    async ({ issuer }) => [
      "POST",
      "/nobody/connect",
      {
        token: await issuer.token(),
        body: "x".repeat(70_000),
        headers: { origin: "https://evil.test" }
      }
    ],
    "403 forbidden"
  ],
  [
    "provider",
    async ({ issuer }) => [
      "POST",
      "/nobody/connect",
      { token: await issuer.token(), body: "x".repeat(70_000) }
    ],
    "404 provider_not_found"
  ],
  [
    "media type",
    async ({ issuer }) => [
      "POST",
      "/gauge/connect",
      { token: await issuer.token(), body: "x".repeat(70_000) }
    ],
    "415 unsupported_media_type"
  ],
  [
    "size",
    async ({ issuer }) => [
      "POST",
      "/gauge/connect",
      {
        token: await issuer.token(),
        body: "x".repeat(70_000),
        headers: { "content-type": "application/json" }
      }
    ],
    "413 payload_too_large"
  ],
  [
    "body",
    async ({ issuer }) => [
      "POST",
      "/gauge/connect",
      { token: await issuer.token(), json: { credentialId: "crd_1", unknown: 1 } }
    ],
    "400 validation_error"
  ],
  [
    "credential",
    async ({ issuer }) => [
      "POST",
      "/gauge/connect",
      { token: await issuer.token(), json: { credentialId: "crd_1" } }
    ],
    "404 credential_not_found"
  ]
]

describe("the order of checks", () => {
  it.each(steps)("a request whose first fault is its %s", async (_, make, expected) => {
    const host = await makeHost()
    // Already connected, so that even the last step has a later fault: 409.
    await host.send("POST", "/gauge/connect", {
      token: await host.issuer.token(),
      json: { credentialId: await storeKey(host) }
    })
    expect(await outcomeOf(await host.send(...(await make(host))))).toBe(expected)
  })

  it("429 comes after 401 and before 403", async () => {
    const host = await makeHost({ settings: { rateLimit: 1 } })
    const member = await host.issuer.token({ roles: ["member"] })
    expect((await host.send("GET", "", { token: member })).status).toBe(200)
    expect(await outcomeOf(await host.send("POST", "/forge/connect", { token: member }))).toBe(
      "429 rate_limit_exceeded"
    )
    expect(await outcomeOf(await host.send("POST", "/forge/connect", { token: "wrong" }))).toBe(
      "401 unauthorized"
    )
  })
})

describe("routes", () => {
  it.each([
    "https://process.test/v1/integrations",
    "https://process.test/apiv1/integrations",
    "https://process.test/api",
    "https://process.test/api/v1/integrations//",
    "https://process.test/api//v1/integrations",
    "https://process.test/api/v1/integrations/forge/connect/more",
    "https://process.test/api/v1/integrations/%E0%A4%A/connect",
    "https://process.test/api/v1/integrations/%/callback",
    "https://process.test/api/v1/Integrations"
  ])("nothing stands at %s", async (url) => {
    const host = await makeHost()
    const response = await host.handle(new Request(url))
    expect(await outcomeOf(response)).toBe("404 not_found")
  })

  it.each(["GET", "DELETE", "HEAD", "OPTIONS", "PATCH"])(
    "%s on connect is 405 and names what is allowed",
    async (method) => {
      const host = await makeHost()
      const response = await host.send(method, "/forge/connect")
      expect(response.status).toBe(405)
      expect(response.headers.get("allow")).toBe("POST")
    }
  )

  it("a slash at the end, and escapes that mean the same, change nothing", async () => {
    const host = await makeHost()
    expect((await host.send("GET", "/catalog/")).status).toBe(200)
    expect((await host.send("GET", "/cat%61log")).status).toBe(200)
  })

  it.each(["catalog", "__proto__", "Forge", "forge%2F..", "forge%00", "%F0%9F%92%A9"])(
    "%s is no provider",
    async (id) => {
      const host = await makeHost()
      const token = await host.issuer.token()
      expect(await outcomeOf(await host.send("POST", `/${id}/connect`, { token, json: {} }))).toBe(
        "404 provider_not_found"
      )
    }
  )

  it("stand at the root where there is no base path", async () => {
    const host = await makeHost({ settings: { basePath: "" } })
    const response = await host.handle(new Request("https://x.test/v1/integrations/catalog"))
    expect(response.status).toBe(200)
  })
})

describe("S-77 forced start from a sibling origin", () => {
  it.each([
    "https://evil.host.test",
    "null",
    "https://app.host.test.evil.test",
    "http://app.host.test"
  ])("%s is refused, and no cookie is set", async (origin) => {
    const host = await makeHost()
    const response = await host.send("POST", "/forge/connect", {
      token: await host.issuer.token(),
      json: { redirectUrl: cookieUrl },
      headers: { origin }
    })
    expect(await outcomeOf(response)).toBe("403 forbidden")
    expect(response.headers.get("set-cookie")).toBeNull()
    expect(host.events.at(-1)).toEqual({ type: "origin_denied" })
  })

  it("a page of the host's is let through, and so is a call without an origin", async () => {
    const host = await makeHost()
    const connect = async (headers: Record<string, string>) =>
      host.send("POST", "/forge/connect", {
        token: await host.issuer.token(),
        json: { redirectUrl: cookieUrl },
        headers
      })
    expect((await connect({ origin: "https://app.host.test" })).status).toBe(200)
    expect((await connect({})).status).toBe(200)
  })
})

describe("S-68 the rate limit", () => {
  it("counts per tenant and minute, and tells so on every answer to an authenticated call", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: new Date("2026-03-01T10:00:40Z") })
    const host = await makeHost({ settings: { rateLimit: 3 } })
    const call = async (claims = {}, path = "") =>
      host.send("GET", path, { token: await host.issuer.token(claims) })
    const limits = ({ headers }: Response) =>
      ["limit", "remaining", "reset"].map((name) => headers.get(`x-ratelimit-${name}`))
    const reset = String(Date.parse("2026-03-01T10:01:00Z") / 1000)

    expect(limits(await call())).toEqual(["3", "2", reset])
    expect(limits(await call({}, "?status=wrong"))).toEqual(["3", "1", reset])
    expect(limits(await call({ roles: [] }))).toEqual(["3", "0", reset])
    const refused = await call()
    expect(await outcomeOf(refused)).toBe("429 rate_limit_exceeded")
    expect(limits(refused)).toEqual(["3", "0", reset])
    expect(refused.headers.get("retry-after")).toBe("20")

    expect((await call({ tenant_id: "tenant-2" })).status).toBe(200)
    expect(limits(await host.send("GET", ""))).toEqual([null, null, null])
    vi.setSystemTime("2026-03-01T10:01:00Z")
    expect((await call()).status).toBe(200)
  })

  it("complete draws on a bucket of its own", async () => {
    const host = await makeHost({ settings: { rateLimit: 2 } })
    const flowId = await parkFlow(host)
    const token = await host.issuer.token()
    await host.send("GET", "", { token })
    expect((await host.send("GET", "", { token })).status).toBe(429)
    const complete = await host.send("POST", "/forge/complete", { token, json: { flowId } })
    expect(complete.status).toBe(200)
    expect(complete.headers.get("x-ratelimit-remaining")).toBe("1")
  })

  it("public operations count per client address, an IPv6 network as one", async () => {
    const host = await makeHost({ settings: { rateLimit: 1 } })
    const catalog = async (clientAddress?: string) => {
      const context = clientAddress === undefined ? {} : { clientAddress }
      return (await host.send("GET", "/catalog", { context })).status
    }
    expect(await catalog("192.0.2.1")).toBe(200)
    expect(await catalog("192.0.2.1")).toBe(429)
    expect(await catalog("::ffff:192.0.2.1")).toBe(429)
    expect(await catalog("192.0.2.2")).toBe(200)
    expect(await catalog("2001:db8:1:2::1")).toBe(200)
    expect(await catalog("2001:db8:1:2:ffff::9")).toBe(429)
    expect(await catalog("2001:0DB8:0001:0002:0:0:0:7")).toBe(429)
    expect(await catalog("2001:db8:1:3::1")).toBe(200)
    expect(await catalog("::1")).toBe(200)
    for (let call = 0; call < 3; call++) expect(await catalog()).toBe(200)
    expect((await startAndReturn(host, "192.0.2.1")).status).toBe(429)
  })

  it("can be off", async () => {
    const host = await makeHost({ settings: { rateLimit: false } })
    const response = await host.send("GET", "", { token: await host.issuer.token() })
    expect(response.headers.get("x-ratelimit-limit")).toBeNull()
  })
})

const startAndReturn = async (host: Host, clientAddress: string) => {
  const started = await startFlow(host)
  return host.send("GET", `/forge/callback?code=c&state=${started.state}`, {
    headers: { cookie: started.cookie },
    context: { clientAddress }
  })
}
