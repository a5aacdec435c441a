import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import {
  configureProvider,
  CryptoLive,
  type Field,
  type OAuth2Definition,
  type OAuth2Provider,
  type ProviderConfig
} from "@hawser/core"
import { accepts } from "../../packages/core/src/provider/fields.ts"
import { renderUrl } from "../../packages/core/src/provider/renderUrl.ts"
import { checkedServer } from "../../packages/core/src/protocol/checkedServer.ts"
import { forge, gauge } from "./support/host.ts"
import { refusedBecause, vendor } from "./support/vendor.ts"

const base = "https://forge.example"
const sid: Field = { name: "sid", label: "Account", secret: false, pattern: "AC[0-9a-f]{4}" }
const at = (url: string, changes: Partial<OAuth2Definition> = {}): Partial<OAuth2Definition> => ({
  check: { url },
  ...changes
})

describe("S-62 what a tenant names in the path of a URL", () => {
  it.effect("is a field whose pattern keeps it within its segment", () =>
    Effect.gen(function* () {
      yield* vendor(at(`${base}/Accounts/{sid}.json`, { fields: [sid] }))
      for (const pattern of [
        ".*",
        ".+",
        "[^\\/]+",
        "\\S+",
        "[a-z.\\/]+",
        "[a-z.]+",
        "[a-f%0-9]+",
        "[^a]*",
        "a?",
        "[a-z\\/]+",
        "[a-z#]+",
        "[a-z?]+",
        "[a-z\\\\]+",
        "[^.\\/\\?#%\\\\]+",
        "[\\uff0e]+",
        "[a-z.;]{3}"
      ]) {
        const field = { ...sid, pattern }
        assert.include(
          yield* refusedBecause(at(`${base}/Accounts/{sid}.json`, { fields: [field] })),
          "check.url: {sid} stands in a URL and its pattern takes what ends a path",
          pattern
        )
      }
    })
  )

  it.effect("is not a field without pattern, list or format, and none that may be left out", () =>
    Effect.gen(function* () {
      const { pattern: _, ...free } = sid
      assert.include(
        yield* refusedBecause(at(`${base}/{sid}`, { fields: [free] })),
        "{sid} stands in a URL and has no list of choices, and no pattern either"
      )
      assert.include(
        yield* refusedBecause(at(`${base}/{sid}`, { fields: [{ ...sid, required: false }] })),
        "{sid} stands in a URL and may be left out"
      )
    })
  )

  it.effect("is not a pattern where the host stands, however strict", () =>
    Effect.map(refusedBecause(at("https://{sid}.forge.example/", { fields: [sid] })), (found) =>
      assert.include(found, "{sid} stands in a URL and has no list of choices")
    )
  )

  it("is encoded, and what stands in the host is not", () => {
    const hostile = "a/../b?c#d%2f\\ ü"
    assert.strictEqual(
      renderUrl("https://{h}/x/{p}?q={p}", { h: "acme.example:8443", p: hostile }),
      `https://acme.example:8443/x/${encodeURIComponent(hostile)}?q=${encodeURIComponent(hostile)}`
    )
    assert.strictEqual(
      new URL(renderUrl("https://h.example/{p}/me", { p: "a/b" })).pathname,
      "/a%2Fb/me"
    )
    assert.strictEqual(renderUrl("https://h.example/{later}", {}), "https://h.example/{later}")
  })
})

const host: Field = { name: "host", label: "Host", secret: false, format: "host" }

describe("S-63 a host that a tenant names as a whole", () => {
  const gaugeAt = (url: string, config: Partial<ProviderConfig> = {}) => {
    const { site: _, ...rest } = { site: undefined, ...gauge.definition }
    return {
      ...config,
      definition: {
        ...rest,
        fields: [{ name: "api_key", label: "API key" }, host],
        check: { url }
      }
    } as ProviderConfig
  }
  const problem = (config: ProviderConfig) =>
    configureProvider(config, { unsafelyAllowLoopback: false }).pipe(
      Effect.match({ onSuccess: () => "accepted", onFailure: ({ message }) => message }),
      Effect.provide(CryptoLive)
    )

  it.effect("is off until the host allows it", () =>
    Effect.gen(function* () {
      const url = "https://{host}/api/me"
      assert.match(
        yield* problem(gaugeAt(url)),
        /^providers\[gauge\]\.allowTenantHosts: The field host lets a tenant choose the host of check\.url\./
      )
      assert.include(yield* problem(gaugeAt(url, { allowTenantHosts: false })), "allowTenantHosts")
      assert.strictEqual(yield* problem(gaugeAt(url, { allowTenantHosts: true })), "accepted")
    })
  )

  it.effect("is the whole host or none of it", () =>
    Effect.gen(function* () {
      for (const url of [
        "https://api.{host}/me",
        "https://{host}.forge.example/me",
        "https://{host}:8443/me",
        "https://{host}{host}/me",
        "https://{host}.com/"
      ]) {
        assert.include(
          yield* problem(gaugeAt(url, { allowTenantHosts: true })),
          "{host} may stand only as the whole host",
          url
        )
      }
    })
  )

  it.effect("S-23 is never one where a client that all tenants share is used", () =>
    Effect.gen(function* () {
      const changes = { fields: [host] } as const
      const config = { allowTenantHosts: true }
      const url = "https://{host}/oauth"
      const places: ReadonlyArray<readonly [string, Partial<OAuth2Definition>]> = [
        ["authorizationEndpoint", { authorizationEndpoint: url }],
        ["tokenEndpoint", { tokenEndpoint: url }],
        ["pushedAuthorizationRequestEndpoint", { pushedAuthorizationRequestEndpoint: url }],
        ["issuer", { issuer: url }],
        ["refreshEndpoint", { refreshEndpoint: url }],
        ["introspection.endpoint", { introspection: { endpoint: url } }],
        [
          "tokenExchange.endpoint",
          { tokenExchange: { endpoint: url, parameters: { t: "{access_token}" } } }
        ],
        ["revocation.endpoint", { revocation: { endpoint: url, ends: "token" } }]
      ]
      for (const [member, place] of places) {
        assert.include(
          yield* refusedBecause({ ...changes, ...place }, config),
          `providers[forge].${member}: The field host lets a tenant choose the host`
        )
      }
    })
  )

  for (const good of [
    "grafana.acme.example",
    "a.bc",
    "grafana.acme.example:443",
    "grafana.acme.example:8443",
    "xn--bcher-kva.example",
    `${"a".repeat(63)}.example`
  ])
    it(`may be ${good}`, () => assert.isTrue(accepts(host, good)))

  for (const bad of [
    "example",
    "localhost",
    "x.localhost",
    "Grafana.acme.example",
    "grafana.acme.example.",
    ".acme.example",
    "grafana..example",
    "grafana.acme.example:80",
    "grafana.acme.example:8080",
    "grafana.acme.example:",
    "grafana.acme.example:443:443",
    "grafana.acme.example/",
    "grafana.acme.example/api",
    "grafana.acme.example?x",
    "grafana.acme.example#x",
    "user@grafana.acme.example",
    "https://grafana.acme.example",
    "grafana.acme.example\\@evil.example",
    "127.0.0.1",
    "1.1.1.1",
    "127.1",
    "0x7f.0.0.1",
    "a.0x7f",
    "a.1",
    "2130706433",
    "[::1]",
    "::1",
    "bücher.example",
    "grafana acme.example",
    "grafana%2eacme.example",
    "-a.example",
    "a-.example",
    "a_b.example",
    `${"a".repeat(64)}.example`,
    `${"a.".repeat(127)}example`,
    ""
  ])
    it(`is never ${JSON.stringify(bad).slice(0, 50)}`, () => assert.isFalse(accepts(host, bad)))
})

/** Below these anybody can have a host: two of registries, a wildcard of one, an unlisted top level, and private ones. */
const publicSuffixes = [
  "co.uk",
  "com.au",
  "kobe.jp",
  "foo.ck",
  "github.io",
  "azurewebsites.net",
  "vercel.app",
  "s3.amazonaws.com",
  "auth.us-east-1.amazoncognito.com"
]

describe("S-62 a label of a tenant's choice", () => {
  const tenant: Partial<OAuth2Definition> = {
    fields: [{ name: "shop", label: "Shop", secret: false, format: "subdomain" }]
  }

  for (const suffix of publicSuffixes) {
    it.effect(`may not stand below ${suffix}, where anybody can have a host`, () =>
      Effect.gen(function* () {
        const url = `https://{shop}.${suffix}/x`
        const refused = `{shop} stands below ${suffix}, where anybody can have a host`
        assert.include(
          yield* refusedBecause({ ...tenant, api: { baseUrl: url } }),
          `api.baseUrl: ${refused}`
        )
        assert.include(
          yield* refusedBecause({ ...tenant, api: { baseUrl: `https://{shop}.${suffix}:8443` } }),
          `api.baseUrl: ${refused}`
        )
        assert.include(
          yield* refusedBecause({ ...tenant, account: { from: "request", url, id: ["id"] } }),
          `account.url: ${refused}`
        )
        const api = { ...gauge.definition, api: { baseUrl: `https://{shop}.${suffix}` } }
        const fields = [...gauge.definition.fields, ...(tenant.fields ?? [])] as const
        const error = yield* Effect.flip(
          configureProvider({ definition: { ...api, fields } }, { unsafelyAllowLoopback: false })
        )
        assert.include(error.message, refused)
      }).pipe(Effect.provide(CryptoLive))
    )

    it.effect(`S-23 and no client that all tenants share is used below ${suffix}`, () =>
      Effect.gen(function* () {
        for (const member of ["authorizationEndpoint", "tokenEndpoint", "refreshEndpoint"]) {
          assert.include(
            yield* refusedBecause({ ...tenant, [member]: `https://{shop}.${suffix}/x` }),
            `providers[forge].${member}: The field shop lets a tenant choose the host`
          )
        }
      })
    )
  }

  for (const name of ["zendesk.com", "my.salesforce.com", "acme.co.uk", "acme.github.io"]) {
    it.effect(`may stand below ${name}, which somebody has registered`, () =>
      vendor({ ...tenant, api: { baseUrl: `https://{shop}.${name}` } })
    )
  }

  it.effect(
    "S-62 may stand before one of a list of names, each of which somebody has registered",
    () =>
      Effect.gen(function* () {
        const on = (...choices: [string, ...Array<string>]): Partial<OAuth2Definition> => ({
          fields: [
            { name: "shop", label: "Shop", secret: false, format: "subdomain" },
            { name: "domain", label: "Domain", secret: false, choices }
          ],
          tokenEndpoint: "https://{shop}.{domain}/token"
        })
        yield* vendor(on("forge.example", "my.forge.example"))
        assert.include(
          yield* refusedBecause(on("forge.example", "github.io")),
          "providers[forge].tokenEndpoint: The field shop lets a tenant choose the host"
        )
        assert.include(
          yield* refusedBecause({
            ...on("forge.example"),
            tokenEndpoint: "https://{domain}.{shop}/x"
          }),
          "shop"
        )
      })
  )

  it.effect("may stand below myshopify.com, whose hosts are all Shopify's", () =>
    vendor({ ...tenant, tokenEndpoint: "https://{shop}.myshopify.com/token" })
  )
})

describe("S-66 what a vendor returns, in a URL", () => {
  const captures = (capture: object) =>
    ({
      captures: { place: { from: "token_response", path: ["place"], ...capture } }
    }) as Partial<OAuth2Definition>
  const hostBelow = { hostBelow: [".forge.example"] }

  const accepted: ReadonlyArray<readonly [string, object]> = [
    ["https://{place}/me", hostBelow],
    [`${base}/at/{place}`, hostBelow],
    [`${base}/at/{place}`, { pattern: "[a-z]+" }]
  ]
  for (const [url, capture] of accepted) {
    it.effect(`may stand in ${url} with ${JSON.stringify(capture)}`, () =>
      Effect.gen(function* () {
        yield* vendor(at(url, captures(capture)))
        yield* vendor({ api: { baseUrl: url }, ...captures(capture) })
        yield* vendor({ account: { from: "request", url, id: ["id"] }, ...captures(capture) })
        yield* vendor({ revocation: { endpoint: url, ends: "token" }, ...captures(capture) })
      })
    )
  }

  const refused: ReadonlyArray<readonly [string, object, string]> = [
    ["https://{place}/me", { pattern: "[a-z.]+" }, "stands in a host and has no hostBelow"],
    ["https://{place}.forge.example/me", hostBelow, "may stand only as the whole host"],
    ["https://api.{place}/me", hostBelow, "may stand only as the whole host"],
    [`${base}/{place}`, {}, "has no pattern that keeps it within its segment"],
    [`${base}/{place}`, { pattern: ".+" }, "has no pattern that keeps it within its segment"],
    [`${base}/{place}`, { pattern: "[a-z]+", required: false }, "may be left out"],
    ["https://{place}/me", { ...hostBelow, required: false }, "may be left out"],
    [base, { hostBelow: [".example"] }, "captures.place: hostBelow: .example is wider"],
    ...publicSuffixes.map(
      (suffix) =>
        [
          base,
          { hostBelow: [".forge.example", `.${suffix}`] },
          `captures.place: hostBelow: .${suffix} is wider`
        ] as const
    ),
    [base, { pattern: "[" }, "the pattern of capture place is not a regular expression"],
    [base, { sameAs: "shop" }, "captures.place: sameAs: shop is not the name of a field"],
    [base, { from: "request" }, "captures.place: there is no discovery to ask"],
    [base, { path: ["access_token"] }, "captures.place: a token may not be captured"],
    [base, { path: ["data", "refresh_token"] }, "captures.place: a token may not be captured"]
  ]
  for (const [url, capture, expected] of refused) {
    it.effect(`may not stand in ${url} with ${JSON.stringify(capture)}`, () =>
      Effect.map(refusedBecause(at(url, captures(capture))), (found) =>
        assert.include(found, expected)
      )
    )
  }

  const wrong: ReadonlyArray<readonly [Partial<OAuth2Definition>, string]> = [
    [
      {
        fields: [{ name: "place", label: "Place", secret: false, format: "subdomain" }],
        ...captures(hostBelow)
      },
      "place names more than one of the fields, captures and settings"
    ],
    [
      { captures: { client_id: { from: "callback", parameter: "id" } } },
      "client_id may not name a field, capture or setting"
    ],
    ...["code", "state", "iss", "error"].map(
      (parameter) =>
        [
          { captures: { place: { from: "callback", parameter } } },
          `captures.place: ${parameter} belongs to the protocol`
        ] as const
    ),
    [
      { codeParameter: "auth_code", captures: { a: { from: "callback", parameter: "auth_code" } } },
      "captures.a: auth_code belongs to the protocol"
    ],
    [
      {
        tokenResponse: { members: { access_token: ["key"] } },
        captures: { a: { from: "token_response", path: ["key"] } }
      },
      "captures.a: a token may not be captured"
    ],
    [{ discovery: { url: base } }, "discovery: no capture comes from it"],
    [
      {
        discovery: { url: `${base}/{place}` },
        captures: { place: { from: "request", path: ["id"], pattern: "[a-z]+" } }
      },
      "discovery.url: {place} comes in the answer to it"
    ],
    [
      { account: { from: "capture", name: "place" } },
      "account: place is not the name of a capture"
    ],
    [
      { account: { from: "capture", name: "place" }, ...captures({ required: false }) },
      "account: place may be left out"
    ],
    [
      {
        account: { from: "capture", name: "place" },
        captures: { place: { from: "callback", parameter: "place", pattern: "[0-9]+" } }
      },
      "account: {place} comes with the browser and is nowhere asked about"
    ],
    [
      { tokenEndpoint: "https://{place}/token", ...captures(hostBelow) },
      "tokenEndpoint: {place} is not the name"
    ],
    [
      { refreshEndpoint: "https://{place}/token", ...captures(hostBelow) },
      "refreshEndpoint: {place} is not the name"
    ],
    [
      { revocation: { endpoint: "https://{client_id}.forge.example/", ends: "token" } },
      "revocation.endpoint: {client_id} may not stand in a host"
    ]
  ]
  for (const [changes, expected] of wrong) {
    it.effect(`is not a definition: ${expected}`, () =>
      Effect.map(refusedBecause(changes), (found) => assert.include(found, expected))
    )
  }
})

describe("values of the host's own registration", () => {
  const settings = [
    { name: "app", label: "The app's name", pattern: "[a-z\\-]+" },
    { name: "agent", label: "User agent", pattern: ".+" }
  ] as const
  const definition = {
    settings,
    authorizationEndpoint: `${base}/apps/{app}/authorize`,
    apiHeaders: { "User-Agent": "{agent}" },
    tokenRequest: { headers: { "User-Agent": "{agent}" } }
  } as const
  const given = { app: "my-app", agent: "acme $& (x@acme.example)" }

  it.effect("stand in all templates from the start on", () =>
    Effect.gen(function* () {
      const provider: OAuth2Provider = yield* vendor(definition, { settings: given })
      assert.strictEqual(
        (yield* checkedServer(provider, {})).authorizationEndpoint,
        `${base}/apps/my-app/authorize`
      )
      assert.deepStrictEqual(provider.definition.apiHeaders, { "User-Agent": given.agent })
      assert.deepStrictEqual(provider.definition.tokenRequest?.headers, {
        "User-Agent": given.agent
      })
    })
  )

  const refused: ReadonlyArray<readonly [Readonly<Record<string, string>> | undefined, string]> = [
    [undefined, "providers[forge].settings.app: Set it: The app's name."],
    [{ app: "my-app" }, "providers[forge].settings.agent: Set it: User agent."],
    [{ ...given, app: "" }, "providers[forge].settings.app: Set it"],
    [{ ...given, app: "My App" }, "providers[forge].settings.app: It does not match [a-z\\-]+."],
    [{ ...given, app: "my-app/.." }, "settings.app: It does not match"],
    [{ ...given, agent: "a\r\nx: y" }, "settings.agent: It does not match"],
    [
      { ...given, agnet: "x" },
      "settings.agnet: The definition has no such setting. Did you mean agent?"
    ]
  ]
  for (const [values, expected] of refused) {
    it.effect(`are refused: ${expected}`, () =>
      Effect.map(
        refusedBecause(definition, values === undefined ? {} : { settings: values }),
        (found) => assert.include(found, expected)
      )
    )
  }

  it.effect("are none where the definition has none", () =>
    Effect.map(refusedBecause({}, { settings: { app: "x" } }), (found) =>
      assert.include(found, "settings.app: The definition has no such setting.")
    )
  )

  it.effect("cannot take the name of a field", () =>
    Effect.map(
      refusedBecause({ fields: [sid], settings: [{ name: "sid", label: "x", pattern: ".*" }] }),
      (found) => assert.include(found, "sid names more than one of")
    )
  )
})

it.effect("forge, as the other tests have it, is right", () =>
  Effect.map(vendor(), ({ id }) => assert.strictEqual(id, forge.definition.id))
)
