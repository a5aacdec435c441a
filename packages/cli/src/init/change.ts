import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { Problem } from "../Problem.ts"

/**
 * A change of a host's folder. There are two kinds, and neither takes anything away: a file that was not there, or texts that are
 * put between what stands in a file.
 */
export type Change =
  | { readonly kind: "create"; readonly file: string; readonly text: string }
  | { readonly kind: "insert"; readonly file: string; readonly insertions: Insertions }

interface Insertions {
  /** The file as it was read. */
  readonly before: string
  readonly parts: ReadonlyArray<Insertion>
}

export interface Insertion {
  /** The place in the text that was read. */
  readonly at: number
  readonly text: string
}

const inserted = ({ before, parts }: Insertions): string => {
  const sorted = parts.toSorted((one, other) => one.at - other.at)
  let text = ""
  let from = 0
  for (const part of sorted) {
    text += before.slice(from, part.at) + part.text
    from = part.at
  }
  return text + before.slice(from)
}

const linesOf = (text: string): ReadonlyArray<string> => text.split("\n")

/** Which lines stay, by the longest common subsequence. */
const compared = (
  before: ReadonlyArray<string>,
  after: ReadonlyArray<string>
): ReadonlyArray<string> => {
  const lengths = Array.from({ length: before.length + 1 }, () =>
    Array.from({ length: after.length + 1 }, () => 0)
  )
  const length = (one: number, other: number): number => lengths[one]?.[other] ?? 0
  for (let one = before.length - 1; one >= 0; one--) {
    const row = lengths[one] ?? []
    for (let other = after.length - 1; other >= 0; other--) {
      row[other] =
        before[one] === after[other]
          ? length(one + 1, other + 1) + 1
          : Math.max(length(one + 1, other), length(one, other + 1))
    }
  }
  const lines: Array<string> = []
  let [one, other] = [0, 0]
  while (one < before.length || other < after.length) {
    if (one < before.length && before[one] === after[other]) {
      lines.push(`  ${before[one]}`)
      one++
      other++
    } else if (one < before.length && length(one + 1, other) >= length(one, other + 1)) {
      lines.push(`- ${before[one++]}`)
    } else lines.push(`+ ${after[other++]}`)
  }
  return lines
}

const context = 2

/** The lines that change, with those around them. */
const around = (lines: ReadonlyArray<string>): ReadonlyArray<string> => {
  const isNear = (at: number): boolean =>
    lines.slice(Math.max(0, at - context), at + context + 1).some((line) => !line.startsWith("  "))
  return lines.flatMap((line, at) => {
    if (isNear(at)) return [line.trimEnd()]
    return at > 0 && isNear(at - 1) ? ["  …"] : []
  })
}

/** A change as a person reads it, without the values of secrets. */
export const diffOf = (change: Change, hidden: ReadonlyArray<string>): string => {
  // The host's own variables are not shown.
  const isOfVariables = change.file.startsWith(".env")
  const lines =
    change.kind === "insert" && isOfVariables
      ? change.insertions.parts.flatMap(({ text }) =>
          linesOf(text.trim()).map((line) => `+ ${line}`)
        )
      : change.kind === "create"
        ? linesOf(change.text.trimEnd()).map((line) => `+ ${line}`.trimEnd())
        : around(compared(linesOf(change.insertions.before), linesOf(inserted(change.insertions))))
  const text = [
    change.kind === "create" ? `${change.file} (new)` : change.file,
    ...lines.map((line) => `  ${line}`.trimEnd())
  ].join("\n")
  return hidden.reduce((rest, secret) => rest.replaceAll(secret, "[a fresh key]"), text)
}

const changed = (file: string): Problem =>
  new Problem({
    code: "changed_meanwhile",
    problem: `${file} has changed since it was read.`,
    next: "Run the command again: it shows the change as it is then."
  })

/** Files that may hold secrets are for their owner alone. */
const modeOf = (file: string): number => (file.startsWith(".env") ? 0o600 : 0o666)

/** Writes a change, and never over what has come between. */
export const write = (folder: string, change: Change): Problem | undefined => {
  const path = join(folder, change.file)
  if (change.kind === "create") {
    mkdirSync(dirname(path), { recursive: true })
    try {
      writeFileSync(path, change.text, { flag: "wx", mode: modeOf(change.file) })
      return undefined
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "EEXIST")
        return changed(change.file)
      throw error
    }
  }
  if (!existsSync(path) || readFileSync(path, "utf8") !== change.insertions.before)
    return changed(change.file)
  writeFileSync(path, inserted(change.insertions))
  return undefined
}
