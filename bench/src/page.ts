import { readFileSync, writeFileSync } from "node:fs"

const page = new URL("../../docs/benchmarks.md", import.meta.url)
const begin = "<!-- what `pnpm bench --write` wrote -->"
const end = "<!-- end -->"

/** Puts the results where the page has those of the last time. */
export const writeDown = (results: string): void => {
  const text = readFileSync(page, "utf8")
  const [from, to] = [text.indexOf(begin), text.indexOf(end)]
  if (from === -1 || to < from) throw new Error("docs/benchmarks.md has no place for results.")
  writeFileSync(page, `${text.slice(0, from)}${begin}\n\n${results}\n\n${text.slice(to)}`)
}
