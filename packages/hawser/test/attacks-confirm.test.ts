import { createHash } from "node:crypto"
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import type { TestBrowser } from "../../../test-support/browser.ts"
import { freshPostgres } from "./support/freshPostgres.ts"
import { callback, consent, startFlow } from "./support/flow.ts"
import { startTestHost, type TestHost } from "./support/host.ts"

let host: TestHost
/** What the host answers when it is asked for the name of a tenant. */
let nameOf: (tenantId: string) => unknown

const usualName = (tenantId: string): string => `The ${tenantId} company`

beforeAll(async () => {
  host = await startTestHost(await freshPostgres(), ({ origin }) => ({
    allowedRedirectUrls: [`${origin}/settings/integrations`],
    allowRedirect: ({ tenantId, url }) => (url === tenantPage(tenantId) ? "confirm" : null),
    appOrigins: ({ origin: page }) => page === admittedPage,
    tenantName: (tenantId) => nameOf(tenantId) as string
  }))
})
afterAll(() => host.close())
beforeEach(() => {
  nameOf = usualName
})

const admittedPage = "https://partner.example"

/** A page that the tenant runs: whoever reads its address bar is the tenant's. */
const tenantPage = (tenantId: string): string => `https://${tenantId}.example.app/connected`

const mallory = { tenant: "attacker", user: "mallory" }

/** A flow that is begun by one person and consented to in a browser, up to the confirm page. */
const ledTo = async (as: { readonly tenant: string; readonly user: string }, page?: string) => {
  const headers = page === undefined ? {} : { origin: page }
  const flow = await startFlow(host, tenantPage(as.tenant), { as, headers })
  expect(flow.cookie).toBeUndefined()
  const url = await consent(host, flow)
  const { location, response } = await callback(flow, url)
  if (location === undefined) throw new Error(`The callback answered ${response.status}.`)
  expect(response.status).toBe(303)
  return { ...flow, url, page: location, setCookie: response.headers.getSetCookie()[0] ?? "" }
}

const open = async ({ browser, page }: { browser: TestBrowser; page: URL }) => {
  const response = await browser.request(page)
  const text = await response.text()
  const hidden = [...text.matchAll(/<input type="hidden" name="(\w+)" value="([\w-]+)"/g)]
  const fields = Object.fromEntries(hidden.map(([, name = "", value = ""]) => [name, value]))
  return { response, text, fields: { ...fields, agreed: "yes", answer: "connect" } }
}

const post = (
  { browser, page }: { browser: TestBrowser; page: URL },
  fields: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = { origin: host.origin }
) =>
  browser.request(page, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded", ...headers },
    body: new URLSearchParams(fields).toString()
  })

const complete = (as: typeof mallory, flowId: string | null) =>
  host.call("POST", "/projects/complete", { as, body: { flowId } })

/** Runs an attack that must make no token request, and leave the attacker without a connection. */
const inVain = async (attack: () => Promise<void>): Promise<void> => {
  const before = host.authorizationServer.tokenRequests()
  await attack()
  expect(host.authorizationServer.tokenRequests()).toBe(before)
  expect((await host.hawser.tenant(mallory.tenant).connections()).items).toEqual([])
}

const lastEvent = () => host.securityEvents.at(-1)

describe("cross-user session fixation, by a page that a tenant runs, where the host has no session", () => {
  it("S-85 a sibling page that opens the flow and posts the form with the victim's cookie gets 400", async () => {
    await inVain(async () => {
      // The victim consents; the browser that holds the cookie stands on the confirm page.
      const victim = await ledTo(mallory)
      // What the attacker knows: the state, so the handle of the flow, and a page of a flow of their own.
      const flow = createHash("sha256").update(victim.state).digest().subarray(0, 16)
      const own = await open(await ledTo(mallory))
      const known = { ...own.fields, flow: flow.toString("base64url") }
      expect(victim.page.searchParams.get("flow")).toBe(known.flow)
      for (const headers of [
        { origin: "https://blog.app.example" },
        { origin: "http://127.0.0.1:1" },
        { origin: new URL(tenantPage(mallory.tenant)).origin },
        // A sandboxed frame, a page that sends no referrer, and no browser at all.
        { origin: "null" },
        {},
        { referer: victim.page.href }
      ]) {
        const refused = await post(victim, known, headers)
        expect([refused.status, refused.headers.get("location")]).toEqual([400, null])
        expect(lastEvent()).toEqual({ type: "binding_mismatch", reason: "origin" })
      }
      // Even a form of the right origin has not the page's token: that ends the flow.
      expect((await post(victim, known)).status).toBe(400)
      expect(lastEvent()).toMatchObject({ type: "binding_mismatch", reason: "page_token" })
      expect((await open(victim)).response.status).toBe(400)
    })
  })

  it("S-85 the attacker's page gets nothing before the victim agrees, and the victim sees whose it is", async () => {
    await inVain(async () => {
      const victim = await ledTo(mallory)
      expect(victim.page.origin).toBe(host.origin)
      expect(victim.page.href).not.toContain(victim.state)
      expect(victim.page.href).not.toContain(victim.url.searchParams.get("code"))
      const { response, text } = await open(victim)
      expect(text).not.toContain(victim.url.searchParams.get("code"))
      for (const shown of [
        "Projects",
        "projects.read",
        usualName("attacker"),
        "attacker",
        "mallory"
      ])
        expect(text).toContain(`<bdi>${shown}</bdi>`)
      expect(text).not.toContain("flowId")
      expect(response.headers.get("location")).toBeNull()
      // What the attacker could read of the victim's cookie jar completes nothing either.
      const [, flowId = "", pageToken = ""] =
        /=([\w-]{43})\.([\w-]{43})/.exec(victim.setCookie) ?? []
      for (const value of [flowId, pageToken, victim.state])
        expect((await complete(mallory, value)).status).toBe(404)
    })
  })

  it("S-85 the attacker's own browser cannot confirm what the victim's browser brought", async () => {
    await inVain(async () => {
      const victim = await ledTo(mallory)
      const attacker = await ledTo(mallory)
      const { fields } = await open(attacker)
      const flow = victim.page.searchParams.get("flow") ?? ""
      const crossed = { browser: attacker.browser, page: victim.page }
      expect((await open(crossed)).response.status).toBe(400)
      expect((await post(crossed, { ...fields, flow })).status).toBe(400)
      // The value of the one cookie under the name of the other shows the attacker's own flow, if any.
      const value = attacker.setCookie.split(";")[0]?.split("=")[1] ?? ""
      attacker.browser.setCookie(host.origin, `hawser-${flow}=${value}`)
      const { text } = await open(crossed)
      expect(text).not.toContain(victim.url.searchParams.get("code"))
      const { location } = await callback(victim, victim.url)
      expect(location).toBeUndefined()
    })
  })

  it("S-85 a cookie that comes twice counts as absent, as one of them was planted", async () => {
    const victim = await ledTo(mallory)
    const [pair = ""] = victim.setCookie.split(";")
    const [name] = pair.split("=")
    const response = await fetch(victim.page, {
      headers: { cookie: `${pair}; ${name}=${"A".repeat(43)}.${"A".repeat(43)}` }
    })
    expect(response.status).toBe(400)
    expect((await open(victim)).response.status).toBe(200)
  })

  it("S-86 the page cannot be framed, keeps no opener, and runs nothing", async () => {
    const { response, text } = await open(await ledTo(mallory))
    expect(response.headers.get("content-security-policy")).toBe(
      "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self' https://attacker.example.app"
    )
    expect(response.headers.get("cross-origin-opener-policy")).toBe("same-origin")
    expect(response.headers.get("cache-control")).toBe("no-store")
    expect(text).not.toMatch(/<script|<iframe|<img|<link|<style|\son\w+=|javascript:/i)
  })

  it.each<readonly [string, unknown, string]>([
    [
      "markup",
      `</bdi></dd></dl><form action="https://evil.example"><button>Connect</button>`,
      "<bdi>&lt;/bdi&gt;&lt;/dd&gt;&lt;/dl&gt;&lt;form action=&quot;https://evil.example&quot;&gt;&lt;button&gt;Connect&lt;/button&gt;</bdi>"
    ],
    [
      "an attribute",
      `" autofocus onfocus="alert(1)`,
      "<bdi>&quot; autofocus onfocus=&quot;alert(1)</bdi>"
    ],
    ["bidi controls", "\u202EynapmoC\u2066 \u200Fx\u2069", "<bdi>ynapmoC x</bdi>"],
    [
      "lines and control characters",
      "Bank\r\n\u0085\u2028\u0007Inc\u001B[2J",
      "<bdi>BankInc[2J</bdi>"
    ],
    ["10 KB", "x".repeat(10_000), `<bdi>${"x".repeat(100)}</bdi>`],
    ["a pair of surrogates at the end", `${"x".repeat(99)}😀`, `<bdi>${"x".repeat(99)}</bdi>`],
    ["nothing but controls", "\u202E\u202E", "<bdi>unnamed</bdi>"]
  ])("S-86 a tenant's name with %s is text, bounded and in one line", async (_, name, shown) => {
    nameOf = () => name
    const { response, text } = await open(await ledTo(mallory))
    expect(response.status).toBe(200)
    expect(text).toContain(`${shown} (<bdi>attacker</bdi>)`)
    expect(text.length).toBeLessThan(4000)
    expect(text.match(/<form|<button|<input/g)).toHaveLength(6)
  })

  it.each<readonly [string, () => unknown]>([
    [
      "throws",
      () => {
        throw new Error("canary-of-the-host")
      }
    ],
    ["rejects", () => Promise.reject(new Error("canary-of-the-host"))],
    ["answers no text", () => ({ toString: () => "Bank" })],
    ["answers an empty text", () => ""],
    ["answers nothing", () => undefined]
  ])("S-86 where the function for names %s the page shows the id alone", async (_, answer) => {
    nameOf = answer
    const linesBefore = host.logLines.length
    const { response, text } = await open(await ledTo(mallory))
    expect(response.status).toBe(200)
    expect(text).toContain("<dd><bdi>attacker</bdi></dd>")
    expect(text).not.toMatch(/canary|Bank/)
    expect(host.logLines.slice(linesBefore).join("\n")).toContain("tenantName")
  })

  it("S-87 who did not begin it destroys the code: nothing is left to replay", async () => {
    await inVain(async () => {
      const victim = await ledTo(mallory)
      const { fields } = await open(victim)
      const { agreed: _, ...answer } = { ...fields, answer: "disown" }
      const disowned = await post(victim, answer)
      expect([disowned.status, disowned.headers.get("location")]).toEqual([200, null])
      expect(await disowned.text()).not.toContain("example.app")
      expect(lastEvent()).toEqual({
        type: "flow_disowned",
        tenantId: "attacker",
        userId: "mallory",
        provider: "projects"
      })
      victim.browser.setCookie(host.origin, victim.setCookie)
      for (const again of [fields, answer]) expect((await post(victim, again)).status).toBe(400)
      expect((await open(victim)).response.status).toBe(400)
      expect((await callback(victim, victim.url)).response.status).toBe(400)
      expect(lastEvent()?.type).toBe("state_replayed")
    })
  })

  it("S-87 an answer is used once, whatever it was", async () => {
    const as = { tenant: "once", user: "ada" }
    const own = await ledTo(as)
    const { fields } = await open(own)
    const moved = await post(own, fields)
    const to = new URL(moved.headers.get("location") ?? "")
    expect([moved.status, to.origin, to.search]).toEqual([
      303,
      "https://once.example.app",
      "?status=pending&provider=projects"
    ])
    own.browser.setCookie(host.origin, own.setCookie)
    for (const answer of ["connect", "disown"])
      expect((await post(own, { ...fields, answer })).status).toBe(400)
    expect((await open(own)).response.status).toBe(400)
    // Replaying it took nothing from who agreed.
    const flowId = new URLSearchParams(to.hash.slice(1)).get("flowId")
    expect((await complete(mallory, "x".repeat(43))).status).toBe(404)
    expect((await complete(as, flowId)).status).toBe(200)
    expect((await host.hawser.tenant("once").connections()).items).toHaveLength(1)
  })

  it("S-85 who agrees to the attacker's flow connects the attacker's tenant: the page proves consent, not who", async () => {
    // The limit of the binding, and why the page names tenant and user.
    const as = { tenant: "persuasive", user: "mallory" }
    const victim = await ledTo(as)
    const { fields } = await open(victim)
    const moved = await post(victim, fields)
    const { hash } = new URL(moved.headers.get("location") ?? "")
    const flowId = new URLSearchParams(hash.slice(1)).get("flowId")
    expect((await complete(as, flowId)).status).toBe(200)
  })
})

describe("forced start", () => {
  it.each([admittedPage, new URL(tenantPage(mallory.tenant)).origin])(
    "S-88 a page of %s begins flows that are confirmed, without a cookie, and no others",
    async (page) => {
      await inVain(async () => {
        const refused = await host.call("POST", "/projects/connect", {
          as: mallory,
          body: { redirectUrl: host.cookieRedirect },
          headers: { origin: page }
        })
        expect([refused.status, refused.headers.getSetCookie()]).toEqual([403, []])
        const { response } = await open(await ledTo(mallory, page))
        expect(response.status).toBe(200)
      })
    }
  )

  it.each(["null", "https://evil.example", "capacitor://localhost"])(
    "S-88 a page of %s begins none",
    async (origin) => {
      const refused = await host.call("POST", "/projects/connect", {
        as: mallory,
        body: { redirectUrl: tenantPage(mallory.tenant) },
        headers: { origin }
      })
      expect([refused.status, refused.headers.getSetCookie()]).toEqual([403, []])
    }
  )
})
