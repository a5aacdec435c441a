import { assert, describe, it } from "@effect/vitest"
import { makeSimulator } from "@hawser/testing/simulator"
import {
  apiRequest,
  basic,
  checkRequest,
  form,
  jsonOf,
  problems,
  simulateForge,
  tokensOf
} from "./support/client.ts"
import { gaugeFacts } from "./support/facts.ts"

type Changes = Parameters<typeof simulateForge>[0]

/** A token of `forge`, with what there is to ask with it. */
const connected = async (changes: Changes = {}) => {
  const simulator = simulateForge(changes)
  return { simulator, token: (await tokensOf(simulator)).access_token }
}

describe("a call of the API", () => {
  it("is answered below the base URL and at each other host", async () => {
    const { simulator, token } = await connected()
    const answer = await simulator.handle(apiRequest(token, "/v1/a/b?c=1"))
    assert.deepStrictEqual(await jsonOf(answer), { ok: true, path: "/v1/a/b" })
    const file = await simulator.handle(apiRequest(token, "https://files.forge.example/x"))
    assert.strictEqual(file.status, 200)
    assert.strictEqual(simulator.count("forge", "api"), 2)
    assert.deepStrictEqual(problems(simulator), [])
  })

  it("is answered whatever its method and body", async () => {
    const { simulator, token } = await connected()
    const request = new Request(apiRequest(token), { method: "PATCH", body: "x" })
    assert.strictEqual((await simulator.handle(request)).status, 200)
  })

  for (const [what, request, status, problem] of [
    ["outside of the base URL", (token: string) => apiRequest(token, "/v2/x"), 404, "nothing at"],
    [
      "below what only begins like it",
      (token: string) => apiRequest(token, "/v1x"),
      404,
      "nothing"
    ],
    [
      "at a host of nobody's",
      (token: string) => apiRequest(token, "https://other.example/"),
      404,
      "no vendor is at other.example"
    ],
    [
      "without a credential",
      () => new Request("https://api.forge.example/v1/x"),
      401,
      "the header authorization is missing Bearer {access_token}"
    ],
    [
      "with another scheme",
      (token: string) => apiRequest(token, "/v1/x", { authorization: `token ${token}` }),
      401,
      "the header authorization is not Bearer {access_token}"
    ],
    [
      "for what the API does not answer in",
      (token: string) =>
        apiRequest(token, "/v1/x", { accept: "text/html, application/vnd.other+json" }),
      400,
      "the header accept is text/html"
    ]
  ] as const) {
    it(`${what} is refused`, async () => {
      const { simulator, token } = await connected()
      assert.strictEqual((await simulator.handle(request(token))).status, status)
      assert.include(problems(simulator).join(), problem)
      assert.notInclude(problems(simulator).join(), token)
    })
  }

  it("with a token that is over, or was never there, is answered 401 and no violation", async () => {
    const { simulator, token } = await connected()
    simulator.end("forge")
    for (const dead of [token, "x"])
      assert.strictEqual((await simulator.handle(apiRequest(dead))).status, 401)
    assert.deepStrictEqual(problems(simulator), [])
  })

  it("has the API's headers with the tenant's and the host's own values in them", async () => {
    const { simulator, token } = await connected({
      settings: { agent: { label: "Agent", sample: "Acme/1" } },
      api: { headers: { "x-agent": "{agent} ({site})", accept: "application/json; v=3" } }
    })
    const ask = (headers: Readonly<Record<string, string>>) =>
      simulator.handle(apiRequest(token, "/v1/x", headers))
    const agent = { "x-agent": "Acme/1 (acme)" }
    assert.strictEqual((await ask({ ...agent, accept: "application/json; v=3" })).status, 200)
    assert.strictEqual((await ask({ ...agent, accept: "application/json" })).status, 400)
    assert.strictEqual((await ask({ accept: "application/json; v=3" })).status, 400)
  })

  for (const [wanted, ...given] of [
    [
      "application/vnd.forge+json",
      "application/vnd.forge.v3+json",
      "application/vnd.forge.diff",
      "application/json",
      "application/json; odata=nometadata",
      "text/plain;q=0.5, */*",
      "application/*"
    ],
    ["application/json", "application/json, text/plain, */*", "application/json;odata=verbose"],
    ["application/vnd.forge+json; version=3", "application/vnd.forge+json;version=3"],
    ["application/vnd.forge.v2021-02-25", "application/vnd.forge.v2021-02-25;q=1"]
  ] as const) {
    it(`that answers in ${wanted} takes the Accept of the vendor's SDKs`, async () => {
      const { simulator, token } = await connected({ api: { headers: { accept: wanted } } })
      for (const accept of given)
        assert.strictEqual(
          (await simulator.handle(apiRequest(token, "/v1/x", { accept }))).status,
          200,
          accept
        )
      assert.deepStrictEqual(problems(simulator), [])
    })
  }

  for (const [wanted, ...given] of [
    ["application/vnd.forge+json; version=3", "*/*", "application/vnd.forge+json; version=2"],
    ["application/vnd.forge.v2021-02-25", "*/*", "application/vnd.forge.v2019-10-10"],
    ["application/json", "application/vnd.forge+json", "application/jsonx"]
  ] as const) {
    it(`that answers in ${wanted} alone refuses every other Accept`, async () => {
      const { simulator, token } = await connected({ api: { headers: { accept: wanted } } })
      for (const accept of given)
        assert.strictEqual(
          (await simulator.handle(apiRequest(token, "/v1/x", { accept }))).status,
          400,
          accept
        )
    })
  }

  it("carries the token in whatever header the vendor has for it", async () => {
    const { simulator, token } = await connected({
      credential: { headers: { authorization: undefined, "x-token": "{access_token}" } }
    })
    const answer = await simulator.handle(
      new Request("https://api.forge.example/v1/x", {
        headers: { accept: "application/vnd.forge+json", "x-token": token }
      })
    )
    assert.strictEqual(answer.status, 200)
    assert.strictEqual((await simulator.handle(apiRequest(token))).status, 401)
  })
})

describe("the live check", () => {
  it("accepts a live token, and rejects a dead one in the vendor's words", async () => {
    const { simulator, token } = await connected()
    assert.deepStrictEqual(await jsonOf(simulator.handle(checkRequest(token))), { ok: true })
    const rejected = await simulator.handle(checkRequest("x"))
    assert.strictEqual(rejected.status, 403)
    assert.deepStrictEqual(await jsonOf(rejected), { ok: false })
    assert.strictEqual(simulator.count("forge", "check"), 2)
    assert.deepStrictEqual(problems(simulator), [])
  })

  for (const [what, change, problem] of [
    ["another method", { method: "POST" }, "the method is POST, not GET"],
    ["a body", { method: "POST", body: "x" }, "the body is not empty"],
    ["another query", { url: "/v1/ping?deep=2" }, "the query is another one, not ?deep=1"],
    ["no query", { url: "/v1/ping" }, "the query is empty, not ?deep=1"],
    ["one parameter more", { url: "/v1/ping?deep=1&x=1" }, "the query is another one"],
    ["no header of its own", { header: "no" }, "the header x-probe is no, not yes"]
  ] as const) {
    it(`with ${what} is refused, and not taken for some other call`, async () => {
      const { simulator, token } = await connected()
      const url = "url" in change ? change.url : "/v1/ping?deep=1"
      const header = "header" in change ? change.header : "yes"
      const answer = await simulator.handle(
        new Request(apiRequest(token, url, { "x-probe": header }), {
          ...("method" in change && { method: change.method }),
          ...("body" in change && { body: change.body })
        })
      )
      assert.include([400, 405], answer.status)
      assert.include(problems(simulator).join(), problem)
      assert.strictEqual(simulator.count("forge", "check"), 1)
    })
  }
})

describe("account and discovery", () => {
  it("are told with a live token", async () => {
    const { simulator, token } = await connected({
      discovery: { url: "https://api.forge.example/v1/sites", answer: [{ id: "{site}-1" }] }
    })
    assert.deepStrictEqual(await jsonOf(simulator.handle(apiRequest(token, "/v1/me"))), {
      id: 7,
      name: "Ann",
      at: "acme"
    })
    assert.deepStrictEqual(
      await jsonOf<unknown>(simulator.handle(apiRequest(token, "/v1/sites"))),
      [{ id: "acme-1" }]
    )
    assert.strictEqual((await simulator.handle(apiRequest("x", "/v1/me"))).status, 401)
    assert.strictEqual(simulator.count("forge", "account"), 2)
    assert.strictEqual(simulator.count("forge", "discovery"), 1)
  })

  it("may be the same request as the check, and count as both", async () => {
    const { simulator, token } = await connected({
      check: { url: "https://api.forge.example/v1/me", headers: undefined }
    })
    assert.strictEqual((await simulator.handle(apiRequest(token, "/v1/me"))).status, 200)
    assert.strictEqual(simulator.count("forge", "account"), 1)
    assert.strictEqual(simulator.count("forge", "check"), 1)
  })
})

describe("an API key", () => {
  const headers = { "x-key": "Key k-123", authorization: basic("k-123", "s:456") }
  const call = (changes: Readonly<Record<string, string>> = {}, query = "?region=eu") =>
    new Request(`https://api.eu.gauge.example/v1/things${query}`, {
      headers: { ...headers, ...changes }
    })
  const check = (
    changes: Readonly<Record<string, string>> = {},
    body = '{"variables":{},"query":"{me{id}}"}'
  ) =>
    new Request("https://api.eu.gauge.example/graphql?region=eu", {
      method: "POST",
      headers: { "content-type": "application/json", ...headers, ...changes },
      body
    })
  const simulate = (changes: Parameters<typeof gaugeFacts>[0] = {}) =>
    makeSimulator([gaugeFacts(changes)])

  it("is the samples, in each place that the vendor has for it", async () => {
    const simulator = simulate()
    assert.strictEqual((await simulator.handle(call())).status, 200)
    assert.deepStrictEqual(problems(simulator), [])
    assert.deepStrictEqual(simulator.fields("gauge"), {
      key: "k-123",
      secret: "s:456",
      region: "eu"
    })
  })

  for (const [what, request] of [
    ["another header", call({ "x-key": "Key other" })],
    ["another user name", call({ authorization: basic("other", "s:456") })],
    ["another password", call({ authorization: basic("k-123", "other") })],
    ["another parameter", call({}, "?region=us")]
  ] as const) {
    it(`with ${what} is not known, which is not a violation`, async () => {
      const simulator = simulate()
      assert.strictEqual((await simulator.handle(request)).status, 401)
      assert.deepStrictEqual(problems(simulator), [])
    })
  }

  for (const [what, request, problem] of [
    ["in another form", call({ "x-key": "k-123" }), "the header x-key is not Key {key}"],
    ["without Basic", call({ authorization: "x" }), "the username of Authorization: Basic"],
    ["without the parameter", call({}, ""), "the parameter region is missing"],
    ["with the parameter twice", call({}, "?region=eu&region=eu"), "the parameter region"]
  ] as const) {
    it(`${what} is refused`, async () => {
      const simulator = simulate()
      assert.strictEqual((await simulator.handle(request)).status, 401)
      assert.include(problems(simulator).join(), problem)
      assert.strictEqual(problems(simulator).join().includes("k-123"), false)
    })
  }

  it("is checked as the vendor says: JSON is compared as JSON", async () => {
    const simulator = simulate()
    assert.deepStrictEqual(await jsonOf(simulator.handle(check())), { data: { me: { id: "1" } } })
    assert.deepStrictEqual(await jsonOf(simulator.handle(check({ "x-key": "Key other" }))), {
      errors: [{ message: "no such key" }]
    })
    assert.deepStrictEqual(problems(simulator), [])
  })

  it("may ask for anything else of GraphQL's at the same URL, and for nothing that is none", async () => {
    const simulator = simulate()
    const other = await simulator.handle(check({}, '{"query":"{other}"}'))
    assert.deepStrictEqual(await jsonOf(other), { ok: true, path: "/graphql" })
    assert.strictEqual((await simulator.handle(check({}, "{}"))).status, 405)
    assert.strictEqual(
      (await simulator.handle(check({ "content-type": "text/plain" }, "x"))).status,
      405
    )
    assert.strictEqual(problems(simulator).length, 2)
  })

  it("is rejected everywhere once it was taken away", async () => {
    const simulator = simulate()
    simulator.end("gauge")
    assert.strictEqual((await simulator.handle(call())).status, 401)
    assert.property(await jsonOf(simulator.handle(check())), "errors")
  })

  it("has no grants to issue", () => {
    assert.throws(() => simulate().issue("gauge"), "gauge has no grants")
    assert.strictEqual(simulate().authType("gauge"), "api_key")
  })
})

describe("client credentials", () => {
  const facts = {
    credential: {
      headers: { "x-key": undefined, authorization: "Bearer {access_token}" },
      basic: undefined,
      query: undefined
    },
    clientCredentials: {
      url: "https://auth.{region}.gauge.example/token",
      clientAuthentication: ["client_secret_post"],
      grantType: "account_credentials",
      scope: "all.{region}",
      clientId: "{key}",
      clientSecret: "{secret}",
      parameters: { account: "{key}" },
      answer: { access_token: "{access_token}", expires_in: "{expires_in}" },
      lifetime: 60,
      refused: { status: 403, body: { error: "bad_key" } }
    }
  }
  const token = (changes: Readonly<Record<string, string | undefined>> = {}) =>
    new Request("https://auth.eu.gauge.example/token", {
      method: "POST",
      body: form({
        grant_type: "account_credentials",
        scope: "all.eu",
        account: "k-123",
        client_id: "k-123",
        client_secret: "s:456",
        ...changes
      })
    })
  const call = (value: unknown) =>
    new Request("https://api.eu.gauge.example/x", {
      headers: { authorization: `Bearer ${String(value)}` }
    })

  it("are exchanged for a token, which is good for the API as long as it lives", async () => {
    const simulator = makeSimulator([gaugeFacts(facts)])
    const tokens = await jsonOf(simulator.handle(token()))
    assert.strictEqual(tokens["expires_in"], 60)
    assert.strictEqual((await simulator.handle(call(tokens["access_token"]))).status, 200)
    simulator.advance(60)
    assert.strictEqual((await simulator.handle(call(tokens["access_token"]))).status, 401)
    assert.deepStrictEqual(problems(simulator), [])
  })

  it("that are wrong are refused in the vendor's words, which is not a violation", async () => {
    const simulator = makeSimulator([gaugeFacts(facts)])
    const answer = await simulator.handle(token({ client_secret: "other" }))
    assert.strictEqual(answer.status, 403)
    assert.deepStrictEqual(await jsonOf(answer), { error: "bad_key" })
    simulator.end("gauge")
    assert.strictEqual((await simulator.handle(token())).status, 403)
    assert.deepStrictEqual(problems(simulator), [])
  })

  for (const [what, changes, problem] of [
    ["another grant_type", { grant_type: "client_credentials" }, "grant_type is not"],
    ["no scope", { scope: undefined }, "scope is not all.eu"],
    ["no parameter", { account: undefined }, "account is not k-123"],
    ["one more parameter", { extra: "1" }, "the vendor knows no parameter extra"],
    ["no secret", { client_secret: undefined }, "authenticates by none"]
  ] as const) {
    it(`with ${what} are refused`, async () => {
      const simulator = makeSimulator([gaugeFacts(facts)])
      assert.include([400, 401], (await simulator.handle(token(changes))).status)
      assert.include(problems(simulator).join(), problem)
    })
  }
})

describe("what is remembered", () => {
  it("are the last 200 requests, as they came", async () => {
    const { simulator, token } = await connected()
    for (let times = 0; times < 210; times++)
      await simulator.handle(apiRequest(token, `/v1/${times}`))
    assert.strictEqual(simulator.requests.length, 200)
    const { body, headers, ...last } = simulator.requests.at(-1) ?? {}
    assert.deepStrictEqual(last, {
      provider: "forge",
      kinds: ["api"],
      method: "GET",
      url: "https://api.forge.example/v1/209",
      status: 200
    })
    assert.strictEqual(headers?.["authorization"], `Bearer ${token}`)
    assert.strictEqual(body, "")
  })

  it("tells which provider is not there", () => {
    assert.throws(() => simulateForge().count("gauge", "api"), "without the provider gauge")
  })
})
