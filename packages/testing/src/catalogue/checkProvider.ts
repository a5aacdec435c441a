import { decodeProviderDefinition, type ProviderDefinition } from "@hawser/core"
import { decodeProviderFacts, type ProviderFacts } from "../facts/index.ts"
import { Effect } from "effect"
import { apiKeyLife } from "./apiKeyLife.ts"
import { unmet } from "./Expectation.ts"
import { wrongSettings } from "./fieldChecks.ts"
import { oauth2Life } from "./oauth2Life.ts"
import { statedOtherwise } from "./statedFacts.ts"

/** A definition and the facts beside it, as they were read: from files, or from a host's own code. */
export interface CheckedProvider {
  readonly definition: unknown
  readonly facts: unknown
  /** Names the definition in problems: its file. */
  readonly source: string
}

/** The scenes of a provider's kind; fails with the first thing that the simulated vendor objects to. */
export const lifeOf = (definition: ProviderDefinition, facts: ProviderFacts) => {
  if (definition.authType === "oauth2" && facts.authType === "oauth2")
    return oauth2Life(definition, facts)
  if (definition.authType === "api_key" && facts.authType === "api_key")
    return apiKeyLife(definition, facts)
  return unmet(`the definition says ${definition.authType}, the facts ${facts.authType}`)
}

const problemsOf = Effect.fnUntraced(function* ({ definition, facts, source }: CheckedProvider) {
  const decoded = yield* decodeProviderDefinition(definition, source)
  const known = yield* decodeProviderFacts(facts, source.replace(/\.json$/, ".facts.json"))
  const stated = statedOtherwise(decoded, known)
  if (stated.length > 0) return stated
  yield* wrongSettings(decoded, known.settings)
  yield* lifeOf(decoded, known)
  return []
})

/**
 * Plays a provider's whole life by its facts: what is wrong with the definition, in sentences; nothing where it is right.
 * Stops at the first thing that a simulated vendor objects to.
 *
 * @example
 * import { checkProvider } from "@hawser/testing/catalogue"
 *
 * declare const definition: object
 * declare const facts: object
 * const problems = await checkProvider({ definition, facts, source: "acme.json" })
 */
export const checkProvider = (provider: CheckedProvider): Promise<ReadonlyArray<string>> =>
  Effect.runPromise(
    problemsOf(provider).pipe(
      Effect.catch((error) => Effect.succeed([error.message])),
      // A check that breaks has found something too.
      Effect.catchDefect((defect) =>
        Effect.succeed([defect instanceof Error ? defect.message : String(defect)])
      )
    )
  )
