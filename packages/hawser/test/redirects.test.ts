import { createHawser, github, type Hawser, type HawserOptions, memory } from "hawser"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { allowedOrigin, allowedUrl, hostileRedirects } from "./support/hostileRedirects.ts"

const options: HawserOptions = {
  publicUrl: "https://api.customer.example",
  allowedRedirectUrls: [allowedUrl],
  authenticate: async () => ({ tenantId: "acme", userId: "ada", roles: ["admin"] }),
  providers: [github({ clientId: "client", clientSecret: "secret" })],
  store: memory(),
  encryptionKey: Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64"),
  rateLimit: false,
  workers: "off"
}

type Redirect = Parameters<NonNullable<HawserOptions["allowRedirect"]>>[0]

/** What `allowRedirect` was asked about. */
const asked: Array<Redirect> = []

/** Three hosts: each allows what stands at `/app/done` in a way of its own. */
const hosts: Readonly<Record<string, Partial<HawserOptions>>> = {
  "an exact list": {},
  "an unsafe prefix": {
    allowedRedirectUrls: [{ unsafePrefix: `${allowedOrigin}/app`, binding: "cookie" }]
  },
  "a function of the host's": {
    allowedRedirectUrls: ["https://www.customer.example/"],
    allowRedirect: (redirect) => {
      asked.push(redirect)
      const { origin, pathname } = new URL(redirect.url)
      return origin === allowedOrigin && pathname.startsWith("/app/")
        ? { unsafeBinding: "complete" }
        : null
    }
  },
  "all three": {
    allowedRedirectUrls: [allowedUrl, { unsafePrefix: `${allowedOrigin}/app/`, binding: "cookie" }],
    allowRedirect: ({ url }) =>
      url.startsWith(`${allowedOrigin}/app/`) ? { unsafeBinding: "cookie" } : null
  }
}

const running = new Map<string, Hawser>()

beforeAll(async () => {
  for (const [name, more] of Object.entries(hosts)) {
    running.set(name, await createHawser({ ...options, store: memory(), ...more }))
  }
})
afterAll(() => Promise.all([...running.values()].map((hawser) => hawser.close())))

/** Connect over the wire; answers what became of it. */
const connect = async (hawser: Hawser, redirectUrl: string) => {
  const response = await hawser.handler(
    new Request("https://api.customer.example/v1/integrations/github/connect", {
      method: "POST",
      headers: { authorization: "Bearer token", "content-type": "application/json" },
      body: JSON.stringify({ redirectUrl })
    })
  )
  return {
    status: response.status,
    cookies: response.headers.getSetCookie(),
    body: (await response.json()) as Readonly<Record<string, unknown>>
  }
}

it("the corpus has more than a hundred URLs, each once", () => {
  expect(hostileRedirects.length).toBeGreaterThan(100)
  expect(new Set(hostileRedirects).size).toBe(hostileRedirects.length)
})

describe.each(Object.keys(hosts))("where the host allows by %s", (name) => {
  const host = () => running.get(name) ?? expect.unreachable()

  it("a flow may end where it is allowed", async () => {
    expect((await connect(host(), allowedUrl)).status).toBe(200)
  })

  it.each(hostileRedirects.map((url) => [JSON.stringify(url).slice(0, 90), url]))(
    "S-12 S-80 none may end at %s",
    async (_, url) => {
      const { body, cookies, status } = await connect(host(), url)
      expect([status, body["error"], cookies]).toEqual([400, "validation_error", []])
      expect(JSON.stringify(body)).not.toMatch(/evil|customer/)
    }
  )
})

describe("S-80 an unsafe prefix", () => {
  const allows = async (prefix: string, url: string) => {
    const hawser = await createHawser({
      ...options,
      store: memory(),
      allowedRedirectUrls: [{ unsafePrefix: prefix, binding: "cookie" }]
    })
    const { status } = await connect(hawser, url)
    await hawser.close()
    return status === 200
  }

  it.each([
    ["https://a.example/app", "https://a.example/app"],
    ["https://a.example/app", "https://a.example/app/"],
    ["https://a.example/app", "https://a.example/app/x/y?z=1"],
    ["https://a.example/app", "https://a.example/app?z=%20a"],
    ["https://a.example/app/", "https://a.example/app/x"],
    ["https://a.example/app/", "https://a.example/app"],
    ["https://a.example/", "https://a.example/"],
    ["https://a.example", "https://a.example/x"]
  ])("%s covers %s", async (prefix, url) => {
    expect(await allows(prefix, url)).toBe(true)
  })

  it.each([
    ["https://a.example/app", "https://a.example/apple"],
    ["https://a.example/app", "https://a.example/app.html"],
    ["https://a.example/app/", "https://a.example/ap"],
    ["https://a.example", "https://a.example.evil.example/"],
    ["https://a.example", "https://a.example:8443/"],
    // What its page may be made to follow.
    ["https://a.example", "https://a.example/x?next=//evil.example"],
    ["https://a.example", "https://a.example/x?next=https://evil.example"],
    ["https://a.example", "https://a.example/x?next=%2f%2fevil.example"],
    ["https://a.example", "https://a.example/x?next=..%5cevil"],
    ["https://a.example", "https://a.example/x?next=/%09/evil.example"]
  ])("%s does not cover %s", async (prefix, url) => {
    expect(await allows(prefix, url)).toBe(false)
  })

  it.each([
    ["the binding complete", { unsafePrefix: `${allowedOrigin}/app`, binding: "complete" }],
    ["a query", { unsafePrefix: `${allowedOrigin}/app?a=1`, binding: "cookie" }],
    ["a fragment", { unsafePrefix: `${allowedOrigin}/app#`, binding: "cookie" }],
    ["another spelling", { unsafePrefix: `${allowedOrigin}/x/../app`, binding: "cookie" }],
    ["a star", { unsafePrefix: "https://*.customer.example/", binding: "cookie" }],
    ["plain http", { unsafePrefix: "http://app.customer.example/app", binding: "cookie" }],
    ["no sessions to ask", { unsafePrefix: `${allowedOrigin}/app`, binding: "session" }]
  ])("stops the start where it has %s", async (_, entry) => {
    const allowedRedirectUrls = [entry] as unknown as HawserOptions["allowedRedirectUrls"]
    await expect(createHawser({ ...options, allowedRedirectUrls })).rejects.toMatchObject({
      code: "configuration_error"
    })
  })
})

describe("S-12 the host's own function", () => {
  const answering = async (
    allowRedirect: unknown,
    more: Partial<HawserOptions> = {},
    url = allowedUrl
  ) => {
    const hawser = await createHawser({
      ...options,
      store: memory(),
      ...more,
      allowedRedirectUrls: ["https://www.customer.example/"],
      allowRedirect: allowRedirect as NonNullable<HawserOptions["allowRedirect"]>
    })
    const answer = await connect(hawser, url)
    await hawser.close()
    return answer
  }

  it.each([
    ["null", () => null],
    ["nothing", () => undefined],
    ["true", () => true],
    ["another word", () => "none"],
    ["a word in another case", () => "Cookie"],
    ["a list", () => ["cookie"]],
    ["an object", () => ({ binding: "cookie" })],
    ["an unsafe word", () => ({ unsafeBinding: "none" })],
    ["a promise of null", async () => null],
    ["an error", () => expect.unreachable()],
    ["a promise that fails", () => Promise.reject(new Error("canary"))]
  ])("refuses by %s", async (_, allowRedirect) => {
    const { body, status } = await answering(allowRedirect)
    expect(status).toBe(400)
    expect(JSON.stringify(body)).not.toContain("canary")
  })

  it("fixes the binding of the flow, and may take its time", async () => {
    const resolveSession = async () => null
    const tenantName = () => "Acme"
    for (const [answer, cookies] of [
      ["session", 0],
      ["confirm", 0],
      [{ unsafeBinding: "cookie" }, 1],
      [{ unsafeBinding: "complete" }, 0]
    ] as const) {
      const answered = await answering(async () => answer, { resolveSession, tenantName })
      expect([answered.status, answered.cookies.length]).toEqual([200, cookies])
    }
  })

  it.each([
    ["complete", "complete", /unsafeBinding/],
    ["cookie", "cookie", /unsafeBinding/],
    ["complete under another name", { binding: "complete" }, /unsafeBinding/],
    ["session without resolveSession", "session", /Set resolveSession/],
    ["confirm without tenantName", "confirm", /Set tenantName/]
  ])("S-88 may not answer %s: it refuses, and the log says why", async (_, answer, sentence) => {
    const lines: Array<string> = []
    const logger = { info: () => {}, warn: () => {}, error: (line: string) => lines.push(line) }
    const { cookies, status } = await answering(() => answer, { logger })
    expect([status, cookies]).toEqual([400, []])
    expect(lines).toEqual([expect.stringMatching(sentence)])
  })

  it("is given the tenant of the caller, and only URLs that it can take at their word", () => {
    expect(asked.length).toBeGreaterThan(0)
    for (const { tenantId, url } of asked) {
      expect(tenantId).toBe("acme")
      expect([url, `${url}/`]).toContain(new URL(url).href)
      expect(url).toMatch(/^(?:https:|http:\/\/(?:localhost|127\.0\.0\.1(?::\d+)?|\[::1\])\/)/)
      expect(url).not.toMatch(/\/\.\.|[\\#;*]/)
    }
  })

  it("is not asked about what the list has", async () => {
    const hawser = await createHawser({
      ...options,
      store: memory(),
      allowRedirect: () => expect.unreachable()
    })
    expect((await connect(hawser, allowedUrl)).status).toBe(200)
    await hawser.close()
  })
})
