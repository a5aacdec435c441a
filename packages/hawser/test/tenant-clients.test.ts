import { createHash } from "node:crypto"
import { type ClientOf, defineProvider, type HawserOptions } from "hawser"
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest"
import { callback, consent, startFlow } from "./support/flow.ts"
import { type HostParts, startTestHost, type TestHost } from "./support/host.ts"
import { freshPostgres } from "./support/freshPostgres.ts"

/** As documented: SHA-256 over both, each preceded by its length in 4 bytes; 22 characters of it. */
const contextOf = (tenantId: string, provider: string): string => {
  const hash = createHash("sha256")
  for (const part of [tenantId, provider].map((text) => Buffer.from(text))) {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(part.length)
    hash.update(length).update(part)
  }
  return hash.digest("base64url").slice(0, 22)
}

const tenants = ["blue", "green"]
const clientIdOf = (tenantId: string) => `client-of-${tenantId}`
const secretOf = (tenantId: string) => `canary-client-secret-of-${tenantId}`

let hook: ClientOf | undefined
const clientOf: ClientOf = (request) => {
  if (hook !== undefined) return hook(request)
  const { tenantId } = request
  return tenants.includes(tenantId)
    ? { clientId: clientIdOf(tenantId), clientSecret: secretOf(tenantId) }
    : null
}
afterEach(() => {
  hook = undefined
})

/** At the real authorization server, each tenant by the client that it has registered there. */
const providers = ({ authorizationServer: { issuer }, providers: shared }: HostParts) => [
  ...shared,
  defineProvider(
    {
      id: "own",
      displayName: "Own",
      category: "other",
      description: "A server at which each tenant registers a client.",
      authType: "oauth2",
      issuer,
      authorizationEndpoint: `${issuer}/auth`,
      tokenEndpoint: `${issuer}/token`,
      revocation: { endpoint: `${issuer}/token/revocation`, ends: "token" },
      authorizationParameters: { prompt: "consent" },
      issParameterSupported: true,
      clientAuthentication: "client_secret_basic",
      defaultScopes: ["offline_access", "projects.read"]
    },
    { clientOf }
  )
]

let host: TestHost

beforeAll(async () => {
  host = await startTestHost(
    await freshPostgres(),
    (parts): Partial<HawserOptions> => ({ providers: providers(parts), workers: "off" }),
    (origin) => ({
      others: tenants.map((tenantId) => ({
        client_id: clientIdOf(tenantId),
        client_secret: secretOf(tenantId),
        redirect_uris: [`${origin}/v1/integrations/own/callback/${contextOf(tenantId, "own")}`],
        grant_types: ["authorization_code", "refresh_token"],
        response_types: ["code"],
        token_endpoint_auth_method: "client_secret_basic"
      }))
    })
  )
})
afterAll(() => host.close())

const begin = async (tenant: string, redirectUrl = host.cookieRedirect) => {
  const flow = await startFlow(host, redirectUrl, { as: { tenant }, provider: "own" })
  return { flow, url: await consent(host, flow) }
}

const end = async (tenantId: string) => {
  await host.hawser.tenant(tenantId, { user: "ada" }).connection("own").disconnect()
  await host.hawser.tick()
}

/** Who presented what at the token endpoint and at that of revocations since then. */
const presented = (from: number) =>
  host.authorizationServer.requests
    .slice(from)
    .filter(({ path }) => path.startsWith("/token"))
    .map(({ headers, parameters, path, status }) => {
      const [, basic = ""] = String(headers["authorization"]).split(" ")
      const [clientId = ""] = Buffer.from(basic, "base64").toString().split(":")
      return [decodeURIComponent(clientId), path, parameters["redirect_uri"], status]
    })

describe("S-79 two tenants with clients of their own", () => {
  it("interleaved: each flow is its own client's, from its authorization URL to its revocation", async () => {
    const from = host.authorizationServer.requests.length
    const [blue, green] = [await begin("blue"), await begin("green")]
    for (const { flow, url } of [green, blue]) {
      const { location } = await callback(flow, url)
      expect(location?.searchParams.get("status")).toBe("connected")
    }
    const uri = (tenant: string) =>
      `${host.origin}/v1/integrations/own/callback/${contextOf(tenant, "own")}`
    expect(presented(from)).toEqual([
      [clientIdOf("green"), "/token", uri("green"), 200],
      [clientIdOf("blue"), "/token", uri("blue"), 200]
    ])

    const tokens = await Promise.all(
      tenants.map((tenantId) => host.hawser.tenant(tenantId).connection("own").token())
    )
    const [ofBlue = "", ofGreen = ""] = tokens.map(({ token: accessToken }) => accessToken)
    expect(ofBlue).not.toBe(ofGreen)
    await end("blue")
    expect(await host.authorizationServer.isActive(ofBlue)).toBe(false)
    expect(await host.authorizationServer.isActive(ofGreen)).toBe(true)
    await end("green")
    expect(
      new Set(
        presented(from)
          .slice(2)
          .map(([clientId, path]) => [clientId, path].join(" "))
      )
    ).toEqual(
      new Set(tenants.map((tenant) => `${clientIdOf(tenant)} /token/revocation`)).add(
        "hawser-test /token/introspection"
      )
    )
  })

  it("no secret of theirs is in a log line or a security event", () => {
    const said = host.logLines.join() + JSON.stringify(host.securityEvents)
    expect(said).not.toContain("canary")
  })
})

describe("S-20 a redirect URI of each tenant's own", () => {
  it.each([
    ["another tenant's", contextOf("green", "own")],
    ["that of a tenant that is not there", contextOf("nobody", "own")],
    ["the plain one", undefined]
  ])("what comes back at %s is burned before any token request", async (_, context) => {
    const { flow, url } = await begin("blue")
    const before = host.authorizationServer.tokenRequests()
    const wrong = new URL(url)
    wrong.pathname = [
      "/v1/integrations/own/callback",
      ...(context === undefined ? [] : [context])
    ].join("/")
    const { location, response } = await callback(flow, wrong)
    expect([response.status, location]).toEqual([400, undefined])
    expect(host.securityEvents.at(-1)).toMatchObject({
      type: "provider_mismatch",
      reason: "redirect_uri",
      tenantId: "blue"
    })
    expect((await callback(flow, url)).response.status).toBe(400)
    expect(host.authorizationServer.tokenRequests()).toBe(before)
    expect((await host.hawser.tenant("blue").connections({ status: "connected" })).items).toEqual(
      []
    )
  })

  it("a flow of the client that all share does not end at a tenant's", async () => {
    const flow = await startFlow(host, host.cookieRedirect, { as: { tenant: "blue" } })
    const url = await consent(host, flow)
    url.pathname += `/${contextOf("blue", "projects")}`
    expect((await callback(flow, url)).response.status).toBe(400)
  })

  it("is told to the host before the tenant has a client", async () => {
    const urlFor = (tenantId: string, provider: string) =>
      host.hawser.admin.callbackUrl({ tenantId, provider })
    const callbackOf = (provider: string) => `${host.origin}/v1/integrations/${provider}/callback`
    expect(await urlFor("blue", "own")).toBe(`${callbackOf("own")}/${contextOf("blue", "own")}`)
    expect(await urlFor("new", "own")).toBe(`${callbackOf("own")}/${contextOf("new", "own")}`)
    expect(await urlFor("blue", "projects")).toBe(callbackOf("projects"))
    for (const provider of ["beacon", "nobody"])
      await expect(urlFor("blue", provider)).rejects.toMatchObject({ code: "provider_not_found" })
  })
})

describe("a tenant without a client, and a host that cannot tell", () => {
  const connect = (tenant: string) =>
    host.call("POST", "/own/connect", {
      as: { tenant },
      body: { redirectUrl: host.cookieRedirect }
    })

  it("404 for the one, 503 for the other", async () => {
    expect((await connect("red")).status).toBe(404)
    hook = () => Promise.reject(new Error("canary: the host's table is away"))
    const response = await connect("blue")
    expect(response.status).toBe(503)
    expect(await response.text()).not.toContain("canary")
    await expect(
      host.hawser
        .tenant("blue", { user: "ada" })
        .connect("own", { redirectUrl: host.cookieRedirect })
    ).rejects.toMatchObject({ code: "storage_unavailable" })
  })

  it("a connection that is there lives on through both", async () => {
    const { flow, url } = await begin("blue", host.completeRedirect)
    const fragment = (await callback(flow, url)).location?.hash.slice(1)
    const flowId = new URLSearchParams(fragment).get("flowId")
    const response = await host.call("POST", "/own/complete", {
      as: { tenant: "blue" },
      body: { flowId }
    })
    expect(response.status).toBe(200)
    for (const away of [() => null, () => Promise.reject(new Error("away"))]) {
      hook = away
      const { token: accessToken } = await host.hawser.tenant("blue").connection("own").token()
      expect(await host.authorizationServer.isActive(accessToken)).toBe(true)
      const got = await host.hawser.tenant("blue").connection("own").get()
      expect(got.status).toBe("connected")
      const test = await host.hawser.tenant("blue", { user: "ada" }).connection("own").test()
      expect(test.reason).toBe("not_supported")
    }
    await end("blue")
  })
})
