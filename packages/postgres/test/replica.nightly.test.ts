import { expect, it } from "@effect/vitest"
import {
  type ConfigurationError,
  ConnectionStore,
  type StorageUnavailable,
  type TenantId
} from "@hawser/core"
import { postgres } from "@hawser/postgres"
import { storeConformance } from "@hawser/testing"
import { type Duration, Effect, Fiber, Layer, Schedule } from "effect"
import { SqlClient } from "effect/sql/SqlClient"
import { query } from "../../../test-support/postgres-query.ts"
import { advance } from "./support/advance.ts"
import { connect, freshTenant, keyOf } from "./support/commands.ts"
import { clientOf } from "./support/databases.ts"
import { acquire, renewCommand } from "./support/grants.ts"
import { quietEventBus } from "./support/quiet.ts"
import { replicated } from "./support/replicated.ts"

/** How often the suite moves the clock before the standby is promoted: about the middle of its tests. */
const movesBefore = 60
let moves = 0
let failOver: Effect.Effect<void> = Effect.die("The suite has not begun.")

/** Between two steps of a test. Its connections are broken then; each fails once, as at a host. */
const advanceAndFailOver = (duration: Duration.Duration) =>
  Effect.gen(function* () {
    if (++moves === movesBefore) {
      yield* failOver
      const sql = yield* SqlClient
      const connections = yield* ConnectionStore
      const tries = { times: 20 }
      yield* Effect.retry(sql`SELECT 1`, tries)
      const found = connections.find(keyOf(freshTenant()))
      yield* Effect.retry(
        Effect.catchTag(found, "IntegrationNotFound", () => Effect.void),
        tries
      )
    }
    yield* advance(duration)
  })

const workers = 4
/** So many refreshes are stored before the primary is gone, and as many again after. */
const enough = 40

it.live(
  "what was acknowledged before a failover is on the promoted standby, and no grant is refreshed twice",
  () =>
    Effect.gen(function* () {
      const { failOver, standbyUrl, url } = yield* replicated
      const stores = yield* Layer.build(postgres({ url, maxConnections: workers }).layer)
      /** Of whom a call has said so. */
      const connected = new Set<TenantId>()
      /** By tenant and generation, how often the vendor would have been asked for new tokens. */
      const asked = new Map<string, number>()
      /** By tenant, the newest generation that a call has said is stored. */
      const renewed = new Map<TenantId, number>()
      let stored = 0
      let unavailable = 0

      const connectOne = Effect.gen(function* () {
        const tenantId = freshTenant()
        yield* connect(tenantId)
        connected.add(tenantId)
      })
      const refreshOne = Effect.gen(function* () {
        const tenants = [...connected]
        const tenantId = tenants[Math.floor(Math.random() * tenants.length)]
        if (tenantId === undefined) return
        const acquisition = yield* acquire(tenantId)
        if (acquisition._tag !== "Acquired") return
        const { lease } = acquisition
        const turn = `${tenantId} ${lease.grant.generation}`
        asked.set(turn, (asked.get(turn) ?? 0) + 1)
        const connections = yield* ConnectionStore
        yield* connections.renewGrant(lease, yield* renewCommand)
        renewed.set(tenantId, lease.grant.generation + 1)
        stored++
      })
      // A host's calls fail while there is no primary; its next ones come all the same.
      const working = Effect.all([connectOne, refreshOne]).pipe(
        Effect.catchTag("StorageUnavailable", () => Effect.sync(() => void unavailable++)),
        Effect.forever,
        Effect.provide(stores)
      )
      const fibers = yield* Effect.forEach(Array.from({ length: workers }), () =>
        Effect.forkScoped(working)
      )
      const hasStored = (count: number) =>
        Effect.suspend(() => (stored >= count ? Effect.void : Effect.fail("not yet"))).pipe(
          Effect.retry(Schedule.spaced("10 millis")),
          Effect.timeout("60 seconds")
        )
      yield* hasStored(enough)
      yield* failOver
      const before = stored
      yield* hasStored(before + enough)
      yield* Fiber.interruptAll(fibers)

      expect(unavailable).toBeGreaterThan(0)
      expect([...asked.values()].filter((times) => times > 1)).toStrictEqual([])
      const rows = yield* Effect.promise(() =>
        query<{
          readonly tenant_id: TenantId
          readonly generation: number
          readonly events: number
        }>(
          standbyUrl,
          `SELECT tenant_id, generation::int,
             (SELECT count(*)::int FROM hawser.outbox o WHERE o.tenant_id = g.tenant_id) AS events
           FROM hawser.oauth_grant g`
        )
      )
      const found = new Map(rows.map((row) => [row.tenant_id, row]))
      expect([...connected].filter((tenantId) => found.get(tenantId)?.events !== 1)).toStrictEqual(
        []
      )
      const lost = [...renewed].filter(
        ([tenantId, generation]) => (found.get(tenantId)?.generation ?? 0) < generation
      )
      expect(lost).toStrictEqual([])
    }),
  120_000
)

storeConformance<ConnectionStore | SqlClient, ConfigurationError | StorageUnavailable>(
  "a standby that is promoted in the middle",
  {
    layer: Layer.unwrap(
      Effect.map(replicated, (servers) => {
        failOver = servers.failOver
        return quietEventBus.pipe(
          Layer.provideMerge(postgres({ url: servers.url, maxConnections: 1 }).layer),
          Layer.provideMerge(clientOf(servers.url, { maxConnections: 1 }))
        )
      })
    ),
    advance: advanceAndFailOver,
    timeout: 60_000
  }
)

it("the standby was promoted before the suite came to its end", () => {
  expect(moves).toBeGreaterThan(movesBefore)
})
