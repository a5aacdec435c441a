import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import ts from "typescript-api"
import { workspace } from "../steps.ts"

/**
 * Writes the declarations of entries into files of their own, with no other package in them: what they reach in this
 * workspace is taken along, and a type that comes from a schema of Effect's, or from an error class of it, is written out
 * as the plain type that it is.
 */
export const writeDeclarations = (
  entries: Readonly<Record<string, string>>,
  folder: string
): void => {
  const program = ts.createProgram(Object.values(entries), {
    target: ts.ScriptTarget.ES2024,
    module: ts.ModuleKind.NodeNext,
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: true,
    lib: ["lib.es2024.d.ts", "lib.dom.d.ts", "lib.dom.iterable.d.ts"],
    types: ["node"]
  })
  const writer = new Declarations(program.getTypeChecker())
  const files = Object.entries(entries).map(([name, file]) => {
    const source = program.getSourceFile(file)
    if (source === undefined) throw new Error(`${file} is not there`)
    return [name, writer.exportsOf(source)] as const
  })
  mkdirSync(folder, { recursive: true })
  for (const [name, text] of writer.write()) writeFileSync(join(folder, `${name}.d.ts`), text)
  for (const [name, exported] of files) {
    writeFileSync(join(folder, `${name}.d.ts`), writer.exporting(exported))
  }
}

/** The files that entries share: what is made of the catalogue's data stands apart from what people wrote. */
type Shared = "catalogue" | "declarations"

interface Exported {
  readonly name: string
  readonly symbol: ts.Symbol
  readonly isValue: boolean
}

const isOurs = (node: ts.Node): boolean => {
  const { fileName } = node.getSourceFile()
  return fileName.startsWith(`${workspace}packages/`) && !fileName.includes("/node_modules/")
}

const packageOf = (node: ts.Node): string | undefined =>
  /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(node.getSourceFile().fileName)?.[1]

const isEffects = (node: ts.Node): boolean => /^(?:@effect\/|effect$)/.test(packageOf(node) ?? "")

/** What every host has: the language, and Node. */
const hostsOwn = new Set(["typescript", "@types/node", "undici-types"])

/** Of a package that is not installed beside the bundle. */
const isOutside = (node: ts.Node): boolean => {
  const name = packageOf(node)
  return name !== undefined && !hostsOwn.has(name)
}

/** A type that no declaration without Effect can name. */
class Unprintable extends Error {}

class Declarations {
  readonly #checker: ts.TypeChecker
  /** The names in the written file. */
  readonly #names = new Map<ts.Symbol, string>()
  readonly #taken = new Set<string>()
  readonly #waiting: Array<ts.Symbol> = []
  /** What is written now, and by which declaration each one was reached. */
  #current: ts.Symbol | undefined
  readonly #reachedBy = new Map<ts.Symbol, ts.Symbol>()
  /** What the declaration that is written now refers to. */
  readonly #used = new Set<ts.Symbol>()
  /** Types of members of schemas, by their names, and the texts that declare them. */
  readonly #ofSchemas = new Map<ts.Type, string>()
  readonly #written: Array<string> = []
  readonly #values = new Set<ts.Symbol>()
  /** What stands in modules that are not written here, such as `node:http`. */
  readonly #imports = new Map<string, Set<string>>()
  /** Generic types that cannot be written without Effect: where they are used, what comes out is written. */
  readonly #evaluated = new Map<ts.Symbol, boolean>()

  constructor(checker: ts.TypeChecker) {
    this.#checker = checker
  }

  exportsOf(source: ts.SourceFile): ReadonlyArray<Exported> {
    const module = this.#checker.getSymbolAtLocation(source)
    if (module === undefined) throw new Error(`${source.fileName} is not a module`)
    const exported = this.#checker.getExportsOfModule(module).map((found): Exported => {
      const symbol = this.#resolved(found)
      const isValue = (symbol.flags & ts.SymbolFlags.Value) !== 0 && !isTypeOnly(found)
      return { name: found.name, symbol, isValue }
    })
    // Their names come first: what else is reached gives way.
    for (const { isValue, name, symbol } of exported) {
      if (!this.#names.has(symbol)) this.#add(symbol, name)
      if (isValue) this.#values.add(symbol)
    }
    return exported
  }

  /** The text of an entry. */
  exporting(exported: ReadonlyArray<Exported>): string {
    const lines = (file: Shared, isValue: boolean): string => {
      const names = exported
        .filter((one) => one.isValue === isValue && sharedBy(one.symbol) === file)
        .map(({ name, symbol }) => {
          const written = this.#names.get(symbol)
          return written === name ? name : `${written} as ${name}`
        })
        .toSorted()
      const keyword = isValue ? "export" : "export type"
      return names.length === 0
        ? ""
        : `${keyword} {\n  ${names.join(",\n  ")}\n} from "./${file}.js"\n`
    }
    return [true, false]
      .map((isValue) => lines("declarations", isValue) + lines("catalogue", isValue))
      .join("")
  }

  /** The texts of the shared files. */
  write(): ReadonlyMap<Shared, string> {
    const texts: Record<Shared, Array<string>> = { catalogue: [], declarations: [] }
    const fromDeclarations = new Set<string>()
    for (let symbol = this.#waiting.shift(); symbol; symbol = this.#waiting.shift()) {
      const file = sharedBy(symbol)
      texts[file].push(...this.#declare(symbol))
      for (const used of this.#used) {
        if (sharedBy(used) === file) continue
        if (file === "declarations") throw new Error(`${symbol.name} is made of the catalogue`)
        fromDeclarations.add(this.#nameOf(used))
      }
    }
    return new Map([
      [
        "catalogue",
        importing("./declarations.js", [...fromDeclarations]) + texts.catalogue.join("\n")
      ],
      [
        "declarations",
        [...this.#imports].map(([from, names]) => importing(from, [...names])).join("") +
          [...texts.declarations, ...this.#written].join("\n")
      ]
    ])
  }

  #resolved(symbol: ts.Symbol): ts.Symbol {
    return symbol.flags & ts.SymbolFlags.Alias ? this.#checker.getAliasedSymbol(symbol) : symbol
  }

  /** The name by which a symbol of this workspace is written; it is written too. */
  #nameOf(symbol: ts.Symbol): string {
    this.#used.add(symbol)
    const known = this.#names.get(symbol)
    if (known !== undefined) return known
    const name = this.#add(symbol, symbol.name)
    if (this.#current !== undefined) this.#reachedBy.set(symbol, this.#current)
    return name
  }

  /** Two entries may export different things under one name, and in this file each has its own. */
  #add(symbol: ts.Symbol, wished: string): string {
    const name = this.#free(wished)
    this.#names.set(symbol, name)
    this.#waiting.push(symbol)
    return name
  }

  #free(wished: string): string {
    let name = wished
    for (let count = 2; this.#taken.has(name); count++) name = `${wished}${count}`
    this.#taken.add(name)
    return name
  }

  #declare(symbol: ts.Symbol): ReadonlyArray<string> {
    const name = this.#nameOf(symbol)
    this.#current = symbol
    this.#used.clear()
    try {
      return (symbol.declarations ?? []).flatMap((declaration) => {
        if (ts.isVariableDeclaration(declaration) || ts.isFunctionDeclaration(declaration)) {
          return this.#values.has(symbol) ? [this.#value(declaration, name)] : []
        }
        if (ts.isClassDeclaration(declaration) && this.#values.has(symbol)) {
          return [`${docsOf(declaration)}export declare ${this.#copied(declaration, name)}\n`]
        }
        return [`${docsOf(declaration)}export ${this.#type(symbol, declaration, name)}\n`]
      })
    } catch (error) {
      if (!(error instanceof Unprintable)) throw error
      const way = [name]
      for (let by = this.#reachedBy.get(symbol); by; by = this.#reachedBy.get(by)) way.push(by.name)
      throw new Error(`${way.toReversed().join(" → ")}: ${error.message}`, { cause: error })
    }
  }

  #value(declaration: ts.VariableDeclaration | ts.FunctionDeclaration, name: string): string {
    if (ts.isFunctionDeclaration(declaration)) {
      return `${docsOf(declaration)}export declare ${this.#copied(declaration, name)}\n`
    }
    const type =
      declaration.type === undefined
        ? this.#printed(this.#checker.getTypeAtLocation(declaration))
        : this.#node(declaration.type)
    return `${docsOf(declaration.parent.parent)}export declare const ${name}: ${type}\n`
  }

  #type(symbol: ts.Symbol, declaration: ts.Declaration, name: string): string {
    if (ts.isTypeAliasDeclaration(declaration)) {
      const parameters = this.#parameters(declaration.typeParameters)
      if (ts.isTypeQueryNode(declaration.type)) {
        const type = this.#checker.getTypeFromTypeNode(declaration.type)
        const known = this.#ofSchemas.get(type)
        if (known !== undefined) return `type ${name} = ${known}`
        this.#ofSchemas.set(type, name)
      }
      return `type ${name}${parameters} = ${this.#node(declaration.type, symbol)}`
    }
    if (ts.isInterfaceDeclaration(declaration)) {
      if (!this.#isEvaluated(symbol)) return this.#copied(declaration, name)
      const type = this.#checker.getDeclaredTypeOfSymbol(symbol)
      return `interface ${name} ${this.#members(type)}`
    }
    if (ts.isClassDeclaration(declaration)) {
      const type = this.#checker.getDeclaredTypeOfSymbol(symbol)
      const isError = this.#checker
        .getPropertiesOfType(type)
        .some((property) => property.name === "stack")
      return `interface ${name}${isError ? " extends Error" : ""} ${this.#members(type, isError)}`
    }
    throw new Unprintable(`a ${ts.SyntaxKind[declaration.kind]} cannot be written`)
  }

  #parameters(parameters: ts.NodeArray<ts.TypeParameterDeclaration> | undefined): string {
    return parameters === undefined
      ? ""
      : `<${parameters.map((one) => this.#structure(one)).join(", ")}>`
  }

  /** A declaration as it stands, under its name here. */
  #copied(
    declaration: ts.InterfaceDeclaration | ts.FunctionDeclaration | ts.ClassDeclaration,
    name: string
  ): string {
    const text = this.#structure(declaration, new Map([[declaration.name as ts.Node, name]]))
    return text.replace(/^(?:export |declare )+/, "")
  }

  /** A type as it is written, or, where Effect stands in it, as what it comes to. */
  #node(node: ts.TypeNode, within?: ts.Symbol): string {
    const isMember = ts.isIndexedAccessTypeNode(node) && this.#isClosed(node)
    if (!isMember && !this.#needsOthers(node)) return this.#structure(node)
    if (isStructure(node)) {
      try {
        return this.#structure(node)
      } catch (error) {
        if (!(error instanceof Unprintable) || !this.#isClosed(node)) throw error
      }
    }
    if (!this.#isClosed(node)) {
      throw new Unprintable(`${node.getText()} has type parameters and needs Effect`)
    }
    const type = this.#checker.getTypeFromTypeNode(node)
    return within === undefined && ts.isTypeQueryNode(node) && ts.isQualifiedName(node.exprName)
      ? this.#named(type, node.exprName)
      : this.#printed(type, within)
  }

  /** A member of a schema, such as `Schema.Encoded`, is written once and has a name. */
  #named(type: ts.Type, { left, right }: ts.QualifiedName): string {
    const known = this.#ofSchemas.get(type)
    if (known !== undefined) return known
    const text = this.#printed(type)
    if (!ts.isIdentifier(left) || !text.includes("\n")) return text
    const name = this.#free(left.text + right.text)
    this.#ofSchemas.set(type, name)
    this.#written.push(`export type ${name} = ${text}\n`)
    return name
  }

  /** The text of a node with each name in it replaced by the one it has here. */
  #structure(node: ts.Node, replaced: ReadonlyMap<ts.Node, string> = new Map()): string {
    const source = node.getSourceFile().text
    const start = node.getStart()
    const edits: Array<readonly [start: number, end: number, text: string]> = []
    const visit = (child: ts.Node): void => {
      const own = replaced.get(child)
      if (own !== undefined) {
        edits.push([child.getStart(), child.getEnd(), own])
      } else if (
        child !== node &&
        ts.isTypeNode(child) &&
        !ts.isExpressionWithTypeArguments(child)
      ) {
        edits.push([child.getStart(), child.getEnd(), this.#node(child)])
      } else {
        const name = referenceOf(child)
        if (name === undefined) return ts.forEachChild(child, visit)
        edits.push([...spanOf(child, name), this.#reference(name, child)])
        for (const argument of argumentsOf(child)) visit(argument)
      }
    }
    visit(node)
    let text = source.slice(start, node.getEnd())
    for (const [from, to, by] of edits.toSorted((a, b) => b[0] - a[0])) {
      text = text.slice(0, from - start) + by + text.slice(to - start)
    }
    return text
  }

  /** The name of what is referred to; what is from another package is imported. */
  #reference(name: ts.Node, at: ts.Node): string {
    const found = this.#checker.getSymbolAtLocation(name)
    if (found === undefined) throw new Unprintable(`nothing is known of ${name.getText()}`)
    const symbol = this.#resolved(found)
    const [declaration] = symbol.declarations ?? []
    if (declaration === undefined) return name.getText()
    if (isOurs(declaration)) {
      if (this.#isEvaluated(symbol)) throw new Unprintable(`${at.getText()} needs Effect`)
      return ts.isTypeParameterDeclaration(declaration) ? name.getText() : this.#nameOf(symbol)
    }
    if (isOutside(declaration)) throw new Unprintable(`${at.getText()} is of another package`)
    const imported = found.declarations?.find(ts.isImportSpecifier)
    if (imported !== undefined) {
      const from = (imported.parent.parent.parent.moduleSpecifier as ts.StringLiteral).text
      const names = this.#imports.get(from) ?? new Set()
      this.#imports.set(from, names.add(symbol.name))
    }
    return name.getText()
  }

  /** Whether a node has something in it that cannot stay as it is written. */
  #needsOthers(node: ts.Node): boolean {
    if (ts.isTypeQueryNode(node)) return true
    const name = referenceOf(node)
    if (name !== undefined) {
      const found = this.#checker.getSymbolAtLocation(name)
      const symbol = found === undefined ? undefined : this.#resolved(found)
      const [declaration] = symbol?.declarations ?? []
      if (declaration !== undefined && isOutside(declaration)) return true
      if (symbol !== undefined && this.#isEvaluated(symbol)) return true
    }
    return ts.forEachChild(node, (child) => this.#needsOthers(child)) ?? false
  }

  /** Whether a generic type, or an interface that stands on one, needs Effect in a way that only its use resolves. */
  #isEvaluated(symbol: ts.Symbol): boolean {
    const known = this.#evaluated.get(symbol)
    if (known !== undefined) return known
    this.#evaluated.set(symbol, false)
    const needs = (symbol.declarations ?? []).some((declaration) => {
      if (!isOurs(declaration)) return false
      if (ts.isTypeAliasDeclaration(declaration)) {
        return declaration.typeParameters === undefined
          ? this.#needsOthers(declaration.type) && !this.#isPrintable(declaration.type, symbol)
          : this.#fails(declaration.type)
      }
      return (
        ts.isInterfaceDeclaration(declaration) &&
        (declaration.heritageClauses ?? []).some(({ types }) =>
          types.some((type) => this.#needsOthers(type) || this.#isMapped(type))
        )
      )
    })
    this.#evaluated.set(symbol, needs)
    return needs
  }

  /** By trying; what it has reached is forgotten again. */
  #isPrintable(node: ts.TypeNode, within: ts.Symbol): boolean {
    const names = [...this.#names.keys()]
    const ofSchemas = new Set(this.#ofSchemas.keys())
    const written = this.#written.length
    try {
      this.#node(node, within)
      return true
    } catch (error) {
      if (error instanceof Unprintable) return false
      throw error
    } finally {
      for (const [type, name] of this.#ofSchemas) {
        if (ofSchemas.has(type)) continue
        this.#ofSchemas.delete(type)
        this.#taken.delete(name)
      }
      this.#written.length = written
      const known = new Set(names)
      for (const [symbol, name] of this.#names) {
        if (known.has(symbol)) continue
        this.#names.delete(symbol)
        this.#taken.delete(name)
        this.#waiting.splice(this.#waiting.indexOf(symbol), 1)
      }
    }
  }

  /** An interface cannot extend what is written as a mapped type with Effect in it. */
  #isMapped({ expression }: ts.ExpressionWithTypeArguments): boolean {
    const found = this.#checker.getSymbolAtLocation(expression)
    const [declaration] = (found && this.#resolved(found).declarations) ?? []
    return (
      declaration !== undefined &&
      ts.isTypeAliasDeclaration(declaration) &&
      isOurs(declaration) &&
      this.#needsOthers(declaration.type) &&
      !isStructure(declaration.type)
    )
  }

  /** Whether a type with parameters cannot be written. */
  #fails(node: ts.TypeNode): boolean {
    if (!this.#needsOthers(node)) return false
    if (isStructure(node)) {
      let fails = false
      ts.forEachChild(node, (child) => {
        fails ||= anyTypeNode(child, (type) => this.#fails(type))
      })
      const name = referenceOf(node)
      const found = name && this.#checker.getSymbolAtLocation(name)
      const own = found && this.#needsItself(this.#resolved(found))
      if (own !== true && !fails) return false
    }
    return !this.#isClosed(node)
  }

  #needsItself(symbol: ts.Symbol): boolean {
    const [declaration] = symbol.declarations ?? []
    return declaration !== undefined && (isOutside(declaration) || this.#isEvaluated(symbol))
  }

  /** Whether a type depends on no type parameter from outside of it. */
  #isClosed(node: ts.TypeNode): boolean {
    const isFree = (child: ts.Node): boolean => {
      if (ts.isIdentifier(child)) {
        const [declaration] = this.#checker.getSymbolAtLocation(child)?.declarations ?? []
        if (
          declaration !== undefined &&
          ts.isTypeParameterDeclaration(declaration) &&
          !(declaration.pos >= node.pos && declaration.end <= node.end)
        ) {
          return true
        }
      }
      return ts.forEachChild(child, isFree) ?? false
    }
    return !isFree(node)
  }

  /** A type written out. `within` is the alias that is being declared. */
  #printed(type: ts.Type, within?: ts.Symbol): string {
    const { flags } = type
    const alias = type.aliasSymbol
    if (
      alias !== undefined &&
      alias !== within &&
      alias.declarations?.every(isOurs) === true &&
      !this.#isEvaluated(alias)
    ) {
      const given = type.aliasTypeArguments ?? []
      return this.#nameOf(alias) + this.#given(given)
    }
    if (flags & ts.TypeFlags.TypeParameter) return type.symbol.name
    if (type.isUnion()) return this.#union(type)
    if (type.isIntersection()) {
      // A brand is a name for plain text.
      const plain = type.types.find(
        (one) => one.flags & (ts.TypeFlags.StringLike | ts.TypeFlags.NumberLike)
      )
      return plain === undefined ? this.#members(type) : this.#printed(plain)
    }
    if (!(flags & ts.TypeFlags.Object)) return this.#checker.typeToString(type)
    return this.#object(type as ts.ObjectType)
  }

  #given(types: ReadonlyArray<ts.Type>): string {
    return types.length === 0 ? "" : `<${types.map((one) => this.#printed(one)).join(", ")}>`
  }

  #union(type: ts.UnionType): string {
    const texts = new Set(type.types.map((one) => this.#member(this.#printed(one))))
    if (texts.delete("true") && texts.delete("false")) texts.add("boolean")
    else if (type.types.some((one) => this.#checker.typeToString(one) === "true")) texts.add("true")
    // What may be left out is said last.
    const last = ["null", "undefined"].filter((one) => texts.delete(one))
    return [...texts, ...last].join(" | ")
  }

  #member(text: string): string {
    return text.includes("=>") && !text.startsWith("{") ? `(${text})` : text
  }

  #object(type: ts.ObjectType): string {
    const { symbol } = type
    if (this.#checker.isTupleType(type)) {
      const { elementFlags, readonly } = (type as ts.TupleTypeReference).target
      const items = this.#checker.getTypeArguments(type as ts.TupleTypeReference)
      const elements = items.map((one, at) => {
        const flags = elementFlags[at] ?? ts.ElementFlags.Required
        const text = this.#printed(one)
        // An array that is not empty is `[Item, ...Array<Item>]`.
        if ((flags & ts.ElementFlags.Rest) !== 0) return `...Array<${text}>`
        if ((flags & ts.ElementFlags.Variadic) !== 0) return `...${text}`
        return (flags & ts.ElementFlags.Optional) === 0 ? text : `(${text})?`
      })
      return `${readonly ? "readonly " : ""}[${elements.join(", ")}]`
    }
    const isNamed =
      (type.objectFlags & (ts.ObjectFlags.ClassOrInterface | ts.ObjectFlags.Reference)) !== 0
    if (isNamed) {
      const [declaration] = symbol.declarations ?? []
      if (declaration !== undefined && isEffects(declaration)) {
        throw new Unprintable(`${this.#checker.typeToString(type)} is Effect's`)
      }
      if (declaration !== undefined && isOutside(declaration)) return this.#members(type)
      const given = this.#checker
        .getTypeArguments(type as ts.TypeReference)
        .slice(0, parametersOf(type))
      const isOwn = declaration !== undefined && isOurs(declaration)
      return (isOwn ? this.#nameOf(symbol) : symbol.name) + this.#given(given)
    }
    return this.#members(type)
  }

  #members(type: ts.Type, isError = false): string {
    const calls = type.getCallSignatures()
    const properties = this.#checker
      .getPropertiesOfType(type)
      .filter(
        (property) =>
          !property.name.startsWith("__#") &&
          !(isError && ["message", "name", "stack", "_tag"].includes(property.name)) &&
          (!isError || property.declarations?.some((one) => isOurs(one)) === true)
      )
    const indexes = this.#checker.getIndexInfosOfType(type)
    if (properties.length === 0 && indexes.length === 0 && calls.length === 1) {
      return this.#signature(calls[0] as ts.Signature, " => ")
    }
    const lines = [
      ...calls.map((call) => this.#signature(call, ": ")),
      ...indexes.map(
        ({ isReadonly, keyType, type: value }) =>
          `${isReadonly ? "readonly " : ""}[name: ${this.#printed(keyType)}]: ${this.#printed(value)}`
      ),
      ...properties.map((property) => this.#property(property))
    ]
    return lines.length === 0 ? "{}" : `{\n${lines.map(indented).join("\n")}\n}`
  }

  #property(property: ts.Symbol): string {
    const docs = ts.displayPartsToString(property.getDocumentationComment(this.#checker))
    const isOptional = (property.flags & ts.SymbolFlags.Optional) !== 0
    const type = this.#checker.getTypeOfSymbol(property)
    const name = /^[A-Za-z_$][\w$]*$/.test(property.name)
      ? property.name
      : JSON.stringify(property.name)
    const mark = `${isReadonly(property) ? "readonly " : ""}${name}${isOptional ? "?" : ""}`
    return `${commentOf(docs)}${mark}: ${this.#printed(isOptional ? this.#present(type) : type)}`
  }

  /** Without what stands for a member that is not there. */
  #present(type: ts.Type): ts.Type {
    if (!type.isUnion()) return type
    const isMissing = (one: ts.Type): boolean =>
      (one as { readonly debugIntrinsicName?: string }).debugIntrinsicName === "missing"
    return type.types.some(isMissing) ? this.#checker.getNonNullableType(type) : type
  }

  #signature(signature: ts.Signature, arrow: string): string {
    const parameters = signature.getParameters().map((parameter) => {
      const declaration = parameter.valueDeclaration as ts.ParameterDeclaration | undefined
      const type = this.#checker.getTypeOfSymbol(parameter)
      const isRest = declaration?.dotDotDotToken !== undefined
      const isOptional = declaration !== undefined && this.#checker.isOptionalParameter(declaration)
      return `${isRest ? "..." : ""}${parameter.name}${isOptional ? "?" : ""}: ${this.#printed(type)}`
    })
    return `(${parameters.join(", ")})${arrow}${this.#printed(signature.getReturnType())}`
  }
}

const sharedBy = ({ declarations = [] }: ts.Symbol): Shared =>
  declarations.some((one) =>
    one.getSourceFile().fileName.startsWith(`${workspace}packages/providers/dist/catalogue/`)
  )
    ? "catalogue"
    : "declarations"

const importing = (from: string, names: ReadonlyArray<string>): string =>
  names.length === 0 ? "" : `import type { ${names.toSorted().join(", ")} } from "${from}"\n`

/** What is put together of types as it is written. */
const isStructure = (node: ts.TypeNode): boolean =>
  ts.isTypeLiteralNode(node) ||
  ts.isFunctionTypeNode(node) ||
  ts.isArrayTypeNode(node) ||
  ts.isTupleTypeNode(node) ||
  ts.isUnionTypeNode(node) ||
  ts.isIntersectionTypeNode(node) ||
  ts.isParenthesizedTypeNode(node) ||
  ts.isTypeReferenceNode(node) ||
  ts.isTypeOperatorNode(node) ||
  ts.isTypePredicateNode(node)

const anyTypeNode = (node: ts.Node, is: (type: ts.TypeNode) => boolean): boolean =>
  ts.isTypeNode(node) && !ts.isExpressionWithTypeArguments(node)
    ? is(node)
    : (ts.forEachChild(node, (child) => anyTypeNode(child, is)) ?? false)

/** The name in a node that refers to a type. */
const referenceOf = (node: ts.Node): ts.Node | undefined => {
  if (ts.isTypeReferenceNode(node)) return node.typeName
  if (ts.isExpressionWithTypeArguments(node)) return node.expression
  return ts.isImportTypeNode(node) ? node.qualifier : undefined
}

const argumentsOf = (node: ts.Node): ReadonlyArray<ts.Node> =>
  ts.isTypeReferenceNode(node) ||
  ts.isExpressionWithTypeArguments(node) ||
  ts.isImportTypeNode(node)
    ? (node.typeArguments ?? [])
    : []

/** Of `import("…").Name` the whole, without its arguments. */
const spanOf = (node: ts.Node, name: ts.Node): readonly [number, number] => [
  ts.isImportTypeNode(node) ? node.getStart() : name.getStart(),
  name.getEnd()
]

const isTypeOnly = (symbol: ts.Symbol): boolean =>
  (symbol.declarations ?? []).some(
    (declaration) =>
      ts.isExportSpecifier(declaration) &&
      (declaration.isTypeOnly || declaration.parent.parent.isTypeOnly)
  )

const isReadonly = (property: ts.Symbol): boolean => {
  // A mapped type says so of its properties in a place that the compiler's API does not show.
  const { links } = property as { readonly links?: { readonly checkFlags?: number } }
  if (((links?.checkFlags ?? 0) & 8) !== 0) return true
  return (property.declarations ?? []).some(
    (declaration) =>
      (ts.getCombinedModifierFlags(declaration) & ts.ModifierFlags.Readonly) !== 0 ||
      ts.isGetAccessor(declaration)
  )
}

const docsOf = (node: ts.Node): string => {
  const docs = ts.getJSDocCommentsAndTags(node).find(ts.isJSDoc)
  return docs === undefined ? "" : `${docs.getText()}\n`
}

const commentOf = (docs: string): string => {
  if (docs === "") return ""
  const lines = docs.split("\n")
  return lines.length === 1
    ? `/** ${docs} */\n`
    : `/**\n${lines.map((line) => ` * ${line}`.trimEnd()).join("\n")}\n */\n`
}

const indented = (text: string): string =>
  text
    .split("\n")
    .map((line) => (line === "" ? "" : `  ${line}`))
    .join("\n")

/** Without `this`, which counts among the arguments of an interface. */
const parametersOf = (type: ts.ObjectType): number => {
  const { target } = type as { readonly target?: ts.InterfaceType }
  return target?.typeParameters?.length ?? 0
}
