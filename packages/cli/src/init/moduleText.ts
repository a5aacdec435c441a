import { posix } from "node:path"
import type { App, Style } from "./readApp.ts"

/** An import of a module that is written. */
export interface Import {
  readonly from: string
  readonly names?: ReadonlyArray<string>
  /** Those that only the compiler sees. */
  readonly types?: ReadonlyArray<string>
  readonly default?: string
  /** `import * as`. */
  readonly all?: string
}

/** A module as it is thought of: an ES module in TypeScript. */
export interface ModuleText {
  readonly imports: ReadonlyArray<Import>
  readonly body: string
}

/** By this init knows its own files again. */
const mark = "// Written by npx hawser init. It is yours now: init does not write it again."

export const isOurs = (text: string): boolean => text.includes(mark)

/** Text that only TypeScript has. */
export const typed =
  ({ isTypeScript }: Style) =>
  (text: string): string =>
    isTypeScript ? text : ""

const byName = (one: string, other: string): number =>
  one.replace("type ", "").toLowerCase() < other.replace("type ", "").toLowerCase() ? -1 : 1

const esm = (
  { all, default: own, from, names = [], types = [] }: Import,
  { isTypeScript }: Style
) => {
  const shown = isTypeScript ? types : []
  if (all !== undefined) return [`import * as ${all} from "${from}"`]
  const onlyTypes = own === undefined && names.length === 0
  if (onlyTypes && shown.length === 0) return []
  const listed = [...names, ...shown.map((one) => (onlyTypes ? one : `type ${one}`))].toSorted(
    byName
  )
  const list = listed.length === 0 ? [] : [`{ ${listed.join(", ")} }`]
  const what = [...(own === undefined ? [] : [own]), ...list].join(", ")
  return [`import ${onlyTypes ? "type " : ""}${what} from "${from}"`]
}

const cjs = ({ default: own, from, names = [] }: Import) => [
  ...(own === undefined ? [] : [`const ${own} = require("${from}")`]),
  ...(names.length === 0
    ? []
    : [`const { ${names.toSorted(byName).join(", ")} } = require("${from}")`])
]

const exported = /^export (?:const|class) (\w+)/gm

/** The text of a module in the host's own style. JavaScript of CommonJS requires and sets `module.exports`. */
export const render = (
  { body, imports }: ModuleText,
  style: Style,
  { marked = true }: { readonly marked?: boolean } = {}
): string => {
  const isRequired = !style.isTypeScript && !style.isEsm
  const head = imports.flatMap((one) => (isRequired ? cjs(one) : esm(one, style)))
  const names = [...body.matchAll(exported)].map(([, name]) => name)
  const rest = !isRequired
    ? body
    : body
        .replace(/^export default /m, "module.exports = ")
        .replaceAll(/^export (?=const|class)/gm, "")
        .trimEnd() + (names.length === 0 ? "\n" : `\n\nmodule.exports = { ${names.join(", ")} }\n`)
  return [...(marked ? [mark] : []), ...head, "", rest.trim(), ""].join("\n").replace(/^\n+/, "")
}

/** How one file of the app imports another, each without its extension. */
export const specifier = (from: string, to: string, { imported }: Style): string => {
  const path = posix.relative(posix.dirname(from), to)
  return `${path.startsWith(".") ? path : `./${path}`}${imported}`
}

/** The statement that an existing file gets. */
export const importLine = (one: Import, style: Style): string =>
  (!style.isTypeScript && !style.isEsm ? cjs(one) : esm(one, style)).join("\n")

/** The handler in an expression: CommonJS cannot wait for the start at the top of a module. */
export const handlerOf = ({ style }: App): string =>
  style.isEsm
    ? "hawser.handler"
    : "async (request, context) => (await hawser()).handler(request, context)"
