import { Effect, type Schedule } from "effect"

/**
 * `Effect.retry`, which begins only where the effect has failed: it makes a schedule and a context of its own for each run, 4 KiB
 * that hardly any needs.
 */
export const retryFailed =
  <Failure>(options: {
    readonly while: (error: Failure) => boolean
    readonly times?: number
    readonly schedule?: Schedule.Schedule<unknown>
  }) =>
  <A, E extends Failure, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.catchIf(effect, options.while, (error) => {
      // The failure that there was is the first of the schedule's.
      const failures = [error]
      return Effect.suspend(() => {
        const failure = failures.pop()
        return failure === undefined ? effect : Effect.fail(failure)
      }).pipe(Effect.retry(options))
    })
