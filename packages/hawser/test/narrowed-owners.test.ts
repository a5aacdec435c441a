import { isHawserError, postgres } from "hawser"
import { afterAll, beforeAll, expect, it } from "vitest"
import { query } from "../../../test-support/postgres-query.ts"
import { createDatabase } from "../../../test-support/postgres.ts"
import { callback, connectProjects, consent, startFlow } from "./support/flow.ts"
import { startTestHost, type TestHost } from "./support/host.ts"
import { connectLocker, forAll } from "./support/owners.ts"

let host: TestHost
let database: Awaited<ReturnType<typeof createDatabase>>
let forTenants: Parameters<TestHost["restart"]>[0]
beforeAll(async () => {
  database = await createDatabase()
  host = await startTestHost(postgres({ url: database.url }), (parts) => {
    const options = forAll(parts)
    forTenants = {
      providers: (options.providers ?? []).map((config) => ({ ...config, ownedBy: ["tenant"] }))
    }
    return { ...options, workers: "off" }
  })
})
afterAll(async () => {
  await host.close()
  await database.drop()
})

const codeOf = async (act: () => Promise<unknown>): Promise<unknown> => {
  try {
    await act()
    return "given out"
  } catch (error) {
    if (isHawserError(error)) return error.code
    throw error
  }
}

const ada = { user: "ada", roles: ["member"] }
const own: TestHost["call"] = (method, path, options) =>
  host.call(method, `${path}?owner=user`, { ...options, as: ada })

it("connections of owners whom the host leaves out later stop, and become nobody else's", async () => {
  const here = () => ({ ...host, call: own })
  const flowIdOf = async () => {
    const flow = await startFlow({ ...here(), call: withName }, host.completeRedirect)
    const { location } = await callback(flow, await consent(host, flow))
    return new URLSearchParams(location?.hash.slice(1)).get("flowId")
  }
  const withName: TestHost["call"] = (method, path, options) =>
    host.call(method, `${path}?owner=user&name=later`, { ...options, as: ada })
  const id = await connectProjects(here())
  const { credentialId, integrationId } = await connectLocker(host, ada, { own: true })
  await connectLocker(host, { user: "bob" }, { key: "tenants", name: "other" })
  const flowId = await flowIdOf()
  const pending = await startFlow({ ...here(), call: withName }, host.cookieRedirect)
  const back = await consent(host, pending)

  await host.restart(forTenants)
  await query(
    database.url,
    "UPDATE hawser.oauth_grant SET refresh_due_at = statement_timestamp(), expires_at = statement_timestamp()"
  )
  const before = host.authorizationServer.tokenRequests()
  const adas = host.hawser.tenant("acme", { user: "ada" })
  const { hawser } = host
  const projects = adas.connection("projects", { owner: "user" })
  const locker = adas.connection("locker", { owner: "user" })
  for (const act of [
    () => projects.token(),
    () => adas.connection({ id }).token(),
    () => projects.fetch("/"),
    () => locker.apiKey(),
    () => adas.connection({ id: integrationId }).apiKey(),
    () => locker.fetch("/")
  ])
    expect(await codeOf(act)).toBe("provider_misconfigured")
  await hawser.tick()

  // What was under way comes to nothing, and asks the provider for nothing.
  const { location } = await callback(pending, back)
  expect(location?.searchParams.get("error")).toBe("provider_error")
  const completed = await host.call("POST", "/projects/complete?owner=user&name=later", {
    as: ada,
    body: { flowId }
  })
  expect(completed.status).toBe(400)
  expect(await completed.json()).toMatchObject({ reason: "provider_error" })
  expect(host.authorizationServer.tokenRequests()).toBe(before)

  const asked = async (method: string, path: string, body?: object) => {
    const response = await host.call(method, path, { as: ada, ...(body && { body }) })
    const text = await response.text()
    const said = text === "" ? {} : (JSON.parse(text) as Readonly<Record<string, unknown>>)
    return [response.status, said["reason"] ?? said["error"] ?? said["status"]]
  }
  const credentials = { api_key: "another" }
  const redirectUrl = host.cookieRedirect
  expect(await asked("POST", "/locker/test?owner=user")).toEqual([200, "unexpected_answer"])
  expect(await asked("POST", "/projects/test?owner=user")).toEqual([200, "unexpected_answer"])
  for (const refused of [
    asked("POST", "/locker/credentials?owner=user", { credentials }),
    asked("POST", "/locker/connect?owner=user&name=more", { credentialId }),
    asked("PUT", `/${integrationId}/credential`, { credentialId }),
    asked("POST", `/${id}/connect`, { redirectUrl, reauthorize: true })
  ])
    expect(await refused).toEqual([400, "validation_error"])

  // They are their owner's still: nobody else's, to be seen, and to be ended with their keys.
  expect(await codeOf(() => hawser.tenant("acme").connection("projects").token())).toBe(
    "not_connected"
  )
  expect(await asked("GET", `/${id}`)).toEqual([200, "connected"])
  expect(await asked("DELETE", `/${id}`)).toEqual([204, undefined])
  expect(await asked("DELETE", "/locker?owner=user")).toEqual([204, undefined])
  const keys = await host.call("GET", "/locker/credentials?owner=user", { as: ada })
  expect(((await keys.json()) as { total: number }).total).toBe(0)
  const tenants = { tenantId: "acme", provider: "locker", name: "other" }
  expect(
    (
      await hawser
        .tenant(tenants.tenantId)
        .connection(tenants.provider, { name: tenants.name })
        .apiKey()
    ).get("api_key")
  ).toBe("tenants")
})
