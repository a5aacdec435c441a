import { assert, it } from "@effect/vitest"
import {
  accessToken,
  ConnectionStore,
  connect,
  CredentialStore,
  defaultName,
  eraseUser,
  EventBus,
  type KeyedHash,
  Maintenance,
  OAuthStateStore,
  ownedBy,
  ProviderId,
  storeCredentials,
  swapCredential,
  TenantId,
  tenantsOwn,
  UserId
} from "@hawser/core"
import { MemoryStores } from "@hawser/memory"
import { Context, Duration, Effect, Layer, Option } from "effect"
import type { SecureRandom } from "effect/crypto"
import { TestClock } from "effect/testing"
import {
  type Admin,
  ann,
  annHerself,
  comeBack,
  completeFlow,
  completeUrl,
  cookieUrl,
  forge,
  gauge,
  makeHost,
  parkFlow,
  provider,
  startFlow,
  tokenResponse
} from "./support/host.ts"

const tenantId = TenantId.make("acme")
const userId = UserId.make("ann")

/** Ann, who acts for the tenant, and Ann, who acts for what is hers. */
const actors = {
  "for the tenant": ann,
  "of the user's own": annHerself
} as const

/** Something happens before the call of a store that comes in this place. */
class Calls {
  at = Infinity
  count = 0
  #isWatched = true
  happens: Effect.Effect<void> = Effect.void

  readonly watch = Effect.suspend(() => {
    if (!this.#isWatched) return Effect.void
    this.count += 1
    if (this.count !== this.at) return Effect.void
    this.#isWatched = false
    return Effect.ensuring(
      this.happens,
      Effect.sync(() => {
        this.#isWatched = true
      })
    )
  })
}

/** The stores in memory, each of whose calls is one that something may happen before. */
const watchedStores = (calls: Calls) => {
  const watched = <Store extends object>(store: Store): Store =>
    Object.fromEntries(
      Object.entries(store).map(([name, member]: [string, unknown]) => {
        if (Effect.isEffect(member)) return [name, Effect.andThen(calls.watch, member)]
        if (typeof member !== "function" || name === "listen") return [name, member]
        return [
          name,
          (...parameters: ReadonlyArray<unknown>) =>
            Effect.andThen(
              calls.watch,
              Effect.suspend(() =>
                (member as (...all: ReadonlyArray<unknown>) => Effect.Effect<unknown>)(
                  ...parameters
                )
              )
            )
        ]
      })
    ) as Store
  return Layer.effectContext(
    Effect.map(Layer.build(MemoryStores.layer), (stores) =>
      Context.make(ConnectionStore, watched(Context.get(stores, ConnectionStore))).pipe(
        Context.add(CredentialStore, watched(Context.get(stores, CredentialStore))),
        Context.add(OAuthStateStore, watched(Context.get(stores, OAuthStateStore))),
        Context.add(EventBus, Context.get(stores, EventBus)),
        Context.add(Maintenance, watched(Context.get(stores, Maintenance)))
      )
    )
  )
}

/** Where the user stands, in what is stored and in what is told. */
const standing = Effect.gen(function* () {
  const connections = yield* ConnectionStore
  const credentials = yield* CredentialStore
  const bus = yield* EventBus
  const { items } = yield* connections.list({
    tenantId,
    owners: "all"
  })
  const keys = yield* Effect.forEach([tenantsOwn, ownedBy(userId)], (owner) =>
    credentials.list({ tenantId, owner, provider: ProviderId.make("gauge") })
  )
  const claimed = yield* bus.claim("witness", { limit: 100, lease: Duration.seconds(60) })
  const events = Option.match(claimed, {
    onNone: () => [],
    onSome: ({ deliveries }) => deliveries.map(({ event }) => event.data)
  })
  const all = JSON.stringify([items, keys.flatMap((list) => list.items), events])
  return all.match(/"ann"/g) ?? []
})

/** The same id begins again once the tombstone is gone, with nothing. */
const comesAgain = (actor: Admin) =>
  Effect.gen(function* () {
    const flows = yield* OAuthStateStore
    yield* TestClock.adjust("91 minutes")
    yield* flows.sweep
    const outcome = yield* comeBack(yield* startFlow(cookieUrl, actor))
    assert.include(outcome._tag === "Return" ? outcome.url : "", "status=connected")
  })

type Scene = (
  actor: Admin
) => Effect.Effect<Effect.Effect<unknown, unknown, Services>, unknown, Services>
type Services = Layer.Success<ReturnType<typeof makeHost>["layer"]>

/** Each prepares, and returns what is under way while the user is erased. */
const scenes: Readonly<Record<string, Scene>> = {
  "a connect that begins a flow": (actor) => Effect.succeed(startFlow(cookieUrl, actor)),
  "a callback": (actor) => Effect.map(startFlow(cookieUrl, actor), (started) => comeBack(started)),
  "a callback that parks": (actor) =>
    Effect.map(startFlow(completeUrl, actor), (started) => comeBack(started)),
  complete: (actor) => Effect.map(parkFlow(actor), (flowId) => completeFlow(flowId, actor)),
  "a key that is stored": (actor) =>
    Effect.map(provider("gauge", actor), (used) =>
      storeCredentials(actor, used, { credentials: { api_key: "good-key" } })
    ),
  "a connect with a key": Effect.fnUntraced(function* (actor) {
    const used = yield* provider("gauge", actor)
    const { id } = yield* storeCredentials(actor, used, { credentials: { api_key: "good-key" } })
    return connect(actor, used, { credentialId: id })
  }),
  "a swap of keys": Effect.fnUntraced(function* (actor) {
    const used = yield* provider("gauge", actor)
    const stored = () => storeCredentials(actor, used, { credentials: { api_key: "good-key" } })
    yield* connect(actor, used, { credentialId: (yield* stored()).id })
    return swapCredential(actor, used, (yield* stored()).id)
  }),
  "a refresh": Effect.fnUntraced(function* (actor) {
    yield* comeBack(yield* startFlow(cookieUrl, actor))
    yield* TestClock.adjust("2 hours")
    return accessToken({
      tenantId,
      owner: actor.owner,
      provider: ProviderId.make("forge"),
      name: defaultName
    })
  })
}

const both = { ownedBy: ["tenant", "user"] } as const

/** Runs a scene with the user erased before this call of a store; answers whether there were so many. */
const erasedBefore = (place: number, scene: Scene, actor: Admin) => {
  const calls = new Calls()
  const host = makeHost({
    stores: watchedStores(calls),
    providers: [
      { ...forge, ...both },
      { ...gauge, ...both }
    ],
    answer: ({ headers, url }) =>
      url.pathname === "/token"
        ? tokenResponse({ expires_in: 3600, refresh_token: "canary-refresh-token" })
        : new Response(null, { status: headers["x-api-key"] === "good-key" ? 200 : 403 })
  })
  return Effect.gen(function* () {
    const bus = yield* EventBus
    yield* bus.subscribe("witness", "beginning")
    const work = yield* scene(actor)
    const services = yield* Effect.context<
      ConnectionStore | KeyedHash | Maintenance | SecureRandom.SecureRandom
    >()
    calls.happens = eraseUser(tenantId, userId).pipe(
      Effect.provide(services),
      Effect.orDie,
      Effect.asVoid
    )
    calls.count = 0
    calls.at = place
    yield* Effect.ignore(work)
    const wasErased = calls.count >= place
    calls.at = Infinity
    if (!wasErased) return false
    assert.deepStrictEqual([place, yield* standing], [place, []])
    if (actor.owner !== tenantsOwn) yield* comesAgain(actor)
    return true
  }).pipe(Effect.provide(host.layer))
}

for (const [name, scene] of Object.entries(scenes))
  for (const [whose, actor] of Object.entries(actors))
    it.effect(
      `S-98 erased before each call of a store during ${name}, ${whose}: nothing comes back`,
      () =>
        Effect.gen(function* () {
          let place = 1
          while (yield* erasedBefore(place, scene, actor)) place += 1
          assert.isAbove(place, 1)
        })
    )
