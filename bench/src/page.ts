import { readFileSync, writeFileSync } from "node:fs"

const page = new URL("../../docs/benchmarks.md", import.meta.url)
const end = "<!-- end -->"

/** The page around the results of a command; fails if the page has none of it. */
const around = (command: string): readonly [before: string, after: string] => {
  const text = readFileSync(page, "utf8")
  const begin = `<!-- what \`${command}\` wrote -->`
  const from = text.indexOf(begin)
  const to = text.indexOf(end, from)
  if (from === -1 || to < from)
    throw new Error(`docs/benchmarks.md has no place for what \`${command}\` finds.`)
  return [text.slice(0, from) + begin, text.slice(to)]
}

/** To be called before minutes are spent on results that could not be kept: gives what keeps them. */
export const placeFor = (command: string): ((results: string) => void) => {
  around(command)
  return (results) => {
    const [before, after] = around(command)
    writeFileSync(page, `${before}\n\n${results}\n\n${after}`)
  }
}
