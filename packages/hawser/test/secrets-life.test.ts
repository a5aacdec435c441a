import { once } from "node:events"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { inspect } from "node:util"
import { defineProvider, type PortableConnection, postgres } from "hawser"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { createDatabase } from "../../../test-support/postgres.ts"
import { query } from "../../../test-support/postgres-query.ts"
import { dumpOf } from "./support/dump.ts"
import { secretsIn } from "./support/encodings.ts"
import { connectProjects } from "./support/flow.ts"
import { goodApiKey, startTestHost, type TestHost } from "./support/host.ts"

const newKey = () => Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64")
const [former, primary] = [newKey(), newKey()]

/** Every secret of the life, by name. */
const secrets: Record<string, string> = {
  former,
  primary,
  apiKey: goodApiKey,
  swappedKey: "swapped-canary-key-58c1",
  importedAccess: "imported-access-canary-77aa",
  importedRefresh: "imported-refresh-canary-91bd",
  importedKey: "imported-key-canary-03fe",
  refusedAccess: "refused-access-canary-4c2d"
}
/** Dumps of the database at several moments, and what a caller gets to see. */
const dumps: Array<string> = []
const said: Array<string> = []
const answers: Array<string> = []
const exported: Array<PortableConnection> = []
const failures: Array<string> = []

let host: TestHost
let database: Awaited<ReturnType<typeof createDatabase>>

const acme = { tenantId: "acme", provider: "projects" }
const beacon = { tenantId: "acme", provider: "beacon", userId: "ada" }

const keepDump = async () => {
  dumps.push([...(await dumpOf(database.url)).values()].join("\n"))
}
const keepAnswer = async (response: Response) => {
  answers.push(await response.clone().text(), JSON.stringify([...response.headers]))
  return response
}
/** An error with all that anybody could find in it. */
const keepFailure = async (work: Promise<unknown>) => {
  const error: unknown = await work.then(
    () => undefined,
    (error: unknown) => error
  )
  failures.push(String((error as { code?: unknown } | undefined)?.code))
  said.push(inspect(error, { depth: 20, showHidden: true }), JSON.stringify(error) ?? "")
}
const expireTokens = () =>
  query(
    database.url,
    `update hawser.oauth_grant set expires_at = statement_timestamp(), refresh_due_at = statement_timestamp(),
     retry_at = case when retry_at is null then null else statement_timestamp() end where ended_at is null`
  )
const keepToken = async (name: string) => {
  const token = await host.hawser.tenant(acme.tenantId).connection(acme.provider).token()
  secrets[name] = token.token
  said.push(inspect(token, { depth: 20, showHidden: true }), JSON.stringify(token))
}

/** An API that answers by its path: `/refuses` refuses each token, `/resets` gives no answer. */
const startApi = async () => {
  const api = createServer((request, response) => {
    if (request.url === "/resets") return void request.socket.destroy()
    response.statusCode = request.url === "/refuses" ? 401 : 200
    response.end("{}")
  })
  await once(api.listen(0, "127.0.0.1"), "listening")
  return {
    origin: `http://127.0.0.1:${(api.address() as AddressInfo).port}`,
    close: () => {
      api.closeAllConnections()
      api.close()
    }
  }
}
let api: Awaited<ReturnType<typeof startApi>>

beforeAll(async () => {
  database = await createDatabase()
  api = await startApi()
  host = await startTestHost(
    postgres({ url: database.url }),
    ({ authorizationServer: { clientId, clientSecret, issuer }, providers }) => {
      secrets["clientSecret"] = clientSecret
      return {
        encryptionKey: former,
        workers: "off",
        providers: [
          ...providers.filter(({ definition }) => definition.id !== "projects"),
          defineProvider(
            {
              id: "projects",
              displayName: "Projects",
              category: "ticketing",
              description: "A real authorization server, and an API, on loopback.",
              authType: "oauth2",
              issuer,
              authorizationEndpoint: `${issuer}/auth`,
              tokenEndpoint: `${issuer}/token`,
              revocation: { endpoint: `${issuer}/token/revocation`, ends: "grant" },
              authorizationParameters: { prompt: "consent" },
              issParameterSupported: true,
              clientAuthentication: "client_secret_basic",
              defaultScopes: ["offline_access", "projects.read"],
              api: { baseUrl: api.origin }
            },
            { clientId, clientSecret, requiredScopes: ["projects.read"] }
          )
        ]
      }
    }
  )
  const { hawser } = host
  for (const name of [
    "integration.connected",
    "integration.disconnected",
    "integration.error",
    "integration.recovered"
  ] as const)
    await hawser.on(name, { as: name }, ({ event }) => void said.push(JSON.stringify(event)))

  // Connected, used, and refreshed because the API refuses the token.
  await connectProjects(host)
  await keepToken("firstToken")

  const fetchProjects = hawser.tenant(acme.tenantId).connection(acme.provider).fetch
  answers.push(await (await fetchProjects("/works")).text())
  answers.push(String((await fetchProjects("/refuses")).status))
  await keepToken("secondToken")
  await keepFailure(fetchProjects("/resets"))
  await keepFailure(fetchProjects("https://elsewhere.example/works"))
  said.push(
    inspect(await hawser.tenant(acme.tenantId, { user: "ada" }).connection(acme.provider).test())
  )

  // An API key: stored, connected, tested.
  const { credentialId } = (await (
    await keepAnswer(
      await host.call("POST", "/beacon/credentials", {
        body: { credentials: { api_key: goodApiKey } }
      })
    )
  ).json()) as { credentialId: string }
  await keepAnswer(await host.call("POST", "/beacon/connect", { body: { credentialId } }))
  said.push(
    inspect(await hawser.tenant(beacon.tenantId).connection(beacon.provider).apiKey(), {
      depth: 20,
      showHidden: true
    })
  )
  said.push(
    inspect(
      await hawser
        .tenant(beacon.tenantId, { user: beacon.userId })
        .connection(beacon.provider)
        .test()
    )
  )
  await keepFailure(
    hawser
      .tenant(beacon.tenantId, { user: beacon.userId })
      .credentials(beacon.provider)
      .store({ credentials: { api_key: secrets["swappedKey"] ?? "" } })
  )

  // Taken over from elsewhere, an item with a fault among them.
  const grant = { provider: "projects", connectedBy: "ada", scopes: ["projects.read"] }
  const tokens = {
    accessToken: secrets["importedAccess"] ?? "",
    refreshToken: secrets["importedRefresh"] ?? ""
  }
  const report = await hawser.admin.import([
    { ...grant, ...tokens, tenantId: "imported" },
    { ...grant, ...tokens, tenantId: "withdrawn" },
    { ...grant, accessToken: secrets["refusedAccess"] ?? "", tenantId: "refused", scopes: [] },
    {
      tenantId: "imported",
      provider: "beacon",
      connectedBy: "ada",
      credentials: { api_key: secrets["importedKey"] ?? "" }
    }
  ])
  said.push(JSON.stringify(report))
  expect([report.imported, report.refused.length]).toEqual([3, 1])
  await keepDump()

  // A webhook's revocation; a provider's refusal, restored, and refused again.
  await hawser.tenant("withdrawn").connection("projects").markRevoked()
  await expireTokens()
  await keepFailure(hawser.tenant("imported").connection("projects").token())
  await keepDump()
  expect(await hawser.admin.restore({ provider: "projects" })).toBeGreaterThan(0)
  // A transaction of another test's database on the server may hold the events back.
  while (!said.some((line) => line.includes("integration.disconnected"))) await hawser.tick()
  await keepDump()

  // Other keys, and all in clear for who may have it.
  await host.restart({ encryptionKey: [primary, former] })
  said.push(
    JSON.stringify(await host.hawser.admin.rotateKeys()),
    JSON.stringify(await host.hawser.admin.keysInUse())
  )
  await keepToken("thirdToken")
  for await (const connection of host.hawser.admin.export()) exported.push(connection)
  await keepDump()

  // The end: queued, revoked, and a whole tenant.
  await keepAnswer(await host.call("GET", ""))
  await keepAnswer(await host.call("DELETE", "/projects"))
  await keepDump()
  await host.hawser.tick()
  await keepFailure(host.hawser.tenant(acme.tenantId).connection(acme.provider).token())
  await host.hawser.admin.deleteTenant({ tenantId: "imported" })
  await host.hawser.tick()
  await keepDump()

  for (const [index, token] of host.authorizationServer.seen.refreshTokens.entries())
    secrets[`refreshToken${index}`] = token
}, 60_000)
afterAll(async () => {
  await host.close()
  api.close()
  await database.drop()
})

describe("after years of a connection", () => {
  it("each step was gone through", () => {
    expect(failures).toEqual([
      "provider_unavailable",
      "url_not_allowed",
      "credential_validation_failed",
      "reconnect_required",
      "not_connected"
    ])
    const revoked = host.authorizationServer.requests.filter(
      ({ path }) => path === "/token/revocation"
    )
    // The code, the API's refusal, and the keeper.
    expect(host.authorizationServer.seen.refreshTokens).toHaveLength(3)
    expect(revoked.length).toBeGreaterThan(0)
    expect(new Set(Object.values(secrets)).size).toBe(Object.keys(secrets).length)
  })

  it("the scan finds a planted secret, and those that an export is asked for", async () => {
    await query(
      database.url,
      `create table hawser.planted as select '${Buffer.from(goodApiKey).toString("hex")}'::text as text`
    )
    const planted = (await dumpOf(database.url)).get("planted") ?? ""
    await query(database.url, "drop table hawser.planted")
    expect(secretsIn(planted, secrets)).toEqual(["apiKey"])
    expect(secretsIn(JSON.stringify(exported), secrets)).toEqual(
      expect.arrayContaining(["apiKey", "importedKey", "thirdToken"])
    )
  })

  it("S-48 S-82 no dump of the database, at any moment, holds a token or key", () => {
    expect(dumps.map((dump) => [dump.length > 1000, secretsIn(dump, secrets)])).toEqual(
      dumps.map(() => [true, []])
    )
  })

  it("S-47 S-82 no log line, event, security event, error or answer holds a token or key", () => {
    const all = [
      ...said,
      ...answers,
      ...host.logLines,
      ...host.securityEvents.map((event) => JSON.stringify(event))
    ]
    expect(said.some((line) => line.includes("integration.disconnected"))).toBe(true)
    expect(secretsIn(all.join("\n"), secrets)).toEqual([])
  })
})
