import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import {
  type Exported,
  entryPoints,
  exportedNames,
  fileOf,
  follow,
  isGenerated,
  read
} from "./api/declarations.ts"
import { workspace } from "./steps.ts"

/**
 * Writes docs/api-report.md: the public names of each entry point of each published package with their declarations, as
 * built. With `--check` it fails when the file does not say what the declarations say.
 */

interface Entry {
  readonly title: string
  readonly names: number
  readonly members: number
  readonly lines: ReadonlyArray<string>
}

const byName = (a: readonly [string, unknown], b: readonly [string, unknown]): number =>
  a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0

const reportOf = (title: string, file: string): Entry => {
  const names = [...new Set(exportedNames(file))].toSorted()
  const foreign: Array<string> = []
  const seen = new Map<string, { name: string; text: string; isPublic: boolean }>()
  let members = 0

  const add = (at: string, name: string, publicName?: string): void => {
    const key = `${at}#${name}`
    if (seen.has(key)) return
    if (isGenerated(at)) {
      if (publicName !== undefined) {
        seen.set(key, { name: publicName, text: `export ${publicName}`, isPublic: true })
      }
      return
    }
    const module = read(at)
    const declarations = module.declarations.get(name) ?? []
    if (name.endsWith("Options")) for (const one of declarations) members += one.members
    const renamed = publicName === undefined || publicName === name ? "" : ` as ${publicName}`
    seen.set(key, {
      name: publicName ?? name,
      text: `${declarations.map(({ text }) => text).join("\n")}${renamed === "" ? "" : `\nexport { ${name}${renamed} }`}`,
      isPublic: publicName !== undefined
    })
    for (const { identifiers, imported } of declarations) {
      for (const identifier of identifiers) reach(follow(at, identifier))
      for (const [from, other] of imported) {
        if (from.startsWith(".")) reach(follow(fileOf(from, at), other))
      }
    }
  }
  const reach = (found: Exported | undefined): void => {
    if (found?.kind === "declared") add(found.file, found.name)
  }

  const found = names.map((name) => [name, follow(file, name)] as const)
  // The public ones first: what another one reaches keeps its public name.
  for (const [name, target] of found) {
    if (target?.kind === "declared") {
      seen.set(`${target.file}#${target.name}`, { name, text: "", isPublic: true })
    } else {
      foreign.push(
        target === undefined
          ? `export ${name}`
          : `export { ${target.name === name ? name : `${target.name} as ${name}`} } from "${target.from}"`
      )
    }
  }
  for (const [name, target] of found) {
    if (target?.kind !== "declared") continue
    seen.delete(`${target.file}#${target.name}`)
    add(target.file, target.name, name)
  }

  const texts = (isPublic: boolean): ReadonlyArray<string> =>
    [...seen.values()]
      .filter((one) => one.isPublic === isPublic)
      .map((one) => [one.name, one.text] as const)
      .toSorted((a, b) => byName(a, b) || byName([a[1], 0], [b[1], 0]))
      .map(([, text]) => text)
  const inner = texts(false)
  return {
    title,
    names: names.length,
    members,
    lines: [
      ...foreign,
      ...texts(true),
      ...(inner.length === 0
        ? []
        : ["", "// Reached from these, and not exported by name:", ...inner])
    ]
  }
}

const entries = entryPoints().map(({ file, title }) => reportOf(title, file))

const sum = (of: (entry: Entry) => number): number =>
  entries.reduce((total, entry) => total + of(entry), 0)
const report = [
  "# API report",
  "",
  "The public names of each entry point with their declarations, written by `pnpm api:report` from what `pnpm build` made.",
  "`check` fails when it is stale. The counts may fall; a rise needs a reason in its commit.",
  "",
  "| entry point | public names | members of options |",
  "|---|---|---|",
  ...entries.map(({ members, names, title }) => `| \`${title}\` | ${names} | ${members} |`),
  `| **all** | **${sum(({ names }) => names)}** | **${sum(({ members }) => members)}** |`,
  ...entries.flatMap(({ lines, title }) => [
    "",
    `## ${title}`,
    "",
    "```typescript",
    ...lines,
    "```"
  ]),
  ""
].join("\n")

const path = "docs/api-report.md"
const file = join(workspace, path)
if (!process.argv.includes("--check")) {
  writeFileSync(file, report)
} else {
  const committed = readFileSync(file, "utf8").split("\n")
  const lines = report.split("\n")
  const added = lines.filter((line) => !committed.includes(line))
  const removed = committed.filter((line) => !lines.includes(line))
  if (committed.join("\n") !== report) {
    for (const line of removed.slice(0, 20)) console.log(`- ${line}`)
    for (const line of added.slice(0, 20)) console.log(`+ ${line}`)
    console.log(
      `The public API changed: run \`pnpm api:report\` and commit ${path} with the change.`
    )
    process.exitCode = 1
  }
}
