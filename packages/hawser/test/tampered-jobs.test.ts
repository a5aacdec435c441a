import { defineProvider, postgres } from "hawser"
import { afterAll, beforeAll, expect, it } from "vitest"
import { query } from "../../../test-support/postgres-query.ts"
import { createDatabase } from "../../../test-support/postgres.ts"
import { connectProjects } from "./support/flow.ts"
import { startTestHost, type TestHost } from "./support/host.ts"

let host: TestHost
let database: Awaited<ReturnType<typeof createDatabase>>

beforeAll(async () => {
  database = await createDatabase()
  host = await startTestHost(
    postgres({ url: database.url }),
    ({ authorizationServer: { clientId, clientSecret, issuer } }) => ({
      workers: "off",
      providers: [
        defineProvider(
          {
            id: "projects",
            displayName: "Projects",
            category: "ticketing",
            description: "A real authorization server on loopback.",
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
          { clientId, clientSecret }
        )
      ]
    })
  )
})
afterAll(async () => {
  await host.close()
  await database.drop()
})

const connected = async (tenantId: string) => {
  await connectProjects(host, { as: { tenant: tenantId } })
  const { token: accessToken } = await host.hawser.tenant(tenantId).connection("projects").token()
  return { isAlive: () => host.authorizationServer.isActive(accessToken) }
}

const failuresOf = (tenantId: string) =>
  host.securityEvents.filter(
    (event) => event.type === "decryption_failed" && event.tenantId === tenantId
  )

it("S-61 a queued revocation that was moved to another tenant revokes nothing, and is reported", async () => {
  const victim = await connected("victim")
  await host.hawser.tenant("victim", { user: "ada" }).connection("projects").disconnect()
  await query(database.url, "UPDATE hawser.revocation SET tenant_id = 'attacker'")
  await host.hawser.tick()
  expect(await victim.isAlive()).toBe(true)
  expect(failuresOf("attacker").length).toBeGreaterThan(0)
})

it("S-61 a grant that is due with another tenant's tokens is not refreshed, and is reported", async () => {
  await connected("theirs")
  await connected("ours")
  await query(
    database.url,
    `UPDATE hawser.oauth_grant g SET refresh_due_at = statement_timestamp(), expires_at = statement_timestamp(),
  id = o.id, sealed_access_token = o.sealed_access_token, sealed_refresh_token = o.sealed_refresh_token
FROM hawser.oauth_grant o WHERE g.tenant_id = 'ours' AND o.tenant_id = 'theirs'`
  )
  const before = host.authorizationServer.tokenRequests()
  await host.hawser.tick()
  expect(host.authorizationServer.tokenRequests()).toBe(before)
  expect(failuresOf("ours").length).toBeGreaterThan(0)
})
