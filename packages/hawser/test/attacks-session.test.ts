import type { Caller } from "@hawser/http"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { TestBrowser } from "../../../test-support/browser.ts"
import { callback, consent, startFlow } from "./support/flow.ts"
import { startTestHost, type TestHost } from "./support/host.ts"
import { freshPostgres } from "./support/freshPostgres.ts"

/** The host's own sessions, by the value of its cookie. */
const sessions = new Map<string, Caller>()

const sessionOf = async (request: Request): Promise<Caller | null> => {
  const sid = /(?:^|; )sid=([^;]*)/.exec(request.headers.get("cookie") ?? "")?.[1]
  return sessions.get(sid ?? "") ?? null
}

let host: TestHost
let sessionRedirect: string

beforeAll(async () => {
  host = await startTestHost(await freshPostgres(), ({ origin }) => {
    sessionRedirect = `${origin}/signed-in`
    return {
      resolveSession: sessionOf,
      allowRedirect: ({ tenantId, url }) => (url === tenantPage(tenantId) ? "session" : null),
      allowedRedirectUrls: [
        { url: sessionRedirect, binding: "session" },
        { url: `${origin}/settings/integrations`, binding: "cookie" },
        { url: "https://app.customer.example/connected?from=hawser", binding: "complete" }
      ]
    }
  })
})
afterAll(() => host.close())

/** A page that the tenant runs: whoever reads its address bar is the tenant's. */
const tenantPage = (tenantId: string): string => `https://${tenantId}.example.app/connected`

/** A browser in which somebody is signed in at the host. */
const signedIn = (
  tenantId: string,
  userId: string,
  roles: Caller["roles"] = ["admin"],
  browser = new TestBrowser()
): TestBrowser => {
  const sid = `${tenantId}-${userId}`
  sessions.set(sid, { tenantId, userId, roles })
  browser.setCookie(host.origin, `sid=${sid}`)
  return browser
}

const lastEvent = () => host.securityEvents.at(-1)?.type

/** The victim follows the attacker's link through consent, and comes back to the callback. */
const followed = async (authorizationUrl: string, browser: TestBrowser) => {
  const before = host.authorizationServer.tokenRequests()
  const url = await consent(host, { browser, authorizationUrl })
  const { location, response } = await callback({ browser }, url)
  return {
    url,
    location,
    status: response.status,
    tokenRequests: host.authorizationServer.tokenRequests() - before
  }
}

const mallory = { tenant: "attacker", user: "mallory" }

describe("cross-user session fixation, session", () => {
  it("S-05 the attacker's link in the browser of a signed-in victim is refused before any token request", async () => {
    const flow = await startFlow(host, sessionRedirect, { as: mallory })
    const { location, status, tokenRequests, url } = await followed(
      flow.authorizationUrl,
      signedIn("bank", "victim")
    )
    expect([status, location, tokenRequests]).toEqual([400, undefined, 0])
    expect(lastEvent()).toBe("binding_mismatch")
    // S-03: the attacker, who is signed in as himself, comes too late.
    const own = await callback({ browser: signedIn("attacker", "mallory") }, url)
    expect(own.response.status).toBe(400)
    expect(lastEvent()).toBe("state_replayed")
    expect((await host.hawser.tenant("attacker").connections()).items).toEqual([])
    expect((await host.hawser.tenant("bank").connections()).items).toEqual([])
  })

  it.each([
    ["who is signed in nowhere", () => new TestBrowser()],
    [
      "whose session has ended",
      () => {
        const browser = signedIn("attacker", "mallory")
        sessions.delete("attacker-mallory")
        return browser
      }
    ]
  ])(
    "S-05 the attacker's link in the browser of a victim %s brings one word",
    async (_, browser) => {
      const flow = await startFlow(host, sessionRedirect, { as: mallory })
      const { location, status, tokenRequests } = await followed(flow.authorizationUrl, browser())
      expect([status, tokenRequests]).toEqual([303, 0])
      expect(location?.origin).toBe(new URL(sessionRedirect).origin)
      expect([...(location?.searchParams.keys() ?? [])]).toEqual(["status", "provider", "error"])
      expect(location?.searchParams.get("error")).toBe("session_expired")
      expect(location?.hash).toBe("")
      expect(lastEvent()).toBe("flow_failed")
    }
  )

  it.each([
    ["of the attacker's own tenant", () => signedIn("attacker", "colleague")],
    ["of the same name in another tenant", () => signedIn("bank", "mallory")]
  ])("S-05 the attacker's link in the browser of a victim %s is refused", async (_, browser) => {
    const flow = await startFlow(host, sessionRedirect, { as: mallory })
    const { status, tokenRequests } = await followed(flow.authorizationUrl, browser())
    expect([status, tokenRequests]).toEqual([400, 0])
    expect(lastEvent()).toBe("binding_mismatch")
  })

  it("S-07 who was demoted between start and callback is refused", async () => {
    const flow = await startFlow(host, sessionRedirect, { as: { tenant: "demoted", user: "ada" } })
    const browser = signedIn("demoted", "ada", ["member"])
    const { status, tokenRequests } = await followed(flow.authorizationUrl, browser)
    expect([status, tokenRequests]).toEqual([400, 0])
  })

  it("S-05 who began the flow finishes it, in any browser of theirs", async () => {
    const as = { tenant: "honest", user: "ada" }
    const flow = await startFlow(host, sessionRedirect, { as })
    expect(flow.cookie).toBeUndefined()
    const { location } = await followed(flow.authorizationUrl, signedIn("honest", "ada"))
    expect(location?.href.startsWith(sessionRedirect)).toBe(true)
    expect(location?.searchParams.get("status")).toBe("connected")
    expect((await host.hawser.tenant("honest").connections()).items).toHaveLength(1)
  })
})

describe("cross-user session fixation, by a page that a tenant runs", () => {
  it("S-88 the victim's browser brings nothing to the attacker's page, and no token request is made", async () => {
    const redirectUrl = tenantPage(mallory.tenant)
    for (const [victim, outcome] of [
      [new TestBrowser(), [303, "session_expired", 0]],
      [signedIn("bank", "victim"), [400, undefined, 0]]
    ] as const) {
      const flow = await startFlow(host, redirectUrl, { as: mallory })
      expect(flow.cookie).toBeUndefined()
      const { location, status, tokenRequests } = await followed(flow.authorizationUrl, victim)
      expect([status, location?.searchParams.get("error"), tokenRequests]).toEqual(outcome)
      expect(location?.hash ?? "").toBe("")
    }
    expect((await host.hawser.tenant(mallory.tenant).connections()).items).toEqual([])
  })

  it("S-88 the tenant's own admin ends there, connected, and with nothing in the fragment", async () => {
    const as = { tenant: "page-owner", user: "ada" }
    const flow = await startFlow(host, tenantPage("page-owner"), { as })
    const { location } = await followed(flow.authorizationUrl, signedIn("page-owner", "ada"))
    expect(location?.origin).toBe("https://page-owner.example.app")
    expect([location?.searchParams.get("status"), location?.hash]).toEqual(["connected", ""])
  })

  it.each(["https://evil.example.app", "capacitor://localhost", "tauri://localhost", "null"])(
    "S-88 a page of %s starts no flow, and gets no cookie",
    async (origin) => {
      for (const redirectUrl of [tenantPage(mallory.tenant), host.cookieRedirect]) {
        const body = { redirectUrl }
        const response = await host.call("POST", "/projects/connect", {
          as: mallory,
          body,
          headers: { origin }
        })
        expect([response.status, response.headers.getSetCookie()]).toEqual([403, []])
      }
    }
  )

  it("S-88 such a page begins the flow that ends there, without a cookie, and no victim's browser finishes it", async () => {
    const begin = (redirectUrl: string, tenant: string, user: string) =>
      host.call("POST", "/projects/connect", {
        as: { tenant, user },
        body: { redirectUrl },
        headers: { origin: `https://${tenant}.example.app` }
      })
    for (const redirectUrl of [host.cookieRedirect, sessionRedirect, tenantPage("page-owner")]) {
      const refused = await begin(redirectUrl, mallory.tenant, mallory.user)
      expect([refused.ok, refused.headers.getSetCookie()]).toEqual([false, []])
    }
    const started = async (tenant: string, user: string) => {
      const response = await begin(tenantPage(tenant), tenant, user)
      expect([response.status, response.headers.getSetCookie()]).toEqual([200, []])
      return ((await response.json()) as { authorizationUrl: string }).authorizationUrl
    }
    const planted = await started(mallory.tenant, mallory.user)
    const { location, status, tokenRequests } = await followed(planted, signedIn("bank", "victim"))
    expect([status, location, tokenRequests]).toEqual([400, undefined, 0])

    const own = await started("page-user", "ada")
    const ended = await followed(own, signedIn("page-user", "ada"))
    expect(ended.location?.origin).toBe("https://page-user.example.app")
    expect(ended.location?.searchParams.get("status")).toBe("connected")
  })
})

describe("forced start, where the host knows its sessions", () => {
  it("S-05 the attacker's flow cookie, planted in the victim's browser, is not enough", async () => {
    const flow = await startFlow(host, host.cookieRedirect, { as: mallory })
    // What a page on a sibling domain, or who borrows the browser for a minute, can do.
    const victim = signedIn("bank", "victim")
    victim.setCookie(host.origin, flow.cookie ?? "")
    const { status, tokenRequests } = await followed(flow.authorizationUrl, victim)
    expect([status, tokenRequests]).toEqual([400, 0])
    expect(lastEvent()).toBe("binding_mismatch")
  })

  it("S-05 nor is the session without the cookie", async () => {
    const flow = await startFlow(host, host.cookieRedirect, { as: mallory })
    const { status, tokenRequests } = await followed(
      flow.authorizationUrl,
      signedIn("attacker", "mallory")
    )
    expect([status, tokenRequests]).toEqual([400, 0])
  })

  it("S-05 both together finish the flow", async () => {
    const as = { tenant: "both", user: "ada" }
    const flow = await startFlow(host, host.cookieRedirect, { as })
    const browser = signedIn("both", "ada", ["admin"], flow.browser)
    const { location } = await followed(flow.authorizationUrl, browser)
    expect(location?.searchParams.get("status")).toBe("connected")
  })

  it("S-77 a sibling origin starts no flow of any binding, and sets no cookie", async () => {
    for (const redirectUrl of [sessionRedirect, host.cookieRedirect, host.completeRedirect]) {
      const response = await host.call("POST", "/projects/connect", {
        as: mallory,
        body: { redirectUrl },
        headers: { origin: "https://blog.customer.example" }
      })
      expect(response.status).toBe(403)
      expect(response.headers.getSetCookie()).toEqual([])
      expect(await response.text()).not.toContain("state")
    }
  })
})
