import { Effect, Schema, type SchemaIssue } from "effect"
import {
  ConfigurationError,
  type Problem,
  schemaProblems,
  withoutRepetition
} from "../model/index.ts"
import { declaredKindOf } from "./authKinds.ts"
import { checkDefinition } from "./definitionChecks.ts"
import type { ProviderDefinition } from "./ProviderDefinition.ts"

/** The problems of a definition, as sentences that name the member and never hold a value. */
const definitionIssues = (issue: SchemaIssue.Issue, kind: string): string =>
  withoutRepetition(schemaProblems(issue))
    .map((problem) => describeDefinitionProblem(problem, kind))
    .join(" ")

const describeDefinitionProblem = (problem: Problem, kind: string): string => {
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

const hasAuthType = Schema.is(Schema.Struct({ authType: Schema.Unknown }))

/**
 * A definition, from data of any origin. Fails with `ConfigurationError`, which names `source` and each member, on an
 * unknown member, a wrong type, a URL that is not https, an unknown placeholder, and a contradiction.
 *
 * @example
 * import { decodeProviderDefinition } from "@hawser/core"
 * import { Effect } from "effect"
 *
 * const definition = await Effect.runPromise(
 *   decodeProviderDefinition(JSON.parse('{ "id": "acme" }'), "acme.json")
 * )
 */
export const decodeProviderDefinition = Effect.fnUntraced(function* (
  data: unknown,
  source: string,
  options: {
    /** All tenants share one client, so no tenant may choose the host that sees its secret. Default false. */
    readonly sharedClient?: boolean
  } = {}
): Effect.fn.Return<ProviderDefinition, ConfigurationError> {
  const refuse = (problem: string) => new ConfigurationError({ setting: source, problem })
  const authType = hasAuthType(data) ? data.authType : undefined
  if (authType !== "oauth2" && authType !== "api_key")
    return yield* refuse('authType: expected "oauth2" | "api_key".')
  // Only problems of the intended kind are reported.
  const form = declaredKindOf({ authType })
  const definition = yield* Effect.mapError(form.decode(data), ({ issue }) =>
    refuse(definitionIssues(issue, form.title))
  )
  const kind = declaredKindOf(definition)
  if (kind.begin !== form.begin)
    return yield* refuse(`authKind: ${definition.authKind} is not a kind of ${form.title}.`)
  const chosen = options.sharedClient === true ? kind.chosenHost(definition) : undefined
  if (chosen !== undefined) {
    const { member, problem } = chosen
    return yield* new ConfigurationError({ setting: `${source}.${member}`, problem })
  }
  const wrong = checkDefinition(definition)
  return wrong === undefined ? definition : yield* refuse(`${wrong}.`)
})
