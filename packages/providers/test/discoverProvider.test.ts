import { assert, describe, it } from "@effect/vitest"
import { ConfigurationError, DiscoveryFailed, Egress, EgressError } from "@hawser/core"
import { Effect, Layer } from "effect"
import { inspect } from "node:util"
import { type DiscoveredDefinition, discoverProvider } from "../src/index.ts"

const issuer = "https://login.forge.example/tenant"
const described: DiscoveredDefinition = {
  id: "forge",
  displayName: "Forge",
  category: "code",
  description: "Anvils.",
  issuer,
  defaultScopes: []
}
const client = { clientId: "c", clientSecret: "canary-secret" }

const metadata = {
  issuer,
  authorization_endpoint: "https://login.forge.example/authorize",
  token_endpoint: "https://token.forge.example/token",
  code_challenge_methods_supported: ["plain", "S256"]
}

/** What is made of an answer; with where it was asked for. */
const discover = Effect.fnUntraced(function* (
  answer: Response | EgressError,
  changes: Partial<DiscoveredDefinition> = {},
  given: Parameters<typeof discoverProvider>[1] = client
) {
  const asked: Array<string> = []
  const egress = Layer.succeed(Egress, {
    request: ({ hosts, method, url }) => {
      asked.push(`${method} ${url.href}`)
      assert.deepStrictEqual(hosts, [url.host])
      return answer instanceof EgressError ? Effect.fail(answer) : Effect.succeed(answer)
    },
    open: () => Effect.die("metadata is small")
  })
  const result = yield* discoverProvider({ ...described, ...changes }, given).pipe(
    Effect.result,
    Effect.provide(egress)
  )
  return { asked, result }
})

const definitionOf = Effect.fnUntraced(function* (
  members: object,
  ...more: [Partial<DiscoveredDefinition>?, Parameters<typeof discoverProvider>[1]?]
) {
  const { result } = yield* discover(Response.json({ ...metadata, ...members }), ...more)
  return result._tag === "Success" ? result.success.definition : yield* Effect.fail(result.failure)
})

describe("a definition from metadata", () => {
  it.effect("has its endpoints, and what it says of iss and of pushed requests", () =>
    Effect.gen(function* () {
      const definition = yield* definitionOf({
        authorization_response_iss_parameter_supported: true,
        pushed_authorization_request_endpoint: "https://login.forge.example/par"
      })
      assert.deepInclude(definition, {
        issuer,
        authorizationEndpoint: metadata.authorization_endpoint,
        tokenEndpoint: metadata.token_endpoint,
        pushedAuthorizationRequestEndpoint: "https://login.forge.example/par",
        issParameterSupported: true,
        clientAuthentication: "client_secret_basic"
      })
      assert.notProperty(definition, "pkce")
    })
  )

  it.effect("says nothing that the metadata does not", () =>
    Effect.gen(function* () {
      const definition = yield* definitionOf({ code_challenge_methods_supported: undefined })
      assert.notProperty(definition, "issParameterSupported")
      assert.notProperty(definition, "pushedAuthorizationRequestEndpoint")
      // RFC 8414 leaves unsaid what a server supports: a challenge that it does not know does no harm.
      assert.notProperty(definition, "pkce")
    })
  )

  it.effect("authenticates the client in a way that the server offers", () =>
    Effect.gen(function* () {
      const methodOf = Effect.fnUntraced(function* (
        supported: ReadonlyArray<string>,
        ...more: [Partial<DiscoveredDefinition>?, Parameters<typeof discoverProvider>[1]?]
      ) {
        const definition = yield* definitionOf(
          { token_endpoint_auth_methods_supported: supported },
          ...more
        )
        return definition.clientAuthentication
      })
      assert.strictEqual(
        yield* methodOf(["client_secret_post", "client_secret_basic"]),
        "client_secret_basic"
      )
      assert.strictEqual(yield* methodOf(["client_secret_post"]), "client_secret_post")
      assert.strictEqual(
        yield* methodOf(
          ["private_key_jwt"],
          {},
          {
            clientId: "c",
            clientAuthentication: { method: "private_key_jwt", alg: "ES256", privateKey: "…" }
          }
        ),
        "private_key_jwt"
      )
      assert.strictEqual(yield* methodOf(["x"], { clientAuthentication: "none" }), "none")
      const error = yield* Effect.flip(methodOf(["tls_client_auth"]))
      assert.include(error.message, "token_endpoint_auth_methods_supported")
    })
  )

  it.effect("is asked for once, where each specification puts it", () =>
    Effect.gen(function* () {
      for (const [document, url] of [
        [undefined, `${issuer}/.well-known/openid-configuration`],
        ["openid-configuration", `${issuer}/.well-known/openid-configuration`],
        [
          "oauth-authorization-server",
          "https://login.forge.example/.well-known/oauth-authorization-server/tenant"
        ]
      ] as const) {
        const { asked } = yield* discover(
          Response.json(metadata),
          document === undefined ? {} : { metadata: document }
        )
        assert.deepStrictEqual(asked, [`GET ${url}`])
      }
    })
  )
})

describe("metadata that cannot be used", () => {
  const status = (code: number) => new Response("canary-body", { status: code })
  const cases: ReadonlyArray<
    readonly [string, Response | EgressError | object, DiscoveryFailed["reason"], string?]
  > = [
    ["S-22 of another issuer", { issuer: "https://canary.example" }, "issuer_mismatch"],
    ["S-22 of an issuer with a slash more", { issuer: `${issuer}/` }, "issuer_mismatch"],
    ["S-22 of one with another spelling", { issuer: `${issuer}/../tenant` }, "issuer_mismatch"],
    ["S-22 of no issuer", { issuer: undefined }, "invalid_metadata"],
    ["without endpoints", { token_endpoint: undefined }, "invalid_metadata", "token_endpoint"],
    [
      "with a template for an endpoint",
      { authorization_endpoint: "https://forge.example/{canary}" },
      "invalid_metadata",
      "authorization_endpoint"
    ],
    [
      "with a list for an endpoint",
      { pushed_authorization_request_endpoint: ["https://canary.example"] },
      "invalid_metadata",
      "pushed_authorization_request_endpoint"
    ],
    [
      "S-16 with plain challenges only",
      { code_challenge_methods_supported: ["plain"] },
      "invalid_metadata",
      "S256"
    ],
    ["that is a page", new Response("<html>canary-body</html>"), "invalid_metadata"],
    ["that is not there", status(404), "not_found"],
    ["that is elsewhere", status(302), "not_found"],
    ["while the server is down", status(503), "unreachable"],
    [
      "that does not come",
      new EgressError({ reason: "timeout", host: "login.forge.example", sent: true }),
      "unreachable"
    ]
  ]
  for (const [what, answer, reason, word = ""] of cases) {
    it.effect(what, () =>
      Effect.gen(function* () {
        const { result } = yield* discover(
          answer instanceof Response || answer instanceof EgressError
            ? answer
            : Response.json({ ...metadata, ...answer })
        )
        assert(result._tag === "Failure")
        assert.instanceOf(result.failure, DiscoveryFailed)
        assert.strictEqual(result.failure.reason, reason)
        assert.include(result.failure.message, issuer)
        assert.include(result.failure.message, word)
        assert.notInclude(inspect(result.failure, { depth: 20 }), "canary")
      })
    )
  }

  it.effect("with plain challenges is taken where the definition says why PKCE is off", () =>
    Effect.gen(function* () {
      const definition = yield* definitionOf(
        { code_challenge_methods_supported: ["plain"] },
        { pkce: { off: "It breaks." } }
      )
      assert.deepStrictEqual(definition.pkce, { off: "It breaks." })
    })
  )

  it.effect("S-28 that does not offer DPoP is refused where the host asks for it", () =>
    Effect.gen(function* () {
      const bound = { ...client, dpop: true }
      for (const supported of [undefined, [], ["EdDSA"], "ES256"]) {
        const members = { dpop_signing_alg_values_supported: supported }
        const error = yield* Effect.flip(definitionOf(members, {}, bound))
        assert.include(error.message, "dpop_signing_alg_values_supported")
      }
      const offered = { dpop_signing_alg_values_supported: ["EdDSA", "ES256"] }
      assert.strictEqual((yield* definitionOf(offered, {}, bound)).id, "forge")
    })
  )

  it.effect("over http is refused as a definition", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(
        definitionOf({ token_endpoint: "http://forge.example/token" })
      )
      assert.instanceOf(error, ConfigurationError)
      assert.include(error.message, "tokenEndpoint: ")
    })
  )

  for (const wrong of ["login.forge.example", `${issuer}?x`, `${issuer}#`, "https://{t}.example"]) {
    it.effect(`is not asked for where the issuer is ${wrong}`, () =>
      Effect.gen(function* () {
        const { asked, result } = yield* discover(Response.json(metadata), { issuer: wrong })
        assert.deepStrictEqual([asked, result._tag], [[], "Failure"])
      })
    )
  }
})
