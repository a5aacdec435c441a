import { base64url } from "jose"
import { beforeEach, describe, expect, it } from "vitest"
import { type IssuedToken, jwt, type JwtIssuers, type TenantOf, type UserOf } from "../src/index.ts"
import { atTenOClock, callerOf, listWith, refusalOf } from "./support/callers.ts"
import { type Host, makeHost } from "./support/host.ts"
import { audience, type Issuer, makeIssuer } from "./support/issuer.ts"

const urlA = "https://a.login.test/"
const urlB = "https://b.login.test/"

/** Both issuers call their key `key-1`, and what one signs the other does not know. */
let a: Issuer
let b: Issuer
const issuerA = () => ({ issuer: urlA, audience, jwks: a.jwks })
const issuerB = () =>
  ({
    issuer: urlB,
    audience,
    jwks: b.jwks,
    claims: { tenantId: ["org", "id"], roles: "role", roleMap: { boss: "admin" } }
  }) as const

const byIssuer: TenantOf = ({ issuer, tenantId }) => {
  if (tenantId === undefined) return null
  return issuer === urlA ? tenantId : `b:${tenantId}`
}

const tokenA = (claims: Record<string, unknown> = {}) => a.token({ iss: urlA, ...claims })
const tokenB = (claims: Record<string, unknown> = {}) =>
  b.token({
    iss: urlB,
    tenant_id: undefined,
    roles: undefined,
    org: { id: "tenant-1" },
    role: "boss",
    ...claims
  })

const several = (tenantOf: TenantOf = byIssuer) =>
  jwt({ issuers: [issuerA(), issuerB()], tenantOf })

beforeEach(async () => {
  a ??= await makeIssuer()
  b ??= await makeIssuer()
})
atTenOClock()

describe("S-52 several issuers", () => {
  it("each is read by its own claims, and its tenants are what the mapping says", async () => {
    expect(await callerOf(several(), a, await tokenA())).toEqual({
      tenantId: "tenant-1",
      userId: "user-1",
      roles: ["admin"]
    })
    expect(await callerOf(several(), b, await tokenB())).toEqual({
      tenantId: "b:tenant-1",
      userId: "user-1",
      roles: ["admin"]
    })
  })

  it("one cannot name a tenant of the other, by whatever claim", async () => {
    const host = await makeHost({ authentication: several() })
    const json = { credentials: { api_key: "good-key" } }
    const stored = await host.send("POST", "/gauge/credentials", { token: await tokenA(), json })
    expect(stored.status).toBe(201)
    const seenWith = async (token: string) => {
      const response = await host.send("GET", "/gauge/credentials", { token })
      return ((await response.json()) as { items: Array<unknown> }).items.length
    }
    expect(await seenWith(await tokenA())).toBe(1)
    expect(await seenWith(await tokenB())).toBe(0)
    expect(await seenWith(await tokenB({ tenant_id: "tenant-1", iss_tenant: urlA }))).toBe(0)
  })

  it.each<readonly [string, () => Promise<string>]>([
    ["of key A with the issuer B", () => a.token({ iss: urlB, org: { id: "tenant-1" } })],
    ["of key B with the issuer A", () => b.token({ iss: urlA })],
    ["of an issuer that is not there", () => a.token({ iss: "https://c.login.test/" })],
    ["of an issuer with a slash less", () => a.token({ iss: urlA.slice(0, -1) })],
    ["of no issuer", () => a.token({ iss: undefined })],
    ["of a list of issuers", () => a.token({ iss: [urlA, urlB] })],
    ["of the prototype", () => a.token({ iss: "__proto__" })],
    ["of A with the issuer B appended", async () => twice(await tokenA())],
    ["that is not a token", () => Promise.resolve("no-token")],
    ["whose payload is not an object", () => Promise.resolve(`e30.${base64url.encode("[]")}.AAAA`)]
  ])("a token %s is refused as any other", async (_, token) => {
    const host = await makeHost({ authentication: several() })
    const answerTo = async (value: string) => {
      const response = await host.send("GET", "", { token: value })
      return JSON.stringify([response.status, [...response.headers], await response.text()])
    }
    const refused = await answerTo(await token())
    expect(refused).toContain("401")
    expect(refused).toBe(await answerTo(await tokenA({ exp: 1 })))
  })

  it("keys are asked for at the issuer of the token alone", async () => {
    const remote = jwt({
      issuers: [
        { issuer: urlA, audience, jwksUrl: `${urlA}jwks.json` },
        { issuer: urlB, audience, jwksUrl: `${urlB}jwks.json` }
      ],
      tenantOf: byIssuer
    })
    const host = await makeHost({ authentication: remote })
    host.world.set({
      jwks: ({ host: at }) =>
        at === "a.login.test" ? Response.json(a.jwks) : new Response(null, { status: 500 })
    })
    expect(await listWith(host, await tokenA())).toBe("200")
    expect(host.world.requests.map(({ url }) => url.host)).toEqual(["a.login.test"])
    // The other's keys cannot be loaded: neither a token's fault, nor a reason to try A's.
    expect(await listWith(host, await a.token({ iss: urlB }))).toBe(
      "503 authentication_unavailable"
    )
    expect(await listWith(host, await a.token({ iss: "https://c.test" }))).toBe("401 unauthorized")
    expect(host.world.requests.map(({ url }) => url.host)).toEqual(["a.login.test", "b.login.test"])
  })
})

describe("the mapping from a token to its tenant", () => {
  const hostWith = (tenantOf: TenantOf): Promise<Host> =>
    makeHost({ authentication: several(tenantOf) })

  it("is told the issuer, the tenant at the issuer's path, and all claims", async () => {
    const asked: Array<IssuedToken> = []
    const host = await hostWith((token) => {
      asked.push(token)
      return "tenant-9"
    })
    await listWith(host, await tokenB({ plan: "pro" }))
    await listWith(host, await tokenB({ org: { id: ["tenant-1"] } }))
    expect(asked.map(({ issuer, tenantId }) => [issuer, tenantId])).toEqual([
      [urlB, "tenant-1"],
      [urlB, undefined]
    ])
    expect(asked[0]?.claims).toMatchObject({ sub: "user-1", plan: "pro" })
  })

  it("is asked about the tokens of a single issuer too", async () => {
    const one = jwt({ issuers: [issuerA()], tenantOf: () => "tenant-9" })
    expect((await callerOf(one, a, await tokenA())).tenantId).toBe("tenant-9")
  })

  it("is not asked about a token that is not valid", async () => {
    let asked = 0
    const host = await hostWith(() => {
      asked++
      return "tenant-1"
    })
    expect(await listWith(host, await a.token({ iss: urlB }))).toBe("401 unauthorized")
    expect(asked).toBe(0)
  })

  it.each<readonly [string, TenantOf, string]>([
    ["a promise", async () => "tenant-1", "200"],
    ["null", () => null, "403 forbidden"],
    ["nothing", (() => undefined) as never, "403 forbidden"],
    ["an empty string", () => "", "403 forbidden"],
    ["an object", (() => ({ id: "tenant-1" })) as never, "403 forbidden"],
    [
      "an error",
      () => {
        throw new Error("The directory is down.")
      },
      "503 authentication_unavailable"
    ],
    ["a rejection", () => Promise.reject(new Error("down")), "503 authentication_unavailable"]
  ])("that answers %s", async (_, tenantOf, outcome) => {
    expect(await listWith(await hostWith(tenantOf), await tokenA())).toBe(outcome)
  })

  it("cannot be left out", async () => {
    // @ts-expect-error several issuers need `tenantOf`
    const missing: JwtIssuers = { issuers: [issuerA(), issuerB()] }
    const error = await refusalOf(jwt(missing), a)
    expect(error.setting).toBe("authenticate.tenantOf")
    // @ts-expect-error a bare list has none either
    expect(() => jwt([issuerA(), issuerB()])).not.toThrow()
  })

  it.each<readonly [string, string, () => JwtIssuers]>([
    [
      "an issuer that is there twice",
      "authenticate.issuers[1].issuer",
      () => ({ issuers: [issuerA(), issuerA()], tenantOf: byIssuer })
    ],
    [
      "a second without an audience",
      "authenticate.issuers[1].audience",
      () => ({ issuers: [issuerA(), { issuer: urlB, jwks: b.jwks }], tenantOf: byIssuer })
    ],
    ["none", "authenticate.issuers", () => ({ issuers: [] as never, tenantOf: byIssuer })]
  ])("%s stops the start", async (_, setting, issuers) => {
    expect((await refusalOf(jwt(issuers()), a)).setting).toBe(setting)
  })
})

describe("the mapping from a token to its user", () => {
  const userWith = async (userOf: UserOf, claims: Record<string, unknown> = {}) =>
    (await callerOf(jwt({ ...issuerA(), userOf }), a, await tokenA(claims))).userId

  it("is told the issuer, the user at the issuer's path, and all claims", async () => {
    const asked: Array<IssuedToken> = []
    const userOf: UserOf = (token) => {
      asked.push(token)
      return "user-9"
    }
    expect(await userWith(userOf, { plan: "pro" })).toBe("user-9")
    expect(asked).toMatchObject([
      { issuer: urlA, tenantId: "tenant-1", userId: "user-1", claims: { plan: "pro" } }
    ])
  })

  it("is each issuer's own, and stands beside that to the tenant", async () => {
    const both = jwt({
      issuers: [issuerA(), { ...issuerB(), userOf: async ({ userId }) => `b:${userId}` }],
      tenantOf: byIssuer
    })
    expect(await callerOf(both, a, await tokenA())).toMatchObject({ userId: "user-1" })
    expect(await callerOf(both, b, await tokenB())).toMatchObject({
      userId: "b:user-1",
      tenantId: "b:tenant-1"
    })
  })

  it.each<readonly [string, UserOf, string]>([
    ["null", () => null, "401 unauthorized"],
    ["an empty string", () => "", "401 unauthorized"],
    ["an object", (() => ({ id: "user-1" })) as never, "401 unauthorized"],
    ["a rejection", () => Promise.reject(new Error("down")), "503 authentication_unavailable"]
  ])("that answers %s", async (_, userOf, outcome) => {
    const host = await makeHost({ authentication: jwt({ ...issuerA(), userOf }) })
    expect(await listWith(host, await tokenA())).toBe(outcome)
  })

  it("that is not a function stops the start", async () => {
    const error = await refusalOf(jwt({ ...issuerA(), userOf: "sub" as never }), a)
    expect(error.setting).toBe("authenticate.userOf")
  })
})

/** A payload that says `iss` twice, under the signature of the first. */
const twice = (token: string): string => {
  const [head, body = "", signature] = token.split(".")
  const text = new TextDecoder().decode(base64url.decode(body))
  return `${head}.${base64url.encode(`${text.slice(0, -1)},"iss":"${urlB}"}`)}.${signature}`
}
