import { createHash } from "node:crypto"
import { globSync, readFileSync } from "node:fs"
import { dirname, join, resolve } from "node:path"
import { parseSync, type Statement, type TSUnionType, Visitor } from "oxc-parser"
import { workspace } from "../steps.ts"

/** A name as a module exports it: declared in a file of the package, or taken from another package. */
export type Exported =
  | { readonly kind: "declared"; readonly file: string; readonly name: string }
  | { readonly kind: "foreign"; readonly from: string; readonly name: string }

interface Declaration {
  readonly text: string
  /** The docblock above it, without its stars. */
  readonly doc: string
  /** As it stands in the file, with the docblocks of its members. */
  readonly documented: string
  readonly statement: Statement
  /** The docblock above a member, by where the member begins. */
  readonly docAbove: (start: number) => string
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
export const isGenerated = (file: string): boolean =>
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

/** What a docblock says. */
export const docOf = (comment: string): string =>
  comment.startsWith("*")
    ? comment
        .slice(1)
        .replaceAll(/^[ \t]*\* ?/gm, "")
        .trim()
    : ""

const modules = new Map<string, Module>()

export const read = (file: string): Module => {
  const known = modules.get(file)
  if (known !== undefined) return known
  const source = readFileSync(file, "utf8")
  const { comments, errors, program } = parseSync(file, source)
  if (errors.length > 0) throw new Error(`${file}: ${errors[0]?.message ?? ""}`)

  const exported = new Map<string, { from?: string; name: string }>()
  const everythingOf: Array<string> = []
  const imports = new Map<string, { from: string; name: string }>()
  const declarations = new Map<string, Array<Declaration>>()

  const docAbove = (start: number): string => {
    const above = comments.findLast(({ end }) => end <= start)
    return above === undefined || source.slice(above.end, start).trim() !== ""
      ? ""
      : docOf(above.value)
  }

  const declare = (statement: Statement, isExported: boolean, from = statement.start): void => {
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
      doc: docAbove(from),
      documented: source.slice(statement.start, statement.end).replace(/^declare /, ""),
      statement,
      docAbove,
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
      if (statement.declaration !== null) declare(statement.declaration, true, statement.start)
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

export const fileOf = (from: string, file: string): string =>
  resolve(dirname(file), from.replace(/\.(?:ts|js)$/, ".d.ts"))

/** Follows a name of a module to where it is declared. */
export const follow = (file: string, name: string): Exported | undefined => {
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

export const exportedNames = (file: string): ReadonlyArray<string> => {
  const { everythingOf, exported } = read(file)
  return [
    ...exported.keys(),
    ...everythingOf.flatMap((from) =>
      from.startsWith(".") ? exportedNames(fileOf(from, file)) : [`* from ${from}`]
    )
  ]
}

interface Manifest {
  readonly name: string
  readonly private?: boolean
  readonly exports?: Readonly<Record<string, null | string | { readonly types?: string }>>
}

export interface EntryPoint {
  /** What a host imports. */
  readonly title: string
  /** Its declarations, as built. */
  readonly file: string
}

/** Of each published package. */
export const entryPoints = (): ReadonlyArray<EntryPoint> =>
  globSync("packages/*/package.json", { cwd: workspace })
    .toSorted()
    .flatMap((path) => {
      const manifest = JSON.parse(readFileSync(join(workspace, path), "utf8")) as Manifest
      if (manifest.private === true) return []
      return Object.entries(manifest.exports ?? {}).flatMap(([entry, target]) =>
        target === null || typeof target === "string" || target.types === undefined
          ? []
          : [
              {
                title: join(manifest.name, entry).replaceAll("\\", "/"),
                file: join(workspace, dirname(path), target.types)
              }
            ]
      )
    })
