import { Effect, Schema, type SchemaIssue } from "effect"
import { type ValidationDetail, ValidationError } from "./Errors.ts"

/** Turns what came from outside into a declared value, or says what is wrong with it. */
export type Decoder<A = unknown> = (input: unknown) => Effect.Effect<A, ValidationError>

/** Compiles a decoder, once. `strict` refuses members that are not declared; `root` is what an error calls the whole. */
export const makeDecoder = <A>(
  schema: Schema.Codec<A, unknown>,
  options: { readonly strict: boolean; readonly root?: string }
): Decoder<A> => {
  const decode = Schema.decodeUnknownEffect(schema, {
    errors: "all",
    onExcessProperty: options.strict ? "error" : "ignore"
  })
  return (input) =>
    Effect.mapError(
      decode(input),
      (error) =>
        new ValidationError({ details: validationDetails(error.issue, [], options.root ?? "body") })
    )
}

/** Paths and codes alone: a schema's own messages quote the value that was sent. */
const validationDetails = (
  issue: SchemaIssue.Issue,
  path: ReadonlyArray<PropertyKey>,
  root: string
): ReadonlyArray<ValidationDetail> => {
  const written = (names: ReadonlyArray<PropertyKey>) =>
    names.length === 0 ? root : names.map(String).join(".")
  switch (issue._tag) {
    case "Pointer":
      return validationDetails(issue.issue, [...path, ...issue.path], root)
    case "Composite":
      return issue.issues.flatMap((inner) => validationDetails(inner, path, root))
    case "Filter":
    case "Encoding":
      return validationDetails(issue.issue, path, root)
    case "MissingKey":
      return [{ path: written(path), code: "missing" }]
    case "UnexpectedKey":
      return [{ path: written(isWord(path.at(-1)) ? path : path.slice(0, -1)), code: "unknown" }]
    case "AnyOf":
    case "OneOf":
    case "Forbidden":
    case "InvalidType":
    case "InvalidValue":
      return [{ path: written(path), code: "invalid" }]
  }
}

/**
 * Whether an error may quote the name of an unknown member. The name came from outside: if it is long or full of digits, it
 * may be a secret in the wrong place. The error then names only the parent.
 */
export const isWord = (name: PropertyKey | undefined): name is string =>
  typeof name === "string" && /^(?=.{1,40}$)[A-Za-z_-]+(?:\d{1,2}[A-Za-z_-]*)?$/.test(name)
