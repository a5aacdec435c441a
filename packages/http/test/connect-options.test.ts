import { describe, expect, it } from "vitest"
import { beginFlow, comeBack, cookieUrl, outcomeAt, storeKey } from "./support/flow.ts"
import { bodyOf, forge, gauge, type Host, makeHost, outcomeOf } from "./support/host.ts"

/** A provider that lives on the tenant's own host, and has scopes to choose from. */
const desk = {
  ...forge,
  scopes: ["read", "write", "admin"],
  requiredScopes: ["read"],
  definition: {
    ...forge.definition,
    id: "desk" as never,
    displayName: "Desk",
    authorizationEndpoint: "https://{subdomain}.desk.test/authorize",
    tokenEndpoint: "https://{subdomain}.desk.test/token",
    defaultScopes: ["read"],
    fields: [
      { name: "subdomain", label: "Subdomain", secret: false, format: "subdomain" },
      {
        name: "plan",
        label: "Plan",
        secret: false,
        required: false,
        choices: ["team", "company"]
      }
    ]
  }
} as const

const deskHost = () => makeHost({ providers: [forge, gauge, desk] })

const connect = async (host: Host, provider: string, json: object) =>
  host.send("POST", `/${provider}/connect`, {
    token: await host.issuer.token(),
    json: { redirectUrl: cookieUrl, ...json }
  })

const expectInvalid = async (response: Response, path: string, code: string) => {
  expect(response.status).toBe(400)
  expect(response.headers.get("set-cookie")).toBeNull()
  const body = await bodyOf(response)
  expect([body.error, body.details]).toEqual(["validation_error", [{ path, code }]])
  expect(JSON.stringify(body)).not.toMatch(/evil|canary/)
}

describe("connect with the tenant's fields", () => {
  it("leads to the tenant's own host, and the code goes there too", async () => {
    const host = await deskHost()
    const started = await beginFlow(
      host,
      { redirectUrl: cookieUrl, fields: { subdomain: "acme-1", plan: "team" } },
      undefined,
      "desk"
    )
    expect(new URL(started.authorizationUrl).host).toBe("acme-1.desk.test")
    host.world.set({ token: () => tokens("read") })
    expect(outcomeAt(await comeBack(host, started, { provider: "desk" }))["status"]).toBe(
      "connected"
    )
    expect(host.world.requests.at(-1)?.url.href).toBe("https://acme-1.desk.test/token")
  })

  it("shows them in the catalogue", async () => {
    const host = await deskHost()
    const { items } = await bodyOf<{ items: ReadonlyArray<{ provider: string }> }>(
      await host.send("GET", "/catalog")
    )
    expect(items.find(({ provider }) => provider === "desk")).toMatchObject({
      authType: "oauth2",
      scopes: ["read", "write", "admin"],
      fields: [
        { name: "subdomain", label: "Subdomain", required: true, secret: false },
        {
          name: "plan",
          label: "Plan",
          required: false,
          secret: false,
          choices: ["team", "company"]
        }
      ]
    })
  })

  it.each([
    ["there are none", {}, "fields.subdomain", "missing"],
    ["they are empty", { fields: {} }, "fields.subdomain", "missing"],
    ["one is unknown", { fields: { subdomain: "acme", site: "x" } }, "fields.site", "unknown"],
    ["one is a list", { fields: { subdomain: ["acme"] } }, "fields.subdomain", "invalid"],
    ["they are a list", { fields: ["acme"] }, "fields", "invalid"],
    ["they are null", { fields: null }, "fields", "invalid"],
    [
      "one is not of its choices",
      { fields: { subdomain: "acme", plan: "evil" } },
      "fields.plan",
      "invalid"
    ]
  ])("400 where %s", async (_, json, path, code) => {
    await expectInvalid(await connect(await deskHost(), "desk", json), path, code)
  })

  const hostile = [
    "evil.com/",
    "evil.com#",
    "evil.com?",
    "a.evil.com",
    "x@evil.com",
    "evil.com:443",
    "\\evil.com",
    "..",
    ".",
    "-evil",
    "evil-",
    "Evil",
    "evil%2ecom",
    "evil\u3002com",
    "\u0435vil",
    "xn--vil\u0000",
    "evil\n",
    "e".repeat(64),
    "",
    " evil"
  ]
  it(`S-62 none of ${hostile.length} hostile subdomains leads anywhere`, async () => {
    const host = await deskHost()
    for (const subdomain of hostile) {
      const response = await connect(host, "desk", { fields: { subdomain } })
      await expectInvalid(response, "fields.subdomain", "invalid")
    }
    expect(host.world.requests).not.toContainEqual(expect.objectContaining({ method: "POST" }))
  })

  it("400 for fields of a provider that has none", async () => {
    const host = await makeHost()
    await expectInvalid(
      await connect(host, "forge", { fields: { subdomain: "evil" } }),
      "fields.subdomain",
      "unknown"
    )
    expect((await connect(host, "forge", { fields: {} })).status).toBe(200)
  })
})

const tokens = (scope?: string): Response =>
  Response.json({
    access_token: "canary-access-token",
    token_type: "bearer",
    ...(scope !== undefined && { scope })
  })

describe("S-26 scopes", () => {
  const begin = (host: Host, scopes?: ReadonlyArray<string>) =>
    beginFlow(
      host,
      {
        redirectUrl: cookieUrl,
        fields: { subdomain: "acme" },
        ...(scopes !== undefined && { scopes })
      },
      undefined,
      "desk"
    )
  const askedFor = ({ authorizationUrl }: { readonly authorizationUrl: string }) =>
    new URL(authorizationUrl).searchParams.get("scope")
  const granted = async (host: Host) =>
    (
      await bodyOf<{ scopes: ReadonlyArray<string> }>(
        await host.send("GET", "/desk", { token: await host.issuer.token() })
      )
    ).scopes

  it("all that are configured are asked for, or the caller's choice of them, each once", async () => {
    const host = await deskHost()
    expect(askedFor(await begin(host))).toBe("read write admin")
    expect(askedFor(await begin(host, ["write", "read", "write"]))).toBe("write read")
  })

  it.each([
    ["more than is configured", ["read", "evil"], "scopes", "not_allowed"],
    ["another spelling", ["read", "WRITE"], "scopes", "not_allowed"],
    ["two in one", ["read", "write admin"], "scopes", "not_allowed"],
    ["without a required one", ["write"], "scopes", "missing"],
    ["none", [], "scopes", "missing"],
    ["text", "read", "scopes", "invalid"],
    ["a list of numbers", [1], "scopes.0", "invalid"],
    ["null", null, "scopes", "invalid"]
  ])("400 for %s", async (_, scopes, path, code) => {
    const host = await deskHost()
    await expectInvalid(
      await connect(host, "desk", { fields: { subdomain: "acme" }, scopes }),
      path,
      code
    )
  })

  it("400 for some of those that are required, and not for none where none is configured", async () => {
    const strict = await makeHost({ providers: [{ ...forge, requiredScopes: ["repo", "user"] }] })
    await expectInvalid(await connect(strict, "forge", { scopes: ["repo"] }), "scopes", "missing")
    const bare = { ...forge, scopes: [], requiredScopes: [] }
    const host = await makeHost({ providers: [bare] })
    expect((await connect(host, "forge", { scopes: [] })).status).toBe(200)
  })

  it("400 for none where the host requires none either: the server would choose them", async () => {
    await expectInvalid(
      await connect(await makeHost(), "forge", { scopes: [] }),
      "scopes",
      "missing"
    )
  })

  it.each([
    ["fewer than asked for are shown as granted", "read write", ["read", "write"]],
    ["others than asked for are shown as granted", "read extra", ["read", "extra"]],
    ["none named means those asked for", undefined, ["read", "write", "admin"]]
  ])("%s", async (_, scope, expected) => {
    const host = await deskHost()
    const started = await begin(host)
    host.world.set({ token: () => tokens(scope) })
    await comeBack(host, started, { provider: "desk" })
    expect(await granted(host)).toEqual(expected)
  })

  it("without a required one nothing is connected, and nothing stored", async () => {
    const host = await deskHost()
    const started = await begin(host)
    host.world.set({ token: () => tokens("write admin") })
    expect(outcomeAt(await comeBack(host, started, { provider: "desk" }))).toEqual({
      status: "error",
      provider: "desk",
      error: "insufficient_scope"
    })
    const response = await host.send("GET", "/desk", { token: await host.issuer.token() })
    expect(await outcomeOf(response)).toBe("404 integration_not_found")
  })
})

describe("what only OAuth2 takes", () => {
  it.each([
    { fields: {} },
    { scopes: [] },
    { reauthorize: true },
    { reauthorize: false },
    { replaceScopes: true },
    { replaceScopes: false }
  ])("400 for an API key with %j", async (more) => {
    const host = await makeHost()
    const response = await host.send("POST", "/gauge/connect", {
      token: await host.issuer.token(),
      json: { credentialId: await storeKey(host), ...more }
    })
    await expectInvalid(response, Object.keys(more)[0] ?? "", "not_allowed")
  })

  it.each(["yes", 1, null])("400 for reauthorize %j", async (reauthorize) => {
    const response = await connect(await makeHost(), "forge", { reauthorize })
    await expectInvalid(response, "reauthorize", "invalid")
  })

  it("reauthorize does no harm where nothing is connected", async () => {
    const host = await makeHost()
    const started = await beginFlow(host, { redirectUrl: cookieUrl, reauthorize: true })
    expect(outcomeAt(await comeBack(host, started))["status"]).toBe("connected")
    expect(await outcomeOf(await connect(host, "forge", {}))).toBe("409 already_connected")
  })
})
