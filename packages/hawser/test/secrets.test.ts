import { type HawserOptions, postgres } from "hawser"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { createDatabase } from "../../../test-support/postgres.ts"
import { query } from "../../../test-support/postgres-query.ts"
import { dumpOf } from "./support/dump.ts"
import { encodingsOf, secretsIn } from "./support/encodings.ts"
import { callback, consent, eventually, startFlow } from "./support/flow.ts"
import { goodApiKey, startTestHost, type TestHost } from "./support/host.ts"

const encryptionKey = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64")
const delivered: Array<string> = []
const answers: Array<string> = []

let host: TestHost
let database: Awaited<ReturnType<typeof createDatabase>>
/** Every secret of the story, by name. */
const secrets: Record<string, string> = { encryptionKey, apiKey: goodApiKey }

const keep = async (response: Response): Promise<Response> => {
  answers.push(await response.clone().text(), JSON.stringify([...response.headers]))
  return response
}

beforeAll(async () => {
  database = await createDatabase()
  const options: Partial<HawserOptions> = { encryptionKey }
  host = await startTestHost(postgres({ url: database.url }), options)
  secrets["clientSecret"] = host.authorizationServer.clientSecret
  await host.hawser.on(
    "integration.connected",
    { as: "secrets" },
    ({ event }) => void delivered.push(JSON.stringify(event))
  )

  // A flow by cookie, to its end.
  const byCookie = await startFlow(host, host.cookieRedirect)
  secrets["state"] = byCookie.state
  secrets["browserSecret"] = byCookie.cookie?.split(";")[0]?.split("=")[1] ?? ""
  const url = await consent(host, byCookie)
  secrets["code"] = url.searchParams.get("code") ?? ""
  const { response } = await callback(byCookie, url)
  await keep(response)

  // One that waits for its callback, and one whose code is parked.
  secrets["pendingState"] = (
    await startFlow(host, host.cookieRedirect, { as: { tenant: "pending" } })
  ).state
  const parked = await startFlow(host, host.completeRedirect, { as: { tenant: "parked" } })
  const parkedUrl = await consent(host, parked)
  secrets["parkedCode"] = parkedUrl.searchParams.get("code") ?? ""
  const { location } = await callback(parked, parkedUrl)
  secrets["flowId"] = new URLSearchParams(location?.hash.slice(1)).get("flowId") ?? ""

  const stored = await keep(
    await host.call("POST", "/beacon/credentials", {
      body: { credentials: { api_key: goodApiKey } }
    })
  )
  const { credentialId } = (await stored.json()) as { credentialId: string }
  await keep(await host.call("POST", "/beacon/connect", { body: { credentialId } }))
  await keep(
    await host.call("POST", "/beacon/credentials", {
      body: { credentials: { api_key: "rejected-key-9" } }
    })
  )
  secrets["rejectedKey"] = "rejected-key-9"
  await keep(await host.call("GET", ""))
  await keep(await host.call("GET", "/catalog"))

  const { codeVerifiers, refreshTokens } = host.authorizationServer.seen
  secrets["codeVerifier"] = codeVerifiers[0] ?? ""
  secrets["refreshToken"] = refreshTokens[0] ?? ""
  secrets["accessToken"] = (await host.hawser.tenant("acme").connection("projects").token()).token
})
afterAll(async () => {
  await host.close()
  await database.drop()
})

describe("after the whole story", () => {
  it("the scan itself finds what it looks for", () => {
    for (const [name, secret] of Object.entries(secrets)) {
      expect([name, secret.length > 8]).toEqual([name, true])
      for (const encoded of encodingsOf(secret))
        expect(secretsIn(`x${encoded}y`, { [name]: secret })).toEqual([name])
    }
  })

  it("S-02 S-48 S-82 a dump of the database holds no token, key, verifier, state or client secret", async () => {
    const tables = await dumpOf(database.url)
    for (const table of ["integration", "oauth_grant", "flow", "credential", "outbox"]) {
      expect([table, tables.get(table) ?? ""]).not.toEqual([table, ""])
    }
    const text = [...tables.values()].join("\n")
    expect(secretsIn(text, secrets)).toEqual([])
  })

  it("S-47 S-48 no secret stands in a log line, a security event, a delivered event or an answer", async () => {
    // Of Acme's two connections, whichever worker delivers them.
    await eventually("both events", () => delivered.length === 2)
    const { flowId: _flowId, state: _state, browserSecret: _browserSecret, ...hidden } = secrets
    const said = [
      ...host.logLines,
      ...host.securityEvents.map((event) => JSON.stringify(event)),
      ...delivered
    ]
    expect(secretsIn(said.join("\n"), secrets)).toEqual([])
    expect(secretsIn(answers.join("\n"), hidden)).toEqual([])
  })

  it("S-42 tokens moved to another tenant's row do not open, and that is a security event", async () => {
    const thief = await startFlow(host, host.cookieRedirect, { as: { tenant: "thief" } })
    await callback(thief, await consent(host, thief))
    await query(
      database.url,
      `update hawser.oauth_grant t set sealed_access_token = o.sealed_access_token
       from hawser.oauth_grant o where t.tenant_id = 'thief' and o.tenant_id = 'acme'`
    )
    await expect(host.hawser.tenant("thief").connection("projects").token()).rejects.toMatchObject({
      code: "decryption_failed"
    })
    expect(host.securityEvents.at(-1)).toMatchObject({
      type: "decryption_failed",
      reason: "not_authentic"
    })
  })
})
