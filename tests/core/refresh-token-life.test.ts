import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Redacted } from "effect"
import { TestClock } from "effect/testing"
import {
  accessToken,
  connect,
  ConnectionStore,
  tenantsDefault,
  type EgressRequest,
  Keeper,
  type OAuth2Definition,
  revokeQueued,
  type StoredGrant
} from "@hawser/core"
import {
  ann,
  comeBack,
  cookieUrl,
  forge,
  type HostOptions,
  makeHost,
  outbox,
  provider,
  type Started,
  startFlow,
  tokenResponse,
  ofForge
} from "./support/host.ts"
import { refusedBecause } from "./support/vendor.ts"

const key = { ...ofForge, ...tenantsDefault }

const byMe = { from: "request", url: "https://forge.example/me", id: ["id"] } as const

interface Vendor extends Pick<HostOptions, "stores"> {
  /** The answers to codes, in turn; the last one stays. */
  readonly codes: ReadonlyArray<Readonly<Record<string, unknown>>>
  readonly refreshes?: (refresh: number) => Readonly<Record<string, unknown>>
  /** Who consents, in turn. */
  readonly people?: ReadonlyArray<string | number>
  readonly changes?: Partial<Omit<OAuth2Definition, "account">> & {
    readonly account?: OAuth2Definition["account"] | typeof nobody
  }
  /** Whether tokens are bound to a key (RFC 9449). */
  readonly isBound?: boolean
  /** Whether refreshes fail. */
  readonly isDown?: () => boolean
}

/** The definition tells no account. */
const nobody = "nobody"

const hostOf = ({
  changes: { account = byMe, ...changes } = {},
  codes,
  isBound = false,
  isDown = () => false,
  people = ["ann"],
  refreshes = () => ({}),
  ...more
}: Vendor) => {
  let exchanged = 0
  let refreshed = 0
  let asked = 0
  const at = <A>(list: ReadonlyArray<A>, index: number) => list[Math.min(index, list.length - 1)]
  return makeHost({
    ...more,
    providers: [
      {
        ...forge,
        dpop: isBound,
        definition: {
          ...forge.definition,
          ...(account !== nobody && { account }),
          revocation: { endpoint: "https://forge.example/revoke", ends: "token" },
          ...changes
        }
      }
    ],
    answer: ({ body = "", url }: EgressRequest) => {
      if (url.pathname === "/me") return Response.json({ id: at(people, asked++) })
      if (url.pathname !== "/token") return new Response()
      const isRefresh = body.includes("grant_type=refresh_token")
      if (isRefresh && isDown()) return new Response("", { status: 503 })
      return tokenResponse({
        access_token: isRefresh ? `refreshed-${++refreshed}` : `issued-${++exchanged}`,
        token_type: isBound ? "DPoP" : "bearer",
        expires_in: 3600,
        ...(isRefresh ? refreshes(refreshed) : at(codes, exchanged - 1))
      })
    }
  })
}

const reauthorize = Effect.gen(function* () {
  const begun = yield* connect(ann, yield* provider("forge"), {
    redirectUrl: cookieUrl,
    reauthorize: true
  })
  assert(begun._tag === "Authorize")
  const started: Started = { ...begun, authorizationUrl: new URL(begun.authorizationUrl) }
  const outcome = yield* comeBack(started)
  assert(outcome._tag === "Return")
  const returned = new URL(outcome.url).searchParams
  return returned.get("error") ?? returned.get("status")
})

const connected = Effect.gen(function* () {
  const outcome = yield* comeBack(yield* startFlow())
  assert(outcome._tag === "Return")
  assert.include(outcome.url, "status=connected")
})

const sentRefreshTokens = (sent: ReadonlyArray<EgressRequest>) =>
  sent.flatMap(({ body = "" }) => {
    const token = new URLSearchParams(body).get("refresh_token")
    return token === null ? [] : [token]
  })

const revoked = (sent: ReadonlyArray<EgressRequest>) =>
  sent.filter(({ url }) => url.pathname === "/revoke").map(({ body }) => body)

describe("reauthorizing at a vendor that issues a refresh token with the first consent alone", () => {
  const first = { refresh_token: "canary-first-refresh" }

  it.effect("keeps it: the same account, and no fewer scopes", () => {
    const host = hostOf({ codes: [first, { scope: "repo user admin" }] })
    return Effect.gen(function* () {
      yield* connected
      assert.strictEqual(yield* reauthorize, "connected")
      assert.strictEqual(Redacted.value((yield* accessToken(ofForge)).accessToken), "issued-2")
      yield* TestClock.adjust("58 minutes")
      assert.strictEqual(Redacted.value((yield* accessToken(ofForge)).accessToken), "refreshed-1")
      assert.deepStrictEqual(sentRefreshTokens(host.sent), ["canary-first-refresh"])
      assert.deepStrictEqual(revoked(host.sent), [])
    }).pipe(Effect.provide(host.layer))
  })

  const otherNames: ReadonlyArray<readonly [string, Vendor]> = [
    [
      "the vendor names a scope otherwise this time",
      {
        codes: [{ ...first, scope: "repo user long.email" }, { scope: "repo user email" }],
        changes: { scopeAliases: { email: ["long.email"] } }
      }
    ],
    [
      "one of the scopes is in no answer that names any",
      {
        codes: [{ ...first, scope: undefined }, { scope: "repo" }],
        changes: { unnamedScopes: ["user"] }
      }
    ]
  ]
  for (const [name, vendor] of otherNames) {
    it.effect(`keeps it where ${name}`, () => {
      const host = hostOf(vendor)
      return Effect.gen(function* () {
        yield* connected
        assert.strictEqual(yield* reauthorize, "connected")
        yield* TestClock.adjust("58 minutes")
        yield* accessToken(ofForge)
        assert.deepStrictEqual(sentRefreshTokens(host.sent), ["canary-first-refresh"])
      }).pipe(Effect.provide(host.layer))
    })
  }

  const dropped: ReadonlyArray<readonly [string, Vendor]> = [
    ["fewer scopes were granted", { codes: [first, { scope: "repo" }] }],
    ["the definition proves no account", { codes: [first, {}], changes: { account: nobody } }],
    [
      "the refresh token is the access token",
      { codes: [{}, {}], changes: { refreshRequest: { uses: "access_token" } } }
    ]
  ]
  for (const [name, vendor] of dropped) {
    it.effect(`does not where ${name}`, () => {
      const host = hostOf(vendor)
      return Effect.gen(function* () {
        yield* connected
        assert.strictEqual(yield* reauthorize, "connected")
        yield* TestClock.adjust("58 minutes")
        yield* accessToken(ofForge)
        for (const token of sentRefreshTokens(host.sent)) assert.strictEqual(token, "issued-2")
        assert.notInclude(sentRefreshTokens(host.sent), "canary-first-refresh")
      }).pipe(Effect.provide(host.layer))
    })
  }

  const stored: ReadonlyArray<
    readonly [string, (grant: StoredGrant) => Partial<StoredGrant>, Partial<Vendor>?]
  > = [
    ["nobody had proven the account of the first consent", () => ({ account: undefined })],
    ["another client got it", () => ({ clientFingerprint: "another" })],
    ["it is bound to a key", ({ accessToken: sealed }) => ({ dpopKey: sealed })],
    ["the new tokens are bound to a key", () => ({ dpopKey: undefined }), { isBound: true }]
  ]
  for (const [name, changed, vendor] of stored) {
    it.effect(`does not where ${name}`, () => {
      const host = hostOf({ codes: [first, {}], ...vendor })
      return Effect.gen(function* () {
        yield* connected
        const outcome = yield* reauthorize.pipe(
          Effect.updateService(ConnectionStore, (store) => ({
            ...store,
            grant: (of: Parameters<typeof store.grant>[0]) =>
              Effect.map(store.grant(of), (grant) => ({ ...grant, ...changed(grant) }))
          }))
        )
        assert.strictEqual(outcome, "connected")
        assert.isUndefined((yield* (yield* ConnectionStore).grant(key)).refreshToken)
      }).pipe(Effect.provide(host.layer))
    })
  }

  it.effect("takes the new one where one comes, and revokes the old", () => {
    const host = hostOf({ codes: [first, { refresh_token: "canary-second-refresh" }] })
    return Effect.gen(function* () {
      yield* connected
      yield* reauthorize
      yield* revokeQueued
      assert.include(revoked(host.sent).join(), "canary-first-refresh")
      yield* TestClock.adjust("58 minutes")
      yield* accessToken(ofForge)
      assert.deepStrictEqual(sentRefreshTokens(host.sent), ["canary-second-refresh"])
    }).pipe(Effect.provide(host.layer))
  })

  it.effect("keeps it from the error that the connection stood at as well", () => {
    let isDown = true
    const host = hostOf({ codes: [first, {}], isDown: () => isDown })
    return Effect.gen(function* () {
      yield* connected
      const connections = yield* ConnectionStore
      yield* TestClock.adjust("2 hours")
      yield* Effect.flip(accessToken(ofForge))
      assert.strictEqual((yield* connections.find(key)).status, "error")
      isDown = false
      // The breaker of the vendor lets requests through again.
      yield* TestClock.adjust("5 minutes")
      yield* connected
      yield* TestClock.adjust("58 minutes")
      assert.strictEqual(Redacted.value((yield* accessToken(ofForge)).accessToken), "refreshed-1")
      assert.strictEqual(sentRefreshTokens(host.sent).at(-1), "canary-first-refresh")
    }).pipe(Effect.provide(host.layer))
  })

  it.effect("S-42 is sealed for its new place: it opens there, and the old value nowhere", () => {
    const host = hostOf({ codes: [first, {}] })
    return Effect.gen(function* () {
      yield* connected
      const connections = yield* ConnectionStore
      const before = yield* connections.grant(key)
      yield* reauthorize
      const after = yield* connections.grant(key)
      assert.notDeepEqual(after.refreshToken, before.refreshToken)
      yield* TestClock.adjust("58 minutes")
      yield* accessToken(ofForge)
      assert.deepStrictEqual(sentRefreshTokens(host.sent), ["canary-first-refresh"])
    }).pipe(Effect.provide(host.layer))
  })
})

describe("a refresh token with an end of its own", () => {
  const days = (count: number) => count * 86_400
  const told = Effect.map(outbox, (events) =>
    events.flatMap((event) =>
      event.event === "integration.expiring" ? [event.data.expiresAt] : []
    )
  )
  const members: ReadonlyArray<
    readonly [string, Readonly<Record<string, unknown>>, Partial<OAuth2Definition>]
  > = [
    ["refresh_token_expires_in", { refresh_token_expires_in: days(30) }, {}],
    [
      "a member of its own",
      { refresh_token_expires_in: undefined, x_refresh_token_expires_in: String(days(30)) },
      { tokenResponse: { members: { refresh_token_expires_in: ["x_refresh_token_expires_in"] } } }
    ]
  ]
  for (const [name, response, changes] of members) {
    it.effect(
      `by ${name}, counted from consent, is told a week before, once, whatever is refreshed`,
      () => {
        const host = hostOf({
          codes: [{ refresh_token: "canary-refresh", expires_in: days(5), ...response }],
          refreshes: () => ({ expires_in: days(5) }),
          changes
        })
        return Effect.gen(function* () {
          yield* connected
          const keeper = yield* Keeper
          for (let day = 0; day < 22; day++) {
            yield* TestClock.adjust("1 day")
            yield* keeper.drain
          }
          assert.deepStrictEqual(yield* told, [])
          for (let day = 0; day < 4; day++) {
            yield* TestClock.adjust("1 day")
            yield* keeper.drain
          }
          assert.deepStrictEqual(yield* told, ["1970-01-31T00:00:00Z"])
        }).pipe(Effect.provide(host.layer))
      }
    )
  }

  it.effect("that slides with each refresh is never told of", () => {
    const host = hostOf({
      codes: [{ refresh_token: "canary-refresh", refresh_token_expires_in: days(30) }],
      refreshes: () => ({ refresh_token_expires_in: days(30), expires_in: days(5) })
    })
    return Effect.gen(function* () {
      yield* connected
      const keeper = yield* Keeper
      for (let day = 0; day < 60; day++) {
        yield* TestClock.adjust("1 day")
        yield* keeper.drain
      }
      assert.deepStrictEqual(yield* told, [])
    }).pipe(Effect.provide(host.layer))
  })

  it.effect("that is 0, or cannot be read, is none", () => {
    const host = hostOf({
      codes: [{ refresh_token: "canary-refresh", refresh_token_expires_in: 0 }],
      refreshes: () => ({ refresh_token_expires_in: "soon" })
    })
    return Effect.gen(function* () {
      yield* connected
      const connections = yield* ConnectionStore
      assert.isUndefined((yield* connections.grant(key)).refreshRemaining)
      yield* TestClock.adjust("58 minutes")
      yield* accessToken(ofForge)
      assert.isUndefined((yield* connections.grant(key)).refreshRemaining)
    }).pipe(Effect.provide(host.layer))
  })

  it.effect("goes on with it where reauthorizing keeps the token", () => {
    const host = hostOf({
      codes: [{ refresh_token: "canary-refresh", refresh_token_expires_in: days(30) }, {}]
    })
    return Effect.gen(function* () {
      yield* connected
      yield* TestClock.adjust(Duration.days(10))
      assert.strictEqual(yield* reauthorize, "connected")
      const { refreshRemaining = 0 } = yield* (yield* ConnectionStore).grant(key)
      assert.strictEqual(refreshRemaining, days(20))
    }).pipe(Effect.provide(host.layer))
  })
})

describe("S-66 a vendor that moves accounts", () => {
  const moving = {
    captures: {
      instance: {
        from: "token_response",
        path: ["instance_url"],
        hostBelow: [".my.forge.example"],
        moves: true
      }
    },
    api: { baseUrl: "https://{instance}/api" }
  } as const satisfies Partial<OAuth2Definition>
  const first = {
    refresh_token: "canary-refresh",
    instance_url: "https://na1.my.forge.example"
  }
  const renewed = Effect.gen(function* () {
    yield* TestClock.adjust("58 minutes")
    return yield* accessToken(ofForge)
  })

  it.effect(
    "is followed below the suffix: tokens resealed in the same write, and the event says so",
    () => {
      const host = hostOf({
        codes: [first],
        changes: moving,
        refreshes: () => ({ instance_url: "https://na2.my.forge.example/x" })
      })
      return Effect.gen(function* () {
        yield* connected
        assert.deepStrictEqual((yield* accessToken(ofForge)).fields, {
          instance: "na1.my.forge.example"
        })
        // Without a new refresh token the old one is sealed again as well: the next refresh opens it.
        for (let refresh = 0; refresh < 2; refresh++) {
          const token = yield* renewed
          assert.deepStrictEqual(token.fields, { instance: "na2.my.forge.example" })
        }
        assert.deepStrictEqual(sentRefreshTokens(host.sent), ["canary-refresh", "canary-refresh"])
        const events = (yield* outbox).map(({ event }) => event)
        assert.deepStrictEqual(events, ["integration.connected", "integration.moved"])
      }).pipe(Effect.provide(host.layer))
    }
  )

  for (const [name, response] of [
    ["above the suffix", { instance_url: "https://evil.example" }],
    ["that only looks like it", { instance_url: "https://x.my.forge.example.evil.example" }],
    ["of the suffix itself", { instance_url: "https://my.forge.example" }],
    ["that is none", { instance_url: 7 }],
    ["that is left out", {}]
  ] as const) {
    it.effect(`stays where it was at a host ${name}, and the new tokens are kept`, () => {
      const host = hostOf({ codes: [first], changes: moving, refreshes: () => response })
      return Effect.gen(function* () {
        yield* connected
        const token = yield* renewed
        assert.strictEqual(Redacted.value(token.accessToken), "refreshed-1")
        assert.deepStrictEqual(token.fields, { instance: "na1.my.forge.example" })
        assert.notInclude(
          (yield* outbox).map(({ event }) => event),
          "integration.moved"
        )
      }).pipe(Effect.provide(host.layer))
    })
  }

  it.effect(
    "stays where it was, whatever host comes, unless the definition says that it moves",
    () => {
      const { moves: _, ...instance } = moving.captures.instance
      const host = hostOf({
        codes: [first],
        changes: { ...moving, captures: { instance } },
        refreshes: () => ({ instance_url: "https://na2.my.forge.example" })
      })
      return Effect.gen(function* () {
        yield* connected
        assert.deepStrictEqual((yield* renewed).fields, { instance: "na1.my.forge.example" })
      }).pipe(Effect.provide(host.layer))
    }
  )

  for (const [name, changes] of [
    ["without hostBelow", { hostBelow: undefined }],
    ["beside sameAs", { sameAs: "site" }],
    ["from discovery", { from: "request" }]
  ] as const) {
    it.effect(`cannot be said ${name}`, () => {
      const { hostBelow, ...rest } = { ...moving.captures.instance, ...changes }
      return Effect.gen(function* () {
        assert.include(
          yield* refusedBecause({
            fields: [{ name: "site", label: "Site", secret: false, format: "subdomain" }],
            discovery: { url: "https://forge.example/sites" },
            captures: {
              instance: { ...rest, ...(hostBelow !== undefined && { hostBelow }) },
              other: { from: "request", path: ["a"] }
            }
          }),
          "moves: only a host below"
        )
      })
    })
  }
})
