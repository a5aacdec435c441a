import { describe, expect, it } from "vitest"
import type { Caller } from "../src/index.ts"
import { expectBrowserHeaders, expectNoFlow } from "./support/browserAnswers.ts"
import { comeBack, parkFlow, startFlow } from "./support/flow.ts"
import { type Host, type HostOptions, makeHost } from "./support/host.ts"

const confirmUrl = "https://tenant.pages.test/confirmed"
const owner: Caller = { tenantId: "tenant-1", userId: "user-1", roles: ["admin"] }

const form = {
  origin: "https://app.host.test",
  "content-type": "application/x-www-form-urlencoded"
}

/** A flow whose code waits for somebody to agree. */
const waiting = async (host: Host) => {
  const answer = await comeBack(host, await startFlow(host, confirmUrl))
  expect(answer.status).toBe(303)
  expectBrowserHeaders(answer)
  const { href, search, searchParams } = new URL(answer.headers.get("location") ?? "")
  const path = `/forge/confirm${search}`
  expect(href).toBe(`https://app.host.test/api/v1/integrations${path}`)
  const cookie = answer.headers.get("set-cookie")?.split(";")[0] ?? ""
  const [, flowId = "", token = ""] = /=([\w-]{43})\.([\w-]{43})$/.exec(cookie) ?? []
  const fields = { flow: searchParams.get("flow") ?? "", token, answer: "connect", agreed: "yes" }
  const headers = { ...form, cookie }
  return {
    setCookie: answer.headers.get("set-cookie"),
    path,
    flowId,
    fields,
    open: () => host.send("GET", path, { headers: { cookie } }),
    post: (changes: Record<string, string> = {}) =>
      host.send("POST", path, {
        headers,
        body: new URLSearchParams({ ...fields, ...changes }).toString()
      })
  }
}

const events = ({ events: told }: Host) => told.map(({ reason, type }) => [type, reason]).slice(-1)

/** Who is signed in at the host, as `person` says it then. */
const withSession = (person: () => Caller | null): HostOptions => ({
  settings: { resolveSession: async () => person() }
})

describe("the cookie of the confirm page", () => {
  it("S-85 is the flow's own, for this host alone, and lives as long as the page", async () => {
    const { setCookie } = await waiting(await makeHost())
    expect(setCookie).toMatch(
      /^__Host-hawser-[\w-]{22}=[\w-]{43}\.[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Lax; Max-Age=300$/
    )
  })
})

describe("S-87 the host is told what became of a flow that nobody confirmed", () => {
  it("who did not begin it: flow_disowned", async () => {
    const host = await makeHost()
    const { post } = await waiting(host)
    const answer = await post({ answer: "disown", agreed: "" })
    expect(answer.status).toBe(200)
    expect(await answer.text()).toContain(`<a href="https://app.host.test/?a=1&amp;b=2">`)
    expect(events(host)).toEqual([["flow_disowned", undefined]])
  })

  it("another person's session, on the page and at the answer: binding_mismatch", async () => {
    let person: Caller | null = { ...owner, userId: "user-2" }
    const host = await makeHost(withSession(() => person))
    const seen = await waiting(host)
    await expectNoFlow(await seen.open())
    expect(events(host)).toEqual([["binding_mismatch", "session"]])
    person = owner
    await expectNoFlow(await seen.open())

    const answered = await waiting(host)
    expect((await answered.open()).status).toBe(200)
    for (const stranger of [null, { ...owner, tenantId: "tenant-2" }]) {
      const { open, post } = await waiting(host)
      person = stranger
      await expectNoFlow(await post())
      expect(events(host)).toEqual([["binding_mismatch", "session"]])
      person = owner
      await expectNoFlow(await open())
    }
  })

  it("a function for sessions that gives no answer, as another person's", async () => {
    const host = await makeHost(
      withSession(() => {
        throw new Error("canary-of-the-host")
      })
    )
    const { open } = await waiting(host)
    await expectNoFlow(await open())
    expect(events(host)).toEqual([["binding_mismatch", "session"]])
  })

  it("who did not begin it may say so whoever is signed in", async () => {
    const host = await makeHost(withSession(() => null))
    const { post } = await waiting(host)
    expect((await post({ answer: "disown" })).status).toBe(200)
    expect(events(host)).toEqual([["flow_disowned", undefined]])
  })

  it.each([
    [{ token: "A".repeat(43) }, "page_token"],
    [{ token: "" }, "page_token"]
  ])("a form with %j: binding_mismatch", async (changes, reason) => {
    const host = await makeHost()
    const { open, post } = await waiting(host)
    await expectNoFlow(await post(changes))
    expect(events(host)).toEqual([["binding_mismatch", reason]])
    await expectNoFlow(await open())
  })
})

it("S-85 what waits for complete is not confirmed, and a cookie of two flows opens no page", async () => {
  const host = await makeHost()
  const { fields, path } = await waiting(host)
  const name = `__Host-hawser-${fields.flow}`
  const parked = await parkFlow(host)
  const cookie = `${name}=${parked}.${fields.token}`
  await expectNoFlow(await host.send("GET", path, { headers: { cookie } }))
  const body = new URLSearchParams(fields).toString()
  await expectNoFlow(await host.send("POST", path, { headers: { ...form, cookie }, body }))
  expect(events(host)).toEqual([["binding_mismatch", "not_confirming"]])

  const other = await waiting(host)
  const mixed = `__Host-hawser-${other.fields.flow}=${other.flowId}.${fields.token}`
  await expectNoFlow(await host.send("GET", other.path, { headers: { cookie: mixed } }))
  expect((await other.open()).status).toBe(200)
})

it("S-85 without a session of the host's the browser that has the cookie may agree", async () => {
  const host = await makeHost()
  const { open, post } = await waiting(host)
  const page = await open()
  expect(await page.text()).toContain("<bdi>Acme Inc.</bdi> (<bdi>tenant-1</bdi>)")
  const answer = await post()
  expect([answer.status, answer.headers.get("location")]).toEqual([
    303,
    expect.stringMatching(
      /^https:\/\/tenant\.pages\.test\/confirmed\?status=pending&provider=forge#flowId=[\w-]{43}$/
    )
  ])
  expectBrowserHeaders(answer)
})

it("S-85 a page that was served is not kept, and its secrets are in no log", async () => {
  const host = await makeHost()
  const { fields, open, post } = await waiting(host)
  await open()
  await post({ token: "wrong" })
  expect(host.logs.join("\n")).not.toContain(fields.token)
  expect(JSON.stringify(host.events)).not.toContain(fields.token)
})

it("a flow of another binding has no page", async () => {
  const host = await makeHost()
  const started = await startFlow(host)
  const tag = /hawser-([\w-]{22})=/.exec(started.cookie)?.[1] ?? ""
  const headers = { cookie: started.cookie }
  await expectNoFlow(await host.send("GET", `/forge/confirm?flow=${tag}`, { headers }))
})
