import { memory } from "hawser"
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest"
import { callback, consent, startFlow } from "./support/flow.ts"
import { startTestHost, type TestHost } from "./support/host.ts"

let host: TestHost

beforeAll(async () => {
  // Otherwise one may sweep a flow just before it comes back, and then nobody knows that it has ended.
  host = await startTestHost(memory(), { workers: "off" })
})
afterEach(() => {
  vi.useRealTimers()
})
afterAll(() => host.close())

/** The store in memory has this process's clock, which stands still but for this. */
const pass = (milliseconds: number) =>
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + milliseconds })

beforeEach(() => void pass(0))

const minute = 60_000

it("S-04 a flow that comes back just before its end is alive: its code is exchanged", async () => {
  const before = host.authorizationServer.tokenRequests()
  const flow = await startFlow(host, host.cookieRedirect, { as: { tenant: "in time" } })
  const url = await consent(host, flow)
  pass(10 * minute - 1)
  // The server's own code has not lived so long.
  expect((await callback(flow, url)).location?.searchParams.get("error")).toBe("provider_error")
  expect(host.authorizationServer.tokenRequests() - before).toBe(1)
})

it.each([
  ["at its end", 10 * minute],
  ["a day later", 24 * 60 * minute]
])("S-04 a flow that comes back %s is told as one that was never known", async (when, later) => {
  const tenant = `expired ${when}`
  const before = host.authorizationServer.tokenRequests()
  const flow = await startFlow(host, host.cookieRedirect, { as: { tenant } })
  const url = await consent(host, flow)
  pass(later)
  const { location, response } = await callback(flow, url)
  expect([response.status, location]).toEqual([400, undefined])
  expect(host.securityEvents.at(-1)?.type).toBe("state_expired")
  const unknown = await fetch(`${url.origin}${url.pathname}?state=unknown&code=c`)
  expect(await response.json()).toEqual(await unknown.json())
  // S-03: burned all the same.
  expect((await callback(flow, url)).response.status).toBe(400)
  expect(host.securityEvents.at(-1)?.type).toBe("state_replayed")
  expect(host.authorizationServer.tokenRequests()).toBe(before)
  expect((await host.hawser.tenant(tenant).connections()).items).toEqual([])
})

it("S-05 a code that waits for complete is gone after two minutes", async () => {
  const as = { tenant: "parked too long" }
  const before = host.authorizationServer.tokenRequests()
  const flow = await startFlow(host, host.completeRedirect, { as })
  const { location } = await callback(flow, await consent(host, flow))
  const flowId = new URLSearchParams(location?.hash.slice(1)).get("flowId")
  pass(2 * minute)
  const response = await host.call("POST", "/projects/complete", { as, body: { flowId } })
  expect([response.status, await response.json()]).toMatchObject([404, { error: "flow_not_found" }])
  expect(host.authorizationServer.tokenRequests()).toBe(before)
})
