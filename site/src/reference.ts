import {
  type EntryPoint,
  entryPoints,
  type Exported,
  exportedNames,
  fileOf,
  follow,
  isGenerated,
  read
} from "../../scripts/api/declarations.ts"
import { fence } from "./markdown.ts"

/** A page for each entry point, made of its declarations as they are built. */

type Declared = Extract<Exported, { readonly kind: "declared" }>

interface Documented {
  readonly name: string
  readonly doc: string
  readonly signature: string
  readonly isType: boolean
}

/** `@hawser/http/client` to `http-client`, for file names. */
export const entryName = (title: string): string =>
  title.replace(/^@hawser\//, "").replaceAll("/", "-")

/** A line that nobody reads to its end. */
const shortened = (line: string): string => (line.length > 300 ? `${line.slice(0, 300)} …` : line)

const documentedOf = ({ file, name }: Declared, publicName: string): Documented => {
  const declarations = read(file).declarations.get(name) ?? []
  return {
    name: publicName,
    doc: declarations.find(({ doc }) => doc !== "")?.doc ?? "",
    signature: declarations
      .flatMap(({ documented }) => documented.split("\n").map(shortened))
      .join("\n"),
    isType: declarations.every(
      ({ statement }) =>
        statement.type === "TSInterfaceDeclaration" || statement.type === "TSTypeAliasDeclaration"
    )
  }
}

/** A docblock as Markdown. */
export const prose = (doc: string): ReadonlyArray<string> => {
  const [text = "", ...tags] = doc.split(/^@/m)
  return [
    ...(text.trim() === "" ? [] : [text.trim()]),
    ...tags.map((tag) => {
      const [name = ""] = /^\w+/.exec(tag) ?? []
      const rest = tag.slice(name.length).trim()
      return name === "example"
        ? fence("ts", rest)
        : `**${name.charAt(0).toUpperCase()}${name.slice(1)}.** ${rest.replaceAll(/\s+/g, " ")}`
    })
  ]
}

const sectionOf = ({ doc, name, signature }: Documented): ReadonlyArray<string> => [
  `### ${name}`,
  ...prose(doc),
  fence("ts", signature)
]

/** What the public names are declared with and a host cannot import: by name, once each. */
const reachedFrom = (publicNames: ReadonlyArray<Declared>): ReadonlyArray<Declared> => {
  const keyOf = ({ file, name }: Declared): string => `${file}#${name}`
  const seen = new Map(publicNames.map((one) => [keyOf(one), one]))
  const waiting = [...publicNames]
  const reached: Array<Declared> = []
  for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
    if (isGenerated(one.file)) continue
    const { file, name } = one
    const found = (read(file).declarations.get(name) ?? []).flatMap(({ identifiers, imported }) => [
      ...[...identifiers].map((identifier) => follow(file, identifier)),
      ...imported.map(([from, other]) =>
        from.startsWith(".") ? follow(fileOf(from, file), other) : undefined
      )
    ])
    for (const target of found) {
      if (target?.kind !== "declared" || seen.has(keyOf(target)) || isGenerated(target.file))
        continue
      seen.set(keyOf(target), target)
      reached.push(target)
      waiting.push(target)
    }
  }
  return reached.toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

const entryPage = ({ file, title }: EntryPoint): string => {
  const names = [...new Set(exportedNames(file))].toSorted()
  const found = names.map((name) => [name, follow(file, name)] as const)
  const declared = found.flatMap(([name, target]) =>
    target?.kind === "declared" ? [{ name, target }] : []
  )
  const written = declared
    .filter(({ target }) => !isGenerated(target.file))
    .map(({ name, target }) => documentedOf(target, name))
  const generated = declared.filter(({ target }) => isGenerated(target.file))
  const foreign = found.filter(([, target]) => target?.kind !== "declared")
  const inner = reachedFrom(declared.map(({ target }) => target)).map((one) =>
    documentedOf(one, one.name)
  )
  const list = (names: ReadonlyArray<string>): string =>
    names.map((name) => `\`${name}\``).join(", ")
  const part = (heading: string, sections: ReadonlyArray<Documented>): ReadonlyArray<string> =>
    sections.length === 0 ? [] : [`## ${heading}`, ...sections.flatMap(sectionOf)]
  return [
    `# ${title}`,
    `The public names of \`${title}\`, made of its declarations.`,
    ...part(
      "Values",
      written.filter(({ isType }) => !isType)
    ),
    ...part(
      "Types",
      written.filter(({ isType }) => isType)
    ),
    ...(generated.length === 0
      ? []
      : ["## Made of the catalogue", list(generated.map(({ name }) => name))]),
    ...(foreign.length === 0
      ? []
      : [
          "## From other packages",
          list(
            foreign.map(([name, target]) =>
              target?.kind === "foreign" ? `${name} of ${target.from}` : name
            )
          )
        ]),
    ...part("What these are declared with", inner),
    ""
  ].join("\n\n")
}

/** By path in the site. */
export const referencePages = (): ReadonlyMap<string, string> =>
  new Map(
    entryPoints().map((entry) => [`reference/${entryName(entry.title)}.md`, entryPage(entry)])
  )
