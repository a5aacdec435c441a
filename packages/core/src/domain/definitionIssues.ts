import { type SchemaAST, SchemaIssue } from "effect"
import { nearest } from "./didYouMean.ts"

/** One thing that is wrong with a definition. */
interface Problem {
  readonly sentence: string
  /** Where it is a member that nobody knows: the one that was probably meant, with its path. */
  readonly meant?: string | undefined
  /** Where it is a member that is missing: its path. */
  readonly missing?: string
}

/** What is wrong with a definition, in sentences that name the member. Nothing of a value is in them. */
export const definitionIssues = (issue: SchemaIssue.Issue, kind: string): string =>
  withoutRepetition(problemsOf(issue, [], kind))
    .map(({ sentence }) => sentence)
    .join(" ")

/** A misspelt member is not there under its own name either: saying it once is enough. */
const withoutRepetition = (problems: ReadonlyArray<Problem>): ReadonlyArray<Problem> => {
  const meant = new Set(problems.map((problem) => problem.meant))
  return problems.filter(({ missing }) => missing === undefined || !meant.has(missing))
}

const problemsOf = (
  issue: SchemaIssue.Issue,
  path: ReadonlyArray<string>,
  kind: string
): ReadonlyArray<Problem> => {
  const member = path.join(".")
  switch (issue._tag) {
    case "Pointer":
      return problemsOf(issue.issue, [...path, ...issue.path.map(String)], kind)
    case "Composite":
      return issue.issues.flatMap((inner) => problemsOf(inner, path, kind))
    case "Encoding":
      return problemsOf(issue.issue, path, kind)
    case "AnyOf":
      return issue.issues.length === 0
        ? [{ sentence: `${member}: ${expected(issue)}.` }]
        : likeliest(issue.issues.map((branch) => problemsOf(branch, path, kind)))
    case "MissingKey":
      return [{ sentence: `${member} is missing.`, missing: member }]
    case "UnexpectedKey":
      return [unexpected(issue.ast, path, kind)]
    case "Filter":
    case "Forbidden":
    case "InvalidType":
    case "InvalidValue":
    case "OneOf":
      return [{ sentence: `${member}: ${expected(issue)}.` }]
  }
}

const format = SchemaIssue.makeFormatterStandardSchemaV1()

const expected = (issue: SchemaIssue.Issue): string => {
  const text = format(issue).issues[0]?.message ?? "Expected another value"
  return text.replace(/^Expected/, "expected")
}

/** Of the forms that a member may have, the one to which it comes nearest. */
const likeliest = (forms: ReadonlyArray<ReadonlyArray<Problem>>): ReadonlyArray<Problem> =>
  forms
    .map((problems) => withoutRepetition(problems))
    .reduce((best, form) => (form.length < best.length ? form : best))

const unexpected = (ast: SchemaAST.AST, path: ReadonlyArray<string>, kind: string): Problem => {
  const known = ast._tag === "Objects" ? ast.propertySignatures.map(({ name }) => String(name)) : []
  const near = nearest(path.at(-1) ?? "", known)
  const meant = near === undefined ? undefined : [...path.slice(0, -1), near].join(".")
  const parent = path.length === 1 ? kind : path.slice(0, -1).join(".")
  return {
    sentence: `${path.join(".")} is not a member of ${parent}.${meant === undefined ? "" : ` Did you mean ${meant}?`}`,
    meant
  }
}
