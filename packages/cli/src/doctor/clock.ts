import { type Finding, ok, problem, warning } from "./Finding.ts"

const seconds = 1000

/** Tokens of callers are judged by this clock with 5 seconds of tolerance, assertions of GitHub Apps with 60. */
const tolerated = 5 * seconds
const refused = 60 * seconds

/** How far another clock is from this one's. */
export const clock = (check: string, other: Date, next: string): Finding => {
  const apart = Math.abs(Date.now() - other.getTime())
  const told = `${(apart / seconds).toFixed(1)} s apart from this machine's`
  if (apart <= tolerated) return ok(check, `It is ${told}.`)
  return apart <= refused
    ? warning(check, `It is ${told}: tokens may be refused as expired, or as not valid yet.`, next)
    : problem(check, `It is ${told}: tokens are refused as expired, or as not valid yet.`, next)
}
