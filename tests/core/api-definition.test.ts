import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import {
  type ApiKeyDefinition,
  configureProvider,
  CryptoLive,
  type OAuth2Definition,
  storeCredentials
} from "@hawser/core"
import { ann, forge, gauge, makeHost, provider } from "./support/host.ts"

const oauth2 = (changes: Partial<OAuth2Definition>) => ({
  ...forge,
  definition: { ...forge.definition, ...changes }
})

const key = (changes: Partial<ApiKeyDefinition>) => ({
  definition: { ...gauge.definition, ...changes }
})

/** Client credentials that are exchanged for a token. */
const exchanged = {
  tokenEndpoint: "https://gauge.example/token",
  clientId: "{site}",
  clientSecret: "{api_key}",
  clientAuthentication: "client_secret_post"
} as const

const api = { baseUrl: "https://api.forge.example" }
const subdomain = { name: "sub", label: "Subdomain", secret: false, format: "subdomain" } as const

const problem = (config: Parameters<typeof configureProvider>[0]) =>
  configureProvider(config, { unsafelyAllowLoopback: false }).pipe(
    Effect.match({ onSuccess: () => undefined, onFailure: (error) => error.problem }),
    Effect.provide(CryptoLive)
  )

describe("S-40 where a definition says that the API is", () => {
  const refused: ReadonlyArray<readonly [string, Parameters<typeof configureProvider>[0], string]> =
    [
      ["no https", oauth2({ api: { baseUrl: "http://api.forge.example" } }), "https URL"],
      ["a user name", oauth2({ api: { baseUrl: "https://u@api.forge.example" } }), "https URL"],
      ["a query", oauth2({ api: { baseUrl: "https://api.forge.example?a=1" } }), "without a query"],
      ["this machine", oauth2({ api: { baseUrl: "https://127.0.0.1" } }), "on this machine"],
      [
        "another one that is this machine",
        oauth2({ api: { ...api, hosts: ["localhost:1"] } }),
        "on this machine"
      ],
      ["a host with a path", oauth2({ api: { ...api, hosts: ["a.example/x"] } }), "host name"],
      ["a host in upper case", oauth2({ api: { ...api, hosts: ["A.example"] } }), "host name"],
      ["a host with a dot at its end", oauth2({ api: { ...api, hosts: ["a.example."] } }), "host"],
      ["a host with a user", oauth2({ api: { ...api, hosts: ["u@a.example"] } }), "host name"],
      [
        "a host with the default port",
        oauth2({ api: { ...api, hosts: ["a.example:443"] } }),
        "host"
      ],
      [
        "a host with a template",
        oauth2({ api: { ...api, hosts: ["{sub}.example"] } }),
        "host name"
      ],
      ["an unknown field", oauth2({ api: { baseUrl: "https://{x}.forge.example" } }), "{x} is not"],
      [
        "more hosts than the tenant's own",
        oauth2({
          fields: [subdomain],
          api: { baseUrl: "https://{sub}.forge.example", hosts: ["a.example"] }
        }),
        "beside a host of the tenant's own"
      ],
      [
        "a subdomain before nothing fixed",
        oauth2({ fields: [subdomain], api: { baseUrl: "https://{sub}.example" } }),
        "may stand only where a host begins"
      ],
      [
        "a secret",
        key({ api: { baseUrl: "https://api.gauge.example/{api_key}" } }),
        "stands in a URL and is a secret"
      ]
    ]
  for (const [what, config, expected] of refused) {
    it.effect(`is refused with ${what}`, () =>
      Effect.map(problem(config), (found) => assert.include(found ?? "accepted", expected))
    )
  }
})

describe("how a definition says that requests carry a credential", () => {
  const refused: ReadonlyArray<readonly [string, Parameters<typeof configureProvider>[0], string]> =
    [
      [
        "without the access token",
        oauth2({ tokenHeader: { name: "x-token", template: "Bearer" } }),
        "tokenHeader must hold {access_token}"
      ],
      [
        "with the access token twice",
        oauth2({ tokenHeader: { name: "x-token", template: "{access_token}{access_token}" } }),
        "tokenHeader must hold {access_token}"
      ],
      [
        "with anything beside the access token",
        oauth2({ tokenHeader: { name: "x-token", template: "{access_token}{x}" } }),
        "{x} is not the name of a field"
      ],
      [
        "with its header among those of each request",
        oauth2({ apiHeaders: { Authorization: "Basic x" } }),
        "authorization is set twice"
      ],
      [
        "twice under one name",
        key({
          headers: { Authorization: "{api_key}" },
          basic: { username: "{api_key}", password: "" }
        }),
        "authorization is set twice"
      ],
      ...(
        [
          [{ parameters: { client_secret: "x" } }, "parameters may not set client_secret"],
          [{ parameters: { client_assertion: "x" } }, "parameters may not set client_assertion"],
          [{ parameters: { scope: "x" } }, "parameters may not set scope"],
          [
            { parameterNames: { client_id: "app" }, parameters: { app: "x" } },
            "parameters may not set app"
          ],
          [{ headers: { Authorization: "Basic eDp5" } }, "headers may not set Authorization"]
        ] as const
      ).map(
        ([changes, expected]) =>
          [
            `S-32 exchanged with a second proof: ${expected}`,
            key({ clientCredentials: { ...exchanged, ...changes } }),
            `clientCredentials.${expected}`
          ] as const
      ),
      ["nowhere", key({ headers: { "x-site": "{site}" } }), "carries a secret field"],
      [
        "of an unknown field",
        key({ basic: { username: "{api_key}", password: "{x}" } }),
        "{x} is not the name of a field"
      ],
      ["of an unknown field in the URL", key({ query: { key: "{x}" } }), "{x} is not the name"]
    ]
  for (const [what, config, expected] of refused) {
    it.effect(`is refused ${what}`, () =>
      Effect.map(problem(config), (found) => assert.include(found ?? "accepted", expected))
    )
  }

  it.effect(
    "is what the check of a new key uses too: basic, query and the API's own headers",
    () => {
      const { headers: _, ...definition } = gauge.definition
      const host = makeHost({
        providers: [
          {
            definition: {
              ...definition,
              apiHeaders: { "Gauge-Version": "7" },
              basic: { username: "ü", password: "{api_key}" },
              query: { key: "{api_key}&" }
            }
          }
        ],
        answer: () => new Response()
      })
      return Effect.gen(function* () {
        yield* storeCredentials(ann, yield* provider("gauge"), {
          credentials: { api_key: "good-key" }
        })
        const [sent] = host.sent
        assert(sent !== undefined)
        assert.strictEqual(sent.url.search, "?key=good-key%26")
        assert.strictEqual(sent.headers["gauge-version"], "7")
        assert.strictEqual(
          sent.headers["authorization"],
          `Basic ${Buffer.from("ü:good-key").toString("base64")}`
        )
      }).pipe(Effect.provide(host.layer))
    }
  )
})
