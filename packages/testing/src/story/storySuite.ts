import { Duration, Effect } from "effect"
import * as fc from "fast-check"
import type { SuiteIt, SuiteServices } from "../stores/SuiteServices.ts"
import { story } from "./Command.ts"
import { tellStory } from "./tellStory.ts"

/** `HAWSER_STORIES` tells more of them, and `HAWSER_SEED` the same ones again. */
const asked = process.env["HAWSER_STORIES"]
const stories = Number(asked ?? 8)
const seed = Number(process.env["HAWSER_SEED"] ?? Date.now() % 1_000_000)

/** Of a few stories everything is read after each command. */
const isReadWhole = fc.constantFrom(true, false, false, false, false)

/**
 * Stories over all commands, one after another and at once, told by chance: after each command the promises of `invariants.ts`
 * hold of what can be read, and the store answers and shows what the stores in memory do, which run `decide`.
 */
export const storySuite = (it: SuiteIt, timeout: number | undefined): void => {
  it.effect(
    `in stories over all commands every promise holds, and memory answers the same (HAWSER_SEED=${seed})`,
    Effect.fnUntraced(function* () {
      const context = yield* Effect.context<SuiteServices>()
      // Fewer are told on a busy machine, but one in any case, and all of them if their number was asked for.
      const enoughAt = asked === undefined ? performance.now() + stories * 1000 : Infinity
      let told = 0
      yield* Effect.promise(() =>
        fc.assert(
          fc.asyncProperty(story, isReadWhole, async (steps, whole) => {
            if (told > 0 && performance.now() > enoughAt) return
            await Effect.runPromiseWith(context)(
              tellStory(steps, {
                isCompared: true,
                isReadWhole: whole,
                longest: Duration.seconds(20)
              })
            )
            told += 1
          }),
          { seed, numRuns: stories }
        )
      )
    }),
    Math.max(timeout ?? 60_000, stories * 2000)
  )
}
