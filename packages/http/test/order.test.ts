import { beforeEach, describe, expect, it, vi } from "vitest"
import type { AppOrigins } from "../src/index.ts"
import { completeUrl, cookieUrl, parkFlow, startFlow, storeKey } from "./support/flow.ts"
import { bodyOf, forge, gauge, type Host, makeHost, outcomeOf } from "./support/host.ts"
import { pass, withinAMinute } from "../../../test-support/within-a-minute.ts"

beforeEach(withinAMinute)

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

  /** What a request has wrong from here on, and what is answered to it. */
  const tooLarge = "x".repeat(70_000)
  const asJson = { "content-type": "application/json" }
  const neverThere = `int_${"0".repeat(26)}`

  /** The tenant's connection and Ada's own, by their ids, and tokens of everybody. */
  const world = async () => {
    const both = { ownedBy: ["tenant", "user"], connections: "many" } as const
    const host = await makeHost({ providers: [forge, { ...gauge, ...both }] })
    const admin = await host.issuer.token()
    const member = await host.issuer.token({ sub: "bob", roles: ["member"] })
    const ada = await host.issuer.token({ sub: "ada", roles: ["member"] })
    const acting = await host.issuer.token({ sub: "ada", roles: ["admin"], act: { sub: "us" } })
    const connect = async (token: string, owner: "tenant" | "user") => {
      const response = await host.send("POST", `/gauge/connect?owner=${owner}`, {
        token,
        json: { credentialId: await storeKey(host, token, owner) }
      })
      return (await bodyOf<{ integrationId: string }>(response)).integrationId
    }
    return {
      ask: async (...request: Parameters<Host["send"]>) => outcomeOf(await host.send(...request)),
      host,
      admin,
      member,
      ada,
      acting,
      tenants: await connect(admin, "tenant"),
      adas: await connect(ada, "user")
    }
  }

  it("an id in the path is looked up where the provider is: after 401 and the origin, before 415", async () => {
    const { adas, admin, ask, host, member, tenants } = await world()
    const body = tooLarge
    const nobody = await host.issuer.token({ roles: [] })
    const evil = { headers: { origin: "https://evil.test" } }
    expect(await ask("PUT", `/${tenants}/connect`, { body })).toBe("405 method_not_allowed")
    expect(await ask("POST", `/${tenants}/connect`, { body })).toBe("401 unauthorized")
    for (const id of [tenants, adas, neverThere]) {
      const path = `/${id}/connect`
      expect(await ask("POST", path, { token: nobody, body })).toBe("403 forbidden")
      expect(await ask("POST", path, { token: member, body, ...evil })).toBe("403 forbidden")
    }
    for (const id of [adas, neverThere]) {
      expect(await ask("POST", `/${id}/connect`, { token: member, body })).toBe(
        "404 integration_not_found"
      )
    }
    // Visible, and not allowed.
    expect(await ask("POST", `/${tenants}/connect`, { token: member, body })).toBe("403 forbidden")
    expect(await ask("POST", `/${adas}/connect`, { token: admin, body })).toBe("403 forbidden")
    const path = `/${tenants}/connect?owner=tenant`
    expect(await ask("POST", path, { token: admin, body })).toBe("415 unsupported_media_type")
    expect(await ask("POST", path, { token: admin, body, headers: asJson })).toBe(
      "413 payload_too_large"
    )
    // An owner or a name beside an id, and then what is wrong with the body.
    for (const query of ["?owner=tenant", "?name=default", "?owner=tenant&name=default"]) {
      expect(
        await ask("PUT", `/${tenants}/credential${query}`, {
          token: admin,
          json: { credentialId: "crd_1" }
        })
      ).toBe("400 validation_error")
    }
    expect(
      await ask("PUT", `/${tenants}/credential`, {
        token: admin,
        json: { credentialId: "crd_1", unknown: 1 }
      })
    ).toBe("400 validation_error")
    expect(
      await ask("PUT", `/${tenants}/credential`, { token: admin, json: { credentialId: "crd_1" } })
    ).toBe("404 credential_not_found")
  })

  it("with owner=user a member may come as far as an admin with the tenant's", async () => {
    const { acting, ada, ask } = await world()
    const body = tooLarge
    const at = (provider: string, query = "?owner=user") => `/${provider}/connect${query}`
    // What acts as Ada is refused before anything is looked up.
    expect(await ask("POST", at("nobody"), { token: acting, body })).toBe("403 forbidden")
    expect(await ask("POST", at("nobody"), { token: ada, body })).toBe("404 provider_not_found")
    expect(await ask("POST", at("gauge"), { token: ada, body })).toBe("415 unsupported_media_type")
    expect(await ask("POST", at("gauge"), { token: ada, body, headers: asJson })).toBe(
      "413 payload_too_large"
    )
    const credentialId = "crd_1"
    for (const query of ["?owner=user&name=A", "?owner=user&name=", "?owner=user&name=a&name=a"]) {
      expect(await ask("POST", at("gauge", query), { token: ada, json: { credentialId } })).toBe(
        "400 validation_error"
      )
    }
    expect(await ask("POST", at("gauge"), { token: ada, json: { credentialId } })).toBe(
      "404 credential_not_found"
    )
    // The host does not let users have one: that is 400, as of any other value that it does not allow.
    expect(
      await ask("POST", at("forge"), { token: ada, json: { redirectUrl: "https://evil.test" } })
    ).toBe("400 validation_error")
    expect(await ask("POST", at("forge"), { token: ada, json: { redirectUrl: cookieUrl } })).toBe(
      "400 validation_error"
    )
  })

  it.each(["?owner=users", "?owner=", "?owner=USER", "?owner=user&owner=user", "?owner=user%20"])(
    "%s is 400, and where it is looked at the role is that of the tenant's own",
    async (query) => {
      const { ada, admin, ask } = await world()
      const json = { credentialId: "crd_1" }
      expect(await ask("POST", `/gauge/connect${query}`, { token: ada, json })).toBe(
        "403 forbidden"
      )
      expect(await ask("POST", `/nobody/connect${query}`, { token: admin, json })).toBe(
        "404 provider_not_found"
      )
      expect(await ask("POST", `/gauge/connect${query}`, { token: admin, body: "{}" })).toBe(
        "415 unsupported_media_type"
      )
      expect(await ask("POST", `/gauge/connect${query}`, { token: admin, json })).toBe(
        "400 validation_error"
      )
      expect(await ask("GET", query, { token: admin })).toBe("400 validation_error")
    }
  )

  it("a list of users' own is refused to who acts as one, before its query is looked at", async () => {
    const { acting, ask, host } = await world()
    expect(await ask("GET", "?owner=user&status=wrong", { token: acting })).toBe("403 forbidden")
    expect(host.events.at(-1)).toMatchObject({ type: "role_denied", reason: "impersonated" })
    expect(await ask("GET", "?owner=tenant&status=wrong", { token: acting })).toBe(
      "400 validation_error"
    )
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
    "%s is not a provider",
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

describe("S-88 a page that is not of the host's list", () => {
  const sessionUrl = "https://app.host.test/signed-in"
  const tenantUrl = "https://tenant.pages.test/done"
  const asked: Array<{ readonly origin: string; readonly tenantId: string }> = []
  const admits = async (page: { readonly origin: string; readonly tenantId: string }) => {
    asked.push(page)
    if (page.origin === "https://throws.test") throw new Error("canary-hook")
    return (page.origin === "https://preview.test" ||
      (page.origin === "https://truthy.test" && "yes")) as boolean
  }
  const listed = new Set(["https://app.host.test"])
  const limited = new Set(["capacitor://localhost", "tauri://localhost"])

  const connect = async (
    appOrigins: AppOrigins,
    origin: string,
    json: unknown,
    path = "/forge/connect"
  ) => {
    asked.length = 0
    const host = await makeHost({ settings: { appOrigins } })
    const response = await host.send("POST", path, {
      token: await host.issuer.token(),
      headers: { origin },
      json
    })
    const cookies = response.headers.getSetCookie()
    const denied = host.events.filter(({ type }) => type === "origin_denied").length
    const outcome = response.ok ? String(response.status) : await outcomeOf(response)
    return { outcome, cookies, denied, logs: host.logs }
  }

  it.each([
    ["with a scheme of its own", { listed, limited }, "capacitor://localhost"],
    ["that the host's function admits", { listed, admits }, "https://preview.test"]
  ])(
    "S-88 %s begins what a session proves or a person confirms, and nothing else, and gets no cookie",
    async (_, origins, origin) => {
      for (const redirectUrl of [sessionUrl, "https://tenant.pages.test/confirmed"])
        expect(await connect(origins, origin, { redirectUrl })).toMatchObject({
          outcome: "200",
          cookies: []
        })
      for (const redirectUrl of [cookieUrl, completeUrl, "https://tenant.pages.test/unsafe"]) {
        expect(await connect(origins, origin, { redirectUrl })).toMatchObject({
          outcome: "403 forbidden",
          cookies: [],
          denied: 1
        })
      }
      const key = { credentialId: "crd_01HQ3K5V7N8M9P0Q1R2S3T4V5W" }
      expect(await connect(origins, origin, key, "/gauge/connect")).toMatchObject({
        outcome: "403 forbidden",
        denied: 1
      })
    }
  )

  it("S-88 is asked about with its origin and the caller's tenant, and only true admits it", async () => {
    const origins = { listed, admits }
    await connect(origins, "https://preview.test", { redirectUrl: sessionUrl })
    expect(asked).toEqual([{ origin: "https://preview.test", tenantId: "tenant-1" }])
    for (const origin of ["https://truthy.test", "https://throws.test", "https://other.test"]) {
      const { denied, outcome } = await connect(origins, origin, { redirectUrl: sessionUrl })
      expect([origin, outcome, denied]).toEqual([origin, "403 forbidden", 1])
    }
    await connect(origins, "https://app.host.test", { redirectUrl: cookieUrl })
    expect(asked).toEqual([])
  })

  it.each([
    "null",
    "",
    "https://preview.test, https://preview.test",
    "https://evil.test https://preview.test",
    "https://preview.test/",
    "HTTPS://preview.test",
    "http://preview.test",
    "file://",
    "javascript://preview.test",
    "preview.test"
  ])("S-88 of the origin %j is refused without asking", async (origin) => {
    const origins = {
      listed,
      limited,
      ofRedirects: true,
      admits: (page: { origin: string; tenantId: string }) => {
        asked.push(page)
        return true
      }
    }
    const { outcome } = await connect(origins, origin, { redirectUrl: sessionUrl })
    expect([outcome, asked]).toEqual(["403 forbidden", []])
  })

  it("S-88 begins a flow that ends at its own URL, which the host's function allowed, by a session alone", async () => {
    const origins = { listed, ofRedirects: true }
    const origin = "https://tenant.pages.test"
    expect(await connect(origins, origin, { redirectUrl: tenantUrl })).toMatchObject({
      outcome: "200",
      cookies: []
    })
    const refused = [
      [origin, "https://tenant.pages.test/unsafe"],
      [origin, sessionUrl],
      [origin, cookieUrl],
      ["https://other.pages.test", tenantUrl],
      ["https://evil.test", tenantUrl],
      ["https://spa.host.test", completeUrl],
      [origin, undefined],
      [origin, 7]
    ] as const
    for (const [from, redirectUrl] of refused) {
      const { cookies, outcome } = await connect(origins, from, { redirectUrl })
      expect([from, redirectUrl, outcome, cookies]).toEqual([
        from,
        redirectUrl,
        "403 forbidden",
        []
      ])
    }
    // Of the list of URLs, and of an origin that the list of origins leaves out.
    const others = { listed: new Set(["https://spa.host.test"]), ofRedirects: true }
    for (const redirectUrl of [sessionUrl, "https://app.host.test/confirmed"])
      expect(await connect(others, "https://app.host.test", { redirectUrl })).toMatchObject({
        outcome: "403 forbidden",
        cookies: []
      })
    expect(await connect({ listed }, origin, { redirectUrl: tenantUrl })).toMatchObject({
      outcome: "403 forbidden"
    })
  })

  it("S-88 is refused before its provider is looked at, as any other", async () => {
    const origins = { listed, admits, ofRedirects: true }
    for (const json of [{ redirectUrl: cookieUrl }, [], "text"]) {
      const { outcome } = await connect(origins, "https://evil.test", json, "/nothing/connect")
      expect(outcome).toBe("403 forbidden")
    }
  })
})

describe("S-68 the rate limit", () => {
  it("counts per tenant and minute, and tells so on every answer to an authenticated call", async () => {
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
    pass(19_999)
    expect((await call()).status).toBe(429)
    pass(1)
    expect((await call()).status).toBe(200)
  })

  it.each(["2026-03-01T10:05:00Z", "2026-03-01T09:00:00Z"])(
    "no count begins again, and none waits for longer, when the clock on the wall is set to %s",
    async (time) => {
      const host = await makeHost({ settings: { rateLimit: 1 } })
      const call = async () => host.send("GET", "", { token: await host.issuer.token() })
      expect((await call()).status).toBe(200)
      vi.setSystemTime(time)
      const refused = await call()
      expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "20"])
      expect(refused.headers.get("x-ratelimit-reset")).toBe(String(Date.parse(time) / 1000 + 20))
      pass(20_000)
      expect((await call()).status).toBe(200)
    }
  )

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
  })

  it("who reads the catalogue or the reference keeps no flow from its end", async () => {
    const reference = { publicUrl: "https://app.host.test/api" }
    const host = await makeHost({ settings: { rateLimit: 2, reference } })
    const context = { clientAddress: "192.0.2.1" }
    const read = async (path: string) => (await host.send("GET", path, { context })).status
    expect(await read("/catalog")).toBe(200)
    expect(await read("/openapi.json")).toBe(200)
    expect(await read("/reference")).toBe(429)
    expect(await read("/catalog")).toBe(429)
    expect((await startAndReturn(host, "192.0.2.1")).status).toBe(303)
  })

  it("callbacks count per client address", async () => {
    const host = await makeHost({ settings: { rateLimit: 2 } })
    const context = { clientAddress: "192.0.2.1" }
    const visit = async (method: string, path: string) =>
      (await host.send(method, path, { context })).status
    expect(await visit("GET", "/forge/callback?state=unknown")).toBe(400)
    expect(await visit("POST", "/forge/callback/o3Jx1sVb7QmZk9Yw2LtPdA")).toBe(415)
    expect(await visit("GET", "/forge/callback/o3Jx1sVb7QmZk9Yw2LtPdA?state=x")).toBe(429)
    // The flow is untouched, and the limit of another address is another.
    const started = await startFlow(host)
    const back = (clientAddress: string) =>
      host.send("GET", `/forge/callback?code=c&state=${started.state}`, {
        headers: { cookie: started.cookie, accept: "text/html" },
        context: { clientAddress }
      })
    const refused = await back("192.0.2.1")
    expect(refused.status).toBe(429)
    expect(await refused.text()).toContain("Wait and try again.")
    expect((await back("192.0.2.2")).status).toBe(303)
  })

  it.each([
    ["DELETE", "/forge", "DELETE", "/forge", 404],
    ["POST", "/forge/complete", "POST", "/forge/complete", 404],
    ["POST", "/gauge/test", "POST", "/gauge/credentials", 201],
    ["PUT", "/gauge/credential", "POST", "/gauge/credentials", 201]
  ])(
    "%s %s by who may not spends nothing of the admin's %s %s",
    async (method, path, adminMethod, adminPath, status) => {
      const host = await makeHost({ settings: { rateLimit: 20 } })
      for (const roles of [["member"], []]) {
        const token = await host.issuer.token({ roles })
        for (let call = 0; call < 10; call++) {
          expect((await host.send(method, path, { token })).status).toBe(403)
        }
      }
      // What they draw on is the tenant's: 429 comes before 403 for them too.
      const token = await host.issuer.token({ roles: [] })
      expect(await outcomeOf(await host.send(method, path, { token }))).toBe(
        "429 rate_limit_exceeded"
      )
      const json = path.endsWith("complete")
        ? { flowId: "unknown" }
        : { credentials: { api_key: "good-key" } }
      const own = await host.send(adminMethod, adminPath, {
        token: await host.issuer.token(),
        ...(adminMethod === "POST" && { json })
      })
      expect(own.status).toBe(status)
      expect(Number(own.headers.get("x-ratelimit-remaining"))).toBe(
        Number(own.headers.get("x-ratelimit-limit")) - 1
      )
    }
  )

  it("members with what they own, or an id, spend nothing of what is kept for the tenant's admin", async () => {
    const both = { ownedBy: ["tenant", "user"] } as const
    const providers = [
      { ...forge, ...both },
      { ...gauge, ...both }
    ]
    const host = await makeHost({ providers, settings: { rateLimit: 40 } })
    const token = await host.issuer.token({ sub: "max", roles: ["member"] })
    const until429 = async (method: string, path: string, as = token) => {
      for (let calls = 0; ; calls++) {
        const { status } = await host.send(method, path, { token: as })
        if (status === 429) return calls
      }
    }
    // Each check asks a provider, so a user has few of them, and no other user has fewer for it.
    expect(await until429("POST", "/gauge/test?owner=user")).toBe(2)
    const other = await host.issuer.token({ sub: "eve", roles: ["member"] })
    expect(await until429("POST", "/gauge/credentials?owner=user", other)).toBe(2)
    // Of 40 calls 6 are made.
    expect(await until429("DELETE", "/gauge?owner=user")).toBe(34)
    for (const [method, path] of [
      ["DELETE", `/int_${"0".repeat(26)}`],
      ["POST", "/forge/complete?owner=user"]
    ] as const)
      expect(await until429(method, path)).toBe(0)

    const admin = await host.issuer.token()
    for (const [method, path] of [
      ["POST", "/gauge/test"],
      ["DELETE", "/gauge"],
      ["DELETE", `/int_${"0".repeat(26)}`]
    ] as const)
      expect((await host.send(method, path, { token: admin })).status).toBe(404)
  })

  it("wrong tokens count per client address, and a valid one from the same address always passes", async () => {
    const host = await makeHost({ settings: { rateLimit: 2 } })
    const send = (token: string | undefined, clientAddress?: string) =>
      host.send("GET", "", {
        ...(token !== undefined && { token }),
        ...(clientAddress !== undefined && { context: { clientAddress } })
      })
    const address = "2001:db8:1:2::1"
    const withoutTenant = await host.issuer.token({ tenant_id: undefined })
    expect(await outcomeOf(await send("wrong", address))).toBe("401 unauthorized")
    expect(await outcomeOf(await send(withoutTenant, address))).toBe("403 forbidden")
    const events = host.events.length
    for (const token of ["wrong", "guess", undefined, withoutTenant]) {
      const refused = await send(token, "2001:db8:1:2:ffff::9")
      expect(await outcomeOf(refused)).toBe("429 rate_limit_exceeded")
      expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0)
      expect(refused.headers.get("x-ratelimit-limit")).toBeNull()
      expect(refused.headers.get("www-authenticate")).toBeNull()
    }
    // A guesser does not fill the security log.
    expect(host.events).toHaveLength(events)
    expect((await send(await host.issuer.token(), address)).status).toBe(200)
    expect((await send("wrong", "192.0.2.1")).status).toBe(401)
    for (let call = 0; call < 3; call++) expect((await send("wrong")).status).toBe(401)
  })

  it("while no caller can be told from another, nothing counts as a wrong token", async () => {
    let isDown = true
    const host = await makeHost({
      settings: { rateLimit: 1 },
      authentication: async () => {
        if (isDown) throw new Error("the session store is down")
        return null
      }
    })
    const send = async () =>
      (await host.send("GET", "", { token: "any", context: { clientAddress: "192.0.2.1" } })).status
    for (let call = 0; call < 3; call++) expect(await send()).toBe(503)
    isDown = false
    expect(await send()).toBe(401)
    expect(await send()).toBe(429)
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
