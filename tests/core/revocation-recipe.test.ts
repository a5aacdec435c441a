import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import {
  accessToken,
  disconnect,
  EgressError,
  type EgressRequest,
  type OAuth2Definition,
  type Revocation,
  revokeQueued,
  type TenantFields,
  tenantsDefault
} from "@hawser/core"
import { ann, connectForge, forge, makeHost, provider, tokenResponse } from "./support/host.ts"
import { refusedBecause, revoke, vendor } from "./support/vendor.ts"

const standard = { endpoint: "https://forge.example/revoke", ends: "token" } as const
const revoking = (
  changes: Partial<Revocation>,
  more: Partial<OAuth2Definition> = {}
): Partial<OAuth2Definition> => ({ ...more, revocation: { ...standard, ...changes } })

const basic = `Basic ${Buffer.from("forge:canarySecret").toString("base64")}`

/** The one request of a revocation. */
const sentBy = Effect.fnUntraced(function* (
  changes: Partial<Revocation>,
  more: Partial<OAuth2Definition> = {},
  fields: TenantFields = {}
) {
  const provider = yield* vendor(revoking(changes, more), {
    clientId: "forge",
    clientSecret: "canarySecret"
  })
  const { result, sent } = yield* revoke(
    provider,
    () => new Response(null, { status: 204 }),
    fields
  )
  assert.strictEqual(result._tag, "Success")
  const [request, ...others] = sent
  assert.deepStrictEqual(others, [])
  return request ?? assert.fail("nothing was sent")
})

describe("a revocation as the vendor has it", () => {
  it.effect("is a DELETE with JSON, the client in the path and as Basic (GitHub)", () =>
    Effect.gen(function* () {
      const request = yield* sentBy({
        endpoint: "https://forge.example/applications/{client_id}/token",
        method: "DELETE",
        encoding: "json",
        clientAuthentication: "client_secret_basic",
        tokenParameter: "access_token",
        sendsHint: false
      })
      assert.deepInclude(request, {
        method: "DELETE",
        url: "https://forge.example/applications/forge/token",
        body: '{"access_token":"canary-old-token"}'
      })
      assert.strictEqual(request.headers["content-type"], "application/json")
      assert.strictEqual(request.headers["authorization"], basic)
    })
  )

  it.effect("is asked by whoever has the token, and has nothing but it (Slack, Dropbox)", () =>
    Effect.gen(function* () {
      const bearer = yield* sentBy({ authentication: "token", tokenParameter: "none" })
      assert.deepInclude(bearer, { method: "POST", body: "" })
      assert.strictEqual(bearer.headers["authorization"], "Bearer canary-old-token")
      const own = yield* sentBy(
        { authentication: "token", tokenParameter: "none", method: "DELETE" },
        { tokenHeader: { name: "X-Token", template: "Token {access_token}" } }
      )
      assert.deepInclude(own, { method: "DELETE", body: "" })
      assert.strictEqual(own.headers["x-token"], "Token canary-old-token")
      assert.notProperty(own.headers, "authorization")
      assert.notProperty(own.headers, "content-type")
    })
  )

  it.effect(
    "has headers and parameters of the vendor's, with what was captured in them (Stripe)",
    () =>
      Effect.gen(function* () {
        const { headers, hosts, parameters, url } = yield* sentBy(
          {
            endpoint: "https://{place}/deauthorize",
            clientAuthentication: "secret_basic",
            tokenParameter: "none",
            headers: { "Forge-Version": "7" },
            parameters: { client_id: "{client_id}", account: "{account}" }
          },
          {
            captures: {
              account: { from: "token_response", path: ["account"] },
              place: { from: "token_response", path: ["place"], hostBelow: [".forge.example"] }
            }
          },
          { account: "acct_1", place: "eu.forge.example" }
        )
        assert.strictEqual(url, "https://eu.forge.example/deauthorize")
        // S-38: there and nowhere else.
        assert.deepStrictEqual(hosts, ["eu.forge.example"])
        assert.deepStrictEqual(parameters, { client_id: "forge", account: "acct_1" })
        assert.strictEqual(headers["forge-version"], "7")
      })
  )

  it.effect("names the client as no other request does (Miro)", () =>
    Effect.gen(function* () {
      const { body } = yield* sentBy(
        {
          encoding: "json",
          clientAuthentication: "client_secret_post",
          parameterNames: { client_id: "clientId", client_secret: "clientSecret" },
          tokenParameter: "accessToken",
          sendsHint: false
        },
        { parameterNames: { client_id: "app" } }
      )
      assert.deepStrictEqual(JSON.parse(body ?? ""), {
        accessToken: "canary-old-token",
        clientId: "forge",
        clientSecret: "canarySecret"
      })
    })
  )

  it.effect("has the secret alone in Authorization: Client, and true in JSON (Square)", () =>
    Effect.gen(function* () {
      const square = {
        clientAuthentication: "secret_client",
        tokenParameter: "access_token",
        sendsHint: false,
        parameters: { only_this: true }
      } as const
      const { body, headers } = yield* sentBy({ ...square, encoding: "json" })
      assert.strictEqual(headers["authorization"], "Client canarySecret")
      assert.deepStrictEqual(JSON.parse(body ?? ""), {
        access_token: "canary-old-token",
        client_id: "forge",
        only_this: true
      })
      // A form knows texts alone.
      const form = yield* sentBy(square)
      assert.strictEqual(form.parameters["only_this"], "true")
    })
  )

  it.effect("S-32 gives the client no name that stands for something else", () =>
    Effect.gen(function* () {
      for (const parameterNames of [
        { client_id: "token" },
        { client_secret: "state" },
        { client_id: "app", client_secret: "app" }
      ]) {
        assert.include(
          yield* refusedBecause(revoking({ parameterNames })),
          "revocation.parameterNames"
        )
      }
      const twice = revoking({
        parameterNames: { client_secret: "clientSecret" },
        parameters: { clientSecret: "x" }
      })
      assert.include(yield* refusedBecause(twice), "revocation.parameters may not set clientSecret")
    })
  )

  it.effect("has a hint unless the vendor refuses it", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* sentBy({})).parameters["token_type_hint"], "access_token")
      assert.notProperty((yield* sentBy({ sendsHint: false })).parameters, "token_type_hint")
    })
  )

  it.effect("S-32 has nothing secret in its URL", () =>
    Effect.gen(function* () {
      for (const name of ["access_token", "refresh_token", "client_secret", "token"]) {
        assert.include(
          yield* refusedBecause(revoking({ endpoint: `https://forge.example/{${name}}` })),
          `revocation.endpoint: {${name}} is not the name`
        )
      }
    })
  )

  it.effect("S-66 goes nowhere with a stored value that the definition does not take", () =>
    Effect.gen(function* () {
      const provider = yield* vendor(
        revoking(
          { endpoint: "https://{place}/revoke" },
          {
            captures: {
              place: { from: "token_response", path: ["place"], hostBelow: [".forge.example"] }
            }
          }
        )
      )
      for (const fields of [{}, { place: "evil.example" }]) {
        const { result, sent } = yield* revoke(provider, undefined, fields)
        assert.deepStrictEqual(sent, [])
        assert(result._tag === "Failure")
        assert.strictEqual(result.failure._tag, "EndpointNotAllowed")
      }
    })
  )
})

describe("the answer to a revocation", () => {
  const outcome = Effect.fnUntraced(function* (
    answer: () => Response | EgressError,
    more: Partial<OAuth2Definition> = {}
  ) {
    const { result } = yield* revoke(yield* vendor(revoking({}, more)), answer)
    if (result._tag === "Success") return "done"
    const { failure } = result
    return failure._tag === "RevocationFailed" && failure.retryable ? "again" : "refused"
  })

  it.effect("is done, refused, or worth another try, with 200 as well", () =>
    Effect.gen(function* () {
      const json = (status: number, body: unknown) => () => Response.json(body, { status })
      const terminalErrors = ["token_revoked"] as const
      for (const [answer, expected] of [
        [() => new Response("anything"), "done"],
        [() => new Response(null, { status: 204 }), "done"],
        [json(200, { ok: true }), "done"],
        [json(200, { error: null }), "done"],
        [json(200, { ok: false, error: "not_allowed" }), "refused"],
        [json(200, { error: "invalid_client" }), "refused"],
        [json(200, { ok: false, error: "token_revoked" }), "done"],
        [json(400, { error: "invalid_token" }), "done"],
        [json(400, { error: "invalid_request" }), "refused"],
        [json(503, {}), "again"],
        [() => new EgressError({ reason: "timeout", host: "forge.example", sent: true }), "again"]
      ] as const)
        assert.strictEqual(yield* outcome(answer, { terminalErrors }), expected)
    })
  )
})

describe("what is revoked when a tenant disconnects", () => {
  /** The tokens that the vendor was asked to revoke, in their order. */
  const asked = Effect.fnUntraced(function* (
    changes: Partial<Revocation>,
    more: Partial<OAuth2Definition> = {}
  ) {
    const tokens: Array<string | null> = []
    const host = makeHost({
      providers: [{ ...forge, definition: { ...forge.definition, ...revoking(changes, more) } }],
      answer: ({ body, headers, url }: EgressRequest) => {
        if (url.pathname === "/token")
          return tokenResponse({ access_token: "access", refresh_token: "refresh" })
        tokens.push(new URLSearchParams(body).get("token") ?? headers["authorization"] ?? null)
        return new Response()
      }
    })
    yield* Effect.gen(function* () {
      yield* connectForge()
      yield* accessToken({
        tenantId: ann.tenantId,
        ...tenantsDefault,
        provider: forge.definition.id
      })
      yield* disconnect(ann, yield* provider("forge"))
      yield* revokeQueued
    }).pipe(Effect.provide(host.layer))
    return tokens
  })

  for (const [what, changes, more, expected] of [
    ["both, the refresh token first", {}, {}, ["refresh", "access"]],
    ["the access token alone", { tokens: "access_token" }, {}, ["access"]],
    ["the refresh token alone", { tokens: "refresh_token" }, {}, ["refresh"]],
    [
      "the access token where the token is what authenticates",
      { authentication: "token", tokenParameter: "none" },
      {},
      ["Bearer access"]
    ],
    [
      "once, where access tokens are exchanged for new ones",
      {},
      { refreshRequest: { uses: "access_token" } },
      ["access"]
    ]
  ] as const) {
    it.effect(what, () =>
      Effect.map(asked(changes, more), (tokens) => assert.deepStrictEqual(tokens, [...expected]))
    )
  }
})
