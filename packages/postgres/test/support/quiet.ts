import { EventBus } from "@hawser/core"
import { Effect, Layer, Schedule } from "effect"
import { SqlClient } from "effect/sql/SqlClient"

/**
 * Waits until every event written so far may be read. A transaction that is open anywhere on the server holds newer
 * events back, and other test files write to databases of the same server.
 */
export const quiet: Effect.Effect<void, unknown, SqlClient> = Effect.gen(function* () {
  const sql = yield* SqlClient
  const [row] = yield* sql<{ readonly quiet: boolean }>`
    SELECT NOT EXISTS (
      SELECT FROM hawser.outbox WHERE position >= pg_snapshot_xmin(pg_current_snapshot())
    ) AS quiet`
  if (row?.quiet !== true) return yield* Effect.fail("an older transaction is open")
}).pipe(Effect.retry(Schedule.spaced("5 millis")))

/** The event bus for tests that expect an event at once. */
export const quietEventBus: Layer.Layer<EventBus, never, EventBus | SqlClient> = Layer.effect(
  EventBus,
  Effect.gen(function* () {
    const bus = yield* EventBus
    const sql = yield* SqlClient
    const wait = quiet.pipe(Effect.provideService(SqlClient, sql), Effect.orDie)
    return {
      ...bus,
      claim: (subscriber, options) => Effect.andThen(wait, bus.claim(subscriber, options))
    }
  })
)
