import { describe, expect, it, layer } from "@effect/vitest"
import { ConnectionStore, type DueGrant, Maintenance, type TenantId } from "@hawser/core"
import { PostgresStores } from "@hawser/postgres/effect"
import { Duration, Effect, Fiber, Layer, Schedule } from "effect"
import { SqlClient } from "effect/sql/SqlClient"
import {
  connect,
  connectCommand,
  disconnectCommand,
  freshTenant,
  keyOf
} from "./support/commands.ts"
import { clientOf, databases, freshDatabase, serverClient } from "./support/databases.ts"
import { failWrites } from "./support/faults.ts"
import {
  acquire,
  deferCommand,
  endCommand,
  expiring,
  granted,
  leaseOf,
  renewCommand,
  restored,
  revokedCommand
} from "./support/grants.ts"
import { proxy } from "./support/proxy.ts"
import { holdOpen } from "./support/transactions.ts"

const stores = Layer.provideMerge(PostgresStores.layer(), serverClient)

/** The access token's end has come. */
const expireNow = Effect.fnUntraced(function* (tenant: TenantId) {
  const sql = yield* SqlClient
  yield* sql`UPDATE hawser.oauth_grant SET expires_at = statement_timestamp() WHERE tenant_id = ${tenant}`
})

/** Nothing of the grant may be refreshed, and its end has come. */
const unrefreshable = Effect.fnUntraced(function* (tenant: TenantId) {
  const sql = yield* SqlClient
  yield* expireNow(tenant)
  yield* sql`UPDATE hawser.oauth_grant SET sealed_refresh_token = NULL WHERE tenant_id = ${tenant}`
})

const dueOf = Effect.fnUntraced(function* (tenant: TenantId) {
  const grant = yield* (yield* ConnectionStore).grant(keyOf(tenant))
  const due: DueGrant = {
    ...keyOf(tenant),
    integrationId: grant.integrationId,
    grant,
    expiryTold: false,
    refreshEndsSoon: false
  }
  return due
})

/** All that is stored of a tenant's connection, and how many events. */
const storedOf = Effect.fnUntraced(function* (tenant: TenantId) {
  const sql = yield* SqlClient
  return [
    yield* sql`SELECT to_jsonb(i) AS stored FROM hawser.integration i WHERE tenant_id = ${tenant}`,
    yield* sql`SELECT to_jsonb(g) AS stored FROM hawser.oauth_grant g WHERE tenant_id = ${tenant}`,
    yield* sql`SELECT id, event FROM hawser.outbox WHERE tenant_id = ${tenant} ORDER BY version`,
    yield* sql`SELECT to_jsonb(p) AS stored FROM hawser.refresh_brake p`
  ]
})

/** What each command needs before it, and the command itself; it may be made again where it failed. */
const commands = {
  renew: Effect.fnUntraced(function* (tenant: TenantId) {
    yield* expireNow(tenant)
    const connections = yield* ConnectionStore
    yield* connections.deferRefresh(yield* leaseOf(tenant), yield* deferCommand)
    return connections.renewGrant(yield* leaseOf(tenant), yield* renewCommand)
  }),
  defer: Effect.fnUntraced(function* (tenant: TenantId) {
    yield* expireNow(tenant)
    return (yield* ConnectionStore).deferRefresh(yield* leaseOf(tenant), yield* deferCommand)
  }),
  end: Effect.fnUntraced(function* (tenant: TenantId) {
    return (yield* ConnectionStore).endGrant(yield* leaseOf(tenant), yield* endCommand)
  }),
  tellExpiry: Effect.fnUntraced(function* (tenant: TenantId) {
    yield* unrefreshable(tenant)
    return (yield* Maintenance).tellExpiry(yield* dueOf(tenant), yield* expiring)
  }),
  expire: Effect.fnUntraced(function* (tenant: TenantId) {
    yield* unrefreshable(tenant)
    return (yield* Maintenance).expireGrant(yield* dueOf(tenant), (yield* endCommand).publish)
  }),
  markRevoked: Effect.fnUntraced(function* (tenant: TenantId) {
    return (yield* ConnectionStore).markRevoked(keyOf(tenant), yield* revokedCommand)
  }),
  restore: Effect.fnUntraced(function* (tenant: TenantId) {
    const connections = yield* ConnectionStore
    const maintenance = yield* Maintenance
    yield* connections.endGrant(yield* leaseOf(tenant), yield* endCommand)
    return maintenance.restore(keyOf(tenant), yield* restored)
  })
}

for (const [name, client] of databases) {
  layer(Layer.provideMerge(PostgresStores.layer(), client), {
    excludeTestServices: true,
    timeout: 60_000
  })(`What a command writes about a grant is one unit with its event, on ${name}`, (it) => {
    it.effect.each(Object.entries(commands))(
      "%s leaves nothing where a fault comes in between",
      Effect.fnUntraced(function* ([, prepare]) {
        const tenant = freshTenant()
        yield* connect(tenant)
        const command = yield* prepare(tenant)
        const before = yield* storedOf(tenant)
        for (const table of ["outbox", "integration"]) {
          const { repair } = yield* failWrites(table)
          const error = yield* Effect.flip(command)
          expect([table, error._tag]).toStrictEqual([table, "StorageUnavailable"])
          expect(yield* storedOf(tenant)).toStrictEqual(before)
          yield* repair
        }
        yield* command
        const [, , events] = yield* storedOf(tenant)
        expect(events).toHaveLength((before[2]?.length ?? 0) + 1)
      }),
      60_000
    )
  })
}

describe("Over the wire", () => {
  it.live(
    "every command about grants is one statement",
    Effect.fnUntraced(function* () {
      const server = yield* proxy(yield* freshDatabase)
      yield* Effect.gen(function* () {
        const connections = yield* ConnectionStore
        const maintenance = yield* Maintenance
        const counted = Effect.fnUntraced(function* <A, E, R>(
          name: string,
          command: Effect.Effect<A, E, R>
        ) {
          const before = server.statements()
          const answer = yield* command
          expect([name, server.statements() - before]).toStrictEqual([name, 1])
          return answer
        })
        for (const [name, prepare] of Object.entries(commands)) {
          const tenant = freshTenant()
          yield* connect(tenant)
          yield* counted(name, yield* prepare(tenant))
        }
        const tenant = freshTenant()
        yield* connect(tenant)
        const { grant, ...due } = yield* dueOf(tenant)
        const { generation, id: grantId } = grant
        const ask = {
          ...keyOf(tenant),
          grantId,
          generation,
          holder: "worker",
          clientVersion: "client",
          lease: Duration.minutes(1)
        }
        yield* granted(yield* counted("acquire", connections.acquireLease(ask)))
        expect((yield* counted("acquire held", connections.acquireLease(ask)))._tag).toBe("Leased")
        yield* counted(
          "postpone",
          maintenance.postponeGrant({ ...due, grant }, Duration.minutes(1))
        )
        yield* counted(
          "claimDue",
          maintenance.claimDueGrants({ limit: 10, hold: Duration.minutes(1) })
        )
        const { provider } = keyOf(tenant)
        yield* counted("quarantined", maintenance.quarantined({ provider, tenantId: tenant }))
        yield* counted(
          "quarantined of all",
          maintenance.quarantined({ provider, tenantId: undefined })
        )
        yield* counted("endedUnderBrake", maintenance.endedUnderBrake("client"))
        yield* counted("releaseBrake", maintenance.releaseBrake("client"))
        yield* counted("sweep", maintenance.sweepQuarantine)
      }).pipe(Effect.provide(Layer.provideMerge(PostgresStores.layer(), clientOf(server.url))))
    }),
    60_000
  )
})

/** Waits until so many statements wait for a row. */
const untilWaiting = (count: number) =>
  Effect.flatMap(SqlClient, (sql) =>
    sql`SELECT FROM pg_stat_activity
      WHERE datname = current_database() AND wait_event_type = 'Lock'`.pipe(
      Effect.repeat({
        until: ({ length }) => length === count,
        schedule: Schedule.spaced("10 millis")
      })
    )
  )

/** The brake of the client of these tests. */
const brakeOn = Effect.flatMap(
  SqlClient,
  (
    sql
  ) => sql`INSERT INTO hawser.refresh_brake (client_version, client_fingerprint, since, next_probe_at)
    VALUES ('client', 'client', statement_timestamp(), statement_timestamp())`
)

describe("Statements that meet at one row", () => {
  it.live("S-35 who waited for the row while another got the lease does not get it too", () =>
    Effect.gen(function* () {
      const tenant = freshTenant()
      yield* connect(tenant)
      const first = yield* holdOpen(acquire(tenant))
      const others = yield* Effect.forkScoped(
        Effect.all([acquire(tenant), acquire(tenant)], { concurrency: "unbounded" })
      )
      yield* untilWaiting(2)
      yield* first.commit
      expect(first.result._tag).toBe("Acquired")
      expect(yield* Fiber.join(others)).toStrictEqual([{ _tag: "Leased" }, { _tag: "Leased" }])
    }).pipe(Effect.provide(stores))
  )

  it.live(
    "S-35 who waited for the row while newer tokens were stored neither refreshes nor ends",
    () =>
      Effect.gen(function* () {
        const connections = yield* ConnectionStore
        const tenant = freshTenant()
        yield* connect(tenant)
        const lease = yield* leaseOf(tenant)
        const end = yield* endCommand
        const renewed = yield* holdOpen(connections.renewGrant(lease, yield* renewCommand))
        const ending = yield* Effect.forkScoped(connections.endGrant(lease, end))
        yield* untilWaiting(1)
        yield* renewed.commit
        expect(yield* Fiber.join(ending)).toStrictEqual({ _tag: "Superseded" })
      }).pipe(Effect.provide(stores))
  )

  it.live("S-109 of those that wait to be the one that is tried, one is", () =>
    Effect.gen(function* () {
      const tenants = [freshTenant(), freshTenant(), freshTenant()] as const
      yield* Effect.forEach(tenants, connect)
      yield* brakeOn
      const first = yield* holdOpen(acquire(tenants[0]))
      const others = yield* Effect.forkScoped(
        Effect.all([acquire(tenants[1]), acquire(tenants[2])], { concurrency: "unbounded" })
      )
      yield* untilWaiting(2)
      yield* first.commit
      expect(first.result._tag).toBe("Acquired")
      expect(yield* Fiber.join(others)).toStrictEqual([{ _tag: "Paused" }, { _tag: "Paused" }])
    }).pipe(Effect.provide(stores))
  )

  it.live("S-109 renewals that meet at the brake all count", () =>
    Effect.gen(function* () {
      const connections = yield* ConnectionStore
      const tenants = [freshTenant(), freshTenant(), freshTenant()] as const
      yield* Effect.forEach(tenants, connect)
      const [a, b, c] = yield* Effect.all([
        leaseOf(tenants[0]),
        leaseOf(tenants[1]),
        leaseOf(tenants[2])
      ])
      yield* brakeOn
      const other = freshTenant()
      yield* connect(other)
      const first = yield* holdOpen(connections.renewGrant(a, yield* renewCommand))
      const commands = [yield* renewCommand, yield* renewCommand] as const
      const others = yield* Effect.forkScoped(
        Effect.all(
          [connections.renewGrant(b, commands[0]), connections.renewGrant(c, commands[1])],
          {
            concurrency: "unbounded"
          }
        )
      )
      yield* untilWaiting(2)
      yield* first.commit
      yield* Fiber.join(others)
      expect((yield* acquire(other))._tag).toBe("Acquired")
      expect((yield* acquire(tenants[0]))._tag).toBe("Acquired")
    }).pipe(Effect.provide(stores))
  )

  it.live(
    "S-46 a user's disconnect that waited for the provider's end leaves nothing but what revoking needs",
    () =>
      Effect.gen(function* () {
        const sql = yield* SqlClient
        const connections = yield* ConnectionStore
        const tenant = freshTenant()
        yield* connect(tenant)
        const disconnect = yield* disconnectCommand(tenant)
        const ended = yield* holdOpen(
          connections.endGrant(yield* leaseOf(tenant), yield* endCommand)
        )
        const disconnecting = yield* Effect.forkScoped(
          Effect.flip(connections.disconnect(disconnect))
        )
        yield* untilWaiting(1)
        yield* ended.commit
        expect((yield* Fiber.join(disconnecting))._tag).toBe("IntegrationNotFound")
        expect(yield* sql`SELECT FROM hawser.oauth_grant WHERE tenant_id = ${tenant}`).toHaveLength(
          0
        )
        expect(yield* sql`SELECT FROM hawser.revocation WHERE tenant_id = ${tenant}`).toHaveLength(
          1
        )
        expect((yield* connections.find(keyOf(tenant))).problem).toBe(undefined)
      }).pipe(Effect.provide(stores))
  )

  it.live(
    "who connects again while the provider's end is written has the new tokens and no other",
    () =>
      Effect.gen(function* () {
        const connections = yield* ConnectionStore
        const maintenance = yield* Maintenance
        const tenant = freshTenant()
        yield* connect(tenant)
        const again = yield* connectCommand(tenant)
        const ended = yield* holdOpen(
          connections.endGrant(yield* leaseOf(tenant), yield* endCommand)
        )
        const connecting = yield* Effect.forkScoped(connections.connect(again))
        yield* untilWaiting(1)
        yield* ended.commit
        expect((yield* Fiber.join(connecting)).problem).toBe(undefined)
        expect((yield* connections.grant(keyOf(tenant))).id).toBe(
          again.with._tag === "Grant" && again.with.grant.id
        )
        expect(yield* maintenance.quarantined(keyOf(tenant))).toStrictEqual([])
      }).pipe(Effect.provide(stores))
  )

  it.live("a claim passes over what another is about to take, and waits for nobody", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const maintenance = yield* Maintenance
      const tenants = [freshTenant(), freshTenant()]
      yield* Effect.forEach(tenants, connect)
      yield* sql`UPDATE hawser.oauth_grant SET refresh_due_at = statement_timestamp()`
      const claim = maintenance.claimDueGrants({ limit: 1, hold: Duration.minutes(1) })
      const first = yield* holdOpen(claim)
      const second = yield* claim
      expect(yield* claim).toStrictEqual([])
      yield* first.commit
      expect([...first.result, ...second].map(({ tenantId }) => tenantId).toSorted()).toStrictEqual(
        tenants.toSorted()
      )
    }).pipe(Effect.provide(stores))
  )
})
