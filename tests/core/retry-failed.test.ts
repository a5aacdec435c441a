import { assert, describe, it } from "@effect/vitest"
import { retryFailed } from "@hawser/core"
import { Effect, Schedule } from "effect"
import { TestClock } from "effect/testing"

type Failure = "again" | "for good"

/** How often a run that fails so often was made, and what came of it, with each way of retrying. */
const told = Effect.fnUntraced(function* (
  failures: ReadonlyArray<Failure>,
  retry: (run: Effect.Effect<string, Failure>) => Effect.Effect<string, Failure>
) {
  let runs = 0
  const run = Effect.suspend(() => {
    const failure = failures[runs++]
    return failure === undefined ? Effect.succeed("done") : Effect.fail(failure)
  })
  const fiber = yield* Effect.forkChild(Effect.result(retry(run)), { startImmediately: true })
  const runsBefore = runs
  yield* TestClock.adjust("1 minute")
  const result = fiber.pollUnsafe()
  return { result, runs, runsBefore }
})

describe("retrying what has failed", () => {
  const isAgain = (failure: Failure) => failure === "again"
  const policies = {
    "so many times": { while: isAgain, times: 3 },
    "by a schedule": {
      while: isAgain,
      schedule: Schedule.exponential("10 millis").pipe(Schedule.upTo({ duration: "1 second" }))
    },
    "until it passes": { while: isAgain }
  }

  it.effect.each([
    { of: "a run that passes", failures: [] },
    { of: "one that fails twice", failures: ["again", "again"] },
    { of: "one that fails for good", failures: ["for good"] },
    { of: "one that fails for good in the end", failures: ["again", "for good"] },
    { of: "one that fails often", failures: Array.from({ length: 9 }, () => "again") }
  ] satisfies ReadonlyArray<{ readonly of: string; readonly failures: ReadonlyArray<Failure> }>)(
    "comes to what Effect.retry comes to, for $of",
    ({ failures }) =>
      Effect.gen(function* () {
        for (const policy of Object.values(policies))
          assert.deepStrictEqual(
            yield* told(failures, retryFailed(policy)),
            yield* told(failures, Effect.retry(policy))
          )
      })
  )
})
