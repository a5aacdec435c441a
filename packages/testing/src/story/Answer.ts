import { Effect } from "effect"
import type { Stores } from "@hawser/core"

/** What a command answered: one word, and what else of it is the same in every store. */
export interface Answer {
  readonly tag: string
  readonly value?: unknown
}

export const nothing: Answer = { tag: "nothing" }
const done: Answer = { tag: "done" }

/** A command that is about to be told, with what was known when it was bound. */
export type Bound = Effect.Effect<Answer, { readonly _tag: string }, Stores>

/** The answer of a command that answers nothing else than whether it failed. */
export const as = (effect: Effect.Effect<unknown, { readonly _tag: string }>) =>
  Effect.as(effect, done)
