import { expect } from "vitest"
import { expectError } from "../expectations.ts"
import type { Host } from "../Host.ts"
import {
  apiKey,
  closed,
  formPost,
  oauth,
  otherKey,
  realms,
  scopes,
  unlisted,
  withRealm,
  withSites
} from "../provider/definitions.ts"
import { redirectUrls } from "../provider/startTestProvider.ts"
import type { Check } from "./Check.ts"

interface Catalog {
  readonly items: ReadonlyArray<Readonly<Record<string, unknown>> & { readonly provider: string }>
  readonly total: number
}

/** The kit's providers in a catalog: the host may have more. */
const catalog = async (host: Host, query = "", headers = {}): Promise<Catalog["items"]> => {
  const answer = await host.call("GET", `/catalog${query}`, { headers })
  expect(answer.status).toBe(200)
  expect(answer.headers.get("content-type")).toBe("application/json")
  const { items, total } = answer.body as unknown as Catalog
  expect(total).toBe(items.length)
  return items.filter(({ provider }) => provider.startsWith("conformance-"))
}

const connectUrl = (provider: string): unknown =>
  expect.stringMatching(new RegExp(`^/.*v1/integrations/${provider}/connect$`))

export const catalogSuite = (check: Check): void => {
  check("shows everyone what a form needs to know of each provider", async (host) => {
    const items = await catalog(host)
    expect(items.map(({ provider }) => provider)).toEqual([
      oauth,
      formPost,
      withRealm,
      apiKey,
      otherKey,
      withSites
    ])
    expect(items[2]).toEqual({
      provider: withRealm,
      displayName: "C server",
      category: "ticketing",
      description: "Of the conformance kit, on loopback.",
      authType: "oauth2",
      scopes,
      fields: [{ name: "realm", label: "Realm", required: true, secret: false, choices: realms }],
      connectUrl: connectUrl(withRealm)
    })
    expect(items[3]).toEqual({
      provider: apiKey,
      displayName: "D service",
      category: "monitoring",
      description: "Of the conformance kit, on loopback.",
      authType: "api_key",
      requiredFields: ["api_key"],
      fields: [
        { name: "api_key", label: "API key", required: true, secret: true },
        { name: "note", label: "Note", required: false, secret: false, pattern: "[a-z]+" }
      ],
      connectUrl: connectUrl(apiKey)
    })
  })

  check("can be filtered by category", async (host) => {
    const providersOf = async (query: string) =>
      (await catalog(host, query)).map(({ provider }) => provider)
    expect(await providersOf("?category=cloud")).toEqual([otherKey])
    expect(await providersOf("?category=monitoring")).toEqual([apiKey])
    expect(await providersOf("?category=communication")).toEqual([])
  })

  check("400 for a category that nobody knows, or two at once", async (host) => {
    for (const query of ["?category=unknown", "?category=", "?category=code&category=cloud"]) {
      expectError(await host.call("GET", `/catalog${query}`), "400 validation_error")
    }
  })

  check("a wrong token changes nothing", async (host) => {
    const plain = await catalog(host)
    expect(await catalog(host, "", { authorization: "Bearer nonsense" })).toEqual(plain)
    const token = await host.mount.mintToken(host.admin().claims)
    expect(await catalog(host, "", { authorization: `Bearer ${token}` })).toEqual(plain)
  })

  check("connectUrl is a path that connects", async (host) => {
    const [first] = await catalog(host)
    const path = String(first?.["connectUrl"])
    const admin = host.admin()
    // The world's prefix may be another than this client's.
    const own = path.slice(path.indexOf("/v1/integrations") + "/v1/integrations".length)
    const json = { redirectUrl: redirectUrls.cookie }
    expect((await admin.call("POST", own, { json })).status).toBe(200)
  })

  check(
    "what is not listed can be connected, what is closed to a tenant is not there",
    async (host) => {
      const providers = (await catalog(host)).map(({ provider }) => provider)
      expect(providers).not.toContain(unlisted)
      expect(providers).not.toContain(closed)
      const admin = host.admin()
      const store = (provider: string) =>
        admin.call("POST", `/${provider}/credentials`, { json: { credentials: { api_key: "k" } } })
      expect((await store(unlisted)).status).toBe(201)
      expectError(await store(closed), "404 provider_not_found")
      expectError(await admin.call("GET", `/${closed}`), "404 provider_not_found")
    }
  )
}
