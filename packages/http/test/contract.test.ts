import { describe, expect, it } from "vitest"
import { comeBack, cookieUrl, parkFlow, startFlow, storeKey } from "./support/flow.ts"
import { bodyOf, gauge, makeHost, matching, outcomeOf } from "./support/host.ts"

const timestamp = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/

describe("POST connect", () => {
  it("oauth2: gives the URL to go to, and the state in it", async () => {
    const host = await makeHost()
    const response = await host.send("POST", "/forge/connect", {
      token: await host.issuer.token(),
      json: { redirectUrl: cookieUrl }
    })
    expect(response.status).toBe(200)
    expect(response.headers.get("content-type")).toBe("application/json")
    expect(response.headers.get("cache-control")).toBe("no-store")
    const body = await bodyOf<Record<string, string>>(response)
    expect(Object.keys(body).toSorted()).toEqual(["authorizationUrl", "state"])
    const url = new URL(body["authorizationUrl"] ?? "")
    expect(url.searchParams.get("state")).toBe(body["state"])
    expect(url.searchParams.get("redirect_uri")).toBe(
      "https://app.host.test/api/v1/integrations/forge/callback"
    )
  })

  it("api_key: connects at once", async () => {
    const host = await makeHost()
    const response = await host.send("POST", "/gauge/connect", {
      token: await host.issuer.token(),
      json: { credentialId: await storeKey(host) }
    })
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({
      integrationId: matching(/^int_[0-9A-Z]{26}$/),
      provider: "gauge",
      status: "connected",
      connectedAt: matching(timestamp)
    })
  })

  it.each([
    ["nothing", {}, "redirectUrl", "missing"],
    ["no redirect URL but a credential", { credentialId: "crd_1" }, "redirectUrl", "missing"],
    [
      "a redirect URL that is not listed",
      { redirectUrl: "https://evil.test/" },
      "redirectUrl",
      "not_allowed"
    ],
    ["a redirect URL that is a list", { redirectUrl: [cookieUrl] }, "redirectUrl", "invalid"],
    [
      "a redirect URL too long",
      { redirectUrl: `${cookieUrl}${"a".repeat(2048)}` },
      "redirectUrl",
      "invalid"
    ],
    ["a redirect URL with NUL", { redirectUrl: `${cookieUrl}\0` }, "redirectUrl", "invalid"],
    [
      "a member that nobody knows",
      { redirectUrl: cookieUrl, redirect_uri: "canary" },
      "redirect_uri",
      "unknown"
    ],
    [
      "a member whose name may be a secret",
      { redirectUrl: cookieUrl, "canary-1234": 1 },
      "body",
      "unknown"
    ]
  ])("oauth2 with %s is 400 and says where", async (_, json, path, code) => {
    const host = await makeHost()
    const token = await host.issuer.token()
    const response = await host.send("POST", "/forge/connect", { token, json })
    expect(response.status).toBe(400)
    const body = await bodyOf(response)
    expect(body.error).toBe("validation_error")
    expect(body.details).toEqual([{ path, code }])
    expect(JSON.stringify(body)).not.toMatch(/evil|canary/)
  })

  it("ignores the member that the auth type does not use, whatever it holds", async () => {
    const host = await makeHost()
    const token = await host.issuer.token()
    const oauth = { redirectUrl: cookieUrl, credentialId: null }
    expect((await host.send("POST", "/forge/connect", { token, json: oauth })).status).toBe(200)
    const key = { credentialId: await storeKey(host), redirectUrl: ["https://evil.test"] }
    expect((await host.send("POST", "/gauge/connect", { token, json: key })).status).toBe(200)
  })

  it("api_key without a credential is 400, with one that is not there 404", async () => {
    const host = await makeHost()
    const token = await host.issuer.token()
    const connect = async (json: object) =>
      outcomeOf(await host.send("POST", "/gauge/connect", { token, json }))
    expect(await connect({})).toBe("400 validation_error")
    expect(await connect({ credentialId: 5 })).toBe("400 validation_error")
    expect(await connect({ credentialId: "nonsense" })).toBe("404 credential_not_found")
    expect(await connect({ credentialId: `crd_${"0".repeat(26)}` })).toBe(
      "404 credential_not_found"
    )
  })

  it("another tenant's credential and one that never existed get the same answer", async () => {
    const host = await makeHost({ settings: { rateLimit: false } })
    const credentialId = await storeKey(host)
    const token = await host.issuer.token({ tenant_id: "tenant-2" })
    const answers = await Promise.all(
      [credentialId, `crd_${"0".repeat(26)}`].map(async (id) => {
        const response = await host.send("POST", "/gauge/connect", {
          token,
          json: { credentialId: id }
        })
        return [response.status, [...response.headers], await response.text()]
      })
    )
    expect(answers[0]).toEqual(answers[1])
    expect(answers[0]?.[0]).toBe(404)
  })

  it("of 50 at once one connects, the others get 409", async () => {
    const host = await makeHost()
    const [token, credentialId] = [await host.issuer.token(), await storeKey(host)]
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, async () => {
        const response = await host.send("POST", "/gauge/connect", {
          token,
          json: { credentialId }
        })
        return response.status === 200 ? "200" : outcomeOf(response)
      })
    )
    expect(outcomes.filter((outcome) => outcome === "200")).toHaveLength(1)
    expect(outcomes.filter((outcome) => outcome === "409 already_connected")).toHaveLength(49)
  })

  it("past the limit of pending flows is 429 with Retry-After", async () => {
    const host = await makeHost()
    for (let flow = 0; flow < 20; flow++) await startFlow(host)
    const response = await host.send("POST", "/forge/connect", {
      token: await host.issuer.token(),
      json: { redirectUrl: cookieUrl }
    })
    expect(await outcomeOf(response)).toBe("429 rate_limit_exceeded")
    expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0)
  })
})

describe("POST credentials", () => {
  const store = async (host: Awaited<ReturnType<typeof makeHost>>, json: unknown) =>
    host.send("POST", "/gauge/credentials", { token: await host.issuer.token(), json })

  it("stores what the provider accepted and never gives it back", async () => {
    const host = await makeHost()
    const response = await store(host, { credentials: { api_key: "good-key" }, label: "ours" })
    expect(response.status).toBe(201)
    expect(await response.json()).toEqual({
      credentialId: matching(/^crd_[0-9A-Z]{26}$/),
      provider: "gauge",
      label: "ours",
      status: "validated",
      createdAt: matching(timestamp)
    })
  })

  it("keeps as unverified what nobody could check", async () => {
    const host = await makeHost()
    await store(host, { credentials: { api_key: "good-key" } })
    host.world.set({ isDown: true })
    const response = await store(host, { credentials: { api_key: "some-key" } })
    expect(response.status).toBe(201)
    expect(await bodyOf(response)).toMatchObject({ status: "unverified" })
  })

  it("422 where the provider rejects them", async () => {
    const host = await makeHost()
    const response = await store(host, { credentials: { api_key: "canary-wrong-key" } })
    expect(response.status).toBe(422)
    expect(await response.text()).not.toContain("canary")
  })

  it.each([
    ["a field is missing", { credentials: {} }, "credentials.api_key", "missing"],
    ["there are none", {}, "credentials", "missing"],
    [
      "a field is a list",
      { credentials: { api_key: ["canary"] } },
      "credentials.api_key",
      "invalid"
    ],
    [
      "a field is unknown",
      { credentials: { api_key: "good-key", canary: "x" } },
      "credentials",
      "unknown"
    ],
    ["they are a list", { credentials: ["canary"] }, "credentials", "invalid"],
    ["they are text", { credentials: "canary" }, "credentials", "invalid"],
    [
      "the label is not text",
      { credentials: { api_key: "good-key" }, label: 5 },
      "label",
      "invalid"
    ],
    [
      "the label is too long",
      { credentials: { api_key: "good-key" }, label: "l".repeat(201) },
      "label",
      "invalid"
    ],
    [
      "the label has a lone surrogate",
      { credentials: { api_key: "good-key" }, label: "\ud800" },
      "label",
      "invalid"
    ]
  ])("400 where %s", async (_, json, path, code) => {
    const host = await makeHost()
    const response = await store(host, json)
    const body = await bodyOf(response)
    expect([response.status, body.error, body.details]).toEqual([
      400,
      "validation_error",
      [{ path, code }]
    ])
    expect(JSON.stringify(body)).not.toContain("canary")
  })

  it("400 for a provider that takes no keys", async () => {
    const host = await makeHost()
    const response = await host.send("POST", "/forge/credentials", {
      token: await host.issuer.token(),
      json: { credentials: { api_key: "x" } }
    })
    expect(await outcomeOf(response)).toBe("400 validation_error")
  })
})

describe("POST complete", () => {
  it("finishes a parked flow for who started it, once", async () => {
    const host = await makeHost()
    const [token, flowId] = [await host.issuer.token(), await parkFlow(host)]
    const complete = () => host.send("POST", "/forge/complete", { token, json: { flowId } })
    const response = await complete()
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({
      integrationId: matching(/^int_/),
      provider: "forge",
      status: "connected",
      connectedAt: matching(timestamp)
    })
    expect(await outcomeOf(await complete())).toBe("404 flow_not_found")
    expect(host.world.count("/token")).toBe(1)
  })

  it.each([
    ["user", { sub: "user-2" }],
    ["tenant", { tenant_id: "tenant-2" }]
  ])(
    "S-05 S-07 burns a flow that another %s presents, before any token request",
    async (_, other) => {
      const host = await makeHost()
      const flowId = await parkFlow(host)
      const complete = async (claims: object) =>
        outcomeOf(
          await host.send("POST", "/forge/complete", {
            token: await host.issuer.token({ ...claims }),
            json: { flowId }
          })
        )
      expect(await complete(other)).toBe("404 flow_not_found")
      expect(await complete({})).toBe("404 flow_not_found")
      expect(host.world.count("/token")).toBe(0)
    }
  )

  it("S-07 refuses who is not an admin any more, and keeps the flow for one who is", async () => {
    const host = await makeHost()
    const flowId = await parkFlow(host)
    const token = await host.issuer.token({ roles: ["member"] })
    const response = await host.send("POST", "/forge/complete", { token, json: { flowId } })
    expect(await outcomeOf(response)).toBe("403 forbidden")
    expect(host.world.count("/token")).toBe(0)
  })

  it.each([{}, { flowId: "" }, { flowId: 1 }, { flowId: "x".repeat(256) }, { flowId: "\0" }])(
    "400 for %j",
    async (json) => {
      const host = await makeHost()
      const token = await host.issuer.token()
      expect(await outcomeOf(await host.send("POST", "/forge/complete", { token, json }))).toBe(
        "400 validation_error"
      )
    }
  )

  it("400 where the provider gives no token", async () => {
    const host = await makeHost()
    const flowId = await parkFlow(host)
    host.world.set({ token: () => Response.json({ error: "invalid_grant" }, { status: 400 }) })
    const response = await host.send("POST", "/forge/complete", {
      token: await host.issuer.token(),
      json: { flowId }
    })
    expect(await outcomeOf(response)).toBe("400 validation_error")
  })
})

describe("GET /v1/integrations", () => {
  const connected = async () => {
    const host = await makeHost()
    await comeBack(host, await startFlow(host))
    await host.send("POST", "/gauge/connect", {
      token: await host.issuer.token(),
      json: { credentialId: await storeKey(host) }
    })
    return host
  }
  const list = async (host: Awaited<ReturnType<typeof makeHost>>, query = "", claims = {}) =>
    host.send("GET", query, { token: await host.issuer.token(claims) })

  it("lists the tenant's integrations, for members too", async () => {
    const host = await connected()
    const response = await list(host, "", { roles: ["member"] })
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({
      items: ["forge", "gauge"].map((provider) => ({
        integrationId: matching(/^int_/),
        provider,
        name: "default",
        owner: "tenant",
        status: "connected",
        connectedBy: "user-1",
        connectedAt: matching(timestamp),
        scopes: provider === "forge" ? ["repo"] : [],
        missingScopes: []
      })),
      total: 2
    })
  })

  it("filters by status and provider, and knows nothing of other tenants", async () => {
    const host = await connected()
    const total = async (query: string, claims = {}) =>
      (await bodyOf<{ total: number }>(await list(host, query, claims))).total
    expect(await total("?status=connected")).toBe(2)
    expect(await total("?status=disconnected")).toBe(0)
    expect(await total("?provider=forge&status=connected")).toBe(1)
    expect(await total("?provider=unknown")).toBe(0)
    expect(await total("/")).toBe(2)
    expect(await total("?tenantId=tenant-1", { tenant_id: "tenant-2" })).toBe(0)
  })

  it.each([
    "?status=broken",
    "?status=",
    "?status=connected&status=error",
    "?provider=a&provider=b"
  ])("400 for %s", async (query) => {
    const host = await makeHost()
    expect(await outcomeOf(await list(host, query))).toBe("400 validation_error")
  })
})

describe("GET catalog", () => {
  it("is public, and a bad token changes nothing", async () => {
    const host = await makeHost()
    const plain = await host.send("GET", "/catalog")
    expect(plain.status).toBe(200)
    const text = await plain.text()
    expect(JSON.parse(text)).toEqual({
      items: [
        {
          provider: "forge",
          displayName: "Forge",
          category: "code",
          description: "A code forge.",
          authType: "oauth2",
          scopes: ["repo"],
          connectUrl: "/api/v1/integrations/forge/connect"
        },
        {
          provider: "gauge",
          displayName: "Gauge",
          category: "monitoring",
          description: "A monitoring service.",
          authType: "api_key",
          requiredFields: ["api_key"],
          fields: [{ name: "api_key", label: "API key", required: true, secret: true }],
          connectUrl: "/api/v1/integrations/gauge/connect"
        }
      ],
      total: 2
    })
    const withToken = await host.send("GET", "/catalog", { token: "nonsense" })
    expect(await withToken.text()).toBe(text)
    expect(host.events).toEqual([])
  })

  it("shows what a page can make use of: a colour, the provider's page, a field's pattern", async () => {
    const about = { docsUrl: "https://docs.gauge.test/keys", brandColor: "#632ca6" }
    const fields = [{ name: "api_key", label: "API key", pattern: "[0-9a-f]{32}" }] as const
    const definition = { ...gauge.definition, ...about, fields }
    const host = await makeHost({ providers: [{ definition }] })
    expect(await bodyOf(await host.send("GET", "/catalog"))).toMatchObject({
      items: [{ ...about, fields }]
    })
  })

  it("filters by category, 400 for an unknown one", async () => {
    const host = await makeHost()
    expect(await bodyOf(await host.send("GET", "/catalog?category=code"))).toMatchObject({
      total: 1
    })
    expect(await outcomeOf(await host.send("GET", "/catalog?category=nonsense"))).toBe(
      "400 validation_error"
    )
  })
})
