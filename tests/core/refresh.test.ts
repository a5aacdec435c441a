import { assert, describe, it } from "@effect/vitest"
import { Deferred, Duration, Effect, Fiber, Redacted } from "effect"
import { TestClock } from "effect/testing"
import {
  accessToken,
  ConnectionStore,
  EgressError,
  type EgressRequest,
  Keeper,
  Maintenance,
  markRevoked,
  Misconfigured,
  NotConnected,
  type OAuth2ProviderConfig,
  ProviderUnavailable,
  RateLimited,
  ReconnectRequired,
  restore,
  StorageUnavailable,
  TokenCache,
  UserId,
  tenantsDefault
} from "@hawser/core"
import {
  connectForge,
  eve,
  forge,
  type HostOptions,
  makeHost,
  outbox,
  provider,
  tokenResponse,
  ofForge
} from "./support/host.ts"

/** A provider of expiring tokens that rotates; a test may give another answer to the n-th refresh. */
const rotating = (
  refreshes: ReadonlyArray<Response | EgressError | undefined> = [],
  options: Omit<HostOptions, "answer"> = {}
) => {
  let issued = 0
  const presented: Array<string> = []
  const fresh = () => {
    issued++
    return tokenResponse({
      access_token: `access-${issued}`,
      refresh_token: `refresh-${issued}`,
      expires_in: 3600
    })
  }
  const host = makeHost({
    ...options,
    answer: ({ body = "" }: EgressRequest) => {
      const parameters = new URLSearchParams(body)
      if (parameters.get("grant_type") !== "refresh_token") return fresh()
      presented.push(parameters.get("refresh_token") ?? "")
      return refreshes[presented.length - 1] ?? fresh()
    }
  })
  return { ...host, presented }
}

const reply = (status: number, body: object, headers: Record<string, string> = {}) =>
  Response.json(body, { status, headers })
const invalidGrant = () => reply(400, { error: "invalid_grant" })
const lost = (sent: boolean) =>
  new EgressError({ reason: "connection_failed", host: "forge.example", sent })

const timedOut = new EgressError({ reason: "timeout", host: "forge.example", sent: true })

const token = Effect.map(accessToken(ofForge), ({ accessToken }) => Redacted.value(accessToken))
const events = Effect.map(outbox, (all) => all.map(({ event }) => event))
const integration = Effect.flatMap(ConnectionStore, (store) =>
  store.find({ ...ofForge, ...tenantsDefault })
)

describe("a token that ends soon", () => {
  it.effect(
    "is refreshed before it is given, and read without a request until it ends again",
    () => {
      const { layer, presented } = rotating()
      return Effect.gen(function* () {
        yield* connectForge()
        assert.strictEqual(yield* token, "access-1")
        yield* TestClock.adjust("54 minutes")
        assert.strictEqual(yield* token, "access-1")
        yield* TestClock.adjust("2 minutes")
        assert.strictEqual(yield* token, "access-2")
        assert.strictEqual(yield* token, "access-2")
        yield* TestClock.adjust("1 hour")
        assert.strictEqual(yield* token, "access-3")
        assert.deepStrictEqual(presented, ["refresh-1", "refresh-2"])
      }).pipe(Effect.provide(layer))
    }
  )

  it.effect("S-36 keeps its refresh token where the answer brings none", () => {
    const { layer, presented } = rotating([
      tokenResponse({ access_token: "again", expires_in: 3600 })
    ])
    return Effect.gen(function* () {
      yield* connectForge()
      yield* TestClock.adjust("2 hours")
      assert.strictEqual(yield* token, "again")
      yield* TestClock.adjust("2 hours")
      yield* token
      assert.deepStrictEqual(presented, ["refresh-1", "refresh-1"])
    }).pipe(Effect.provide(layer))
  })

  it.effect(
    "S-35 is refreshed once for a hundred who ask, and none of them is told before it is stored",
    () => {
      const { layer, presented } = rotating()
      return Effect.gen(function* () {
        yield* connectForge()
        yield* TestClock.adjust("2 hours")
        const tokens = yield* Effect.all(
          Array.from({ length: 100 }, () => token),
          { concurrency: "unbounded" }
        )
        assert.deepStrictEqual(new Set(tokens), new Set(["access-2"]))
        assert.deepStrictEqual(presented, ["refresh-1"])
      }).pipe(Effect.provide(layer))
    }
  )

  it.effect("S-35 is refreshed although the first who asked went away", () => {
    const { layer, presented } = rotating()
    return Effect.gen(function* () {
      yield* connectForge()
      yield* TestClock.adjust("2 hours")
      const first = yield* Effect.forkChild(token, { startImmediately: true })
      yield* Fiber.interrupt(first)
      assert.strictEqual(yield* token, "access-2")
      assert.deepStrictEqual(presented, ["refresh-1"])
    }).pipe(Effect.provide(layer))
  })

  it.effect("serves while its provider cannot give a new one, and not beyond its end", () => {
    const down = () => reply(503, {})
    const { layer } = rotating([down(), down(), down(), down()])
    return Effect.gen(function* () {
      yield* connectForge()
      yield* TestClock.adjust("57 minutes")
      assert.strictEqual(yield* token, "access-1")
      const strict = yield* Effect.flip(accessToken(ofForge, { validFor: 600 }))
      assert.instanceOf(strict, ProviderUnavailable)
      yield* TestClock.adjust("3 minutes")
      assert.instanceOf(yield* Effect.flip(token), ProviderUnavailable)
    }).pipe(Effect.provide(layer))
  })

  it.effect(
    "that lives for no time at all is refreshed once for each who asks, not without end",
    () => {
      const { layer, presented } = rotating([
        tokenResponse({ access_token: "brief", refresh_token: "next", expires_in: 0 })
      ])
      return Effect.gen(function* () {
        yield* connectForge()
        yield* TestClock.adjust("2 hours")
        assert.strictEqual(yield* token, "brief")
        assert.strictEqual(presented.length, 1)
      }).pipe(Effect.provide(layer))
    }
  )
})

describe("an outage", () => {
  const outages: ReadonlyArray<[string, Response | EgressError, unknown]> = [
    ["a refused connection", lost(false), ProviderUnavailable],
    ["a connection that broke", lost(true), ProviderUnavailable],
    ["500", reply(500, {}), ProviderUnavailable],
    ["503", reply(503, {}, { "retry-after": "20" }), ProviderUnavailable],
    ["429", reply(429, {}, { "retry-after": "20" }), RateLimited],
    ["a page of HTML", new Response("<html>", { status: 200 }), ProviderUnavailable],
    ["a refused client", reply(401, { error: "invalid_client" }), Misconfigured]
  ]
  for (const [what, failure, error] of outages) {
    it.effect(`S-37 (${what}) ends no connection: it stands at error until it works again`, () => {
      const { layer } = rotating([failure])
      return Effect.gen(function* () {
        yield* connectForge()
        yield* TestClock.adjust("2 hours")
        assert.instanceOf(yield* Effect.flip(token), error as typeof ProviderUnavailable)
        assert.strictEqual((yield* integration).status, "error")
        yield* TestClock.adjust("15 minutes")
        assert.strictEqual(yield* token, "access-2")
        const { problem, status } = yield* integration
        assert.deepStrictEqual({ problem, status }, { problem: undefined, status: "connected" })
        assert.deepStrictEqual(yield* events, [
          "integration.connected",
          "integration.error",
          "integration.recovered"
        ])
      }).pipe(Effect.provide(layer))
    })
  }

  it.effect("S-37 asks no sooner than the provider wants, and tells each change once", () => {
    const later = () => reply(429, {}, { "retry-after": "60" })
    const { layer, presented } = rotating([later(), later()])
    return Effect.gen(function* () {
      yield* connectForge()
      yield* TestClock.adjust("2 hours")
      const first = yield* Effect.flip(token)
      assert.isTrue(first._tag === "RateLimited" && first.retryAfter === 60)
      yield* TestClock.adjust("30 seconds")
      yield* Effect.flip(token)
      assert.strictEqual(presented.length, 1)
      yield* TestClock.adjust("31 seconds")
      yield* Effect.flip(token)
      assert.strictEqual(presented.length, 2)
      assert.deepStrictEqual(yield* events, ["integration.connected", "integration.error"])
    }).pipe(Effect.provide(layer))
  })

  it.effect(
    "S-37 in which an answer was lost: the used token goes out once more soon, and then rarely",
    () => {
      const { layer, presented } = rotating([lost(true), lost(true), lost(true)])
      return Effect.gen(function* () {
        yield* connectForge()
        yield* TestClock.adjust("2 hours")
        yield* Effect.flip(token)
        yield* TestClock.adjust("31 seconds")
        yield* Effect.flip(token)
        assert.strictEqual(presented.length, 2)
        for (let i = 0; i < 20; i++) {
          yield* TestClock.adjust("10 seconds")
          yield* Effect.flip(token)
        }
        assert.strictEqual(presented.length, 2)
      }).pipe(Effect.provide(layer))
    }
  )

  it.effect(
    "S-37 after our own timeout nothing is sent while the vendor still locks the token, for a second request is refused as a dead token's",
    () => {
      let isLocked = false
      let refreshes = 0
      const issued = (access_token: string) =>
        tokenResponse({ access_token, refresh_token: "canary-refresh", expires_in: 3600 })
      const { layer } = makeHost({
        answer: ({ body = "" }: EgressRequest) => {
          if (!body.includes("grant_type=refresh_token")) return issued("first")
          refreshes++
          if (isLocked) return invalidGrant()
          isLocked = refreshes === 1
          return isLocked ? timedOut : issued("second")
        }
      })
      return Effect.gen(function* () {
        yield* connectForge()
        yield* TestClock.adjust("2 hours")
        const error = yield* Effect.flip(token)
        assert.deepInclude(error, { _tag: "ProviderUnavailable", retryAfter: 30 })
        // Callers, and the keeper, which looks after what is due.
        const keeper = yield* Keeper
        for (let second = 0; second < 29; second++) {
          yield* TestClock.adjust("1 second")
          yield* keeper.drain
          assert.strictEqual((yield* Effect.flip(token))._tag, "ProviderUnavailable")
        }
        assert.strictEqual(refreshes, 1)
        isLocked = false
        yield* TestClock.adjust("2 seconds")
        assert.strictEqual(yield* token, "second")
        assert.strictEqual((yield* integration).status, "connected")
      }).pipe(Effect.provide(layer))
    }
  )
})

describe("a grant that its provider ended", () => {
  it.effect("S-37 is disconnected with its event, and asks for a person", () => {
    const { layer, reported } = rotating([invalidGrant()])
    return Effect.gen(function* () {
      yield* connectForge()
      yield* TestClock.adjust("2 hours")
      for (let i = 0; i < 2; i++) {
        const error = yield* Effect.flip(token)
        assert.isTrue(error instanceof ReconnectRequired && error.reason === "refresh_failed")
      }
      const all = yield* outbox
      assert.deepStrictEqual(
        all.map(({ event }) => event),
        ["integration.connected", "integration.disconnected"]
      )
      assert.deepInclude(all[1]?.data, {
        reason: "refresh_failed",
        disconnectedBy: UserId.make("system")
      })
      assert.include(reported(), "grant_ended")
    }).pipe(Effect.provide(layer))
  })

  it.effect("S-35 after an answer was lost says that it was interrupted", () => {
    const { layer } = rotating([lost(true), invalidGrant()])
    return Effect.gen(function* () {
      yield* connectForge()
      yield* TestClock.adjust("2 hours")
      yield* Effect.flip(token)
      yield* TestClock.adjust("31 seconds")
      const error = yield* Effect.flip(token)
      assert.isTrue(error instanceof ReconnectRequired && error.reason === "refresh_interrupted")
    }).pipe(Effect.provide(layer))
  })

  it.effect("S-37 is restored from quarantine for a week, and works", () => {
    const { layer } = rotating([invalidGrant()])
    return Effect.gen(function* () {
      yield* connectForge()
      yield* TestClock.adjust("2 hours")
      yield* Effect.flip(token)
      yield* TestClock.adjust("6 days")
      const found = yield* provider("forge")
      assert.isTrue(found.authType === "oauth2")
      if (found.authType !== "oauth2") return
      assert.strictEqual((yield* restore(found, eve.tenantId)).length, 0)
      assert.strictEqual((yield* restore(found)).length, 1)
      assert.strictEqual(yield* token, "access-2")
      assert.strictEqual((yield* restore(found)).length, 0)
    }).pipe(Effect.provide(layer))
  })

  it.effect("S-37 is destroyed after a week", () => {
    const { layer } = rotating([invalidGrant()])
    return Effect.gen(function* () {
      yield* connectForge()
      yield* TestClock.adjust("2 hours")
      yield* Effect.flip(token)
      yield* TestClock.adjust("8 days")
      const maintenance = yield* Maintenance
      assert.strictEqual(yield* maintenance.sweepQuarantine, 1)
      const found = yield* provider("forge")
      if (found.authType === "oauth2") assert.strictEqual((yield* restore(found)).length, 0)
    }).pipe(Effect.provide(layer))
  })

  it.effect("by its own word is marked so at once", () => {
    const { layer } = rotating([], { tokenCacheTime: Duration.seconds(10) })
    return Effect.gen(function* () {
      yield* connectForge()
      yield* token
      assert.isTrue(yield* markRevoked(ofForge))
      assert.isFalse(yield* markRevoked(ofForge))
      const error = yield* Effect.flip(token)
      assert.isTrue(error instanceof ReconnectRequired && error.reason === "revoked")
      const all = yield* outbox
      assert.include(all.at(-1)?.data, { reason: "revoked" })
    }).pipe(Effect.provide(layer))
  })
})

describe("S-37 a wrong client", () => {
  it.effect("sends nothing and ends nothing where its id is another", () => {
    const { layer, presented } = rotating([], {
      providers: [{ ...forge, clientId: "another-client" } satisfies OAuth2ProviderConfig]
    })
    return Effect.gen(function* () {
      yield* connectForge()
      yield* TestClock.adjust("2 hours")
      const connections = yield* ConnectionStore
      // The grant of the client before the wrong deploy.
      const error = yield* Effect.flip(token).pipe(
        Effect.updateService(ConnectionStore, () => ({
          ...connections,
          grant: (key: Parameters<typeof connections.grant>[0]) =>
            Effect.map(connections.grant(key), (grant) => ({
              ...grant,
              clientFingerprint: "former"
            }))
        }))
      )
      assert.isTrue(error instanceof Misconfigured && error.reason === "client_changed")
      assert.strictEqual(presented.length, 0)
      assert.deepStrictEqual(yield* events, ["integration.connected"])
    }).pipe(Effect.provide(layer))
  })
})

describe("the keeper", () => {
  /** One round and all that it began. */
  const round = Effect.gen(function* () {
    const keeper = yield* Keeper
    yield* keeper.drain
  })

  it.effect("refreshes what ends within minutes, before anybody asks", () => {
    const { layer, presented } = rotating()
    return Effect.gen(function* () {
      yield* connectForge()
      yield* connectForge(eve)
      yield* round
      assert.strictEqual(presented.length, 0)
      yield* TestClock.adjust("56 minutes")
      yield* round
      // Which of the two that are refreshed side by side asks first, chance decides.
      assert.deepStrictEqual(presented.toSorted(), ["refresh-1", "refresh-2"])
      yield* round
      assert.strictEqual(presented.length, 2)
    }).pipe(Effect.provide(layer))
  })

  it.effect(
    "tells once that a token without a refresh token ends soon, and ends it when it has",
    () => {
      const { layer } = makeHost({ answer: () => tokenResponse({ expires_in: 60 * 24 * 3600 }) })
      return Effect.gen(function* () {
        yield* connectForge()
        yield* round
        yield* TestClock.adjust("54 days")
        yield* round
        yield* TestClock.adjust("1 day")
        yield* round
        assert.deepStrictEqual(yield* events, ["integration.connected", "integration.expiring"])
        yield* accessToken(ofForge)
        yield* TestClock.adjust("6 days")
        yield* round
        assert.deepStrictEqual(yield* events, [
          "integration.connected",
          "integration.expiring",
          "integration.disconnected"
        ])
        const error = yield* Effect.flip(token)
        assert.isTrue(error instanceof ReconnectRequired && error.reason === "token_expired")
      }).pipe(Effect.provide(layer))
    }
  )

  it.effect("leaves a disconnected integration alone", () => {
    const { layer, presented } = rotating([invalidGrant()])
    return Effect.gen(function* () {
      yield* connectForge()
      yield* TestClock.adjust("1 hour")
      yield* round
      yield* TestClock.adjust("2 hours")
      yield* round
      assert.strictEqual(presented.length, 1)
    }).pipe(Effect.provide(layer))
  })
})

describe("what the process remembers", () => {
  const cached = { tokenCacheTime: Duration.seconds(10) }

  it.effect("needs no statement for a token that was just read", () => {
    const { layer } = rotating([], cached)
    return Effect.gen(function* () {
      yield* connectForge()
      yield* token
      let reads = 0
      const counted = token.pipe(
        Effect.updateService(ConnectionStore, (store) => ({
          ...store,
          grant: (key: Parameters<typeof store.grant>[0]) => {
            reads++
            return store.grant(key)
          }
        }))
      )
      yield* counted
      assert.strictEqual(reads, 0)
      yield* TestClock.adjust("10 seconds")
      yield* counted
      assert.strictEqual(reads, 1)
    }).pipe(Effect.provide(layer))
  })

  it.effect("is not young again where the clock on the wall steps back", () => {
    const { layer, presented } = rotating([], { tokenCacheTime: Duration.hours(2) })
    return Effect.gen(function* () {
      yield* TestClock.setTime(Date.UTC(2024, 3, 1))
      yield* connectForge()
      const given = yield* accessToken(ofForge)
      yield* TestClock.adjust("50 minutes")
      yield* TestClock.setTime(Date.UTC(2024, 3, 1))
      const cache = yield* TokenCache
      assert.strictEqual((yield* cache.get(ofForge))?.remaining, 600)
      yield* TestClock.adjust("70 minutes")
      assert.isUndefined(yield* cache.get(ofForge))
      assert.strictEqual(given.lifetime, 3600)
      assert.deepStrictEqual(presented, [])
    }).pipe(Effect.provide(layer))
  })

  it.effect("is not given once it ends soon, nor to another tenant", () => {
    const { layer } = rotating([], { tokenCacheTime: Duration.hours(2) })
    return Effect.gen(function* () {
      yield* connectForge()
      yield* token
      const other = yield* Effect.flip(accessToken({ ...ofForge, tenantId: eve.tenantId }))
      assert.instanceOf(other, NotConnected)
      yield* TestClock.adjust("56 minutes")
      assert.strictEqual(yield* token, "access-2")
    }).pipe(Effect.provide(layer))
  })
})

it.effect("tokens that the store could not keep are kept as soon as it is back", () => {
  const refused = Deferred.makeUnsafe<void>()
  let failures = 1
  const { layer, presented } = rotating([], {
    connections: (store) => ({
      ...store,
      renewGrant: (...command) =>
        Effect.suspend(() => {
          if (failures-- <= 0) return store.renewGrant(...command)
          Deferred.doneUnsafe(refused, Effect.void)
          return Effect.fail(new StorageUnavailable({ cause: "down" }))
        })
    })
  })
  return Effect.gen(function* () {
    yield* connectForge()
    yield* TestClock.adjust("2 hours")
    const asking = yield* Effect.forkChild(token, { startImmediately: true })
    yield* Deferred.await(refused)
    yield* TestClock.adjust("1 minute")
    assert.strictEqual(yield* Fiber.join(asking), "access-2")
    assert.deepStrictEqual(presented, ["refresh-1"])
  }).pipe(Effect.provide(layer))
})
