import { openApi } from "@hawser/http"
import { afterAll, beforeAll, expect, it } from "vitest"
import { documentedRoutes } from "../../../test-support/documented-routes.ts"
import { connectProjects, startFlow } from "./support/flow.ts"
import { judge } from "./support/fuzzJudge.ts"
import { canary, fuzzedRequests, type Known } from "./support/fuzzRequests.ts"
import { firstSeeds, fuzzTimeout, holdsFor, runSeeds } from "./support/fuzzSeeds.ts"
import { goodApiKey, startTestHost, type TestHost } from "./support/host.ts"
import { sendRaw } from "./support/rawRequest.ts"
import { freshPostgres } from "./support/freshPostgres.ts"

let host: TestHost
const encryptionKey = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64")

beforeAll(async () => {
  host = await startTestHost(await freshPostgres(), { encryptionKey })
})
afterAll(() => host.close())

/** A tenant that has something of everything, and callers of it and of another. */
const makeKnown = async (tenant: string): Promise<Known> => {
  const admin = { tenant, user: "ada" }
  const stored = await host.hawser
    .tenant(tenant, { user: "ada" })
    .credentials("beacon")
    .store({ credentials: { api_key: goodApiKey } })
  await connectProjects(host, { as: admin })
  const flow = await startFlow(host, host.cookieRedirect, {
    as: admin,
    body: { reauthorize: true }
  })
  const bearer = async (claims: Parameters<TestHost["token"]>[0]) =>
    `Bearer ${await host.token(claims)}`
  return {
    values: {
      provider: ["projects", "beacon", "projects", "beacon", "nobody", "catalog"],
      credentialId: [stored.credentialId, `crd_${"0".repeat(26)}`],
      redirectUrl: [host.cookieRedirect, host.completeRedirect],
      credentials: [{ api_key: goodApiKey }, { api_key: canary }],
      label: ["ours"],
      scopes: [["projects.read"], []],
      fields: [{}, { subdomain: "acme" }],
      reauthorize: [true, false],
      flowId: ["f".repeat(43)],
      state: [flow.state, "s".repeat(43)],
      code: ["a-code"],
      iss: [host.authorizationServer.issuer],
      error: ["access_denied"],
      status: ["connected", "error"],
      limit: ["1", "100"],
      // The second one is JSON that PostgreSQL refuses.
      cursor: ['["beacon","default"]', '["beacon","\\u0000"]'].map((text) =>
        Buffer.from(text).toString("base64url")
      ),
      category: ["monitoring"]
    },
    authorization: await bearer(admin),
    otherAuthorizations: [
      await bearer({ ...admin, roles: ["member"] }),
      await bearer({ ...admin, roles: [] }),
      await bearer({ tenant: "rival", user: "eve" }),
      "Bearer x.y.z"
    ],
    cookies: [flow.cookie?.split(";")[0] ?? "", "hawser-=x; hawser-=y"],
    origins: [host.origin, "https://app.customer.example", "null"]
  }
}

const secretsOf = async (tenantId: string): Promise<Readonly<Record<string, string>>> => ({
  encryptionKey,
  clientSecret: host.authorizationServer.clientSecret,
  goodApiKey,
  accessToken: (await host.hawser.tenant(tenantId).connection("projects").token()).token,
  // The last one is this tenant's.
  refreshToken: host.authorizationServer.seen.refreshTokens.at(-1) ?? ""
})

it.each(firstSeeds)(
  "S-70 S-71 whatever is sent to any route of the document: no 5xx, no hang, no secret (seed %i)",
  async (first) => {
    const routes = documentedRoutes(openApi())
    const allowed = [host.cookieRedirect, host.completeRedirect]
    const statuses = new Set<number>()
    await runSeeds(first, async (seed) => {
      const tenant = `bank${seed}`
      const known = await makeKnown(tenant)
      const secrets = await secretsOf(tenant)
      await holdsFor(seed, 250, fuzzedRequests(routes, known), async (request) => {
        const answer = await sendRaw(host.origin, request)
        statuses.add(answer.status)
        judge(request, answer, secrets, allowed)
      })
      expect((await host.call("GET", "/catalog")).status).toBe(200)
      expect(host.logLines.join("\n")).not.toContain(canary)
    })
    // Not all of it was refused for one reason, before anything of it was looked at.
    for (const status of [200, 400, 401, 403, 404, 405, 415]) expect(statuses).toContain(status)
  },
  fuzzTimeout
)
