import { readFileSync } from "node:fs"
import { relative } from "node:path"
import type { MutantResult } from "@stryker-mutator/api/core"
import { equivalents } from "./equivalents.ts"

/** Percent of the mutants of each group that some test must see. */
const least = 85

const oneLine = (text: string): string => text.replaceAll(/\s+/g, " ").trim()

const originalOf = ({ fileName, location: { end, start } }: MutantResult): string => {
  const lines = readFileSync(fileName, "utf8")
    .split("\n")
    .slice(start.line - 1, end.line)
  const last = lines.length - 1
  return oneLine(
    lines
      .map((line, index) =>
        line.slice(index === 0 ? start.column - 1 : 0, index === last ? end.column - 1 : undefined)
      )
      .join("\n")
  )
}

/** The one place where two texts differ, with a little of what stands before it. */
const difference = (before: string, after: string): string => {
  let start = 0
  while (start < before.length && before[start] === after[start]) start++
  let end = 0
  const most = Math.min(before.length, after.length) - start
  while (end < most && before.at(-1 - end) === after.at(-1 - end)) end++
  const part = (text: string): string => text.slice(Math.max(0, start - 40), text.length - end)
  return `${part(before)}  ->  ${part(after)}`
}

/** Prints what survived and the score of one group, and says whether it is high enough. */
export const report = (
  name: string,
  results: ReadonlyArray<MutantResult>,
  durationMs: number
): boolean => {
  const mutants = results.map((result) => ({
    ...result,
    file: relative(process.cwd(), result.fileName),
    original: originalOf(result)
  }))
  const isEquivalent = (mutant: (typeof mutants)[number]): boolean =>
    equivalents.some(
      ({ file, original, replacement }) =>
        file === mutant.file &&
        original === mutant.original &&
        replacement === oneLine(mutant.replacement)
    )
  const counted = mutants.filter((mutant) => !isEquivalent(mutant))
  const count = (...statuses: ReadonlyArray<string>): number =>
    counted.filter(({ status }) => statuses.includes(status)).length

  const missed = counted.filter(({ status }) => status === "Survived" || status === "NoCoverage")
  for (const { file, location, mutatorName, original, replacement, status } of missed) {
    const { column, line } = location.start
    const change = difference(original, oneLine(replacement))
    console.log(`${status} ${file}:${line}:${column} ${mutatorName}: ${change}`)
  }
  const killed = count("Killed", "Timeout")
  const all = killed + missed.length
  const score = all === 0 ? 0 : (100 * killed) / all
  console.log(
    `${name}: ${score.toFixed(1)}% of ${all} killed in ${Math.round(durationMs / 1_000)} s. ` +
      `Killed by a timeout: ${count("Timeout")}. Not counted: ${count("Ignored")} in words for people, ` +
      `${mutants.length - counted.length} equivalent, ${count("RuntimeError", "CompileError")} that stopped the tests.\n`
  )
  return score >= least
}
