import { ConfigurationError } from "@hawser/core"
import { base64url, SignJWT } from "jose"
import { beforeEach, describe, expect, it } from "vitest"
import { auth0, clerk, type ClerkOptions, jwt, type JwtOptions, supabase } from "../src/index.ts"
import { atTenOClock, callerOf, listWith, refusalOf } from "./support/callers.ts"
import { type Host, makeHost } from "./support/host.ts"
import { type Issuer, makeIssuer, now } from "./support/issuer.ts"

const unauthorized = "401 unauthorized"
const forbidden = "403 forbidden"

let rsa: Issuer
let ec: Issuer
beforeEach(async () => {
  rsa ??= await makeIssuer("ins_2abc")
  ec ??= await makeIssuer("d9b6-4f3e", "ES256")
})
atTenOClock()

/** None of the claims that the fixture adds by itself. */
const bare = { iss: undefined, aud: undefined, tenant_id: undefined, roles: undefined }

const hostWith = (options: JwtOptions, issuer: Issuer): Promise<Host> =>
  makeHost({ authentication: jwt(options), issuer })

const clerkOptions = clerk({
  frontendApiUrl: "https://clerk.host.test",
  authorizedParties: ["https://app.host.test"]
})
const auth0Options = auth0({
  domain: "exampleco.eu.auth0.com",
  audience: "https://app.host.test/api",
  roles: "https://app.host.test/roles"
})

describe("Clerk", () => {
  const options = {
    frontendApiUrl: "https://clerk.host.test",
    authorizedParties: ["https://app.host.test"]
  } satisfies ClerkOptions

  /** A session token, version 2, of a user with an active organization. */
  const version2 = () => ({
    ...bare,
    azp: "https://app.host.test",
    exp: now() + 60,
    fea: "o:dashboard,o:teams",
    fva: [7, -1],
    iat: now(),
    iss: "https://clerk.host.test",
    jti: "8f2d1c",
    nbf: now() - 10,
    o: { fpm: "3,2", id: "org_123", per: "manage,read", rol: "admin", slg: "acme-inc" },
    pla: "o:pro",
    sid: "sess_123",
    sub: "user_123",
    v: 2
  })
  const version1 = () => ({
    ...bare,
    azp: "https://app.host.test",
    exp: now() + 60,
    fva: [7, -1],
    iat: now(),
    iss: "https://clerk.host.test",
    nbf: now() - 10,
    org_id: "org_123",
    org_permissions: ["org:admin:example_permission"],
    org_role: "org:admin",
    org_slug: "acme-inc",
    sid: "sess_123",
    sub: "user_123"
  })
  const header = { typ: "JWT", cat: "cl_B7d4PD111AAA" }
  const organization = (rol: unknown) => ({ o: { ...version2().o, rol } })

  it("the tenant is the active organization, in either version of the session token", async () => {
    const caller = { tenantId: "org_123", userId: "user_123", roles: ["admin"] }
    expect(await callerOf(jwt(clerk(options)), rsa, await rsa.token(version2(), header))).toEqual(
      caller
    )
    const older = jwt(clerk({ ...options, sessionTokenVersion: 1 }))
    expect(await callerOf(older, rsa, await rsa.token(version1(), header))).toEqual(caller)
  })

  it("keys are at the Frontend API, with or without a slash at its end", async () => {
    for (const frontendApiUrl of ["https://clerk.host.test", "https://clerk.host.test/"]) {
      const host = await hostWith(clerk({ ...options, frontendApiUrl }), rsa)
      expect(await listWith(host, await rsa.token(version2(), header))).toBe("200")
      expect(host.world.requests.map(({ url }) => url.href)).toEqual([
        "https://clerk.host.test/.well-known/jwks.json"
      ])
    }
  })

  it.each<readonly [string, Record<string, unknown>, string]>([
    ["a token as it is", {}, "200"],
    ["azp of a page of somebody else", { azp: "https://evil.test" }, unauthorized],
    ["no azp", { azp: undefined }, unauthorized],
    ["another instance", { iss: "https://other.clerk.accounts.dev" }, unauthorized],
    ["a pending session", { sts: "pending" }, unauthorized],
    ["an active session", { sts: "active" }, "200"],
    ["no active organization", { o: undefined }, forbidden],
    ["a member", organization("member"), "200"],
    ["a role of the host's own", organization("billing"), forbidden],
    ["a role with the prefix of version 1", organization("org:admin"), forbidden],
    ["a role as a list", organization(["admin", 1]), forbidden],
    ["a token of version 1", { o: undefined, org_id: "org_1", org_role: "org:admin" }, forbidden],
    ["an audience that nobody configured", { aud: "https://api.host.test" }, unauthorized]
  ])("%s", async (_, claims, outcome) => {
    const host = await hostWith(clerk(options), rsa)
    expect(await listWith(host, await rsa.token({ ...version2(), ...claims }, header))).toBe(
      outcome
    )
  })

  it("roles of the host's own are mapped by their keys, in either version", async () => {
    const roleMap = { owner: "admin", billing: "member" } as const
    const newer = jwt(clerk({ ...options, roleMap }))
    const older = jwt(clerk({ ...options, roleMap, sessionTokenVersion: 1 }))
    const tokens = [
      await callerOf(newer, rsa, await rsa.token({ ...version2(), ...organization("owner") })),
      await callerOf(older, rsa, await rsa.token({ ...version1(), org_role: "org:owner" })),
      await callerOf(newer, rsa, await rsa.token({ ...version2(), ...organization("admin") }))
    ]
    expect(tokens.map(({ roles }) => roles)).toEqual([["admin"], ["admin"], []])
  })

  it("a customized token with aud is accepted for the audience that is configured", async () => {
    const host = await hostWith(clerk({ ...options, audience: "https://api.host.test" }), rsa)
    const token = (aud: string) => rsa.token({ ...version2(), aud }, header)
    expect(await listWith(host, await token("https://api.host.test"))).toBe("200")
    expect(await listWith(host, await token("https://other.test"))).toBe(unauthorized)
  })

  it("no party, or an address that is none, stops the start", async () => {
    const nobody = clerk({ ...options, authorizedParties: [] as never })
    expect((await refusalOf(jwt(nobody), rsa)).setting).toBe("authenticate.authorizedParties")
    const empty = clerk({ ...options, frontendApiUrl: "" })
    expect((await refusalOf(jwt(empty), rsa)).setting).toBe("authenticate.issuer")
    const plain = clerk({ ...options, frontendApiUrl: "clerk.host.test" })
    expect((await refusalOf(jwt(plain), rsa)).setting).toBe("authenticate.jwksUrl")
  })
})

describe("Auth0", () => {
  const options = {
    domain: "exampleco.eu.auth0.com",
    audience: "https://app.host.test/api",
    roles: "https://app.host.test/roles"
  }

  /** An access token of a login with an organization, with the roles that an Action added. */
  const accessToken = () => ({
    ...bare,
    iss: "https://exampleco.eu.auth0.com/",
    sub: "auth0|602c0dcab993d10073daf680",
    aud: ["https://app.host.test/api", "https://exampleco.eu.auth0.com/userinfo"],
    iat: now(),
    exp: now() + 86_400,
    azp: "ENDmmAJsbwI1hOG1KPJddQ8LHjV6kLkV",
    scope: "openid profile email",
    org_id: "org_9ybsU1dN2dKfDkBi",
    permissions: ["read:integrations", "manage:integrations"],
    "https://app.host.test/roles": ["admin"]
  })

  it("the tenant is the organization, the role stands in the host's namespaced claim", async () => {
    expect(await callerOf(jwt(auth0(options)), rsa, await rsa.token(accessToken()))).toEqual({
      tenantId: "org_9ybsU1dN2dKfDkBi",
      userId: "auth0|602c0dcab993d10073daf680",
      roles: ["admin"]
    })
  })

  it("the role may come from permissions", async () => {
    const byPermission = auth0({
      ...options,
      roles: "permissions",
      roleMap: { "manage:integrations": "admin", "read:integrations": "member" }
    })
    const roles = async (permissions: ReadonlyArray<string>) =>
      (await callerOf(jwt(byPermission), rsa, await rsa.token({ ...accessToken(), permissions })))
        .roles
    expect(await roles(["read:integrations", "manage:integrations"])).toEqual(["member", "admin"])
    expect(await roles(["read:integrations", "read:invoices"])).toEqual(["member"])
    expect(await roles([])).toEqual([])
  })

  it.each<readonly [string, Record<string, unknown>, string]>([
    ["a token as it is", {}, "200"],
    ["the issuer without its slash", { iss: "https://exampleco.eu.auth0.com" }, unauthorized],
    [
      "a token for userinfo alone",
      { aud: "https://exampleco.eu.auth0.com/userinfo" },
      unauthorized
    ],
    [
      "an ID token, whose audience is the client",
      { aud: "ENDmmAJsbwI1hOG1KPJddQ8LHjV6kLkV", azp: undefined, nonce: "1" },
      unauthorized
    ],
    ["a login without an organization", { org_id: undefined }, forbidden],
    ["no role", { "https://app.host.test/roles": undefined }, forbidden],
    [
      "a role under no namespace",
      { "https://app.host.test/roles": [], roles: ["admin"] },
      forbidden
    ]
  ])("%s", async (_, claims, outcome) => {
    const host = await hostWith(auth0(options), rsa)
    expect(await listWith(host, await rsa.token({ ...accessToken(), ...claims }))).toBe(outcome)
    expect(host.world.requests[0]?.url.href).toBe(
      "https://exampleco.eu.auth0.com/.well-known/jwks.json"
    )
  })

  it("S-54 with the profile of RFC 9068 the token must be at+jwt", async () => {
    const host = await hostWith(auth0({ ...options, tokenProfile: "rfc9068" }), rsa)
    const claims = { ...accessToken(), azp: undefined, client_id: "ENDmmAJsbwI1hOG1", jti: "73Wak" }
    expect(await listWith(host, await rsa.token(claims, { typ: "at+jwt" }))).toBe("200")
    expect(await listWith(host, await rsa.token(claims, { typ: "JWT" }))).toBe(unauthorized)
  })

  it.each(["https://exampleco.eu.auth0.com", "exampleco.eu.auth0.com/", ""])(
    "the domain %j is refused with what to write",
    (domain) => {
      expect(() => auth0({ ...options, domain })).toThrow(ConfigurationError)
      expect(() => auth0({ ...options, domain })).toThrow(
        /^authenticate\.domain: .*example\.eu\.auth0\.com/
      )
    }
  )
})

describe("S-50 Clerk and Auth0 sign with RS256", () => {
  it.each([
    ["Clerk", "https://clerk.host.test", clerkOptions],
    ["Auth0", "https://exampleco.eu.auth0.com/", auth0Options]
  ])("a key of another kind in the set of %s signs nothing", async (_, iss, options) => {
    const host = await hostWith(options, ec)
    const token = await ec.token({ iss, azp: "https://app.host.test", aud: options.audience })
    expect(await listWith(host, token)).toBe(unauthorized)
    expect(host.events.at(-1)?.reason).toBe("algorithm")
  })
})

describe("Supabase", () => {
  const project = "https://abcdefghijklmnopqrst.supabase.co"
  const options = {
    projectUrl: project,
    tenantId: ["app_metadata", "tenant_id"],
    roles: ["app_metadata", "role"]
  }

  /** The token of a user who has signed in with a password. */
  const userToken = () => ({
    ...bare,
    aal: "aal1",
    amr: [{ method: "password", timestamp: now() }],
    app_metadata: {
      provider: "email",
      providers: ["email"],
      tenant_id: "acme-inc",
      role: "admin"
    },
    aud: "authenticated",
    email: "user@example.com",
    exp: now() + 3600,
    iat: now(),
    is_anonymous: false,
    iss: `${project}/auth/v1`,
    phone: "",
    role: "authenticated",
    session_id: "123e4567-e89b-12d3-a456-426614174000",
    sub: "123e4567-e89b-12d3-a456-426614174001",
    user_metadata: { name: "John Doe", tenant_id: "other-inc", role: "admin" }
  })

  it("tenant and role stand where the host says, and never where a user writes", async () => {
    expect(await callerOf(jwt(supabase(options)), ec, await ec.token(userToken()))).toEqual({
      tenantId: "acme-inc",
      userId: "123e4567-e89b-12d3-a456-426614174001",
      roles: ["admin"]
    })
    const mapped = jwt(supabase({ ...options, roleMap: { admin: "member" } }))
    expect((await callerOf(mapped, ec, await ec.token(userToken()))).roles).toEqual(["member"])
    const byUser = supabase({ ...options, tenantId: ["user_metadata", "tenant_id"] })
    const refused = await refusalOf(jwt(byUser), ec)
    expect(refused.setting).toBe("authenticate.claims")
    expect(refused.message).toContain("user_metadata")
  })

  it.each<readonly [string, Record<string, unknown>, string]>([
    ["a token as it is", {}, "200"],
    ["the audience of nobody", { aud: "anon" }, unauthorized],
    ["the issuer without its path", { iss: project }, unauthorized],
    ["another project", { iss: "https://other.supabase.co/auth/v1" }, unauthorized],
    ["a user without a tenant", { app_metadata: { provider: "email" } }, forbidden],
    ["a user without a role", { app_metadata: { tenant_id: "acme-inc" } }, forbidden],
    [
      "an anonymous sign-in",
      { is_anonymous: true, app_metadata: {}, amr: [{ method: "anonymous", timestamp: 1 }] },
      forbidden
    ],
    [
      "the form of the public key of the project",
      { ...bare, iss: "supabase", ref: "abcdefghijklmnopqrst", role: "anon", sub: undefined },
      unauthorized
    ]
  ])("%s", async (_, claims, outcome) => {
    const host = await hostWith(supabase(options), ec)
    expect(await listWith(host, await ec.token({ ...userToken(), ...claims }))).toBe(outcome)
    expect(host.world.requests.map(({ url }) => url.href)).toEqual([
      `${project}/auth/v1/.well-known/jwks.json`
    ])
  })

  it("a token signed with the legacy secret is refused, also where the set publishes it", async () => {
    const secret = new TextEncoder().encode("super-secret-jwt-token-with-at-least-32-characters")
    const token = await new SignJWT(userToken())
      .setProtectedHeader({ alg: "HS256", typ: "JWT", kid: "legacy" })
      .sign(secret)
    const host = await hostWith(supabase(options), ec)
    host.world.set({
      jwks: () =>
        Response.json({
          keys: [{ kty: "oct", kid: "legacy", alg: "HS256", k: base64url.encode(secret) }]
        })
    })
    expect(await listWith(host, token)).toBe(unauthorized)
    expect(host.events.at(-1)?.reason).toBe("algorithm")
  })

  it("the legacy secret itself is refused with a sentence", () => {
    const legacy = { ...options, jwtSecret: "super-secret" }
    // @ts-expect-error no secret is ever taken
    const start = () => supabase(legacy)
    expect(start).toThrow(ConfigurationError)
    expect(start).toThrow(/^authenticate\.jwtSecret: .*legacy secret .* asymmetric/)
    expect(start).not.toThrow(/super-secret/)
  })
})
