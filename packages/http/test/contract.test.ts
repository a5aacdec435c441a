import { describe, expect, it } from "vitest"
import { cookieUrl } from "./support/flow.ts"
import { bodyOf, gauge, makeHost } from "./support/host.ts"

describe("POST connect", () => {
  it("oauth2: gives the URL to go to, and the state in it", async () => {
    const host = await makeHost()
    const response = await host.send("POST", "/forge/connect", {
      token: await host.issuer.token(),
      json: { redirectUrl: cookieUrl }
    })
    expect(response.status).toBe(200)
    expect(response.headers.get("content-type")).toBe("application/json")
    expect(response.headers.get("cache-control")).toBe("no-store")
    const body = await bodyOf<Record<string, string>>(response)
    expect(Object.keys(body).toSorted()).toEqual(["authorizationUrl", "state"])
    const url = new URL(body["authorizationUrl"] ?? "")
    expect(url.searchParams.get("state")).toBe(body["state"])
    expect(url.searchParams.get("redirect_uri")).toBe(
      "https://app.host.test/api/v1/integrations/forge/callback"
    )
  })
})

describe("GET catalog", () => {
  it("is public, and a bad token changes nothing", async () => {
    const host = await makeHost()
    const plain = await host.send("GET", "/catalog")
    expect(plain.status).toBe(200)
    const text = await plain.text()
    expect(JSON.parse(text)).toEqual({
      items: [
        {
          provider: "forge",
          displayName: "Forge",
          category: "code",
          description: "A code forge.",
          authType: "oauth2",
          scopes: ["repo"],
          connectUrl: "/api/v1/integrations/forge/connect"
        },
        {
          provider: "gauge",
          displayName: "Gauge",
          category: "monitoring",
          description: "A monitoring service.",
          authType: "api_key",
          requiredFields: ["api_key"],
          fields: [{ name: "api_key", label: "API key", required: true, secret: true }],
          connectUrl: "/api/v1/integrations/gauge/connect"
        }
      ],
      total: 2
    })
    const withToken = await host.send("GET", "/catalog", { token: "nonsense" })
    expect(await withToken.text()).toBe(text)
    expect(host.events).toEqual([])
  })

  it("shows what a page can make use of: a colour, the provider's page, a field's pattern", async () => {
    const about = { docsUrl: "https://docs.gauge.test/keys", brandColor: "#632ca6" }
    const fields = [{ name: "api_key", label: "API key", pattern: "[0-9a-f]{32}" }] as const
    const definition = { ...gauge.definition, ...about, fields }
    const host = await makeHost({ providers: [{ definition }] })
    expect(await bodyOf(await host.send("GET", "/catalog"))).toMatchObject({
      items: [{ ...about, fields }]
    })
  })
})
