import type { SchemaAST } from "effect"

/** The dotted paths of all members that a schema knows; `*` is whatever stands in a list or record. */
export const membersOf = (ast: SchemaAST.AST, path = ""): ReadonlyArray<string> => {
  if (ast._tag === "Objects") {
    return [
      ...ast.propertySignatures.flatMap(({ name, type }) => {
        const at = path === "" ? String(name) : `${path}.${String(name)}`
        return [at, ...membersOf(type, at)]
      }),
      ...ast.indexSignatures.flatMap(({ type }) => membersOf(type, `${path}.*`))
    ]
  }
  if (ast._tag === "Arrays") {
    return [...ast.elements, ...ast.rest].flatMap((type) => membersOf(type, `${path}.*`))
  }
  return ast._tag === "Union" ? ast.types.flatMap((type) => membersOf(type, path)) : []
}

/** Whether a value has something at a dotted path. */
export const hasMember = (value: unknown, member: string): boolean => has(value, member.split("."))

const has = (value: unknown, [name, ...rest]: ReadonlyArray<string>): boolean => {
  if (name === undefined) return true
  if (typeof value !== "object" || value === null) return false
  if (name === "*") return Object.values(value).some((inner) => has(inner, rest))
  return Object.hasOwn(value, name) && has((value as Record<string, unknown>)[name], rest)
}
