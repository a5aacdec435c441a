import type { SchemaIssue } from "effect"
import { type Problem, problemsOf, withoutRepetition } from "./schemaProblems.ts"

/** What is wrong with a definition, in sentences that name the member. Nothing of a value is in them. */
export const definitionIssues = (issue: SchemaIssue.Issue, kind: string): string =>
  withoutRepetition(problemsOf(issue))
    .map((problem) => sentenceOf(problem, kind))
    .join(" ")

const sentenceOf = (problem: Problem, kind: string): string => {
  const member = problem.path.join(".")
  switch (problem._tag) {
    case "Wrong":
      return `${member}: expected ${problem.expected}.`
    case "Missing":
      return `${member} is missing.`
    case "Unknown": {
      const parent = problem.path.length === 1 ? kind : problem.path.slice(0, -1).join(".")
      const meant = problem.meant === undefined ? "" : ` Did you mean ${problem.meant.join(".")}?`
      return `${member} is not a member of ${parent}.${meant}`
    }
  }
}
