import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import type { OAuth2Definition, SecretUrl } from "@hawser/core"
import { tokenResponse } from "./support/host.ts"
import { ask, exchange, refresh, refusedBecause, revoke, vendor } from "./support/vendor.ts"

const site = { name: "site", label: "Site", secret: false, choices: ["eu", "us"] } as const
const basic = (text: string) => `Basic ${Buffer.from(text).toString("base64")}`

/** The one request of a code's exchange. */
const tokenRequest = Effect.fnUntraced(function* (changes: Partial<OAuth2Definition>) {
  const { result, sent } = yield* exchange(yield* vendor(changes), () => tokenResponse(), {
    fields: { site: "eu" }
  })
  assert.strictEqual(result._tag, "Success")
  const [request, ...others] = sent
  assert.deepStrictEqual(others, [])
  return request ?? assert.fail("nothing was sent")
})

const refreshRequest = Effect.fnUntraced(function* (changes: Partial<OAuth2Definition>) {
  const { sent } = yield* refresh(yield* vendor(changes), () => tokenResponse(), { site: "eu" })
  return sent[0] ?? assert.fail("nothing was sent")
})

describe("what a vendor wants of a token request otherwise", () => {
  it.effect("JSON, with headers and parameters of its own", () =>
    Effect.gen(function* () {
      const { headers, method, parameters } = yield* tokenRequest({
        fields: [site],
        tokenRequest: {
          encoding: "json",
          headers: { "Forge-Version": "7" },
          parameters: { expires_in: "3600", at: "{site}", id: "{client_id}" }
        }
      })
      assert.strictEqual(method, "POST")
      assert.strictEqual(headers["content-type"], "application/json")
      assert.strictEqual(headers["accept"], "application/json")
      assert.strictEqual(headers["forge-version"], "7")
      assert.deepInclude(parameters, {
        grant_type: "authorization_code",
        code: "canary-code",
        client_secret: "canary-client-secret",
        expires_in: "3600",
        at: "eu",
        id: "forge-client"
      })
    })
  )

  it.effect("nothing that it refuses, and its own names for the rest", () =>
    Effect.gen(function* () {
      const { parameters } = yield* tokenRequest({
        parameterNames: { client_id: "client_key", client_secret: "client_word" },
        tokenRequest: { omits: ["redirect_uri", "grant_type"] }
      })
      assert.hasAllKeys(parameters, ["code", "code_verifier", "client_key", "client_word"])
    })
  )

  it.effect("the secret alone as Basic's user name", () =>
    Effect.gen(function* () {
      const { headers, parameters } = yield* tokenRequest({ clientAuthentication: "secret_basic" })
      assert.strictEqual(headers["authorization"], basic("canary-client-secret:"))
      assert.notProperty(parameters, "client_secret")
      assert.notProperty(parameters, "client_id")
    })
  )
})

describe("what a vendor wants of a refresh otherwise", () => {
  it.effect("another encoding, headers, parameters, names and omissions than of the code", () =>
    Effect.gen(function* () {
      const { headers, parameters } = yield* refreshRequest({
        fields: [site],
        parameterNames: { refresh_token: "renewal" },
        refreshRequest: {
          encoding: "json",
          headers: { "Forge-Version": "8" },
          parameters: { at: "{site}" },
          omits: ["client_id"]
        }
      })
      assert.strictEqual(headers["content-type"], "application/json")
      assert.strictEqual(headers["forge-version"], "8")
      assert.deepStrictEqual(parameters, {
        at: "eu",
        grant_type: "refresh_token",
        renewal: "canary-old-token",
        client_secret: "canary-client-secret"
      })
    })
  )

  it.effect("the access token in place of a refresh token, and the new one the next time", () =>
    Effect.gen(function* () {
      const provider = yield* vendor({ refreshRequest: { uses: "access_token" } })
      const answer = () => tokenResponse({ access_token: "canary-next" })
      for (const { result } of [
        yield* exchange(provider, answer),
        yield* refresh(provider, answer)
      ]) {
        assert(result._tag === "Success")
        const { refreshToken } = result.success
        assert.strictEqual(refreshToken && Redacted.value(refreshToken), "canary-next")
      }
    })
  )
})

describe("S-32 each request proves the client by one method", () => {
  // Without a character that Basic form-encodes before it base64-encodes.
  const secret = "canarySecret"
  const methods = ["client_secret_basic", "client_secret_post", "secret_basic", "none"] as const
  for (const own of methods) {
    for (const other of [undefined, ...methods]) {
      it.effect(`${own}, and where another endpoint wants ${other ?? "the same"}`, () =>
        Effect.gen(function* () {
          const changes: Partial<OAuth2Definition> = {
            clientAuthentication: own,
            ...(other !== undefined && {
              refreshRequest: { clientAuthentication: other },
              revocation: {
                endpoint: "https://forge.example/revoke",
                ends: "token",
                clientAuthentication: other
              }
            })
          }
          const provider = yield* vendor(changes, { clientId: "forge", clientSecret: secret })
          const used = other ?? own
          const sent = [
            ...(yield* exchange(provider, () => tokenResponse())).sent.map(
              (request) => [request, own] as const
            ),
            ...(yield* refresh(provider, () => tokenResponse())).sent.map(
              (request) => [request, used] as const
            ),
            ...(yield* revoke(provider)).sent.map((request) => [request, used] as const)
          ]
          assert.isAtLeast(sent.length, 2)
          for (const [{ headers, parameters, url }, method] of sent) {
            assert.strictEqual(
              parameters["client_secret"],
              method === "client_secret_post" ? secret : undefined
            )
            assert.strictEqual(
              headers["authorization"],
              method === "client_secret_basic"
                ? basic(`forge:${secret}`)
                : method === "secret_basic"
                  ? basic(`${secret}:`)
                  : undefined
            )
            assert.notInclude(url, "canary")
          }
        })
      )
    }
  }

  it.effect("a secret that one endpoint wants must be there", () =>
    Effect.gen(function* () {
      const none = { clientSecret: undefined }
      const changes = { clientAuthentication: "none" } as const
      assert.strictEqual((yield* vendor(changes, none)).client.authentication.method, "none")
      assert.include(
        yield* refusedBecause(
          { ...changes, refreshRequest: { clientAuthentication: "client_secret_basic" } },
          none
        ),
        "Set clientSecret."
      )
    })
  )

  const revocation = { endpoint: "https://forge.example/revoke", ends: "token" } as const
  const refused: ReadonlyArray<readonly [Partial<OAuth2Definition>, string]> = [
    ...["client_secret", "client_assertion", "client_assertion_type", "client_id"].flatMap(
      (name) => {
        const parameters = { [name]: "x" }
        return [
          [{ tokenRequest: { parameters } }, `tokenRequest.parameters may not set ${name}`],
          [{ refreshRequest: { parameters } }, `refreshRequest.parameters may not set ${name}`],
          [
            { revocation: { ...revocation, parameters } },
            `revocation.parameters may not set ${name}`
          ]
        ] as const
      }
    ),
    ...["grant_type", "code", "redirect_uri", "code_verifier"].map(
      (name) =>
        [
          { tokenRequest: { parameters: { [name]: "x" } } },
          `tokenRequest.parameters may not set ${name}`
        ] as const
    ),
    [
      {
        parameterNames: { client_secret: "client_word" },
        tokenRequest: { parameters: { client_word: "x" } }
      },
      "tokenRequest.parameters may not set client_word"
    ],
    [
      {
        parameterNames: { grant_type: "kind" },
        refreshRequest: { parameters: { kind: "password" } }
      },
      "refreshRequest.parameters may not set kind"
    ],
    [
      { revocation: { ...revocation, tokenParameter: "client_secret" } },
      "revocation.tokenParameter may not be client_secret"
    ],
    [
      { tokenRequest: { headers: { Authorization: "Basic eDp5" } } },
      "tokenRequest.headers may not set Authorization"
    ],
    [{ refreshRequest: { headers: { DPoP: "x" } } }, "refreshRequest.headers may not set DPoP"],
    [
      { revocation: { ...revocation, headers: { Cookie: "x" } } },
      "revocation.headers may not set Cookie"
    ],
    [
      { check: { url: "https://forge.example/me", headers: { authorization: "x" } } },
      "check.headers may not set authorization"
    ],
    [
      {
        tokenHeader: { name: "X-Token", template: "{access_token}" },
        discovery: { url: "https://forge.example/me", headers: { "x-token": "x" } },
        captures: { a: { from: "request", path: ["a"] } }
      },
      "discovery.headers may not set x-token"
    ],
    [
      { tokenRequest: { clientAuthentication: "private_key_jwt" } },
      "tokenRequest.clientAuthentication: private_key_jwt"
    ]
  ]
  for (const [changes, expected] of refused) {
    it.effect(`a definition cannot say more: ${expected}`, () =>
      Effect.map(refusedBecause(changes), (found) => assert.include(found, expected))
    )
  }

  it.effect("the client's id may stand in the body beside Basic", () =>
    Effect.gen(function* () {
      const { headers, parameters } = yield* tokenRequest({
        clientAuthentication: "client_secret_basic",
        tokenRequest: { parameters: { client_id: "{client_id}" } }
      })
      assert.strictEqual(parameters["client_id"], "forge-client")
      assert.isString(headers["authorization"])
    })
  )
})

describe("a request with the access token", () => {
  it.effect("is a GET, or a POST with a body of the definition's", () =>
    Effect.gen(function* () {
      const provider = yield* vendor()
      const url = "https://forge.example/graphql" as SecretUrl
      const [get] = yield* ask(provider, { url })
      assert.deepInclude(get, { method: "GET", body: "" })
      const [post] = yield* ask(provider, {
        url,
        method: "POST",
        body: '{"query":"{viewer{id}}"}',
        headers: { "forge-version": "7" }
      })
      assert.deepInclude(post, { method: "POST", body: '{"query":"{viewer{id}}"}' })
      assert.deepStrictEqual(post?.headers, {
        accept: "application/json",
        "content-type": "application/json",
        "forge-version": "7",
        authorization: "Bearer canary-access-token"
      })
    })
  )

  it.effect("has the token in place of whatever header of that name was meant", () =>
    Effect.gen(function* () {
      const [sent] = yield* ask(yield* vendor(), {
        url: "https://forge.example/me" as SecretUrl,
        headers: { authorization: "Basic eDp5" }
      })
      assert.strictEqual(sent?.headers["authorization"], "Bearer canary-access-token")
    })
  )
})
