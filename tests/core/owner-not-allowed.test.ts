import { assert, describe, it } from "@effect/vitest"
import {
  accessToken,
  apiKey,
  authorizedFetch,
  configureProvider,
  connect,
  ConnectionStore,
  defaultName,
  disconnect,
  get,
  Keeper,
  list,
  Maintenance,
  type OwnerKind,
  ProviderId,
  ProviderRegistry,
  Refreshing,
  storeCredentials,
  testConnection
} from "@hawser/core"
import { MemoryStores } from "@hawser/memory"
import { Duration, Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import {
  ann,
  annHerself as own,
  comeBack,
  cookieUrl,
  forge,
  gauge,
  makeHost,
  provider,
  startFlow,
  tokenResponse
} from "./support/host.ts"

const keyOf = (id: string) => ({
  tenantId: own.tenantId,
  owner: own.owner,
  provider: ProviderId.make(id),
  name: defaultName
})

const configs = (owners: ReadonlyArray<OwnerKind>) => [
  {
    ...forge,
    ownedBy: owners,
    definition: { ...forge.definition, api: { baseUrl: "https://api.forge.example" } }
  },
  {
    ...gauge,
    ownedBy: owners,
    definition: { ...gauge.definition, api: { baseUrl: "https://api.gauge.example" } }
  }
]

const hostOf = (owners: ReadonlyArray<OwnerKind>, stores: Parameters<typeof makeHost>[0] = {}) =>
  makeHost({
    providers: configs(owners),
    tokenCacheTime: Duration.minutes(1),
    answer: ({ headers, url }) =>
      url.pathname === "/token"
        ? tokenResponse({ expires_in: 3600, refresh_token: "canary-refresh-token" })
        : new Response(null, { status: headers["x-api-key"] === "good-key" ? 200 : 403 }),
    ...stores
  })

/** Both kinds of connection, of the user's own. */
const connected = Effect.gen(function* () {
  yield* comeBack(yield* startFlow(cookieUrl, own))
  const used = yield* provider("gauge", own)
  const { id } = yield* storeCredentials(own, used, { credentials: { api_key: "good-key" } })
  yield* connect(own, used, { credentialId: id })
})

/** As if the host had been started again without users' own. */
const narrowed = <A, E, R>(program: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const providers = yield* Effect.forEach(configs(["tenant"]), (config) =>
      configureProvider(config as never, { unsafelyAllowLoopback: false })
    )
    return yield* Effect.provideService(program, ProviderRegistry, ProviderRegistry.make(providers))
  })

const outcomeOf = <R>(program: Effect.Effect<unknown, { readonly _tag: string }, R>) =>
  Effect.match(program, {
    onSuccess: () => "worked",
    onFailure: (error) => ("reason" in error ? String(error.reason) : error._tag)
  })

describe("a host that no longer lets users own connections", () => {
  const host = hostOf(["tenant", "user"])
  const uses = {
    "its token": accessToken(keyOf("forge")),
    "a call with its token": authorizedFetch(keyOf("forge"), "/"),
    "its API key": apiKey(keyOf("gauge")),
    "a call with its API key": authorizedFetch(keyOf("gauge"), "/")
  }
  for (const [name, use] of Object.entries(uses))
    it.effect(
      `gives nobody ${name}, though it is in the cache, and gives it again once they may`,
      () =>
        Effect.gen(function* () {
          yield* connected
          assert.strictEqual(yield* outcomeOf(use), "worked")
          const sent = [host.sent.length, host.calls.length]
          assert.strictEqual(yield* narrowed(outcomeOf(use)), "owner_not_allowed")
          assert.deepStrictEqual([host.sent.length, host.calls.length], sent)
          assert.strictEqual(yield* outcomeOf(use), "worked")
        }).pipe(Effect.provide(host.layer))
    )

  for (const id of ["forge", "gauge"])
    it.effect(`tests no connection of theirs: ${id}`, () =>
      Effect.gen(function* () {
        yield* connected
        const sent = host.sent.length
        const outcome = yield* narrowed(
          Effect.flatMap(provider(id, own), (used) => testConnection(own, used))
        )
        assert.deepInclude(outcome, { status: "failed", reason: "unexpected_answer" })
        assert.strictEqual(host.sent.length, sent)
      }).pipe(Effect.provide(host.layer))
    )

  it.effect("does not refresh for them, and the keeper puts it off; nothing ends", () =>
    Effect.gen(function* () {
      const stores = { stores: Layer.succeedContext(yield* Layer.build(MemoryStores.layer)) }
      yield* Effect.provide(connected, hostOf(["tenant", "user"], stores).layer)
      yield* TestClock.adjust("2 hours")
      const later = hostOf(["tenant"], stores)
      yield* Effect.gen(function* () {
        const keeper = yield* Keeper
        yield* keeper.drain
        const connections = yield* ConnectionStore
        const grant = yield* connections.grant(keyOf("forge"))
        const refreshing = yield* Refreshing
        const used = yield* provider("forge", ann)
        const refreshed = refreshing.refresh(used as never, keyOf("forge"), grant as never)
        assert.strictEqual(yield* outcomeOf(refreshed), "owner_not_allowed")
        const maintenance = yield* Maintenance
        assert.lengthOf(
          yield* maintenance.claimDueGrants({ limit: 10, hold: Duration.seconds(10) }),
          0
        )
        assert.strictEqual((yield* connections.find(keyOf("forge"))).status, "connected")
      }).pipe(Effect.provide(later.layer))
      assert.deepStrictEqual(later.sent, [])
    })
  )

  it.effect("begins and stores nothing of theirs, but shows and ends what is there", () =>
    narrowedly(
      Effect.gen(function* () {
        const [forgeNow, gaugeNow] = [yield* provider("forge", own), yield* provider("gauge", own)]
        const store = storeCredentials(own, gaugeNow, { credentials: { api_key: "good-key" } })
        assert.strictEqual(yield* outcomeOf(store), "ValidationError")
        const begin = connect(own, forgeNow, { redirectUrl: cookieUrl, reauthorize: true })
        assert.strictEqual(yield* outcomeOf(begin), "ValidationError")
        assert.strictEqual((yield* list(own, { owner: "user" })).total, 2)
        for (const used of [forgeNow, gaugeNow]) {
          assert.strictEqual((yield* get(own, used)).status, "connected")
          assert.strictEqual((yield* disconnect(own, used)).status, "disconnected")
        }
      })
    ).pipe(Effect.provide(host.layer))
  )
})

const narrowedly = <A, E, R>(program: Effect.Effect<A, E, R>) =>
  Effect.andThen(connected, narrowed(program))
