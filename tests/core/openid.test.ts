import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import {
  accessToken,
  ConnectionStore,
  tenantsDefault,
  type EgressRequest,
  ProviderId
} from "@hawser/core"
import {
  ann,
  comeBack,
  completeFlow,
  completeUrl,
  cookieUrl,
  forge,
  makeHost,
  outbox,
  type Started,
  startFlow,
  tokenResponse
} from "./support/host.ts"

/** `forge` as an OpenID provider: the account is the one of the ID token. */
const openid = {
  ...forge,
  requiredScopes: [],
  definition: {
    ...forge.definition,
    issuer: "https://forge.example",
    openid: true,
    account: { from: "id_token", id: ["sub"], label: ["email"] }
  }
} as const

const base64url = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url")

/**
 * An ID token as it comes from the token endpoint. Its signature is not checked: it came over TLS from the server itself
 * (OpenID Connect Core §3.1.3.7, item 6).
 */
const idToken = (claims: object, header: object = { alg: "RS256" }): string =>
  `${base64url(header)}.${base64url(claims)}.${Buffer.from("signature").toString("base64url")}`

const seconds = (): number => Math.floor(Date.now() / 1000)

const claimsOf = (nonce: string | null) => ({
  iss: "https://forge.example",
  aud: "forge-client",
  sub: "account-1",
  email: "ada@forge.example",
  iat: seconds(),
  exp: seconds() + 300,
  nonce
})

const nonceOf = (started: Started): string | null =>
  started.authorizationUrl.searchParams.get("nonce")

/** A host whose provider answers with the members that the test says, once the flow has begun. */
const openidHost = (provider = openid as typeof openid & object) => {
  let members: Readonly<Record<string, unknown>> = {}
  const answer = ({ url }: EgressRequest): Response =>
    url.pathname === "/token" ? tokenResponse(members) : new Response(null, { status: 404 })
  return {
    ...makeHost({ providers: [provider], answer }),
    answerWith: (more: typeof members) => void (members = more)
  }
}

const query = { tenantId: ann.tenantId, ...tenantsDefault, provider: ProviderId.make("forge") }

const isStored = Effect.gen(function* () {
  const connections = yield* ConnectionStore
  const { total } = yield* connections.list({
    tenantId: ann.tenantId,
    owners: "all"
  })
  return total > 0 || (yield* outbox).length > 0
})

const errorAt = (outcome: { readonly _tag: string; readonly url?: string }): string | null =>
  new URL(outcome.url ?? "https://none.example").searchParams.get("error")

describe("S-18 the nonce", () => {
  it.effect("is of its own for each flow, and neither the state nor the PKCE challenge", () => {
    const host = openidHost()
    return Effect.gen(function* () {
      const seen = new Set<string | null>()
      for (let flow = 0; flow < 3; flow++) {
        const { authorizationUrl, state } = yield* startFlow()
        const { searchParams } = authorizationUrl
        assert.match(searchParams.get("nonce") ?? "", /^[\w-]{43}$/)
        assert.strictEqual(searchParams.get("code_challenge_method"), "S256")
        seen.add(searchParams.get("nonce")).add(state).add(searchParams.get("code_challenge"))
      }
      assert.strictEqual(seen.size, 9)
    }).pipe(Effect.provide(host.layer))
  })

  it.effect("is not sent to providers that do not speak OpenID", () =>
    Effect.gen(function* () {
      assert.isNull(nonceOf(yield* startFlow()))
    }).pipe(Effect.provide(makeHost().layer))
  )

  it.effect("is sent and checked where PKCE is off", () => {
    const host = openidHost({
      ...openid,
      definition: { ...openid.definition, pkce: { off: "It breaks." } }
    } as typeof openid)
    return Effect.gen(function* () {
      const first = yield* startFlow()
      assert.isFalse(first.authorizationUrl.searchParams.has("code_challenge"))
      assert.match(nonceOf(first) ?? "", /^[\w-]{43}$/)
      host.answerWith({ id_token: idToken(claimsOf(nonceOf(yield* startFlow()))) })
      assert.strictEqual(errorAt(yield* comeBack(first)), "invalid_response")
      assert.notInclude(String(host.sent.at(-1)?.body), "code_verifier")
      const second = yield* startFlow()
      host.answerWith({ id_token: idToken(claimsOf(nonceOf(second))) })
      assert.isNull(errorAt(yield* comeBack(second)))
    }).pipe(Effect.provide(host.layer))
  })

  for (const url of [cookieUrl, completeUrl]) {
    it.effect(`opens the way to the tokens where it is right, at ${url}`, () => {
      const host = openidHost()
      return Effect.gen(function* () {
        const started = yield* startFlow(url)
        host.answerWith({ id_token: idToken(claimsOf(nonceOf(started))) })
        const outcome = yield* comeBack(started)
        if (url === completeUrl) yield* completeFlow(flowIdOf(outcome))
        const connections = yield* ConnectionStore
        const { account } = yield* connections.find({ ...query, ...tenantsDefault })
        assert.deepStrictEqual(account, {
          id: "account-1",
          label: "ada@forge.example",
          issuer: undefined
        })
        const token = yield* accessToken(query)
        assert.strictEqual(Redacted.value(token.accessToken), "canary-access-token")
      }).pipe(Effect.provide(host.layer))
    })
  }
})

const flowIdOf = (outcome: { readonly _tag: string; readonly url?: string }): string =>
  new URLSearchParams(new URL(outcome.url ?? "https://none.example").hash.slice(1)).get("flowId") ??
  ""

/** What a token response may hold in place of the right ID token. */
const wrong: ReadonlyArray<
  readonly [string, (nonce: string | null) => Readonly<Record<string, unknown>>]
> = [
  ["no ID token", () => ({})],
  ["an empty ID token", () => ({ id_token: "" })],
  ["an ID token of the wrong type", () => ({ id_token: { nonce: "x" } })],
  ["what is not a JWT", () => ({ id_token: "canary-id-token" })],
  ["another nonce", () => ({ id_token: idToken(claimsOf("n".repeat(43))) })],
  ["an empty nonce", () => ({ id_token: idToken(claimsOf("")) })],
  ["null as nonce", () => ({ id_token: idToken(claimsOf(null)) })],
  ["no nonce", (nonce) => ({ id_token: idToken({ ...claimsOf(nonce), nonce: undefined }) })],
  [
    "the nonce in a list",
    (nonce) => ({ id_token: idToken({ ...claimsOf(nonce), nonce: [nonce] }) })
  ],
  [
    "the nonce with a space",
    (nonce) => ({ id_token: idToken({ ...claimsOf(nonce), nonce: `${nonce} ` }) })
  ],
  [
    "another issuer",
    (nonce) => ({ id_token: idToken({ ...claimsOf(nonce), iss: "https://evil.example" }) })
  ],
  [
    "the issuer with a slash",
    (nonce) => ({ id_token: idToken({ ...claimsOf(nonce), iss: "https://forge.example/" }) })
  ],
  [
    "another client's audience",
    (nonce) => ({ id_token: idToken({ ...claimsOf(nonce), aud: "mill-client" }) })
  ],
  [
    "two audiences and no authorized party",
    (nonce) => ({ id_token: idToken({ ...claimsOf(nonce), aud: ["forge-client", "x"] }) })
  ],
  [
    "two audiences and another authorized party",
    (nonce) => ({
      id_token: idToken({ ...claimsOf(nonce), aud: ["forge-client", "x"], azp: "x" })
    })
  ],
  [
    "an ID token that has expired",
    (nonce) => ({ id_token: idToken({ ...claimsOf(nonce), exp: seconds() - 120 }) })
  ],
  [
    "an ID token that never expires",
    (nonce) => ({ id_token: idToken({ ...claimsOf(nonce), exp: undefined }) })
  ],
  [
    "an ID token without an account",
    (nonce) => ({ id_token: idToken({ ...claimsOf(nonce), sub: undefined }) })
  ],
  ["alg none", (nonce) => ({ id_token: idToken(claimsOf(nonce), { alg: "none" }) })],
  ["a shared secret", (nonce) => ({ id_token: idToken(claimsOf(nonce), { alg: "HS256" }) })]
]

describe("S-18 nothing is stored where the token response holds", () => {
  for (const [what, members] of wrong) {
    it.effect(`${what}, at the callback and at complete`, () => {
      const host = openidHost()
      return Effect.gen(function* () {
        const started = yield* startFlow()
        host.answerWith(members(nonceOf(started)))
        assert.strictEqual(errorAt(yield* comeBack(started)), "invalid_response")

        const parked = yield* startFlow(completeUrl)
        host.answerWith(members(nonceOf(parked)))
        const failed = yield* Effect.flip(completeFlow(flowIdOf(yield* comeBack(parked))))
        assert.deepInclude(failed, { _tag: "ConnectFailed", reason: "invalid_response" })
        assert.isFalse(yield* isStored)
      }).pipe(Effect.provide(host.layer))
    })
  }

  it.effect(
    "another flow's ID token: a code that was injected brings the nonce of where it came from",
    () => {
      const host = openidHost()
      return Effect.gen(function* () {
        const attackers = yield* startFlow()
        const victims = yield* startFlow()
        host.answerWith({ id_token: idToken(claimsOf(nonceOf(attackers))) })
        assert.strictEqual(errorAt(yield* comeBack(victims)), "invalid_response")
        assert.isFalse(yield* isStored)
      }).pipe(Effect.provide(host.layer))
    }
  )
})
