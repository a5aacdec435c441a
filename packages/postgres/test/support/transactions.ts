import { Deferred, Effect, Fiber } from "effect"
import { SqlClient } from "effect/sql/SqlClient"

/** Begins a transaction on a connection of its own, does `work` in it, and commits when told: a late commit. */
export const holdOpen = Effect.fnUntraced(function* <A, E, R>(work: Effect.Effect<A, E, R>) {
  const sql = yield* SqlClient
  const done = yield* Deferred.make<A, E>()
  const release = yield* Deferred.make<void>()
  const transaction = yield* Effect.forkScoped(
    sql.withTransaction(
      Effect.gen(function* () {
        yield* Deferred.into(work, done)
        yield* Deferred.await(done)
        yield* Deferred.await(release)
      })
    )
  )
  return {
    result: yield* Deferred.await(done),
    commit: Effect.andThen(Deferred.succeed(release, undefined), Fiber.join(transaction)),
    rollback: Fiber.interrupt(transaction)
  }
})
