import { assert, describe, it } from "@effect/vitest"
import {
  ConfigurationError,
  configureProvider,
  CryptoLive,
  hasTenantClients,
  type OAuth2ProviderConfig
} from "@hawser/core"
import { Effect } from "effect"
import { defineProvider } from "../src/index.ts"

const acme = {
  id: "acme",
  displayName: "Acme",
  category: "other",
  description: "Widgets.",
  authType: "api_key",
  fields: [{ name: "api_key", label: "API key" }],
  headers: { authorization: "Bearer {api_key}" },
  check: { url: "https://api.acme.example/me" }
} as const

const forge = {
  id: "forge",
  displayName: "Forge",
  category: "code",
  description: "Anvils.",
  authType: "oauth2",
  authorizationEndpoint: "https://forge.example/authorize",
  tokenEndpoint: "https://forge.example/token",
  clientAuthentication: "client_secret_basic",
  defaultScopes: []
} as const

const configured = (config: Parameters<typeof configureProvider>[0]) =>
  configureProvider(config, { unsafelyAllowLoopback: false }).pipe(Effect.provide(CryptoLive))

/** What a definition from a JSON file is refused with. */
const refusal = (definition: object): string => {
  try {
    defineProvider(definition as typeof acme)
  } catch (error) {
    assert.instanceOf(error, ConfigurationError)
    return error.message
  }
  return assert.fail("the definition was taken")
}

describe("a provider of the host's own", () => {
  it.effect("by API key is one that the programs can use", () =>
    Effect.gen(function* () {
      const provider = yield* configured(defineProvider(acme))
      // oxlint-disable-next-line typescript/no-misused-spread -- A definition is plain data.
      assert.deepStrictEqual({ ...provider.definition }, { ...acme, id: provider.id })
    })
  )

  it.effect("by OAuth2 is one that the programs can use", () =>
    Effect.gen(function* () {
      const client = {
        clientId: "c",
        clientSecret: "s",
        scopes: ["hammer"],
        requiredScopes: ["hammer"]
      }
      const provider = yield* configured(defineProvider(forge, client))
      assert(provider.authType === "oauth2" && !hasTenantClients(provider))
      assert.strictEqual(provider.client.clientId, "c")
      assert.deepStrictEqual(provider.scopes, ["hammer"])
    })
  )

  it.effect("by OAuth2 without a client stops the start and says what to set", () =>
    Effect.gen(function* () {
      const untyped = defineProvider as unknown as (definition: object) => OAuth2ProviderConfig
      const error = yield* Effect.flip(configured(untyped(forge)))
      assert.strictEqual(error.message, "providers[forge]: Set clientId.")
    })
  )

  for (const [what, definition, path] of [
    ["an unknown key", { ...acme, colour: "red" }, "colour"],
    ["a typo in a key", { ...acme, chekc: acme.check }, "chekc"],
    [
      "a typo in a field",
      { ...acme, fields: [{ name: "k", label: "K", requierd: true }] },
      "fields.0.requierd"
    ],
    [
      "a typo in the check",
      { ...acme, check: { ...acme.check, acceptedStatuses: [200] } },
      "check.acceptedStatuses"
    ],
    ["an http check", { ...acme, check: { url: "http://api.acme.example/me" } }, "check.url"],
    [
      "a URL with a password",
      { ...acme, check: { url: "https://u:p@acme.example/" } },
      "check.url"
    ],
    ["a header that is none", { ...acme, headers: { "x y": "{api_key}" } }, "headers.x y"],
    ["an unknown category", { ...acme, category: "widgets" }, "category"],
    ["a reserved id", { ...acme, id: "catalog" }, "id"],
    ["no fields", { ...acme, fields: [] }, "fields.0"],
    [
      "an http token endpoint",
      { ...forge, tokenEndpoint: "http://forge.example/token" },
      "tokenEndpoint"
    ],
    ["a key of the other kind", { ...forge, headers: {} }, "headers"],
    ["S-25 a password grant", { ...forge, grantType: "password" }, "grantType"],
    ["S-16 PKCE off without a reason", { ...forge, pkce: { off: "" } }, "pkce.off"],
    ["an auth type that does not exist", { ...forge, authType: "oauth1" }, "authType"]
  ] as const) {
    it(`with ${what} is refused, with the path named`, () => {
      const message = refusal(definition)
      assert.match(message, /^defineProvider\((?:acme|forge|catalog)\): /)
      assert.match(message, new RegExp(`: ${path.replaceAll(".", "\\.")}(?::| is)`))
    })
  }

  it("with two mistakes is refused with both", () => {
    const message = refusal({ ...acme, colour: "red", category: "widgets" })
    assert.include(message, "colour")
    assert.include(message, "category")
  })
})

describe("a host that a tenant chooses, with a client that all share", () => {
  const host = { name: "host", label: "Host", secret: false } as const
  const withHost = (changes: object) => ({ ...forge, fields: [host], ...changes })
  const label = { ...host, format: "subdomain" } as const
  const client = { clientId: "c", clientSecret: "canary-secret" }

  for (const [what, definition, member] of [
    ["is the token endpoint's", { tokenEndpoint: "https://{host}/oauth/token" }, "tokenEndpoint"],
    [
      "is the authorization endpoint's",
      { authorizationEndpoint: "https://{host}/authorize" },
      "authorizationEndpoint"
    ],
    ["is the issuer's", { issuer: "https://{host}" }, "issuer"],
    [
      "has a pattern",
      {
        fields: [{ ...host, pattern: "[a-z.]+" }],
        tokenEndpoint: "https://{host}/oauth/token"
      },
      "tokenEndpoint"
    ],
    [
      "is a label with nothing after it",
      { fields: [label], tokenEndpoint: "https://{host}/token" },
      "tokenEndpoint"
    ],
    [
      "is a label in a top-level domain",
      { fields: [label], tokenEndpoint: "https://{host}.example/token" },
      "tokenEndpoint"
    ],
    [
      "is a label after the vendor's",
      { fields: [label], tokenEndpoint: "https://login.forge.{host}/token" },
      "tokenEndpoint"
    ],
    [
      "stands without slashes",
      { fields: [label], tokenEndpoint: "https:{host}/token" },
      "tokenEndpoint"
    ],
    [
      "stands after backslashes",
      { fields: [label], tokenEndpoint: "https:\\\\{host}/token" },
      "tokenEndpoint"
    ],
    [
      "is a port",
      { fields: [label], tokenEndpoint: "https://forge.example.{host}:443/token" },
      "tokenEndpoint"
    ]
  ] as const) {
    it.effect(`S-23 is refused where it ${what}, with provider and field named`, () =>
      Effect.gen(function* () {
        const message = refusal(withHost(definition))
        assert.include(message, `defineProvider(forge).${member}: The field host lets a tenant`)
        assert.notInclude(message, "canary")
        // A definition that did not come through defineProvider stops the start.
        const error = yield* Effect.flip(
          configured({ ...client, definition: withHost(definition) } as never)
        )
        assert.instanceOf(error, ConfigurationError)
        assert.include(error.message, `providers[forge].${member}: The field host lets a tenant`)
      })
    )
  }

  it.effect("S-23 a label before the vendor's domain, or one of a list, is not such a host", () =>
    Effect.gen(function* () {
      const choices = ["eu.forge.example", "us.forge.example"] as const
      for (const definition of [
        { fields: [label], tokenEndpoint: "https://{host}.forge.example/token" },
        { fields: [{ ...host, choices }], tokenEndpoint: "https://{host}/token" }
      ])
        yield* configured(defineProvider({ ...forge, ...definition } as typeof forge, client))
    })
  )
})
