import { assert, describe, it } from "@effect/vitest"
import { type Duration, Effect, Fiber, Redacted } from "effect"
import { TestClock } from "effect/testing"
import {
  accessToken,
  callbackUrl,
  type ClientOf,
  configureProvider,
  ConnectionStore,
  CryptoLive,
  disconnect,
  type EgressRequest,
  importConnections,
  Keeper,
  Misconfigured,
  type ProviderConfig,
  ProviderNotFound,
  ProviderRegistry,
  ProviderUnavailable,
  restore,
  revokeQueued,
  type SharedClientConfig,
  StorageUnavailable,
  type TenantClientsConfig,
  tenantsDefault
} from "@hawser/core"
import {
  ann,
  comeBack,
  completeFlow,
  completeUrl,
  cookieUrl,
  eve,
  forge,
  type HostOptions,
  makeHost,
  provider,
  type Started,
  startFlow,
  tokenResponse,
  type Admin
} from "./support/host.ts"

const clients: Record<string, { readonly clientId: string; readonly clientSecret: string }> = {
  acme: { clientId: "acme-client", clientSecret: "canary-acme-secret" },
  evil: { clientId: "evil-client", clientSecret: "canary-evil-secret" }
}

/** A forge at which each tenant has a client of its own, whose tokens expire and rotate. */
const ofTenants = (
  clientOf: ClientOf = ({ tenantId }) => clients[tenantId] ?? null,
  changes: Partial<TenantClientsConfig["definition"]> = {}
): TenantClientsConfig => ({
  clientOf,
  requiredScopes: forge.requiredScopes,
  definition: {
    ...forge.definition,
    revocation: { endpoint: "https://forge.example/revoke", ends: "grant" },
    account: { from: "token_response", id: ["owner"] },
    ...changes
  }
})

const hostOf = (
  config: ProviderConfig,
  others: ReadonlyArray<ProviderConfig> = [],
  options: Pick<HostOptions, "connections"> = {}
) => {
  let issued = 0
  let refuses = false
  const host = makeHost({
    ...options,
    providers: [config, ...others],
    answer: ({ body = "", url }: EgressRequest) => {
      if (url.pathname === "/revoke") return new Response()
      if (refuses && new URLSearchParams(body).get("grant_type") === "refresh_token")
        return Response.json({ error: "invalid_grant" }, { status: 400 })
      issued++
      return tokenResponse({
        access_token: `access-${issued}`,
        refresh_token: `refresh-${issued}`,
        expires_in: 3600,
        owner: "1"
      })
    }
  })
  /** Who asked for what, as the provider saw it. */
  const seen = () =>
    host.sent.map(({ body = "", url }) => {
      const parameters = new URLSearchParams(body)
      const what = parameters.get("grant_type") ?? url.pathname
      return `${parameters.get("client_id")} ${parameters.get("client_secret")} ${what}`
    })
  return { ...host, seen, refuse: (yes: boolean) => void (refuses = yes) }
}

/** A hook that can be told to fail, and counts how often it was asked. */
const switched = () => {
  const state = { answer: undefined as (() => ReturnType<ClientOf>) | undefined, asked: 0 }
  const clientOf: ClientOf = ({ tenantId }) => {
    state.asked++
    return state.answer === undefined ? (clients[tenantId] ?? null) : state.answer()
  }
  return { clientOf, state }
}

const failures: ReadonlyArray<readonly [string, () => ReturnType<ClientOf>]> = [
  [
    "throws",
    () => {
      throw new Error("canary-of-the-host")
    }
  ],
  ["rejects", () => Promise.reject(new Error("canary-of-the-host"))],
  ["hangs", () => new Promise(() => {})],
  ["answers nothing", () => undefined as never],
  ["answers no client id", () => ({ clientId: "" })],
  ["answers no secret", () => ({ clientId: "acme-client" })],
  ["answers a number", () => ({ clientId: 7 as never, clientSecret: "x" })]
]

const contextOf = ({ authorizationUrl }: Started) =>
  new URL(authorizationUrl.searchParams.get("redirect_uri") ?? "").pathname.split("/").at(-1) ?? ""

/** The whole way of a flow, on its own redirect URI. */
const connectAs = Effect.fnUntraced(function* (by: Admin) {
  const started = yield* startFlow(cookieUrl, by)
  const outcome = yield* comeBack(started, { context: contextOf(started) })
  return outcome._tag === "Return" ? new URL(outcome.url).searchParams.get("status") : "no flow"
})

const query = (by: Admin) => ({
  tenantId: by.tenantId,
  ...tenantsDefault,
  provider: forge.definition.id
})
const token = (by: Admin) =>
  Effect.map(accessToken(query(by)), (read) => Redacted.value(read.accessToken))
const statusOf = (by: Admin) =>
  Effect.flatMap(ConnectionStore, (store) => store.find({ ...query(by), ...tenantsDefault })).pipe(
    Effect.map(({ status }) => status)
  )

/**
 * Runs what may wait for the clock, and lets the clock go on until it is done: slowly, since digests and signatures take
 * time of the machine's own, and whoever waits gives up by the clock.
 */
const passing = Effect.fnUntraced(function* <A, E, R>(
  effect: Effect.Effect<A, E, R>,
  step: Duration.Input = "1 second"
) {
  const fiber = yield* Effect.forkChild(Effect.exit(effect), { startImmediately: true })
  while (fiber.pollUnsafe() === undefined) {
    yield* Effect.promise(() => new Promise((resolve) => setTimeout(resolve, 5)))
    yield* TestClock.adjust(step)
  }
  return yield* yield* Fiber.join(fiber)
})

describe("S-79 two tenants with clients of their own, interleaved", () => {
  it.effect("connect, refresh and leave, each as its own client", () => {
    const host = hostOf(ofTenants())
    return Effect.gen(function* () {
      const [first, second] = [yield* startFlow(cookieUrl, ann), yield* startFlow(cookieUrl, eve)]
      assert.deepStrictEqual(
        [first, second].map(({ authorizationUrl }) =>
          authorizationUrl.searchParams.get("client_id")
        ),
        ["acme-client", "evil-client"]
      )
      yield* comeBack(second, { context: contextOf(second) })
      yield* comeBack(first, { context: contextOf(first) })
      assert.deepStrictEqual(
        [yield* token(ann), yield* token(eve), yield* token(ann)],
        ["access-2", "access-1", "access-2"]
      )
      yield* TestClock.adjust("2 hours")
      yield* Effect.all([token(ann), token(eve)], { concurrency: "unbounded" })
      yield* disconnect(ann, yield* provider("forge", ann))
      yield* revokeQueued
      const acme = "acme-client canary-acme-secret"
      const evil = "evil-client canary-evil-secret"
      assert.deepStrictEqual(host.seen().toSorted(), [
        `${acme} /revoke`,
        `${acme} /revoke`,
        `${acme} authorization_code`,
        `${acme} refresh_token`,
        `${evil} authorization_code`,
        `${evil} refresh_token`
      ])
      // The same account at the same provider, and still another client: nothing of evil's was to be spared or ended.
      assert.notInclude(host.reported(), "revocation_left_out")
      assert.strictEqual(yield* statusOf(eve), "connected")
    }).pipe(Effect.provide(host.layer))
  })

  it.effect("are kept alive in the background, each as its own client", () => {
    const host = hostOf(ofTenants())
    return Effect.gen(function* () {
      yield* connectAs(ann)
      yield* connectAs(eve)
      yield* TestClock.adjust("58 minutes")
      yield* Effect.flatMap(Keeper, (keeper) => keeper.drain)
      assert.deepStrictEqual(host.seen().slice(2).toSorted(), [
        "acme-client canary-acme-secret refresh_token",
        "evil-client canary-evil-secret refresh_token"
      ])
    }).pipe(Effect.provide(host.layer))
  })

  it.effect("share no fingerprint, whatever they call their clients", () => {
    const one: SharedClientConfig = { ...forge, clientId: "shared" }
    const host = hostOf(ofTenants(() => ({ clientId: "same", clientSecret: "x" })))
    const shared = hostOf(one)
    return Effect.gen(function* () {
      const fingerprints = [
        yield* provider("forge", ann),
        yield* provider("forge", eve),
        yield* Effect.provide(provider("forge", ann), shared.layer)
      ].map((used) => (used.authType === "oauth2" ? used.clientFingerprint : undefined))
      assert.strictEqual(new Set(fingerprints).size, 3)
    }).pipe(Effect.provide(host.layer))
  })

  it.effect("a client that was changed counts at the next request, and old tokens wait", () => {
    const { clientOf, state } = switched()
    const host = hostOf(ofTenants(clientOf))
    return Effect.gen(function* () {
      assert.strictEqual(yield* connectAs(ann), "connected")
      state.answer = () => ({ clientId: "acme-2", clientSecret: "canary-2" })
      yield* TestClock.adjust("2 hours")
      const error = yield* Effect.flip(token(ann))
      assert.instanceOf(error, Misconfigured)
      assert.strictEqual(error.reason, "client_changed")
      assert.strictEqual(host.sent.length, 1)
      state.answer = undefined
      assert.strictEqual(yield* token(ann), "access-2")
    }).pipe(Effect.provide(host.layer))
  })

  it.effect("an import is theirs as well", () => {
    const host = hostOf(ofTenants())
    const item = (by: Admin) => ({
      tenantId: by.tenantId,
      provider: forge.definition.id,
      connectedBy: "ann",
      accessToken: "old-access",
      refreshToken: "old-refresh",
      expiresAt: new Date(0)
    })
    return Effect.gen(function* () {
      const report = yield* importConnections([
        item(ann),
        item(eve),
        { ...item(ann), tenantId: "nobody" }
      ])
      assert.deepStrictEqual(
        [report.imported, report.refused.map(({ code, index }) => [index, code])],
        [2, [[2, "provider_not_found"]]]
      )
      yield* token(ann)
      yield* token(eve)
      assert.deepStrictEqual(host.seen(), [
        "acme-client canary-acme-secret refresh_token",
        "evil-client canary-evil-secret refresh_token"
      ])
    }).pipe(Effect.provide(host.layer))
  })

  it.effect("what was ended comes back for the tenant whose client it is", () => {
    const host = hostOf(ofTenants())
    return Effect.gen(function* () {
      yield* connectAs(ann)
      yield* connectAs(eve)
      yield* TestClock.adjust("2 hours")
      host.refuse(true)
      yield* Effect.flip(token(ann))
      yield* Effect.flip(token(eve))
      host.refuse(false)
      const registry = yield* ProviderRegistry
      const configured = yield* registry.get("forge")
      if (configured.authType !== "oauth2") return assert.fail("forge is OAuth2")
      assert.strictEqual((yield* restore(configured, ann.tenantId)).length, 1)
      assert.strictEqual((yield* restore(configured)).length, 1)
      yield* token(ann)
      yield* token(eve)
    }).pipe(Effect.provide(host.layer))
  })
})

describe("S-20 a redirect URI of each tenant's own", () => {
  it.effect("is told before there is a client, and is what the flow begins with", () => {
    const host = hostOf(ofTenants())
    return Effect.gen(function* () {
      const registry = yield* ProviderRegistry
      const configured = yield* registry.get("forge")
      const uris = [
        yield* callbackUrl(ann.tenantId, configured),
        yield* callbackUrl(eve.tenantId, configured)
      ]
      for (const uri of uris)
        assert.match(uri, /^https:\/\/api\.example\/v1\/integrations\/forge\/callback\/[\w-]{22}$/)
      assert.notStrictEqual(uris[0], uris[1])
      const { authorizationUrl } = yield* startFlow(cookieUrl, ann)
      assert.strictEqual(authorizationUrl.searchParams.get("redirect_uri"), uris[0])
    }).pipe(Effect.provide(host.layer))
  })

  it.effect("the token request repeats it (S-19)", () => {
    const host = hostOf(ofTenants())
    return Effect.gen(function* () {
      const started = yield* startFlow(cookieUrl, ann)
      yield* comeBack(started, { context: contextOf(started) })
      assert.strictEqual(
        new URLSearchParams(host.sent[0]?.body).get("redirect_uri"),
        started.authorizationUrl.searchParams.get("redirect_uri")
      )
    }).pipe(Effect.provide(host.layer))
  })

  const elsewhere: ReadonlyArray<
    readonly [string, (own: string, other: string) => string | undefined]
  > = [
    ["at another tenant's", (_, other) => other],
    ["at the plain one", () => undefined],
    ["at one that is cut short", (own) => own.slice(0, -1)],
    ["at one in other letters", (own) => own.toUpperCase()],
    ["at an empty one", () => ""]
  ]
  for (const binding of [cookieUrl, completeUrl]) {
    for (const [where, visited] of elsewhere) {
      it.effect(`a flow ${where} is burned before any token request (${binding})`, () => {
        const host = hostOf(ofTenants())
        return Effect.gen(function* () {
          const started = yield* startFlow(binding, ann)
          const own = contextOf(started)
          const other = contextOf(yield* startFlow(binding, eve))
          const outcome = yield* comeBack(started, { context: visited(own, other) })
          assert.deepStrictEqual(outcome, { _tag: "NoFlow" })
          const last = host.securityEvents.at(-1)
          assert.deepStrictEqual(
            [last?.type, last?.reason, last?.tenantId],
            ["provider_mismatch", "redirect_uri", "acme"]
          )
          assert.strictEqual((yield* comeBack(started, { context: own }))._tag, "NoFlow")
          assert.deepStrictEqual(host.sent, [])
        }).pipe(Effect.provide(host.layer))
      })
    }
  }

  it.effect("a flow of the client that all share ends at no tenant's", () => {
    const host = hostOf(forge)
    const own = hostOf(ofTenants())
    return Effect.gen(function* () {
      const context = contextOf(yield* Effect.provide(startFlow(cookieUrl, ann), own.layer))
      const started = yield* startFlow(cookieUrl, ann)
      assert.strictEqual((yield* comeBack(started, { context }))._tag, "NoFlow")
      assert.deepStrictEqual(host.sent, [])
    }).pipe(Effect.provide(host.layer))
  })
})

describe("S-23 the client that all tenants share", () => {
  const other = { ...forge.definition, id: "own" as never }
  const cases: ReadonlyArray<readonly [string, Partial<typeof forge.definition>, object]> = [
    ["at the same token endpoint", {}, { clientSecret: "another" }],
    [
      "with its secret at another's",
      { tokenEndpoint: "https://mine.example/token" as never },
      { clientSecret: forge.clientSecret }
    ]
  ]
  for (const [where, changes, secret] of cases) {
    it.effect(`is not taken for a tenant's own ${where}`, () => {
      const own = {
        clientOf: () => ({ clientId: forge.clientId, ...secret }),
        definition: { ...other, ...changes }
      }
      const host = hostOf(forge, [own])
      return Effect.gen(function* () {
        const error = yield* Effect.flip(provider("own", ann))
        assert.instanceOf(error, StorageUnavailable)
        assert.include(String(error.cause), "the client that all tenants share")
        assert.notInclude(String(error.cause), forge.clientSecret)
      }).pipe(Effect.provide(host.layer))
    })
  }

  const unlike: ReadonlyArray<readonly [string, string, string]> = [
    ["another vendor's client of the same name", forge.clientId, "https://mine.example/token"],
    ["a tenant's own at the same vendor", "acme-client", forge.definition.tokenEndpoint]
  ]
  for (const [what, clientId, tokenEndpoint] of unlike) {
    it.effect(`does not stand in the way of ${what}`, () => {
      const own = {
        clientOf: () => ({ clientId, clientSecret: "another" }),
        definition: { ...other, tokenEndpoint }
      }
      const host = hostOf(forge, [own])
      return Effect.gen(function* () {
        assert.strictEqual((yield* provider("own", ann)).authType, "oauth2")
      }).pipe(Effect.provide(host.layer))
    })
  }

  const both: ReadonlyArray<readonly [string, object, RegExp]> = [
    ["a client id", { clientId: "forge-client" }, /not both/],
    ["a secret", { clientSecret: "canary" }, /not both/],
    [
      "a key",
      { clientAuthentication: { method: "private_key_jwt", privateKey: "x", alg: "ES256" } },
      /not both/
    ],
    ["no function", { clientOf: "acme-client" }, /clientOf: Expected a function/]
  ]
  for (const [what, member, sentence] of both) {
    it.effect(`a provider of tenants' clients with ${what} stops the start`, () =>
      Effect.gen(function* () {
        const config = { ...ofTenants(), ...member } as ProviderConfig
        const error = yield* Effect.flip(
          Effect.provide(configureProvider(config, { unsafelyAllowLoopback: false }), CryptoLive)
        )
        assert.match(error.message, sentence)
        assert.notInclude(error.message, "canary")
      })
    )
  }

  const host = { name: "host", label: "Host", secret: false, format: "host" } as const
  const anywhere = {
    fields: [host],
    authorizationEndpoint: "https://{host}/authorize",
    tokenEndpoint: "https://{host}/token",
    revocation: undefined as never,
    account: undefined as never
  } as const
  it.effect("at a host that a tenant chooses is refused, and a tenant's own client is not", () =>
    Effect.gen(function* () {
      const {
        account: _,
        revocation: __,
        ...definition
      } = {
        ...ofTenants().definition,
        ...anywhere
      }
      const configured = (config: ProviderConfig) =>
        Effect.provide(configureProvider(config, { unsafelyAllowLoopback: false }), CryptoLive)
      const own = { clientOf: () => null, definition }
      yield* configured({ ...own, allowTenantHosts: true })
      assert.match((yield* Effect.flip(configured(own))).message, /allowTenantHosts/)
      const shared = { ...forge, definition, allowTenantHosts: true }
      assert.match((yield* Effect.flip(configured(shared))).message, /your client would be used/)
    })
  )
})

describe("a tenant that has no client", () => {
  it.effect("finds no such provider", () => {
    const host = hostOf(ofTenants(() => null))
    return Effect.gen(function* () {
      assert.instanceOf(yield* Effect.flip(provider("forge", ann)), ProviderNotFound)
    }).pipe(Effect.provide(host.layer))
  })

  it.effect("any more: what it has stays, is used to its end, and can be disconnected", () => {
    const { clientOf, state } = switched()
    const host = hostOf(ofTenants(clientOf))
    return Effect.gen(function* () {
      yield* connectAs(ann)
      state.answer = () => null
      yield* TestClock.adjust("58 minutes")
      assert.strictEqual(yield* token(ann), "access-1")
      yield* TestClock.adjust("1 hour")
      assert.instanceOf(yield* Effect.flip(token(ann)), Misconfigured)
      yield* Effect.flatMap(Keeper, (keeper) => keeper.drain)
      assert.strictEqual(yield* statusOf(ann), "connected")
      const registry = yield* ProviderRegistry
      yield* disconnect(ann, yield* registry.get("forge"))
      yield* revokeQueued
      assert.strictEqual(host.sent.length, 1)
      state.answer = undefined
      yield* TestClock.adjust("1 hour")
      yield* revokeQueued
      assert.strictEqual(host.sent.length, 3)
    }).pipe(Effect.provide(host.layer))
  })

  it.effect("any more: its flow ends in provider_error, and no code is sent", () => {
    const { clientOf, state } = switched()
    const host = hostOf(ofTenants(clientOf))
    return Effect.gen(function* () {
      const started = yield* startFlow(cookieUrl, ann)
      state.answer = () => null
      const outcome = yield* comeBack(started, { context: contextOf(started) })
      assert.include(outcome._tag === "Return" ? outcome.url : "", "error=provider_error")
      assert.deepStrictEqual(host.sent, [])
    }).pipe(Effect.provide(host.layer))
  })
})

describe("a clientOf that", () => {
  for (const [what, answer] of failures) {
    it.effect(`${what} makes connecting fail for now`, () => {
      const { clientOf, state } = switched()
      const host = hostOf(ofTenants(clientOf))
      return Effect.gen(function* () {
        state.answer = answer
        const error = yield* Effect.flip(passing(provider("forge", ann)))
        assert.instanceOf(error, StorageUnavailable)
        assert.isTrue(error.retryable)
        assert.notInclude(String(error.cause), "canary")
        state.answer = undefined
        assert.strictEqual(yield* connectAs(ann), "connected")
      }).pipe(Effect.provide(host.layer))
    })

    it.effect(`${what} ends no connection, and sends nothing`, () => {
      const { clientOf, state } = switched()
      const host = hostOf(ofTenants(clientOf))
      return Effect.gen(function* () {
        yield* connectAs(ann)
        state.answer = answer
        yield* TestClock.adjust("57 minutes")
        // What is still valid is given.
        assert.strictEqual(yield* passing(token(ann)), "access-1")
        yield* TestClock.adjust("1 hour")
        const error = yield* Effect.flip(passing(token(ann)))
        assert.instanceOf(error, ProviderUnavailable)
        assert.isTrue(error.retryable)
        yield* passing(Effect.flatMap(Keeper, (keeper) => keeper.drain))
        assert.strictEqual(yield* statusOf(ann), "connected")
        assert.strictEqual(host.sent.length, 1)
        state.answer = undefined
        assert.strictEqual(yield* token(ann), "access-2")
      }).pipe(Effect.provide(host.layer))
    })

    it.effect(`${what} at the callback ends that flow alone, in provider_unavailable`, () => {
      const { clientOf, state } = switched()
      const host = hostOf(ofTenants(clientOf))
      return Effect.gen(function* () {
        const started = yield* startFlow(cookieUrl, ann)
        state.answer = answer
        const outcome = yield* passing(comeBack(started, { context: contextOf(started) }))
        assert.include(outcome._tag === "Return" ? outcome.url : "", "error=provider_unavailable")
        assert.deepStrictEqual(host.sent, [])
      }).pipe(Effect.provide(host.layer))
    })
  }

  it.effect("fails while a revocation is due is asked again", () => {
    const { clientOf, state } = switched()
    const host = hostOf(ofTenants(clientOf))
    return Effect.gen(function* () {
      yield* connectAs(ann)
      yield* disconnect(ann, yield* provider("forge", ann))
      state.answer = () => Promise.reject(new Error("away"))
      yield* revokeQueued
      assert.strictEqual(host.sent.length, 1)
      state.answer = undefined
      yield* TestClock.adjust("1 hour")
      yield* revokeQueued
      assert.deepStrictEqual(host.seen().slice(1), [
        "acme-client canary-acme-secret /revoke",
        "acme-client canary-acme-secret /revoke"
      ])
    }).pipe(Effect.provide(host.layer))
  })

  it.effect("is asked once by whoever waits for another process's refresh", () => {
    const { clientOf, state } = switched()
    let attempts = 0
    const host = hostOf(ofTenants(clientOf), [], {
      connections: (store) => ({
        ...store,
        acquireLease: (command) =>
          attempts++ < 5 ? Effect.succeed({ _tag: "Leased" as const }) : store.acquireLease(command)
      })
    })
    return Effect.gen(function* () {
      yield* connectAs(ann)
      yield* TestClock.adjust("2 hours")
      const before = state.asked
      assert.strictEqual(yield* passing(token(ann), "50 millis"), "access-2")
      assert.deepStrictEqual([attempts, state.asked], [6, before + 1])
    }).pipe(Effect.provide(host.layer))
  })

  it.effect("is not asked for a fresh token, and once for all who want another", () => {
    const { clientOf, state } = switched()
    const host = hostOf(ofTenants(clientOf))
    return Effect.gen(function* () {
      yield* connectAs(ann)
      const before = state.asked
      yield* token(ann)
      assert.strictEqual(state.asked, before)
      yield* TestClock.adjust("2 hours")
      yield* Effect.all(
        Array.from({ length: 20 }, () => token(ann)),
        { concurrency: "unbounded" }
      )
      assert.strictEqual(state.asked, before + 1)
    }).pipe(Effect.provide(host.layer))
  })
})

it.effect("a parked flow of a tenant's own client is finished with it", () => {
  const host = hostOf(ofTenants())
  return Effect.gen(function* () {
    const started = yield* startFlow(completeUrl, ann)
    const outcome = yield* comeBack(started, { context: contextOf(started) })
    const url = new URL(outcome._tag === "Return" ? outcome.url : "")
    const flowId = new URLSearchParams(url.hash.slice(1)).get("flowId") ?? ""
    const integration = yield* completeFlow(flowId, ann)
    assert.strictEqual(integration.status, "connected")
    assert.deepStrictEqual(host.seen(), ["acme-client canary-acme-secret authorization_code"])
  }).pipe(Effect.provide(host.layer))
})
