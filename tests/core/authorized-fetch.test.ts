import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Exit, Layer } from "effect"
import { TestClock } from "effect/testing"
import { inspect } from "node:util"
import {
  accessToken,
  authorizedFetch,
  ConfigurationError,
  connect,
  ConnectionStore,
  EgressError,
  type EgressStreamRequest,
  NotConnected,
  type OAuth2Definition,
  type OAuth2ProviderConfig,
  ProviderUnavailable,
  ReconnectRequired,
  RefusedTokens,
  storeCredentials,
  TokenCache,
  UrlNotAllowed,
  ValidationError
} from "@hawser/core"
import {
  ann,
  comeBack,
  connectForge,
  connectGauge,
  cookieUrl,
  eve,
  forge,
  gauge,
  type HostOptions,
  makeHost,
  provider,
  tokenResponse,
  ofForge,
  ofGauge
} from "./support/host.ts"
import { hostileTargets } from "./support/hostileTargets.ts"

const forgeWith = (changes: Partial<OAuth2Definition>): OAuth2ProviderConfig => ({
  ...forge,
  definition: { ...forge.definition, api: { baseUrl: "https://api.forge.example" }, ...changes }
})

/** An API-key provider whose tenants have hosts of their own. */
const desk = {
  definition: {
    ...gauge.definition,
    fields: [
      { name: "api_key", label: "API key" },
      { name: "sub", label: "Subdomain", secret: false, format: "subdomain" }
    ],
    check: { url: "https://{sub}.desk.example/check" },
    api: { baseUrl: "https://{sub}.desk.example/api/v2" },
    headers: { "X-Key": "{api_key}" }
  }
} as const

const connectDesk = Effect.gen(function* () {
  const { id: credentialId } = yield* storeCredentials(ann, yield* provider("gauge"), {
    credentials: { api_key: "canary-key", sub: "acme" }
  })
  yield* connect(ann, yield* provider("gauge"), { credentialId })
})

const deskHost = (api?: HostOptions["api"]) =>
  makeHost({
    providers: [desk],
    answer: () => new Response(),
    ...(api !== undefined && { api })
  })

const forgeHost = (
  api?: HostOptions["api"],
  changes: Partial<OAuth2Definition> = {},
  answer = () => tokenResponse()
) => makeHost({ providers: [forgeWith(changes)], answer, ...(api !== undefined && { api }) })

const redirectTo = (location: string, status = 302) =>
  new Response("", { status, headers: { location } })

describe("S-40 where a credential goes", () => {
  assert.isAtLeast(hostileTargets.length, 60)
  for (const target of hostileTargets) {
    it.effect(`S-40 never to ${JSON.stringify(target)}`, () => {
      const { calls, layer } = deskHost()
      return Effect.gen(function* () {
        yield* connectDesk
        const error = yield* Effect.flip(authorizedFetch(ofGauge, target))
        assert.instanceOf(error, UrlNotAllowed)
        assert.strictEqual(error.code, "url_not_allowed")
        assert.notInclude(inspect(error), "evil")
        assert.deepStrictEqual(calls, [])
      }).pipe(Effect.provide(layer))
    })
  }

  it.effect("S-40 to a path below the base URL, and to absolute URLs of the same origin", () => {
    const { calls, layer } = deskHost()
    return Effect.gen(function* () {
      yield* connectDesk
      for (const target of [
        "/users.json",
        "/users?q=https://evil.example/@x",
        "/a/../b",
        "/@evil.example",
        "/users#part",
        "https://acme.desk.example/next?page=2",
        new URL("https://acme.desk.example/"),
        "HTTPS://ACME.desk.example/x"
      ])
        yield* authorizedFetch(ofGauge, target)
      assert.deepStrictEqual(
        calls.map(({ url }) => url.href),
        [
          "https://acme.desk.example/api/v2/users.json",
          "https://acme.desk.example/api/v2/users?q=https://evil.example/@x",
          "https://acme.desk.example/api/v2/b",
          "https://acme.desk.example/api/v2/@evil.example",
          "https://acme.desk.example/api/v2/users#part",
          "https://acme.desk.example/next?page=2",
          "https://acme.desk.example/",
          "https://acme.desk.example/x"
        ]
      )
      for (const { headers, hosts } of calls) {
        assert.strictEqual(headers["x-key"], "canary-key")
        assert.deepStrictEqual(hosts, ["acme.desk.example"])
      }
    }).pipe(Effect.provide(layer))
  })

  it.effect("S-40 to names that have escapes and dots in them", () => {
    const { calls, layer } = deskHost()
    return Effect.gen(function* () {
      yield* connectDesk
      const paths = [
        "/projects/group%2Fproject/issues",
        "/compare/v1.0...v1.1",
        "/..gitignore",
        "/files/100%25.txt",
        "/sites/https%3A%2F%2Fone.example%2F/pages",
        "/users;v=1/names",
        "/users/DOMAIN%5Cada",
        "/caf%C3%A9",
        "/latin/%E9",
        "/users?path=..%2f..%2fx"
      ]
      for (const path of paths) yield* authorizedFetch(ofGauge, path)
      assert.deepStrictEqual(
        calls.map(({ url }) => url.href),
        paths.map((path) => `https://acme.desk.example/api/v2${path}`)
      )
    }).pipe(Effect.provide(layer))
  })

  it.effect("S-40 to the further hosts that a definition names, and to no others", () => {
    const { calls, layer } = forgeHost(undefined, {
      api: { baseUrl: "https://api.forge.example", hosts: ["uploads.forge.example"] }
    })
    return Effect.gen(function* () {
      yield* connectForge()
      yield* authorizedFetch(ofForge, "https://uploads.forge.example/asset")
      assert.strictEqual(calls[0]?.headers["authorization"], "Bearer canary-access-token")
      for (const target of ["https://forge.example/", "https://x.uploads.forge.example/"]) {
        const error = yield* Effect.flip(authorizedFetch(ofForge, target))
        assert.instanceOf(error, UrlNotAllowed)
      }
      assert.strictEqual(calls.length, 1)
    }).pipe(Effect.provide(layer))
  })

  it.effect("S-62 nowhere where the stored host is not one that the definition takes", () => {
    const site = { name: "site", label: "Site", secret: false, required: true } as const
    const { calls, layer } = makeHost({
      providers: [
        forgeWith({
          fields: [{ ...site, choices: ["eu.forge.example"] }],
          api: { baseUrl: "https://{site}/api" }
        })
      ],
      answer: () => tokenResponse()
    })
    const storedAs = (fields: Readonly<Record<string, string>>) =>
      authorizedFetch(ofForge, "/x").pipe(
        Effect.flip,
        Effect.updateService(ConnectionStore, (store) => ({
          ...store,
          grant: (key: Parameters<typeof store.grant>[0]) =>
            Effect.map(store.grant(key), (grant) => ({ ...grant, fields }))
        }))
      )
    return Effect.gen(function* () {
      const started = yield* connect(ann, yield* provider("forge"), {
        redirectUrl: cookieUrl,
        fields: { site: "eu.forge.example" }
      })
      assert(started._tag === "Authorize")
      yield* comeBack({ ...started, authorizationUrl: new URL(started.authorizationUrl) })
      for (const fields of [{}, { site: "" }, { site: "evil.example" }, { site: "evil.example#" }])
        assert.strictEqual((yield* storedAs(fields))._tag, "DecryptionFailed")
      assert.deepStrictEqual(calls, [])
      yield* authorizedFetch(ofForge, "/x")
      assert.strictEqual(calls[0]?.url.href, "https://eu.forge.example/api/x")
    }).pipe(Effect.provide(layer))
  })

  it.effect("S-40 in the header that the definition says, whatever the caller's are", () => {
    const { calls, layer } = forgeHost(undefined, {
      tokenHeader: { name: "X-Forge-Token", template: "token={access_token}" },
      apiHeaders: { "Forge-Version": "2024-01-01" }
    })
    return Effect.gen(function* () {
      yield* connectForge()
      yield* authorizedFetch(ofForge, "/x", {
        method: "POST",
        body: "{}",
        headers: {
          Host: "evil.example",
          Authorization: "Bearer theirs",
          Cookie: "a=b",
          "Proxy-Authorization": "Basic x",
          "X-FORGE-TOKEN": "theirs",
          "X-Mine": "1",
          "Content-Type": "application/json"
        }
      })
      yield* authorizedFetch(ofForge, "/x", { headers: { "forge-version": "2025-01-01" } })
      assert.deepStrictEqual(calls[0]?.headers, {
        "content-type": "application/json",
        "forge-version": "2024-01-01",
        "x-forge-token": "token=canary-access-token",
        "x-mine": "1"
      })
      assert.strictEqual(calls[1]?.headers["forge-version"], "2025-01-01")
    }).pipe(Effect.provide(layer))
  })

  it.effect("S-32 into the URL only where the definition says so, and never into an error", () => {
    const failing = new EgressError({
      reason: "timeout",
      host: "us.gauge.example",
      sent: true
    })
    let answer: Response | EgressError = new Response()
    const { calls, layer } = makeHost({
      providers: [
        {
          definition: {
            ...gauge.definition,
            api: { baseUrl: "https://{site}" },
            headers: {},
            query: { key: "{api_key}" }
          }
        }
      ],
      answer: () => new Response(),
      api: () => answer
    })
    return Effect.gen(function* () {
      yield* connectGauge()
      yield* authorizedFetch(ofGauge, "/x?key=theirs&a=1&key=again")
      assert.strictEqual(calls[0]?.url.search, "?key=good-key&a=1")
      answer = failing
      const error = yield* Effect.flip(authorizedFetch(ofGauge, "/x?canary=1"))
      assert.instanceOf(error, ProviderUnavailable)
      assert.strictEqual(error.cause, failing)
      assert.notMatch(`${inspect(error, { depth: 20 })} ${error.message}`, /good-key|canary/)
    }).pipe(Effect.provide(layer))
  })
})

describe("S-40 a redirect", () => {
  /** Answers the path /from with a redirect, and all else with 200. */
  const redirecting =
    (location: string, status?: number) =>
    ({ url }: EgressStreamRequest) =>
      url.pathname.endsWith("/from") ? redirectTo(location, status) : new Response("there")

  it.effect("S-40 is followed with the credential to the API's own hosts", () => {
    const { calls, layer } = deskHost(redirecting("/there", 301))
    return Effect.gen(function* () {
      yield* connectDesk
      const response = yield* authorizedFetch(ofGauge, "/from", { headers: { "x-mine": "1" } })
      assert.strictEqual(yield* Effect.promise(() => response.text()), "there")
      assert.deepStrictEqual(
        calls.map(({ headers, url }) => [url.href, headers["x-key"], headers["x-mine"]]),
        [
          ["https://acme.desk.example/api/v2/from", "canary-key", "1"],
          ["https://acme.desk.example/there", "canary-key", "1"]
        ]
      )
    }).pipe(Effect.provide(layer))
  })

  for (const foreign of [
    "https://files.example/there",
    "https://evil.desk.example/there",
    "https://acme.desk.example:8443/there",
    "//files.example/there"
  ]) {
    it.effect(
      `S-40 to ${foreign} is followed without the credential and the caller's headers`,
      () => {
        const { calls, layer } = deskHost(redirecting(foreign))
        return Effect.gen(function* () {
          yield* connectDesk
          yield* authorizedFetch(ofGauge, "/from", {
            headers: { "x-mine": "canary-mine", accept: "text/plain" }
          })
          const [, second] = calls
          assert(second !== undefined)
          assert.deepStrictEqual(second.headers, { accept: "text/plain" })
          assert.deepStrictEqual(second.hosts, [new URL(foreign, "https://x").host])
        }).pipe(Effect.provide(layer))
      }
    )
  }

  it.effect("S-40 that comes back from elsewhere is followed without the credential", () => {
    const { calls, layer } = deskHost(({ url }) =>
      url.pathname.endsWith("/from")
        ? redirectTo("https://evil.example/back")
        : url.pathname === "/back"
          ? redirectTo("https://acme.desk.example/api/v2/delete-all")
          : new Response()
    )
    return Effect.gen(function* () {
      yield* connectDesk
      yield* authorizedFetch(ofGauge, "/from")
      assert.deepStrictEqual(
        calls.map(({ headers }) => headers["x-key"]),
        ["canary-key", undefined, undefined]
      )
    }).pipe(Effect.provide(layer))
  })

  it.effect(
    "S-32 elsewhere does not take the key of the URL along, even if the API repeats it",
    () => {
      const { calls, layer } = makeHost({
        providers: [
          {
            definition: {
              ...gauge.definition,
              api: { baseUrl: "https://{site}" },
              headers: {},
              query: { key: "{api_key}" }
            }
          }
        ],
        answer: () => new Response(),
        api: redirecting("https://files.example/there?key=good-key&key=other&signed=1")
      })
      return Effect.gen(function* () {
        yield* connectGauge()
        yield* authorizedFetch(ofGauge, "/from")
        assert.strictEqual(calls[1]?.url.search, "?key=other&signed=1")
      }).pipe(Effect.provide(layer))
    }
  )

  for (const location of [
    "http://files.example/there",
    "http://acme.desk.example/there",
    "https://user:password@acme.desk.example/there",
    "ftp://files.example/there",
    "javascript:alert(1)",
    "https://"
  ]) {
    it.effect(`S-40 to ${location} is refused`, () => {
      const { calls, layer } = deskHost(redirecting(location))
      return Effect.gen(function* () {
        yield* connectDesk
        const error = yield* Effect.flip(authorizedFetch(ofGauge, "/from"))
        assert.instanceOf(error, UrlNotAllowed)
        assert.strictEqual(error.reason, "redirect")
        assert.strictEqual(calls.length, 1)
      }).pipe(Effect.provide(layer))
    })
  }

  it.effect("S-40 is followed five times and not six, by GET and HEAD and by nothing else", () => {
    const { calls, layer } = deskHost(() => redirectTo("/again", 307))
    return Effect.gen(function* () {
      yield* connectDesk
      const error = yield* Effect.flip(authorizedFetch(ofGauge, "/from", { method: "HEAD" }))
      assert.instanceOf(error, UrlNotAllowed)
      assert.strictEqual(calls.length, 6)
      for (const init of [
        { method: "POST", body: "x" },
        { method: "DELETE" },
        { redirect: "manual" }
      ] as const) {
        const response = yield* authorizedFetch(ofGauge, "/from", init)
        assert.strictEqual(response.status, 307)
        assert.strictEqual(response.headers.get("location"), "/again")
      }
      assert.strictEqual(calls.length, 9)
      const refused = yield* Effect.flip(
        authorizedFetch(ofGauge, "/from", { method: "POST", redirect: "error" })
      )
      assert.instanceOf(refused, UrlNotAllowed)
    }).pipe(Effect.provide(layer))
  })
})

describe("S-40 an API that answers 401", () => {
  /** Rotates; the API accepts the tokens that `accepts` does. */
  const rotating = (
    accepts: (token: string) => boolean,
    options: Pick<HostOptions, "tokenCacheTime"> & {
      readonly refreshToken?: boolean
      readonly refuse?: () => Response | undefined
    } = {}
  ) => {
    let issued = 0
    let refreshes = 0
    let discarded = 0
    const body = () =>
      new ReadableStream<Uint8Array>(
        {
          pull: (controller) => {
            controller.enqueue(new TextEncoder().encode("answer"))
            controller.close()
          },
          cancel: () => void discarded++
        },
        { highWaterMark: 0 }
      )
    const host = makeHost({
      ...options,
      providers: [forgeWith({})],
      answer: ({ body = "" }) => {
        if (body.includes("grant_type=refresh_token")) {
          refreshes++
          const refusal = options.refuse?.()
          if (refusal !== undefined) return refusal
        }
        issued++
        return tokenResponse({
          access_token: `access-${issued}`,
          expires_in: 3600,
          ...(options.refreshToken !== false && { refresh_token: `refresh-${issued}` })
        })
      },
      api: ({ headers }) =>
        new Response(body(), {
          status: accepts(headers["authorization"]?.slice("Bearer ".length) ?? "") ? 200 : 401
        })
    })
    return { ...host, refreshes: () => refreshes, discarded: () => discarded }
  }
  const status = (init?: RequestInit) =>
    Effect.map(authorizedFetch(ofForge, "/x", init), (response) => response.status)
  const tokens = (calls: ReadonlyArray<EgressStreamRequest>) =>
    calls.map(({ headers }) => headers["authorization"]?.replace("Bearer access-", ""))

  it.effect("S-40 to all tokens causes one refresh, however many calls there are", () => {
    const { calls, layer, refreshes } = rotating(() => false)
    return Effect.gen(function* () {
      yield* connectForge()
      const first = yield* Effect.all(
        Array.from({ length: 10 }, () => status()),
        { concurrency: "unbounded" }
      )
      assert.deepStrictEqual(new Set(first), new Set([401]))
      assert.strictEqual(refreshes(), 1)
      const before = calls.length
      for (let call = 0; call < 20; call++) assert.strictEqual(yield* status(), 401)
      assert.strictEqual(refreshes(), 1)
      assert.strictEqual(calls.length, before + 20)
    }).pipe(Effect.provide(layer))
  })

  it.effect("S-40 is asked again with the refreshed token, and the caller sees that answer", () => {
    const { calls, discarded, layer, refreshes } = rotating((token) => token === "access-2", {
      tokenCacheTime: Duration.hours(1)
    })
    return Effect.gen(function* () {
      yield* connectForge()
      assert.strictEqual(yield* status({ method: "POST", body: "again" }), 200)
      assert.deepStrictEqual(tokens(calls), ["1", "2"])
      assert.strictEqual(discarded(), 1)
      assert.deepStrictEqual(
        calls.map(({ body }) => new TextDecoder().decode(body as Uint8Array)),
        ["again", "again"]
      )
      assert.strictEqual(yield* status(), 200)
      assert.strictEqual(refreshes(), 1)
    }).pipe(Effect.provide(layer))
  })

  it.effect("S-40 to a stream leads to a refresh, and the stream is not sent again", () => {
    const { calls, layer, refreshes } = rotating((token) => token === "access-2")
    return Effect.gen(function* () {
      yield* connectForge()
      const body = new Blob(["once"]).stream()
      assert.strictEqual(yield* status({ method: "POST", body }), 401)
      assert.strictEqual(calls.length, 1)
      assert.strictEqual(yield* status(), 200)
      assert.strictEqual(refreshes(), 1)
    }).pipe(Effect.provide(layer))
  })

  it.effect("S-40 to a token that was replaced meanwhile leads to no refresh", () => {
    let accepted = "access-1"
    const { calls, layer, refreshes } = rotating((token) => token === accepted, {
      tokenCacheTime: Duration.hours(1)
    })
    return Effect.gen(function* () {
      yield* connectForge()
      assert.strictEqual(yield* status(), 200)
      const stale = yield* accessToken(ofForge)
      // Another process refreshes; this one still believes what it has read.
      yield* accessToken(ofForge, { rejected: stale })
      assert.strictEqual(refreshes(), 1)
      accepted = "access-2"
      const cache = yield* TokenCache
      yield* cache.share(ofForge, {}, Effect.succeed({ token: stale, readAt: 0 }))
      assert.strictEqual(yield* status(), 200)
      assert.deepStrictEqual(tokens(calls), ["1", "1", "2"])
      assert.strictEqual(refreshes(), 1)
      // That one was not made for a refusal, so it has its own refresh before it.
      accepted = "access-3"
      assert.strictEqual(yield* status(), 200)
      assert.strictEqual(refreshes(), 2)
    }).pipe(Effect.provide(layer))
  })

  it.effect(
    "S-40 again after the token came to its end in due time is refreshed again, once",
    () => {
      const { layer, refreshes } = rotating(() => false)
      return Effect.gen(function* () {
        yield* connectForge()
        yield* status()
        assert.strictEqual(refreshes(), 1)
        yield* TestClock.adjust("1 hour")
        // One because it had ended, and one because the API refuses it.
        yield* status()
        yield* status()
        assert.strictEqual(refreshes(), 3)
      }).pipe(Effect.provide(layer))
    }
  )

  it.effect("S-40 is not a race of two processes that refresh what the other one did", () => {
    const { layer, refreshes } = rotating(() => false)
    return Effect.gen(function* () {
      yield* connectForge()
      const elsewhere = yield* Effect.provide(RefusedTokens, Layer.fresh(RefusedTokens.layer))
      for (let call = 0; call < 10; call++) {
        yield* status()
        yield* Effect.provideService(status(), RefusedTokens, elsewhere)
      }
      assert.strictEqual(refreshes(), 2)
    }).pipe(Effect.provide(layer))
  })

  it.effect("is the answer where there is no refresh token", () => {
    const { calls, layer, refreshes } = rotating(() => false, { refreshToken: false })
    return Effect.gen(function* () {
      yield* connectForge()
      const response = yield* authorizedFetch(ofForge, "/x")
      assert.strictEqual(response.status, 401)
      assert.strictEqual(yield* Effect.promise(() => response.text()), "answer")
      assert.strictEqual(calls.length, 1)
      assert.strictEqual(refreshes(), 0)
    }).pipe(Effect.provide(layer))
  })

  for (const [refusal, expected] of [
    [() => new Response("", { status: 503 }), { _tag: "ProviderUnavailable" }],
    [
      () => new Response("", { status: 429, headers: { "retry-after": "60" } }),
      { _tag: "RateLimited", retryAfter: 60 }
    ],
    [
      () => Response.json({ error: "invalid_client" }, { status: 401 }),
      { _tag: "Misconfigured", reason: "client_refused" }
    ]
  ] as const) {
    it.effect(
      `is ${expected._tag} where a refresh is only put off, with the 401 as its cause`,
      () => {
        const { calls, discarded, layer, refreshes } = rotating(() => false, { refuse: refusal })
        return Effect.gen(function* () {
          yield* connectForge()
          for (let attempt = 0; attempt < 3; attempt++) {
            const error = yield* Effect.flip(authorizedFetch(ofForge, "/x"))
            // What was put off is not tried again before its time.
            if (attempt === 0) assert.include(error, expected)
            assert.include(["ProviderUnavailable", expected._tag], error._tag)
            assert.instanceOf(error.cause, Response)
            assert.strictEqual(error.cause.status, 401)
            assert.strictEqual(discarded(), attempt + 1)
            assert.notInclude(inspect(error, { depth: 9 }), "access-1")
          }
          assert.strictEqual(calls.length, 3)
          assert.strictEqual(refreshes(), 1)
        }).pipe(Effect.provide(layer))
      }
    )
  }

  it.effect("is ReconnectRequired where the provider has ended the grant", () => {
    const { calls, discarded, layer } = rotating(() => false, {
      refuse: () => Response.json({ error: "invalid_grant" }, { status: 400 })
    })
    return Effect.gen(function* () {
      yield* connectForge()
      assert.instanceOf(yield* Effect.flip(status()), ReconnectRequired)
      assert.strictEqual(discarded(), 1)
      assert.instanceOf(yield* Effect.flip(status()), ReconnectRequired)
      assert.strictEqual(calls.length, 1)
    }).pipe(Effect.provide(layer))
  })

  it.effect("S-40 from a host that never saw the token leads to no refresh", () => {
    const { calls, layer, sent } = forgeHost(
      ({ url }) =>
        url.host === "api.forge.example"
          ? redirectTo("https://files.example/")
          : new Response("", { status: 401 }),
      {},
      () => tokenResponse({ expires_in: 3600, refresh_token: "refresh" })
    )
    return Effect.gen(function* () {
      yield* connectForge()
      const requests = sent.length
      assert.strictEqual(yield* status(), 401)
      assert.strictEqual(calls.length, 2)
      assert.strictEqual(sent.length, requests)
    }).pipe(Effect.provide(layer))
  })
})

describe("authorizedFetch", () => {
  it.effect("S-60 of one tenant never carries what another is connected with", () => {
    let issued = 0
    const { calls, layer } = forgeHost(undefined, {}, () =>
      tokenResponse({ access_token: `token-${(issued += 1)}` })
    )
    return Effect.gen(function* () {
      yield* connectForge()
      const ofEve = { ...ofForge, tenantId: eve.tenantId }
      assert.instanceOf(yield* Effect.flip(authorizedFetch(ofEve, "/x")), NotConnected)
      assert.deepStrictEqual(calls, [])
      yield* connectForge(eve)
      yield* authorizedFetch(ofEve, "/x")
      assert.strictEqual(calls[0]?.headers["authorization"], "Bearer token-2")
    }).pipe(Effect.provide(layer))
  })

  it.effect("says what to set where the definition has no api", () => {
    const { calls, layer } = makeHost()
    return Effect.gen(function* () {
      yield* connectForge()
      const error = yield* Effect.flip(authorizedFetch(ofForge, "/x"))
      assert.instanceOf(error, ConfigurationError)
      assert.strictEqual(error.setting, "providers[forge]")
      assert.deepStrictEqual(calls, [])
    }).pipe(Effect.provide(layer))
  })

  it.effect("refuses what fetch refuses, without repeating it", () => {
    const { calls, layer } = forgeHost()
    return Effect.gen(function* () {
      yield* connectForge()
      for (const init of [
        { method: "CONNECT" },
        { method: "TRACE" },
        { method: "GE T" },
        { method: "GET", body: "x" },
        { headers: { "x-canary": "canary\r\nx: y" } },
        { redirect: "canary" as never }
      ]) {
        const error = yield* Effect.flip(authorizedFetch(ofForge, "/x", init))
        assert.instanceOf(error, ValidationError)
        assert.notInclude(inspect(error, { depth: 20 }), "canary")
      }
      assert.deepStrictEqual(calls, [])
    }).pipe(Effect.provide(layer))
  })

  it.effect("sends bodies as fetch does, with their type", () => {
    const { calls, layer } = forgeHost()
    return Effect.gen(function* () {
      yield* connectForge()
      const stream = new Blob(["s"]).stream()
      for (const body of [
        "text",
        new URLSearchParams({ a: "b" }),
        new Blob(["x"], { type: "a/b" }),
        stream
      ])
        yield* authorizedFetch(ofForge, "/x", { method: "post", body })
      assert.deepStrictEqual(
        calls.map(({ body, headers, method }) => [
          method,
          headers["content-type"],
          body instanceof ReadableStream ? "stream" : new TextDecoder().decode(body as Uint8Array)
        ]),
        [
          ["POST", "text/plain;charset=UTF-8", "text"],
          ["POST", "application/x-www-form-urlencoded;charset=UTF-8", "a=b"],
          ["POST", "a/b", "x"],
          ["POST", undefined, "stream"]
        ]
      )
    }).pipe(Effect.provide(layer))
  })

  it.effect("is interrupted by its signal, which then belongs to the body", () => {
    const { calls, layer } = forgeHost()
    return Effect.gen(function* () {
      yield* connectForge()
      const exit = yield* Effect.exit(
        authorizedFetch(ofForge, "/x", { signal: AbortSignal.abort() })
      )
      assert.isTrue(Exit.hasInterrupts(exit))
      assert.deepStrictEqual(calls, [])
      const { signal } = new AbortController()
      yield* authorizedFetch(ofForge, "/x", { signal })
      assert.strictEqual(calls[0]?.signal, signal)
    }).pipe(Effect.provide(layer))
  })

  for (const [reason, expected] of [
    ["address_blocked", "address"],
    ["host_not_allowed", "host"],
    ["insecure_protocol", "host"]
  ] as const) {
    it.effect(`S-64 tells ${reason} of the way out as a URL that is not allowed`, () => {
      const { layer } = forgeHost(
        () => new EgressError({ reason, host: "api.forge.example", sent: false })
      )
      return Effect.gen(function* () {
        yield* connectForge()
        const error = yield* Effect.flip(authorizedFetch(ofForge, "/x"))
        assert.instanceOf(error, UrlNotAllowed)
        assert.strictEqual(error.reason, expected)
      }).pipe(Effect.provide(layer))
    })
  }
})
