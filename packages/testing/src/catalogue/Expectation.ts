import { TaggedError } from "@hawser/core"
import { Effect } from "effect"
import { canonical } from "./canonical.ts"

/** One thing of a provider's life that is not as its facts say. */
export class Unmet extends TaggedError("Unmet")<{ readonly problem: string }> {
  override get message(): string {
    return this.problem
  }
}

export const unmet = (problem: string): Effect.Effect<never, Unmet> =>
  Effect.fail(new Unmet({ problem }))

/** Fails, with both values, where what was seen is not what the facts say. */
export const expect = (what: string, seen: unknown, wanted: unknown): Effect.Effect<void, Unmet> =>
  canonical(seen) === canonical(wanted)
    ? Effect.void
    : unmet(`${what} should be ${canonical(wanted)} and is ${canonical(seen)}`)
