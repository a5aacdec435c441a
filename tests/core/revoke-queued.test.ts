import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Latch, Layer, Logger } from "effect"
import { TestClock } from "effect/testing"
import {
  connect,
  ConnectionStore,
  disconnect,
  type EgressError,
  type EgressRequest,
  giveUpRevocations,
  type OAuth2ProviderConfig,
  ProviderRegistry,
  type Revocation,
  revokeQueued
} from "@hawser/core"
import { noAnswer } from "./support/answeringEgress.ts"
import {
  ann,
  bob,
  comeBack,
  completeFlow,
  connectForge,
  cookieUrl,
  eve,
  forge,
  makeHost,
  parkFlow,
  provider,
  tokenResponse,
  type Admin
} from "./support/host.ts"

const endpoint = "https://forge.example/revoke"

const account = { from: "token_response", id: ["owner"] } as const

/** A forge that revokes in this way; each code gives tokens of its own, of the account that the test says. */
const revoking = (
  ends: Revocation["ends"] | undefined,
  options: {
    readonly answer?: (token: string) => Response | EgressError | Effect.Effect<Response>
    readonly owner?: () => string
    readonly clientId?: string
  } = {}
) => {
  let issued = 0
  /** What the provider was asked to revoke, as `hint token`. */
  const asked: Array<string> = []
  const config: OAuth2ProviderConfig = {
    ...forge,
    clientId: options.clientId ?? forge.clientId,
    definition: {
      ...forge.definition,
      ...(ends !== undefined && { revocation: { endpoint, ends } }),
      ...(options.owner !== undefined && { account })
    }
  }
  const answer = ({ body, url }: EgressRequest) => {
    if (url.href === endpoint) {
      const parameters = new URLSearchParams(body)
      const token = parameters.get("token") ?? ""
      asked.push(`${parameters.get("token_type_hint")} ${token}`)
      return options.answer?.(token) ?? new Response()
    }
    issued++
    return tokenResponse({
      access_token: `access-${issued}`,
      refresh_token: `refresh-${issued}`,
      owner: options.owner?.()
    })
  }
  return { ...makeHost({ answer, providers: [config] }), asked }
}

const disconnectForge = Effect.fnUntraced(function* (by: Admin = ann) {
  yield* disconnect(by, yield* provider("forge"))
})

/** The refresh token of the first connection, then its access token. */
const first = ["refresh_token refresh-1", "access_token access-1"]

describe("S-39 What was disconnected", () => {
  it.effect("is revoked at its provider: the refresh token first, then the access token", () => {
    const host = revoking("token")
    return Effect.gen(function* () {
      yield* connectForge()
      yield* disconnectForge()
      assert.deepStrictEqual(host.asked, [])
      yield* revokeQueued
      assert.deepStrictEqual(host.asked, first)
      yield* TestClock.adjust("2 hours")
      yield* revokeQueued
      assert.deepStrictEqual(host.asked, first)
    }).pipe(Effect.provide(host.layer))
  })

  for (const [what, unavailable] of [
    ["503", () => new Response("", { status: 503, headers: { "retry-after": "120" } })],
    ["no answer", () => noAnswer("timeout")]
  ] as const) {
    it.effect(`is tried again after ${what}, with exponential backoff, until it is revoked`, () => {
      let isDown = true
      const host = revoking("token", { answer: () => (isDown ? unavailable() : new Response()) })
      return Effect.gen(function* () {
        yield* connectForge()
        yield* disconnectForge()
        const tries: Array<number> = []
        for (let minute = 0; minute < 12 * 60; minute++) {
          const before = host.asked.length
          yield* revokeQueued
          if (host.asked.length > before) tries.push(minute)
          yield* TestClock.adjust("1 minute")
        }
        const waits = tries.slice(1).map((at, index) => at - (tries[index] ?? 0))
        assert.isAtLeast(waits[0] ?? 0, what === "503" ? 2 : 1)
        assert.isAtMost(Math.max(...waits), 60)
        assert.isAtLeast(waits.at(-1) ?? 0, 45)
        isDown = false
        yield* TestClock.adjust("1 hour")
        yield* revokeQueued
        assert.deepStrictEqual(host.asked.slice(-2), first)
        yield* giveUpRevocations
        assert.notInclude(host.reported(), "revocation_given_up")
      }).pipe(Effect.provide(host.layer))
    })
  }

  it.effect("is tried again for the first time within 15 seconds", () => {
    const host = revoking("token", { answer: () => noAnswer("timeout") })
    return Effect.gen(function* () {
      yield* connectForge()
      yield* disconnectForge()
      yield* revokeQueued
      yield* TestClock.adjust("11 seconds")
      yield* revokeQueued
      assert.lengthOf(host.asked, 1)
      yield* TestClock.adjust("4 seconds")
      yield* revokeQueued
      assert.lengthOf(host.asked, 2)
    }).pipe(Effect.provide(host.layer))
  })

  it.effect("does not wait for another one whose answer is slow", () => {
    const gate = Latch.makeUnsafe()
    const host = revoking("token", {
      answer: (token) =>
        token === "refresh-1" ? Effect.as(gate.await, new Response()) : new Response()
    })
    return Effect.gen(function* () {
      for (const admin of [ann, eve]) {
        yield* connectForge(admin)
        yield* disconnectForge(admin)
      }
      const revoking = yield* Effect.forkChild(revokeQueued)
      while (!host.asked.includes("access_token access-2")) yield* Effect.yieldNow
      assert.notInclude(host.asked, "access_token access-1")
      yield* gate.open
      yield* Fiber.join(revoking)
    }).pipe(Effect.provide(host.layer))
  })

  it.effect("is given up visibly where its provider has not been configured for 24 hours", () => {
    const host = revoking("token")
    return Effect.gen(function* () {
      yield* connectForge()
      yield* disconnectForge()
      yield* TestClock.adjust("24 hours")
      yield* Effect.provideService(giveUpRevocations, ProviderRegistry, ProviderRegistry.make([]))
      assert.include(host.reported(), "revocation_given_up")
    }).pipe(Effect.provide(host.layer))
  })

  it.effect("is given up visibly after 24 hours, and destroyed", () => {
    const host = revoking("token", { answer: () => new Response("", { status: 503 }) })
    const logged: Array<unknown> = []
    const logger = Logger.make(({ message }) => void logged.push(message))
    return Effect.gen(function* () {
      yield* connectForge()
      yield* disconnectForge()
      yield* revokeQueued
      yield* TestClock.adjust("23 hours")
      yield* giveUpRevocations
      assert.notInclude(host.reported(), "revocation_given_up")
      yield* TestClock.adjust("1 hour")
      yield* giveUpRevocations
      yield* giveUpRevocations
      assert.deepStrictEqual(
        host.securityEvents.filter(({ type }) => type === "revocation_given_up"),
        [
          {
            type: "revocation_given_up",
            tenantId: ann.tenantId,
            provider: "forge",
            reason: "too_late"
          }
        ]
      )
      assert.deepInclude(logged, [
        "The tokens of a disconnected connection could not be revoked. They may still be valid.",
        { provider: "forge", tenantId: ann.tenantId, reason: "too_late" }
      ])
    }).pipe(Effect.provide(Layer.merge(host.layer, Logger.layer([logger]))))
  })

  it.effect("is given up visibly at once where the provider refuses the request itself", () => {
    const host = revoking("token", {
      answer: () => Response.json({ error: "invalid_client" }, { status: 401 })
    })
    return Effect.gen(function* () {
      yield* connectForge()
      yield* disconnectForge()
      yield* revokeQueued
      assert.deepInclude(host.securityEvents, {
        type: "revocation_given_up",
        tenantId: ann.tenantId,
        provider: forge.definition.id,
        reason: "refused"
      })
      yield* TestClock.adjust("23 hours")
      yield* revokeQueued
      assert.lengthOf(host.asked, 1)
    }).pipe(Effect.provide(host.layer))
  })

  for (const ends of [undefined, "none"] as const) {
    it.effect(`is dropped silently where revoking ends ${ends ?? "nothing that is known"}`, () => {
      const host = revoking(ends)
      return Effect.gen(function* () {
        yield* connectForge()
        yield* disconnectForge()
        yield* connectForge(eve)
        yield* disconnectForge(eve)
        yield* revokeQueued
        // And what nobody came to in time.
        yield* connectForge()
        yield* disconnectForge()
        yield* TestClock.adjust("25 hours")
        yield* giveUpRevocations
        assert.deepStrictEqual(host.asked, [])
        assert.notInclude(host.reported(), "revocation_given_up")
      }).pipe(Effect.provide(host.layer))
    })
  }

  it.effect("S-38 waits while the configured client is another than the tokens' own", () => {
    const host = revoking("token")
    const moved = revoking("token", { clientId: "another-client" })
    return Effect.gen(function* () {
      yield* connectForge()
      yield* disconnectForge()
      const registry = yield* Effect.provide(ProviderRegistry, moved.layer)
      yield* Effect.provideService(revokeQueued, ProviderRegistry, registry)
      assert.deepStrictEqual(host.asked, [])
      yield* TestClock.adjust("1 minute")
      yield* revokeQueued
      assert.deepStrictEqual(host.asked, first)
    }).pipe(Effect.provide(host.layer))
  })

  it.effect("waits while its provider is not configured", () => {
    const host = revoking("token")
    return Effect.gen(function* () {
      yield* connectForge()
      yield* disconnectForge()
      yield* Effect.provideService(revokeQueued, ProviderRegistry, ProviderRegistry.make([]))
      yield* TestClock.adjust("1 minute")
      yield* revokeQueued
      assert.deepStrictEqual(host.asked, first)
    }).pipe(Effect.provide(host.layer))
  })

  it.effect("says that there may be more where a claim was full", () => {
    const host = revoking("token")
    return Effect.gen(function* () {
      for (let i = 0; i < 21; i++) {
        yield* connectForge()
        yield* disconnectForge()
      }
      assert.isTrue(yield* revokeQueued)
      assert.lengthOf(host.asked, 40)
      assert.isFalse(yield* revokeQueued)
      assert.lengthOf(host.asked, 42)
    }).pipe(Effect.provide(host.layer))
  })
})

describe("S-39 Two tenants with one account at a provider that drops whole grants", () => {
  it.effect(
    "the one that leaves is not revoked while the other is connected, and this is recorded",
    () => {
      const host = revoking("grant", { owner: () => "octocat" })
      return Effect.gen(function* () {
        yield* connectForge(ann)
        yield* connectForge(eve)
        yield* disconnectForge(ann)
        yield* revokeQueued
        assert.deepStrictEqual(host.asked, [])
        assert.deepStrictEqual(
          host.securityEvents.filter(({ type }) => type.startsWith("revocation")),
          [
            {
              type: "revocation_left_out",
              tenantId: ann.tenantId,
              provider: "forge",
              reason: "account_in_use"
            }
          ]
        )
        // Left out for good: it is not tried again once the other leaves, whose own revocation ends both.
        yield* disconnectForge(eve)
        yield* revokeQueued
        assert.deepStrictEqual(host.asked, ["refresh_token refresh-2", "access_token access-2"])
      }).pipe(Effect.provide(host.layer))
    }
  )

  it.effect("the one that leaves is revoked where the other has another account", () => {
    const owners = ["octocat", "hubot"]
    const host = revoking("grant", { owner: () => owners.shift() ?? "" })
    return Effect.gen(function* () {
      yield* connectForge(ann)
      yield* connectForge(eve)
      yield* disconnectForge(ann)
      yield* revokeQueued
      assert.deepStrictEqual(host.asked, first)
    }).pipe(Effect.provide(host.layer))
  })

  it.effect("both are revoked where revoking ends a token only", () => {
    const host = revoking("token", { owner: () => "octocat" })
    return Effect.gen(function* () {
      yield* connectForge(ann)
      yield* connectForge(eve)
      yield* disconnectForge(ann)
      yield* revokeQueued
      assert.deepStrictEqual(host.asked, first)
    }).pipe(Effect.provide(host.layer))
  })
})

describe("S-39 The loser of a race at the callback", () => {
  /** Two admins' flows at once: the second to come back loses. */
  const race = Effect.gen(function* () {
    const flowId = yield* parkFlow(ann)
    const late = yield* parkFlow(bob)
    yield* completeFlow(flowId, ann)
    const lost = yield* Effect.flip(completeFlow(late, bob))
    assert.strictEqual(lost._tag, "AlreadyConnected")
  })

  it.effect("has its tokens revoked where that ends them alone", () => {
    const host = revoking("token", { owner: () => "octocat" })
    return Effect.gen(function* () {
      yield* race
      yield* revokeQueued
      assert.deepStrictEqual(host.asked, ["refresh_token refresh-2", "access_token access-2"])
      const connections = yield* ConnectionStore
      const { items } = yield* connections.list({
        tenantId: ann.tenantId,
        status: "connected",
        owners: "all"
      })
      assert.lengthOf(items, 1)
    }).pipe(Effect.provide(host.layer))
  })

  it.effect(
    "keeps them where revoking would end the winner's, even once the winner has left",
    () => {
      const host = revoking("grant", { owner: () => "octocat" })
      return Effect.gen(function* () {
        yield* race
        yield* disconnectForge()
        yield* revokeQueued
        assert.deepStrictEqual(host.asked, first)
      }).pipe(Effect.provide(host.layer))
    }
  )

  it.effect("another account than the integration's own is revoked as well", () => {
    const owners = ["octocat", "hubot"]
    const host = revoking("token", { owner: () => owners.shift() ?? "" })
    return Effect.gen(function* () {
      yield* connectForge(ann)
      const again = yield* connect(ann, yield* provider("forge"), {
        redirectUrl: cookieUrl,
        reauthorize: true
      })
      if (again._tag !== "Authorize") return assert.fail("connected without a flow")
      const outcome = yield* comeBack({
        ...again,
        authorizationUrl: new URL(again.authorizationUrl)
      })
      assert.include(outcome._tag === "Return" ? outcome.url : "", "account_mismatch")
      yield* revokeQueued
      assert.deepStrictEqual(host.asked, ["refresh_token refresh-2", "access_token access-2"])
    }).pipe(Effect.provide(host.layer))
  })
})
