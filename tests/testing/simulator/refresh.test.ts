import { assert, describe, it } from "@effect/vitest"
import {
  apiRequest,
  client,
  jsonOf,
  problems,
  refreshRequest,
  type RequestChanges,
  simulateForge,
  type Tokens,
  tokensOf
} from "./support/client.ts"

type Changes = Parameters<typeof simulateForge>[0]

const keeps = { refresh: { rotates: "keeps" } }

describe("a refresh", () => {
  it("brings new tokens with the lifetime that refreshed ones have", async () => {
    const simulator = simulateForge()
    const before = await tokensOf(simulator)
    const after = await jsonOf<Tokens>(simulator.handle(refreshRequest(before.refresh_token)))
    assert.notStrictEqual(after.access_token, before.access_token)
    assert.notStrictEqual(after.refresh_token, before.refresh_token)
    assert.strictEqual(after.expires_in, 1800)
    assert.strictEqual((await simulator.handle(apiRequest(after.access_token))).status, 200)
    assert.deepStrictEqual(problems(simulator), [])
  })

  it("with a refresh token that was rotated ends the whole grant", async () => {
    const simulator = simulateForge()
    const before = await tokensOf(simulator)
    const after = await jsonOf<Tokens>(simulator.handle(refreshRequest(before.refresh_token)))
    const reused = await simulator.handle(refreshRequest(before.refresh_token))
    assert.strictEqual(reused.status, 400)
    assert.deepStrictEqual(await jsonOf(reused), { error: "dead_token" })
    assert.include(problems(simulator).join(), "the refresh token was used before")
    assert.strictEqual((await simulator.handle(apiRequest(after.access_token))).status, 401)
    assert.strictEqual((await simulator.handle(refreshRequest(after.refresh_token))).status, 400)
  })

  it("goes on with the same refresh token where the vendor keeps it", async () => {
    const simulator = simulateForge(keeps)
    const before = await tokensOf(simulator)
    for (let times = 0; times < 2; times++) {
      const after = await jsonOf<Tokens>(simulator.handle(refreshRequest(before.refresh_token)))
      assert.strictEqual(after.refresh_token, before.refresh_token)
    }
    assert.deepStrictEqual(problems(simulator), [])
  })

  it("tells no refresh token where the sample has none, and the old one goes on", async () => {
    const simulator = simulateForge({ refresh: { answer: { refresh_token: undefined } } })
    const before = await tokensOf(simulator)
    for (let times = 0; times < 2; times++) {
      const answer = await simulator.handle(refreshRequest(before.refresh_token))
      assert.notProperty(await jsonOf(answer), "refresh_token")
    }
    assert.deepStrictEqual(problems(simulator), [])
  })

  it("uses the access token where the vendor has it so", async () => {
    const simulator = simulateForge({
      token: { answer: { refresh_token: undefined } },
      refresh: { uses: "access_token", answer: { refresh_token: undefined } }
    })
    const before = await tokensOf(simulator)
    const after = await jsonOf<Tokens>(simulator.handle(refreshRequest(before.access_token)))
    assert.strictEqual((await simulator.handle(apiRequest(before.access_token))).status, 401)
    assert.strictEqual((await simulator.handle(apiRequest(after.access_token))).status, 200)
    assert.deepStrictEqual(problems(simulator), [])
  })

  it("has a URL and a client authentication of its own where the vendor has it so", async () => {
    const simulator = simulateForge({
      refresh: {
        url: "https://acme.forge.example/refresh",
        clientAuthentication: ["client_secret_post"],
        encoding: "json"
      }
    })
    const { refresh_token: token } = await tokensOf(simulator)
    const answer = await simulator.handle(
      refreshRequest("", {
        url: "https://acme.forge.example/refresh",
        headers: { authorization: undefined, "content-type": "application/json" },
        body: JSON.stringify({
          grant_type: "refresh_token",
          refresh_token: token,
          client_id: client.clientId,
          client_secret: client.clientSecret
        })
      })
    )
    assert.strictEqual(answer.status, 200)
    assert.strictEqual(simulator.count("forge", "refresh"), 1)
  })

  const broken: ReadonlyArray<
    readonly [what: string, status: number, RequestChanges, problem: string, Changes?]
  > = [
    ["with another grant_type", 400, { fields: { grant_type: "x" } }, "grant_type is not"],
    ["with an unknown parameter", 400, { fields: { extra: "1" } }, "knows no parameter extra"],
    [
      "with redirect_uri",
      400,
      { fields: { redirect_uri: "https://app.example" } },
      "knows no parameter redirect_uri"
    ],
    ["without client", 401, { headers: { authorization: undefined } }, "authenticates by none"],
    ["for a scope that was not granted", 400, { fields: { scope: "admin" } }, "was not granted"],
    [
      "without the scopes, where the vendor wants them",
      400,
      {},
      "scope is missing",
      { refresh: { sendsScope: true } }
    ],
    [
      "without a parameter",
      400,
      {},
      "audience is not api.acme",
      { refresh: { parameters: { audience: "api.{site}" } } }
    ],
    [
      "with a refused parameter",
      400,
      { fields: { scope: "read" } },
      "scope is there, and the vendor refuses it",
      { refresh: { refuses: ["scope"] } }
    ],
    [
      "without a header",
      400,
      {},
      "the header x-version is missing",
      { refresh: { headers: { "x-version": "2" } } }
    ]
  ]
  for (const [what, status, request, problem, changes] of broken) {
    it(`${what} is refused, and ends nothing`, async () => {
      const simulator = simulateForge(changes)
      const tokens = await tokensOf(simulator)
      const answer = await simulator.handle(refreshRequest(tokens.refresh_token, request))
      assert.strictEqual(answer.status, status)
      assert.include(problems(simulator).join("\n"), problem)
      assert.sameMembers(
        [...simulator.liveTokens("forge")],
        [tokens.access_token, tokens.refresh_token]
      )
    })
  }

  it("by another client is refused", async () => {
    const simulator = simulateForge()
    const { refresh_token: token } = await tokensOf(simulator)
    const { clientId, clientSecret } = simulator.register("forge")
    const answer = await simulator.handle(
      refreshRequest(token, {
        headers: {
          authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString("base64")}`
        }
      })
    )
    assert.strictEqual(answer.status, 400)
    assert.include(problems(simulator), "the refresh token was issued to another client")
  })

  it("with an access token, or one that nobody issued, is refused without a word", async () => {
    const simulator = simulateForge()
    const { access_token: access } = await tokensOf(simulator)
    for (const token of [access, "x"]) {
      const answer = await simulator.handle(refreshRequest(token))
      assert.deepStrictEqual(await jsonOf(answer), { error: "dead_token" })
    }
    assert.deepStrictEqual(problems(simulator), [])
  })
})

describe("time", () => {
  it("ends access tokens when their lifetime is over, and no refresh token", async () => {
    const simulator = simulateForge()
    const tokens = await tokensOf(simulator)
    simulator.advance(3599)
    assert.strictEqual((await simulator.handle(apiRequest(tokens.access_token))).status, 200)
    simulator.advance(1)
    assert.strictEqual((await simulator.handle(apiRequest(tokens.access_token))).status, 401)
    assert.strictEqual((await simulator.handle(refreshRequest(tokens.refresh_token))).status, 200)
  })

  it("is the test's own where it brings a clock", async () => {
    let now = 0
    const simulator = simulateForge({}, { now: () => now })
    const { access_token: token } = await tokensOf(simulator)
    now = 3_600_000
    assert.strictEqual((await simulator.handle(apiRequest(token))).status, 401)
    assert.strictEqual(simulator.now(), 3_600_000)
  })
})
