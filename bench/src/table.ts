import { median } from "./scenarios.ts"

/** A table, as Markdown. */
export const table = (
  head: ReadonlyArray<string>,
  rows: ReadonlyArray<ReadonlyArray<string>>
): string => {
  const widths = head.map((cell, at) =>
    Math.max(cell.length, ...rows.map((row) => row[at]?.length ?? 0))
  )
  const line = (cells: ReadonlyArray<string>): string =>
    `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(" | ")} |`
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n")
}

export const none = "–"

export const fixed = (value: number | undefined, digits: number): string =>
  value === undefined || Number.isNaN(value) ? none : value.toFixed(digits)

/** The one in the middle, with the lowest and the highest. */
export const withSpread = (numbers: ReadonlyArray<number>, digits = 2): string =>
  `${fixed(median(numbers), digits)} (${fixed(Math.min(...numbers), digits)} to ${fixed(Math.max(...numbers), digits)})`
