import { assert, describe, it } from "@effect/vitest"
import {
  configureProvider,
  CryptoLive,
  ProviderDefinition,
  ProviderId,
  type ProviderConfig
} from "@hawser/core"
import { Effect, Schema } from "effect"
import { generateKeyPairSync } from "node:crypto"
import { catalogIds, readFiles } from "../../../scripts/providers/catalog.ts"
import * as catalogue from "../src/index.ts"

const definitions = Object.entries(catalogue)
  .filter(([name]) => name.endsWith("Definition"))
  .map(([, definition]) => definition as ProviderDefinition)
  .toSorted((a, b) => (a.id < b.id ? -1 : 1))
const connectable = catalogIds().filter((id) => readFiles(id).definition !== undefined)
const client = { clientId: "client", clientSecret: "secret" }
const appPrivateKey = generateKeyPairSync("rsa", { modulusLength: 2048 })
  .privateKey.export({ type: "pkcs8", format: "pem" })
  .toString()

const configured = (config: ProviderConfig) =>
  configureProvider(config, { unsafelyAllowLoopback: false }).pipe(Effect.provide(CryptoLive))

/** Every text in a definition, wherever it stands. */
const textsIn = (value: unknown): ReadonlyArray<string> =>
  typeof value === "string"
    ? [value]
    : typeof value === "object" && value !== null
      ? Object.values(value).flatMap(textsIn)
      : []

const urlsOf = (definition: ProviderDefinition): ReadonlyArray<string> =>
  textsIn(definition).filter((text) => /^[a-z]+:\/\//.test(text))

/** The helper that makes a config of a definition. */
const helperOf = (id: string) => {
  const name = id.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
  return (catalogue as unknown as Record<string, (client: object) => ProviderConfig>)[name]
}

const idsWhere = (has: (definition: ProviderDefinition) => boolean): ReadonlyArray<string> =>
  definitions.filter(has).map(({ id }) => id)

describe("the catalogue", () => {
  it("has a definition for each provider whose facts it has, and at least 150", () => {
    assert.sameMembers(
      definitions.map(({ id }) => id as string),
      connectable
    )
    assert.isAtLeast(definitions.length, 150)
  })

  it("runs no code for at least 95% of its providers, and an auth kind of code for the rest", () => {
    const byCode = definitions.flatMap((one) =>
      one.authKind === undefined ? [] : [[one.id, one.authKind]]
    )
    assert.deepStrictEqual(byCode, [["github-app", "github_app"]])
    assert.isAtMost(byCode.length, definitions.length * 0.05)
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
  }

  it("S-16 providers with PKCE switched off, as reviewed, each with its reason", () => {
    const off = definitions.flatMap((one) =>
      one.authType === "oauth2" && one.pkce !== undefined ? [[one.id, one.pkce.off]] : []
    )
    assert.deepStrictEqual(off, [
      [
        "github-app",
        "GitHub begins the authorization itself after the installation, and takes no code_challenge along."
      ],
      [
        "linkedin",
        "LinkedIn has PKCE for native apps alone, at an address of its own, and refuses code_verifier beside a client secret."
      ],
      [
        "slack",
        "Slack has PKCE for apps that switch it on for good and are then public clients; for an app with a secret it documents none."
      ],
      [
        "slack-user",
        "Slack has PKCE for apps that switch it on for good and are then public clients; for an app with a secret it documents none."
      ],
      [
        "stripe-apps",
        "Stripe's API refuses parameters that it does not know, and its pages know no code_verifier."
      ]
    ])
  })

  it("S-32 providers whose key stands in a URL, as reviewed", () => {
    assert.deepStrictEqual(
      idsWhere((one) => one.authType === "api_key" && one.query !== undefined),
      []
    )
  })

  it("S-63 providers whose host the tenant names, off until the host allows it, as reviewed", () => {
    assert.deepStrictEqual(
      idsWhere(({ fields }) => (fields ?? []).some(({ format }) => format === "host")),
      ["auth0-management", "grafana", "jira-data-center", "woocommerce"]
    )
  })
})

describe("the helpers", () => {
  for (const id of connectable) {
    it.effect(`${id} is a provider that the programs can use`, () =>
      Effect.gen(function* () {
        const facts = readFiles(id).facts as {
          readonly authType: string
          readonly settings?: Readonly<Record<string, { readonly sample: string }>>
        }
        const settings = Object.fromEntries(
          Object.entries(facts.settings ?? {}).map(([name, { sample }]) => [name, sample])
        )
        const helper = helperOf(id)
        assert(helper !== undefined)
        const { definition } = helper({})
        const hosts = (definition.fields ?? []).some(({ format }) => format === "host")
        const options = { settings, ...(hosts && { allowTenantHosts: true }) }
        const registration = hosts
          ? { clientOf: async () => client }
          : { ...client, ...(id === "github-app" && { appPrivateKey }) }
        const provider = yield* configured(
          helper(facts.authType === "api_key" ? options : { ...options, ...registration })
        )
        assert.strictEqual(provider.id, ProviderId.make(id))
        assert.strictEqual(provider.authType, facts.authType)
      })
    )
  }

  it.effect("scopes of the host's take the place of the definition's", () =>
    Effect.gen(function* () {
      const provider = yield* configured(
        catalogue.github({ ...client, scopes: ["repo", "read:org"], requiredScopes: ["repo"] })
      )
      assert(provider.authType === "oauth2")
      assert.deepStrictEqual(provider.scopes, ["repo", "read:org"])
      assert.deepStrictEqual(provider.requiredScopes, ["repo"])
    })
  )

  it.effect("a missing client secret stops the start", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(
        configured(catalogue.github({ clientId: "client", clientSecret: "" }))
      )
      assert.strictEqual(error.message, "providers[github]: Set clientSecret.")
    })
  )
})
