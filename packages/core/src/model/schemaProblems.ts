import { type SchemaAST, SchemaIssue } from "effect"

/** How many letters must change to make one word of the other (Levenshtein). */
const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let i = 0; i < a.length; i++) {
    const next = [i + 1]
    for (let j = 0; j < b.length; j++) {
      const replaced = (row[j] ?? 0) + (a[i] === b[j] ? 0 : 1)
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}

/** The known word that somebody has probably meant: two letters in the wrong order, or a third of them wrong, and their case. */
export const nearest = (word: string, known: Iterable<string>): string | undefined => {
  const [first] = [...known]
    .map((one) => ({ one, away: distance(word.toLowerCase(), one.toLowerCase()) }))
    .filter(({ away, one }) => away <= Math.max(one.length > 3 ? 2 : 1, Math.floor(one.length / 3)))
    .toSorted((a, b) => a.away - b.away)
  return first?.one
}

type Path = ReadonlyArray<string>

/** One thing that is wrong with data, and where. Nothing of a value is in it. */
export type Problem =
  | { readonly _tag: "Wrong"; readonly path: Path; readonly expected: string }
  | { readonly _tag: "Missing"; readonly path: Path; readonly expected?: string | undefined }
  /** A member that nobody knows, and the path of the one that was probably meant. */
  | { readonly _tag: "Unknown"; readonly path: Path; readonly meant: Path | undefined }

/** A misspelt member is not there under its own name either: saying it once is enough. */
export const withoutRepetition = (problems: ReadonlyArray<Problem>): ReadonlyArray<Problem> => {
  const meant = new Set(
    problems.map((problem) => (problem._tag === "Unknown" ? problem.meant?.join(".") : undefined))
  )
  return problems.filter(({ _tag, path }) => _tag !== "Missing" || !meant.has(path.join(".")))
}

/** What a schema says of data that does not fit. */
export const schemaProblems = (
  issue: SchemaIssue.Issue,
  path: Path = []
): ReadonlyArray<Problem> => {
  switch (issue._tag) {
    case "Pointer":
      return schemaProblems(issue.issue, [...path, ...issue.path.map(String)])
    case "Composite":
      return issue.issues.flatMap((inner) => schemaProblems(inner, path))
    case "Encoding":
      return schemaProblems(issue.issue, path)
    case "AnyOf":
      return issue.issues.length === 0
        ? [wrong(issue, path)]
        : likeliest(issue.issues.map((branch) => schemaProblems(branch, path)))
    case "MissingKey":
      return [{ _tag: "Missing", path }]
    case "UnexpectedKey":
      return [unexpected(issue.ast, path)]
    case "Filter":
    case "Forbidden":
    case "InvalidType":
    case "InvalidValue":
    case "OneOf":
      return [wrong(issue, path)]
  }
}

const format = SchemaIssue.makeFormatterStandardSchemaV1()

const wrong = (issue: SchemaIssue.Issue, path: Path): Problem => {
  const text = format(issue).issues[0]?.message ?? "Expected another value"
  return { _tag: "Wrong", path, expected: text.replace(/^Expected /, "") }
}

/** Of the forms that a member may have, the one to which it comes nearest; all of them where it comes near to none. */
const likeliest = (forms: ReadonlyArray<ReadonlyArray<Problem>>): ReadonlyArray<Problem> => {
  const all = forms.map((problems) => withoutRepetition(problems))
  const whole = all.map(([only, ...more]) =>
    only?._tag === "Wrong" && more.length === 0 ? only : undefined
  )
  const [first] = whole
  if (
    first !== undefined &&
    whole.every((problem) => problem?.path.join(".") === first.path.join("."))
  ) {
    const expected = [...new Set(whole.map((problem) => problem?.expected))].join(" | ")
    return [{ ...first, expected }]
  }
  return all.reduce((best, form) => (form.length < best.length ? form : best))
}

const unexpected = (ast: SchemaAST.AST, path: Path): Problem => {
  const known = ast._tag === "Objects" ? ast.propertySignatures.map(({ name }) => String(name)) : []
  const near = nearest(path.at(-1) ?? "", known)
  const meant = near === undefined ? undefined : [...path.slice(0, -1), near]
  return { _tag: "Unknown", path, meant }
}
