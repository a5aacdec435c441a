import { describe, expect, it, layer } from "@effect/vitest"
import {
  type BoundFlow,
  type BurnedFlow,
  type Claim,
  ConnectionStore,
  EventBus,
  OAuthStateStore,
  StorageUnavailable
} from "@hawser/core"
import { PostgresStores } from "@hawser/postgres/effect"
import { Duration, Effect, Fiber, Layer, Option, Schedule } from "effect"
import { SqlClient } from "effect/sql/SqlClient"
import {
  connect,
  connectCommand,
  connectWithCredential,
  disconnectCommand,
  freshTenant,
  hash,
  keyOf,
  newFlow,
  sealed
} from "./support/commands.ts"
import { clientOf, databases, freshDatabase, serverClient } from "./support/databases.ts"
import { failWrites } from "./support/faults.ts"
import { proxy } from "./support/proxy.ts"
import { quiet } from "./support/quiet.ts"
import { allDelivered, lease } from "./support/subscriber.ts"
import { holdOpen } from "./support/transactions.ts"

const limits = { perUser: 20, perTenant: 200 }
const lifetime = Duration.minutes(10)

const rowsOf = Effect.fnUntraced(function* (tenant: string) {
  const sql = yield* SqlClient
  const [row] = yield* sql.unsafe(
    `SELECT
      (SELECT count(*)::int FROM hawser.integration WHERE tenant_id = $1 AND status = 'connected') AS connected,
      (SELECT count(*)::int FROM hawser.oauth_grant WHERE tenant_id = $1) AS grants,
      (SELECT count(*)::int FROM hawser.outbox WHERE tenant_id = $1) AS events`,
    [tenant]
  )
  return row
})

for (const [name, client] of databases) {
  layer(Layer.provideMerge(PostgresStores.layer(), client), {
    excludeTestServices: true,
    timeout: 60_000
  })(`The integration row and its event are written together, on ${name}`, (it) => {
    it.effect.each([
      ["event", "outbox"],
      ["integration", "integration"],
      ["grant", "oauth_grant"]
    ] as const)(
      "a fault injected between them, at the %s, leaves neither",
      Effect.fnUntraced(function* ([, table]) {
        const connections = yield* ConnectionStore
        const tenant = freshTenant()
        const { repair } = yield* failWrites(table)
        const error = yield* Effect.flip(connections.connect(yield* connectCommand(tenant)))
        expect(error).toBeInstanceOf(StorageUnavailable)
        expect(yield* rowsOf(tenant)).toStrictEqual({ connected: 0, grants: 0, events: 0 })

        yield* repair
        yield* connect(tenant)
        const connected = { connected: 1, grants: 1, events: 1 }
        expect(yield* rowsOf(tenant)).toStrictEqual(connected)

        if (table === "oauth_grant") return
        const again = yield* failWrites(table)
        yield* Effect.flip(connections.disconnect(yield* disconnectCommand(tenant)))
        expect(yield* rowsOf(tenant)).toStrictEqual(connected)
        yield* again.repair
      }),
      60_000
    )
  })
}

describe("A connection that breaks inside a command", () => {
  it.live("leaves neither the integration nor its event", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const connections = yield* ConnectionStore
      const tenant = freshTenant()
      // Another transaction holds the row, so the command waits in the server, half done, when its connection ends.
      const other = yield* holdOpen(connect(tenant))
      const command = yield* connectCommand(tenant)
      const waiting = yield* Effect.forkScoped(Effect.flip(connections.connect(command)))
      const terminated = sql<{ readonly terminated: boolean }>`
        SELECT pg_terminate_backend(pid) AS terminated FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock'`
      yield* terminated.pipe(
        Effect.repeat({ until: (rows) => rows.length > 0, schedule: Schedule.spaced("10 millis") })
      )
      expect((yield* Fiber.join(waiting))._tag).toBe("StorageUnavailable")
      yield* other.rollback
      expect(yield* rowsOf(tenant)).toStrictEqual({ connected: 0, grants: 0, events: 0 })
      // And the pool replaces what it lost.
      yield* connect(tenant)
      expect(yield* rowsOf(tenant)).toStrictEqual({ connected: 1, grants: 1, events: 1 })
    }).pipe(Effect.provide(Layer.provideMerge(PostgresStores.layer(), serverClient)))
  )
})

describe("Over the wire", () => {
  it.live(
    "connect, the callback's write, start and every other command is one statement",
    Effect.fnUntraced(function* () {
      const server = yield* proxy(yield* freshDatabase)
      yield* Effect.gen(function* () {
        const connections = yield* ConnectionStore
        const flows = yield* OAuthStateStore
        const bus = yield* EventBus
        const tenant = freshTenant()
        const other = freshTenant()
        const flow = newFlow(other)
        const flowIdHash = hash()
        yield* bus.subscribe("counted", "now")
        const withKey = yield* connectWithCredential(other)
        const withGrant = yield* connectCommand(tenant)
        const burned: Array<BurnedFlow> = []
        const claims: Array<Claim> = []
        const commands = {
          start: flows.start(flow, { lifetime, limits }),
          burn: Effect.map(flows.burn(flow.stateHash), (found) => {
            burned.push(...Option.toArray(found))
          }),
          park: Effect.suspend(() =>
            flows.park(burned[0] as BoundFlow, {
              as: "parked",
              flowIdHash,
              sealedResponse: sealed(),
              lifetime,
              userHash: flow.userHash
            })
          ),
          takeParked: flows.takeParked(flowIdHash),
          callback: connections.connect(withGrant),
          connect: connections.connect(withKey),
          find: connections.find(keyOf(tenant)),
          grant: connections.grant(keyOf(tenant)),
          list: connections.list({
            tenantId: tenant,
            owners: "all"
          }),
          disconnect: connections.disconnect(yield* disconnectCommand(tenant)),
          claim: Effect.map(bus.claim("counted", { limit: 10, lease }), (found) => {
            claims.push(...Option.toArray(found))
          }),
          settle: Effect.suspend(() => {
            const claim = claims[0] as Claim
            return bus.settle(claim, allDelivered(claim))
          })
        }
        for (const [name, command] of Object.entries(commands)) {
          if (name === "claim") yield* quiet
          const before = server.statements()
          yield* command
          expect([name, server.statements() - before]).toStrictEqual([name, 1])
        }
      }).pipe(Effect.provide(Layer.provideMerge(PostgresStores.layer(), clientOf(server.url))))
    })
  )
})
