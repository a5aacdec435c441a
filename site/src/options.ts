import type { Statement, TSInterfaceHeritage, TSSignature, TSType } from "oxc-parser"
import {
  entryPoints,
  exportedNames,
  follow,
  isGenerated,
  read
} from "../../scripts/api/declarations.ts"
import { fence, slugify } from "./markdown.ts"
import { entryName, prose } from "./reference.ts"

/** Every option that a host can set, made of the declarations of what it imports. */

interface Option {
  readonly name: string
  readonly type: string
  readonly isOptional: boolean
  readonly doc: string
}

interface Taker {
  readonly title: string
  readonly from: string
  readonly doc: string
  readonly options: ReadonlyArray<Option>
}

/** What a host without Effect imports. The others are for those who build on the parts, and their pages have the same. */
const entries = [
  "hawser",
  "@hawser/express",
  "@hawser/fastify",
  "hawser/client",
  "@hawser/react",
  "@hawser/testing/simulator"
]

const isOptions = (name: string): boolean => /(?:Options|Config|Settings)$/.test(name)

type Reference = TSType | TSInterfaceHeritage

const referenced = (
  node: Reference
): { readonly name: string; readonly given: ReadonlyArray<TSType> } | undefined => {
  const name =
    node.type === "TSTypeReference"
      ? node.typeName
      : node.type === "TSInterfaceHeritage"
        ? node.expression
        : undefined
  if (name?.type !== "Identifier") return undefined
  const given =
    node.type === "TSTypeReference" || node.type === "TSInterfaceHeritage"
      ? node.typeArguments
      : null
  return { name: name.name, given: given?.params ?? [] }
}

const literals = (type: TSType | undefined): ReadonlyArray<string> => {
  if (type?.type === "TSUnionType") return type.types.flatMap(literals)
  return type?.type === "TSLiteralType" &&
    type.literal.type === "Literal" &&
    typeof type.literal.value === "string"
    ? [type.literal.value]
    : []
}

type Declarations = NonNullable<ReturnType<ReturnType<typeof read>["declarations"]["get"]>>
type Declaration = Declarations[number]

const ownOptions = (
  members: ReadonlyArray<TSSignature>,
  { docAbove, documented, statement }: Declaration
): ReadonlyArray<Option> =>
  members.flatMap((member): ReadonlyArray<Option> => {
    if (member.type !== "TSPropertySignature" && member.type !== "TSMethodSignature") return []
    if (member.key.type !== "Identifier") return []
    // The text of a declaration begins where its statement does, or behind its `declare`.
    const offset = statement.end - documented.length
    const text = documented
      .slice(member.start - offset, member.end - offset)
      .replace(/;$/, "")
      .replace(/^readonly /, "")
      .replace(/^\w+\??: ?/, "")
    // What one of several forms forbids is an option of another one.
    if (/^(?:never|undefined)(?: \| undefined)?$/.test(text)) return []
    const { name } = member.key
    return [{ name, isOptional: member.optional, type: text, doc: docAbove(member.start) }]
  })

/** The members of a type, wherever they were declared. */
const optionsOf = (file: string, node: Reference, at: Declaration): ReadonlyArray<Option> => {
  if (node.type === "TSTypeLiteral") return ownOptions(node.members, at)
  if (node.type === "TSIntersectionType" || node.type === "TSUnionType")
    return node.types.flatMap((one) => optionsOf(file, one, at))
  if (node.type === "TSParenthesizedType") return optionsOf(file, node.typeAnnotation, at)
  const reference = referenced(node)
  if (reference === undefined) return []
  const { given, name } = reference
  const [of, names] = given
  if (of !== undefined && ["Partial", "Readonly", "NoInfer"].includes(name))
    return optionsOf(file, of, at)
  if (of !== undefined && (name === "Omit" || name === "Pick")) {
    const keys = literals(names)
    const options = optionsOf(file, of, at)
    return keys.length === 0
      ? options
      : options.filter((option) => keys.includes(option.name) === (name === "Pick"))
  }
  return namedOptions(file, name)
}

const namedOptions = (file: string, name: string): ReadonlyArray<Option> => {
  const target = follow(file, name)
  if (target?.kind !== "declared" || isGenerated(target.file)) return []
  return (read(target.file).declarations.get(target.name) ?? []).flatMap((declaration) => {
    const { statement } = declaration
    if (statement.type === "TSInterfaceDeclaration")
      return [
        ...ownOptions(statement.body.body, declaration),
        ...statement.extends.flatMap((one) => optionsOf(target.file, one, declaration))
      ]
    return statement.type === "TSTypeAliasDeclaration"
      ? optionsOf(target.file, statement.typeAnnotation, declaration)
      : []
  })
}

/** The types of a function's parameters. */
const parametersOf = (statement: Statement): ReadonlyArray<TSType> => {
  const typesOf = (
    params: ReadonlyArray<{ readonly type: string; readonly typeAnnotation?: unknown }>
  ): ReadonlyArray<TSType> =>
    params.flatMap(({ typeAnnotation }) => {
      const annotation = typeAnnotation as { readonly typeAnnotation: TSType } | null | undefined
      return annotation === null || annotation === undefined ? [] : [annotation.typeAnnotation]
    })
  if (statement.type === "FunctionDeclaration" || statement.type === "TSDeclareFunction")
    return typesOf(statement.params)
  if (statement.type !== "VariableDeclaration") return []
  return statement.declarations.flatMap(({ id }) => {
    const type = id.typeAnnotation?.typeAnnotation
    return type?.type === "TSFunctionType" ? typesOf(type.params) : []
  })
}

/** Whether a parameter is an object of options, and not a handle or a value. */
const takesOptions = (type: TSType): boolean => {
  if (type.type === "TSTypeLiteral") return true
  if (type.type === "TSIntersectionType" || type.type === "TSUnionType")
    return type.types.some(takesOptions)
  const name = referenced(type)?.name
  return name !== undefined && isOptions(name)
}

const unique = (options: ReadonlyArray<Option>): ReadonlyArray<Option> => {
  const byName = new Map<string, Option>()
  for (const option of options) {
    const known = byName.get(option.name)
    // Of two forms of one option, the one that says what it is.
    if (known === undefined || known.doc === "") byName.set(option.name, option)
  }
  return [...byName.values()]
}

/** `defineProvider` takes a definition, which has a page of its own. */
const takersOf = (title: string, file: string): ReadonlyArray<Taker> => {
  const names = [...new Set(exportedNames(file))].toSorted()
  return names.flatMap((name): ReadonlyArray<Taker> => {
    const target = follow(file, name)
    if (target?.kind !== "declared" || isGenerated(target.file) || name === "defineProvider")
      return []
    const declarations = read(target.file).declarations.get(target.name) ?? []
    const options = isOptions(name)
      ? namedOptions(file, name)
      : declarations.flatMap((declaration) =>
          parametersOf(declaration.statement)
            .filter(takesOptions)
            .flatMap((type) => optionsOf(target.file, type, declaration))
        )
    const doc = declarations.find((one) => one.doc !== "")?.doc ?? ""
    return options.length === 0 ? [] : [{ title: name, from: title, doc, options: unique(options) }]
  })
}

/** Throws if an option has no docblock. */
export const optionTakers = (): ReadonlyArray<Taker> => {
  const points = entryPoints()
  const all = entries.flatMap((title) => {
    const entry = points.find((one) => one.title === title)
    if (entry === undefined) throw new Error(`No package has the entry point ${title}.`)
    return takersOf(title, entry.file)
  })
  const namesOf = ({ options }: Taker): string =>
    options
      .map(({ name }) => name)
      .toSorted()
      .join()
  const ofFunctions = new Set(all.filter(({ title }) => !isOptions(title)).map(namesOf))
  // A type that only names what a function takes would say it all again.
  const takers = all.filter((one) => !isOptions(one.title) || !ofFunctions.has(namesOf(one)))
  const bare = takers.flatMap(({ options, title }) =>
    options.filter(({ doc }) => doc === "").map(({ name }) => `${title}.${name}`)
  )
  if (bare.length > 0) throw new Error(`Options without a docblock: ${bare.join(", ")}`)
  return takers
}

const sectionOf = ({ doc, from, options, title }: Taker): string =>
  [
    `### ${title}`,
    `Of [\`${from}\`](${entryName(from)}.md#${slugify(title)}). ${prose(doc)[0] ?? ""}`,
    ...options.flatMap((option) => [
      `#### ${title}: ${option.name}`,
      ...prose(option.doc),
      fence("ts", `${option.name}${option.isOptional ? "?" : ""}: ${option.type}`)
    ])
  ].join("\n\n")

export const optionsPage = (): string => {
  const takers = optionTakers()
  const part = (heading: string, areTypes: boolean): ReadonlyArray<string> => [
    `## ${heading}`,
    ...takers.filter(({ title }) => isOptions(title) === areTypes).map(sectionOf)
  ]
  return [
    "# Options",
    [
      "Every option, made of the declarations of `hawser`, its client, the mounts, the hooks and the simulator. The members of a",
      "provider's definition are in [Define a provider](../define-a-provider.md)."
    ].join("\n"),
    ...part("What functions take", false),
    ...part("What calls and providers take", true),
    ""
  ].join("\n\n")
}
