import { Result, Schema } from "effect"
import { ConfigurationError } from "./Errors.ts"
import { type Problem, schemaProblems, withoutRepetition } from "./schemaProblems.ts"

/** The names of an object, and of each form that it may have. */
type NamesOf<Options> = Options extends unknown ? keyof Options : never

/** A schema for each option: one that is not there does not compile. */
export type OptionSchemas<Options> = {
  readonly [Name in NamesOf<Options>]-?: Schema.Constraint
}

/** A value that no schema can look into, by what it must be in words: "expected …". */
export const opaqueOption = (expected: string, is: (value: unknown) => boolean) =>
  Schema.declare((value: unknown): value is unknown => is(value), { expected })

export const functionOption = opaqueOption("a function", (value) => typeof value === "function")

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null

/** Some values of a list, as the host writes them. */
export const listOption = (item: Schema.Constraint) => Schema.Array(item as Schema.Codec<unknown>)

/** An object of options within others. */
export const nestedOptions = <Options>(schemas: OptionSchemas<Options>) =>
  Schema.Struct(
    Object.fromEntries(
      Object.entries<Schema.Constraint>(schemas).map(([name, schema]) => [
        name,
        Schema.optional(schema as Schema.Codec<unknown>)
      ])
    )
  )

/**
 * The check of a function's options, made of their schemas: a wrong type, a name that there is not, and what must be there and is
 * not stop the start with a sentence that names them. No value is in it. `place` is where the options stand, empty for those of
 * `createHawser` itself.
 */
export const hostOptions = <Options>(
  schemas: OptionSchemas<Options>,
  {
    name = "options",
    required = []
  }: {
    /** Whose they are, if there is no place. */
    readonly name?: string
    readonly required?: ReadonlyArray<NamesOf<Options> & string>
  } = {}
): ((place: string, options: unknown) => ConfigurationError | undefined) => {
  const decode = Schema.decodeUnknownResult(nestedOptions<Options>(schemas), {
    errors: "all",
    onExcessProperty: "error"
  })
  return (place, options) => {
    const decoded = decode(options)
    const wrong = Result.isFailure(decoded) ? schemaProblems(decoded.failure.issue) : []
    const absent =
      isObject(options) && !Array.isArray(options)
        ? required.filter((name) => options[name] === undefined)
        : []
    const missing = absent.map((name): Problem => ({
      _tag: "Missing",
      path: [name],
      expected: describeExpected(schemas[name])
    }))
    const [first, ...others] = withoutRepetition([...wrong, ...missing])
    if (first === undefined) return undefined
    const at = ({ path }: Problem) => [...(place === "" ? [] : [place]), ...path].join(".") || name
    return new ConfigurationError({
      setting: at(first),
      problem: [
        describeProblem(first),
        ...others.map((other) => `${at(other)}: ${describeProblem(other)}`)
      ].join(" ")
    })
  }
}

const describeExpected = (schema: Schema.Constraint): string | undefined => {
  const expected = schema.ast.annotations?.["expected"]
  return typeof expected === "string" ? expected : undefined
}

const describeProblem = (problem: Problem): string => {
  switch (problem._tag) {
    case "Unknown":
      return `There is no such option.${problem.meant === undefined ? "" : ` Did you mean ${problem.meant.at(-1)}?`}`
    case "Missing":
      return problem.expected === undefined ? "Set it." : `Set it: ${problem.expected}.`
    case "Wrong":
      return `Expected ${inWords(problem.expected)}.`
  }
}

const words = new Map([
  ["array", "a list"],
  ["boolean", "true or false"],
  ["number", "a number"],
  ["object", "an object"],
  ["string", "text"]
])

/** What a schema expects, as one says it to a person; an option may always be left out. */
const inWords = (expected: string): string =>
  expected
    .split(" | ")
    .filter((form) => form !== "undefined")
    .map((form) => words.get(form) ?? form)
    .join(" or ")
