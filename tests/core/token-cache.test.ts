import { assert, describe, it } from "@effect/vitest"
import { Deferred, Duration, Effect, Fiber, Redacted } from "effect"
import { TestClock } from "effect/testing"
import {
  accessToken,
  apiKey,
  type Cipher,
  ConnectionStore,
  disconnect,
  GrantId,
  markRevoked,
  NotConnected,
  ReconnectRequired,
  tellingChanges,
  TokenCache,
  type IntegrationKey
} from "@hawser/core"
import { someToken } from "./support/accessToken.ts"
import {
  ann,
  connectForge,
  connectGauge,
  eve,
  type HostOptions,
  makeHost,
  provider,
  tokenResponse,
  ofForge,
  ofGauge
} from "./support/host.ts"

/** A host whose keys are far away: what is opened waits at a gate from when the test closes it. */
const withGate = (options: HostOptions = {}) => {
  let gate: Deferred.Deferred<void> | undefined
  let waits = Deferred.makeUnsafe<void>()
  const cipher = (real: Cipher["Service"]): Cipher["Service"] => ({
    ...real,
    open: (...parameters) =>
      Effect.suspend(() => {
        Deferred.doneUnsafe(waits, Effect.void)
        return gate === undefined ? Effect.void : Deferred.await(gate)
      }).pipe(Effect.andThen(real.open(...parameters)))
  })
  const host = makeHost({ tokenCacheTime: Duration.seconds(10), ...options, cipher })
  return {
    ...host,
    close: () => {
      gate = Deferred.makeUnsafe()
      waits = Deferred.makeUnsafe()
    },
    /** Once something waits there. */
    waiting: Effect.suspend(() => Deferred.await(waits)),
    open: () => {
      if (gate !== undefined) Deferred.doneUnsafe(gate, Effect.void)
      gate = undefined
    }
  }
}

/** The store as the host's own process has it: what it changes is told to the cache. */
const telling = <A, E, R>(program: Effect.Effect<A, E, R>) =>
  Effect.flatMap(TokenCache, (cache) =>
    Effect.updateService(program, ConnectionStore, (store) => tellingChanges(store, cache.forget))
  )

/** And as a transaction of the host's has it, which tells nobody when it commits. */
const inTransaction = <A, E, R>(program: Effect.Effect<A, E, R>) =>
  Effect.flatMap(TokenCache, (cache) =>
    Effect.updateService(program, ConnectionStore, (store) => tellingChanges(store, cache.doubt))
  )

const disconnectForge = Effect.flatMap(provider("forge"), (forge) => disconnect(ann, forge))
const token = Effect.map(accessToken(ofForge), ({ accessToken }) => Redacted.value(accessToken))
const outcome = Effect.map(Effect.result(token), (result) =>
  result._tag === "Success" ? result.success : result.failure._tag
)

describe("S-127 what this process has disconnected", () => {
  it.effect("is given to nobody: not to who asked before, nor after, and it is not kept", () => {
    const host = withGate()
    return Effect.gen(function* () {
      yield* connectForge()
      host.close()
      const before = yield* Effect.forkChild(outcome, { startImmediately: true })
      yield* host.waiting
      yield* disconnectForge
      const joined = yield* Effect.forkChild(outcome, { startImmediately: true })
      host.open()
      assert.deepStrictEqual(
        [yield* Fiber.join(before), yield* Fiber.join(joined), yield* outcome],
        ["NotConnected", "NotConnected", "NotConnected"]
      )
    }).pipe(telling, Effect.provide(host.layer))
  })

  it.effect("is given to nobody where its provider withdrew it", () => {
    const host = withGate()
    return Effect.gen(function* () {
      yield* connectForge()
      host.close()
      const before = yield* Effect.forkChild(outcome, { startImmediately: true })
      yield* host.waiting
      assert.isTrue(yield* markRevoked(ofForge))
      host.open()
      assert.strictEqual(yield* Fiber.join(before), "ReconnectRequired")
      assert.instanceOf(yield* Effect.flip(accessToken(ofForge)), ReconnectRequired)
    }).pipe(telling, Effect.provide(host.layer))
  })

  it.effect("is not given from the cache where a refresh was refused meanwhile", () => {
    const host = makeHost({
      tokenCacheTime: Duration.hours(2),
      answer: ({ body = "" }) =>
        body.includes("grant_type=refresh_token")
          ? Response.json({ error: "invalid_grant" }, { status: 400 })
          : tokenResponse({ refresh_token: "refresh-1", expires_in: 3600 })
    })
    return Effect.gen(function* () {
      yield* connectForge()
      const given = yield* accessToken(ofForge)
      yield* Effect.flip(accessToken(ofForge, { rejected: given }))
      assert.strictEqual(yield* outcome, "ReconnectRequired")
    }).pipe(telling, Effect.provide(host.layer))
  })

  it.effect("is not given as an API key that was being opened", () => {
    const host = withGate()
    return Effect.gen(function* () {
      yield* connectGauge()
      host.close()
      const before = yield* Effect.forkChild(Effect.flip(apiKey(ofGauge)), {
        startImmediately: true
      })
      yield* host.waiting
      yield* disconnect(ann, yield* provider("gauge"))
      host.open()
      assert.instanceOf(yield* Fiber.join(before), NotConnected)
    }).pipe(telling, Effect.provide(host.layer))
  })

  for (const change of ["connect", "swapCredential", "disconnect"] as const) {
    it.effect(`is told to the cache after the store's ${change}, whatever came of it`, () => {
      const told: Array<IntegrationKey> = []
      const failing = () => Effect.die(new Error("the connection broke"))
      return Effect.gen(function* () {
        const store = tellingChanges({ ...(yield* ConnectionStore), [change]: failing }, (query) =>
          Effect.sync(() => void told.push(query))
        )
        const call: (query: never) => Effect.Effect<unknown, unknown> = store[change]
        yield* Effect.exit(call(ofForge as never))
        assert.deepStrictEqual(told, [ofForge])
      }).pipe(Effect.provide(makeHost().layer))
    })
  }

  it.effect("takes nothing from another tenant's", () => {
    const host = withGate()
    return Effect.gen(function* () {
      yield* connectForge()
      yield* connectForge(eve)
      const ofEve = { ...ofForge, tenantId: eve.tenantId }
      yield* accessToken(ofEve)
      yield* disconnectForge
      const cache = yield* TokenCache
      assert.isDefined(yield* cache.get(ofEve))
      assert.isUndefined(yield* cache.get(ofForge))
    }).pipe(telling, Effect.provide(host.layer))
  })
})

describe("S-127 what a transaction of the host's disconnects", () => {
  it.effect("is not kept from then on, as it may commit at any moment", () => {
    const host = withGate()
    return Effect.gen(function* () {
      yield* connectForge()
      yield* token
      const cache = yield* TokenCache
      assert.isDefined(yield* cache.get(ofForge))
      yield* cache.doubt(ofForge)
      assert.isUndefined(yield* cache.get(ofForge))
      assert.strictEqual(yield* outcome, "canary-access-token")
      assert.isUndefined(yield* cache.get(ofForge))
      yield* inTransaction(disconnectForge)
      assert.strictEqual(yield* outcome, "NotConnected")
    }).pipe(Effect.provide(host.layer))
  })

  it.effect("is not given where it commits while a token is opened", () => {
    const host = withGate()
    return Effect.gen(function* () {
      yield* connectForge()
      yield* connectGauge()
      const cache = yield* TokenCache
      const failureOf = Effect.fnUntraced(function* <A, E, R>(
        query: IntegrationKey,
        read: Effect.Effect<A, E, R>
      ) {
        yield* cache.doubt(query)
        host.close()
        const reading = yield* Effect.forkChild(Effect.flip(read), { startImmediately: true })
        yield* host.waiting
        // The commit: the store tells nobody.
        yield* disconnect(ann, yield* provider(query.provider))
        host.open()
        return yield* Fiber.join(reading)
      })
      assert.instanceOf(yield* failureOf(ofForge, token), NotConnected)
      assert.instanceOf(yield* failureOf(ofGauge, apiKey(ofGauge)), NotConnected)
    }).pipe(Effect.provide(host.layer))
  })

  it.effect("is kept again after an hour, in which it was rolled back", () => {
    const host = withGate({ tokenCacheTime: Duration.hours(3) })
    return Effect.gen(function* () {
      yield* connectForge()
      const cache = yield* TokenCache
      yield* cache.doubt(ofForge)
      yield* TestClock.adjust(Duration.millis(3_599_999))
      yield* token
      assert.isUndefined(yield* cache.get(ofForge))
      yield* TestClock.adjust("1 milli")
      yield* token
      assert.isDefined(yield* cache.get(ofForge))
    }).pipe(Effect.provide(host.layer))
  })
})

it.effect("a token that was read a while ago has less of its life left", () => {
  const host = makeHost({
    tokenCacheTime: Duration.seconds(10),
    answer: () => tokenResponse({ expires_in: 3600 })
  })
  return Effect.gen(function* () {
    yield* connectForge()
    yield* token
    yield* TestClock.adjust("4 seconds")
    const cached = yield* (yield* TokenCache).get(ofForge)
    assert.strictEqual(cached?.remaining, 3596)
  }).pipe(Effect.provide(host.layer))
})

it.effect("S-127 another process's disconnect is seen ten seconds after a token was read", () => {
  const host = withGate()
  return Effect.gen(function* () {
    yield* connectForge()
    yield* TestClock.adjust("1 minute")
    host.close()
    const reading = yield* Effect.forkChild(token, { startImmediately: true })
    yield* host.waiting
    yield* TestClock.adjust("6 seconds")
    host.open()
    yield* Fiber.join(reading)
    // Another process: nothing is told here.
    yield* disconnectForge
    yield* TestClock.adjust(Duration.millis(3999))
    assert.strictEqual(yield* outcome, "canary-access-token")
    yield* TestClock.adjust("1 milli")
    assert.strictEqual(yield* outcome, "NotConnected")
  }).pipe(Effect.provide(host.layer))
})

it.effect("a read serves who asks for the same meanwhile, and nobody who asks for more", () =>
  Effect.gen(function* () {
    const cache = yield* TokenCache
    const gate = yield* Deferred.make<void>()
    let reads = 0
    const read = Effect.suspend(() => {
      const generation = ++reads
      return Effect.as(Deferred.await(gate), { token: { ...someToken, generation }, readAt: 0 })
    })
    const { grantId } = someToken
    const asking = yield* Effect.forEach(
      [
        {},
        {},
        { validFor: 60 },
        { rejected: { grantId, generation: 1 } },
        { rejected: { grantId, generation: 2 } },
        { rejected: { grantId: GrantId.make(`gnt_${"1".repeat(26)}`), generation: 1 } }
      ],
      (options) => Effect.forkChild(cache.share(ofForge, options, read), { startImmediately: true })
    )
    yield* Deferred.succeed(gate, undefined)
    const given = yield* Effect.forEach(asking, (fiber) => Fiber.join(fiber))
    assert.deepStrictEqual(
      given.map(({ generation }) => generation),
      [1, 1, 2, 3, 4, 5]
    )
  }).pipe(Effect.provide(TokenCache.layer({ timeToLive: Duration.minutes(1) })))
)
