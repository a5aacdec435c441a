import { parseDuration, type DurationInput, type ValidationError } from "@hawser/core"
import { type Duration, Effect, Option } from "effect"
import { invalid } from "./acting.ts"

/** Fails with `ValidationError`, which names the option. */
export const checkDuration = (
  path: string,
  value: DurationInput | undefined
): Effect.Effect<Duration.Duration | undefined, ValidationError> =>
  value === undefined
    ? Effect.succeed(undefined)
    : Option.match(parseDuration(value), {
        onNone: () => Effect.fail(invalid(path)),
        onSome: Effect.succeed
      })
