import { describe, expect, it } from "vitest"
import { expectBrowserHeaders, expectNoFlow } from "./support/browserAnswers.ts"
import { beginFlow, cookieUrl } from "./support/flow.ts"
import { bodyOf, forge, gauge, type Host, makeHost } from "./support/host.ts"

/** Shops install its apps from its own directory. */
const market = {
  ...forge,
  definition: {
    ...forge.definition,
    id: "market" as never,
    displayName: "<Market> & Co",
    authorizationEndpoint: "https://{shop}.market.test/authorize",
    tokenEndpoint: "https://{shop}.market.test/token",
    fields: [
      { name: "shop", label: "Shop", secret: false, format: "subdomain" },
      {
        name: "region",
        label: "Region",
        secret: false,
        choices: ["eu", "us"],
        default: "eu"
      },
      { name: "team", label: "Team", secret: false, required: false, pattern: "[A-Za-z ]+" },
      { name: "plan", label: "Plan", secret: false, required: false }
    ],
    installation: {
      parameter: "installation_id",
      fields: { shop: "shop", region: "where", team: "team" },
      action: { parameter: "setup_action", requested: "request", updated: "update" }
    }
  }
} as const

const marketHost = (settings: NonNullable<Parameters<typeof makeHost>[0]>["settings"] = {}) =>
  makeHost({ providers: [forge, market, gauge], settings })

interface NoFlowBody {
  readonly error: string
  readonly message: string
  readonly details: ReadonlyArray<object>
  readonly startUrl?: string
}

const visit = (host: Host, query: string, provider = "market") =>
  host.send("GET", `/${provider}/callback?${query}`)

const startUrlOf = async (host: Host, query: string, provider?: string) =>
  (await bodyOf<NoFlowBody>(await visit(host, query, provider))).startUrl

describe("an installation that was begun at the provider", () => {
  const query = "installation_id=7&code=canary-code&shop=acme"

  it("S-13 is 400, redirects nowhere, and nothing is sent", async () => {
    const host = await marketHost()
    await expectNoFlow(await visit(host, query))
    expect(host.world.requests).toEqual([])
    expect(host.events).toEqual([{ type: "installation_without_flow", provider: "market" }])
  })

  it("tells a program where to finish it", async () => {
    const host = await marketHost()
    expect(await bodyOf(await visit(host, query))).toEqual({
      error: "validation_error",
      message:
        "This installation was begun at <Market> & Co and needs to be finished from the application: open startUrl.",
      details: [],
      startUrl: "https://app.host.test/?a=1&b=2&shop=acme&provider=market"
    })
  })

  it.each([
    ["waits for an owner", "setup_action=request", "waits until an owner approves it"],
    [
      "waits for an owner, with a code",
      "setup_action=request&code=canary-code",
      "waits until an owner approves it"
    ],
    ["was changed", "setup_action=update&installation_id=7", "was changed at"]
  ])("that %s says so on its page, and to a program", async (_, query, words) => {
    const host = await marketHost()
    const response = await host.send("GET", `/market/callback?${query}&shop=acme`, {
      headers: { accept: "text/html" }
    })
    expect(response.status).toBe(400)
    const page = await response.text()
    expect(page).toContain(words)
    expect(page).not.toContain("was begun at")
    const body = await bodyOf<NoFlowBody>(await visit(host, query))
    expect(body.message).not.toContain("was begun at")
    expect(body.startUrl).toContain("provider=market")
    expect(host.world.requests).toEqual([])
  })

  it("shows a person one link, and nothing of the request but what its field takes", async () => {
    const host = await marketHost()
    const response = await host.send("GET", `/market/callback?${query}&team=%3Cscript%3E`, {
      headers: { accept: "text/html" }
    })
    expect(response.status).toBe(400)
    expectBrowserHeaders(response)
    const page = await response.text()
    expect(page).toContain("This installation was begun at &lt;Market&gt; &amp; Co.")
    expect(page.match(/<a /g)).toHaveLength(1)
    expect(page).toContain(
      'href="https://app.host.test/?a=1&amp;b=2&amp;shop=acme&amp;provider=market"'
    )
    expect(page).not.toMatch(/canary|script|team/)
  })

  it("leads to the page that the host has for it", async () => {
    const host = await marketHost({ installUrl: "https://app.host.test/install?from=market" })
    expect(await startUrlOf(host, query)).toBe(
      "https://app.host.test/install?from=market&shop=acme&provider=market"
    )
  })

  it("is posted as well", async () => {
    const host = await makeHost({
      providers: [
        { ...market, definition: { ...market.definition, responseMode: "form_post" as const } }
      ]
    })
    const response = await host.send("POST", "/market/callback", {
      body: new URLSearchParams(query)
    })
    expect((await bodyOf<NoFlowBody>(response)).startUrl).toContain("provider=market")
  })

  it.each([
    ["a label", "shop=acme", "acme"],
    ["a whole host of the vendor's", "shop=acme.market.test", "acme"],
    ["another vendor's", "shop=acme.evil.test", null],
    ["a host below", "shop=a.b.market.test", null],
    ["the vendor's domain alone", "shop=.market.test", null],
    ["a URL", "shop=https://acme.market.test", null],
    ["an escape", "shop=acme%2fx", null],
    ["letters of other cases", "shop=ACME", null],
    ["nothing", "shop=", null],
    ["none", "", null]
  ])("suggests a shop where it is one: %s", async (_, shop, expected) => {
    const host = await marketHost()
    const url = new URL((await startUrlOf(host, `installation_id=7&${shop}`)) ?? "")
    expect(url.searchParams.get("shop")).toBe(expected)
  })

  it.each([
    ["one of the list", "where=us", "region", "us"],
    ["none of it", "where=moon", "region", null],
    ["by the field's name and not the parameter's", "region=us", "region", null],
    ["what its pattern takes", "team=Blue%20Team", "team", "Blue Team"],
    ["what its pattern does not", "team=Blue%0ATeam", "team", null],
    ["a field that the definition does not name", "plan=free", "plan", null],
    ["another provider", "provider=forge", "provider", "market"]
  ])("of other fields: %s", async (_, parameter, field, expected) => {
    const host = await marketHost()
    const url = new URL((await startUrlOf(host, `installation_id=7&${parameter}`)) ?? "")
    expect(url.searchParams.getAll(field)).toEqual(expected === null ? [] : [expected])
  })
})

describe("what is not such an installation is answered as before", () => {
  it.each([
    ["without the parameter", "market", "shop=acme&code=c"],
    ["with an unknown state", "market", "installation_id=7&state=made-up"],
    ["with an empty state", "market", "installation_id=7&state="],
    ["at a provider that has none", "forge", "installation_id=7"],
    ["at an API-key provider", "gauge", "installation_id=7"],
    ["at a provider that is not there", "nobody", "installation_id=7"],
    ["with a parameter that comes twice", "market", "installation_id=7&shop=a&shop=b"]
  ])("%s", async (_, provider, query) => {
    const host = await marketHost()
    expect(await startUrlOf(host, query, provider)).toBeUndefined()
    await expectNoFlow(await visit(host, query, provider))
    expect(host.events.map(({ type }) => type)).not.toContain("installation_without_flow")
  })

  it.each(["unlisted", () => true] as const)(
    "S-58 where the catalogue does not tell of the provider (%s)",
    async (availability) => {
      const host = await makeHost({ providers: [{ ...market, availability }] })
      const answerOf = async (provider: string) => {
        const response = await visit(host, "installation_id=7", provider)
        return [response.status, await response.text(), [...response.headers]]
      }
      expect(await answerOf("market")).toEqual(await answerOf("nobody"))
    }
  )

  it("S-05 with the state of a flow it is that flow's, which asks for its own browser", async () => {
    const host = await marketHost()
    const flow = await beginFlow(
      host,
      { redirectUrl: cookieUrl, fields: { shop: "acme" } },
      undefined,
      "market"
    )
    const query = `installation_id=7&code=c&state=${flow.state}`
    await expectNoFlow(await visit(host, query))
    expect(host.events.at(-1)?.type).toBe("binding_mismatch")
    expect(host.world.requests.filter(({ url }) => url.pathname === "/token")).toEqual([])
  })
})
