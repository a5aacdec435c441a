import { assert, describe, it } from "@effect/vitest"
import {
  apiRequest,
  client,
  introspectionRequest,
  jsonOf,
  problems,
  refreshRequest,
  type RequestChanges,
  revocationRequest,
  simulateForge,
  tokensOf
} from "./support/client.ts"

type Changes = Parameters<typeof simulateForge>[0]

describe("a revocation", () => {
  it("ends an access token, and nothing else", async () => {
    const simulator = simulateForge()
    const tokens = await tokensOf(simulator)
    const answer = await simulator.handle(revocationRequest(tokens.access_token))
    assert.strictEqual(answer.status, 200)
    assert.deepStrictEqual(simulator.liveTokens("forge"), [tokens.refresh_token])
    assert.strictEqual((await simulator.handle(apiRequest(tokens.access_token))).status, 401)
    assert.deepStrictEqual(problems(simulator), [])
  })

  it("of a refresh token ends what was issued for it (RFC 7009 §2.1)", async () => {
    const simulator = simulateForge()
    const tokens = await tokensOf(simulator)
    await simulator.handle(
      revocationRequest(tokens.refresh_token, { fields: { token_type_hint: "refresh_token" } })
    )
    assert.deepStrictEqual(simulator.liveTokens("forge"), [])
    assert.strictEqual((await simulator.handle(refreshRequest(tokens.refresh_token))).status, 400)
  })

  it("of a token that nobody knows is fine", async () => {
    const simulator = simulateForge()
    assert.strictEqual((await simulator.handle(revocationRequest("x"))).status, 200)
    assert.deepStrictEqual(problems(simulator), [])
  })

  it("ends other connections of the account too, where the vendor has it so", async () => {
    const simulator = simulateForge({ revocation: { ends: "grant" } })
    await tokensOf(simulator)
    const { access_token: token } = await tokensOf(simulator)
    simulator.failNext("forge", "token", { kind: "other_account" })
    const other = await tokensOf(simulator)
    await simulator.handle(revocationRequest(token))
    assert.sameMembers(
      [...simulator.liveTokens("forge")],
      [other.access_token, other.refresh_token]
    )
  })

  it("ends nothing where the vendor ends nothing", async () => {
    const simulator = simulateForge({ revocation: { ends: "none" } })
    const { access_token: token } = await tokensOf(simulator)
    await simulator.handle(revocationRequest(token))
    assert.strictEqual(simulator.liveTokens("forge").length, 2)
  })

  it("follows the vendor's recipe: DELETE, JSON, client in the URL, its own parameter", async () => {
    const simulator = simulateForge({
      revocation: {
        url: "https://api.forge.example/apps/{client_id}/token",
        method: "DELETE",
        encoding: "json",
        tokenParameter: "access_token",
        tokens: "access_token",
        refuses: ["token_type_hint"],
        status: 204
      }
    })
    const tokens = await tokensOf(simulator)
    const send = (body: Readonly<Record<string, string>>, clientId = client.clientId) =>
      simulator.handle(
        revocationRequest("", {
          url: `https://api.forge.example/apps/${encodeURIComponent(clientId)}/token`,
          method: "DELETE",
          headers: { "content-type": "application/json" },
          body: JSON.stringify(body)
        })
      )
    const answer = await send({ access_token: tokens.access_token })
    assert.strictEqual(answer.status, 204)
    assert.strictEqual(await answer.text(), "")
    assert.deepStrictEqual(simulator.liveTokens("forge"), [tokens.refresh_token])
    assert.deepStrictEqual(problems(simulator), [])

    assert.strictEqual((await send({ access_token: tokens.refresh_token })).status, 400)
    assert.strictEqual((await send({ access_token: "x" }, "other")).status, 404)
    const hinted = await send({ access_token: "x", token_type_hint: "access_token" })
    assert.strictEqual(hinted.status, 400)
    assert.deepStrictEqual(
      [...problems(simulator)],
      [
        "the token is not an access token, and the vendor takes no other",
        "the URL names another client",
        "token_type_hint is there, and the vendor refuses it"
      ]
    )
  })

  it("may be asked for with the token itself", async () => {
    const simulator = simulateForge({
      revocation: { authentication: "token", tokenParameter: "none", tokens: "access_token" }
    })
    const tokens = await tokensOf(simulator)
    const send = (authorization: string, fields: Readonly<Record<string, string>> = {}) =>
      simulator.handle(
        revocationRequest("", {
          headers: { authorization },
          body: new URLSearchParams(fields).toString()
        })
      )
    assert.strictEqual((await send(`Bearer ${tokens.access_token}`)).status, 200)
    assert.deepStrictEqual(simulator.liveTokens("forge"), [tokens.refresh_token])
    assert.strictEqual((await send(`Bearer ${tokens.access_token}`)).status, 401)
    assert.deepStrictEqual(problems(simulator), [])

    assert.strictEqual((await send(`Bearer ${tokens.refresh_token}`)).status, 401)
    assert.strictEqual((await send(`token ${tokens.access_token}`)).status, 401)
    assert.strictEqual((await send("Bearer x", { token: "x" })).status, 400)
    assert.deepStrictEqual(
      [...problems(simulator)],
      [
        "what authenticates the request is not an access token",
        "the header authorization is not Bearer {access_token}",
        "the vendor knows no parameter token"
      ]
    )
  })

  it("may name the account in place of a token", async () => {
    const simulator = simulateForge({
      revocation: { ends: "grant", tokenParameter: "none", parameters: { account: "7" } }
    })
    await tokensOf(simulator)
    const send = (body: string) => simulator.handle(revocationRequest("", { body }))
    assert.strictEqual((await send("account=8")).status, 400)
    assert.strictEqual(simulator.liveTokens("forge").length, 2)
    assert.strictEqual((await send("account=7")).status, 200)
    assert.deepStrictEqual(simulator.liveTokens("forge"), [])
  })

  const broken: ReadonlyArray<
    readonly [what: string, status: number, RequestChanges, problem: string, Changes?]
  > = [
    ["without client", 401, { headers: { authorization: undefined } }, "authenticates by none"],
    ["without token", 400, { fields: { token: undefined } }, "token is missing"],
    ["with an unknown parameter", 400, { fields: { extra: "1" } }, "knows no parameter extra"],
    [
      "without a header",
      400,
      {},
      "the header x-version is missing",
      { revocation: { headers: { "x-version": "2" } } }
    ],
    [
      "without a parameter",
      400,
      {},
      "kind is not all",
      { revocation: { parameters: { kind: "all" } } }
    ],
    [
      "of a kind that the vendor does not take",
      400,
      {},
      "the token is not a refresh token, and the vendor takes no other",
      { revocation: { tokens: "refresh_token" } }
    ]
  ]
  for (const [what, status, request, problem, changes] of broken) {
    it(`${what} is refused, and ends nothing`, async () => {
      const simulator = simulateForge(changes)
      const { access_token: token } = await tokensOf(simulator)
      const answer = await simulator.handle(revocationRequest(token, request))
      assert.strictEqual(answer.status, status)
      assert.include(problems(simulator).join("\n"), problem)
      assert.strictEqual(simulator.liveTokens("forge").length, 2)
    })
  }
})

describe("an introspection (RFC 7662)", () => {
  it("tells the client of a token how long it is good, and of others nothing", async () => {
    const simulator = simulateForge({}, { now: () => 0 })
    const { access_token: token } = await tokensOf(simulator)
    assert.deepStrictEqual(await jsonOf(simulator.handle(introspectionRequest(token))), {
      active: true,
      client_id: client.clientId,
      scope: "read write",
      exp: 3600
    })
    assert.deepStrictEqual(await jsonOf(simulator.handle(introspectionRequest("x"))), {
      active: false
    })
    simulator.advance(3600)
    assert.deepStrictEqual(await jsonOf(simulator.handle(introspectionRequest(token))), {
      active: false
    })
    const anonymous = introspectionRequest(token, { headers: { authorization: undefined } })
    assert.strictEqual((await simulator.handle(anonymous)).status, 401)
  })
})
