import { assert, describe, it } from "@effect/vitest"
import { makeSimulator } from "@hawser/testing/simulator"
import {
  apiRequest,
  authorizationUrl,
  basic,
  client,
  jsonOf,
  redirectUri,
  refreshRequest,
  revocationRequest,
  tokenRequest,
  type Tokens
} from "./support/client.ts"
import { forgeFacts, gaugeFacts } from "./support/facts.ts"

/** Two products of one vendor, with all of their URLs in common, and a third that takes keys at their API. */
const simulateFamily = () => {
  const simulator = makeSimulator([
    forgeFacts(),
    forgeFacts({ provider: "forge-mail", account: { id: "9" } }),
    gaugeFacts({
      credential: {
        headers: { "x-key": undefined, authorization: "Bearer {key}" },
        basic: undefined,
        query: undefined
      },
      api: { baseUrl: "https://api.forge.example/v1" },
      check: undefined
    })
  ])
  return simulator
}

const mailUri = "https://app.example/mail"

const flow = async (
  simulator: ReturnType<typeof simulateFamily>,
  { clientId, uri }: { readonly clientId: string; readonly uri: string },
  authorization?: string
): Promise<Tokens> => {
  const { url } = await simulator.visit(
    authorizationUrl({ client_id: clientId, redirect_uri: uri })
  )
  return jsonOf<Tokens>(
    simulator.handle(
      tokenRequest(url.searchParams.get("code") ?? "", {
        fields: { redirect_uri: uri },
        ...(authorization !== undefined && { headers: { authorization } })
      })
    )
  )
}

describe("vendors that share their hosts", () => {
  it("are told apart by the client", async () => {
    const simulator = simulateFamily()
    simulator.register("forge", { ...client, redirectUris: [redirectUri] })
    simulator.register("forge-mail", {
      clientId: "mail",
      clientSecret: "secret",
      redirectUris: [redirectUri]
    })
    const tokens = await flow(
      simulator,
      { clientId: "mail", uri: redirectUri },
      basic("mail", "secret")
    )
    assert.isDefined(tokens.access_token)
    assert.strictEqual(simulator.count("forge-mail", "authorize"), 1)
    assert.strictEqual(simulator.count("forge-mail", "token"), 1)
    assert.strictEqual(simulator.count("forge", "authorize"), 0)
    assert.deepStrictEqual([...simulator.violations], [])
  })

  it("are told apart by redirect URI, code and token where the client is the same", async () => {
    const simulator = simulateFamily()
    simulator.register("forge", { ...client, redirectUris: [redirectUri] })
    simulator.register("forge-mail", { ...client, redirectUris: [mailUri] })
    const tokens = await flow(simulator, { clientId: client.clientId, uri: mailUri })
    assert.strictEqual(simulator.count("forge-mail", "token"), 1)
    await simulator.handle(apiRequest(tokens.access_token))
    assert.strictEqual(simulator.count("forge-mail", "api"), 1)
    await simulator.handle(refreshRequest(tokens.refresh_token))
    assert.strictEqual(simulator.count("forge-mail", "refresh"), 1)
    await simulator.handle(revocationRequest(tokens.access_token))
    assert.strictEqual(simulator.count("forge-mail", "revocation"), 1)
    assert.deepStrictEqual([...simulator.violations], [])
  })

  it("are told apart by a key", async () => {
    const simulator = simulateFamily()
    const answer = await simulator.handle(apiRequest("k-123"))
    assert.strictEqual(answer.status, 200)
    assert.strictEqual(simulator.count("gauge", "api"), 1)
  })

  it("leave to the first what nobody knows", async () => {
    const simulator = simulateFamily()
    assert.strictEqual((await simulator.handle(apiRequest("x"))).status, 401)
    assert.strictEqual(simulator.count("forge", "api"), 1)
    assert.strictEqual((await simulator.handle(new Request(authorizationUrl()))).status, 400)
    assert.deepStrictEqual(
      simulator.violations.map(({ provider }) => provider),
      ["forge"]
    )
  })

  it("end each their own grants alone", async () => {
    const simulator = simulateFamily()
    simulator.register("forge", { ...client, redirectUris: [redirectUri] })
    simulator.register("forge-mail", { ...client, redirectUris: [mailUri] })
    await flow(simulator, { clientId: client.clientId, uri: redirectUri })
    await flow(simulator, { clientId: client.clientId, uri: mailUri })
    simulator.end("forge")
    assert.strictEqual(simulator.liveTokens("forge").length, 0)
    assert.strictEqual(simulator.liveTokens("forge-mail").length, 2)
  })
})
