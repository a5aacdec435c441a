import { discoverProvider, postgres } from "hawser"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import {
  startAuthorizationServer,
  type TestAuthorizationServer
} from "../../../test-support/authorization-server.ts"
import { query } from "../../../test-support/postgres-query.ts"
import { createDatabase } from "../../../test-support/postgres.ts"
import { callback, connectProjects, consent, startFlow } from "./support/flow.ts"
import { startTestHost, type TestHost } from "./support/host.ts"

const encryptionKey = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64")
const loopback = { unsafelyAllowLoopback: true }

/** `projects` as a server's own metadata describes it, with an account that is told by a request. */
const discovered = ({ clientId, clientSecret, issuer }: TestAuthorizationServer) =>
  discoverProvider(
    {
      id: "projects",
      displayName: "Projects",
      category: "ticketing",
      description: "A real authorization server on loopback.",
      issuer,
      authorizationParameters: { prompt: "consent" },
      account: { from: "request", url: `${issuer}/me`, id: ["sub"] },
      defaultScopes: ["openid", "offline_access", "projects.read"]
    },
    { clientId, clientSecret },
    loopback
  )

let host: TestHost
let moved: TestAuthorizationServer
let database: Awaited<ReturnType<typeof createDatabase>>

beforeAll(async () => {
  database = await createDatabase()
  host = await startTestHost(postgres({ url: database.url }), async (parts) => ({
    encryptionKey,
    providers: [await discovered(parts.authorizationServer)]
  }))
  moved = await startAuthorizationServer([`${host.origin}/v1/integrations/projects/callback`])
})
afterAll(async () => {
  await Promise.all([host.close(), moved.close()])
  await database.drop()
})

const fingerprints = async () =>
  (
    await query<{ client_fingerprint: string }>(
      database.url,
      "select client_fingerprint from hawser.oauth_grant order by tenant_id"
    )
  ).map((row) => row.client_fingerprint)

describe("metadata", () => {
  it("gives the endpoints of a definition that connects", async () => {
    const { issuer } = host.authorizationServer
    const { definition } = await discovered(host.authorizationServer)
    expect(definition).toMatchObject({
      issuer,
      authorizationEndpoint: `${issuer}/auth`,
      tokenEndpoint: `${issuer}/token`,
      issParameterSupported: true,
      clientAuthentication: "client_secret_basic"
    })
    expect(definition).not.toHaveProperty("pkce")
    await connectProjects(host)
  })

  it.each([
    ["a slash more", (issuer: string) => `${issuer}/`],
    ["another name of the same machine", (issuer: string) => issuer.replace("127.0.0.1", "127.1")],
    ["capitals", (issuer: string) => issuer.replace("http", "HTTP")]
  ])("S-22 that names another issuer is refused: %s", async (_, change) => {
    const issuer = change(host.authorizationServer.issuer)
    const failure = discovered({ ...host.authorizationServer, issuer })
    await expect(failure).rejects.toMatchObject({ code: "discovery_failed" })
    await expect(failure).rejects.toMatchObject({
      code: "discovery_failed",
      reason: "issuer_mismatch",
      retryable: false,
      message: expect.stringContaining(`The metadata of ${issuer} names another issuer`) as unknown
    })
  })

  it("of a server on this machine is not asked for unless the host says so", async () => {
    const { clientId, clientSecret, issuer } = host.authorizationServer
    const failure = discoverProvider(
      {
        id: "projects",
        displayName: "Projects",
        category: "ticketing",
        description: "A real authorization server on loopback.",
        issuer,
        defaultScopes: []
      },
      { clientId, clientSecret }
    )
    await expect(failure).rejects.toMatchObject({ reason: "unreachable", retryable: true })
  })
})

describe("a provider that moves while flows are under way", () => {
  it("S-22 they end nowhere, in both bindings: not at the new endpoints, and not at those of a row", async () => {
    const as = { tenant: "moving" }
    const byCookie = await startFlow(host, host.cookieRedirect, { as })
    const url = await consent(host, byCookie)
    const parked = await startFlow(host, host.completeRedirect, { as: { tenant: "parked" } })
    const parkedUrl = await consent(host, parked)
    const { location } = await callback(parked, parkedUrl)
    const flowId = new URLSearchParams(location?.hash.slice(1)).get("flowId")
    const before = host.authorizationServer.tokenRequests()

    await host.restart({
      store: postgres({ url: database.url }),
      providers: [await discovered(moved)]
    })

    const back = await callback(byCookie, url)
    expect(back.location?.searchParams.get("error")).toBe("provider_error")
    const completed = await host.call("POST", "/projects/complete", {
      as: { tenant: "parked" },
      body: { flowId }
    })
    expect(completed.status).toBe(400)
    expect(host.authorizationServer.tokenRequests() - before).toBe(0)
    // The code did not go to the new server.
    const paths = moved.requests.map(({ path }) => path)
    expect(paths).toEqual(["/.well-known/openid-configuration"])
  })

  it("S-22 a grant of before does not pass for one of the new server", async () => {
    const [before, ...none] = await fingerprints()
    expect(none).toEqual([])
    await connectProjects(host, { as: { tenant: "new" } })
    expect(moved.tokenRequests()).toBe(1)
    expect((await fingerprints()).filter((one) => one !== before)).toHaveLength(1)
  })
})
