import { assert, describe, it } from "@effect/vitest"
import { makeSimulator } from "@hawser/testing/simulator"
import { SignJWT, exportJWK, generateKeyPair } from "jose"
import {
  apiRequest,
  basic,
  client,
  codeOf,
  form,
  jsonOf,
  problems,
  redirectUri,
  type RequestChanges,
  simulateForge,
  tokenRequest,
  tokensOf,
  verifier
} from "./support/client.ts"
import { forgeFacts } from "./support/facts.ts"

type Changes = Parameters<typeof simulateForge>[0]

describe("a token request", () => {
  it("is answered as the sample is, with values in place of its names", async () => {
    const simulator = simulateForge()
    const tokens = await tokensOf(simulator)
    const { access_token: access, refresh_token: refresh, ...others } = tokens
    assert.isString(access)
    assert.isString(refresh)
    assert.deepStrictEqual(others, {
      token_type: "bearer",
      scope: "read write",
      expires_in: 3600,
      account: { id: 7, name: "Ann" },
      url: "https://acme.forge.example/"
    } as never)
    assert.deepStrictEqual(problems(simulator), [])
    assert.strictEqual(simulator.count("forge", "token"), 1)
  })

  const broken: ReadonlyArray<
    readonly [what: string, status: number, RequestChanges, problem: string, Changes?]
  > = [
    ["by GET", 404, { method: "GET" }, "the method is GET, not POST"],
    [
      "at another path",
      404,
      { url: "https://acme.forge.example/token/" },
      "the vendor has nothing at https://acme.forge.example/token/"
    ],
    [
      "with a query",
      404,
      { url: "https://acme.forge.example/token?a=1" },
      "the query of /token is not the vendor's"
    ],
    ["as plain text", 400, { headers: { "content-type": "text/plain" } }, "the body is text/plain"],
    [
      "in a form, where the vendor wants JSON",
      400,
      {},
      "not application/json",
      { token: { encoding: "json" } }
    ],
    [
      "in JSON, where the vendor wants a form",
      400,
      { headers: { "content-type": "application/json" }, body: "{}" },
      "not application/x-www-form-urlencoded"
    ],
    [
      "in JSON with a number",
      400,
      { headers: { "content-type": "application/json" }, body: '{"code":1}' },
      "code is not a string",
      { token: { encoding: "json" } }
    ],
    ["without a header", 400, { headers: { accept: undefined } }, "the header accept is missing"],
    [
      "with another media type",
      400,
      { headers: { accept: "*/*" } },
      "the header accept is */*, not application/json"
    ],
    ["without grant_type", 400, { fields: { grant_type: undefined } }, "grant_type is not"],
    ["with another grant_type", 400, { fields: { grant_type: "x" } }, "grant_type is not"],
    ["without a code", 400, { fields: { code: undefined } }, "code is missing"],
    [
      "without redirect_uri",
      400,
      { fields: { redirect_uri: undefined } },
      "redirect_uri is missing"
    ],
    [
      "with a redirect_uri that the vendor refuses",
      400,
      {},
      "the vendor knows no parameter redirect_uri",
      { token: { redirectUri: "refused" } }
    ],
    ["without a parameter", 400, { fields: { audience: undefined } }, "audience is not api.acme"],
    ["with another value", 400, { fields: { audience: "api" } }, "audience is not api.acme"],
    ["with a refused parameter", 400, { fields: { scope: "read" } }, "scope is there"],
    ["with an unknown parameter", 400, { fields: { extra: "1" } }, "knows no parameter extra"],
    ["with a parameter twice", 400, { fields: { code: ["a", "b"] } }, "code is there twice"],
    [
      "without client",
      401,
      { headers: { authorization: undefined } },
      "authenticates by none, and the vendor takes client_secret_basic"
    ],
    [
      "with another secret",
      401,
      { headers: { authorization: basic("the+client", "other") } },
      "the client or its secret is not the registered one"
    ],
    [
      "with a secret that was not encoded",
      401,
      { headers: { authorization: basic("the+client", client.clientSecret) } },
      "the client or its secret is not the registered one"
    ],
    [
      "with the secret in the body",
      401,
      {
        headers: { authorization: undefined },
        fields: { client_id: client.clientId, client_secret: client.clientSecret }
      },
      "authenticates by client_secret_post, and the vendor takes client_secret_basic"
    ],
    [
      "with the secret as Basic, where the vendor wants it in the body",
      401,
      {},
      "authenticates by client_secret_basic, and the vendor takes client_secret_post",
      { token: { clientAuthentication: ["client_secret_post"] } }
    ],
    [
      "with two methods at once",
      401,
      { fields: { client_id: client.clientId, client_secret: client.clientSecret } },
      "two client authentications at once: client_secret_basic, client_secret_post",
      { token: { clientAuthentication: ["client_secret_basic", "client_secret_post"] } }
    ],
    ["with two client ids", 401, { fields: { client_id: "other" } }, "two client ids at once"],
    [
      "with a bearer token",
      401,
      { headers: { authorization: "Bearer x" } },
      "the header authorization is not client authentication"
    ],
    [
      "without a secret from a client that is not public",
      401,
      { headers: { authorization: undefined }, fields: { client_id: "other" } },
      "the client is not registered",
      { token: { clientAuthentication: ["none"] } }
    ]
  ]
  for (const [what, status, request, problem, changes] of broken) {
    it(`${what} is refused`, async () => {
      const simulator = simulateForge(changes)
      const answer = await simulator.handle(tokenRequest(await codeOf(simulator), request))
      assert.strictEqual(answer.status, status)
      assert.include(problems(simulator).join("\n"), problem)
      assert.deepStrictEqual(simulator.liveTokens("forge"), [])
    })
  }

  /** Refused in the vendor's own words: what is wrong is the code, or what belongs to it. */
  const refused: ReadonlyArray<
    readonly [what: string, RequestChanges, problem: string | undefined, Changes?]
  > = [
    ["an unknown code", { fields: { code: "x" } }, undefined],
    [
      "another redirect_uri",
      { fields: { redirect_uri: "https://app.example/callback" } },
      "redirect_uri is not that of the authorization request"
    ],
    [
      "another verifier",
      { fields: { code_verifier: `${verifier}x` } },
      "code_verifier is not that of the challenge"
    ],
    [
      "no verifier",
      { fields: { code_verifier: undefined } },
      "code_verifier is not that of the challenge"
    ],
    [
      "another verifier, where PKCE is only supported",
      { fields: { code_verifier: "x" } },
      "code_verifier is not that of the challenge",
      { authorize: { pkce: "supported" } }
    ]
  ]
  for (const [what, request, problem, changes] of refused) {
    it(`with ${what} is refused in the vendor's words`, async () => {
      const simulator = simulateForge(changes)
      const answer = await simulator.handle(tokenRequest(await codeOf(simulator), request))
      assert.strictEqual(answer.status, 400)
      assert.deepStrictEqual(await jsonOf(answer), {
        error: "invalid_grant",
        error_description: "No."
      })
      assert.deepStrictEqual(problems(simulator), problem === undefined ? [] : [problem])
    })
  }

  it("with a verifier for a code without challenge is refused", async () => {
    const simulator = simulateForge({ authorize: { pkce: "supported" } })
    const code = await codeOf(simulator, {
      code_challenge: undefined,
      code_challenge_method: undefined
    })
    const answer = await simulator.handle(tokenRequest(code))
    assert.strictEqual(answer.status, 400)
    assert.include(problems(simulator), "code_verifier is there, and no challenge was")
  })

  it("needs no verifier where PKCE is ignored", async () => {
    const simulator = simulateForge({ authorize: { pkce: "ignored" } })
    const request = tokenRequest(await codeOf(simulator), { fields: { code_verifier: undefined } })
    assert.strictEqual((await simulator.handle(request)).status, 200)
  })

  it("with a code that was used ends what was issued for it", async () => {
    const simulator = simulateForge()
    const code = await codeOf(simulator)
    const { access_token: access } = await jsonOf(simulator.handle(tokenRequest(code)))
    assert.strictEqual((await simulator.handle(apiRequest(String(access)))).status, 200)
    assert.strictEqual((await simulator.handle(tokenRequest(code))).status, 400)
    assert.include(problems(simulator).join(), "the code was used before")
    assert.strictEqual((await simulator.handle(apiRequest(String(access)))).status, 401)
  })

  it("with a code of another client is refused", async () => {
    const simulator = simulateForge()
    const other = simulator.register("forge", { redirectUris: [redirectUri] })
    const code = await codeOf(simulator, { client_id: other.clientId })
    assert.strictEqual((await simulator.handle(tokenRequest(code))).status, 400)
    assert.include(problems(simulator), "the code was issued to another client")
  })

  it("with a code that is too old is refused", async () => {
    const simulator = simulateForge()
    const code = await codeOf(simulator)
    simulator.advance(600)
    assert.strictEqual((await simulator.handle(tokenRequest(code))).status, 400)
  })

  const methods: ReadonlyArray<readonly [method: string, RequestChanges]> = [
    ["client_secret_basic", {}],
    [
      "client_secret_post",
      {
        headers: { authorization: undefined },
        fields: { client_id: client.clientId, client_secret: client.clientSecret }
      }
    ],
    ["secret_basic", { headers: { authorization: basic("sk_test_1", "") } }],
    ["none", { headers: { authorization: undefined }, fields: { client_id: client.clientId } }]
  ]
  for (const [method, request] of methods) {
    it(`is taken by ${method}, where the vendor has it`, async () => {
      const simulator = simulateForge({ token: { clientAuthentication: [method] } })
      // A vendor that takes the secret alone takes it as it is.
      if (method === "secret_basic")
        simulator.register("forge", {
          ...client,
          clientSecret: "sk_test_1",
          redirectUris: [redirectUri]
        })
      const answer = await simulator.handle(tokenRequest(await codeOf(simulator), request))
      assert.strictEqual(answer.status, 200)
      assert.deepStrictEqual(problems(simulator), [])
    })
  }

  it("is taken in JSON, by the vendor's own names", async () => {
    const simulator = simulateForge({
      authorize: { names: { client_id: "client_key", code: "auth_code" } },
      token: {
        clientAuthentication: ["client_secret_post"],
        encoding: "json",
        redirectUri: "refused",
        refuses: ["grant_type"]
      }
    })
    const code = await codeOf(simulator, { client_id: undefined, client_key: client.clientId })
    const answer = await simulator.handle(
      tokenRequest("", {
        headers: { authorization: undefined, "content-type": "application/json; charset=utf-8" },
        body: JSON.stringify({
          auth_code: code,
          code_verifier: verifier,
          audience: "api.acme",
          client_key: client.clientId,
          client_secret: client.clientSecret
        })
      })
    )
    assert.deepStrictEqual(problems(simulator), [])
    assert.strictEqual(answer.status, 200)
  })

  it("is answered in a form, where the vendor has it so", async () => {
    const simulator = simulateForge({ token: { answerType: "form" } })
    const answer = await simulator.handle(tokenRequest(await codeOf(simulator)))
    assert.strictEqual(answer.headers.get("content-type"), "application/x-www-form-urlencoded")
    const fields = new URLSearchParams(await answer.text())
    assert.strictEqual(fields.get("expires_in"), "3600")
    assert.strictEqual(fields.get("account"), '{"id":7,"name":"Ann"}')
  })

  it("tells scopes by the vendor's separator, instants, and no lifetime where there is none", async () => {
    const simulator = simulateForge(
      {
        authorize: {
          scopeSeparator: ",",
          userScopes: { parameter: "user_scope", scopes: ["chat", "dm"], defaultScopes: [] }
        },
        token: {
          scopeSeparator: ";",
          lifetime: 60,
          answer: { user: "{user_scope}", ends: "{expires_at}", at: "{now}", ms: "{now}000" }
        }
      },
      { now: () => 1_000_000 }
    )
    const tokens = await tokensOf(simulator, { scope: "read,write", user_scope: "chat,dm" })
    assert.include(tokens as unknown as Record<string, unknown>, {
      scope: "read;write",
      user: "chat;dm",
      ends: "1970-01-01T00:17:40.000Z",
      at: 1000,
      ms: "1000000"
    })
    const lasting = await tokensOf(simulateForge({ token: { lifetime: null } }))
    assert.notProperty(lasting, "expires_in")
  })
})

describe("a client that signs assertions", () => {
  const signed = async (
    changes: Readonly<Record<string, unknown>> = {},
    key?: CryptoKey
  ): Promise<{ readonly answer: Response; readonly problems: ReadonlyArray<string> }> => {
    const { privateKey, publicKey } = await generateKeyPair("ES256")
    const simulator = makeSimulator([
      forgeFacts({ token: { clientAuthentication: ["private_key_jwt"] } })
    ])
    simulator.register("forge", {
      clientId: client.clientId,
      clientSecret: undefined,
      publicKey: await exportJWK(publicKey),
      redirectUris: [redirectUri]
    })
    const assertion = await new SignJWT({
      iss: client.clientId,
      sub: client.clientId,
      aud: "https://forge.example",
      exp: Math.floor(Date.now() / 1000) + 60,
      ...changes
    })
      .setProtectedHeader({ alg: "ES256" })
      .sign(key ?? privateKey)
    const answer = await simulator.handle(
      tokenRequest(await codeOf(simulator), {
        headers: { authorization: undefined },
        fields: {
          client_id: client.clientId,
          client_assertion: assertion,
          client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        }
      })
    )
    return { answer, problems: problems(simulator) }
  }

  it("is taken with one for this server, or for its endpoint", async () => {
    for (const aud of ["https://forge.example", "https://acme.forge.example/token"])
      assert.deepStrictEqual((await signed({ aud })).problems, [])
  })

  for (const [what, changes, problem] of [
    ["for another server", { aud: "https://other.example" }, "audience"],
    [
      "for several servers",
      { aud: ["https://forge.example", "https://other.example"] },
      "audience"
    ],
    ["about another client", { sub: "other" }, "subject"],
    ["that is over", { exp: 1 }, "is over"],
    ["of another client", { iss: "other" }, "two client ids"]
  ] as const) {
    it(`is refused with one ${what}`, async () => {
      const { answer, problems } = await signed(changes)
      assert.strictEqual(answer.status, 401)
      assert.include(problems.join(), problem)
    })
  }

  it("is refused with one of another key", async () => {
    const { problems } = await signed({}, (await generateKeyPair("ES256")).privateKey)
    assert.deepStrictEqual(problems, ["the assertion is not signed with the registered key"])
  })
})

describe("an ID token", () => {
  it("has issuer, audience, nonce and the account's claims", async () => {
    const simulator = simulateForge({
      openid: true,
      token: { answer: { id_token: "{id_token}" } },
      account: { claims: { email: "ann@forge.example" } }
    })
    const tokens = await tokensOf(simulator, { nonce: "the nonce" })
    const idToken = String((tokens as unknown as Record<string, unknown>)["id_token"])
    const claims: unknown = JSON.parse(
      Buffer.from(idToken.split(".")[1] ?? "", "base64url").toString()
    )
    assert.include(claims as Record<string, unknown>, {
      iss: "https://forge.example",
      aud: client.clientId,
      nonce: "the nonce",
      sub: "7",
      email: "ann@forge.example"
    })
  })
})

describe("a token exchange", () => {
  const exchanging = {
    tokenExchange: {
      url: "https://acme.forge.example/exchange",
      parameters: { token: "{access_token}", id: "{client_id}", secret: "{client_secret}" },
      answer: { access_token: "{access_token}" },
      lifetime: 86_400
    }
  }
  const exchange = (token: string, changes: Readonly<Record<string, string>> = {}) =>
    new Request("https://acme.forge.example/exchange", {
      method: "POST",
      body: form({ token, id: client.clientId, secret: client.clientSecret, ...changes })
    })

  it("gives the token that is used: the first one is good for nothing else", async () => {
    const simulator = simulateForge(exchanging)
    const { access_token: first } = await tokensOf(simulator)
    assert.strictEqual((await simulator.handle(apiRequest(first))).status, 401)
    const { access_token: second } = await jsonOf(simulator.handle(exchange(first)))
    assert.strictEqual((await simulator.handle(apiRequest(String(second)))).status, 200)
    assert.deepStrictEqual(problems(simulator), [])
  })

  it("may have the URL of the token endpoint", async () => {
    const url = "https://acme.forge.example/token"
    const simulator = simulateForge({ tokenExchange: { ...exchanging.tokenExchange, url } })
    const { access_token: first } = await tokensOf(simulator)
    const answer = await simulator.handle(new Request(url, exchange(first)))
    assert.strictEqual(answer.status, 200)
    assert.strictEqual(simulator.count("forge", "exchange"), 1)
  })

  for (const [what, changes, problem] of [
    ["another secret", { secret: "x" }, "the client's secret is not the registered one"],
    ["another client", { id: "x" }, "the client is not registered"],
    ["an unknown parameter", { grant_type: "x" }, "the vendor knows no parameter grant_type"]
  ] as const) {
    it(`with ${what} is refused`, async () => {
      const simulator = simulateForge(exchanging)
      const { access_token: first } = await tokensOf(simulator)
      assert.strictEqual((await simulator.handle(exchange(first, changes))).status, 400)
      assert.include(problems(simulator), problem)
    })
  }
})
