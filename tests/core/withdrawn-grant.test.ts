import { assert, describe, it } from "@effect/vitest"
import {
  authorizedFetch,
  type ConnectionStore,
  get,
  type LiveCheck,
  StorageUnavailable,
  testConnection
} from "@hawser/core"
import { Duration, Effect } from "effect"
import { TestClock } from "effect/testing"
import {
  ann,
  connectForge,
  forge,
  makeHost,
  outbox,
  provider,
  tokenResponse,
  ofForge
} from "./support/host.ts"

const challenge = 'Bearer realm="forge", error="invalid_token"'

/** A vendor without refresh tokens. What its paths and its check answer changes while a test runs. */
const vendor = (
  definition: { readonly check?: LiveCheck } = {},
  more: Parameters<typeof makeHost>[0] = {}
) => {
  const answers = {
    x: 401,
    y: 401,
    check: 401,
    ok: false,
    challenge: challenge as string | undefined
  }
  let checks = 0
  const host = makeHost({
    tokenCacheTime: Duration.seconds(10),
    ...more,
    providers: [
      {
        ...forge,
        definition: {
          ...forge.definition,
          api: { baseUrl: "https://api.forge.example" },
          ...definition
        }
      }
    ],
    answer: ({ url }) => {
      if (url.pathname !== "/check") return tokenResponse()
      checks++
      return Response.json({ ok: answers.ok }, { status: answers.check })
    },
    api: ({ url }) =>
      new Response("", {
        status: url.pathname === "/x" ? answers.x : answers.y,
        headers: answers.challenge === undefined ? {} : { "www-authenticate": answers.challenge }
      })
  })
  return { ...host, answers, checks: () => checks }
}

const check = { url: "https://api.forge.example/check" }

const call = (path = "/x") =>
  Effect.map(authorizedFetch(ofForge, path), (response) => response.status)

const state = Effect.gen(function* () {
  const { problem, status } = yield* get(ann, yield* provider("forge"))
  const told: ReadonlyArray<string | undefined> = [status, problem]
  return told
})
const works: ReadonlyArray<string | undefined> = ["connected", undefined]
const revoked: ReadonlyArray<string | undefined> = ["error", "grant_revoked"]

const events = Effect.map(outbox, (all) => all.map(({ event }) => event))

describe("S-103 a token that cannot be refreshed and that an API refuses", () => {
  it.effect("is withdrawn where the definition's check says so, and still given out", () => {
    const { layer } = vendor({ check })
    return Effect.gen(function* () {
      yield* connectForge()
      assert.strictEqual(yield* call(), 401)
      assert.deepStrictEqual(yield* state, revoked)
      assert.strictEqual(yield* call(), 401)
      assert.deepStrictEqual(yield* events, ["integration.connected", "integration.error"])
    }).pipe(Effect.provide(layer))
  })

  it.effect("is recovered by the next success", () => {
    const { answers, layer } = vendor({ check })
    return Effect.gen(function* () {
      yield* connectForge()
      yield* call()
      assert.deepStrictEqual(yield* state, revoked)
      answers.x = 200
      assert.strictEqual(yield* call(), 200)
      assert.deepStrictEqual(yield* state, works)
      assert.strictEqual(yield* call(), 200)
      assert.deepStrictEqual(yield* events, [
        "integration.connected",
        "integration.error",
        "integration.recovered"
      ])
    }).pipe(Effect.provide(layer))
  })

  it.effect(
    "is not withdrawn for a path that says 401 to everybody, which is seldom asked about",
    () => {
      const { answers, checks, layer } = vendor({ check })
      return Effect.gen(function* () {
        answers.check = 200
        yield* connectForge()
        for (let minute = 0; minute < 5; minute++) {
          for (let each = 0; each < 20; each++) assert.strictEqual(yield* call(), 401)
          yield* TestClock.adjust("1 minute")
        }
        assert.deepStrictEqual(yield* state, works)
        assert.strictEqual(checks(), 5)
        assert.deepStrictEqual(yield* events, ["integration.connected"])
      }).pipe(Effect.provide(layer))
    }
  )

  it.effect("without a check it takes two challenges, a minute apart", () => {
    const { layer } = vendor()
    return Effect.gen(function* () {
      yield* connectForge()
      yield* call()
      assert.deepStrictEqual(yield* state, works)
      yield* TestClock.adjust("59 seconds")
      yield* call()
      assert.deepStrictEqual(yield* state, works)
      yield* TestClock.adjust("15 seconds")
      yield* call()
      assert.deepStrictEqual(yield* state, revoked)
    }).pipe(Effect.provide(layer))
  })

  it.effect(
    "a success in between, in whichever process, makes the next challenge the first",
    () => {
      const { answers, layer } = vendor()
      return Effect.gen(function* () {
        answers.y = 200
        yield* connectForge()
        for (let minute = 0; minute < 5; minute++) {
          assert.strictEqual(yield* call("/x"), 401)
          assert.strictEqual(yield* call("/y"), 200)
          yield* TestClock.adjust("1 minute")
        }
        assert.deepStrictEqual(yield* state, works)
      }).pipe(Effect.provide(layer))
    }
  )

  it.effect("a 401 that does not say invalid_token is not a challenge", () => {
    const { answers, layer } = vendor()
    return Effect.gen(function* () {
      yield* connectForge()
      for (const other of [
        undefined,
        "Bearer",
        'Bearer error="insufficient_scope"',
        'Bearer error_description="error invalid_token"',
        'Bearer error="invalid_token_type"'
      ]) {
        answers.challenge = other
        yield* call()
        yield* TestClock.adjust("2 minutes")
      }
      assert.deepStrictEqual(yield* state, works)
      answers.challenge = "DPoP algs=ES256, error=invalid_token"
      yield* call()
      yield* TestClock.adjust("2 minutes")
      yield* call()
      assert.deepStrictEqual(yield* state, revoked)
    }).pipe(Effect.provide(layer))
  })

  it.effect("where the check cannot tell, challenges count", () => {
    const { answers, layer } = vendor({ check })
    return Effect.gen(function* () {
      answers.check = 503
      yield* connectForge()
      yield* call()
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual(yield* state, works)
      yield* call()
      assert.deepStrictEqual(yield* state, revoked)
    }).pipe(Effect.provide(layer))
  })

  it.effect(
    "where the check tells by the body, a 200 of the API recovers nothing by itself",
    () => {
      const { answers, layer } = vendor({
        check: { ...check, acceptedBody: { path: ["ok"], equals: true } }
      })
      return Effect.gen(function* () {
        yield* connectForge()
        yield* call()
        assert.deepStrictEqual(yield* state, revoked)
        answers.x = 200
        answers.check = 200
        yield* TestClock.adjust("1 minute")
        assert.strictEqual(yield* call(), 200)
        assert.deepStrictEqual(yield* state, revoked)
      }).pipe(Effect.provide(layer))
    }
  )

  it.effect("a test of the connection says it, and recovers it", () => {
    const { answers, layer } = vendor({ check })
    return Effect.gen(function* () {
      yield* connectForge()
      const test = Effect.flatMap(provider("forge"), (forge) => testConnection(ann, forge))
      assert.strictEqual((yield* test).reason, "rejected")
      assert.deepStrictEqual(yield* state, revoked)
      answers.check = 200
      assert.strictEqual((yield* test).status, "ok")
      assert.deepStrictEqual(yield* state, works)
    }).pipe(Effect.provide(layer))
  })

  it.effect("the API's answer comes through while the store is away", () => {
    const down = Effect.fail(new StorageUnavailable({ cause: "down" }))
    const { answers, layer } = vendor(
      { check },
      {
        connections: (store): ConnectionStore["Service"] => ({
          ...store,
          noteWithdrawal: () => down
        })
      }
    )
    return Effect.gen(function* () {
      yield* connectForge()
      assert.strictEqual(yield* call(), 401)
      answers.x = 200
      assert.strictEqual(yield* call(), 200)
      assert.deepStrictEqual(yield* state, works)
    }).pipe(Effect.provide(layer))
  })
})
