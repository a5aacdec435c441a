import type { TokenResponse } from "../provider/index.ts"

/** The longest accepted lifetime: ten years in seconds. */
const longest = 315_360_000

/** A date with its time zone: for any other form, `Date` guesses. */
const isoDate = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)$/

/**
 * Seconds of a lifetime as a vendor writes it, from a number or a numeric string; undefined if it cannot be read, is
 * negative or lies in the past, none of which means "never".
 */
export const parseLifetime = (
  value: unknown,
  unit: TokenResponse["lifetimeIn"],
  nowMs: number
): number | undefined => {
  const seconds = toSeconds(value, unit, nowMs)
  return Number.isFinite(seconds) && seconds >= 0
    ? Math.min(Math.floor(seconds), longest)
    : undefined
}

const toSeconds = (value: unknown, unit: TokenResponse["lifetimeIn"], nowMs: number): number => {
  if (unit === "iso_date") {
    return typeof value === "string" && isoDate.test(value)
      ? (Date.parse(value) - nowMs) / 1000
      : Number.NaN
  }
  const number = typeof value === "string" && /^\d+$/.test(value) ? Number(value) : value
  if (typeof number !== "number") return Number.NaN
  switch (unit) {
    case undefined:
      return number
    case "milliseconds":
      return number / 1000
    case "epoch_seconds":
      return number - nowMs / 1000
    case "epoch_milliseconds":
      return (number - nowMs) / 1000
  }
}
