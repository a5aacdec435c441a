import { expect, it } from "@effect/vitest"
import { type BoundFlow, OAuthStateStore } from "@hawser/core"
import { PostgresStores } from "@hawser/postgres/effect"
import { Duration, Effect, Fiber, Layer, Option, Schedule } from "effect"
import { SqlClient } from "effect/sql/SqlClient"
import { freshTenant, hash, newFlow, sealed } from "./support/commands.ts"
import { serverClient } from "./support/databases.ts"
import { holdOpen } from "./support/transactions.ts"

/** Waits until so many statements wait for a lock in this database. */
const waitingFor = (count: number) =>
  Effect.flatMap(SqlClient, (sql) =>
    sql<{ readonly waiting: number }>`
      SELECT count(*)::int AS waiting FROM pg_stat_activity
      WHERE datname = current_database() AND wait_event_type = 'Lock'`.pipe(
      Effect.repeat({
        until: ([row]) => row?.waiting === count,
        schedule: Schedule.spaced("10 millis")
      })
    )
  )

/** Runs the same twice, both of them held up at the row, and then lets them go. */
const racing = Effect.fnUntraced(function* <A, E, R>(
  stateHash: Uint8Array,
  present: Effect.Effect<A, E, R>
) {
  const sql = yield* SqlClient
  const holder = yield* holdOpen(
    sql`SELECT FROM hawser.flow WHERE state_hash = ${stateHash} FOR UPDATE`
  )
  const presented = yield* Effect.forkScoped(
    Effect.all([present, present], { concurrency: "unbounded" })
  )
  yield* waitingFor(2)
  yield* holder.commit
  return yield* Fiber.join(presented)
})

// Each statement read the row before it could have it: without the lock of its own both would go on with what they read.
it.live(
  "S-03 S-05 of two that wait for a flow's row, one gets the flow and the other nothing",
  () =>
    Effect.gen(function* () {
      const flows = yield* OAuthStateStore
      const flow = newFlow(freshTenant())
      const flowIdHash = hash()
      yield* flows.start(flow, {
        lifetime: Duration.minutes(10),
        limits: { perUser: 1, perTenant: 1 }
      })
      const burned = yield* racing(flow.stateHash, flows.burn(flow.stateHash))
      expect(burned.filter(Option.isSome)).toHaveLength(1)

      const [mine] = burned.flatMap(Option.toArray)
      yield* flows.park(mine as unknown as BoundFlow, {
        as: "parked",
        flowIdHash,
        sealedResponse: sealed(),
        lifetime: Duration.minutes(2),
        userHash: flow.userHash
      })
      const taken = yield* racing(flow.stateHash, flows.takeParked(flowIdHash))
      expect(taken.filter(Option.isSome)).toHaveLength(1)
    }).pipe(Effect.provide(Layer.provideMerge(PostgresStores.layer(), serverClient)))
)
