import { expect, it } from "@effect/vitest"
import { type ConnectionStore, EventBus, type EventId, type TenantId } from "@hawser/core"
import { PostgresStores } from "@hawser/postgres/effect"
import { type Context, Effect, Layer, Schedule } from "effect"
import { SqlClient } from "effect/sql/SqlClient"
import { fork } from "node:child_process"
import { fileURLToPath } from "node:url"
import { connect, disconnect, freshTenant } from "./support/commands.ts"
import { clientOf, freshDatabase } from "./support/databases.ts"

const subscriber = "the-host"
const script = fileURLToPath(new URL("support/subscriber-process.ts", import.meta.url))

const writers = 8
const eventsPerWriter = 26
/** How many events the writers may be ahead of the subscriber. */
const lead = 50
/** At the event of this number the subscriber is killed, before it can settle its batch, and started again. */
const kills = [40, 133]

/** Runs the subscriber until the scope closes, killing it on the way; `received` grows as it reports. */
const subscriberWithKills = Effect.fnUntraced(function* (url: string, received: Array<string>) {
  let closed = false
  const remaining = [...kills]
  const start = (): ReturnType<typeof fork> => {
    const child = fork(script, [url, subscriber], { stdio: ["ignore", "ignore", "inherit", "ipc"] })
    child.on("message", (id: string) => {
      received.push(id)
      const next = remaining[0]
      if (next === undefined || received.length < next) return child.send("handled")
      remaining.shift()
      return child.kill("SIGKILL")
    })
    child.once("exit", () => {
      if (!closed) current = start()
    })
    return child
  }
  let current = start()
  yield* Effect.addFinalizer(() =>
    Effect.promise(async () => {
      closed = true
      const gone = new Promise((resolve) => current.once("exit", resolve))
      current.kill("SIGKILL")
      await gone
    })
  )
  return { killsLeft: () => remaining.length }
})

/**
 * Writes one event of a tenant that other writers write to as well. Every eighth commits late, and another transaction,
 * which began after it, has written to the tenant before it does.
 */
const writeOne = Effect.fnUntraced(function* (
  tenants: ReadonlyArray<TenantId>,
  turn: number,
  elsewhere: Context.Context<ConnectionStore>
) {
  const sql = yield* SqlClient
  const tenant = tenants[Math.floor(Math.random() * tenants.length)] ?? freshTenant()
  const write = connect(tenant).pipe(
    Effect.catchTag("AlreadyConnected", () => disconnect(tenant)),
    // Another writer disconnected, or connected first, in between: again.
    Effect.retry({
      while: ({ _tag }) => _tag === "IntegrationNotFound" || _tag === "IntegrationReplaced"
    })
  )
  if (turn % 8 === 1) return yield* Effect.void
  if (turn % 8 > 1) return yield* Effect.asVoid(write)
  return yield* sql.withTransaction(
    Effect.gen(function* () {
      yield* sql`SELECT pg_current_xact_id()::text AS id`
      yield* Effect.provide(write, elsewhere)
      yield* write
      // The subscriber comes by meanwhile.
      yield* Effect.sleep("30 millis")
    })
  )
})

interface OutboxRow {
  readonly id: EventId
  readonly integration_id: string
  readonly version: bigint
}

it.live(
  "208 events written by 8 concurrent writers, some committing late, all reach a subscriber that is killed and restarted meanwhile, in order per integration",
  Effect.fnUntraced(function* () {
    const url = yield* freshDatabase
    const received: Array<string> = []
    yield* Effect.gen(function* () {
      const sql = yield* SqlClient
      yield* (yield* EventBus).subscribe(subscriber, "now")
      const { killsLeft } = yield* subscriberWithKills(url, received)

      const elsewhere = yield* Layer.build(
        PostgresStores.layer().pipe(Layer.provide(clientOf(url, { maxConnections: writers })))
      )
      const tenants = Array.from({ length: 24 }, freshTenant)
      let writes = 0
      // The subscriber stays close behind, or every late commit would be there before it comes by.
      const inStep = Effect.suspend(() =>
        writes - new Set(received).size < lead ? Effect.void : Effect.fail("too far ahead")
      ).pipe(Effect.retry({ schedule: Schedule.spaced("5 millis") }))
      yield* Effect.forEach(
        Array.from({ length: writers }),
        () =>
          Effect.forEach(Array.from({ length: eventsPerWriter }), (_, turn) =>
            inStep.pipe(
              Effect.andThen(writeOne(tenants, turn, elsewhere)),
              Effect.andThen(Effect.sync(() => writes++))
            )
          ),
        { concurrency: "unbounded", discard: true }
      )

      const written = yield* sql<OutboxRow>`SELECT id, integration_id, version FROM hawser.outbox`
      expect(written.length).toBe(writers * eventsPerWriter)
      const allReceived = Effect.suspend(() => {
        const there = new Set(received)
        const missing = written.filter(({ id }) => !there.has(id)).length
        return missing === 0 ? Effect.void : Effect.fail(`${missing} events are missing`)
      })
      yield* allReceived.pipe(Effect.retry({ schedule: Schedule.spaced("50 millis") }))
      expect(killsLeft()).toBe(0)

      const [{ inverted } = { inverted: 0n }] = yield* sql<{ readonly inverted: bigint }>`
        SELECT count(*) AS inverted FROM hawser.outbox a
        JOIN hawser.outbox b USING (tenant_id, integration_id)
        WHERE b.version = a.version + 1 AND b.tx_id < a.tx_id`
      expect(inverted).toBeGreaterThan(0n)

      // At least once: an event may come again, but none before the one ahead of it has come.
      const rows = new Map<string, OutboxRow>(written.map((row) => [row.id, row]))
      const reached = new Map<string, bigint>()
      for (const id of received) {
        const row = rows.get(id)
        if (row === undefined) continue
        const before = reached.get(row.integration_id) ?? 0n
        expect(row.version).toBeLessThanOrEqual(before + 1n)
        if (row.version > before) reached.set(row.integration_id, row.version)
      }
      // Each time the killed one was in the middle of a batch, which came again.
      expect(received.length).toBeGreaterThanOrEqual(written.length + kills.length)
    }).pipe(
      Effect.provide(
        Layer.provideMerge(PostgresStores.layer(), clientOf(url, { maxConnections: 12 }))
      )
    )
  }),
  60_000
)
