import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { TestBrowser } from "../../../test-support/browser.ts"
import { callback, connectProjects, consent, startFlow } from "./support/flow.ts"
import { startTestHost, type TestHost } from "./support/host.ts"
import { freshPostgres } from "./support/freshPostgres.ts"

let host: TestHost

beforeAll(async () => {
  host = await startTestHost(await freshPostgres())
})
afterAll(() => host.close())

/** Runs an attack, and says how many token requests it caused. */
const tokenRequestsOf = async (attack: () => Promise<void>): Promise<number> => {
  const before = host.authorizationServer.tokenRequests()
  await attack()
  return host.authorizationServer.tokenRequests() - before
}

const securityEvents = () => host.securityEvents.map(({ type }) => type)

describe("cross-user session fixation", () => {
  it("S-05 cookie: started in one browser and finished in another is refused before any token request", async () => {
    const as = { tenant: "attacker" }
    const requests = await tokenRequestsOf(async () => {
      const flow = await startFlow(host, host.cookieRedirect, { as })
      const victim = new TestBrowser()
      const url = await consent(host, { browser: victim, authorizationUrl: flow.authorizationUrl })
      const { location, response } = await callback({ browser: victim }, url)
      expect(response.status).toBe(400)
      expect(location).toBeUndefined()
      expect(securityEvents().at(-1)).toBe("binding_mismatch")
      // S-03: the mismatch has burned the flow for the right browser too.
      expect((await callback(flow, url)).response.status).toBe(400)
      expect(securityEvents().at(-1)).toBe("state_replayed")
    })
    expect(requests).toBe(0)
    expect((await host.hawser.tenant("attacker").connections()).items).toEqual([])
  })

  it("S-05 cookie: the attacker's own cookie of another flow does not help", async () => {
    const requests = await tokenRequestsOf(async () => {
      const own = await startFlow(host, host.cookieRedirect, { as: { tenant: "attacker-2" } })
      const other = await startFlow(host, host.cookieRedirect, { as: { tenant: "attacker-2" } })
      const url = await consent(host, {
        browser: own.browser,
        authorizationUrl: other.authorizationUrl
      })
      // The value of one flow under the name of the other.
      const name = other.cookie?.split("=")[0] ?? ""
      const value = own.cookie?.split(";")[0]?.split("=")[1] ?? ""
      own.browser.setCookie(host.origin, `${name}=${value}`)
      expect((await callback(own, url)).response.status).toBe(400)
    })
    expect(requests).toBe(0)
  })

  it("S-05 complete: who holds all that connect returned cannot complete after the victim's callback", async () => {
    const as = { tenant: "attacker-3", user: "mallory" }
    const requests = await tokenRequestsOf(async () => {
      const flow = await startFlow(host, host.completeRedirect, { as })
      const victim = new TestBrowser()
      const url = await consent(host, { browser: victim, authorizationUrl: flow.authorizationUrl })
      const { location } = await callback({ browser: victim }, url)
      expect(location?.searchParams.get("status")).toBe("pending")
      for (const flowId of [
        flow.state,
        new URL(flow.authorizationUrl).searchParams.get("code_challenge")
      ]) {
        const response = await host.call("POST", "/projects/complete", { as, body: { flowId } })
        expect(response.status).toBe(404)
        expect(await response.json()).toMatchObject({ error: "flow_not_found" })
      }
    })
    expect(requests).toBe(0)
  })

  for (const [who, as] of [
    ["another user", { tenant: "bank", user: "eve" }],
    ["another tenant", { tenant: "rival", user: "ada" }]
  ] as const) {
    it(`S-05 S-07 complete by ${who} is not found and burns the code`, async () => {
      const requests = await tokenRequestsOf(async () => {
        const owner = { tenant: "bank", user: "ada" }
        const flow = await startFlow(host, host.completeRedirect, { as: owner })
        const { location } = await callback(flow, await consent(host, flow))
        const flowId = new URLSearchParams(location?.hash.slice(1)).get("flowId")
        const stolen = await host.call("POST", "/projects/complete", { as, body: { flowId } })
        expect(stolen.status).toBe(404)
        expect(securityEvents().at(-1)).toBe("complete_mismatch")
        const own = await host.call("POST", "/projects/complete", { as: owner, body: { flowId } })
        expect(own.status).toBe(404)
      })
      expect(requests).toBe(0)
    })
  }

  it("S-07 who was demoted between start and complete is refused", async () => {
    const flow = await startFlow(host, host.completeRedirect, { as: { tenant: "demoted" } })
    const { location } = await callback(flow, await consent(host, flow))
    const flowId = new URLSearchParams(location?.hash.slice(1)).get("flowId")
    const response = await host.call("POST", "/projects/complete", {
      as: { tenant: "demoted", roles: ["member"] },
      body: { flowId }
    })
    expect(response.status).toBe(403)
  })
})

describe("what a flood may fill", () => {
  it("S-11 parked flows count as those that wait: a user has 20 in all, whatever code came", async () => {
    const as = { tenant: "flooding", user: "mallory" }
    const connect = (user: string) =>
      host.call("POST", "/projects/connect", {
        as: { ...as, user },
        body: { redirectUrl: host.completeRedirect }
      })
    for (let flow = 0; flow < 20; flow++) {
      const { state } = (await (await connect("mallory")).json()) as { readonly state: string }
      const url = new URL(`${host.origin}/v1/integrations/projects/callback`)
      const { issuer } = host.authorizationServer
      for (const [name, value] of Object.entries({ state, code: "junk", iss: issuer }))
        url.searchParams.set(name, value)
      const { location } = await callback({ browser: new TestBrowser() }, url)
      expect(location?.searchParams.get("status")).toBe("pending")
    }
    const refused = await connect("mallory")
    expect(refused.status).toBe(429)
    const retryAfter = Number(refused.headers.get("retry-after"))
    expect(retryAfter).toBeGreaterThan(0)
    expect(retryAfter).toBeLessThanOrEqual(120)
    expect((await connect("ada")).status).toBe(200)
  })
})

describe("the callback takes nothing from the request", () => {
  it("S-13 an unknown state is answered without a redirect", async () => {
    for (const query of [
      "",
      "?state=",
      `?state=${"x".repeat(43)}&code=abc`,
      `?state=${"x".repeat(5000)}&code=a`
    ]) {
      const response = await fetch(`${host.origin}/v1/integrations/projects/callback${query}`, {
        redirect: "manual"
      })
      expect(response.status).toBe(400)
      expect(response.headers.get("location")).toBeNull()
    }
  })

  it("S-20 one provider's state on another's callback path is refused, and burned", async () => {
    const requests = await tokenRequestsOf(async () => {
      const flow = await startFlow(host, host.cookieRedirect, { as: { tenant: "mixed-up" } })
      const url = await consent(host, flow)
      const wrong = new URL(url)
      wrong.pathname = wrong.pathname.replace("projects", "beacon")
      expect((await callback(flow, wrong)).response.status).toBe(400)
      expect(securityEvents().at(-1)).toBe("provider_mismatch")
      expect((await callback(flow, url)).response.status).toBe(400)
    })
    expect(requests).toBe(0)
  })

  it("S-06 tenant, user and redirect URL in the query change nothing", async () => {
    const flow = await startFlow(host, host.cookieRedirect, { as: { tenant: "honest" } })
    const url = await consent(host, flow)
    url.searchParams.append("tenant_id", "victim")
    url.searchParams.append("tenantId", "victim")
    url.searchParams.append("redirectUrl", "https://evil.example")
    url.searchParams.append("redirect_uri", "https://evil.example")
    const { location } = await callback(flow, url)
    expect(location?.href.startsWith(host.cookieRedirect)).toBe(true)
    expect((await host.hawser.tenant("victim").connections()).items).toEqual([])
    expect((await host.hawser.tenant("honest").connections()).items).toHaveLength(1)
  })

  it("S-10 a state, code, iss or error that comes twice is refused without a token request", async () => {
    for (const name of ["state", "code", "iss", "error"]) {
      const requests = await tokenRequestsOf(async () => {
        const flow = await startFlow(host, host.cookieRedirect, { as: { tenant: "twice" } })
        const url = await consent(host, flow)
        url.searchParams.append(name, url.searchParams.get(name) ?? "x")
        if (name === "error") url.searchParams.append(name, "y")
        expect((await callback(flow, url)).response.status).toBe(400)
      })
      expect(requests).toBe(0)
    }
  })

  it("S-21 a wrong or missing iss ends the flow before a token request", async () => {
    for (const iss of ["https://evil.example", undefined]) {
      const requests = await tokenRequestsOf(async () => {
        const flow = await startFlow(host, host.cookieRedirect, { as: { tenant: "iss" } })
        const url = await consent(host, flow)
        if (iss === undefined) url.searchParams.delete("iss")
        else url.searchParams.set("iss", iss)
        const { location } = await callback(flow, url)
        expect(location?.searchParams.get("error")).toBe("invalid_response")
      })
      expect(requests).toBe(0)
    }
  })

  it("S-17 a code of another flow is refused by its PKCE verifier and the state still binds", async () => {
    const first = await startFlow(host, host.cookieRedirect, { as: { tenant: "injected" } })
    const second = await startFlow(host, host.cookieRedirect, { as: { tenant: "injected" } })
    const stolen = (await consent(host, first)).searchParams.get("code") ?? ""
    const url = await consent(host, second)
    url.searchParams.set("code", stolen)
    const { location } = await callback(second, url)
    expect(location?.searchParams.get("error")).toBe("provider_error")
    expect((await host.hawser.tenant("injected").connections()).items).toEqual([])
  })
})

describe("where a flow may end, and what names it", () => {
  const hostile = [
    "//evil.example",
    "/\\evil.example",
    "https:evil.example",
    "https://evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "https://app.customer.example@evil.example/connected?from=hawser",
    "https://app.customer.example.evil.example/connected?from=hawser",
    "https://app.customer.example/connected?from=hawser\r\nset-cookie:a=b",
    "https://user:pass@app.customer.example/connected?from=hawser",
    "https://app.customer.example./connected?from=hawser",
    "https://app.customer.example:8443/connected?from=hawser",
    "https://app.customer.example%2fconnected?from=hawser",
    "https://app.customer.example/connected%2f?from=hawser",
    "https://app.customer.example#@evil.example",
    "https://app.customer.example/connected?from=hawser#x",
    "https://app.customer.example/connected?from=hawser&x=1",
    "https://app.customer.example/connected",
    "https://app.customer.example/connected/../evil?from=hawser",
    "HTTPS://APP.CUSTOMER.EXAMPLE/connected?from=hawser",
    "https://аpp.customer.example/connected?from=hawser",
    "http://app.customer.example/connected?from=hawser",
    " https://app.customer.example/connected?from=hawser",
    ""
  ]
  it(`S-12 ${hostile.length} hostile redirect URLs are refused`, async () => {
    for (const redirectUrl of hostile) {
      const response = await host.call("POST", "/projects/connect", { body: { redirectUrl } })
      expect([redirectUrl, response.status]).toEqual([redirectUrl, 400])
      expect(await response.text()).not.toContain("evil")
      expect(response.headers.getSetCookie()).toEqual([])
    }
  })

  it("S-15 forged Host and X-Forwarded headers do not reach the authorization URL", async () => {
    const response = await host.call("POST", "/projects/connect", {
      as: { tenant: "forged" },
      body: { redirectUrl: host.cookieRedirect },
      headers: {
        "x-forwarded-host": "evil.example",
        "x-forwarded-proto": "https",
        forwarded: "host=evil.example"
      }
    })
    const { authorizationUrl } = (await response.json()) as { authorizationUrl: string }
    expect(new URL(authorizationUrl).searchParams.get("redirect_uri")).toBe(
      `${host.origin}/v1/integrations/projects/callback`
    )
  })

  it("S-16 each flow has an S256 challenge of its own", async () => {
    const challenges = new Set<string>()
    for (let i = 0; i < 3; i++) {
      const flow = await startFlow(host, host.cookieRedirect, { as: { tenant: "pkce" } })
      const { searchParams } = new URL(flow.authorizationUrl)
      expect(searchParams.get("code_challenge_method")).toBe("S256")
      challenges.add(searchParams.get("code_challenge") ?? "")
    }
    expect(challenges.size).toBe(3)
  })

  it("S-81 HEAD on the callback does not consume the flow", async () => {
    const flow = await startFlow(host, host.cookieRedirect, { as: { tenant: "prefetch" } })
    const url = await consent(host, flow)
    expect((await flow.browser.request(url, { method: "HEAD" })).status).toBe(405)
    expect((await callback(flow, url)).location?.searchParams.get("status")).toBe("connected")
  })

  it("S-124 a prefetch of the callback, in the very browser, does not consume the flow", async () => {
    const flow = await startFlow(host, host.cookieRedirect, { as: { tenant: "prefetched" } })
    const url = await consent(host, flow)
    const headers = { "sec-purpose": "prefetch;prerender", purpose: "prefetch" }
    const { status } = await flow.browser.request(url, { headers })
    expect(status).toBe(503)
    expect((await callback(flow, url)).location?.searchParams.get("status")).toBe("connected")
  })

  it("S-77 a forced start from a sibling origin is refused and plants no cookie", async () => {
    const response = await host.call("POST", "/projects/connect", {
      as: { tenant: "forced" },
      body: { redirectUrl: host.cookieRedirect },
      headers: { origin: "https://blog.customer.example" }
    })
    expect(response.status).toBe(403)
    expect(response.headers.getSetCookie()).toEqual([])
  })

  it("S-19 the token request carries the same redirect_uri: the server, which compares, gives tokens", async () => {
    await connectProjects(host, { as: { tenant: "same-redirect-uri" } })
  })
})
