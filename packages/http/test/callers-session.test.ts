import { describe, expect, it } from "vitest"
import { session, type SessionOptions } from "../src/index.ts"
import { refusalOf } from "./support/callers.ts"
import { bodyOf, type Host, makeHost, outcomeOf } from "./support/host.ts"
import { makeIssuer } from "./support/issuer.ts"

const signedIn = { tenantId: "tenant-1", userId: "user-1", roles: ["admin" as const] }
const unauthorized = "401 unauthorized"
const unavailable = "503 authentication_unavailable"

/** As a host would: its cookie. */
const ownSession: SessionOptions = {
  resolve: (request) => (request.headers.get("cookie") === "sid=1" ? signedIn : null)
}

const hostWith = (options: Partial<SessionOptions> = {}): Promise<Host> =>
  makeHost({ authentication: session({ ...ownSession, ...options }) })

const fromOwnPage = { cookie: "sid=1", "sec-fetch-site": "same-origin" }

const store = async (host: Host, headers: Record<string, string>, body?: string) => {
  const response = await host.send("POST", "/gauge/credentials", {
    headers: { "content-type": "application/json", ...headers },
    body: body ?? JSON.stringify({ credentials: { api_key: "good-key" } })
  })
  return response.ok ? String(response.status) : outcomeOf(response)
}

describe("a host's own session", () => {
  it("authenticates without an Authorization header, and leaves the body to the operation", async () => {
    const host = await hostWith({
      resolve: async (request) => {
        expect(await request.text()).toBe("")
        return signedIn
      }
    })
    expect(await store(host, fromOwnPage)).toBe("201")
    const response = await host.send("GET", "/gauge/credentials", { headers: fromOwnPage })
    expect((await bodyOf<{ items: Array<unknown> }>(response)).items).toHaveLength(1)
  })

  it("both functions see the method and the framework's own request", async () => {
    const seen: Array<unknown> = []
    const host = await hostWith({
      csrf: ({ method }, native) => seen.push(["csrf", method, native]) > 0,
      resolve: ({ method }, native) => {
        seen.push(["resolve", method, native])
        return signedIn
      }
    })
    const native = { session: { user: 7 } }
    await host.send("DELETE", "/gauge", { context: { native } })
    expect(seen).toEqual([
      ["csrf", "DELETE", native],
      ["resolve", "DELETE", native]
    ])
  })

  it.each<readonly [string, SessionOptions["resolve"], string]>([
    ["null", () => null, unauthorized],
    ["nothing", (() => undefined) as never, unauthorized],
    ["text", (() => "user-1") as never, unauthorized],
    ["an empty user", () => ({ ...signedIn, userId: "" }), unauthorized],
    ["an empty tenant", () => ({ ...signedIn, tenantId: "" }), "403 forbidden"],
    ["no role", () => ({ ...signedIn, roles: [] }), "403 forbidden"],
    ["a member", () => ({ ...signedIn, roles: ["member"] }), "403 forbidden"],
    ["a rejection", () => Promise.reject(new Error("down")), unavailable],
    ["a promise of the caller", () => Promise.resolve(signedIn), "201"]
  ])("that answers %s", async (_, resolve, outcome) => {
    expect(await store(await hostWith({ resolve }), fromOwnPage)).toBe(outcome)
  })

  it("without resolve the start is refused", async () => {
    const incomplete = session({ resolve: undefined as never })
    const error = await refusalOf(incomplete, await makeIssuer())
    expect(error.setting).toBe("authenticate.resolve")
  })
})

describe("S-08 a cookie counts only after the CSRF check has passed", () => {
  it.each(["cross-site", "same-site", "none", undefined])(
    "without a check of the host's, a request whose Sec-Fetch-Site is %s is 401, and nobody is looked up",
    async (site) => {
      let lookedUp = 0
      const host = await hostWith({
        resolve: () => {
          lookedUp++
          return signedIn
        }
      })
      const headers = { cookie: "sid=1", ...(site !== undefined && { "sec-fetch-site": site }) }
      expect(await store(host, headers)).toBe(unauthorized)
      expect(host.events.at(-1)).toEqual({ type: "authentication_failed", reason: "csrf" })
      expect(lookedUp).toBe(0)
    }
  )

  it.each<readonly [string, unknown, string]>([
    ["false", () => false, unauthorized],
    ["a promise of false", () => Promise.resolve(false), unauthorized],
    ["nothing", () => undefined, unauthorized],
    ["the token itself, instead of a comparison", () => "token", unauthorized],
    ["1", () => 1, unauthorized],
    ["a rejection", () => Promise.reject(new Error("no token")), unavailable],
    ["a promise of true", () => Promise.resolve(true), "201"]
  ])("a check that answers %s", async (_, csrf, outcome) => {
    expect(await store(await hostWith({ csrf: csrf as never }), fromOwnPage)).toBe(outcome)
  })

  it("is asked for reading too", async () => {
    const host = await hostWith()
    const list = (headers: Record<string, string>) => host.send("GET", "", { headers })
    expect((await list(fromOwnPage)).status).toBe(200)
    expect((await list({ cookie: "sid=1" })).status).toBe(401)
  })

  it("a form is 415, though its text is JSON", async () => {
    const host = await hostWith()
    for (const type of ["application/x-www-form-urlencoded", "text/plain"]) {
      const headers = { ...fromOwnPage, "content-type": type }
      expect(await store(host, headers)).toBe("415 unsupported_media_type")
    }
  })

  it("S-56 a failed check and a missing session have the same answer", async () => {
    const host = await hostWith()
    const answerTo = async (headers: Record<string, string>) => {
      const response = await host.send("GET", "", { headers })
      return JSON.stringify([response.status, [...response.headers], await response.text()])
    }
    const refused = await answerTo({ cookie: "sid=1" })
    expect(refused).toBe(await answerTo({ ...fromOwnPage, cookie: "sid=2" }))
    expect(refused).toContain("401")
  })
})
