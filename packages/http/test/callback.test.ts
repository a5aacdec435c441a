import { describe, expect, it, onTestFinished } from "vitest"
import { comeBack, completeUrl, outcomeAt, startFlow } from "./support/flow.ts"
import { expectBrowserHeaders, expectNoFlow } from "./support/browserAnswers.ts"
import { bodyOf, type Host, makeHost, matching } from "./support/host.ts"
import { withinAMinute } from "../../../test-support/within-a-minute.ts"

describe("GET callback", () => {
  it("S-09 cookie: connects and answers 303 to the stored URL", async () => {
    const host = await makeHost()
    const response = await comeBack(host, await startFlow(host))
    expect(response.status).toBe(303)
    expectBrowserHeaders(response)
    expect(outcomeAt(response)).toEqual({
      status: "connected",
      provider: "forge",
      integrationId: matching(/^int_/)
    })
    expect(response.headers.get("location")).toMatch(/^https:\/\/app\.host\.test\/done\?/)
  })

  it("S-09 complete: parks the code and gives the flow id in the fragment", async () => {
    const host = await makeHost()
    const started = await startFlow(host, completeUrl)
    expect(started.setCookie).toBeNull()
    const response = await comeBack(host, started)
    expect(response.status).toBe(303)
    expectBrowserHeaders(response)
    expect(outcomeAt(response)).toEqual({ status: "pending", provider: "forge" })
    expect(new URL(response.headers.get("location") ?? "").hash).toMatch(/^#flowId=[\w-]{43}$/)
    expect(host.world.count("/token")).toBe(0)
  })

  it.each([
    ["the user refuses", "error=access_denied", "access_denied"],
    [
      "the provider fails",
      "error=unsupported_response_type&error_description=%3Cscript%3E",
      "provider_error"
    ]
  ])("S-09 where %s: 303 with a word of ours", async (_, query, error) => {
    const host = await makeHost()
    const started = await startFlow(host)
    const response = await comeBack(host, started, { query: `${query}&state=${started.state}` })
    expect(response.status).toBe(303)
    expectBrowserHeaders(response)
    expect(outcomeAt(response)).toEqual({ status: "error", provider: "forge", error })
    await expectNoFlow(await comeBack(host, started))
    expect(host.world.count("/token")).toBe(0)
  })

  it("S-09 where the token endpoint is down: 303", async () => {
    const host = await makeHost()
    const started = await startFlow(host)
    host.world.set({ isDown: true })
    const response = await comeBack(host, started)
    expect(response.status).toBe(303)
    expectBrowserHeaders(response)
    expect(outcomeAt(response)["error"]).toBe("provider_unavailable")
  })

  it("S-13 a second visit, a made-up state and none at all redirect nowhere", async () => {
    const host = await makeHost()
    const started = await startFlow(host)
    await comeBack(host, started)
    await expectNoFlow(await comeBack(host, started))
    await expectNoFlow(await comeBack(host, started, { query: "code=c&state=made-up" }))
    await expectNoFlow(await comeBack(host, started, { query: "code=c" }))
    await expectNoFlow(await comeBack(host, started, { query: "" }))
    expect(host.world.count("/token")).toBe(1)
  })

  it("S-05 another browser is refused before any token request, and burns the flow", async () => {
    const host = await makeHost()
    const started = await startFlow(host)
    await expectNoFlow(await comeBack(host, { ...started, cookie: "" }))
    expect(host.events.at(-1)?.type).toBe("binding_mismatch")
    await expectNoFlow(await comeBack(host, started))
    expect(host.world.count("/token")).toBe(0)
  })

  it("S-20 another provider's callback path is refused, known or not", async () => {
    const host = await makeHost()
    for (const provider of ["gauge", "nobody"]) {
      const started = await startFlow(host)
      const response = await host.send(
        "GET",
        `/${provider}/callback?code=c&state=${started.state}`,
        { headers: { cookie: started.cookie } }
      )
      await expectNoFlow(response)
    }
    expect(host.world.count("/token")).toBe(0)
  })

  it.each(["state", "code", "iss", "error"])(
    "S-10 a %s that comes twice is 400 and redirects nowhere",
    async (name) => {
      const host = await makeHost()
      const started = await startFlow(host)
      const query = `code=c&state=${started.state}&${name}=a&${name}=b`
      await expectNoFlow(await comeBack(host, started, { query }))
      expect(host.world.count("/token")).toBe(0)
    }
  )

  it.each(["state[]", "state[x]", "state%00", "State"])(
    "S-10 %s is not the state",
    async (name) => {
      const host = await makeHost()
      const started = await startFlow(host)
      await expectNoFlow(
        await comeBack(host, started, { query: `code=c&${name}=${started.state}` })
      )
    }
  )

  it.each([
    ["sec-purpose", "prefetch"],
    ["sec-purpose", "prefetch;prerender"],
    ["sec-purpose", "Prefetch; anonymous-client-ip"],
    ["purpose", "prefetch"],
    ["x-moz", "prefetch"]
  ])("S-124 a prefetch by %s: %s is 503 before any look-up", async (name, value) => {
    const host = await makeHost()
    const started = await startFlow(host)
    const events = host.events.length
    const headers = { [name]: value }
    const prefetched = await comeBack(host, started, { headers })
    expect(prefetched.headers.get("retry-after")).toBe("0")
    expectBrowserHeaders(prefetched)
    const unknown = await comeBack(host, started, { headers, query: "state=unknown&code=c" })
    expect([...unknown.headers]).toEqual([...prefetched.headers])
    const [own, other] = [await prefetched.text(), await unknown.text()]
    expect(other).toBe(own)
    expect([prefetched.status, unknown.status, JSON.parse(own)]).toMatchObject([
      503,
      503,
      { error: "prefetch_refused" }
    ])
    // A look-up reports what it finds, and an answer of 5xx that is our fault is logged.
    expect([host.events.length, host.logs]).toEqual([events, []])
    expect(outcomeAt(await comeBack(host, started))["status"]).toBe("connected")
  })

  it("S-124 a prefetch draws on the callbacks' limit", async () => {
    onTestFinished(withinAMinute())
    const host = await makeHost({ settings: { rateLimit: 1 } })
    const visit = () =>
      host.send("GET", "/forge/callback?state=x", {
        headers: { "sec-purpose": "prefetch", accept: "text/html" },
        context: { clientAddress: "192.0.2.1" }
      })
    const page = await visit()
    expect([page.status, await page.text()]).toEqual([503, matching(/Open it\./)])
    expect((await visit()).status).toBe(429)
  })

  it("S-124 another purpose is a visit", async () => {
    for (const [name, value] of [
      ["sec-purpose", "navigate"],
      ["purpose", "no-prefetch"],
      ["x-moz", ""]
    ] as const) {
      const host = await makeHost()
      const started = await startFlow(host)
      const back = await comeBack(host, started, { headers: { [name]: value } })
      expect(back.status).toBe(303)
    }
  })

  it("S-81 HEAD is 405 and consumes nothing", async () => {
    const host = await makeHost()
    const started = await startFlow(host)
    const path = `/forge/callback?code=c&state=${started.state}`
    const head = await host.send("HEAD", path, { headers: { cookie: started.cookie } })
    expect([head.status, head.headers.get("allow")]).toEqual([405, "GET, POST"])
    expectBrowserHeaders(head)
    expect((await host.send("OPTIONS", path)).status).toBe(405)
    expect(outcomeAt(await comeBack(host, started))["status"]).toBe("connected")
  })

  it("S-15 nothing is taken from Host or forwarded headers", async () => {
    const host = await makeHost()
    const headers = {
      host: "evil.test",
      "x-forwarded-host": "evil.test",
      "x-forwarded-proto": "http"
    }
    const response = await host.send("POST", "/forge/connect", {
      token: await host.issuer.token(),
      json: { redirectUrl: completeUrl },
      headers
    })
    expect(await response.text()).not.toContain("evil")
  })
})

describe("what a browser sees where there is no flow", () => {
  const visit = (host: Host, accept: string) =>
    host.send("GET", "/forge/callback?state=%3Cscript%3Ecanary", { headers: { accept } })

  it("a page with one link to the configured application, escaped, and nothing of the request", async () => {
    const host = await makeHost()
    const response = await visit(host, "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8")
    expect(response.status).toBe(400)
    expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8")
    expectBrowserHeaders(response)
    const page = await response.text()
    expect(page.match(/<a /g)).toHaveLength(1)
    expect(page).toContain('href="https://app.host.test/?a=1&amp;b=2"')
    expect(page).not.toMatch(/canary|script|http-equiv|src=/)
  })

  it.each(["*/*", "application/json", "application/json, text/html;q=0.9", "text/html;q=0", ""])(
    "JSON for %s",
    async (accept) => {
      const host = await makeHost()
      await expectNoFlow(await visit(host, accept))
    }
  )

  it("an address that is configured wrongly cannot break out of the link", async () => {
    const host = await makeHost({ settings: { appUrl: `https://a.test/"><script>` } })
    const page = await (await visit(host, "text/html")).text()
    expect(page).not.toContain("<script>")
  })
})

describe("S-05 the cookie of a flow", () => {
  it("is of its own for each flow, and only the browser reads it", async () => {
    const host = await makeHost()
    const [one, two] = [await startFlow(host), await startFlow(host)]
    expect(one.setCookie).toMatch(
      /^__Host-hawser-[\w-]{22}=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Lax; Max-Age=600$/
    )
    expect(one.cookie.split("=")[0]).not.toBe(two.cookie.split("=")[0])
    const both = `theme=dark; ${one.cookie}; ${two.cookie}`
    expect(outcomeAt(await comeBack(host, { ...one, cookie: both }))["status"]).toBe("connected")
  })

  it("is spent with the flow", async () => {
    const host = await makeHost()
    const started = await startFlow(host)
    const response = await comeBack(host, started)
    expect(response.headers.get("set-cookie")).toBe(
      `${started.cookie.split("=")[0]}=; Path=/; HttpOnly; Secure; SameSite=Lax; Max-Age=0`
    )
  })

  it.each([
    [
      "twice, once planted",
      (cookie: string) => `${cookie}; ${cookie.split("=")[0]}=${"a".repeat(43)}`
    ],
    ["twice, both the same", (cookie: string) => `${cookie}; ${cookie}`],
    ["without its prefix", (cookie: string) => cookie.replace("__Host-", "")],
    ["quoted", (cookie: string) => cookie.replace("=", '="').concat('"')],
    ["cut off", (cookie: string) => cookie.slice(0, -1)],
    ["empty", (cookie: string) => `${cookie.split("=")[0]}=`],
    ["of another flow", () => `__Host-hawser-${"a".repeat(22)}=${"b".repeat(43)}`]
  ])("counts as absent where it comes %s", async (_, spoil) => {
    const host = await makeHost()
    const started = await startFlow(host)
    await expectNoFlow(await comeBack(host, { ...started, cookie: spoil(started.cookie) }))
    expect(host.world.count("/token")).toBe(0)
  })

  it("goes without Secure and __Host- only where the settings say loopback", async () => {
    const host = await makeHost({ settings: { secureCookies: false } })
    const started = await startFlow(host)
    expect(started.setCookie).toMatch(
      /^hawser-[\w-]{22}=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; /
    )
    expect(outcomeAt(await comeBack(host, started))["status"]).toBe("connected")
  })

  it("authenticates nobody (S-08)", async () => {
    const host = await makeHost()
    const { cookie } = await startFlow(host)
    const response = await host.send("GET", "", { headers: { cookie } })
    expect((await bodyOf(response)).error).toBe("unauthorized")
  })
})
