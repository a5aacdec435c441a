import { createHash } from "node:crypto"
import { globSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, join, resolve } from "node:path"
import { parseSync, type Statement, type TSUnionType, Visitor } from "oxc-parser"
import { workspace } from "./steps.ts"

/**
 * Writes docs/api-report.md: the public names of each entry point of each published package with their declarations, as
 * built. With `--check` it fails when the file does not say what the declarations say.
 */

/** A name as a module exports it: declared in a file of the package, or taken from another package. */
type Exported =
  | { readonly kind: "declared"; readonly file: string; readonly name: string }
  | { readonly kind: "foreign"; readonly from: string; readonly name: string }

interface Declaration {
  readonly text: string
  /** The identifiers in it, and the names that it takes from other modules by `import("…")`. */
  readonly identifiers: ReadonlySet<string>
  readonly imported: ReadonlyArray<readonly [from: string, name: string]>
  readonly members: number
}

interface Module {
  readonly exported: ReadonlyMap<string, { readonly from?: string; readonly name: string }>
  readonly everythingOf: ReadonlyArray<string>
  readonly imports: ReadonlyMap<string, { readonly from: string; readonly name: string }>
  readonly declarations: ReadonlyMap<string, ReadonlyArray<Declaration>>
}

const nameOf = (node: { type: string; name?: string; value?: unknown }): string =>
  node.type === "Literal" ? String(node.value) : (node.name ?? "default")

const namesIn = (statement: Statement): ReadonlyArray<string> => {
  if (statement.type === "VariableDeclaration") {
    return statement.declarations.flatMap(({ id }) => (id.type === "Identifier" ? [id.name] : []))
  }
  const id = "id" in statement ? statement.id : null
  return id !== null && typeof id === "object" && "name" in id ? [id.name] : []
}

/** Written from the catalogue, which is their source: of these the names are enough. */
const isGenerated = (file: string): boolean =>
  /\/packages\/(?:providers\/dist\/catalogue\/|testing\/dist\/facts\/factTexts\.|hawser\/dist\/catalogue\.)/.test(
    file.replaceAll("\\", "/")
  )

/** A line that nobody reads to its end is told from another by the hash of its rest. */
const shortened = (line: string): string => {
  const length = 300
  if (line.length <= length) return line
  const rest = createHash("sha256").update(line.slice(length)).digest("hex").slice(0, 12)
  return `${line.slice(0, length)} … ${rest}`
}

/** The members of each union in the order of their texts: the compiler writes them as its threads come to them. */
const withOrderedUnions = (statement: string): string => {
  const unions: Array<TSUnionType> = []
  new Visitor({ TSUnionType: (union) => void unions.push(union) }).visit(
    parseSync("statement.d.ts", statement).program
  )
  // Outer ones come first, and what stands before from what stands behind.
  unions.sort((a, b) => a.start - b.start || b.end - a.end)
  const textOf = (start: number, end: number): string => {
    const outermost: Array<TSUnionType> = []
    for (const union of unions) {
      const isWithin = union.start >= (outermost.at(-1)?.end ?? start) && union.end <= end
      if (isWithin && !(union.start === start && union.end === end)) outermost.push(union)
    }
    let at = start
    let text = ""
    for (const union of outermost) {
      text += statement.slice(at, union.start) + ordered(union)
      at = union.end
    }
    return text + statement.slice(at, end)
  }
  const ordered = ({ types }: TSUnionType): string =>
    types
      .map(({ end, start }) => textOf(start, end))
      .toSorted()
      .join(" | ")
  return textOf(0, statement.length)
}

const modules = new Map<string, Module>()

const read = (file: string): Module => {
  const known = modules.get(file)
  if (known !== undefined) return known
  const source = readFileSync(file, "utf8")
  const { comments, errors, program } = parseSync(file, source)
  if (errors.length > 0) throw new Error(`${file}: ${errors[0]?.message ?? ""}`)

  const exported = new Map<string, { from?: string; name: string }>()
  const everythingOf: Array<string> = []
  const imports = new Map<string, { from: string; name: string }>()
  const declarations = new Map<string, Array<Declaration>>()

  const declare = (statement: Statement, isExported: boolean): void => {
    let text = source.slice(statement.start, statement.end)
    for (const { end, start } of comments.toReversed()) {
      if (start < statement.start || end > statement.end) continue
      text = text.slice(0, start - statement.start) + text.slice(end - statement.start)
    }
    const identifiers = new Set<string>()
    const imported: Array<readonly [string, string]> = []
    let members = 0
    new Visitor({
      Identifier: ({ name }) => void identifiers.add(name),
      TSPropertySignature: () => void members++,
      TSMethodSignature: () => void members++,
      TSImportType: ({ qualifier, source: from }) => {
        if (qualifier?.type === "Identifier") imported.push([from.value, qualifier.name])
      }
    }).visit({ ...program, body: [statement] })
    const declaration = {
      text: withOrderedUnions(text)
        .replace(/^declare /, "")
        .split("\n")
        .map((line) => line.trimEnd())
        .filter((line) => line !== "")
        .map(shortened)
        .join("\n"),
      identifiers,
      imported,
      members
    }
    for (const name of namesIn(statement)) {
      declarations.set(name, [...(declarations.get(name) ?? []), declaration])
      if (isExported) exported.set(name, { name })
    }
  }

  for (const statement of program.body) {
    if (statement.type === "ImportDeclaration") {
      for (const specifier of statement.specifiers) {
        const name =
          specifier.type === "ImportSpecifier"
            ? nameOf(specifier.imported)
            : specifier.type === "ImportDefaultSpecifier"
              ? "default"
              : "*"
        imports.set(specifier.local.name, { from: statement.source.value, name })
      }
    } else if (statement.type === "ExportAllDeclaration") {
      const from = statement.source.value
      if (statement.exported === null) everythingOf.push(from)
      else exported.set(nameOf(statement.exported), { from, name: "*" })
    } else if (statement.type === "ExportNamedDeclaration") {
      if (statement.declaration !== null) declare(statement.declaration, true)
      for (const { exported: outer, local } of statement.specifiers) {
        exported.set(nameOf(outer), {
          ...(statement.source !== null && { from: statement.source.value }),
          name: nameOf(local)
        })
      }
    } else if (statement.type === "ExportDefaultDeclaration") {
      throw new Error(`${file}: a default export`)
    } else {
      declare(statement, false)
    }
  }
  const module = { exported, everythingOf, imports, declarations }
  modules.set(file, module)
  return module
}

const fileOf = (from: string, file: string): string =>
  resolve(dirname(file), from.replace(/\.(?:ts|js)$/, ".d.ts"))

/** Follows a name of a module to where it is declared. */
const follow = (file: string, name: string): Exported | undefined => {
  const { declarations, everythingOf, exported, imports } = read(file)
  const out = exported.get(name)
  const target =
    out?.from === undefined ? imports.get(out?.name ?? name) : { from: out.from, name: out.name }
  if (out?.from === undefined && declarations.has(out?.name ?? name)) {
    return { kind: "declared", file, name: out?.name ?? name }
  }
  if (target !== undefined) {
    return target.from.startsWith(".") && target.name !== "*"
      ? follow(fileOf(target.from, file), target.name)
      : { kind: "foreign", ...target }
  }
  for (const from of everythingOf) {
    const found = from.startsWith(".") ? follow(fileOf(from, file), name) : undefined
    if (found !== undefined) return found
  }
  return undefined
}

const exportedNames = (file: string): ReadonlyArray<string> => {
  const { everythingOf, exported } = read(file)
  return [
    ...exported.keys(),
    ...everythingOf.flatMap((from) =>
      from.startsWith(".") ? exportedNames(fileOf(from, file)) : [`* from ${from}`]
    )
  ]
}

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

interface Manifest {
  readonly name: string
  readonly private?: boolean
  readonly exports?: Readonly<Record<string, null | string | { readonly types?: string }>>
}

const entries = globSync("packages/*/package.json", { cwd: workspace })
  .toSorted()
  .flatMap((path): ReadonlyArray<Entry> => {
    const manifest = JSON.parse(readFileSync(join(workspace, path), "utf8")) as Manifest
    if (manifest.private === true) return []
    return Object.entries(manifest.exports ?? {}).flatMap(([entry, target]) =>
      target === null || typeof target === "string" || target.types === undefined
        ? []
        : [
            reportOf(
              join(manifest.name, entry).replaceAll("\\", "/"),
              join(workspace, dirname(path), target.types)
            )
          ]
    )
  })

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
