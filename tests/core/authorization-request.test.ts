import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import type { OAuth2Definition } from "@hawser/core"
import { authorizationUrl, refusedBecause, validate, vendor } from "./support/vendor.ts"

const site = { name: "site", label: "Site", secret: false, choices: ["eu", "us & more"] } as const

const searchOf = (changes: Partial<OAuth2Definition>) =>
  Effect.gen(function* () {
    return new URL(yield* authorizationUrl(yield* vendor(changes), { site: "us & more" }))
      .searchParams
  })

describe("what a vendor wants of an authorization request otherwise", () => {
  it.effect("parameters of its own, with the tenant's fields in them", () =>
    Effect.gen(function* () {
      const parameters = yield* searchOf({
        fields: [site],
        authorizationParameters: { audience: "api", region: "in {site}" }
      })
      assert.strictEqual(parameters.get("audience"), "api")
      assert.strictEqual(parameters.get("region"), "in us & more")
    })
  )

  it.effect("S-32 once each, whatever the definition says of the same", () =>
    Effect.gen(function* () {
      const provider = yield* vendor(
        {
          authorizationEndpoint: "https://forge.example/authorize?client_id=theirs",
          responseMode: "form_post",
          authorizationParameters: { response_mode: "fragment", resource: "https://theirs.example" }
        },
        { resource: ["https://api.forge.example"] }
      )
      const { searchParams } = new URL(yield* authorizationUrl(provider))
      assert.deepStrictEqual(searchParams.getAll("response_mode"), ["form_post"])
      assert.deepStrictEqual(searchParams.getAll("resource"), ["https://api.forge.example"])
      assert.deepStrictEqual(searchParams.getAll("client_id"), ["forge-client"])
    })
  )

  it.effect("all parameters in the fragment, behind the query of the endpoint", () =>
    Effect.gen(function* () {
      const provider = yield* vendor({
        authorizationEndpoint: "https://forge.example/authorize?app=7",
        authorizationParametersIn: "fragment"
      })
      const url = new URL(yield* authorizationUrl(provider))
      assert.strictEqual(url.search, "?app=7")
      const parameters = new URLSearchParams(url.hash.slice(1))
      assert.strictEqual(parameters.get("state"), "the-state")
      assert.strictEqual(parameters.get("scope"), "repo user")
      assert.isFalse(parameters.has("app"))
    })
  )

  it.effect("a space as %20 instead of +", () =>
    Effect.gen(function* () {
      const plus = yield* authorizationUrl(yield* vendor())
      assert.include(plus, "scope=repo+user")
      const provider = yield* vendor({
        authorizationSpace: "%20",
        authorizationParameters: { sum: "1+1" }
      })
      const encoded = yield* authorizationUrl(provider)
      assert.include(encoded, "scope=repo%20user")
      assert.include(encoded, "sum=1%2B1")
    })
  )

  it.effect("no parameter that it refuses", () =>
    Effect.gen(function* () {
      const parameters = yield* searchOf({ authorizationOmits: ["response_type", "scope"] })
      assert.isFalse(parameters.has("response_type"))
      assert.isFalse(parameters.has("scope"))
      assert.strictEqual(parameters.get("client_id"), "forge-client")
    })
  )

  it.effect("another response type, of whose answer the code alone is taken", () =>
    Effect.gen(function* () {
      const parameters = yield* searchOf({ responseType: "code_and_more" })
      assert.strictEqual(parameters.get("response_type"), "code_and_more")
      const provider = yield* vendor({ responseType: "code_and_more" })
      const error = yield* Effect.flip(validate(provider, { code: "c", id_token: "x.y.z" }))
      assert.strictEqual(error.reason, "invalid_response")
    })
  )

  it.effect("its own names for the standard's parameters", () =>
    Effect.gen(function* () {
      const parameters = yield* searchOf({
        parameterNames: { client_id: "client_key", redirect_uri: "return_to", scope: "rights" }
      })
      assert.strictEqual(parameters.get("client_key"), "forge-client")
      assert.strictEqual(parameters.get("rights"), "repo user")
      assert.isTrue(parameters.has("return_to"))
      for (const name of ["client_id", "redirect_uri", "scope"])
        assert.isFalse(parameters.has(name), name)
    })
  )

  it.effect("scopes separated by semicolons", () =>
    Effect.gen(function* () {
      const parameters = yield* searchOf({ scopeSeparator: ";" })
      assert.strictEqual(parameters.get("scope"), "repo;user")
    })
  )

  it.effect("a second list of scopes: the definition's, the host's, or none", () =>
    Effect.gen(function* () {
      const definition = {
        scopeSeparator: ",",
        userScopes: { parameter: "user_scope", defaultScopes: ["read", "write"] }
      } as const
      const own = new URL(yield* authorizationUrl(yield* vendor(definition)))
      assert.strictEqual(own.searchParams.get("user_scope"), "read,write")
      const chosen = yield* vendor(definition, { userScopes: ["read"] })
      assert.strictEqual(
        new URL(yield* authorizationUrl(chosen)).searchParams.get("user_scope"),
        "read"
      )
      const none = yield* vendor(definition, { userScopes: [] })
      assert.isFalse(new URL(yield* authorizationUrl(none)).searchParams.has("user_scope"))
      assert.include(
        yield* refusedBecause({}, { userScopes: ["read"] }),
        "knows no second list of scopes"
      )
    })
  )

  it.effect("the code in a parameter of another name, once", () =>
    Effect.gen(function* () {
      const provider = yield* vendor({ codeParameter: "auth_code" })
      const { code } = yield* validate(provider, { auth_code: "abc", code: "other" })
      assert.strictEqual(Redacted.value(code), "abc")
      for (const parameters of [{ code: "abc" }, { auth_code: "" }]) {
        const error = yield* Effect.flip(validate(provider, parameters))
        assert.strictEqual(error.reason, "invalid_response")
      }
    })
  )
})

describe("S-32 parameters of a definition never stand in for the protocol's", () => {
  const refused: ReadonlyArray<readonly [string, Partial<OAuth2Definition>, string]> = [
    ...[
      "client_id",
      "client_secret",
      "client_assertion",
      "redirect_uri",
      "response_type",
      "scope",
      "state",
      "nonce",
      "code_challenge",
      "code_challenge_method",
      "request_uri"
    ].map(
      (name) =>
        [
          `authorizationParameters: ${name}`,
          { authorizationParameters: { [name]: "x" } },
          `authorizationParameters may not set ${name}`
        ] as const
    ),
    [
      "the vendor's own name for one",
      {
        parameterNames: { client_id: "client_key" },
        authorizationParameters: { client_key: "theirs" }
      },
      "authorizationParameters may not set client_key"
    ],
    [
      "reauthorization.parameters: scope",
      { reauthorization: { parameters: { scope: "x" } } },
      "reauthorization.parameters may not set scope"
    ],
    [
      "reauthorization.parameters: what authorizationParameters has",
      {
        authorizationParameters: { prompt: "consent" },
        reauthorization: { parameters: { prompt: "none" } }
      },
      "reauthorization.parameters may not set prompt"
    ],
    [
      "the parameter of user scopes",
      { userScopes: { parameter: "scope", defaultScopes: [] } },
      "userScopes.parameter may not be scope"
    ],
    [
      "a name that another has",
      { parameterNames: { scope: "client_id" } },
      "parameterNames.scope may not be client_id"
    ],
    [
      "a name that proves the client",
      { parameterNames: { code: "client_assertion" } },
      "parameterNames.code may not be client_assertion"
    ],
    [
      "a name of the state's",
      { parameterNames: { scope: "state" } },
      "parameterNames.scope may not be state"
    ],
    ["the code in the state", { codeParameter: "state" }, "codeParameter may not be state"]
  ]
  for (const [what, changes, expected] of refused) {
    it.effect(what, () =>
      Effect.map(refusedBecause(changes), (found) => assert.include(found, expected))
    )
  }
})
