import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Redacted } from "effect"
import { TestClock } from "effect/testing"
import {
  accessToken,
  configureProvider,
  ConnectionStore,
  type Maintenance,
  tenantsDefault,
  type EgressRequest,
  Keeper,
  Misconfigured,
  ProviderRegistry,
  Refreshing,
  StorageUnavailable
} from "@hawser/core"
import {
  admin,
  connectForge,
  forge,
  makeHost,
  outbox,
  tokenResponse,
  type Admin
} from "./support/host.ts"

const rightSecret = "canary-right-secret"
const wrongSecret = "canary-wrong-secret"

interface Vendor {
  /** Numbers of the connections, in their order, whose users have withdrawn the access. */
  readonly withdrawn?: ReadonlySet<number>
  readonly maintenance?: (store: Maintenance["Service"]) => Maintenance["Service"]
}

/** A vendor that answers `invalid_grant` to a wrong secret, as some do, and gives tokens of an hour. */
const vendor = ({ maintenance, withdrawn = new Set() }: Vendor = {}) => {
  let connected = 0
  const refused: Array<number> = []
  const renewed: Array<number> = []
  const tokens = (n: number) =>
    tokenResponse({ access_token: `access-${n}`, refresh_token: `refresh-${n}`, expires_in: 3600 })
  const host = makeHost({
    ...(maintenance !== undefined && { maintenance }),
    answer: ({ body = "" }: EgressRequest) => {
      const parameters = new URLSearchParams(body)
      if (parameters.get("grant_type") !== "refresh_token") return tokens(++connected)
      const n = Number(parameters.get("refresh_token")?.split("-")[1])
      const isRight = parameters.get("client_secret") === rightSecret
      if (isRight && !withdrawn.has(n)) {
        renewed.push(n)
        return tokens(n)
      }
      refused.push(n)
      return Response.json({ error: "invalid_grant" }, { status: 400 })
    }
  })
  const alarms = () => host.reported().filter((type) => type === "refreshing_paused").length
  return { ...host, alarms, refused, renewed }
}

/** A process of the host, deployed with this secret, over the stores of all. */
const deployed = (clientSecret: string) =>
  Layer.fresh(
    Keeper.layer.pipe(
      Layer.provideMerge(Refreshing.layer()),
      Layer.provideMerge(
        Layer.effect(
          ProviderRegistry,
          Effect.map(
            configureProvider({ ...forge, clientSecret }, { unsafelyAllowLoopback: false }),
            (provider) => ProviderRegistry.make([provider])
          )
        )
      ),
      Layer.orDie
    )
  )

const tenants = (count: number): ReadonlyArray<Admin> =>
  Array.from({ length: count }, (_, index) => admin(`tenant-${index + 1}`, "ann"))

/** Connects each, and lets their tokens end soon. */
const connectAll = Effect.fnUntraced(function* (all: ReadonlyArray<Admin>) {
  for (const one of all) yield* connectForge(one)
  yield* TestClock.adjust("56 minutes")
})

const round = Effect.flatMap(Keeper, ({ drain }) => drain)

const ofForge = ({ tenantId }: Admin) => ({
  tenantId,
  ...tenantsDefault,
  provider: forge.definition.id
})

const statuses = (all: ReadonlyArray<Admin>) =>
  Effect.forEach(
    all,
    Effect.fnUntraced(function* (one) {
      const connections = yield* ConnectionStore
      const key = { ...ofForge(one), ...tenantsDefault }
      return (yield* connections.find(key)).status
    })
  )

const eventsOf = (one: Admin) =>
  Effect.map(outbox, (all) =>
    all.filter(({ tenantId }) => tenantId === one.tenantId).map(({ event }) => event)
  )

describe("a deployment with a wrong secret, to a vendor that calls it invalid_grant", () => {
  it.effect("S-109 in launch week loses nothing, and works as soon as it is corrected", () => {
    const all = tenants(5)
    const { alarms, layer, refused, renewed } = vendor()
    return Effect.gen(function* () {
      yield* connectAll(all)
      yield* Effect.gen(function* () {
        for (let minute = 0; minute < 240; minute++) {
          yield* round
          yield* TestClock.adjust("30 seconds")
        }
        const [, , , fourth] = all as [Admin, Admin, Admin, Admin, Admin]
        const error = yield* Effect.flip(accessToken(ofForge(fourth)))
        assert.isTrue(error instanceof Misconfigured && error.reason === "paused")
      }).pipe(Effect.provide(deployed(wrongSecret)))
      assert.strictEqual(alarms(), 1)
      // Three put it on; then each tenant is asked once in ten minutes.
      assert.isAtMost(refused.length, 3 + 12 * 5)
      assert.isAtLeast(refused.length, 3 + 8 * 5)
      for (const status of yield* statuses(all)) assert.notStrictEqual(status, "disconnected")
      const told = yield* Effect.forEach(all, eventsOf)
      assert.strictEqual(
        told.filter((events) => events.includes("integration.disconnected")).length,
        2
      )
      for (const events of told) assert.notStrictEqual(events.at(-1), "integration.disconnected")

      yield* Effect.gen(function* () {
        for (const one of all) {
          const { accessToken: token } = yield* accessToken(ofForge(one))
          assert.include(Redacted.value(token), "access-")
        }
      }).pipe(Effect.provide(deployed(rightSecret)))
      assert.lengthOf(renewed, 5)
      assert.deepStrictEqual(new Set(yield* statuses(all)), new Set(["connected"]))
    }).pipe(Effect.provide(layer))
  })

  it.effect("S-109 beside one with the right one, as while it is rolled out, loses nothing", () => {
    const all = tenants(20)
    const { layer } = vendor()
    return Effect.gen(function* () {
      yield* connectAll(all)
      const right = yield* Layer.build(deployed(rightSecret))
      const wrong = yield* Layer.build(deployed(wrongSecret))
      for (let i = 0; i < 120; i++) {
        yield* Effect.provide(round, wrong)
        yield* Effect.provide(round, right)
        yield* TestClock.adjust("30 seconds")
        for (const one of all.slice(0, 3)) yield* Effect.provide(accessToken(ofForge(one)), right)
      }
      assert.deepStrictEqual(new Set(yield* statuses(all)), new Set(["connected"]))
      for (const one of all) yield* Effect.provide(accessToken(ofForge(one)), right)
    }).pipe(Effect.scoped, Effect.provide(layer))
  })

  it.effect("S-109 brings back what had ended even if the process died in between", () => {
    const all = tenants(6)
    let isDead = true
    const { layer } = vendor({
      maintenance: (store) => ({
        ...store,
        endedUnderBrake: (version) =>
          isDead
            ? Effect.fail(new StorageUnavailable({ cause: "dead" }))
            : store.endedUnderBrake(version)
      })
    })
    return Effect.gen(function* () {
      yield* connectAll(all)
      yield* Effect.gen(function* () {
        yield* round
        const ended = (yield* statuses(all)).filter((status) => status === "disconnected")
        assert.lengthOf(ended, 2)
        isDead = false
        // Within ten minutes and a pause somebody is tried again, whose refusal takes back.
        for (let minute = 0; minute < 12; minute++) {
          yield* TestClock.adjust("1 minute")
          yield* round
        }
        assert.deepStrictEqual(new Set(yield* statuses(all)), new Set(["connected"]))
      }).pipe(Effect.provide(deployed(wrongSecret)))
    }).pipe(Effect.provide(layer))
  })
})

describe("ten throw-away tenants that withdraw at once", () => {
  const socks = 10

  it.effect("S-109 delay fifty others by minutes, and end themselves", () => {
    const all = tenants(socks + 50)
    const withdrawn = new Set(Array.from({ length: socks }, (_, index) => index + 1))
    const { alarms, layer, renewed } = vendor({ withdrawn })
    return Effect.gen(function* () {
      // Theirs are due first, so that nobody else has been tried when they are refused.
      for (const one of all.slice(0, socks)) yield* connectForge(one)
      yield* TestClock.adjust("2 minutes")
      for (const one of all.slice(socks)) yield* connectForge(one)
      yield* TestClock.adjust("53 minutes")
      yield* Effect.gen(function* () {
        yield* round
        assert.strictEqual(alarms(), 1)
        yield* TestClock.adjust("2 minutes")
        let seconds = 0
        while (new Set(renewed).size < 50) {
          yield* round
          // A minute for each of the seven that the brake has kept from being refused, if all of them are tried first, one
          // for each of the three that let it go, and one until whoever waits asks again; each is met by the round after it, which
          // is up to a second later.
          assert.isAtMost(seconds, 11 * 61)
          yield* TestClock.adjust("1 second")
          seconds += 1
        }
        for (let i = 0; i < 120; i++) {
          yield* round
          yield* TestClock.adjust("10 seconds")
        }
      }).pipe(Effect.provide(deployed(rightSecret)))
      assert.strictEqual(alarms(), 1)
      assert.deepStrictEqual(
        yield* statuses(all.slice(0, socks)),
        Array.from({ length: socks }, () => "disconnected")
      )
      assert.deepStrictEqual(new Set(yield* statuses(all.slice(socks))), new Set(["connected"]))
    }).pipe(Effect.provide(layer))
  })
})
