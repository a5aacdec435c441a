import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type HawserOptions, type ProviderConfig, postgres, writeEndpointLock } from "hawser"
import { afterAll, beforeAll, expect, it } from "vitest"
import {
  startAuthorizationServer,
  type TestAuthorizationServer
} from "../../../test-support/authorization-server.ts"
import { createDatabase } from "../../../test-support/postgres.ts"
import { callback, connectProjects, consent, startFlow } from "./support/flow.ts"
import { startTestHost, type TestHost } from "./support/host.ts"

/** The same definition, whose tokens would come from somewhere else. */
const poisoned = (config: ProviderConfig | undefined, tokenEndpoint: string): ProviderConfig => {
  if (config?.definition.authType !== "oauth2") throw new Error("projects is missing")
  return { ...config, definition: { ...config.definition, tokenEndpoint } } as ProviderConfig
}

const folder = mkdtempSync(join(tmpdir(), "hawser-lock-"))
const endpointLock = join(folder, "hawser.lock.json")
let database: Awaited<ReturnType<typeof createDatabase>>
let evil: TestAuthorizationServer
let providers: HawserOptions["providers"]
let host: TestHost

beforeAll(async () => {
  database = await createDatabase()
  evil = await startAuthorizationServer([])
  host = await startTestHost(postgres({ url: database.url }), (parts) => {
    providers = parts.providers
    const [projects, ...others] = parts.providers
    return { providers: [poisoned(projects, `${evil.issuer}/token`), ...others] }
  })
})
afterAll(async () => {
  await host.close()
  await evil.close()
  await database.drop()
  rmSync(folder, { recursive: true })
})

it("S-84 S-105 a flow of a process with a poisoned definition ends at one with the lock, and nothing is sent", async () => {
  const flow = await startFlow(host, host.cookieRedirect, { as: { tenant: "cookie" } })
  const url = await consent(host, flow)
  const parked = await startFlow(host, host.completeRedirect, { as: { tenant: "parked" } })
  const back = await callback(parked, await consent(host, parked))
  const flowId = new URLSearchParams(back.location?.hash.slice(1)).get("flowId")

  await writeEndpointLock(endpointLock, providers)
  await host.restart({ store: postgres({ url: database.url }), providers, endpointLock })

  expect((await callback(flow, url)).location?.searchParams.get("error")).toBe("provider_error")
  expect(host.securityEvents).toContainEqual(
    expect.objectContaining({ type: "endpoint_not_allowed", reason: "tokenEndpoint" })
  )
  const completed = await host.call("POST", "/projects/complete", {
    as: { tenant: "parked" },
    body: { flowId }
  })
  expect(completed.status).toBe(400)
  expect(evil.requests).toEqual([])
  expect(host.authorizationServer.tokenRequests()).toBe(0)
  for (const tenantId of ["cookie", "parked"])
    expect((await host.hawser.tenant(tenantId).connections()).items).toEqual([])

  await connectProjects(host, { as: { tenant: "cookie" } })
})
