import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { decodeProviderDefinition } from "@hawser/core"
import { forge, gauge } from "./support/host.ts"

const messageOf = (data: unknown) =>
  Effect.map(Effect.flip(decodeProviderDefinition(data, "forge.json")), ({ message }) => message)

const oauth2 = (changes: Readonly<Record<string, unknown>>) => ({
  ...forge.definition,
  ...changes
})
const key = (changes: Readonly<Record<string, unknown>>) => ({ ...gauge.definition, ...changes })
const without = (name: string) =>
  Object.fromEntries(Object.entries(forge.definition).filter(([member]) => member !== name))

describe("a definition that is wrong", () => {
  const messages: ReadonlyArray<readonly [string, unknown, string]> = [
    [
      "a typo",
      oauth2({ scopeSeperator: "," }),
      "forge.json: scopeSeperator is not a member of an OAuth2 definition. Did you mean scopeSeparator?"
    ],
    [
      "a typo in capitals",
      oauth2({ ISSUER: "https://forge.example" }),
      "forge.json: ISSUER is not a member of an OAuth2 definition. Did you mean issuer?"
    ],
    [
      "a typo in a required member, once",
      { ...without("tokenEndpoint"), tokenEndpiont: "https://forge.example/token" },
      "forge.json: tokenEndpiont is not a member of an OAuth2 definition. Did you mean tokenEndpoint?"
    ],
    [
      "a member like no other",
      oauth2({ colour: "red" }),
      "forge.json: colour is not a member of an OAuth2 definition."
    ],
    [
      "a member of the other kind",
      key({ tokenEndpoint: "https://gauge.example/token" }),
      "forge.json: tokenEndpoint is not a member of an API-key definition."
    ],
    [
      "a typo further in",
      oauth2({ check: { url: "https://forge.example/me", acceptedStatuses: [200] } }),
      "forge.json: check.acceptedStatuses is not a member of check. Did you mean check.acceptedStatus?"
    ],
    [
      "a typo in a list",
      key({ fields: [{ name: "api_key", label: "Key", requierd: true }] }),
      "forge.json: fields.0.requierd is not a member of fields.0. Did you mean fields.0.required?"
    ],
    [
      "a typo where a member has several forms",
      oauth2({
        account: { from: "request", url: "https://forge.example/me", id: ["id"], lable: ["name"] }
      }),
      "forge.json: account.lable is not a member of account. Did you mean account.label?"
    ],
    [
      "a typo in a test of a body",
      oauth2({
        check: { url: "https://forge.example/me", acceptedBody: { path: ["ok"], equal: true } }
      }),
      "forge.json: check.acceptedBody.equal is not a member of check.acceptedBody. Did you mean check.acceptedBody.equals?"
    ],
    [
      "a typo in a capture",
      oauth2({ captures: { realm: { from: "callback", parametr: "realmId" } } }),
      "forge.json: captures.realm.parametr is not a member of captures.realm. Did you mean captures.realm.parameter?"
    ],
    ["a member that is missing", without("category"), "forge.json: category is missing."],
    [
      "a wrong type",
      oauth2({ defaultScopes: "repo" }),
      "forge.json: defaultScopes: expected array."
    ],
    [
      "a word of another list",
      oauth2({ scopeSeparator: "|" }),
      'forge.json: scopeSeparator: expected " " | "," | ";".'
    ],
    [
      "a kind that there is not",
      oauth2({ authType: "oauth1" }),
      'forge.json: authType: expected "oauth2" | "api_key".'
    ],
    ["no kind", { id: "forge" }, 'forge.json: authType: expected "oauth2" | "api_key".'],
    ["nothing", null, 'forge.json: authType: expected "oauth2" | "api_key".'],
    [
      "an http URL",
      oauth2({ tokenEndpoint: "http://forge.example/token" }),
      "forge.json: tokenEndpoint: expected an https URL (http only on loopback), with no user name, password or fragment."
    ],
    [
      "an http URL further in",
      oauth2({ revocation: { endpoint: "http://forge.example/revoke", ends: "token" } }),
      "forge.json: revocation.endpoint: expected an https URL (http only on loopback), with no user name, password or fragment."
    ],
    [
      "an unknown placeholder",
      oauth2({ api: { baseUrl: "https://{region}.api.forge.example" } }),
      "forge.json: api.baseUrl: {region} is not the name of a field."
    ],
    [
      "an unknown placeholder in a parameter",
      oauth2({ authorizationParameters: { audience: "{tenant}" } }),
      "forge.json: authorizationParameters.audience: {tenant} is not the name of a field."
    ],
    [
      "a placeholder where none may be",
      oauth2({
        fields: [{ name: "site", label: "Site", secret: false, choices: ["eu"] }],
        tokenRequest: { headers: { "Forge-Site": "{site}" } }
      }),
      "forge.json: tokenRequest.headers.Forge-Site: {site} is not the name of a field."
    ],
    [
      "two things",
      { ...without("category"), scopeSeperator: "," },
      "forge.json: scopeSeperator is not a member of an OAuth2 definition. Did you mean scopeSeparator? category is missing."
    ]
  ]
  for (const [what, data, expected] of messages) {
    it.effect(`by ${what} is told where`, () =>
      Effect.map(messageOf(data), (message) => assert.strictEqual(message, expected))
    )
  }

  it.effect("never has its own values quoted", () =>
    Effect.gen(function* () {
      for (const data of [
        oauth2({ tokenEndpoint: "http://canary.example" }),
        oauth2({ category: "canary" }),
        oauth2({ defaultScopes: ["canary", 7] })
      ])
        assert.notInclude(yield* messageOf(data), "canary")
    })
  )
})

describe("a definition that is right", () => {
  it.effect("is what was given", () =>
    Effect.gen(function* () {
      for (const definition of [forge.definition, gauge.definition])
        assert.deepStrictEqual(
          yield* decodeProviderDefinition(structuredClone(definition), "x"),
          definition
        )
    })
  )
})
