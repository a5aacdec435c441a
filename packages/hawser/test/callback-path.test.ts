import { createHawser, github, type HawserOptions, jwt, memory } from "hawser"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { callback, connectProjects, startFlow } from "./support/flow.ts"
import { type HostParts, registeredPath, startTestHost, type TestHost } from "./support/host.ts"
import { freshPostgres } from "./support/freshPostgres.ts"

/** `projects` at the path that was registered, `people` at Hawser's own, both at the real authorization server. */
const providers = ({ providers: [projects, ...others] }: HostParts) => {
  if (projects === undefined || !("clientId" in projects)) throw new Error("projects is missing")
  const people = { ...projects.definition, id: "people" as never, displayName: "People" }
  return [
    { ...projects, callbackPath: registeredPath },
    { ...projects, definition: people },
    ...others
  ]
}

const redirectUri = ({ authorizationUrl }: { readonly authorizationUrl: string }) =>
  new URL(authorizationUrl).searchParams.get("redirect_uri")

describe("a callback path that was registered before", () => {
  let host: TestHost
  beforeAll(async () => {
    host = await startTestHost(await freshPostgres(), (parts) => ({ providers: providers(parts) }))
  })
  afterAll(() => host.close())

  /** Up to the callback, which is not requested. */
  const begun = async (tenant: string, provider?: string) => {
    const flow = await startFlow(host, host.cookieRedirect, {
      as: { tenant },
      ...(provider !== undefined && { provider })
    })
    return { flow, url: await flow.browser.follow(flow.authorizationUrl, `${redirectUri(flow)}`) }
  }

  it("is where the provider sends the browser, and the flow ends there", async () => {
    const { flow, url } = await begun("registered")
    expect(redirectUri(flow)).toBe(`${host.origin}${registeredPath}`)
    expect(url.pathname).toBe(registeredPath)
    const { location, response } = await callback(flow, url)
    expect([response.status, location?.searchParams.get("status")]).toEqual([303, "connected"])
    const { token: accessToken } = await host.hawser
      .tenant("registered")
      .connection("projects")
      .token()
    expect(await host.authorizationServer.isActive(accessToken)).toBe(true)
  })

  it("leaves the other providers at their own", async () => {
    await connectProjects(host, { as: { tenant: "own" }, provider: "people" })
  })

  it("S-20 the state of another provider is refused there before any token request, and burned", async () => {
    const { flow, url } = await begun("mixed", "people")
    const wrong = new URL(url)
    wrong.pathname = registeredPath
    const before = host.authorizationServer.tokenRequests()
    expect((await callback(flow, wrong)).response.status).toBe(400)
    expect((await callback(flow, url)).response.status).toBe(400)
    expect(host.authorizationServer.tokenRequests()).toBe(before)
    expect(host.securityEvents.map(({ type }) => type)).toContain("provider_mismatch")
  })

  it("S-20 and its own state is refused at another provider's", async () => {
    const { flow, url } = await begun("mixed")
    const wrong = new URL(url)
    wrong.pathname = "/v1/integrations/people/callback"
    const before = host.authorizationServer.tokenRequests()
    expect((await callback(flow, wrong)).response.status).toBe(400)
    expect(host.authorizationServer.tokenRequests()).toBe(before)
  })

  it("S-05 S-03 binding and burning hold there", async () => {
    const { flow, url } = await begun("bound")
    expect((await fetch(url, { redirect: "manual" })).status).toBe(400)
    expect((await callback(flow, url)).response.status).toBe(400)
  })

  it("S-81 answers no other method, and a HEAD uses up no flow", async () => {
    const { flow, url } = await begun("methods")
    for (const method of ["HEAD", "DELETE", "PUT"])
      expect((await fetch(url, { method })).status).toBe(405)
    expect((await callback(flow, url)).response.status).toBe(303)
  })

  it("S-124 a prefetch uses up no flow", async () => {
    const { flow, url } = await begun("prefetched")
    const headers = { "sec-purpose": "prefetch" }
    expect((await flow.browser.request(url, { headers })).status).toBe(503)
    expect((await callback(flow, url)).response.status).toBe(303)
  })

  it("nothing else stands there or below", async () => {
    for (const path of ["/callback", "/v1/integrations", "x"])
      expect((await fetch(`${host.origin}${registeredPath}${path}`)).status).toBe(404)
  })
})

describe("where a proxy changes the prefix", () => {
  const options = (change: Partial<HawserOptions>): HawserOptions => ({
    publicUrl: "https://app.example.com/api",
    basePath: "/internal",
    allowedRedirectUrls: ["https://app.example.com/integrations"],
    authenticate: jwt({
      issuer: "https://login.example.com",
      audience: "https://api.example.com",
      jwksUrl: "https://login.example.com/jwks.json"
    }),
    providers: [],
    store: memory(),
    encryptionKey: Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64"),
    ...change
  })

  it.each([
    ["below the prefix", "/api/auth/github", "/internal/auth/github", "/api/auth/github"],
    ["beside it", "/auth/github", "/auth/github", "/internal/auth/github"]
  ])(
    "a path %s is built as the world sees it, and served as the process does",
    async (_, callbackPath, seen, elsewhere) => {
      const hawser = await createHawser(
        options({ providers: [github({ clientId: "id", clientSecret: "secret", callbackPath })] })
      )
      const { authorizationUrl } = (await hawser
        .tenant("acme", { user: "ada" })
        .connect("github", { redirectUrl: "https://app.example.com/integrations" })) as {
        readonly authorizationUrl: string
      }
      expect(redirectUri({ authorizationUrl })).toBe(`https://app.example.com${callbackPath}`)
      const statusAt = async (path: string) =>
        (await hawser.handler(new Request(`http://localhost${path}`))).status
      expect(await statusAt(seen)).toBe(400)
      expect(await statusAt(elsewhere)).toBe(404)
      await hawser.close()
    }
  )

  const client = { clientId: "id", clientSecret: "secret" }
  const twice = [
    github({ ...client, callbackPath: "/auth/callback" }),
    {
      ...github({ ...client, callbackPath: "/auth/callback" }),
      definition: { ...github(client).definition, id: "other" as never }
    }
  ]
  it.each([
    ["no path", [github({ ...client, callbackPath: "auth" })], /Set a path/],
    ["a whole URL", [github({ ...client, callbackPath: "https://evil.example/x" })], /Set a path/],
    ["dots", [github({ ...client, callbackPath: "/auth/../x" })], /Set a path/],
    ["a query", [github({ ...client, callbackPath: "/auth?x" })], /Set a path/],
    ["an escape", [github({ ...client, callbackPath: "/auth%2fx" })], /Set a path/],
    [
      "another's place in the contract",
      [github({ ...client, callbackPath: "/api/v1/integrations/pagerduty/callback" })],
      /Hawser's own/
    ],
    [
      "the contract's own path as the process sees it",
      [github({ ...client, callbackPath: "/internal/v1/integrations" })],
      /Hawser's own/
    ],
    ["one path for two", twice, /github has this path/]
  ] as const)("S-20 %s stops the start", async (_, given, problem) => {
    await expect(createHawser(options({ providers: given }))).rejects.toThrow(problem)
  })
})
