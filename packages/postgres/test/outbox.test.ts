import { expect, layer } from "@effect/vitest"
import { EventBus, type EventId, makeEventDelivery } from "@hawser/core"
import { PostgresStores } from "@hawser/postgres/effect"
import { Deferred, Duration, Effect, Fiber, Layer, Option, Schedule } from "effect"
import { SqlClient } from "effect/sql/SqlClient"
import { connect, disconnect, freshTenant } from "./support/commands.ts"
import { serverClient } from "./support/databases.ts"
import { quiet } from "./support/quiet.ts"
import { allDelivered, claim, drain, idsOf } from "./support/subscriber.ts"
import { holdOpen } from "./support/transactions.ts"

const stores = Layer.provideMerge(PostgresStores.layer(), serverClient)

const subscribe = Effect.fnUntraced(function* (from: "now" | "beginning") {
  const name = `subscriber-${crypto.randomUUID()}`
  yield* (yield* EventBus).subscribe(name, from)
  return name
})

const takeTransactionId = Effect.flatMap(
  SqlClient,
  (sql) => sql`SELECT pg_current_xact_id()::text AS id`
)

/**
 * An integration's two events in the other order than the ids of their transactions: the second one's began first.
 * `between` happens after the one took its id and before the other does.
 */
const inversion = Effect.fnUntraced(function* <A, E, R>(between: Effect.Effect<A, E, R>) {
  const sql = yield* SqlClient
  const tenant = freshTenant()
  const begun = yield* Deferred.make<void>()
  const first = yield* Effect.forkScoped(
    Effect.gen(function* () {
      yield* Deferred.await(begun)
      const value = yield* between
      return { value, event: yield* connect(tenant) }
    })
  )
  return yield* sql.withTransaction(
    Effect.gen(function* () {
      yield* takeTransactionId
      yield* Deferred.succeed(begun, undefined)
      const { event, value } = yield* Fiber.join(first)
      return { value, events: [event, yield* disconnect(tenant)] }
    })
  )
})

layer(stores, { excludeTestServices: true, timeout: 60_000 })("The outbox", (it) => {
  it.effect(
    "delivers an integration's events in order though the later one's transaction began first",
    Effect.fnUntraced(function* () {
      const subscriber = yield* subscribe("now")
      const { events } = yield* inversion(Effect.void)
      const sql = yield* SqlClient
      const [{ inverted } = { inverted: false }] = yield* sql<{ readonly inverted: boolean }>`
        SELECT a.tx_id > b.tx_id AS inverted FROM hawser.outbox a, hawser.outbox b
        WHERE a.id = ${events[0]} AND b.id = ${events[1]} AND a.version < b.version`
      expect(inverted).toBe(true)
      yield* quiet
      // Batches of one: no boundary may fall between them the wrong way round.
      expect((yield* drain(subscriber, 1)).flat()).toStrictEqual(events)
    })
  )

  it.effect(
    "holds both back while a transaction between the two is open",
    Effect.fnUntraced(function* () {
      const subscriber = yield* subscribe("now")
      const { events, value: between } = yield* inversion(holdOpen(takeTransactionId))
      expect(Option.isNone(yield* claim(subscriber))).toBe(true)
      yield* between.commit
      yield* quiet
      expect((yield* drain(subscriber)).flat()).toStrictEqual(events)
    })
  )

  it.effect(
    "does not pass an event whose transaction commits late",
    Effect.fnUntraced(function* () {
      const subscriber = yield* subscribe("now")
      const late = yield* holdOpen(connect(freshTenant()))
      const early = yield* connect(freshTenant())
      expect(yield* drain(subscriber)).toStrictEqual([])
      yield* late.commit
      yield* quiet
      expect((yield* drain(subscriber)).flat()).toStrictEqual([late.result, early])
    })
  )

  it.effect(
    "begins 'now' exactly: with what commits after, whichever began first",
    Effect.fnUntraced(function* () {
      const late = yield* holdOpen(connect(freshTenant()))
      yield* connect(freshTenant())
      const subscriber = yield* subscribe("now")
      yield* late.commit
      const after = yield* connect(freshTenant())
      yield* quiet
      expect((yield* drain(subscriber)).flat()).toStrictEqual([late.result, after])
    })
  )

  it.effect(
    "keeps nothing from the sweep that was past when a subscriber began 'now', though a transaction was open then",
    Effect.fnUntraced(function* () {
      const bus = yield* EventBus
      const sql = yield* SqlClient
      yield* sql`DELETE FROM hawser.subscriber`
      const open = yield* holdOpen(takeTransactionId)
      const past = yield* connect(freshTenant())
      yield* subscribe("now")
      yield* open.commit
      yield* bus.sweep(Duration.zero)
      const kept = yield* sql`SELECT id FROM hawser.outbox WHERE id = ${past}`
      expect(kept).toStrictEqual([])
    })
  )

  it.effect(
    "an event is not there where the transaction that wrote it rolls back",
    Effect.fnUntraced(function* () {
      const sql = yield* SqlClient
      const subscriber = yield* subscribe("now")
      const tenant = freshTenant()
      yield* Effect.exit(
        sql.withTransaction(Effect.andThen(connect(tenant), Effect.fail("the host's own reason")))
      )
      const after = yield* connect(tenant)
      yield* quiet
      expect((yield* drain(subscriber)).flat()).toStrictEqual([after])
    })
  )

  it.effect(
    "a claim of nothing writes nothing",
    Effect.fnUntraced(function* () {
      const sql = yield* SqlClient
      const subscriber = yield* subscribe("now")
      const row = sql`SELECT xmin::text, lease_until FROM hawser.subscriber WHERE name = ${subscriber}`
      const before = yield* row
      expect(Option.isNone(yield* claim(subscriber))).toBe(true)
      expect(yield* row).toStrictEqual(before)
    })
  )

  it.effect(
    "of workers that claim at the same moment one gets the batch",
    Effect.fnUntraced(function* () {
      const sql = yield* SqlClient
      const subscriber = yield* subscribe("now")
      const event = yield* connect(freshTenant())
      yield* quiet
      // All of them have looked before the first may write.
      const lock = yield* holdOpen(
        sql`SELECT FROM hawser.subscriber WHERE name = ${subscriber} FOR UPDATE`
      )
      const claiming = yield* Effect.forkScoped(
        Effect.all(
          Array.from({ length: 5 }, () => claim(subscriber)),
          { concurrency: "unbounded" }
        )
      )
      yield* sql`SELECT FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock'`.pipe(
        Effect.repeat({
          until: ({ length }) => length === 5,
          schedule: Schedule.spaced("10 millis")
        })
      )
      yield* lock.commit
      const claims = yield* Fiber.join(claiming)
      expect(claims.filter(Option.isSome).map(({ value }) => idsOf(value))).toStrictEqual([[event]])
    })
  )

  it.effect(
    "a claim settles once, even within one transaction",
    Effect.fnUntraced(function* () {
      const sql = yield* SqlClient
      const bus = yield* EventBus
      const subscriber = yield* subscribe("now")
      yield* connect(freshTenant())
      yield* quiet
      const settled = yield* sql.withTransaction(
        Effect.gen(function* () {
          const batch = Option.getOrThrow(yield* claim(subscriber))
          const settle = bus.settle(batch, allDelivered(batch))
          return [yield* settle, yield* settle]
        })
      )
      expect(settled).toStrictEqual([true, false])
    })
  )

  /** Connects a tenant; the subscriber fails at the event, to get it again after so long. */
  const failedOnce = Effect.fnUntraced(function* (subscriber: string, retryAfter: Duration.Input) {
    const bus = yield* EventBus
    const tenant = freshTenant()
    const event = yield* connect(tenant)
    yield* quiet
    const batch = Option.getOrThrow(yield* claim(subscriber))
    yield* bus.settle(
      batch,
      new Map([[event, { _tag: "Failed", retryAfter: Duration.fromInputUnsafe(retryAfter) }]])
    )
    return { tenant, event }
  })

  it.effect(
    "a retry that is due comes in one batch with the integration's next event",
    Effect.fnUntraced(function* () {
      const subscriber = yield* subscribe("now")
      const { event, tenant } = yield* failedOnce(subscriber, 0)
      const next = yield* disconnect(tenant)
      yield* quiet
      expect(yield* drain(subscriber)).toStrictEqual([[event, next]])
    })
  )

  it.effect(
    "a batch of retries and new events is no larger than its limit",
    Effect.fnUntraced(function* () {
      const subscriber = yield* subscribe("now")
      const { event } = yield* failedOnce(subscriber, 0)
      const next = yield* connect(freshTenant())
      yield* quiet
      expect(yield* drain(subscriber, 1)).toStrictEqual([[event], [next]])
    })
  )

  it.effect(
    "what one subscriber fails at is neither retried nor held back at another",
    Effect.fnUntraced(function* () {
      const failing = yield* subscribe("now")
      const other = yield* subscribe("now")
      const soon = yield* failedOnce(failing, 0)
      const late = yield* failedOnce(failing, "1 hour")
      expect((yield* drain(other)).flat()).toStrictEqual([soon.event, late.event])
      const next = yield* disconnect(late.tenant)
      yield* quiet
      expect(yield* drain(other)).toStrictEqual([[next]])
    })
  )

  it.effect(
    "an event that only a newer release knows holds back its own integration alone",
    Effect.fnUntraced(function* () {
      const sql = yield* SqlClient
      const name = yield* subscribe("now")
      const tenant = freshTenant()
      const other = freshTenant()
      const renamed = yield* connect(tenant)
      const behind = yield* disconnect(tenant)
      const elsewhere = yield* connect(other)
      yield* sql`UPDATE hawser.outbox SET event = 'integration.renamed' WHERE id = ${renamed}`
      yield* quiet

      const seen: Array<EventId> = []
      const delivery = yield* makeEventDelivery({
        name,
        events: new Set(["integration.connected", "integration.disconnected"]),
        from: "now",
        handle: ({ event }) => Effect.sync(() => void seen.push(event.id))
      })
      expect(yield* delivery.batch).toBe(true)
      expect(seen).toStrictEqual([elsewhere])
      // It waits for the newer release, and takes no turn from anybody meanwhile.
      expect(yield* delivery.batch).toBe(false)

      yield* sql`UPDATE hawser.outbox SET event = 'integration.connected' WHERE id = ${renamed}`
      yield* sql`UPDATE hawser.delivery_retry SET due_at = now() WHERE subscriber = ${name}`
      expect(yield* delivery.batch).toBe(true)
      expect(seen).toStrictEqual([elsewhere, renamed, behind])
    }, Effect.scoped)
  )
})
