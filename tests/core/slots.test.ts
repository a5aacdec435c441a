import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Latch, Option } from "effect"
import { TestClock } from "effect/testing"
import {
  type ApiKeyProviderConfig,
  ClientTokens,
  connect,
  ConnectFailed,
  CredentialId,
  type EgressRequest,
  OAuthStateStore,
  type OAuth2ProviderConfig,
  storeCredentials,
  TooManyPendingFlows,
  testConnection,
  tenantsOwn
} from "@hawser/core"
import { noAnswer } from "./support/answeringEgress.ts"
import {
  ann,
  bob,
  comeBack,
  completeFlow,
  completeUrl,
  connectForge,
  cookieUrl,
  eve,
  forge,
  gauge,
  type HostOptions,
  makeHost,
  parkFlow,
  provider,
  startFlow,
  tokenResponse,
  type Admin
} from "./support/host.ts"

const parEndpoint = "https://forge.example/par"
const pushing: OAuth2ProviderConfig = {
  ...forge,
  pushedAuthorizationRequests: true,
  definition: { ...forge.definition, pushedAuthorizationRequestEndpoint: parEndpoint }
}
const told: OAuth2ProviderConfig = {
  ...forge,
  definition: {
    ...forge.definition,
    check: { url: "https://api.forge.example/me" },
    account: { from: "request", url: "https://api.forge.example/me", id: ["id"] }
  }
}
const exchanged: ApiKeyProviderConfig = {
  definition: {
    id: gauge.definition.id,
    displayName: "Gauge",
    category: "monitoring",
    description: "A monitoring service.",
    authType: "api_key",
    fields: [
      { name: "client_id", label: "Client id", secret: false, pattern: "[a-z]+" },
      { name: "client_secret", label: "Client secret" }
    ],
    clientCredentials: {
      tokenEndpoint: "https://login.gauge.example/token",
      clientId: "{client_id}",
      clientSecret: "{client_secret}",
      clientAuthentication: "client_secret_basic"
    },
    api: { baseUrl: "https://api.gauge.example" }
  }
}

const pushed = () =>
  Response.json({ request_uri: "urn:forge:request:1", expires_in: 60 }, { status: 201 })

const manyFlows: HostOptions["settings"] = { pendingFlowLimits: { perUser: 100, perTenant: 100 } }

/** A host at which the requests to one URL hang until the gate opens, and how many there are. */
const hangingAt = (url: string, answer: () => Response, options: HostOptions = {}) => {
  const gate = Latch.makeUnsafe()
  let underWay = 0
  const host = makeHost({
    settings: manyFlows,
    ...options,
    answer: (request: EgressRequest) => {
      if (request.url.href !== url) return tokenResponse()
      underWay += 1
      return Effect.as(gate.await, answer())
    }
  })
  return { ...host, gate, underWay: () => underWay }
}

/** A quarter of 32. */
const share = 8

/** Begins so many of one tenant's, and tells how many requests they have sent. */
const crowd = Effect.fnUntraced(function* <R>(
  { underWay }: { readonly underWay: () => number },
  works: ReadonlyArray<Effect.Effect<unknown, unknown, R>>
) {
  const running = yield* Effect.forEach(works, (work) => Effect.forkChild(Effect.exit(work)))
  while (underWay() < share) yield* Effect.yieldNow
  // Nobody else begins before a request ends.
  for (let turn = 0; turn < 1_000; turn++) yield* Effect.yieldNow
  return running
})

const times = <A>(count: number, make: () => A): ReadonlyArray<A> =>
  Array.from({ length: count }, make)

describe("one tenant's requests have a quarter of the slots", () => {
  it.effect("S-78 code exchanges at the callback, and another tenant's goes on", () => {
    const host = hangingAt(forge.definition.tokenEndpoint, tokenResponse)
    return Effect.gen(function* () {
      const flows = yield* Effect.all(times(20, () => startFlow()))
      const other = yield* startFlow(cookieUrl, eve)
      const running = yield* crowd(
        host,
        flows.map((flow) => comeBack(flow))
      )
      assert.strictEqual(host.underWay(), share)
      const others = yield* Effect.forkChild(comeBack(other))
      while (host.underWay() === share) yield* Effect.yieldNow
      yield* host.gate.open
      yield* Fiber.awaitAll([...running, others])
      assert.strictEqual(host.underWay(), 21)
    }).pipe(Effect.provide(host.layer))
  })

  it.effect("S-78 code exchanges of parked flows", () => {
    const host = hangingAt(forge.definition.tokenEndpoint, tokenResponse)
    return Effect.gen(function* () {
      const parked = yield* Effect.all(times(20, () => parkFlow()))
      const running = yield* crowd(
        host,
        parked.map((flowId) => completeFlow(flowId))
      )
      assert.strictEqual(host.underWay(), share)
      yield* host.gate.open
      yield* Fiber.awaitAll(running)
    }).pipe(Effect.provide(host.layer))
  })

  it.effect("S-78 pushed authorization requests", () => {
    const host = hangingAt(parEndpoint, pushed, { providers: [pushing] })
    return Effect.gen(function* () {
      const running = yield* crowd(
        host,
        times(20, () => startFlow())
      )
      assert.strictEqual(host.underWay(), share)
      yield* host.gate.open
      yield* Fiber.awaitAll(running)
      assert.strictEqual(host.underWay(), 20)
    }).pipe(Effect.provide(host.layer))
  })

  it.effect("S-78 exchanges of client credentials, whether a key is stored or used", () => {
    const tokenEndpoint = "https://login.gauge.example/token"
    const host = hangingAt(tokenEndpoint, tokenResponse, { providers: [exchanged] })
    const credentials = { client_id: "ann", client_secret: "good-secret" }
    return Effect.gen(function* () {
      const configured = yield* provider("gauge")
      assert(configured.authType === "api_key")
      const tokens = yield* ClientTokens
      let next = 0
      const running = yield* crowd(host, [
        ...times(10, () => storeCredentials(ann, configured, { credentials })),
        ...times(10, () =>
          tokens.get(
            configured,
            {
              tenantId: ann.tenantId,
              owner: tenantsOwn,
              provider: configured.id,
              id: CredentialId.make(`crd_${String(++next).padStart(26, "0")}`)
            },
            credentials
          )
        )
      ])
      assert.strictEqual(host.underWay(), share)
      yield* host.gate.open
      yield* Fiber.awaitAll(running)
      assert.strictEqual(host.underWay(), 20)
    }).pipe(Effect.provide(host.layer))
  })

  it.effect("S-78 checks of keys and of tokens, and the look-up of an account", () => {
    const validate = "https://api.us.gauge.example/validate"
    const keys = hangingAt(validate, () => new Response())
    const me = hangingAt("https://api.forge.example/me", () => Response.json({ id: 1 }), {
      providers: [told]
    })
    return Effect.gen(function* () {
      yield* Effect.gen(function* () {
        const configured = yield* provider("gauge")
        const credentials = { api_key: "good-key" }
        const running = yield* crowd(
          keys,
          times(20, () => storeCredentials(ann, configured, { credentials }))
        )
        assert.strictEqual(keys.underWay(), share)
        yield* keys.gate.open
        yield* Fiber.awaitAll(running)
      }).pipe(Effect.provide(keys.layer))
      yield* Effect.gen(function* () {
        const flows = yield* Effect.all(times(20, () => startFlow()))
        const running = yield* crowd(
          me,
          flows.map((flow) => comeBack(flow))
        )
        assert.strictEqual(me.underWay(), share)
        yield* me.gate.open
        yield* Fiber.awaitAll(running)
        const looked = me.underWay()
        yield* me.gate.close
        const configured = yield* provider("forge")
        const checking = { underWay: () => me.underWay() - looked }
        const checks = yield* crowd(
          checking,
          times(20, () => testConnection(ann, configured))
        )
        assert.strictEqual(checking.underWay(), share)
        yield* me.gate.open
        yield* Fiber.awaitAll(checks)
      }).pipe(Effect.provide(me.layer))
    })
  })
})

describe("a server that is left alone", () => {
  /** Three tenants whose code exchanges are not answered. */
  const breakDown = Effect.fnUntraced(function* (tenants: ReadonlyArray<Admin>) {
    for (const tenant of tenants) {
      const outcome = yield* comeBack(yield* startFlow(cookieUrl, tenant))
      assert(outcome._tag === "Return")
      assert.include(outcome.url, "error=provider_unavailable")
    }
  })

  it.effect(
    "S-78 is sent no code while a flow waits a second or two, and none if it is longer",
    () => {
      const host = makeHost({ answer: () => noAnswer("timeout") })
      return Effect.gen(function* () {
        yield* breakDown([ann])
        assert.lengthOf(host.sent, 1)
        // Another tenant finds out for itself.
        yield* breakDown([eve])
        assert.lengthOf(host.sent, 2)
        // One second, then two: a person can wait for that.
        for (const sent of [3, 4]) {
          const waiting = yield* Effect.forkChild(breakDown([ann]))
          yield* TestClock.adjust("1999 millis")
          assert.lengthOf(host.sent, sent - 1)
          yield* TestClock.adjust("1 millis")
          yield* Fiber.join(waiting)
          assert.lengthOf(host.sent, sent)
        }
        yield* breakDown([ann])
        assert.lengthOf(host.sent, 4)
      }).pipe(Effect.provide(host.layer))
    }
  )

  it.effect("S-78 still gets its authorization URL where nothing is pushed", () => {
    const host = makeHost({ answer: () => noAnswer("timeout") })
    return Effect.gen(function* () {
      yield* breakDown([ann, eve])
      yield* startFlow()
    }).pipe(Effect.provide(host.layer))
  })

  it.effect("S-78 a wait for a slot ends although a callback cannot be interrupted", () => {
    const host = hangingAt(forge.definition.tokenEndpoint, tokenResponse)
    return Effect.gen(function* () {
      const flows = yield* Effect.all(times(9, () => startFlow()))
      const running = yield* crowd(
        host,
        flows.map((flow) => comeBack(flow))
      )
      yield* TestClock.adjust("10 seconds")
      const waited = running.flatMap((fiber) => {
        const exit = fiber.pollUnsafe()
        return exit === undefined ? [] : [exit]
      })
      assert.lengthOf(waited, 1)
      assert.include(JSON.stringify(waited), "error=provider_unavailable")
      yield* host.gate.open
      yield* Fiber.awaitAll(running)
      assert.strictEqual(host.underWay(), 8)
    }).pipe(Effect.provide(host.layer))
  })
})

describe("a pushed request", () => {
  it.effect(
    "S-11 is not sent for a flow that the limits refuse, nor for a connected tenant",
    () => {
      const host = makeHost({
        providers: [pushing],
        answer: ({ url }) => (url.href === parEndpoint ? pushed() : tokenResponse())
      })
      const pushes = () => host.sent.filter(({ url }) => url.href === parEndpoint).length
      return Effect.gen(function* () {
        yield* Effect.all(times(3, () => startFlow()))
        assert.strictEqual(pushes(), 3)
        const configured = yield* provider("forge")
        const again = connect(ann, configured, { redirectUrl: cookieUrl })
        for (let i = 0; i < 20; i++)
          assert.instanceOf(yield* Effect.flip(again), TooManyPendingFlows)
        assert.strictEqual(pushes(), 3)
        yield* connectForge(bob)
        assert.strictEqual(pushes(), 4)
        const error = yield* Effect.flip(connect(bob, configured, { redirectUrl: completeUrl }))
        assert.strictEqual(error._tag, "AlreadyConnected")
        assert.strictEqual(pushes(), 4)
      }).pipe(Effect.provide(host.layer))
    }
  )

  it.effect("S-11 that fails leaves no flow behind that counts or could be finished", () => {
    let isDown = true
    const host = makeHost({
      providers: [pushing],
      answer: () =>
        isDown ? Response.json({ error: "invalid_request" }, { status: 400 }) : pushed()
    })
    return Effect.gen(function* () {
      const hashes: Array<Parameters<OAuthStateStore["Service"]["burn"]>[0]> = []
      const start = startFlow().pipe(
        Effect.updateService(OAuthStateStore, (flows) => ({
          ...flows,
          start: (...args: Parameters<typeof flows.start>) => {
            hashes.push(args[0].stateHash)
            return flows.start(...args)
          }
        }))
      )
      for (let i = 0; i < 20; i++) assert.instanceOf(yield* Effect.flip(start), ConnectFailed)
      const flows = yield* OAuthStateStore
      for (const hash of hashes) assert.isTrue(Option.isNone(yield* flows.burn(hash)))
      isDown = false
      yield* start
    }).pipe(Effect.provide(host.layer))
  })
})
