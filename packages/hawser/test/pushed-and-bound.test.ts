import { discoverProvider, postgres } from "hawser"
import { calculateJwkThumbprint, decodeJwt, decodeProtectedHeader, type JWK } from "jose"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { SeenRequest } from "../../../test-support/authorization-server.ts"
import { query } from "../../../test-support/postgres-query.ts"
import { createDatabase } from "../../../test-support/postgres.ts"
import { secretsIn } from "./support/encodings.ts"
import { callback, connectProjects, consent, startFlow } from "./support/flow.ts"
import { type HostParts, startTestHost, type TestHost } from "./support/host.ts"

const resource = "https://api.projects.example/v2"

let host: TestHost
let database: Awaited<ReturnType<typeof createDatabase>>

/** `projects` with pushed requests and tokens bound to a key; `papers` with pushed requests and tokens for one service. */
const providers = async ({
  authorizationServer: { clientId, clientSecret, issuer }
}: HostParts) => {
  const described = {
    category: "other",
    description: "A real authorization server on loopback.",
    issuer,
    authorizationParameters: { prompt: "consent" }
  } as const
  const loopback = { unsafelyAllowLoopback: true }
  const client = { clientId, clientSecret, pushedAuthorizationRequests: true }
  return Promise.all([
    discoverProvider(
      {
        ...described,
        id: "projects",
        displayName: "Projects",
        account: { from: "request", url: `${issuer}/me`, id: ["sub"] },
        check: { url: `${issuer}/me` },
        api: { baseUrl: issuer },
        defaultScopes: ["openid", "offline_access", "projects.read"]
      },
      { ...client, dpop: true },
      loopback
    ),
    discoverProvider(
      { ...described, id: "papers", displayName: "Papers", defaultScopes: ["projects.read"] },
      { ...client, resource: [resource] },
      loopback
    ),
    discoverProvider(
      { ...described, id: "people", displayName: "People", defaultScopes: ["projects.read"] },
      { ...client, clientSecret: "another secret" },
      loopback
    )
  ])
}

beforeAll(async () => {
  database = await createDatabase()
  host = await startTestHost(
    postgres({ url: database.url }),
    async (parts) => ({ providers: await providers(parts) }),
    {
      features: {
        pushedAuthorizationRequests: { enabled: true, requirePushedAuthorizationRequests: true },
        dPoP: {
          enabled: true,
          nonceSecret: crypto.getRandomValues(Buffer.alloc(32)),
          requireNonce: () => true
        },
        resourceIndicators: {
          enabled: true,
          getResourceServerInfo: () => ({ scope: "projects.read", accessTokenFormat: "jwt" })
        }
      }
    }
  )
})
afterAll(async () => {
  await host.close()
  await database.drop()
})

/** The requests to a path of the server's while something was done. */
const requestsTo = async (path: string, act: () => Promise<unknown>) => {
  const before = host.authorizationServer.requests.length
  await act()
  return host.authorizationServer.requests.slice(before).filter((one) => one.path === path)
}

const proofOf = ({ headers }: SeenRequest) => {
  const proof = String(headers["dpop"])
  return { header: decodeProtectedHeader(proof), claims: decodeJwt(proof) }
}

const grantOf = (tenantId: string) => host.hawser.tenant(tenantId).connection("projects").token()

describe("a pushed authorization request", () => {
  it("S-28 leaves nothing in the URL but the client and a reference to it", async () => {
    const as = { tenant: "pushed" }
    let flow: Awaited<ReturnType<typeof startFlow>> | undefined
    const [pushed, ...others] = await requestsTo("/request", async () => {
      flow = await startFlow(host, host.cookieRedirect, { as, provider: "papers" })
    })
    expect(others).toEqual([])
    const { issuer } = host.authorizationServer
    const url = new URL(flow?.authorizationUrl ?? "")
    expect(`${url.origin}${url.pathname}`).toBe(`${issuer}/auth`)
    expect([...url.searchParams.keys()].toSorted()).toEqual(["client_id", "request_uri"])
    expect(pushed?.status).toBe(201)
    expect(String(pushed?.headers["authorization"])).toMatch(/^Basic /)
    expect(pushed?.parameters).toMatchObject({
      response_type: "code",
      redirect_uri: `${host.origin}/v1/integrations/papers/callback`,
      state: flow?.state,
      code_challenge_method: "S256",
      scope: "projects.read",
      prompt: "consent"
    })
  })

  it("S-28 cannot be changed by who carries its URL", async () => {
    const as = { tenant: "carried" }
    const { authorizationUrl, browser } = await startFlow(host, host.cookieRedirect, {
      as,
      provider: "papers"
    })
    const changed = `${authorizationUrl}&scope=projects.write&state=mine&resource=https://evil.example`
    const url = await consent(host, { browser, authorizationUrl: changed })
    expect((await callback({ browser }, url)).location?.searchParams.get("status")).toBe(
      "connected"
    )
    const { scopes } = await host.hawser.tenant("carried").connection("papers").get()
    expect(scopes).toEqual(["projects.read"])
  })

  it("S-28 that the server does not take leaves no flow that waits, and no secret of one", async () => {
    const flows = async () =>
      query(
        database.url,
        "select status, sealed_secrets from hawser.flow where provider = 'people'"
      )
    const response = await host.call("POST", "/people/connect", {
      body: { redirectUrl: host.cookieRedirect }
    })
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({
      error: "validation_error",
      message: "Connecting people failed (provider_error). Start connecting again."
    })
    expect(response.headers.getSetCookie()).toEqual([])
    expect(await flows()).toEqual([{ status: "consumed", sealed_secrets: null }])
  })
})

describe("tokens that are bound to a key", () => {
  it("S-28 are asked for with proofs of one key, and once more with the server's nonce", async () => {
    const as = { tenant: "bound" }
    const requests = await requestsTo("/token", () => connectProjects(host, { as }))
    expect(requests.map(({ status }) => status)).toEqual([400, 200])
    const [first, second] = requests.map(proofOf)
    expect(first?.claims).not.toHaveProperty("nonce")
    expect(second?.claims).toHaveProperty("nonce")
    expect(second?.header.typ).toBe("dpop+jwt")
    expect(second?.claims).toMatchObject({
      htm: "POST",
      htu: `${host.authorizationServer.issuer}/token`
    })
    expect(second?.header.jwk).toEqual(first?.header.jwk)
    expect(second?.header.jwk).not.toHaveProperty("d")
    expect(second?.claims.jti).not.toBe(first?.claims.jti)
    expect((await grantOf("bound")).tokenType).toBe("dpop")
  })

  it("S-28 the request for their code was bound to the same key", async () => {
    const as = { tenant: "code" }
    const flow = { requests: new Array<SeenRequest>() }
    flow.requests = await requestsTo("/request", () => connectProjects(host, { as }))
    expect(flow.requests.map(({ status }) => status)).toEqual([400, 201])
    const [, pushed] = flow.requests
    const { dpopKey = "" } = await grantOf("code")
    expect(pushed?.parameters["dpop_jkt"]).toBe(
      await calculateJwkThumbprint(JSON.parse(dpopKey) as JWK)
    )
  })

  it("S-28 are used with a proof, for the account and for a test, and are of no use without", async () => {
    const as = { tenant: "used" }
    const asked = await requestsTo("/me", () => connectProjects(host, { as }))
    expect(asked.map(({ status }) => status)).toEqual([401, 200])
    const tested = await requestsTo("/me", async () => {
      const response = await host.call("POST", "/projects/test", { as })
      expect(await response.json()).toMatchObject({ status: "ok" })
    })
    expect(tested.map(({ status }) => status)).toEqual([401, 200])
    const { token: accessToken } = await grantOf("used")
    for (const request of [...asked, ...tested])
      expect(request.headers["authorization"]).toBe(`DPoP ${accessToken}`)
    const stolen = await fetch(`${host.authorizationServer.issuer}/me`, {
      headers: { authorization: `Bearer ${accessToken}` }
    })
    expect(stolen.status).toBe(401)
  })

  it("S-28 are refreshed with the same key, and carry a proof to the API", async () => {
    const as = { tenant: "refreshed" }
    const issued = await requestsTo("/token", () => connectProjects(host, { as }))
    await query(
      database.url,
      "UPDATE hawser.oauth_grant SET expires_at = statement_timestamp() WHERE tenant_id = 'refreshed'"
    )
    const of = { tenantId: "refreshed", provider: "projects" }
    const requests = await requestsTo("/token", () =>
      host.hawser.tenant(of.tenantId).connection(of.provider).token()
    )
    expect(requests.map(({ status }) => status)).toEqual([400, 200])
    const [first, refreshed] = [issued, requests].map(([, last]) => last && proofOf(last))
    expect(refreshed?.header.jwk).toEqual(first?.header.jwk)
    expect((await grantOf("refreshed")).tokenType).toBe("dpop")

    const called = await requestsTo("/me", async () => {
      const answer = await host.hawser.tenant(of.tenantId).connection(of.provider).fetch("/me")
      expect(await answer.json()).toHaveProperty("sub")
    })
    expect(called.map(({ status }) => status)).toEqual([401, 200])
  })

  it("S-28 come by the binding complete too", async () => {
    const as = { tenant: "parked" }
    const parked = await startFlow(host, host.completeRedirect, { as })
    const { location } = await callback(parked, await consent(host, parked))
    const flowId = new URLSearchParams(location?.hash.slice(1)).get("flowId")
    const response = await host.call("POST", "/projects/complete", { as, body: { flowId } })
    expect(response.status).toBe(200)
    expect((await grantOf("parked")).tokenType).toBe("dpop")
  })

  it("S-82 have a key of each flow's own, which is sealed in the flow and in the grant alone", async () => {
    const tenants = ["bound", "code", "used", "parked"]
    const keys = await Promise.all(
      tenants.map(async (tenant) => JSON.parse((await grantOf(tenant)).dpopKey ?? "{}") as JWK)
    )
    const secrets = Object.fromEntries(keys.map(({ d = "" }, index) => [tenants[index] ?? "", d]))
    expect(new Set(Object.values(secrets)).size).toBe(tenants.length)
    const rows = await query<{ row: string }>(
      database.url,
      `select g::text as row from hawser.oauth_grant g union all select f::text from hawser.flow f
       union all select o::text from hawser.outbox o`
    )
    const told = [...rows.map(({ row }) => row), ...host.logLines].join("\n")
    expect(secretsIn(told, secrets)).toEqual([])
    expect(secretsIn(`${told}${secrets["used"]}`, secrets)).toEqual(["used"])
    const left = await query(
      database.url,
      "select from hawser.flow where status <> 'pending' and sealed_secrets is not null"
    )
    expect(left).toEqual([])
  })
})

describe("tokens for one service", () => {
  it("S-28 are asked for by its URI, on both requests, and are for it", async () => {
    const as = { tenant: "resource" }
    let pushed: ReadonlyArray<SeenRequest> = []
    const exchanged = await requestsTo("/token", async () => {
      pushed = await requestsTo("/request", () => connectProjects(host, { as, provider: "papers" }))
    })
    for (const request of [...pushed, ...exchanged])
      expect(request.parameters["resource"]).toBe(resource)
    expect([pushed.length, exchanged.length]).toEqual([1, 1])
    const {
      token: accessToken,
      dpopKey,
      tokenType
    } = await host.hawser.tenant("resource").connection("papers").token()
    expect(decodeJwt(accessToken).aud).toBe(resource)
    expect([tokenType, dpopKey]).toEqual(["bearer", undefined])
  })
})
