import { assert, describe, it } from "@effect/vitest"
import { Data, Deferred, Duration, Effect, Fiber, Latch, Metric } from "effect"
import { TestClock } from "effect/testing"
import {
  type ProviderBusy,
  ProviderId,
  ProviderTraffic,
  TenantId,
  type Traffic,
  type Transient
} from "@hawser/core"
import { makeServerHealth } from "../../packages/core/src/protocol/ServerHealth.ts"

const traffic = (tenant: string, changes: Partial<Traffic> = {}): Traffic => ({
  provider: ProviderId.make("forge"),
  origin: "https://forge.example",
  clientId: "client",
  tenantId: TenantId.make(tenant),
  ...changes
})

class Failed extends Data.TaggedError("Failed")<{ readonly transient: Transient | undefined }> {}

/** One request, of which `answer` is what the server says. */
const send = <A, E extends Failed>(of: Traffic, answer: Effect.Effect<A, E>) =>
  Effect.flatMap(ProviderTraffic, ({ through }) =>
    through(of, (watch) => watch(answer, ({ transient }) => transient))
  )

const down = (retryAfter?: number) => Effect.fail(new Failed({ transient: { retryAfter } }))
const refused = Effect.fail(new Failed({ transient: undefined }))
const fine = Effect.succeed("fine")

/** What became of a request at once, without any time passing. */
const outcome = <A, E extends Failed>(of: Traffic, answer: Effect.Effect<A, E>) =>
  send(of, answer).pipe(
    Effect.match({
      onSuccess: () => "answered" as const,
      onFailure: (error: Failed | ProviderBusy) =>
        error._tag === "ProviderBusy" ? error.retryAfter : ("failed" as const)
    })
  )

/** Failures of three tenants, so that the server is left alone. */
const breakDown = (changes: Partial<Traffic> = {}) =>
  Effect.gen(function* () {
    for (const tenant of ["a", "b", "c"])
      assert.strictEqual(yield* outcome(traffic(tenant, changes), down()), "failed")
  })

const withTraffic = (options?: Parameters<typeof ProviderTraffic.layer>[0]) =>
  Effect.provide(ProviderTraffic.layer(options))

describe("slots", () => {
  it.effect("S-78 one hostile tenant host that hangs delays none of 99 healthy ones", () =>
    Effect.gen(function* () {
      const host = (tenant: string) =>
        traffic(tenant, { origin: `https://${tenant}.forge.example` })
      const hanging = yield* Effect.forEach(Array.from({ length: 200 }), () =>
        Effect.forkChild(Effect.ignore(send(host("hostile"), Effect.never)))
      )
      yield* Effect.yieldNow
      const healthy = yield* Effect.forEach(
        Array.from({ length: 99 }, (_, i) => host(`tenant-${i}`)),
        (one) => outcome(one, fine),
        { concurrency: "unbounded" }
      )
      // The test's clock stood still: whoever had to wait would wait still.
      assert.deepStrictEqual(
        healthy,
        Array.from({ length: 99 }, () => "answered")
      )
      yield* Fiber.interruptAll(hanging)
    }).pipe(withTraffic())
  )

  it.effect("S-78 a tenant with 1,000 requests at a shared host has a quarter of its slots", () =>
    Effect.gen(function* () {
      let underWay = 0
      const gate = yield* Latch.make()
      const busy = yield* Effect.forEach(Array.from({ length: 1_000 }), () =>
        Effect.forkChild(
          send(
            traffic("busy"),
            Effect.suspend(() => {
              underWay += 1
              return gate.await
            })
          )
        )
      )
      yield* Effect.yieldNow
      assert.strictEqual(underWay, 8)
      // Another tenant's many requests, one after the other in its own share, come through at once.
      const other = yield* Effect.forEach(
        Array.from({ length: 100 }),
        () => outcome(traffic("other"), fine),
        { concurrency: "unbounded" }
      )
      assert.isTrue(other.every((one) => one === "answered"))
      assert.strictEqual(underWay, 8)
      yield* gate.open
      yield* Fiber.awaitAll(busy)
      assert.strictEqual(underWay, 1_000)
    }).pipe(withTraffic())
  )

  it.effect("S-78 tenants whose shares fill all slots wait in turn, not behind one another", () =>
    Effect.gen(function* () {
      const started: Array<string> = []
      const start = Effect.fnUntraced(function* (tenant: string) {
        const gate = yield* Latch.make()
        yield* Effect.forkChild(
          send(
            traffic(tenant),
            Effect.suspend(() => {
              started.push(tenant)
              return gate.await
            })
          )
        )
        yield* Effect.yieldNow
        return gate
      })
      const filling = ["a", "a", "b", "b", "c", "c", "d", "d"]
      const [first, second] = yield* Effect.forEach(filling, start)
      // `e` comes first, and more often.
      for (const tenant of ["e", "e", "e", "f"]) yield* start(tenant)
      assert.deepStrictEqual(started, filling)
      yield* first?.open ?? Effect.void
      yield* second?.open ?? Effect.void
      yield* TestClock.adjust(0)
      assert.deepStrictEqual(started.slice(filling.length).toSorted(), ["e", "f"])
    }).pipe(withTraffic({ slots: 8 }))
  )

  it.effect(
    "S-78 nobody waits for a slot for longer than the patience, and none is lost by it",
    () =>
      Effect.gen(function* () {
        const gate = yield* Latch.make()
        const holder = yield* Effect.forkChild(send(traffic("a"), gate.await))
        yield* Effect.yieldNow
        const waiting = yield* Effect.forkChild(outcome(traffic("a"), fine))
        yield* TestClock.adjust("9999 millis")
        assert.isUndefined(waiting.pollUnsafe())
        yield* TestClock.adjust("1 millis")
        assert.strictEqual(yield* Fiber.join(waiting), 10)
        yield* gate.open
        yield* Fiber.join(holder)
        assert.strictEqual(yield* outcome(traffic("a"), fine), "answered")
      }).pipe(withTraffic({ slots: 4 }))
  )

  it.effect("S-78 what has begun is not ended by the patience of the wait", () =>
    Effect.gen(function* () {
      const slow = yield* Effect.forkChild(
        outcome(traffic("a"), Effect.as(Effect.sleep("60 seconds"), "late"))
      )
      yield* TestClock.adjust("60 seconds")
      assert.strictEqual(yield* Fiber.join(slow), "answered")
    }).pipe(withTraffic({ patience: Duration.seconds(1) }))
  )

  it.effect("a request that is interrupted gives its slot back", () =>
    Effect.gen(function* () {
      for (let i = 0; i < 20; i++) {
        const running = yield* Effect.forkChild(send(traffic("a"), Effect.never))
        const waiting = yield* Effect.forkChild(send(traffic("a"), Effect.never))
        yield* Effect.yieldNow
        yield* Fiber.interruptAll([waiting, running])
      }
      assert.strictEqual(yield* outcome(traffic("a"), fine), "answered")
    }).pipe(withTraffic({ slots: 4 }))
  )
})

describe("the circuit breaker", () => {
  const tenants = (count: number) => Array.from({ length: count }, (_, i) => traffic(`tenant-${i}`))

  it.effect("S-108 one tenant's 429s delay none of 99 healthy tenants, and stand for itself", () =>
    Effect.gen(function* () {
      const hostile = traffic("hostile")
      const healthy = tenants(99)
      // The hostile one is the first of its minute, and the only one.
      assert.strictEqual(yield* outcome(hostile, down(900)), "failed")
      for (let minute = 0; minute < 15; minute++) {
        for (const one of healthy) assert.strictEqual(yield* outcome(one, fine), "answered")
        assert.strictEqual(yield* outcome(hostile, fine), 900 - minute * 60)
        yield* TestClock.adjust("1 minute")
      }
      assert.strictEqual(yield* outcome(hostile, fine), "answered")
    }).pipe(withTraffic())
  )

  it.effect("S-108 one tenant's failures without Retry-After delay none of 99 either", () =>
    Effect.gen(function* () {
      for (let second = 0; second < 180; second++) {
        yield* outcome(traffic("hostile"), down())
        assert.strictEqual(yield* outcome(traffic(`tenant-${second % 99}`), fine), "answered")
        yield* TestClock.adjust("1 second")
      }
    }).pipe(withTraffic())
  )

  it.effect("S-108 of two tenants neither closes the server to the other", () =>
    Effect.gen(function* () {
      const [a, b] = [traffic("a"), traffic("b")]
      assert.strictEqual(yield* outcome(a, down()), "failed")
      // Alone, it waits itself: it is all tenants that there are.
      assert.strictEqual(yield* outcome(a, fine), 1)
      assert.strictEqual(yield* outcome(b, fine), "answered")
      assert.strictEqual(yield* outcome(a, down()), "failed")
      assert.strictEqual(yield* outcome(b, fine), "answered")
      // Both are all of them.
      assert.strictEqual(yield* outcome(b, down()), "failed")
      assert.strictEqual(yield* outcome(a, fine), 1)
      assert.strictEqual(yield* outcome(b, fine), 1)
    }).pipe(withTraffic())
  )

  it.effect("S-108 opens when three tenants and half of those of the last minute fail", () =>
    Effect.gen(function* () {
      const seven = tenants(7)
      for (const one of seven) assert.strictEqual(yield* outcome(one, fine), "answered")
      for (const one of seven.slice(0, 3)) assert.strictEqual(yield* outcome(one, down()), "failed")
      // Three of seven are not half.
      assert.strictEqual(yield* outcome(traffic("tenant-6"), fine), "answered")
      assert.strictEqual(yield* outcome(traffic("tenant-3"), down()), "failed")
      let isSent = false
      const sending = Effect.sync(() => {
        isSent = true
      })
      for (const one of [...seven, traffic("another")])
        assert.strictEqual(yield* outcome(one, sending), 1)
      assert.isFalse(isSent)
    }).pipe(withTraffic())
  )

  it.effect("S-108 counts what each tenant met last, and nothing from before the last minute", () =>
    Effect.gen(function* () {
      yield* outcome(traffic("d"), fine)
      for (const tenant of ["a", "b"]) yield* outcome(traffic(tenant), down())
      yield* TestClock.adjust("1 second")
      yield* outcome(traffic("a"), fine)
      yield* outcome(traffic("c"), down())
      // `b` and `c` of four.
      assert.strictEqual(yield* outcome(traffic("d"), fine), "answered")
      yield* outcome(traffic("a"), down())
      assert.strictEqual(yield* outcome(traffic("d"), fine), 1)
      yield* TestClock.adjust("1 minute")
      for (const tenant of ["a", "b"])
        assert.strictEqual(yield* outcome(traffic(tenant), down()), "failed")
      assert.strictEqual(yield* outcome(traffic("d"), fine), "answered")
    }).pipe(withTraffic())
  )

  it.effect("S-78 stays closed for refusals of single grants, and for work that sent nothing", () =>
    Effect.gen(function* () {
      const { through } = yield* ProviderTraffic
      for (const one of tenants(20)) {
        assert.strictEqual(yield* outcome(one, refused), "failed")
        yield* Effect.ignore(through(one, () => Effect.fail("the store is away")))
        assert.strictEqual(yield* outcome(one, fine), "answered")
      }
    }).pipe(withTraffic())
  )

  it.effect(
    "S-108 lets three tenants find out when its time is over, and closes by one success",
    () =>
      Effect.gen(function* () {
        yield* breakDown()
        yield* TestClock.adjust("1 second")
        const answer = yield* Deferred.make<string>()
        const finding = yield* Effect.forEach(["a", "d", "e"], (tenant) =>
          Effect.forkChild(outcome(traffic(tenant), Deferred.await(answer)))
        )
        yield* Effect.yieldNow
        // One request each, of three tenants.
        assert.strictEqual(yield* outcome(traffic("a"), fine), 1)
        assert.strictEqual(yield* outcome(traffic("f"), fine), 1)
        yield* Deferred.succeed(answer, "fine")
        for (const one of finding) assert.strictEqual(yield* Fiber.join(one), "answered")
        for (const tenant of ["a", "b"])
          assert.strictEqual(yield* outcome(traffic(tenant), down()), "failed")
        for (const one of tenants(20)) assert.strictEqual(yield* outcome(one, fine), "answered")
      }).pipe(withTraffic())
  )

  it.effect("S-108 tenants that hang while they find out hold up no fourth for long", () =>
    Effect.gen(function* () {
      yield* breakDown()
      yield* TestClock.adjust("1 second")
      yield* Effect.forEach(["a", "b"], (tenant) =>
        Effect.forkChild(Effect.ignore(send(traffic(tenant), Effect.never)))
      )
      yield* Effect.yieldNow
      assert.strictEqual(yield* outcome(traffic("honest"), fine), "answered")
      for (const one of tenants(20)) assert.strictEqual(yield* outcome(one, fine), "answered")
    }).pipe(withTraffic())
  )

  it.effect("S-78 a probe that was interrupted or sent nothing leaves the next one its turn", () =>
    Effect.gen(function* () {
      yield* breakDown()
      yield* TestClock.adjust("1 second")
      const probes = yield* Effect.forEach(["a", "b", "c"], (tenant) =>
        Effect.forkChild(send(traffic(tenant), Effect.never))
      )
      yield* Effect.yieldNow
      assert.strictEqual(yield* outcome(traffic("d"), fine), 1)
      yield* Fiber.interruptAll(probes)
      const { through } = yield* ProviderTraffic
      for (const tenant of ["a", "b", "c"]) yield* through(traffic(tenant), () => Effect.void)
      assert.strictEqual(yield* outcome(traffic("a"), down()), "failed")
      assert.isNumber(yield* outcome(traffic("d"), fine))
    }).pipe(withTraffic())
  )

  it.effect("S-108 doubles its time with each failed probe, from a second to a minute", () =>
    Effect.gen(function* () {
      const a = traffic("a", { origin: "https://a.forge.example" })
      assert.strictEqual(yield* outcome(a, down()), "failed")
      for (const longest of [1, 2, 4, 8, 16, 32]) {
        const retryAfter = yield* outcome(a, fine)
        // A quarter of it is chance.
        assert.isAtLeast(Number(retryAfter), longest * 0.75)
        assert.isAtMost(Number(retryAfter), longest)
        yield* TestClock.adjust(Duration.millis(longest * 750 - 1))
        assert.isNumber(yield* outcome(a, fine))
        yield* TestClock.adjust(Duration.millis(longest * 250 + 1))
        assert.strictEqual(yield* outcome(a, down()), "failed")
      }
      for (let i = 0; i < 3; i++) {
        assert.isAtLeast(Number(yield* outcome(a, fine)), 45)
        assert.isAtMost(Number(yield* outcome(a, fine)), 60)
        yield* TestClock.adjust(Duration.seconds(Number(yield* outcome(a, fine))))
        assert.strictEqual(yield* outcome(a, down()), "failed")
      }
      // After a minute without anybody it begins again.
      yield* TestClock.adjust("3 minutes")
      assert.strictEqual(yield* outcome(a, down()), "failed")
      assert.strictEqual(yield* outcome(a, fine), 1)
    }).pipe(withTraffic())
  )

  it.effect(
    "S-108 a server is not left alone for longer because the clock on the wall steps back",
    () =>
      Effect.gen(function* () {
        yield* TestClock.setTime(Date.UTC(2024, 3, 2))
        yield* breakDown()
        yield* TestClock.setTime(Date.UTC(2024, 3, 1))
        yield* TestClock.adjust("1 second")
        assert.strictEqual(yield* outcome(traffic("a"), fine), "answered")
      }).pipe(withTraffic())
  )

  it.effect(
    "S-108 three tenants whose requests fail without end cost the others a minute at most",
    () =>
      Effect.gen(function* () {
        let waited = 0
        for (let second = 0; second < 600; second++) {
          for (const tenant of ["x", "y", "z"]) yield* outcome(traffic(tenant), down())
          // A tenant that asks after a quiet time, and then goes on.
          if (second < 120) {
            yield* TestClock.adjust("1 second")
            continue
          }
          const answer = yield* outcome(traffic("honest"), fine)
          waited = answer === "answered" ? 0 : waited + 1
          assert.isAtMost(waited, 60)
          yield* TestClock.adjust("1 second")
        }
      }).pipe(withTraffic())
  )

  it.effect("S-108 opens for a minute at most, whatever three tenants were told to wait", () =>
    Effect.gen(function* () {
      for (const tenant of ["a", "b", "c"]) yield* outcome(traffic(tenant), down(900))
      assert.strictEqual(yield* outcome(traffic("d"), fine), 60)
      assert.strictEqual(yield* outcome(traffic("a"), fine), 900)
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(yield* outcome(traffic("d"), fine), "answered")
      assert.strictEqual(yield* outcome(traffic("e"), fine), "answered")
      assert.strictEqual(yield* outcome(traffic("a"), fine), 840)
    }).pipe(withTraffic())
  )

  it.effect(
    "S-108 a tenant waits for as long as the server asks, and never beyond 15 minutes",
    () =>
      Effect.gen(function* () {
        for (const [retryAfter, expected] of [
          [30, 30],
          [900, 900],
          [86_400, 900],
          [Number.POSITIVE_INFINITY, 900]
        ] as const) {
          const one = traffic("a", { clientId: `client-${retryAfter}` })
          yield* outcome(one, down(retryAfter))
          assert.strictEqual(yield* outcome(one, fine), expected)
          yield* TestClock.adjust(Duration.seconds(expected - 1))
          assert.strictEqual(yield* outcome(one, fine), 1)
          yield* TestClock.adjust("1 second")
          assert.strictEqual(yield* outcome(one, fine), "answered")
        }
      }).pipe(withTraffic())
  )

  it.effect("S-78 the Retry-After of a tenant's own host binds that tenant alone", () =>
    Effect.gen(function* () {
      const own = traffic("a", { origin: "https://a.forge.example" })
      yield* outcome(own, down(900))
      assert.strictEqual(yield* outcome(own, fine), 900)
      for (const other of [
        traffic("b", { origin: "https://b.forge.example" }),
        traffic("a"),
        { ...own, provider: ProviderId.make("mill") },
        { ...own, clientId: "another" }
      ]) {
        assert.strictEqual(yield* outcome(other, fine), "answered")
      }
    }).pipe(withTraffic())
  )

  it.effect("S-78 nobody queues for a server that is left alone", () =>
    Effect.gen(function* () {
      const hanging = yield* Effect.forkChild(send(traffic("d"), Effect.never))
      yield* Effect.yieldNow
      yield* breakDown()
      const next = yield* Effect.forkChild(outcome(traffic("d"), fine))
      yield* Effect.yieldNow
      assert.isDefined(next.pollUnsafe())
      assert.strictEqual(yield* Fiber.join(next), 1)
      yield* Fiber.interrupt(hanging)
    }).pipe(withTraffic({ slots: 4 }))
  )

  it.effect("S-78 those who waited for a slot when it opened are not sent either", () =>
    Effect.gen(function* () {
      const gate = yield* Latch.make()
      const first = yield* Effect.forkChild(
        outcome(traffic("a"), Effect.andThen(gate.await, down(60)))
      )
      yield* Effect.yieldNow
      const second = yield* Effect.forkChild(outcome(traffic("a"), fine))
      yield* Effect.yieldNow
      yield* gate.open
      assert.strictEqual(yield* Fiber.join(first), "failed")
      assert.strictEqual(yield* Fiber.join(second), 60)
    }).pipe(withTraffic({ slots: 4 }))
  )
})

describe("S-108 what the breaker counts", () => {
  const second = 1_000
  const start = () => {
    const health = makeServerHealth()
    const ask = (tenant: string, at: number) =>
      health.admit("server", TenantId.make(tenant), at * second)
    const begin = (tenant: string, at: number) => {
      const turn = ask(tenant, at)
      return typeof turn === "number" ? assert.fail(`${tenant} has to wait`) : turn
    }
    return {
      begin,
      /** Seconds that it has to wait. */
      wait: (tenant: string, at: number) =>
        health.remainingWait("server", TenantId.make(tenant), at * second) / second,
      well: (tenant: string, at: number) => begin(tenant, at).healthy(at * second),
      /** Whether that opened it. */
      fails: (tenant: string, at: number, retryAfter = 0) =>
        begin(tenant, at).failed(at * second, retryAfter, 1)
    }
  }
  const healthy = Array.from({ length: 10 }, (_, n) => `healthy-${n}`)

  it("is of the last minute: earlier failures and answers count no longer", () => {
    const { fails, wait, well } = start()
    fails("a", 0)
    well("b", 0)
    well("c", 0)
    fails("d", 0)
    well("e", 61)
    assert.isFalse(fails("f", 61))
    assert.strictEqual(wait("g", 61), 0)

    const later = start()
    for (const tenant of healthy) later.well(tenant, 0)
    later.well("d", 62)
    later.well("e", 62)
    assert.isFalse(later.fails("a", 62))
    assert.isFalse(later.fails("b", 62))
    assert.isTrue(later.fails("c", 62))

    const moved = start()
    moved.well("a", 0)
    moved.well("z", 0)
    moved.fails("b", 30)
    moved.well("c", 30)
    moved.well("d", 30)
    moved.fails("e", 30)
    // What a tenant meets again is the newest.
    moved.well("a", 50)
    moved.well("z", 91)
    assert.isFalse(moved.fails("f", 91))
  })

  it("is of the last minute while it is open, too", () => {
    const { fails, wait } = start()
    fails("a", 0)
    assert.strictEqual(wait("b", 0), 0)
    fails("b", 0.5)
    fails("c", 59, 60)
    assert.isAbove(wait("d", 59), 0)
    assert.strictEqual(wait("d", 61), 0)
  })

  it("keeps the answers of those who are well when it closes", () => {
    const { fails, well } = start()
    for (const tenant of healthy) well(tenant, 0)
    for (let n = 0; n < 9; n++) assert.isFalse(fails(`failing-${n}`, 0))
    assert.isTrue(fails("failing-9", 0))
    well("failing-0", 2)
    fails("a", 3)
    fails("b", 3)
    assert.isFalse(fails("c", 3))
  })

  it("leaves out what stands in the future, because the clock was set back", () => {
    const { fails, wait, well } = start()
    const before = 10_000
    for (const tenant of ["x", "y"]) well(tenant, before)
    for (const tenant of ["a", "b"]) fails(tenant, before, 900)
    const after = before - 3600
    assert.strictEqual(wait("a", after), 0)
    well("d", after)
    assert.isFalse(fails("f", after))
    // What a was told has been forgotten, and does not come back with its hour.
    assert.strictEqual(wait("a", before), 0)
  })

  it("lets go of all when one has found out, and one trial of a tenant is no other's", () => {
    const { begin, fails, wait } = start()
    const old = begin("a", 0)
    for (const tenant of ["a", "b", "c"]) fails(tenant, 0)
    const [first, second] = [begin("a", 2), begin("b", 2)]
    old.nothingSent()
    assert.isAbove(wait("a", 2), 0)
    second.healthy(2_000)
    assert.strictEqual(wait("a", 2), 0)
    first.nothingSent()
  })

  it("is not ended by an answer of an earlier time that it was open", () => {
    const { begin, fails, wait, well } = start()
    for (const tenant of ["a", "b", "c"]) fails(tenant, 0)
    assert.isTrue(fails("a", 2))
    const slow = begin("b", 5)
    well("c", 5)
    for (const tenant of ["a", "c", "d"]) fails(tenant, 6)
    slow.healthy(6_100)
    assert.isAbove(wait("a", 6.2), 0)
  })

  it("forgets no tenant that was asked to wait for those that were not", () => {
    const { fails, wait, well } = start()
    fails("a", 0, 900)
    for (let n = 0; n < 10_001; n++) {
      well(`healthy-${2 * n}`, 0)
      well(`healthy-${2 * n + 1}`, 0)
      fails(`failing-${n}`, 0)
    }
    assert.strictEqual(wait("a", 0), 900)
  })
})

describe("metrics", () => {
  const stateOf = Effect.fnUntraced(function* (id: string, provider: string) {
    const all = yield* Metric.snapshot
    return all
      .filter((one) => one.id === id && one.attributes?.["provider"] === provider)
      .map(({ attributes, state }) => ({ attributes, state }))
  })

  it.effect(
    "S-78 tell slots in use and openings by provider, and nothing of tenants or hosts",
    () =>
      Effect.gen(function* () {
        const of = traffic("a", { provider: ProviderId.make("metered") })
        const gate = yield* Latch.make()
        const running = yield* Effect.forkChild(send(of, gate.await))
        yield* Effect.yieldNow
        const attributes = { provider: "metered" }
        assert.deepStrictEqual(yield* stateOf("hawser_provider_slots_in_use", "metered"), [
          { attributes, state: { value: 1 } }
        ])
        yield* gate.open
        yield* Fiber.join(running)
        assert.deepStrictEqual(yield* stateOf("hawser_provider_slots_in_use", "metered"), [
          { attributes, state: { value: 0 } }
        ])
        yield* breakDown({ provider: ProviderId.make("metered") })
        assert.deepStrictEqual(yield* stateOf("hawser_provider_breaker_openings", "metered"), [
          { attributes, state: { count: 1, incremental: true } }
        ])
      }).pipe(withTraffic())
  )
})
