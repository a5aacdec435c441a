import { assert, describe, it } from "@effect/vitest"
import {
  configureProvider,
  CryptoLive,
  ProviderDefinition,
  type ProviderConfig
} from "@hawser/core"
import { Effect, Schema } from "effect"
import * as catalogue from "../src/index.ts"

const { datadog, datadogDefinition, github, githubDefinition, pagerduty, pagerdutyApiKey } =
  catalogue
const { pagerdutyApiKeyDefinition, pagerdutyDefinition } = catalogue

const definitions: ReadonlyArray<ProviderDefinition> = [
  githubDefinition,
  datadogDefinition,
  pagerdutyDefinition,
  pagerdutyApiKeyDefinition
]
const client = { clientId: "client", clientSecret: "secret" }

const configured = (config: ProviderConfig) =>
  configureProvider(config, { unsafelyAllowLoopback: false }).pipe(Effect.provide(CryptoLive))

/** All URLs of a definition that something is sent to. */
const urlsOf = (definition: ProviderDefinition): ReadonlyArray<string> =>
  definition.authType === "oauth2"
    ? [definition.authorizationEndpoint, definition.tokenEndpoint]
    : [definition.check?.url ?? ""]

describe("the catalogue", () => {
  it("exports every definition that these tests look at, and no other", () => {
    const exported = Object.entries(catalogue).filter(([name]) => name.endsWith("Definition"))
    assert.sameMembers(
      exported.map(([, definition]) => definition),
      [...definitions]
    )
  })

  for (const definition of definitions) {
    it.effect(`${definition.id} is plain data that the closed schema takes`, () =>
      Effect.gen(function* () {
        const data: unknown = JSON.parse(JSON.stringify(definition))
        const decoded = yield* Schema.decodeUnknownEffect(ProviderDefinition, {
          onExcessProperty: "error"
        })(data)
        assert.deepStrictEqual(decoded, definition)
      })
    )

    it(`${definition.id} names the vendor's page on which it rests`, () => {
      assert.match(definition.docsUrl ?? "", /^https:/)
    })

    it(`S-29 ${definition.id} speaks https to hosts off this machine`, () => {
      for (const url of urlsOf(definition)) assert.match(url, /^https:\/\/(?!localhost|127\.|\[)/)
    })

    it(`S-32 ${definition.id} has no query in any of its URLs`, () => {
      for (const url of urlsOf(definition)) assert.notInclude(url, "?")
    })
  }

  it("S-16 providers with PKCE switched off, as reviewed: none", () => {
    const off = definitions
      .filter(({ authType }) => authType === "oauth2")
      .filter((one) => "pkce" in one)
    assert.deepStrictEqual(off, [])
  })

  it("S-32 providers whose key stands in a URL, as reviewed: none", () => {
    const inUrl = definitions.flatMap((definition) =>
      definition.authType === "oauth2"
        ? []
        : definition.fields
            .filter((field) => field.secret !== false)
            .filter((field) => urlsOf(definition).some((url) => url.includes(`{${field.name}}`)))
    )
    assert.deepStrictEqual(inUrl, [])
  })

  it("S-62 what a tenant may choose of a URL is an enumerated host of the vendor's", () => {
    for (const [definition, name, hosts] of [
      [
        datadogDefinition,
        "site",
        /^(?:[a-z0-9]+\.)?(?:datadoghq\.com|datadoghq\.eu|ddog-gov\.com)$/
      ],
      [pagerdutyApiKeyDefinition, "api_host", /^api\.(?:eu\.)?pagerduty\.com$/]
    ] as const) {
      const field = definition.fields.find((one) => one.name === name)
      for (const choice of field?.choices ?? [""]) assert.match(choice, hosts)
      assert.isTrue(field?.choices?.some((choice) => choice === field.default))
    }
  })
})

describe("the helpers", () => {
  for (const config of [github(client), datadog(), pagerduty(client), pagerdutyApiKey()]) {
    it.effect(`${config.definition.id} is a provider that the programs can use`, () =>
      Effect.gen(function* () {
        const provider = yield* configured(config)
        assert.strictEqual(provider.id, config.definition.id)
        assert.strictEqual(provider.authType, config.definition.authType)
      })
    )
  }

  it.effect("scopes of the host's take the place of the definition's", () =>
    Effect.gen(function* () {
      const provider = yield* configured(
        github({ ...client, scopes: ["repo", "read:org"], requiredScopes: ["repo"] })
      )
      assert(provider.authType === "oauth2")
      assert.deepStrictEqual(provider.scopes, ["repo", "read:org"])
      assert.deepStrictEqual(provider.requiredScopes, ["repo"])
    })
  )

  it.effect("a missing client secret stops the start", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(configured(github({ clientId: "client", clientSecret: "" })))
      assert.strictEqual(error.message, "providers[github]: Set clientSecret.")
    })
  )
})
