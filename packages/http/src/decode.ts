import { type ValidationDetail, ValidationError } from "@hawser/core"
import { Effect, Schema, type SchemaIssue } from "effect"

/** Turns what came off the wire into a declared value, or says what is wrong with it. */
export type Decoder = (input: unknown) => Effect.Effect<unknown, ValidationError>

/** Compiles a decoder, once. `strict` refuses members that are not declared. */
export const decoderOf = (
  schema: Schema.Codec<unknown, unknown>,
  options: { readonly strict: boolean }
): Decoder => {
  const decode = Schema.decodeUnknownEffect(schema, {
    errors: "all",
    onExcessProperty: options.strict ? "error" : "ignore"
  })
  return (input) =>
    Effect.mapError(
      decode(input),
      (error) => new ValidationError({ details: detailsOf(error.issue, []) })
    )
}

/** Paths and codes alone: a schema's own messages quote the value that was sent. */
const detailsOf = (
  issue: SchemaIssue.Issue,
  path: ReadonlyArray<PropertyKey>
): ReadonlyArray<ValidationDetail> => {
  switch (issue._tag) {
    case "Pointer":
      return detailsOf(issue.issue, [...path, ...issue.path])
    case "Composite":
      return issue.issues.flatMap((inner) => detailsOf(inner, path))
    case "Filter":
    case "Encoding":
      return detailsOf(issue.issue, path)
    case "MissingKey":
      return [{ path: written(path), code: "missing" }]
    case "UnexpectedKey":
      // The last name came from outside, and could be a secret in the wrong place: where it stood is enough.
      return [{ path: written(path.slice(0, -1)), code: "unknown" }]
    case "AnyOf":
    case "OneOf":
    case "Forbidden":
    case "InvalidType":
    case "InvalidValue":
      return [{ path: written(path), code: "invalid" }]
  }
}

const written = (path: ReadonlyArray<PropertyKey>): string =>
  path.length === 0 ? "body" : path.map(String).join(".")
