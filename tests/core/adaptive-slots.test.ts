import { assert, describe, it } from "@effect/vitest"
import { Data, Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { ProviderId, ProviderTraffic, TenantId, type Transient } from "@hawser/core"

class Failed extends Data.TaggedError("Failed")<{ readonly transient: Transient }> {}

/** A server that answers each request after so many milliseconds, and how many it has answered at once. */
const makeServer = () => {
  let underWay = 0
  let most = 0
  const server = {
    milliseconds: 200,
    fails: (_tenant: string): boolean => false,
    /** The most requests at once since it was last asked. */
    most: () => {
      const seen = most
      most = underWay
      return seen
    },
    send: (tenant: string) =>
      Effect.gen(function* () {
        underWay += 1
        most = Math.max(most, underWay)
        const fails = server.fails(tenant)
        yield* Effect.sleep(server.milliseconds)
        underWay -= 1
        if (fails) return yield* new Failed({ transient: {} })
      }).pipe(
        (request) =>
          Effect.flatMap(ProviderTraffic, ({ through }) =>
            through(
              {
                provider: ProviderId.make("forge"),
                origin: "https://forge.example",
                clientId: "client",
                tenantId: TenantId.make(tenant)
              },
              (watch) => watch(request, ({ transient }) => transient)
            )
          ),
        Effect.ignore
      )
  }
  return server
}

const tenants = (count: number): ReadonlyArray<string> =>
  Array.from({ length: count }, (_, i) => `tenant-${i}`)

/** Requests of all of these at once, until they are done, and how many there were at once. */
const rush = (server: ReturnType<typeof makeServer>, of: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const running = yield* Effect.forEach(of, (tenant) => Effect.forkChild(server.send(tenant)))
    while (running.some((one) => one.pollUnsafe() === undefined))
      yield* TestClock.adjust("100 millis")
    return server.most()
  })

const withTraffic = Effect.provide(ProviderTraffic.layer())

describe("S-78 the slots of a server", () => {
  it.effect("grow from 32 to 128 while it answers in time and somebody waits", () =>
    Effect.gen(function* () {
      const server = makeServer()
      assert.strictEqual(yield* rush(server, tenants(32)), 32)
      assert.strictEqual(yield* rush(server, tenants(1_000)), 128)
      // What was learned holds for the next rush.
      assert.strictEqual(yield* rush(server, tenants(128)), 128)
    }).pipe(withTraffic)
  )

  it.effect("S-108 halve when three tenants and half of them meet failures, down to 8", () =>
    Effect.gen(function* () {
      const server = makeServer()
      server.fails = () => true
      for (let i = 0; i < 4; i++) {
        yield* rush(server, tenants(32))
        // The breaker leaves it alone for so long.
        yield* TestClock.adjust("60 seconds")
      }
      server.fails = () => false
      // One success, and the breaker lets everybody through.
      yield* rush(server, tenants(1))
      const running = yield* Effect.forEach(tenants(200), (tenant) =>
        Effect.forkChild(server.send(tenant))
      )
      yield* TestClock.adjust("100 millis")
      assert.strictEqual(server.most(), 8)
      yield* Fiber.interruptAll(running)
    }).pipe(withTraffic)
  )

  it.effect("S-108 are not taken from the others by one tenant whose requests all fail", () =>
    Effect.gen(function* () {
      const server = makeServer()
      server.fails = (tenant) => tenant === "failing"
      const all = [...tenants(24), ...Array.from({ length: 8 }, () => "failing")]
      for (let i = 0; i < 4; i++) yield* rush(server, all)
      assert.isAtLeast(yield* rush(server, tenants(32)), 32)
    }).pipe(withTraffic)
  )

  it.effect("become fewer when its answers take twice as long", () =>
    Effect.gen(function* () {
      const server = makeServer()
      assert.strictEqual(yield* rush(server, tenants(1_000)), 128)
      server.milliseconds = 700
      yield* rush(server, tenants(400))
      assert.isBelow(yield* rush(server, tenants(128)), 128)
    }).pipe(withTraffic)
  )

  it.effect("are shared as before: one tenant has a quarter of them", () =>
    Effect.gen(function* () {
      const server = makeServer()
      yield* rush(server, tenants(1_000))
      assert.strictEqual(
        yield* rush(
          server,
          Array.from({ length: 200 }, () => "busy")
        ),
        32
      )
    }).pipe(withTraffic)
  )
})
