import { readFileSync, writeFileSync } from "node:fs"

const page = new URL("../../docs/benchmarks.md", import.meta.url)
const end = "<!-- end -->"

/** Puts the results where the page has those of the last time of the same command. */
export const writeDown = (command: string, results: string): void => {
  const text = readFileSync(page, "utf8")
  const begin = `<!-- what \`${command}\` wrote -->`
  const from = text.indexOf(begin)
  const to = text.indexOf(end, from)
  if (from === -1 || to < from) throw new Error("docs/benchmarks.md has no place for results.")
  writeFileSync(page, `${text.slice(0, from)}${begin}\n\n${results}\n\n${text.slice(to)}`)
}
