import { globSync } from "node:fs"
import type { Group } from "./groups.ts"

/** A pattern without its braces: one for each of their alternatives. Around one name they are a part of it. */
const alternatives = (pattern: string): ReadonlyArray<string> => {
  const [whole, names] = /\{([^{}]*,[^{}]*)\}/.exec(pattern) ?? []
  return whole === undefined || names === undefined
    ? [pattern]
    : names.split(",").flatMap((name) => alternatives(pattern.replace(whole, () => name)))
}

/**
 * The paths of a group that lead to no file any more. A file that was moved would otherwise be measured no longer, and
 * nobody would see it: the score of the others stands.
 */
export const missingFiles = (
  { sources, tests }: Group,
  workspace: string
): ReadonlyArray<string> => {
  const isGone = (pattern: string) => globSync(pattern, { cwd: workspace }).length === 0
  return [...sources, ...tests].flatMap(alternatives).filter(isGone)
}
