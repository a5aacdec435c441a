import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Layer, Logger } from "effect"
import { TestClock } from "effect/testing"
import {
  accessToken,
  beginsByConsent,
  connect,
  ConnectionStore,
  deleteTenant,
  disconnect,
  type EgressRequest,
  Maintenance,
  markRevoked,
  newEventId,
  newIntegrationId,
  type OAuth2Definition,
  type OAuth2ProviderConfig,
  ProviderRegistry,
  revokeQueued,
  Secret,
  StorageUnavailable,
  tenantsDefault
} from "@hawser/core"
import { revokeLater } from "../../packages/core/src/token/revokeLater.ts"
import {
  ann,
  browserOf,
  comeBack,
  connectForge,
  cookieUrl,
  forge,
  type HostOptions,
  makeHost,
  provider,
  startFlow,
  tokenResponse,
  ofForge
} from "./support/host.ts"

const endpoint = "https://forge.example/revoke"
/** A forge that rotates; what it issued and what was revoked of that. */
const vendor = (
  definition: Partial<OAuth2Definition> = {},
  options: Omit<HostOptions, "answer" | "providers"> & {
    readonly issue?: (made: number) => Readonly<Record<string, unknown>>
  } = {}
) => {
  const alive = new Set<string>()
  let made = 0
  const config: OAuth2ProviderConfig = {
    ...forge,
    definition: { ...forge.definition, revocation: { endpoint, ends: "token" }, ...definition }
  }
  const answer = ({ body, url }: EgressRequest) => {
    const parameters = new URLSearchParams(body)
    if (url.href === endpoint) {
      alive.delete(parameters.get("token") ?? "")
      return new Response()
    }
    const presented = parameters.get("refresh_token")
    if (presented !== null) alive.delete(presented)
    made++
    const members = {
      access_token: `access-${made}`,
      refresh_token: `refresh-${made}`,
      expires_in: 3600,
      owner: "octocat",
      ...options.issue?.(made)
    }
    for (const token of [members.access_token, members.refresh_token])
      if (typeof token === "string") alive.add(token)
    return tokenResponse(members)
  }
  return { ...makeHost({ ...options, answer, providers: [config] }), alive: () => [...alive] }
}

const disconnectForge = Effect.flatMap(provider("forge"), (forge) => disconnect(ann, forge))

/** A host on whose store a refresh waits between the vendor's answer and its writing. */
const withSlowStore = (options: Parameters<typeof vendor>[1] = {}) => {
  const reached = Deferred.makeUnsafe<void>()
  const go = Deferred.makeUnsafe<void>()
  let isFirst = true
  const host = vendor(undefined, {
    ...options,
    connections: (store) => ({
      ...store,
      renewGrant: (...command) => {
        if (!isFirst) return store.renewGrant(...command)
        isFirst = false
        return Deferred.succeed(reached, undefined).pipe(
          Effect.andThen(Deferred.await(go)),
          Effect.andThen(store.renewGrant(...command))
        )
      }
    })
  })
  return { ...host, reached, go }
}

describe("S-126 tokens that a refresh brings too late", () => {
  const ends = {
    "the admin disconnected": disconnectForge,
    "the tenant was deleted": deleteTenant(ann.tenantId),
    "the provider withdrew the access": markRevoked(ofForge)
  }
  for (const [what, end] of Object.entries(ends)) {
    it.effect(`are revoked where ${what} meanwhile`, () => {
      const host = withSlowStore()
      return Effect.gen(function* () {
        yield* connectForge()
        yield* TestClock.adjust("2 hours")
        const reading = yield* Effect.forkChild(Effect.exit(accessToken(ofForge)), {
          startImmediately: true
        })
        yield* Deferred.await(host.reached)
        yield* end
        yield* Deferred.succeed(host.go, undefined)
        yield* Fiber.join(reading)
        yield* revokeQueued
        // What was in quarantine is destroyed in a week.
        yield* TestClock.adjust("8 days")
        yield* (yield* Maintenance).sweepQuarantine
        yield* revokeQueued
        assert.deepStrictEqual(host.alive(), [])
      }).pipe(Effect.provide(host.layer))
    })
  }

  it.effect("are revoked where the connection was authorized again, whose tokens live", () => {
    const host = withSlowStore()
    return Effect.gen(function* () {
      yield* connectForge()
      yield* TestClock.adjust("2 hours")
      const reading = yield* Effect.forkChild(accessToken(ofForge), { startImmediately: true })
      yield* Deferred.await(host.reached)
      const result = yield* connect(ann, yield* provider("forge"), {
        redirectUrl: cookieUrl,
        reauthorize: true
      })
      assert(result._tag === "Authorize")
      const flow = { ...result, authorizationUrl: new URL(result.authorizationUrl) }
      yield* comeBack(flow, { browserSecret: browserOf(flow) })
      yield* Deferred.succeed(host.go, undefined)
      yield* Fiber.join(reading)
      yield* revokeQueued
      assert.deepStrictEqual(host.alive(), ["access-3", "refresh-3"])
    }).pipe(Effect.provide(host.layer))
  })

  it.effect("are the stored ones where only the answer of the store was lost", () => {
    let isFirst = true
    const host = vendor(undefined, {
      connections: (store) => ({
        ...store,
        renewGrant: (...command) =>
          Effect.tap(store.renewGrant(...command), () => {
            if (!isFirst) return Effect.void
            isFirst = false
            return Effect.fail(new StorageUnavailable({ cause: "lost" }))
          })
      })
    })
    return Effect.gen(function* () {
      yield* connectForge()
      yield* TestClock.adjust("2 hours")
      const reading = yield* Effect.forkChild(accessToken(ofForge), { startImmediately: true })
      while (reading.pollUnsafe() === undefined) {
        yield* Effect.promise(() => new Promise(setImmediate))
        yield* TestClock.adjust("50 millis")
      }
      assert.strictEqual((yield* Fiber.join(reading)).generation, 2)
      yield* revokeQueued
      assert.includeMembers(host.alive(), ["access-2", "refresh-2"])
    }).pipe(Effect.provide(host.layer))
  })

  it.effect("are not the refresh token that the answer only repeats", () => {
    const host = withSlowStore({ issue: () => ({ refresh_token: "the-only-one" }) })
    return Effect.gen(function* () {
      yield* connectForge()
      yield* TestClock.adjust("2 hours")
      const reading = yield* Effect.forkChild(accessToken(ofForge), { startImmediately: true })
      yield* Deferred.await(host.reached)
      // Another process took the lease over, and was faster.
      yield* TestClock.adjust("31 seconds")
      const connections = yield* ConnectionStore
      const key = { ...ofForge, ...tenantsDefault }
      const stored = yield* (yield* ConnectionStore).grant(key)
      const taken = yield* connections.acquireLease({
        ...key,
        grantId: stored.id,
        generation: 1,
        holder: "other",
        clientVersion: "version",
        lease: "30 seconds" as never
      })
      assert(taken._tag === "Acquired")
      yield* connections.renewGrant(taken.lease, {
        tokens: { ...stored, expiresIn: 3600, dueIn: undefined },
        scopes: stored.scopes,
        publish: { id: yield* newEventId, event: "integration.recovered" }
      })
      yield* Deferred.succeed(host.go, undefined)
      yield* Fiber.join(reading)
      yield* revokeQueued
      assert.notInclude(host.alive(), "access-2")
      assert.include(host.alive(), "the-only-one")
    }).pipe(Effect.provide(host.layer))
  })
})

describe("S-126 the queue for revocation", () => {
  const tooFewScopes = () => ({ scope: "user" })
  /** A flow whose tokens are not kept, over another queue. */
  const refusedFlow = (
    enqueue: (store: ConnectionStore["Service"]) => ConnectionStore["Service"]
  ) =>
    Effect.flatMap(startFlow(), (flow) => comeBack(flow)).pipe(
      Effect.updateService(ConnectionStore, enqueue)
    )

  const hosts = {
    "has no revocation": makeHost({ answer: () => tokenResponse(tooFewScopes()) }),
    "ends nothing by it": vendor(
      { revocation: { endpoint, ends: "none" } },
      { issue: tooFewScopes }
    )
  }
  for (const [what, host] of Object.entries(hosts)) {
    it.effect(`takes no tokens of a provider that ${what}`, () =>
      refusedFlow((store) => ({ ...store, enqueueRevocation: () => Effect.die("queued") })).pipe(
        Effect.provide(host.layer)
      )
    )
  }

  it.effect("takes what stands nowhere else within half a minute of being back", () => {
    const host = vendor(undefined, { issue: tooFewScopes })
    let isAway = true
    return Effect.gen(function* () {
      yield* refusedFlow((store) => ({
        ...store,
        enqueueRevocation: (command) =>
          isAway
            ? Effect.fail(new StorageUnavailable({ cause: "away" }))
            : store.enqueueRevocation(command)
      }))
      for (let second = 0; second < 1200; second++) yield* TestClock.adjust("1 second")
      isAway = false
      for (let second = 0; second < 30; second++) {
        yield* TestClock.adjust("1 second")
        yield* Effect.promise(() => new Promise(setImmediate))
      }
      yield* revokeQueued
      assert.deepStrictEqual(host.alive(), [])
    }).pipe(Effect.provide(host.layer))
  })

  it.effect("takes tokens of a provider that only another process has", () => {
    const host = vendor(undefined, { issue: tooFewScopes })
    return Effect.gen(function* () {
      yield* refusedFlow((store) => ({ ...store, enqueueRevocation: () => Effect.void }))
      const configured = yield* provider("forge")
      assert(beginsByConsent(configured))
      const { clientFingerprint } = yield* (yield* ProviderRegistry).usedBy(
        ann.tenantId,
        configured
      )
      yield* revokeLater(undefined, {
        ...ofForge,
        integrationId: yield* newIntegrationId,
        clientFingerprint,
        fields: {},
        accessToken: Secret("access-1"),
        refreshToken: undefined
      })
      yield* revokeQueued
      assert.deepStrictEqual(host.alive(), ["refresh-1"])
    }).pipe(Effect.provide(host.layer))
  })

  it.effect("that takes nothing for an hour is reported, without what could not be queued", () => {
    const host = vendor(undefined, { issue: tooFewScopes })
    const logged: Array<unknown> = []
    const logger = Logger.make(({ message }) => void logged.push(message))
    const away = () => Effect.fail(new StorageUnavailable({ cause: "away" }))
    return Effect.gen(function* () {
      yield* refusedFlow((store) => ({ ...store, enqueueRevocation: away }))
      while (!host.reported().includes("revocation_given_up")) {
        yield* Effect.promise(() => new Promise(setImmediate))
        yield* TestClock.adjust("1 minute")
      }
      assert.deepInclude(host.securityEvents.at(-1), {
        type: "revocation_given_up",
        tenantId: ann.tenantId,
        provider: "forge",
        reason: "not_queued"
      })
      yield* Effect.promise(() => new Promise(setImmediate))
      assert.deepInclude(logged, [
        "Unused tokens could not be queued for revocation. They may still be valid.",
        { tenantId: ann.tenantId, provider: "forge" }
      ])
      assert.notMatch(JSON.stringify(logged), /access-1|refresh-1/)
    }).pipe(Effect.provide(Layer.merge(host.layer, Logger.layer([logger]))))
  })
})

describe("S-125 tokens that cannot be stored", () => {
  it.effect("give their lease back, are revoked, and the connection goes on", () => {
    let isBroken = true
    const host = vendor(undefined, {
      connections: (store) => ({
        ...store,
        renewGrant: (...command) =>
          isBroken
            ? Effect.die(new Error("invalid byte sequence: 22021"))
            : store.renewGrant(...command)
      })
    })
    return Effect.gen(function* () {
      yield* connectForge()
      yield* TestClock.adjust("2 hours")
      const error = yield* Effect.flip(accessToken(ofForge))
      assert.strictEqual(error._tag, "ProviderUnavailable")
      yield* revokeQueued
      assert.notInclude(host.alive(), "access-2")
      isBroken = false
      // The lease would last for longer.
      yield* TestClock.adjust("3 seconds")
      assert.strictEqual((yield* accessToken(ofForge)).generation, 2)
    }).pipe(Effect.provide(host.layer))
  })
})

describe("S-126 the tokens of a flow that failed after its code was exchanged are revoked", () => {
  const failures: Record<
    string,
    { definition?: Partial<OAuth2Definition>; issue?: Readonly<Record<string, unknown>> }
  > = {
    insufficient_scope: { issue: { scope: "user" } },
    "invalid_response: no account": {
      definition: { account: { from: "token_response", id: ["nobody"] } }
    },
    "invalid_response: nothing to capture": {
      definition: {
        captures: { site: { from: "token_response", path: ["site"], pattern: "[a-z]+" } }
      }
    },
    "invalid_response: an unknown type of token": { issue: { token_type: "mac" } },
    "invalid_response: no ID token": {
      definition: { openid: true, issuer: "https://forge.example" }
    },
    "invalid_response: an ID token that is none": {
      definition: { openid: true, issuer: "https://forge.example" },
      issue: { id_token: "no.jwt" }
    }
  }
  for (const [name, { definition, issue = {} }] of Object.entries(failures)) {
    it.effect(name, () => {
      const host = vendor(definition, { issue: () => issue })
      return Effect.gen(function* () {
        const outcome = yield* comeBack(yield* startFlow())
        const error =
          outcome._tag === "Return" ? new URL(outcome.url).searchParams.get("error") : ""
        assert.strictEqual(error, name.split(":")[0])
        assert.deepStrictEqual(host.alive(), ["access-1", "refresh-1"])
        yield* revokeQueued
        assert.deepStrictEqual(host.alive(), [])
      }).pipe(Effect.provide(host.layer))
    })
  }

  it.effect("storage_unavailable, unless it was stored all the same", () => {
    const host = vendor()
    const losing = (isWritten: boolean) => (store: ConnectionStore["Service"]) => ({
      ...store,
      connect: (command: Parameters<typeof store.connect>[0]) =>
        // The server goes on with a statement whose client it has lost.
        (isWritten
          ? Effect.forkDetach(Effect.delay(store.connect(command), "5 seconds"))
          : Effect.void
        ).pipe(Effect.andThen(Effect.fail(new StorageUnavailable({ cause: "lost" }))))
    })
    return Effect.gen(function* () {
      const lost = yield* startFlow()
      const error = yield* Effect.flip(
        Effect.updateService(comeBack(lost), ConnectionStore, losing(false))
      )
      assert.strictEqual(error._tag, "StorageUnavailable")
      const kept = yield* startFlow()
      yield* Effect.flip(Effect.updateService(comeBack(kept), ConnectionStore, losing(true)))
      yield* revokeAll(host.alive, 4)
      yield* TestClock.adjust("5 seconds")
      yield* TestClock.adjust("5 seconds")
      while (!(yield* revokeAll(host.alive, 2))) yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(host.alive(), ["access-2", "refresh-2"])
      yield* accessToken(ofForge)
    }).pipe(Effect.provide(host.layer))
  })

  it.effect("what a host's new authorization replaces", () => {
    const host = vendor({ account: { from: "token_response", id: ["owner"] } })
    return Effect.gen(function* () {
      yield* connectForge()
      const result = yield* connect(ann, yield* provider("forge"), {
        redirectUrl: cookieUrl,
        reauthorize: true
      })
      assert(result._tag === "Authorize")
      const flow = { ...result, authorizationUrl: new URL(result.authorizationUrl) }
      yield* comeBack(flow, { browserSecret: browserOf(flow) })
      yield* revokeQueued
      assert.deepStrictEqual(host.alive(), ["access-2", "refresh-2"])
    }).pipe(Effect.provide(host.layer))
  })
})

/** Revokes what is queued by now; whether no more than so many are alive. */
const revokeAll = (alive: () => ReadonlyArray<string>, most: number) =>
  Effect.promise(() => new Promise(setImmediate)).pipe(
    Effect.andThen(revokeQueued),
    Effect.map(() => alive().length <= most)
  )
