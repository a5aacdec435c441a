import { Effect, Result } from "effect"

/** Runs all at once and answers who succeeded and who failed. */
export const inParallel = <A, E, R>(effects: ReadonlyArray<Effect.Effect<A, E, R>>) =>
  Effect.map(Effect.all(effects.map(Effect.result), { concurrency: "unbounded" }), (results) => ({
    succeeded: results.flatMap((result) => (Result.isSuccess(result) ? [result.success] : [])),
    failed: results.flatMap((result) => (Result.isFailure(result) ? [result.failure] : []))
  }))

/** As many as the racing tests start. */
export const times = <A>(count: number, make: (index: number) => A): ReadonlyArray<A> =>
  Array.from({ length: count }, (_, index) => make(index))
