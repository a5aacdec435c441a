import { assert, describe, it } from "@effect/vitest"
import { Deferred, Duration, Effect, Fiber, Redacted } from "effect"
import { TestClock } from "effect/testing"
import {
  type AccessToken,
  accessToken,
  apiKey,
  authorizedFetch,
  ClientTokens,
  complete,
  connect,
  ConnectionName,
  ConnectionStore,
  CredentialId,
  disconnect,
  type EgressRequest,
  GrantId,
  type IntegrationKey,
  ownedBy,
  ProviderId,
  RefusedTokens,
  requireActor,
  requireMember,
  Secret,
  storeCredentials,
  swapCredential,
  tellingChanges,
  TenantId,
  tenantsOwn,
  testConnection,
  TokenCache,
  UserId
} from "@hawser/core"
import {
  comeBack,
  completeUrl,
  forge,
  gauge,
  makeHost,
  principal,
  provider,
  tokenResponse
} from "./support/host.ts"

/** Two owners, two names: an admin of the tenant, and its user Ada, who is a member. */
const places = (["tenant", "ada"] as const).flatMap((of) =>
  (["default", "sales"] as const).map((name) => ({ of, name: ConnectionName.make(name) }))
)
type Place = (typeof places)[number]

const tenantId = TenantId.make("acme")
const titleOf = ({ name, of }: Place): string => `${of}-${name}`

const keyOf = ({ name, of }: Place, id: string): IntegrationKey => ({
  tenantId,
  owner: of === "tenant" ? tenantsOwn : ownedBy(UserId.make(of)),
  provider: ProviderId.make(id),
  name
})

/** Who may act there. */
const actorOf = Effect.fnUntraced(function* ({ of }: Place) {
  const member = yield* requireMember(
    of === "tenant" ? principal(tenantId, "bob") : principal(tenantId, of, ["member"])
  )
  const actor = yield* requireActor(member, of === "tenant" ? "tenant" : "user")
  return Object.assign(member, actor)
})

const forAll = { ownedBy: ["tenant", "user"], connections: "many" } as const
const providers = [
  {
    ...forge,
    ...forAll,
    definition: { ...forge.definition, api: { baseUrl: "https://api.forge.example" } }
  },
  { ...gauge, ...forAll },
  {
    ...forAll,
    definition: {
      ...gauge.definition,
      id: ProviderId.make("fleet"),
      clientCredentials: {
        tokenEndpoint: "https://login.fleet.example/token",
        clientId: "client",
        clientSecret: "{api_key}",
        clientAuthentication: "client_secret_post" as const
      },
      api: { baseUrl: "https://api.fleet.example" }
    }
  }
]

/** A vendor whose tokens say whose they are: the code, the refresh token or the key that they came from. */
const answer = ({ body, headers, url }: EgressRequest): Response => {
  if (url.pathname !== "/token")
    return new Response("", { status: headers["x-api-key"]?.startsWith("bad") ? 403 : 200 })
  const form = new URLSearchParams(String(body))
  const of = form.get("code") ?? form.get("refresh_token") ?? form.get("client_secret") ?? ""
  return tokenResponse({
    access_token: `access ${of}`.replaceAll(" ", "_"),
    refresh_token: `${of}_r`,
    expires_in: 3600
  })
}

const connectForge = Effect.fnUntraced(function* (place: Place) {
  const actor = yield* actorOf(place)
  const configured = yield* provider("forge")
  const { name } = place
  const begun = yield* connect(actor, configured, { redirectUrl: completeUrl, name })
  assert(begun._tag === "Authorize")
  const started = { ...begun, authorizationUrl: new URL(begun.authorizationUrl) }
  const outcome = yield* comeBack(started, { parameters: { code: titleOf(place) } })
  assert(outcome._tag === "Return")
  const flowId = new URLSearchParams(new URL(outcome.url).hash.slice(1)).get("flowId") ?? ""
  return yield* complete(actor, configured, { flowId })
})

const storeKey = Effect.fnUntraced(function* (place: Place, id: string, key = titleOf(place)) {
  const configured = yield* provider(id)
  return yield* storeCredentials(yield* actorOf(place), configured, {
    credentials: { api_key: key }
  })
})

const connectKey = Effect.fnUntraced(function* (place: Place, id: string) {
  const { id: credentialId } = yield* storeKey(place, id)
  const { name } = place
  yield* connect(yield* actorOf(place), yield* provider(id), { credentialId, name })
})

const tokenAt = (place: Place, id = "forge", options = {}) =>
  Effect.map(accessToken(keyOf(place, id), options), (token) => Redacted.value(token.accessToken))

const keyAt = (place: Place) =>
  Effect.map(apiKey(keyOf(place, "gauge")), ({ api_key: key = Secret("") }) => Redacted.value(key))

const outcomeOf = <A, E extends { readonly _tag: string }, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.map(Effect.result(effect), (result) =>
    result._tag === "Success" ? result.success : result.failure._tag
  )

const host = () => makeHost({ providers, answer, tokenCacheTime: Duration.seconds(10) })

/** As the host's own process has it: what it changes is told to the cache. */
const telling = <A, E, R>(program: Effect.Effect<A, E, R>) =>
  Effect.flatMap(TokenCache, (cache) =>
    Effect.updateService(program, ConnectionStore, (store) => tellingChanges(store, cache.forget))
  )

const each = <A, E, R>(use: (place: Place) => Effect.Effect<A, E, R>) =>
  Effect.forEach(places, (place) => use(place), { concurrency: "unbounded" })

describe("S-92 two owners and two names", () => {
  it.effect("have each a token of its own: read, from the cache, and when one has gone", () =>
    Effect.gen(function* () {
      for (const place of places) yield* connectForge(place)
      const own = places.map((place) => `access_${titleOf(place)}`)
      assert.deepStrictEqual(yield* each(tokenAt), own)
      assert.deepStrictEqual(yield* each(tokenAt), own)
      for (const [index, gone] of places.entries()) {
        yield* disconnect(yield* actorOf(gone), yield* provider("forge"), gone.name)
        const left = yield* each((place) => outcomeOf(tokenAt(place)))
        assert.deepStrictEqual(
          left,
          own.map((token, at) => (at <= index ? "NotConnected" : token))
        )
      }
    }).pipe(telling, Effect.provide(host().layer))
  )

  it.effect("are refreshed each by itself, however many ask at once", () => {
    const { layer, sent } = host()
    return Effect.gen(function* () {
      for (const place of places) yield* connectForge(place)
      const before = sent.length
      yield* TestClock.adjust("59 minutes")
      const twice = yield* Effect.all([each(tokenAt), each(tokenAt)], { concurrency: "unbounded" })
      const own = places.map((place) => `access_${titleOf(place)}_r`)
      assert.deepStrictEqual(twice, [own, own])
      assert.strictEqual(sent.length - before, places.length)
    }).pipe(Effect.provide(layer))
  })

  it.effect("have a token refreshed alone where its API refused it", () => {
    const { layer } = makeHost({
      providers,
      answer,
      tokenCacheTime: Duration.seconds(10),
      api: ({ headers }) =>
        new Response("", {
          status: headers["authorization"] === "Bearer access_ada-sales" ? 401 : 200
        })
    })
    return Effect.gen(function* () {
      for (const place of places) yield* connectForge(place)
      const statuses = yield* each((place) =>
        Effect.map(authorizedFetch(keyOf(place, "forge"), "/things"), ({ status }) => status)
      )
      assert.deepStrictEqual(statuses, [200, 200, 200, 200])
      assert.deepStrictEqual(
        yield* each(tokenAt),
        places.map(titleOf).map((of) => `access_${of}${of === "ada-sales" ? "_r" : ""}`)
      )
    }).pipe(Effect.provide(layer))
  })

  it.effect(
    "have each an API key of its own: opened, exchanged for a token, checked and swapped",
    () =>
      Effect.gen(function* () {
        for (const place of places) {
          yield* connectKey(place, "gauge")
          yield* connectKey(place, "fleet")
        }
        const own = places.map(titleOf)
        assert.deepStrictEqual(yield* each(keyAt), own)
        const exchanged = own.map((title) => `access_${title}`)
        const tokensOfFleet = each((place) => tokenAt(place, "fleet"))
        assert.deepStrictEqual(yield* tokensOfFleet, exchanged)
        assert.deepStrictEqual(yield* tokensOfFleet, exchanged)

        const [, , , last] = places
        assert(last !== undefined)
        const { id } = yield* storeKey(last, "gauge", "swapped")
        yield* swapCredential(yield* actorOf(last), yield* provider("gauge"), id, last.name)
        assert.deepStrictEqual(yield* each(keyAt), [...own.slice(0, -1), "swapped"])
        const tested = yield* each(
          Effect.fnUntraced(function* (place) {
            const actor = yield* actorOf(place)
            return (yield* testConnection(actor, yield* provider("gauge"), place.name)).status
          })
        )
        assert.deepStrictEqual(tested, ["ok", "ok", "ok", "ok"])
      }).pipe(telling, Effect.provide(host().layer))
  )
})

const some: AccessToken = {
  accessToken: Secret("t"),
  dpopKey: undefined,
  tokenType: "bearer",
  expiresAt: undefined,
  remaining: undefined,
  lifetime: undefined,
  withdrawal: undefined,
  generation: 1,
  grantId: GrantId.make(`gnt_${"0".repeat(26)}`),
  scopes: [],
  fields: {}
}
const keys = places.map((place) => keyOf(place, "forge"))

describe("S-92 in each cache of a process", () => {
  it.effect("reads that are under way are shared by no two of them", () =>
    Effect.gen(function* () {
      const cache = yield* TokenCache
      const gate = yield* Deferred.make<void>()
      const reading = yield* Effect.forEach(keys, (key, generation) =>
        Effect.forkChild(
          cache.share(
            key,
            {},
            Effect.as(Deferred.await(gate), { token: { ...some, generation }, readAt: 0 })
          ),
          { startImmediately: true }
        )
      )
      yield* Deferred.succeed(gate, undefined)
      const read = yield* Effect.forEach(reading, (fiber) => Fiber.join(fiber))
      assert.deepStrictEqual(
        read.map(({ generation }) => generation),
        [0, 1, 2, 3]
      )
      const kept = () =>
        Effect.forEach(keys, (key) =>
          Effect.map(cache.get(key), (entry) => entry?.token.generation)
        )
      assert.deepStrictEqual(yield* kept(), [0, 1, 2, 3])
      for (const [index, key] of keys.entries()) {
        if (index % 2 === 0) yield* cache.forget(key)
        else yield* cache.doubt(key)
        assert.deepStrictEqual(
          yield* kept(),
          [0, 1, 2, 3].map((one) => (one <= index ? undefined : one))
        )
        const doubted = yield* Effect.forEach(keys, (one) => cache.isInDoubt(one))
        assert.deepStrictEqual(
          doubted,
          keys.map((_, at) => at % 2 === 1 && at <= index)
        )
      }
    }).pipe(Effect.provide(TokenCache.layer({ timeToLive: Duration.minutes(1) })))
  )

  it.effect("what was refused of one holds nobody else's back", () =>
    Effect.gen(function* () {
      const refused = yield* RefusedTokens
      const [first, ...others] = keys
      assert(first !== undefined)
      yield* refused.remember(first, some)
      assert.isFalse(yield* refused.mayRefresh(first, some))
      for (const key of others) assert.isTrue(yield* refused.mayRefresh(key, some))
    }).pipe(Effect.provide(RefusedTokens.layer))
  )

  it.effect("a key of the same id and another owner is exchanged for a token of its own", () =>
    Effect.gen(function* () {
      const tokens = yield* ClientTokens
      const fleet = yield* provider("fleet")
      assert(fleet.authType === "api_key")
      const id = CredentialId.make(`crd_${"0".repeat(26)}`)
      const got = yield* each(
        Effect.fnUntraced(function* (place) {
          const { owner, provider: ofProvider } = keyOf(place, "fleet")
          const key = { tenantId, owner, provider: ofProvider, id }
          const token = yield* tokens.get(fleet, key, { api_key: place.of, site: "" })
          return Redacted.value(token.accessToken)
        })
      )
      assert.deepStrictEqual(
        got,
        places.map(({ of }) => `access_${of}`)
      )
    }).pipe(Effect.provide(host().layer))
  )
})
