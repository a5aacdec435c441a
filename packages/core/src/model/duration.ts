import { Duration, Option, Schema } from "effect"

type Unit = "milli" | "second" | "minute" | "hour" | "day" | "week"

/** A length of time: a text such as `"10 minutes"`, or a number of milliseconds. */
export type DurationInput = number | `${number} ${Unit | `${Unit}s`}`

/** Of a value of any type: none unless it is a finite length of time that is not negative. */
export const parseDuration = (value: unknown): Option.Option<Duration.Duration> =>
  typeof value === "string" || (typeof value === "number" && Number.isFinite(value))
    ? Option.filter(
        Duration.fromInput(value as Duration.Input),
        (duration) => Duration.isFinite(duration) && !Duration.isNegative(duration)
      )
    : Option.none()

/** An option that is a length of time. Its limits are checked where it is used. */
export const durationOption = Schema.declare(
  (value): value is DurationInput => Option.isSome(parseDuration(value)),
  { expected: 'a duration such as "10 minutes", or milliseconds' }
)
