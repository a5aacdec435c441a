import { assert, describe, it } from "@effect/vitest"
import { Effect, Logger, Schema } from "effect"
import {
  CurrentEndpointLock,
  EndpointLock,
  endpointChanges,
  endpointsOf,
  type Field,
  lockEndpoints,
  type OAuth2Definition,
  type ProviderDefinition,
  registeredDomain,
  type SecurityEvent,
  SecurityLog,
  TenantId,
  UserId
} from "@hawser/core"
import {
  EndpointNotAllowed,
  reportingEndpoints,
  secretUrl,
  type SecretMember
} from "../../packages/core/src/provider/secretUrl.ts"
import { apiOrigins, apiTarget } from "../../packages/core/src/connection/apiTarget.ts"
import { publicSuffix } from "../../packages/core/src/provider/publicSuffix.ts"
import { mayClimb, pathReadings, urlBelow } from "../../packages/core/src/provider/urlBelow.ts"
import { checkUrls, tenantHost } from "../../packages/core/src/provider/urlChecks.ts"
import { forge } from "./support/host.ts"

const region: Field = {
  name: "region",
  label: "Region",
  secret: false,
  choices: ["us", "eu"],
  default: "us"
}
const shop: Field = { name: "shop", label: "Shop", secret: false, format: "subdomain" }
const sid: Field = { name: "sid", label: "Account", secret: false, pattern: "AC[0-9]{4}" }

const definition: OAuth2Definition = {
  ...forge.definition,
  fields: [sid, shop, region],
  captures: {
    cloud: { from: "request", path: ["id"], pattern: "[0-9a-f]{8}" },
    instance: {
      from: "token_response",
      path: ["instance"],
      hostBelow: [".forge.example", ".anvil.example"],
      pattern: "[a-z.]+",
      sameAs: "shop"
    }
  },
  revocation: { endpoint: "https://forge.example/revoke/{client_id}", ends: "token" },
  api: {
    baseUrl: "https://{region}.forge.example/{sid}/{cloud}",
    hosts: ["b.forge.example", "a.forge.example"]
  },
  check: { url: "https://{instance}/me" }
}

const stored = {
  region: "eu",
  shop: "acme",
  sid: "AC1234",
  cloud: "0123abcd",
  instance: "acme.forge.example"
}

const made = (
  member: SecretMember,
  {
    by,
    clientId,
    of = definition,
    values = stored
  }: {
    readonly by?: EndpointLock
    readonly clientId?: string
    readonly of?: ProviderDefinition
    readonly values?: Readonly<Record<string, string>>
  } = {}
) =>
  secretUrl(of, member, values, clientId).pipe(
    Effect.provideService(CurrentEndpointLock, by),
    Effect.match({ onFailure: () => "nothing", onSuccess: (url: string) => url })
  )

describe("S-105 a URL that a secret goes to", () => {
  it.effect("is rendered with the stored values, an absent one by the field's default", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* made("api.baseUrl"), "https://eu.forge.example/AC1234/0123abcd")
      const { region: _, ...others } = stored
      assert.strictEqual(
        yield* made("api.baseUrl", { values: others }),
        "https://us.forge.example/AC1234/0123abcd"
      )
      assert.strictEqual(yield* made("check.url"), "https://acme.forge.example/me")
      assert.strictEqual(
        yield* made("revocation.endpoint", { clientId: "a client" }),
        "https://forge.example/revoke/a%20client"
      )
    })
  )

  it.effect("is none where a value is not there, or the definition does not take it", () =>
    Effect.gen(function* () {
      for (const [member, values] of [
        ["api.baseUrl", { region: "eu", cloud: "0123abcd" }],
        ["api.baseUrl", { region: "eu", sid: "AC1234" }],
        ["api.baseUrl", { ...stored, region: "cn" }],
        ["api.baseUrl", { ...stored, sid: "AC12345" }],
        ["api.baseUrl", { ...stored, cloud: "../admin" }],
        ["check.url", { ...stored, instance: "acme.evil.example" }],
        // Not the one that the tenant has named.
        ["check.url", { ...stored, instance: "other.forge.example" }],
        // A host is kept as it is compared.
        ["check.url", { ...stored, instance: "https://acme.forge.example/x" }],
        // What the client id stands for comes from no row.
        ["revocation.endpoint", { ...stored, client_id: "evil" }]
      ] as const)
        assert.strictEqual(yield* made(member, { values }), "nothing", JSON.stringify(values))
    })
  )

  it.effect("the client's id stands for nothing else", () =>
    Effect.map(made("api.baseUrl", { values: {}, clientId: "client" }), (url) =>
      assert.strictEqual(url, "nothing")
    )
  )

  it.effect("is none where the definition has no template there, or no URL", () =>
    Effect.gen(function* () {
      const { api: _, check: __, ...bare } = definition
      assert.strictEqual(yield* made("api.baseUrl", { of: bare }), "nothing")
      assert.strictEqual(yield* made("check.url", { of: bare }), "nothing")
      for (const api of [null, "https://forge.example", { baseUrl: 1 }])
        assert.strictEqual(
          yield* made("api.baseUrl", { of: { ...definition, api } as never }),
          "nothing"
        )
      assert.strictEqual(
        yield* made("tokenEndpoint", { of: { ...definition, tokenEndpoint: "https://" } }),
        "nothing"
      )
      const { fields: _fields, captures: _captures, ...free } = definition
      assert.strictEqual(yield* made("api.baseUrl", { of: free }), "nothing")
      assert.strictEqual(yield* made("api.baseUrl", { of: free, values: {} }), "nothing")
    })
  )

  it.effect("is none that the lock has not approved, and names the member", () =>
    Effect.gen(function* () {
      const lock = lockEndpoints(undefined, [definition])
      assert.strictEqual(
        yield* made("api.baseUrl", { by: lock }),
        "https://eu.forge.example/AC1234/0123abcd"
      )
      assert.strictEqual(yield* made("tokenEndpoint", { by: lock }), definition.tokenEndpoint)
      const changed = (changes: Partial<OAuth2Definition>, member: SecretMember) =>
        made(member, { by: lock, of: { ...definition, ...changes } })
      const { captures = {} } = definition
      for (const [member, changes] of [
        ["tokenEndpoint", { tokenEndpoint: "https://evil.example/token" }],
        ["api.baseUrl", { api: { ...definition.api, baseUrl: "https://evil.example" } }],
        [
          "api.baseUrl",
          { api: { baseUrl: "https://{region}.forge.example/{sid}/{cloud}", hosts: ["evil"] } }
        ],
        ["api.baseUrl", { api: { baseUrl: "https://{region}.forge.example/{sid}/{cloud}" } }],
        ["api.baseUrl", { fields: [sid, shop, { ...region, choices: ["us", "eu", "cn"] }] }],
        ["api.baseUrl", { fields: [{ ...sid, pattern: "[^/]+" }, shop, region] }],
        [
          "api.baseUrl",
          {
            captures: {
              ...captures,
              cloud: { from: "request", path: ["id"], pattern: "[0-9a-f]+" }
            }
          }
        ],
        [
          "check.url",
          {
            captures: {
              ...captures,
              instance: {
                from: "token_response",
                path: ["instance"],
                hostBelow: [".forge.example", ".anvil.example", ".evil.example"]
              }
            }
          }
        ]
      ] as const)
        assert.strictEqual(yield* changed(changes, member), "nothing", JSON.stringify(changes))
      // The hosts of the API are those of its own URL alone, and their order decides nothing.
      assert.strictEqual(
        yield* changed({ api: { baseUrl: "https://other.forge.example" } }, "tokenEndpoint"),
        definition.tokenEndpoint
      )
      const hosts = ["a.forge.example", "b.forge.example"] as const
      assert.notStrictEqual(
        yield* changed(
          { api: { baseUrl: "https://{region}.forge.example/{sid}/{cloud}", hosts } },
          "api.baseUrl"
        ),
        "nothing"
      )
      assert.notStrictEqual(
        yield* changed(
          { fields: [sid, shop, { ...region, choices: ["eu", "us"] }] },
          "api.baseUrl"
        ),
        "nothing"
      )
      assert.strictEqual(
        yield* made("tokenEndpoint", { by: { version: 1, providers: {} } }),
        "nothing"
      )
      const refused = yield* secretUrl(definition, "tokenEndpoint", {}).pipe(
        Effect.provideService(CurrentEndpointLock, { version: 1, providers: {} }),
        Effect.flip
      )
      assert.include(refused.message, "Nothing was sent to forge")
      assert.include(refused.message, "tokenEndpoint")
    })
  )

  it.effect("that is refused is told once, with whose it is and never with a value", () =>
    Effect.gen(function* () {
      const told: Array<SecurityEvent> = []
      const lines: Array<unknown> = []
      const refused = new EndpointNotAllowed({ provider: definition.id, member: "check.url" })
      const tenantId = TenantId.make("acme")
      const telling = (
        who: Parameters<typeof reportingEndpoints>[0],
        error: EndpointNotAllowed | "another failure"
      ) =>
        Effect.fail(error).pipe(
          reportingEndpoints(who),
          Effect.provideService(SecurityLog, {
            report: (event) => Effect.sync(() => void told.push(event))
          }),
          Effect.provide(Logger.layer([Logger.make(({ message }) => void lines.push(message))])),
          Effect.flip
        )
      yield* telling({ tenantId }, refused)
      yield* telling({ tenantId, userId: UserId.make("ada") }, refused)
      yield* telling({ tenantId }, "another failure")
      const event = {
        type: "endpoint_not_allowed",
        tenantId,
        provider: "forge",
        reason: "check.url"
      }
      assert.deepStrictEqual(told, [event, { ...event, userId: "ada" }] as never)
      assert.deepStrictEqual(lines, [
        [refused.message, { provider: "forge", tenantId }],
        [refused.message, { provider: "forge", tenantId }]
      ])
    })
  )
})

describe("S-84 the lock of a definition", () => {
  it("has its URLs, the API's hosts, and what may stand in the URLs, each in order", () => {
    const endpoints = endpointsOf(definition)
    assert.deepStrictEqual(endpoints, {
      "api.baseUrl": "https://{region}.forge.example/{sid}/{cloud}",
      "api.hosts": ["a.forge.example", "b.forge.example"],
      authorizationEndpoint: definition.authorizationEndpoint,
      "check.url": "https://{instance}/me",
      "revocation.endpoint": "https://forge.example/revoke/{client_id}",
      tokenEndpoint: definition.tokenEndpoint,
      "{cloud}": ["[0-9a-f]{8}"],
      "{instance}": [".anvil.example", ".forge.example", "[a-z.]+", "same as {shop}"],
      "{region}": ["eu", "us"],
      "{sid}": ["AC[0-9]{4}"]
    })
    assert.deepStrictEqual(Object.keys(endpoints), Object.keys(endpoints).toSorted())
    const { fields: _, ...bare } = definition
    assert.notProperty(endpointsOf({ ...bare, captures: {} }), "{region}")
    const subdomain = { ...definition, tokenEndpoint: "https://{shop}.forge.example/token" }
    assert.deepStrictEqual(endpointsOf(subdomain)["{shop}"], ["subdomain"])
    const { api, ...withoutApi } = definition
    assert.notProperty(endpointsOf(withoutApi), "api.hosts")
    assert.notProperty(
      endpointsOf({ ...definition, api: { baseUrl: api?.baseUrl ?? "" } }),
      "api.hosts"
    )
    // Nothing is sent to a template that is not a URL.
    assert.notProperty(
      endpointsOf({ ...definition, apiHeaders: { "x-version": "1" } }),
      "apiHeaders.x-version"
    )
  })

  it("is read as it was written, and nothing else is", () => {
    const isLock = Schema.is(EndpointLock)
    assert.isTrue(isLock(lockEndpoints(undefined, [definition])))
    assert.isTrue(isLock({ version: 1, providers: {} }))
    for (const other of [
      {},
      { version: 2, providers: {} },
      { version: 1, providers: { forge: { tokenEndpoint: 1 } } },
      { version: 1, providers: { forge: { "{region}": [1] } } }
    ])
      assert.isFalse(isLock(other), JSON.stringify(other))
  })

  it("keeps the other providers, in order", () => {
    const first = lockEndpoints(undefined, [{ ...definition, id: "zeta" as never }])
    const both = lockEndpoints(first, [definition, { ...definition, id: "alpha" as never }])
    assert.deepStrictEqual(Object.keys(both.providers), ["alpha", "forge", "zeta"])
    assert.strictEqual(both.version, 1)
  })

  it("names each difference with both sides, and nothing that is the same", () => {
    const locked = endpointsOf(definition)
    assert.deepStrictEqual(endpointChanges(locked, definition), [])
    const { check: _, ...others } = definition
    const now: OAuth2Definition = {
      ...others,
      tokenEndpoint: "https://forge.example/v2/token",
      account: { from: "request", url: "https://forge.example/me", id: ["id"] },
      fields: [sid, shop, { ...region, choices: ["us", "eu", "cn"] }]
    }
    const provider = "forge"
    assert.deepStrictEqual(endpointChanges(locked, now), [
      { provider, member: "account.url", locked: undefined, found: "https://forge.example/me" },
      { provider, member: "check.url", locked: "https://{instance}/me", found: undefined },
      {
        provider,
        member: "tokenEndpoint",
        locked: definition.tokenEndpoint,
        found: "https://forge.example/v2/token"
      },
      {
        provider,
        member: "{instance}",
        locked: ".anvil.example, .forge.example, [a-z.]+, same as {shop}",
        found: undefined
      },
      { provider, member: "{region}", locked: "eu, us", found: "cn, eu, us" }
    ])
    // Names that every object has are none of a lock's.
    assert.deepStrictEqual(endpointChanges({ ...locked, toString: "x" }, definition), [
      { provider, member: "toString", locked: "x", found: undefined }
    ])
  })
})

describe("S-62 a public suffix", () => {
  it("is one by either section of the list, and no name that somebody registered", () => {
    for (const suffix of ["co.uk", "github.io", "com", "azurewebsites.net"])
      assert.strictEqual(publicSuffix(suffix), suffix)
    for (const host of ["forge.example", "acme.co.uk", "acme.github.io", "myshopify.com"])
      assert.isUndefined(publicSuffix(host))
    // Simulated vendors end there, and nothing else does.
    assert.isUndefined(publicSuffix("github.io.localhost"))
    assert.strictEqual(publicSuffix("localhost"), "localhost")
  })

  it("S-78 is what look-ups of one owner's names are counted below", () => {
    assert.strictEqual(registeredDomain("a.b.forge.example"), "forge.example")
    assert.strictEqual(registeredDomain("a.b.acme.co.uk"), "acme.co.uk")
    assert.strictEqual(registeredDomain("a.b.acme.github.io"), "acme.github.io")
    assert.strictEqual(registeredDomain("github.io"), "github.io")
  })
})

describe("S-40 a path below a base", () => {
  const base = new URL("https://forge.example/v2")
  const below = (path: string) => urlBelow(base, path)?.href

  it("is what stands below it, and nothing that could lead out", () => {
    assert.strictEqual(below("/users?x=1"), "https://forge.example/v2/users?x=1")
    assert.strictEqual(below("/a/../b"), "https://forge.example/v2/b")
    // `...` and a name that begins with dots are names.
    assert.strictEqual(below("/...a"), "https://forge.example/v2/...a")
    assert.strictEqual(below("/a..b"), "https://forge.example/v2/a..b")
    for (const path of [
      "users",
      "//x",
      "/../x",
      "/%2e%2e/x",
      "/a%2f..",
      "/..%2f",
      "/..;/x",
      "/\\x"
    ])
      assert.isUndefined(below(path), path)
  })

  it("climbs only by a whole segment, at its beginning or at its end", () => {
    for (const path of [
      "..",
      "../x",
      "/..",
      "/x/..",
      "x/../y",
      "x\\..",
      "/..?",
      "/..#",
      "/..\u0000",
      "/.. /x"
    ])
      assert.isTrue(mayClimb(path), path)
    for (const path of ["/a..", "/..a", "/a../b", "/x/..y/z", "/."])
      assert.isFalse(mayClimb(path), path)
  })

  it("is read with all its layers of escapes, five at most", () => {
    assert.deepStrictEqual(pathReadings("/a"), ["/a"])
    assert.deepStrictEqual(pathReadings("/%2561"), ["/%2561", "/%61", "/a"])
    // Escapes that are not UTF-8 stay as they are.
    assert.deepStrictEqual(pathReadings("/%ff"), ["/%ff"])
    assert.deepStrictEqual(pathReadings("/%ff%61"), ["/%ff%61"])
    const layers = (count: number) => `/%${"25".repeat(count)}61`
    assert.lengthOf(pathReadings(layers(3)) ?? [], 5)
    assert.isUndefined(pathReadings(layers(4)))
    assert.isTrue(mayClimb(layers(4)))
    assert.isUndefined(pathReadings("/%c0%ae"))
  })
})

describe("S-40 a call of an API", () => {
  const target = Effect.fnUntraced(function* (
    api: NonNullable<ProviderDefinition["api"]>,
    input: string
  ) {
    const found = apiTarget(yield* apiOrigins({ ...definition, api }, api, stored), input)
    return typeof found === "string" ? found : found.href
  })
  const plain = { baseUrl: "https://api.forge.example/v2", hosts: ["files.forge.example"] } as const

  it.effect("says what is wrong with its URL", () =>
    Effect.gen(function* () {
      for (const [input, reason] of [
        ["/../v1", "malformed"],
        ["users", "malformed"],
        ["javascript:https://api.forge.example/", "malformed"],
        ["https://evil.example/v2", "host"],
        ["https://files.forge.example.evil.example/", "host"],
        ["https://api.forge.example/v2/..%2fv1", "malformed"],
        // A caller's text in it may be checked for slashes and not for what a parser takes for them.
        ["https://api.forge.example/v2/a\\..\\..\\v1", "malformed"],
        ["https://api.forge.example/v2/.\t./v1", "malformed"]
      ] as const)
        assert.strictEqual(yield* target(plain, input), reason, input)
    })
  )

  it.effect("goes by the scheme of the API's own URL, to its further hosts too", () =>
    Effect.gen(function* () {
      const local = {
        baseUrl: "http://forge.localhost:4000/v2",
        hosts: ["files.localhost:4000"]
      } as const
      for (const url of ["http://forge.localhost:4000/v2/users", "http://files.localhost:4000/a"])
        assert.strictEqual(yield* target(local, url), url)
      assert.strictEqual(yield* target(local, "https://forge.localhost:4000/v2"), "host")
      assert.strictEqual(yield* target(plain, "http://files.forge.example/a"), "host")
    })
  )

  it.effect(
    "S-91 stays with the account whose id the vendor told, where that stands in the path",
    () =>
      Effect.gen(function* () {
        for (const baseUrl of [
          "https://api.forge.example/sites/{cloud}",
          "https://api.forge.example/sites/{cloud}/"
        ]) {
          const api = { ...plain, baseUrl }
          const of = (account: string) => `https://api.forge.example/sites/${account}/issues`
          assert.strictEqual(yield* target(api, of("0123abcd")), of("0123abcd"))
          assert.strictEqual(yield* target(api, of("4567cdef")), "account")
          assert.strictEqual(yield* target(api, of("0123abcd0")), "account")
          assert.strictEqual(yield* target(api, "https://api.forge.example/"), "account")
          // What stands at another host of the vendor's is not below an account.
          const file = "https://files.forge.example/a"
          assert.strictEqual(yield* target(api, file), file)
        }
      })
  )

  it.effect(
    "may go anywhere at a host that is the account's own, or below what a tenant said",
    () =>
      Effect.gen(function* () {
        for (const [baseUrl, url] of [
          ["https://{instance}/v2", "https://acme.forge.example/v1"],
          ["https://forge.example/{sid}", "https://forge.example/other"]
        ] as const)
          assert.strictEqual(yield* target({ baseUrl }, url), url)
      })
  )
})

describe("S-62 a value in a URL", () => {
  const problem = (changes: Partial<OAuth2Definition>) => {
    const { captures: _, fields: __, ...bare } = forge.definition as OAuth2Definition
    return checkUrls({ ...bare, ...changes })
  }
  const inPath = (field: Field) =>
    problem({ fields: [field], check: { url: `https://forge.example/{${field.name}}` } })
  const inHost = (field: Field, url = `https://{${field.name}}.forge.example/`) =>
    problem({ fields: [field], check: { url } })

  it("is not a secret, and not left out without a default", () => {
    const { secret: _, ...secret } = sid
    assert.strictEqual(inPath(secret), "check.url: {sid} stands in a URL and is a secret")
    assert.strictEqual(
      inPath({ ...sid, secret: true }),
      "check.url: {sid} stands in a URL and is a secret"
    )
    assert.strictEqual(
      inPath({ ...sid, required: false }),
      "check.url: {sid} stands in a URL and may be left out"
    )
    assert.isUndefined(inPath({ ...sid, required: false, default: "AC0000" }))
    assert.isUndefined(inPath(sid))
    assert.isUndefined(problem({}))
  })

  it("keeps its segment by its format too", () => {
    assert.isUndefined(inPath(shop))
    assert.isUndefined(inPath({ ...shop, format: "host" }))
  })

  it("is one label where a host begins, below a name that somebody registered", () => {
    assert.isUndefined(inHost(shop))
    assert.strictEqual(
      inHost(shop, "https://x{shop}.forge.example/"),
      "check.url: {shop} may stand only where a host begins, before a fixed name"
    )
    assert.include(inHost(shop, "https://{shop}.github.io/"), "stands below github.io")
    const choices: Field = { ...region, name: "zone", choices: ["forge.example", "github.io"] }
    assert.include(
      problem({ fields: [choices, shop], check: { url: "https://{shop}.{zone}/" } }),
      "stands below github.io"
    )
  })

  it("is the client's id, but not in a host", () => {
    assert.isUndefined(problem({ check: { url: "https://forge.example/{client_id}" } }))
    assert.strictEqual(
      problem({ check: { url: "https://{client_id}.forge.example/" } }),
      "check.url: {client_id} may not stand in a host"
    )
    // An unknown name is another check's.
    assert.isUndefined(problem({ check: { url: "https://{other}.forge.example/" } }))
  })

  for (const pattern of [
    "",
    "\\.",
    "\\.\\.",
    "\\/",
    "a\\/b",
    "\\.\\.\\/a",
    "%2f",
    "%2e%2e",
    "\\\\",
    "a\\\\b",
    "\\?",
    "a\\?b",
    "#",
    "a#b",
    "\\.\\.;",
    "\\u2025",
    "\\uff0e\\uff0e",
    "a\\uff0f\\.\\.",
    "%252e%252e"
  ])
    it(`has no pattern that takes ${pattern === "" ? "nothing" : pattern}`, () => {
      assert.include(inPath({ ...sid, pattern }), "takes what ends a path or leads out of it")
    })

  it("names a whole host only where it is a host's, and chosen freely", () => {
    const host: Field = { ...shop, format: "host" }
    const at = (field: Field | undefined) => {
      const { fields: _, ...bare } = forge.definition as OAuth2Definition
      return tenantHost({
        ...bare,
        ...(field !== undefined && { fields: [field] }),
        check: { url: "https://{shop}/me" }
      })
    }
    assert.deepStrictEqual(at(host), { member: "check.url", field: "shop" })
    assert.isUndefined(at(shop))
    assert.isUndefined(at({ ...host, choices: ["a.example"] }))
    assert.isUndefined(at(undefined))
  })
})
