import { base64url, SignJWT } from "jose"
import { describe, expect, it, vi } from "vitest"
import { jwt, type JwtOptions } from "../src/index.ts"
import { atTenOClock, listWith, refusalOf } from "./support/callers.ts"
import { makeHost } from "./support/host.ts"
import { audience, issuerUrl, jwksUrl, makeIssuer, now } from "./support/issuer.ts"

const unauthorized = "401 unauthorized"

const hostWith = (options: Partial<JwtOptions>) =>
  makeHost({ authentication: jwt({ issuer: issuerUrl, jwksUrl, ...options }) })

atTenOClock()

describe("S-52 a key id is a word to look up, and nothing else", () => {
  const kids: ReadonlyArray<readonly [string, unknown]> = [
    ["SQL", "key-1' OR '1'='1"],
    ["SQL that selects a key", "x' UNION SELECT 'c2VjcmV0' -- "],
    ["a path", "../../../../dev/null"],
    ["a file URL", "file:///etc/passwd"],
    ["a URL", "https://evil.test/key"],
    ["a command", "key-1|sleep 10"],
    ["a NUL", "key-1\0"],
    ["a line break", "key-1\r\nset-cookie: a=b"],
    ["7,000 characters", "k".repeat(7000)],
    ["nothing", ""],
    ["the name of a prototype", "__proto__"],
    ["a list", ["key-1"]],
    ["an object", { kid: "key-1" }],
    ["a number", 1]
  ]

  it.each(kids)("%s does not lend a stranger's token a key", async (_, kid) => {
    const host = await makeHost()
    const attacker = await makeIssuer()
    const token = await attacker.token({}, { kid: kid as string })
    expect(await listWith(host, token)).toBe(unauthorized)
    // Looked up in the one set, and nowhere else.
    expect(host.world.requests.map(({ url }) => url.href)).toEqual([jwksUrl])
  })

  it.each(kids.filter(([, kid]) => typeof kid === "string"))(
    "%s is not a name of the issuer's own key",
    async (_, kid) => {
      const host = await makeHost()
      const token = await host.issuer.token({}, { kid: kid as string })
      expect(await listWith(host, token)).toBe(unauthorized)
      expect(host.events.at(-1)?.reason).toBe("unknown_key")
    }
  )

  it("a token that brings a chain of certificates is refused, though its signature is good", async () => {
    const host = await makeHost()
    const token = await host.issuer.token({}, { x5c: ["MIIC"] })
    expect(await listWith(host, token)).toBe(unauthorized)
    expect(host.events.at(-1)?.reason).toBe("key_in_header")
  })
})

describe("S-50 a signature is of the algorithm of its key", () => {
  const header = (alg: string) => base64url.encode(JSON.stringify({ alg, kid: "key-1" }))

  it.each([
    ["RS256", "ES256"],
    ["RS256", "EdDSA"],
    ["ES256", "RS256"]
  ])("a token of a key for %s that says %s is refused", async (alg, other) => {
    const issuer = await makeIssuer("key-1", alg)
    const host = await makeHost({ issuer })
    const [, body, signature] = (await issuer.token()).split(".")
    expect(await listWith(host, `${header(other)}.${body}.${signature}`)).toBe(unauthorized)
  })

  it.each([
    ["the other half of the curve's order", 64, 0xff],
    ["too short", 63, 1],
    ["too long", 65, 1],
    ["of ones", 64, 1]
  ])("an ES256 signature %s is refused", async (_, length, byte) => {
    const issuer = await makeIssuer("key-1", "ES256")
    const host = await makeHost({ issuer })
    const [head, body] = (await issuer.token()).split(".")
    const signature = base64url.encode(new Uint8Array(length).fill(byte))
    expect(await listWith(host, `${head}.${body}.${signature}`)).toBe(unauthorized)
  })

  it.each([
    ["a crit that is not a list", "exp"],
    ["an empty crit", []],
    ["a crit that names a registered parameter", ["alg"]],
    ["a crit whose parameter is not there", ["x-new"]]
  ])("%s is refused", async (_, crit) => {
    const host = await makeHost()
    const [, body, signature] = (await host.issuer.token()).split(".")
    const head = base64url.encode(JSON.stringify({ alg: "RS256", kid: "key-1", crit }))
    expect(await listWith(host, `${head}.${body}.${signature}`)).toBe(unauthorized)
    expect(host.events.at(-1)?.reason).toBe("malformed")
  })

  it("unencoded payloads (RFC 7797) are refused", async () => {
    const host = await makeHost()
    const token = await new SignJWT({ sub: "user-1" })
      .setProtectedHeader({ alg: "RS256", kid: "key-1", b64: true, crit: ["b64"] })
      .sign(host.issuer.privateKey)
    expect(await listWith(host, token)).toBe(unauthorized)
  })
})

describe("S-51 the seconds at the edge", () => {
  const start = new Date("2026-03-01T10:00:00Z").getTime()

  /** From the instant that a claim names: the first second at which the outcome is another. */
  it.each([
    ["exp", 0, 0, "200", unauthorized],
    ["exp", 30, 30, "200", unauthorized],
    ["nbf", 0, 0, unauthorized, "200"],
    ["nbf", 30, -30, unauthorized, "200"],
    ["iat", 0, 0, unauthorized, "200"],
    ["iat", 30, -30, unauthorized, "200"]
  ])("%s with a tolerance of %i s turns %i s after it", async (claim, skew, at, before, after) => {
    const host = await hostWith({ audience, clockTolerance: skew })
    const token = await host.issuer.token({ iat: undefined, [claim]: now() + 100 })
    const turn = start + (100 + at) * 1000
    vi.setSystemTime(turn - 1000)
    expect(await listWith(host, token)).toBe(before)
    vi.setSystemTime(turn)
    expect(await listWith(host, token)).toBe(after)
    vi.setSystemTime(turn + 1000)
    expect(await listWith(host, token)).toBe(after)
  })

  it.each([
    ["exp", Number.MAX_SAFE_INTEGER, "200"],
    ["exp", 0, unauthorized],
    ["exp", -1, unauthorized],
    ["exp", null, unauthorized],
    ["exp", [9_999_999_999], unauthorized],
    ["exp", true, unauthorized],
    ["nbf", null, unauthorized],
    ["iat", {}, unauthorized]
  ])("%s as %j is %s", async (claim, value, outcome) => {
    const host = await makeHost()
    expect(await listWith(host, await host.issuer.token({ [claim]: value }))).toBe(outcome)
  })
})

describe("S-51 who a token was made for", () => {
  const party = "https://app.host.test"
  const parties = { authorizedParties: [party] }
  const both = { audience, authorizedParties: [party] }
  const client = "1h57kf5cpq17m0eml12EXAMPLE"
  const clients = { clientIds: ["first", client] }
  const all = { ...both, ...clients }

  it.each<readonly [string, Partial<JwtOptions>, Record<string, unknown>, string]>([
    ["azp that is ours", parties, { azp: party }, "200"],
    ["azp of another", parties, { azp: "https://evil.test" }, unauthorized],
    ["azp that only begins so", parties, { azp: `${party}.evil.test` }, unauthorized],
    ["azp in capitals", parties, { azp: party.toUpperCase() }, unauthorized],
    ["azp as a list", parties, { azp: [party] }, unauthorized],
    ["azp null", parties, { azp: null }, unauthorized],
    ["neither", parties, {}, unauthorized],
    ["aud of another beside our azp", parties, { azp: party, aud: "other" }, unauthorized],
    ["aud null beside our azp", parties, { azp: party, aud: null }, unauthorized],
    ["an empty aud beside our azp", parties, { azp: party, aud: [] }, unauthorized],
    ["our azp where only aud counts", { audience }, { azp: audience }, unauthorized],
    ["our aud and our azp", both, { aud: audience, azp: party }, "200"],
    ["our aud and no azp", both, { aud: audience }, "200"],
    ["our azp and no aud", both, { azp: party }, "200"],
    ["our aud and another's azp", both, { aud: audience, azp: "other" }, unauthorized],
    ["our azp and another's aud", both, { aud: "other", azp: party }, unauthorized],
    ["neither where both would do", both, {}, unauthorized],
    // The access tokens of Amazon Cognito, and its ID tokens.
    ["client_id that is ours", clients, { client_id: client, token_use: "access" }, "200"],
    ["our client_id as aud", clients, { aud: client, token_use: "id" }, unauthorized],
    ["client_id of another", clients, { client_id: "2hr8q0" }, unauthorized],
    ["client_id as a list", clients, { client_id: [client] }, unauthorized],
    ["client_id null", clients, { client_id: null }, unauthorized],
    ["no client_id", clients, {}, unauthorized],
    ["our client_id where only aud counts", { audience }, { client_id: client }, unauthorized],
    ["our client_id and another's aud", clients, { client_id: client, aud: "x" }, unauthorized],
    ["our client_id as azp", clients, { azp: client }, unauthorized],
    ["our aud and our client_id", all, { aud: audience, client_id: client }, "200"],
    ["our aud and another's client_id", all, { aud: audience, client_id: "x" }, unauthorized],
    ["our azp and another's client_id", all, { azp: party, client_id: "x" }, unauthorized],
    ["our azp where client_id would do", all, { azp: party }, "200"],
    ["a list with ours", { audience }, { aud: ["other", audience] }, "200"],
    ["a list without", { audience }, { aud: ["other"] }, unauthorized],
    ["a list with something else", { audience }, { aud: [audience, 7] }, unauthorized],
    ["a list in a list", { audience }, { aud: [[audience]] }, unauthorized],
    ["one of several", { audience: ["first", audience] }, { aud: audience }, "200"],
    ["anybody, unsafely", { unsafelyAcceptAnyAudience: true }, { aud: "other" }, "200"]
  ])("%s", async (_, options, claims, outcome) => {
    const host = await hostWith(options)
    const token = await host.issuer.token({ aud: undefined, ...claims })
    expect(await listWith(host, token)).toBe(outcome)
  })

  it.each<readonly [string, string, Partial<JwtOptions>]>([
    ["neither aud nor azp", "audience", {}],
    ["no client", "clientIds", { clientIds: [] }],
    ["an empty client", "clientIds", { audience, clientIds: [""] }],
    [
      "any audience, but for a word",
      "unsafelyAcceptAnyAudience",
      { unsafelyAcceptAnyAudience: "no" as never }
    ],
    ["no party", "authorizedParties", { authorizedParties: [] }],
    ["an empty party", "authorizedParties", { audience, authorizedParties: [""] }],
    ["an empty audience beside a party", "audience", { ...parties, audience: "" }],
    ["an empty audience, unsafely", "audience", { audience: "", unsafelyAcceptAnyAudience: true }]
  ])("%s stops the start", async (_, setting, options) => {
    const issuer = await makeIssuer()
    const error = await refusalOf(jwt({ issuer: issuerUrl, jwksUrl, ...options }), issuer)
    expect(error.setting).toBe(`authenticate.${setting}`)
  })
})

describe("S-54 a token is an access token", () => {
  it.each([
    ["at+jwt", "200"],
    ["AT+JWT", "200"],
    ["application/at+jwt", "200"],
    ["JWT", unauthorized],
    ["at+jwt2", unauthorized],
    ["logout+jwt", unauthorized],
    ["", unauthorized],
    [undefined, unauthorized]
  ])("typ %j where at+jwt is asked for is %s", async (typ, outcome) => {
    const host = await hostWith({ audience, typ: "at+jwt" })
    const token = await host.issuer.token({}, typ === undefined ? {} : { typ })
    expect(await listWith(host, token)).toBe(outcome)
  })

  /** An ID token of the authorization code flow, for the client that is the host's own front end. */
  const idToken = {
    aud: "client-1",
    azp: "client-1",
    nonce: "n-0S6_WzA2Mj",
    auth_time: 1_772_359_200,
    email: "user@example.com"
  }

  it.each<readonly [string, Partial<JwtOptions>, object]>([
    ["for its audience", { audience }, {}],
    ["for its typ", { audience: "client-1", typ: "at+jwt" }, {}],
    [
      "for the hash of an access token",
      { audience: "client-1" },
      { at_hash: "77QmUPtjPfzWtF2AnpK9RQ" }
    ],
    ["for the hash of a code", { audience: "client-1" }, { c_hash: "LDktKdoQak3Pk0cnXxCltA" }],
    [
      "for a claim that the host refuses",
      { audience: "client-1", refusedClaims: { token_use: "id" } },
      { token_use: "id" }
    ]
  ])("an ID token is refused %s", async (_, options, more) => {
    const host = await hostWith(options)
    const token = await host.issuer.token({ ...idToken, ...more }, { typ: "JWT" })
    expect(await listWith(host, token)).toBe(unauthorized)
    expect(host.events.at(-1)?.reason).toBe("claim")
  })

  it("a refused claim refuses its one value", async () => {
    const host = await hostWith({ audience, refusedClaims: { token_use: "id" } })
    expect(await listWith(host, await host.issuer.token({ token_use: "access" }))).toBe("200")
    expect(await listWith(host, await host.issuer.token())).toBe("200")
  })
})

describe("S-55 nobody writes their own tenant or role", () => {
  it.each<readonly [string, JwtOptions["claims"]]>([
    ["the tenant", { tenantId: ["user_metadata", "tenant_id"] }],
    ["the role", { roles: ["unsafe_metadata", "role"] }],
    ["the user", { userId: ["user_metadata", "id"] }],
    ["the tenant, by one name", { tenantId: "user_metadata" }]
  ])("%s in a claim that users write stops the start", async (_, claims = {}) => {
    const issuer = await makeIssuer()
    const error = await refusalOf(jwt({ issuer: issuerUrl, audience, jwksUrl, claims }), issuer)
    expect(error.setting).toBe("authenticate.claims")
  })

  it.each([
    ["__proto__", "403 forbidden"],
    ["constructor", "403 forbidden"],
    ["ＡＤＭＩＮ", "403 forbidden"],
    ["admin\u200B", "403 forbidden"],
    ["admin ", "403 forbidden"],
    ["owner", "200"]
  ])("the role %j by a map of owner alone is %s", async (role, outcome) => {
    const host = await hostWith({
      audience,
      claims: { roles: "role", roleMap: { owner: "admin" } }
    })
    expect(await listWith(host, await host.issuer.token({ role }))).toBe(outcome)
  })

  it.each([
    ["an object with our names", { o: { id: "tenant-1" } }, "200"],
    ["a list", { o: [{ id: "tenant-1" }] }, "403 forbidden"],
    ["text", { o: "tenant-1" }, "403 forbidden"],
    ["null", { o: null }, "403 forbidden"],
    ["nothing", {}, "403 forbidden"]
  ])("a nested tenant in %s", async (_, claims, outcome) => {
    const host = await hostWith({ audience, claims: { tenantId: ["o", "id"] } })
    expect(await listWith(host, await host.issuer.token(claims))).toBe(outcome)
  })

  it("a prototype that something in the process has polluted names no tenant and no role", async () => {
    const host = await hostWith({ audience, claims: { roles: "role", roleMap: { boss: "admin" } } })
    const [noTenant, noRole] = [
      await host.issuer.token({ tenant_id: undefined, role: "boss" }),
      await host.issuer.token({ role: "owner" })
    ]
    const pollution = { tenant_id: "tenant-1", owner: "admin" }
    for (const [name, value] of Object.entries(pollution)) {
      Reflect.defineProperty(Object.prototype, name, { value, configurable: true })
    }
    try {
      expect(await listWith(host, noTenant)).toBe("403 forbidden")
      expect(await listWith(host, noRole)).toBe("403 forbidden")
    } finally {
      for (const name of Object.keys(pollution)) Reflect.deleteProperty(Object.prototype, name)
    }
  })
})
