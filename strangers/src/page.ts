import { readFileSync } from "node:fs"
import { join } from "node:path"
import { workspace } from "../../scripts/steps.ts"

/** A block of a page: commands for a shell, or a whole file. */
type Block =
  | { readonly kind: "commands"; readonly lines: ReadonlyArray<string> }
  | { readonly kind: "file"; readonly path: string; readonly text: string }

/** What a page tells a reader to do, in its order. */
export interface Walk {
  readonly blocks: ReadonlyArray<Block>
  /** The command that starts the server, and does not end: the last one. */
  readonly start: string
  /** Where customers connect, as the page writes it. */
  readonly settingsUrl: string
  /** Where the host answers with what it got by the token. */
  readonly callUrl: string
}

/** The section that is followed. What stands below other headings is read, and not done. */
const heading = "## Step by step\n"

/** The origin that all pages write, of the port on which every starter listens. */
export const pageOrigin = "http://localhost:3000"

export const walkOf = (framework: string): Walk =>
  parseWalk(readFileSync(join(workspace, `docs/frameworks/${framework}.md`), "utf8"))

/** Throws if the page has no section to follow, or if it does not say what a block is. */
export const parseWalk = (page: string): Walk => {
  const [, rest] = page.split(heading)
  if (rest === undefined) throw new Error(`The page has no section "${heading.slice(3).trim()}".`)
  const [section = ""] = rest.split(/^## /m)
  const fences = [...section.matchAll(/^```(?<info>.*)\n(?<text>[^]*?)^```$/gm)]
  const blocks = fences.map(({ groups }) => blockOf(groups?.["info"] ?? "", groups?.["text"] ?? ""))

  const last = fences.at(-1)
  const commands = blocks.at(-1)
  const start = commands?.kind === "commands" ? commands.lines.at(-1) : undefined
  if (commands?.kind !== "commands" || start === undefined || last === undefined)
    throw new Error("The last block of the section has to start the server.")
  const [settingsUrl, callUrl] = [
    ...section.slice(last.index + last[0].length).matchAll(/`(http:\/\/localhost:3000\/\S*)`/g)
  ].map(([, url]) => url)
  if (settingsUrl === undefined || callUrl === undefined)
    throw new Error(
      "After the last block the page has to name two URLs: the settings page and the call."
    )
  return {
    blocks: [...blocks.slice(0, -1), { ...commands, lines: commands.lines.slice(0, -1) }],
    start,
    settingsUrl,
    callUrl
  }
}

/** ` ```sh ` has commands; any other block names its file behind the language. */
const blockOf = (info: string, text: string): Block => {
  const [language, path, ...more] = info.split(" ")
  if (more.length > 0 || (path === undefined) !== (language === "sh"))
    throw new Error(`The block "${info}" is neither commands nor a file.`)
  if (path !== undefined) return { kind: "file", path, text }
  const lines = text
    .replaceAll("\\\n", " ")
    .split("\n")
    .map((line) => line.replace(/(?:^|\s)#.*/, "").trim())
  return { kind: "commands", lines: lines.filter((line) => line !== "") }
}

const code = (text: string): ReadonlyArray<string> =>
  text
    .replaceAll(/<!--[^]*?-->|\/\*[^]*?\*\//g, "")
    .split("\n")
    // The style of a starter's quotes and semicolons may be another.
    .map((line) => line.trim().replace(/;$/, "").replaceAll("'", '"'))
    // Brackets alone are a matter of the format.
    .filter((line) => /\w/.test(line) && !line.startsWith("//"))

/** The lines of code that a file has and an earlier one has not: neither comments, nor brackets alone. */
export const addedLines = (before: string, after: string): number => {
  const left = [...code(before)]
  return code(after).filter((line) => {
    const at = left.indexOf(line)
    if (at >= 0) left.splice(at, 1)
    return at < 0
  }).length
}
