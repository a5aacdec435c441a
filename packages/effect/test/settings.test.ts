import { ProviderId, TenantId } from "@hawser/core"
import { Duration, Effect } from "effect"
import { MemoryStores } from "@hawser/memory"
import { describe, expect, it } from "vitest"
import type { HawserOptions } from "../src/HawserOptions.ts"
import { checkSettings } from "../src/settings.ts"

const app = "https://app.example.com/integrations"
const valid: HawserOptions = {
  publicUrl: "https://api.example.com/hawser",
  allowedRedirectUrls: [app],
  authenticate: async () => null,
  providers: [],
  store: { layer: MemoryStores.layer },
  encryptionKey: undefined
}
const acme = TenantId.make("acme")
const github = ProviderId.make("github")

const settingsOf = (change: Partial<HawserOptions> = {}) =>
  Effect.runPromise(checkSettings({ ...valid, ...change }))

const refusedBy = (change: object) =>
  Effect.runPromise(
    Effect.flip(checkSettings({ ...valid, ...change })).pipe(Effect.map(({ setting }) => setting))
  )

const bindingOf = async (change: Partial<HawserOptions>, url = app) => {
  const { connect } = await settingsOf(change)
  return (await Effect.runPromise(connect.bindingAt(url, acme)))?.binding
}

const session = async () => null

describe("what a host leaves out", () => {
  it("is settled by the documented defaults", async () => {
    const { connect, eventRetention, http } = await settingsOf()
    expect(http).toStrictEqual({
      basePath: "/hawser",
      appOrigins: {
        listed: new Set(["https://api.example.com", "https://app.example.com"]),
        limited: new Set(),
        ofRedirects: false
      },
      publicOrigin: "https://api.example.com",
      appUrl: app,
      callbackPaths: new Map(),
      secureCookies: true,
      rateLimit: 2000
    })
    expect(Duration.toMinutes(connect.flowLifetime)).toBe(10)
    expect(Duration.toMinutes(connect.parkedLifetime)).toBe(2)
    expect(Duration.toMinutes(connect.confirmPage.lifetime)).toBe(5)
    expect(connect.pendingFlowLimits).toStrictEqual({ perUser: 20, perTenant: 200 })
    expect(Duration.toDays(eventRetention)).toBe(7)
  })

  it("and what it sets is taken", async () => {
    const { connect, eventRetention, http } = await settingsOf({
      basePath: "/inside/v_1.0~x/",
      appOrigins: ["https://one.example", "http://localhost:5173", "capacitor://localhost"],
      appUrl: "https://one.example/home",
      installUrl: "https://one.example/install",
      rateLimit: 5,
      flowLifetime: "60 minutes",
      eventRetention: "1 day",
      reference: true,
      resolveSession: session
    })
    expect(http).toStrictEqual({
      basePath: "/inside/v_1.0~x",
      appOrigins: {
        listed: new Set(["https://one.example", "http://localhost:5173"]),
        limited: new Set(["capacitor://localhost"]),
        ofRedirects: false
      },
      publicOrigin: "https://api.example.com",
      appUrl: "https://one.example/home",
      installUrl: "https://one.example/install",
      secureCookies: true,
      callbackPaths: new Map(),
      rateLimit: 5,
      reference: { publicUrl: "https://api.example.com/hawser" },
      resolveSession: session
    })
    expect(Duration.toMinutes(connect.flowLifetime)).toBe(60)
    expect(Duration.toDays(eventRetention)).toBe(1)
  })

  it("the rate limit may be off, and the reference page stays off unless it is asked for", async () => {
    const { http } = await settingsOf({ rateLimit: false, reference: false })
    expect(http.rateLimit).toBe(false)
    expect(http).not.toHaveProperty("reference")
  })

  it("origins and the page to return to come from prefixes too", async () => {
    const { http } = await settingsOf({
      allowedRedirectUrls: [{ unsafePrefix: "https://tenants.example/app", binding: "cookie" }]
    })
    expect([...http.appOrigins.listed]).toStrictEqual([
      "https://api.example.com",
      "https://tenants.example"
    ])
    expect(http.appUrl).toBe("https://tenants.example/app")
  })

  it("S-88 an origin of which every URL is bound by confirm begins no flow that a cookie proves", async () => {
    const { http } = await settingsOf({
      tenantName: () => "Acme",
      allowedRedirectUrls: [
        app,
        { url: "https://app.example.com/shared", binding: "confirm" },
        { url: "https://tenant.example/done", binding: "confirm" },
        { unsafePrefix: "https://tenants.example", binding: "confirm" },
        { url: "https://api.example.com/done", binding: "confirm" }
      ]
    })
    expect(http.appOrigins).toStrictEqual({
      listed: new Set(["https://api.example.com", "https://app.example.com"]),
      limited: new Set(["https://tenant.example", "https://tenants.example"]),
      ofRedirects: false
    })
  })

  it("S-87 the page to return to is none that a tenant may run", async () => {
    const confirmed = { url: "https://tenant.example/done", binding: "confirm" } as const
    const below = { unsafePrefix: "https://tenants.example", binding: "confirm" } as const
    for (const [allowedRedirectUrls, appUrl] of [
      [[confirmed, app], app],
      [[below, confirmed, { unsafePrefix: app, binding: "cookie" }], app],
      [[below, confirmed], "https://api.example.com/hawser"]
    ] as const) {
      const { http } = await settingsOf({ allowedRedirectUrls, tenantName: () => "Acme" })
      expect(http.appUrl).toBe(appUrl)
    }
  })
})

it("a function of the host's is asked about origins beside the default ones", async () => {
  const appOrigins = () => true
  const { http } = await settingsOf({ appOrigins, allowRedirect: () => null })
  expect(http.appOrigins).toStrictEqual({
    listed: new Set(["https://api.example.com", "https://app.example.com"]),
    limited: new Set(),
    ofRedirects: true,
    admits: appOrigins
  })
})

describe("URLs of Hawser's own", () => {
  it.each([
    ["https://api.example.com", ""],
    ["https://api.example.com/", ""],
    ["https://api.example.com/a/b", "/a/b"],
    ["https://api.example.com/a/b//", "/a/b"]
  ])(
    "under %s have the prefix of the public URL, whatever the base path",
    async (publicUrl, at) => {
      const { connect, http } = await settingsOf({ publicUrl, basePath: "/inside" })
      expect(connect.redirectUri(github)).toBe(
        `https://api.example.com${at}/v1/integrations/github/callback`
      )
      expect(connect.connectUrl(github)).toBe(`${at}/v1/integrations/github/connect`)
      expect(connect.confirmPage.url(github)).toBe(
        `https://api.example.com${at}/v1/integrations/github/confirm`
      )
      expect(http.publicOrigin).toBe("https://api.example.com")
      expect(http.basePath).toBe("/inside")
      expect((await settingsOf({ publicUrl })).http.basePath).toBe(at)
    }
  )

  it.each([
    ["http://localhost:3000", false],
    ["http://127.0.0.1:3000", false],
    ["http://[::1]:3000", false],
    ["https://localhost:3000", true]
  ])("at %s cookies are Secure: %s", async (publicUrl, secure) => {
    expect((await settingsOf({ publicUrl })).http.secureCookies).toBe(secure)
  })
})

const refused: ReadonlyArray<readonly [string, object]> = [
  ["installUrl", { installUrl: "http://app.example.com/install" }],
  ["publicUrl", { publicUrl: undefined }],
  ["publicUrl", { publicUrl: "" }],
  ["publicUrl", { publicUrl: "api.example.com" }],
  ["publicUrl", { publicUrl: "http://api.example.com" }],
  ["publicUrl", { publicUrl: "ftp://localhost" }],
  ["publicUrl", { publicUrl: "https://ada@api.example.com" }],
  ["publicUrl", { publicUrl: "https://:word@api.example.com" }],
  ["publicUrl", { publicUrl: "https://api.example.com#" }],
  ["publicUrl", { publicUrl: "https://api.example.com?a=1" }],
  ["basePath", { basePath: "inside" }],
  ["basePath", { basePath: "/in side" }],
  ["basePath", { basePath: "/a//b" }],
  ["basePath", { basePath: "/a/../b" }],
  ["basePath", { basePath: "/a?" }],
  ["basePath", { basePath: "x/a" }],
  ["allowedRedirectUrls", { allowedRedirectUrls: [] }],
  ["allowedRedirectUrls", { allowedRedirectUrls: ["/done"] }],
  ["allowedRedirectUrls", { allowedRedirectUrls: [app, "http://app.example.com/"] }],
  ["allowedRedirectUrls", { allowedRedirectUrls: ["https://app.example.com/a/../b"] }],
  ["allowedRedirectUrls", { allowedRedirectUrls: ["https://*.example.com/"] }],
  ...["status", "provider", "integrationId", "error"].map(
    (name) => ["allowedRedirectUrls", { allowedRedirectUrls: [`${app}?a=1&${name}=`] }] as const
  ),
  [
    "allowedRedirectUrls",
    { allowedRedirectUrls: [{ unsafePrefix: `${app}?a`, binding: "cookie" }] }
  ],
  ["allowedRedirectUrls", { allowedRedirectUrls: [{ unsafePrefix: app, binding: "complete" }] }],
  ["resolveSession", { allowedRedirectUrls: [{ url: app, binding: "session" }] }],
  ["resolveSession", { allowedRedirectUrls: [{ unsafePrefix: app, binding: "session" }] }],
  ["tenantName", { allowedRedirectUrls: [{ url: app, binding: "confirm" }] }],
  ["tenantName", { allowedRedirectUrls: [{ unsafePrefix: app, binding: "confirm" }] }],
  ["appOrigins", { appOrigins: ["https://one.example/"] }],
  ["appOrigins", { appOrigins: ["http://one.example"] }],
  ...["capacitor://localhost/", "file://", "javascript://x", "data://x", "null", "ftp://a"].map(
    (origin) => ["appOrigins", { appOrigins: [origin] }] as const
  ),
  ["appUrl", { appUrl: "http://one.example" }],
  ["appUrl", { appUrl: "/home" }],
  ...([0, 10, "61 minutes", "0.5 minutes", Number.NaN] as const).map(
    (flowLifetime) => ["flowLifetime", { flowLifetime }] as const
  ),
  ...([0, "3651 days", "0.5 days"] as const).map(
    (eventRetention) => ["eventRetention", { eventRetention }] as const
  ),
  ...[0, 1_000_001, 1.5].map((rateLimit) => ["rateLimit", { rateLimit }] as const)
]

describe("the start stops, and names the setting", () => {
  it.each(refused)("%s: %j", async (setting, change) => {
    expect(await refusedBy(change)).toBe(setting)
  })

  it.each([
    { flowLifetime: "1 minute" as const },
    { eventRetention: "3650 days" as const },
    { rateLimit: 1 },
    { rateLimit: 1_000_000 },
    { basePath: "" },
    { basePath: "/" },
    { appOrigins: [] },
    { publicUrl: "http://localhost" }
  ])("and not on %j", async (change) => {
    await expect(settingsOf(change)).resolves.toBeDefined()
  })
})

describe("S-12 the binding of a flow that ends at", () => {
  it("a bare URL of the public URL's origin is cookie, of another origin complete", async () => {
    const here = "https://api.example.com/done"
    expect(await bindingOf({ allowedRedirectUrls: [here] }, here)).toBe("cookie")
    expect(await bindingOf({ allowedRedirectUrls: [app] })).toBe("complete")
  })

  it.each(["cookie", "complete", "session", "confirm"] as const)(
    "a listed URL is its own: %s",
    async (binding) => {
      const here = "https://api.example.com/done"
      for (const url of [here, app]) {
        const change = {
          allowedRedirectUrls: [{ url, binding }],
          resolveSession: session,
          tenantName: () => "Acme"
        }
        expect(await bindingOf(change, url)).toBe(binding)
      }
    }
  )

  it("a URL below a prefix is the prefix's, that of the first that covers it", async () => {
    const change: Partial<HawserOptions> = {
      resolveSession: session,
      allowedRedirectUrls: [
        { unsafePrefix: "https://one.example/a", binding: "session" },
        { unsafePrefix: "https://one.example", binding: "cookie" }
      ],
      allowRedirect: () => ({ unsafeBinding: "complete" })
    }
    expect(await bindingOf(change, "https://one.example/a/x")).toBe("session")
    expect(await bindingOf(change, "https://one.example/b")).toBe("cookie")
    expect(await bindingOf(change, "https://two.example/a")).toBe("complete")
    // Its query could be followed elsewhere: no prefix covers it, and the host decides.
    expect(await bindingOf(change, "https://one.example/a?next=//evil.example")).toBe("complete")
  })

  it("an exact URL is not compared with its slash, its case or its query", async () => {
    for (const url of [`${app}/`, `${app}?`, app.toUpperCase(), `${app}?a=1`]) {
      expect(await bindingOf({}, url)).toBeUndefined()
    }
  })

  it.each([
    "https://one.example/a/..%2fb",
    "https://one.example/a%2Fb",
    "https://one.example/a%5cb",
    "https://one.example/a%2e%2e/b",
    "https://one.example/a;b",
    "https://one.example/a%00",
    "https://one.example/a%1F",
    "https://one.example/a%25",
    "https://one.example/a%7f",
    "https://one.example/a..b",
    "https://one.example/a//b",
    "https://one.example/%c0%ae/b",
    "https://one.example/a/%EF%BC%8E%EF%BC%8E/b",
    "https://one.example/a%EF%BC%8Fb",
    "https://one.example/a%EF%BC%9Bb"
  ])("S-80 %s, which can be read in two ways, is none", async (url) => {
    const change: Partial<HawserOptions> = {
      allowedRedirectUrls: [{ unsafePrefix: "https://one.example", binding: "cookie" }],
      allowRedirect: () => expect.unreachable()
    }
    expect(await bindingOf(change, url)).toBeUndefined()
    expect(
      await bindingOf({ allowRedirect: () => ({ unsafeBinding: "cookie" }) }, url)
    ).toBeUndefined()
  })
})
