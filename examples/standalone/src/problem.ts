import { Schema, SchemaIssue } from "effect"

const format = SchemaIssue.makeFormatterStandardSchemaV1({
  leafHook: (issue) =>
    issue._tag === "UnexpectedKey" ? "There is no such member" : SchemaIssue.defaultLeafHook(issue)
})

/** Something in the settings that must be put right before the server can start. */
export class Problem extends Error {
  override readonly name = "Problem"
}

/** Decodes settings, or says line by line which member is wrong and how; never its value, which may be a secret. */
export const decode = <A>(
  where: string,
  schema: Schema.Codec<A, unknown>,
  input: unknown,
  onExcessProperty: "error" | "ignore" = "error"
): A => {
  const result = Schema.decodeUnknownResult(schema, { errors: "all", onExcessProperty })(input)
  if (result._tag === "Success") return result.success
  const lines = format(result.failure.issue).issues.map(
    ({ message, path = [] }) => `${where}: ${written(path)}${message}`
  )
  throw new Problem(lines.join("\n"))
}

const written = (path: ReadonlyArray<unknown>): string => {
  const names = path.map((name) => (typeof name === "number" ? `[${name}]` : `.${String(name)}`))
  return names.length === 0 ? "" : `${names.join("").slice(1)}: `
}
