import { defineProvider } from "hawser"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { TestBrowser } from "../../../test-support/browser.ts"
import { callback, consent, startFlow } from "./support/flow.ts"
import { type HostParts, startTestHost, type TestHost } from "./support/host.ts"
import { freshPostgres } from "./support/freshPostgres.ts"

/** Two more providers at the real server: one speaks OpenID Connect, one has the browser post the response. */
const more = ({ authorizationServer }: HostParts) => {
  const definition = {
    category: "other",
    description: "A real authorization server on loopback.",
    authType: "oauth2",
    issuer: authorizationServer.issuer,
    authorizationEndpoint: `${authorizationServer.issuer}/auth`,
    tokenEndpoint: `${authorizationServer.issuer}/token`,
    authorizationParameters: { prompt: "consent" },
    issParameterSupported: true,
    clientAuthentication: "client_secret_basic"
  } as const
  const { clientId, clientSecret } = authorizationServer
  return [
    defineProvider(
      {
        ...definition,
        id: "people",
        displayName: "People",
        openid: true,
        account: { from: "id_token", id: ["sub"] },
        defaultScopes: ["openid", "offline_access"]
      },
      { clientId, clientSecret }
    ),
    defineProvider(
      {
        ...definition,
        id: "papers",
        displayName: "Papers",
        responseMode: "form_post",
        defaultScopes: ["projects.read"]
      },
      { clientId, clientSecret }
    )
  ]
}

let host: TestHost

beforeAll(async () => {
  host = await startTestHost(await freshPostgres(), (parts) => ({
    providers: [...parts.providers, ...more(parts)]
  }))
})
afterAll(() => host.close())

const tokenRequestsOf = async (attack: () => Promise<void>): Promise<number> => {
  const before = host.authorizationServer.tokenRequests()
  await attack()
  return host.authorizationServer.tokenRequests() - before
}

const nothingOf = async (tenantId: string) =>
  expect((await host.hawser.tenant(tenantId).connections()).items).toEqual([])

/** The authorization request with other parameters: what who holds the link can make of it. */
const changed = (authorizationUrl: string, parameters: Readonly<Record<string, string | null>>) => {
  const url = new URL(authorizationUrl)
  for (const [name, value] of Object.entries(parameters)) {
    if (value === null) url.searchParams.delete(name)
    else url.searchParams.set(name, value)
  }
  return url.href
}

describe("mix-up of two providers at one server", () => {
  it.each([
    ["projects", "people"],
    ["people", "projects"],
    ["projects", "beacon"],
    ["projects", "nobody"]
  ])(
    "S-20 the state of %s on the callback of %s is refused before any token request, and burned",
    async (from, to) => {
      const tenant = `mixed-${from}-${to}`
      const requests = await tokenRequestsOf(async () => {
        const flow = await startFlow(host, host.cookieRedirect, { as: { tenant }, provider: from })
        const url = await consent(host, flow)
        const wrong = new URL(url)
        wrong.pathname = wrong.pathname.replace(from, to)
        const { location, response } = await callback(flow, wrong)
        expect([response.status, location]).toEqual([400, undefined])
        expect(host.securityEvents.at(-1)?.type).toBe("provider_mismatch")
        expect((await callback(flow, url)).response.status).toBe(400)
      })
      expect(requests).toBe(0)
      await nothingOf(tenant)
    }
  )

  it("S-20 a code that was made for one provider is refused with the state of another", async () => {
    const as = { tenant: "swapped-codes" }
    const flows = {
      projects: await startFlow(host, host.cookieRedirect, { as }),
      people: await startFlow(host, host.cookieRedirect, { as, provider: "people" })
    }
    const stolen = (await consent(host, flows.projects)).searchParams.get("code") ?? ""
    const url = await consent(host, flows.people)
    url.searchParams.set("code", stolen)
    const { location } = await callback(flows.people, url)
    expect(location?.searchParams.get("error")).toBe("provider_error")
    await nothingOf("swapped-codes")
  })
})

describe("a code that comes with another nonce", () => {
  it.each([
    ["another nonce", { nonce: "n".repeat(43) }],
    ["no nonce", { nonce: null }],
    // The server then gives no ID token at all.
    ["no ID token", { scope: "projects.read", nonce: null }]
  ])("S-18 %s: nothing is stored, in both bindings", async (what, parameters) => {
    const as = { tenant: `nonce ${what}` }
    const started = (redirectUrl: string) =>
      startFlow(host, redirectUrl, { as, provider: "people" })
    const flow = await started(host.cookieRedirect)
    const url = await consent(host, {
      browser: flow.browser,
      authorizationUrl: changed(flow.authorizationUrl, parameters)
    })
    const { location } = await callback(flow, url)
    expect(location?.searchParams.get("error")).toBe("invalid_response")

    const parked = await started(host.completeRedirect)
    const back = await consent(host, {
      browser: parked.browser,
      authorizationUrl: changed(parked.authorizationUrl, parameters)
    })
    const fragment = (await callback(parked, back)).location?.hash.slice(1)
    const flowId = new URLSearchParams(fragment).get("flowId")
    const response = await host.call("POST", "/people/complete", { as, body: { flowId } })
    expect(response.status).toBe(400)
    await nothingOf(as.tenant)
  })

  it("S-18 with its own nonce the same flow connects", async () => {
    const as = { tenant: "nonce" }
    const flow = await startFlow(host, host.cookieRedirect, { as, provider: "people" })
    const { location } = await callback(flow, await consent(host, flow))
    expect(location?.searchParams.get("status")).toBe("connected")
  })
})

describe("another account in the place of the one connected", () => {
  /** A whole flow of `people` with an account at the provider; answers where the browser ends. */
  const connectAs = async (tenant: string, account: string, body: object = {}) => {
    const flow = await startFlow(host, host.cookieRedirect, {
      as: { tenant },
      provider: "people",
      body
    })
    const authorizationUrl = changed(flow.authorizationUrl, { login_hint: account })
    const { location } = await callback(
      flow,
      await consent(host, { browser: flow.browser, authorizationUrl })
    )
    return location?.searchParams
  }
  const tokenOf = async (tenantId: string) =>
    (await host.hawser.tenant(tenantId).connection("people").token()).token

  it("S-27 reauthorize with it ends in account_mismatch, and the old tokens go on", async () => {
    const first = await connectAs("accounts", "ada")
    const before = await tokenOf("accounts")
    const other = await connectAs("accounts", "eve", { reauthorize: true })
    expect(other?.get("error")).toBe("account_mismatch")
    expect(await tokenOf("accounts")).toBe(before)
    expect(await host.authorizationServer.isActive(before)).toBe(true)

    const same = await connectAs("accounts", "ada", { reauthorize: true })
    expect(same?.get("integrationId")).toBe(first?.get("integrationId"))
    expect(await tokenOf("accounts")).not.toBe(before)
  })

  it("S-27 after the tenant's own disconnect it may come", async () => {
    await connectAs("moved", "ada")
    expect((await host.call("DELETE", "/people", { as: { tenant: "moved" } })).status).toBe(204)
    expect((await connectAs("moved", "eve"))?.get("status")).toBe("connected")
    expect((await host.hawser.tenant("moved").connection("people").get()).status).toBe("connected")
  })
})

describe("fewer scopes than the host requires", () => {
  it("S-26 nothing is connected where the user, or who holds the link, asks for fewer", async () => {
    const as = { tenant: "fewer" }
    const flow = await startFlow(host, host.cookieRedirect, { as })
    const url = await consent(host, {
      browser: flow.browser,
      authorizationUrl: changed(flow.authorizationUrl, { scope: "offline_access" })
    })
    const { location } = await callback(flow, url)
    expect(location?.searchParams.get("error")).toBe("insufficient_scope")
    await nothingOf("fewer")
  })

  it("S-26 what is granted besides is shown as granted, not as asked for", async () => {
    const as = { tenant: "more" }
    const flow = await startFlow(host, host.cookieRedirect, { as })
    const authorizationUrl = changed(flow.authorizationUrl, {
      scope: "projects.read projects.write"
    })
    await callback(flow, await consent(host, { browser: flow.browser, authorizationUrl }))
    const { scopes } = await host.hawser.tenant("more").connection("projects").get()
    expect(scopes).toEqual(["projects.read", "projects.write"])
  })
})

describe("a response that is posted", () => {
  /** Goes through consent up to the form that the server has the browser send. */
  const formOf = async (browser: TestBrowser, authorizationUrl: string) => {
    let next = new URL(authorizationUrl)
    for (let hops = 0; hops < 15; hops++) {
      const response = await browser.request(next)
      const location = response.headers.get("location")
      if (location === null) {
        const page = await response.text()
        const inputs = page.matchAll(/name="(?<name>[^"]+)" value="(?<value>[^"]*)"/g)
        return new URLSearchParams(
          [...inputs].map(({ groups }) => [groups?.["name"] ?? "", groups?.["value"] ?? ""])
        )
      }
      next = new URL(location, next)
    }
    throw new Error("the server sends no form")
  }
  const post = async (browser: TestBrowser, form: URLSearchParams) => {
    const response = await browser.request(`${host.origin}/v1/integrations/papers/callback`, {
      method: "POST",
      body: form,
      headers: { origin: host.authorizationServer.issuer }
    })
    const location = response.headers.get("location")
    return { status: response.status, location: location === null ? null : new URL(location) }
  }

  it("S-05 connects in the browser that began, once", async () => {
    const as = { tenant: "posted" }
    const flow = await startFlow(host, host.cookieRedirect, { as, provider: "papers" })
    const form = await formOf(flow.browser, flow.authorizationUrl)
    const { location, status } = await post(flow.browser, form)
    expect([status, location?.searchParams.get("status")]).toEqual([303, "connected"])
    const requests = await tokenRequestsOf(async () => {
      expect((await post(flow.browser, form)).status).toBe(400)
    })
    expect(requests).toBe(0)
  })

  it("S-05 is refused in the victim's browser, before any token request", async () => {
    const as = { tenant: "posted-attacker" }
    const flow = await startFlow(host, host.cookieRedirect, { as, provider: "papers" })
    const { browser: victim } = await startFlow(host, host.cookieRedirect, {
      as: { tenant: "posted-victim" }
    })
    const form = await formOf(victim, flow.authorizationUrl)
    const requests = await tokenRequestsOf(async () => {
      expect(await post(victim, form)).toEqual({ status: 400, location: null })
      expect((await post(flow.browser, form)).status).toBe(400)
    })
    expect(requests).toBe(0)
    await nothingOf("posted-attacker")
  })

  it.each([
    ["S-21 another iss", (form: URLSearchParams) => form.set("iss", "https://evil.example")],
    ["S-21 no iss", (form: URLSearchParams) => form.delete("iss")],
    ["S-10 two codes", (form: URLSearchParams) => form.append("code", "x")],
    ["S-10 two states", (form: URLSearchParams) => form.append("state", form.get("state") ?? "")]
  ])("%s ends the flow before a token request", async (_, spoil) => {
    const as = { tenant: "posted-spoilt" }
    const flow = await startFlow(host, host.cookieRedirect, { as, provider: "papers" })
    const form = await formOf(flow.browser, flow.authorizationUrl)
    spoil(form)
    const requests = await tokenRequestsOf(async () => {
      const { location, status } = await post(flow.browser, form)
      expect([status, location?.searchParams.get("status") ?? "error"]).not.toEqual([
        303,
        "connected"
      ])
    })
    expect(requests).toBe(0)
    await nothingOf("posted-spoilt")
  })
})
