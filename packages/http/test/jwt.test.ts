import { base64url, exportSPKI, SignJWT } from "jose"
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { jwt, makeAuthenticator } from "../src/index.ts"
import { audience, issuerUrl, jwksUrl, makeIssuer, now } from "./support/issuer.ts"
import { bodyOf, type Host, makeHost, makeWorld, outcomeOf } from "./support/host.ts"
import { Effect } from "effect"

const asJson = (value: unknown): string => base64url.encode(JSON.stringify(value))

const claims = () => ({
  iss: issuerUrl,
  aud: audience,
  sub: "user-1",
  tenant_id: "tenant-1",
  roles: ["admin"],
  exp: now() + 300
})

const listWith = (host: Host, token?: string) =>
  host.send("GET", "", token === undefined ? {} : { token })

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: new Date("2026-03-01T10:00:00Z") })
})
afterEach(() => {
  vi.useRealTimers()
})

describe("S-50 algorithms are fixed by configuration", () => {
  it.each(["none", "None", "nOnE"])("a token with alg %s is refused", async (alg) => {
    const host = await makeHost()
    const token = `${asJson({ alg })}.${asJson(claims())}.`
    expect(await outcomeOf(await listWith(host, token))).toBe("401 unauthorized")
  })

  it("a token signed by HMAC with the public key is refused", async () => {
    const host = await makeHost()
    const secret = new TextEncoder().encode(await exportSPKI(host.issuer.publicKey))
    const token = await new SignJWT(claims())
      .setProtectedHeader({ alg: "HS256", kid: "key-1" })
      .sign(secret)
    expect(await outcomeOf(await listWith(host, token))).toBe("401 unauthorized")
    expect(host.events.at(-1)).toEqual({ type: "authentication_failed", reason: "algorithm" })
  })

  it("an empty signature, and the ES256 signature (0, 0), are refused", async () => {
    const issuer = await makeIssuer("key-1", "ES256")
    const host = await makeHost({ issuer })
    const [head, body] = (await issuer.token()).split(".")
    expect((await listWith(host, `${head}.${body}.`)).status).toBe(401)
    const zero = base64url.encode(new Uint8Array(64))
    expect((await listWith(host, `${head}.${body}.${zero}`)).status).toBe(401)
  })

  it("an algorithm that is not configured is refused, though the key would fit", async () => {
    const issuer = await makeIssuer("key-1", "RS512")
    const host = await makeHost({ issuer })
    expect((await listWith(host, await issuer.token())).status).toBe(401)
  })

  it.each(["RS256", "ES256", "EdDSA"])("%s is accepted by default", async (alg) => {
    const issuer = await makeIssuer("key-1", alg)
    const host = await makeHost({ issuer })
    expect((await listWith(host, await issuer.token())).status).toBe(200)
  })

  it.each(["RS384", "RS512", "PS256", "PS384", "PS512", "ES384", "ES512", "Ed25519"])(
    "%s is accepted where it is configured",
    async (alg) => {
      const issuer = await makeIssuer("key-1", alg)
      const authentication = jwt({
        issuer: issuerUrl,
        audience,
        jwks: issuer.jwks,
        algorithms: [alg]
      })
      const host = await makeHost({ issuer, authentication })
      expect((await listWith(host, await issuer.token())).status).toBe(200)
    }
  )

  it.each(["HS256", "none", "dir"])("%s cannot be configured", async (algorithm) => {
    const issuer = await makeIssuer()
    const build = makeAuthenticator(
      jwt({ issuer: issuerUrl, audience, jwks: issuer.jwks, algorithms: [algorithm] })
    ).pipe(Effect.provide(makeWorld(issuer).layer), Effect.flip)
    const error = await Effect.runPromise(build)
    expect(error.message).toContain(algorithm)
  })

  it.each(["jku", "x5u", "jwk"])(
    "a token that brings its own key by %s is refused",
    async (name) => {
      const host = await makeHost()
      const attacker = await makeIssuer()
      const value = name === "jwk" ? attacker.publicJwk : "https://evil.test/keys"
      expect((await listWith(host, await attacker.token({}, { [name]: value }))).status).toBe(401)
      // Even one with a good signature: the configured issuer does not sign such tokens.
      expect((await listWith(host, await host.issuer.token({}, { [name]: value }))).status).toBe(
        401
      )
      expect(host.events.at(-1)?.reason).toBe("key_in_header")
    }
  )

  it("a token with an unknown critical header is refused, though its signature is good", async () => {
    const host = await makeHost()
    const token = await new SignJWT(claims())
      .setProtectedHeader({ alg: "RS256", kid: "key-1", crit: ["x-new"], "x-new": 1 })
      .sign(host.issuer.privateKey, { crit: { "x-new": true } })
    expect((await listWith(host, token)).status).toBe(401)
  })

  it("a token that another key signed is refused", async () => {
    const host = await makeHost()
    const attacker = await makeIssuer()
    expect((await listWith(host, await attacker.token())).status).toBe(401)
    expect(host.events.at(-1)?.reason).toBe("signature")
  })
})

describe("S-51 claims of a token", () => {
  it.each([
    ["iss missing", { iss: undefined }],
    ["iss with a slash less", { iss: issuerUrl.slice(0, -1) }],
    ["iss as a list", { iss: [issuerUrl] }],
    ["aud missing", { aud: undefined }],
    ["aud of another", { aud: "https://other.test" }],
    ["aud that only begins so", { aud: `${audience}/more` }],
    ["aud as an object", { aud: { 0: audience } }],
    ["exp missing", { exp: undefined }],
    ["exp as text", { exp: "9999999999" }],
    ["nbf as text", { nbf: "0" }],
    ["iat as text", { iat: "0" }],
    ["nbf an hour ahead", { nbf: now() + 3600 }],
    ["iat an hour ahead", { iat: now() + 3600 }],
    ["sub missing", { sub: undefined }],
    ["sub empty", { sub: "" }],
    ["sub as a number", { sub: 7 }]
  ])("%s is refused", async (_, wrong) => {
    const host = await makeHost()
    expect((await listWith(host, await host.issuer.token(wrong))).status).toBe(401)
  })

  it("an audience among several is accepted", async () => {
    const host = await makeHost()
    const token = await host.issuer.token({ aud: ["https://other.test", audience] })
    expect((await listWith(host, token)).status).toBe(200)
  })

  it.each([0, 5, 60])(
    "with a tolerance of %i s a token lives exactly as long",
    async (clockTolerance) => {
      const host = await makeHost({
        authentication: jwt({ issuer: issuerUrl, audience, jwksUrl, clockTolerance })
      })
      const token = await host.issuer.token({ exp: now() + 100 })
      const last = new Date("2026-03-01T10:00:00Z").getTime() + (100 + clockTolerance) * 1000
      vi.setSystemTime(last - 1000)
      expect((await listWith(host, token)).status).toBe(200)
      vi.setSystemTime(last)
      expect((await listWith(host, token)).status).toBe(401)
      expect(host.events.at(-1)?.reason).toBe("expired")
    }
  )

  it.each(["nbf", "iat"])("%s is honoured to the second", async (claim) => {
    const host = await makeHost({
      authentication: jwt({ issuer: issuerUrl, audience, jwksUrl, clockTolerance: 0 })
    })
    const token = await host.issuer.token({ iat: undefined, [claim]: now() + 10 })
    vi.setSystemTime("2026-03-01T10:00:09Z")
    expect((await listWith(host, token)).status).toBe(401)
    vi.setSystemTime("2026-03-01T10:00:10Z")
    expect((await listWith(host, token)).status).toBe(200)
  })

  it("a greatest age is kept to, and a token without iat then refused", async () => {
    const host = await makeHost({
      authentication: jwt({
        issuer: issuerUrl,
        audience,
        jwksUrl,
        clockTolerance: 0,
        maxTokenAge: 60
      })
    })
    const at = (age: number) => host.issuer.token({ iat: now() - age })
    expect((await listWith(host, await at(60))).status).toBe(200)
    expect((await listWith(host, await at(61))).status).toBe(401)
    expect((await listWith(host, await host.issuer.token({ iat: undefined }))).status).toBe(401)
  })

  it("a configured typ is required", async () => {
    const host = await makeHost({
      authentication: jwt({ issuer: issuerUrl, audience, jwksUrl, typ: "at+jwt" })
    })
    expect((await listWith(host, await host.issuer.token())).status).toBe(401)
    expect((await listWith(host, await host.issuer.token({}, { typ: "JWT" }))).status).toBe(401)
    expect((await listWith(host, await host.issuer.token({}, { typ: "at+jwt" }))).status).toBe(200)
  })

  it.each([
    ["clockTolerance", { clockTolerance: 61 }],
    ["clockTolerance", { clockTolerance: -1 }],
    ["issuer", { issuer: "" }],
    ["audience", { audience: [] }],
    ["audience", { audience: "" }],
    ["algorithms", { algorithms: [] }],
    ["jwksUrl", { jwksUrl: "http://login.host.test/jwks.json" }],
    ["jwksUrl", { jwksUrl: "ftp://127.0.0.1/jwks.json", unsafelyLoadKeysOverHttp: true as const }],
    ["clientIds", { clientIds: [] }],
    ["clientIds", { clientIds: [""] }],
    ["jwksUrl", { jwksUrl: "" }],
    ["jwks", { jwks: { keys: "none" } as never }],
    ["algorithms", { algorithms: ["RS256", "HS256"] }]
  ])("%s that cannot be safe stops the start", async (setting, wrong) => {
    const issuer = await makeIssuer()
    const error = await Effect.runPromise(
      makeAuthenticator(jwt({ issuer: issuerUrl, audience, jwksUrl, ...wrong })).pipe(
        Effect.provide(makeWorld(issuer).layer),
        Effect.flip
      )
    )
    expect(error.setting).toBe(`authenticate.${setting}`)
  })

  it.each([
    ["http://127.0.0.1:4000/jwks.json", {}, "https"],
    ["https://keys.auth.svc.cluster.local/jwks.json", {}, "https"],
    ["http://login.host.test/jwks.json", { unsafelyLoadKeysOverHttp: true as const }, "unsafe_http"]
  ])(
    "S-113 %s is asked for as a URL of the host's own, with %j",
    async (at, more, privateNetwork) => {
      const authentication = jwt({ issuer: issuerUrl, audience, jwksUrl: at, ...more })
      const host = await makeHost({ authentication })
      expect((await listWith(host, await host.issuer.token())).status).toBe(200)
      expect(host.world.requests).toMatchObject([{ url: new URL(at), privateNetwork }])
    }
  )

  it("S-113 nothing else is asked for as a URL of the host's own", async () => {
    const host = await makeHost()
    const token = await host.issuer.token()
    await host.send("POST", "/gauge/credentials", {
      token,
      json: { credentials: { api_key: "good-key" } }
    })
    const asked = host.world.requests.map(({ privateNetwork, url }) => [url.host, privateNetwork])
    expect(asked).toEqual([
      ["login.host.test", "https"],
      ["gauge.test", undefined]
    ])
  })
})

describe("S-55 tenant and roles are exact", () => {
  it.each([
    ["no tenant", { tenant_id: undefined }],
    ["tenant empty", { tenant_id: "" }],
    ["tenant a list", { tenant_id: ["tenant-1"] }],
    ["tenant an object", { tenant_id: { id: "tenant-1" } }],
    ["tenant a number", { tenant_id: 1 }],
    ["tenant too long", { tenant_id: "t".repeat(256) }],
    ["tenant with NUL", { tenant_id: "tenant\0" }],
    ["no roles", { roles: undefined }],
    ["roles empty", { roles: [] }],
    ["roles an object", { roles: { 0: "admin" } }],
    ["roles a number", { roles: 1 }],
    ["roles with something else inside", { roles: ["admin", { role: "admin" }] }],
    ["an unknown role", { roles: ["owner"] }],
    ["a role in capitals", { roles: ["Admin"] }],
    ["a role that only looks like admin", { roles: ["аdmin"] }],
    ["the name of a prototype", { roles: ["__proto__", "constructor"] }]
  ])("%s is 403", async (_, wrong) => {
    const host = await makeHost()
    expect(await outcomeOf(await listWith(host, await host.issuer.token(wrong)))).toBe(
      "403 forbidden"
    )
    expect(host.events.at(-1)?.type).toBe("role_denied")
  })

  it("claims may be nested, a role one string, and the issuer's words mapped", async () => {
    const host = await makeHost({
      authentication: jwt({
        issuer: issuerUrl,
        audience,
        jwksUrl,
        claims: {
          tenantId: ["org", "id"],
          userId: "https://host.test/user",
          roles: ["org", "role"],
          roleMap: { "org:admin": "admin" }
        }
      })
    })
    const token = (role: unknown) =>
      host.issuer.token({
        tenant_id: undefined,
        org: { id: "tenant-9", role },
        "https://host.test/user": "user-9"
      })
    expect((await listWith(host, await token("org:admin"))).status).toBe(200)
    expect((await listWith(host, await token("admin"))).status).toBe(403)
    expect((await listWith(host, await token("toString"))).status).toBe(403)
  })

  it("no header, body, path or query names a tenant", async () => {
    const host = await makeHost()
    const [one, two] = [
      await host.issuer.token(),
      await host.issuer.token({ tenant_id: "tenant-2" })
    ]
    const stored = await host.send("POST", "/gauge/credentials", {
      token: one,
      json: { credentials: { api_key: "good-key" } }
    })
    const { credentialId } = await bodyOf<{ credentialId: string }>(stored)
    const connect = (token: string, more: object = {}, query = "") =>
      host.send("POST", `/gauge/connect${query}`, {
        token,
        json: { credentialId, ...more },
        headers: { "x-tenant-id": "tenant-1" }
      })
    expect(await outcomeOf(await connect(two, {}, "?tenantId=tenant-1"))).toBe(
      "404 credential_not_found"
    )
    expect(await outcomeOf(await connect(two, { tenantId: "tenant-1" }))).toBe(
      "400 validation_error"
    )
    expect((await connect(one)).status).toBe(200)
  })
})

describe("S-56 a refused caller learns nothing", () => {
  it("the answers to 20 different failures are the same", async () => {
    const host = await makeHost()
    const { token } = host.issuer
    const attacker = await makeIssuer("key-2")
    const good = await token()
    const [head, body, signature] = good.split(".")
    const refused = [
      ["claim", await token({ iss: "https://evil.test" })],
      ["claim", await token({ aud: "other" })],
      ["expired", await token({ exp: now() - 60 })],
      ["claim", await token({ exp: undefined })],
      ["claim", await token({ nbf: now() + 60 })],
      ["claim", await token({ iat: now() + 60 })],
      ["no_user", await token({ sub: undefined })],
      ["unknown_key", await token({}, { kid: "unknown" })],
      ["key_in_header", await token({}, { jku: "https://evil.test/keys" })],
      ["unknown_key", await attacker.token()],
      ["algorithm", `${asJson({ alg: "none" })}.${body}.`],
      ["signature", `${head}.${asJson({ ...claims(), tenant_id: "tenant-2" })}.${signature}`],
      ["malformed", `${head}.${body}`],
      ["signature", `${head}.${body}.`],
      ["malformed", "not-a-token"],
      ["malformed", "a.b.c"],
      ["malformed", ".."],
      ["malformed", good.toUpperCase()]
    ] as const
    const requests: ReadonlyArray<readonly [string, Record<string, string>]> = [
      ...refused.map(([reason, value]) => [reason, { authorization: `Bearer ${value}` }] as const),
      ["no_token", {}],
      ["malformed", { authorization: `Basic ${good}` }],
      ["malformed", { authorization: "Bearer" }],
      ["malformed", { authorization: `Bearer ${good}, Bearer ${good}` }],
      ["no_token", { cookie: `access_token=${good}` }]
    ]
    expect(requests.length).toBeGreaterThanOrEqual(20)
    const answers = new Set<string>()
    for (const [, headers] of requests) {
      const response = await host.send("GET", "", { headers })
      answers.add(JSON.stringify([response.status, [...response.headers], await response.text()]))
    }
    expect([...answers]).toHaveLength(1)
    const [answer] = answers
    expect(answer).toContain("401")
    expect(answer).toContain(String.raw`Bearer error=\"invalid_token\"`)
    // Who watches over the host is told which it was.
    expect(host.events).toEqual(
      requests.map(([reason]) => ({ type: "authentication_failed", reason }))
    )
    expect(JSON.stringify(host.events)).not.toContain(signature)
  })

  it("keys that cannot be loaded are 503, and the token is not to blame", async () => {
    const host = await makeHost()
    host.world.set({ isDown: true })
    const response = await listWith(host, await host.issuer.token())
    expect(await outcomeOf(response)).toBe("503 authentication_unavailable")
    expect(response.headers.get("www-authenticate")).toBeNull()
    expect(host.events.at(-1)).toEqual({ type: "authentication_failed", reason: "unavailable" })
  })

  it.each([
    ["an error", () => new Response("no", { status: 500 })],
    ["a page", () => new Response("<html>", { status: 200 })],
    ["something else than a key set", () => Response.json({ keys: "none" })]
  ])("a key set that answers %s is 503 and not asked for each call", async (_, jwks) => {
    const host = await makeHost()
    host.world.set({ jwks })
    const token = await host.issuer.token()
    for (let call = 0; call < 5; call++) {
      expect(await outcomeOf(await listWith(host, token))).toBe("503 authentication_unavailable")
    }
    expect(host.world.count("/jwks.json")).toBe(1)
    host.world.set({ jwks: () => Response.json(host.issuer.jwks) })
    vi.setSystemTime(Date.now() + 5000)
    expect((await listWith(host, token)).status).toBe(200)
  })
})
