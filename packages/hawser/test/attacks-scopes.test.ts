import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { callback, connectProjects, consent, startFlow } from "./support/flow.ts"
import { freshPostgres } from "./support/freshPostgres.ts"
import { startTestHost, type TestHost } from "./support/host.ts"

let host: TestHost

beforeAll(async () => {
  host = await startTestHost(await freshPostgres(), ({ providers }) => ({
    providers: (providers ?? []).map((one) =>
      "clientId" in one
        ? { ...one, scopes: ["offline_access", "projects.read", "projects.write"] }
        : one
    )
  }))
})
afterAll(() => host.close())

const as = (tenant: string) => ({ as: { tenant, user: "mallory" } })

const reauthorizing = (...scopes: ReadonlyArray<string>) => ({ reauthorize: true, scopes })
const kept = ["offline_access", "projects.read"]

/** What is asked for, and what the real server grants for it. */
const grow = async (tenant: string, body: object) => {
  const flow = await startFlow(host, host.cookieRedirect, { ...as(tenant), body })
  const { location } = await callback(flow, await consent(host, flow))
  const { scopes } = await host.hawser.tenant(tenant).connection("projects").get()
  return {
    asked: new URL(flow.authorizationUrl).searchParams.get("scope")?.split(" "),
    status: location?.searchParams.get("status"),
    scopes
  }
}

const refused = async (tenant: string, body: object) => {
  const response = await host.call("POST", "/projects/connect", {
    ...as(tenant),
    body: { redirectUrl: host.cookieRedirect, ...body }
  })
  const { details, error } = (await response.json()) as { details: unknown; error: string }
  return [response.status, error, details]
}

describe("scopes that grow", () => {
  it("S-102 a scope that a user dropped is not brought back by asking for others", async () => {
    await connectProjects(host, as("dropper"))
    const dropped = await grow("dropper", { ...reauthorizing(...kept), replaceScopes: true })
    expect(dropped).toEqual({ asked: kept, status: "connected", scopes: kept })
    // Each way of adding that does not name the scope.
    for (const scopes of [[], ["projects.read"], kept, ["offline_access"]])
      expect(await grow("dropper", reauthorizing(...scopes))).toEqual(dropped)
    const [one] = (await host.hawser.tenant("dropper").connections()).items
    expect(one?.missingScopes).toEqual(["projects.write"])
  })

  it("S-102 no member of a request names more than the configuration, alone or beside what it has", async () => {
    await connectProjects(host, as("climber"))
    const tokenRequests = host.authorizationServer.tokenRequests()
    for (const scope of [
      "projects.admin",
      "openid",
      "projects.read projects.admin",
      "projects.read,projects.admin",
      "projects.read+projects.admin",
      "PROJECTS.READ",
      "projects.read\u00a0",
      "",
      "__proto__",
      "constructor"
    ])
      for (const more of [{}, { replaceScopes: true }])
        expect(await refused("climber", { ...reauthorizing(...kept, scope), ...more })).toEqual([
          400,
          "validation_error",
          [{ path: "scopes", code: "not_allowed" }]
        ])
    expect(host.authorizationServer.tokenRequests()).toBe(tokenRequests)
  })

  it("S-102 replacing without reauthorizing is refused, so nobody empties a first consent by it", async () => {
    for (const body of [{ replaceScopes: true }, { replaceScopes: true, scopes: kept }])
      expect(await refused("newcomer", body)).toEqual([
        400,
        "validation_error",
        [{ path: "replaceScopes", code: "not_allowed" }]
      ])
  })

  it("S-102 what another tenant was granted is not added", async () => {
    await connectProjects(host, as("rich"))
    const { asked } = await grow("poor", reauthorizing(...kept))
    expect(asked).toEqual(kept)
  })
})
