import { createHash } from "node:crypto"
import { describe, expect, it, onTestFinished } from "vitest"
import { openApi } from "../src/index.ts"
import { html } from "../src/html.ts"
import { makeHost, outcomeOf } from "./support/host.ts"
import { withinAMinute } from "../../../test-support/within-a-minute.ts"

const publicUrl = "https://app.host.test/api"
const shown = { settings: { reference: { publicUrl } } }
const paths = ["/openapi.json", "/reference"]

describe("the contract as a document and as a page", () => {
  it.each(paths)("is not there unless the host turns it on: GET %s", async (path) => {
    const host = await makeHost()
    expect(await outcomeOf(await host.send("GET", path))).toBe("401 unauthorized")
    const token = await host.issuer.token()
    expect(await outcomeOf(await host.send("GET", path, { token }))).toBe("404 provider_not_found")
  })

  it("is the OpenAPI document of this host", async () => {
    const host = await makeHost(shown)
    const response = await host.send("GET", "/openapi.json")
    expect(response.status).toBe(200)
    expect(response.headers.get("content-type")).toBe("application/json")
    expect(await response.json()).toEqual(JSON.parse(JSON.stringify(openApi({ publicUrl }))))
  })

  it.each(paths)("answers the same with any token or none: GET %s", async (path) => {
    const host = await makeHost(shown)
    const bodies = await Promise.all(
      [undefined, "not-a-token", await host.issuer.token({ roles: [] })].map(async (token) =>
        (await host.send("GET", path, { ...(token !== undefined && { token }) })).text()
      )
    )
    expect(new Set(bodies).size).toBe(1)
    expect(bodies[0]?.length).toBeGreaterThan(1000)
  })

  it.each(paths.flatMap((path) => ["HEAD", "POST", "DELETE"].map((method) => [method, path])))(
    "takes no other method: %s %s",
    async (method = "", path = "") => {
      const host = await makeHost(shown)
      const response = await host.send(method, path, { token: await host.issuer.token() })
      expect(response.status).toBe(405)
      expect(response.headers.get("allow")).toBe("GET")
    }
  )

  it.each(paths)("is limited for each address, as public operations are: GET %s", async (path) => {
    onTestFinished(withinAMinute())
    const host = await makeHost({ settings: { ...shown.settings, rateLimit: 1 } })
    const context = { clientAddress: "192.0.2.1" }
    expect((await host.send("GET", path, { context })).status).toBe(200)
    const refused = await host.send("GET", path, { context })
    expect(refused.status).toBe(429)
    expect(refused.headers.get("retry-after")).toMatch(/^\d+$/)
  })

  it("leaves the other paths as they were", async () => {
    const host = await makeHost(shown)
    const token = await host.issuer.token()
    expect((await host.send("GET", "/catalog")).status).toBe(200)
    expect(await outcomeOf(await host.send("GET", "/reference/credentials", { token }))).toBe(
      "404 provider_not_found"
    )
    expect(await outcomeOf(await host.send("GET", "/openapi.json/x", { token }))).toBe(
      "404 not_found"
    )
  })
})

describe("the reference page", () => {
  const pageOf = async () => {
    const host = await makeHost(shown)
    const response = await host.send("GET", "/reference")
    return { headers: response.headers, page: await response.text() }
  }

  it("may load and run nothing: its policy lets through its own style alone", async () => {
    const { headers, page } = await pageOf()
    const style = /<style>(.*?)<\/style>/s.exec(page)?.[1] ?? ""
    expect(style).toContain("color-scheme")
    const hash = createHash("sha256").update(style).digest("base64")
    expect(headers.get("content-security-policy")).toBe(
      `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`
    )
    expect(headers.get("x-content-type-options")).toBe("nosniff")
    expect(page).not.toMatch(/<script|<link|<img|<iframe|@import|url\(|\sstyle=|\son\w+=/i)
  })

  it("has a section for every operation, with its path, its answers and a curl line", async () => {
    const { page } = await pageOf()
    for (const [path, item] of Object.entries(openApi().paths)) {
      for (const [method, operation] of Object.entries(item)) {
        const { operationId, responses } = operation as {
          readonly operationId: string
          readonly responses: object
        }
        const section = page.split(`<section id="${operationId}">`)[1]?.split("</section>")[0] ?? ""
        expect(section).toContain(`<b>${method.toUpperCase()}</b>`)
        expect(section).toContain(`<code>${path}</code>`)
        expect(section).toContain(`curl -X ${method.toUpperCase()} `)
        for (const status of Object.keys(responses)) {
          expect(section).toContain(`<th scope="row">${status}</th>`)
        }
      }
    }
  })

  it("links to nothing that it does not have, but for the document", async () => {
    const { page } = await pageOf()
    const ids = new Set([...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => `#${id}`))
    const links = new Set([...page.matchAll(/ href="([^"]+)"/g)].map(([, link = ""]) => link))
    expect([...links].filter((link) => !ids.has(link))).toEqual([
      `${publicUrl}/v1/integrations/openapi.json`
    ])
  })

  it("fills in the parameters of its curl lines", async () => {
    const { page } = await pageOf()
    expect(page).toContain("curl -X GET &#39;https://app.host.test/api/v1/integrations/github&#39;")
    expect(page).not.toMatch(/curl[^<]*(?:undefined|\{provider\})/)
  })

  it("escapes all that is not its own markup", () => {
    const hostile = `<script>alert("1")</script>'&`
    expect(html`<a href="${hostile}">${html`<b>${hostile}</b>`}</a>`.toString()).toBe(
      '<a href="&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&#39;&amp;"><b>&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&#39;&amp;</b></a>'
    )
  })
})
