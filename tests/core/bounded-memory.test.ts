import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect } from "effect"
import { TestClock } from "effect/testing"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { ProviderId, RefusedTokens, TenantId, TokenCache, tenantsDefault } from "@hawser/core"
import {
  makeServerHealth,
  type ServerHealth
} from "../../packages/core/src/protocol/ServerHealth.ts"
import { makeSharedWork } from "../../packages/core/src/token/sharedWork.ts"
import { setBounded } from "../../packages/core/src/protocol/setBounded.ts"
import { someToken } from "./support/accessToken.ts"

const capacity = 10_000
const provider = ProviderId.make("forge")
const tenant = (n: number) => TenantId.make(`tenant-${n}`)
const queryOf = (n: number) => ({ tenantId: tenant(n), ...tenantsDefault, provider })

const numbers = Array.from({ length: capacity + 1 }, (_, n) => n)

const turnAt = (health: ServerHealth, server: string, n: number) => {
  const turn = health.admit(server, tenant(n), 0)
  return typeof turn === "number" ? assert.fail(`${server} is left alone`) : turn
}

describe("what a process remembers has a bound, and the oldest goes first", () => {
  it("entries: the one that was set longest ago", () => {
    const entries = new Map<string, number>()
    for (const n of numbers) {
      setBounded(entries, String(n), n)
      // Set again, it is the newest.
      if (n === capacity - 1) setBounded(entries, "0", 0)
    }
    assert.strictEqual(entries.size, capacity)
    assert.deepStrictEqual(
      ["0", "1", "2"].map((key) => entries.has(key)),
      [true, false, true]
    )
  })

  const justRead = Effect.succeed({ token: someToken, readAt: 0 })

  it.effect("tokens that were read", () =>
    Effect.gen(function* () {
      const cache = yield* TokenCache
      for (const n of numbers) yield* cache.share(queryOf(n), {}, justRead)
      assert.isUndefined(yield* cache.get(queryOf(0)))
      assert.isDefined(yield* cache.get(queryOf(1)))
    }).pipe(Effect.provide(TokenCache.layer({ timeToLive: Duration.minutes(1) })))
  )

  it.effect("tokens that were read, once their time is over", () =>
    Effect.gen(function* () {
      const cache = yield* TokenCache
      yield* cache.share(queryOf(0), {}, justRead)
      yield* TestClock.adjust("1 minute")
      assert.isUndefined(yield* cache.get(queryOf(0)))
    }).pipe(Effect.provide(TokenCache.layer({ timeToLive: Duration.minutes(1) })))
  )

  it.effect(
    "S-127 connections that a transaction may change: if one is dropped, all are read",
    () =>
      Effect.gen(function* () {
        const cache = yield* TokenCache
        const stranger = { tenantId: TenantId.make("stranger"), ...tenantsDefault, provider }
        for (const n of numbers.slice(1)) yield* cache.doubt(queryOf(n))
        assert.isFalse(yield* cache.isInDoubt(stranger))
        yield* cache.share(stranger, {}, justRead)
        yield* TestClock.adjust("30 minutes")
        yield* cache.doubt(queryOf(0))
        // The first is dropped: its transaction may commit at any time of its hour.
        for (const query of [queryOf(0), queryOf(1), queryOf(2), stranger])
          assert.isTrue(yield* cache.isInDoubt(query))
        yield* cache.share(queryOf(1), {}, justRead)
        assert.isUndefined(yield* cache.get(queryOf(1)))
        yield* TestClock.adjust("30 minutes")
        assert.isFalse(yield* cache.isInDoubt(stranger))
        assert.isFalse(yield* cache.isInDoubt(queryOf(1)))
        assert.isTrue(yield* cache.isInDoubt(queryOf(0)))
      }).pipe(Effect.provide(TokenCache.layer({ timeToLive: Duration.minutes(1) })))
  )

  it.effect("tokens that were refused", () =>
    Effect.gen(function* () {
      const refused = yield* RefusedTokens
      for (const n of numbers) yield* refused.remember(queryOf(n), someToken)
      assert.isTrue(yield* refused.mayRefresh(queryOf(0), someToken))
      assert.isFalse(yield* refused.mayRefresh(queryOf(1), someToken))
    }).pipe(Effect.provide(RefusedTokens.layer))
  )

  it("servers that fail", () => {
    const health = makeServerHealth()
    const fail = (n: number) => turnAt(health, `https://${n}.example`, 1).failed(0, 900, 1)
    for (const n of numbers) fail(n)
    assert.strictEqual(health.remainingWait("https://0.example", tenant(1), 0), 0)
    assert.strictEqual(health.remainingWait("https://1.example", tenant(1), 0), 900_000)
  })

  it("tenants that a server asked to wait", () => {
    const health = makeServerHealth()
    const server = "https://forge.example"
    for (const n of numbers) {
      // So many others are well that the server is not left alone.
      turnAt(health, server, 2 * n + 1_000_000).healthy(0)
      turnAt(health, server, 2 * n + 1_000_001).healthy(0)
      turnAt(health, server, n).failed(0, 900, 1)
    }
    assert.strictEqual(health.remainingWait(server, tenant(0), 0), 0)
    assert.strictEqual(health.remainingWait(server, tenant(1), 0), 900_000)
  })

  it("whatever a service of the process remembers: no entry is set without its bound", () => {
    const folder = fileURLToPath(new URL("../../packages/core/src", import.meta.url))
    const set = readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts") && !file.endsWith("/setBounded.ts"))
      .flatMap((file) =>
        [...readFileSync(join(folder, file), "utf8").matchAll(/\b(\w+)\.set\(/g)].map(
          ([, name = ""]) => ({ file, name })
        )
      )
      // The headers, parameters and bytes of one request or value.
      .filter(({ name }) => !/^(body|bytes|headers|out|own|parameters|searchParams)$/.test(name))
      .map(({ file, name }) => `${file}: ${name}`)
    assert.deepStrictEqual(set.toSorted(), [
      // Kept while somebody waits or works, for a minute, or for one call; and the bounded cache itself.
      "connect/identifyAccount.ts: values",
      "connection/importConnections.ts: taken",
      ...Array.from({ length: 5 }, () => "event/deliverEvents.ts: outcomes"),
      "event/deliverEvents.ts: running",
      "event/deliverEvents.ts: running",
      "protocol/ServerHealth.ts: met",
      ...Array.from({ length: 2 }, () => "protocol/slots.ts: heldOf"),
      "protocol/slots.ts: met",
      "protocol/slots.ts: servers",
      ...Array.from({ length: 3 }, () => "protocol/slots.ts: waiting"),
      "runtime/Workers.ts: subscribers",
      "token/Keeper.ts: ofTenant",
      "token/Keeper.ts: ofTenant",
      "token/Keeper.ts: shares"
    ])
  })

  it.effect("work that is shared, once it is done", () =>
    Effect.gen(function* () {
      let runs = 0
      const shared = yield* makeSharedWork<number, never>()
      const work = Effect.sync(() => ++runs)
      assert.deepStrictEqual([yield* shared.run("a", work), yield* shared.run("a", work)], [1, 2])
    })
  )
})
