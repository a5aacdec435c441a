import { decodeProviderDefinition } from "@hawser/core"
import { decodeProviderFacts } from "@hawser/testing/facts"
import { Effect } from "effect"
import {
  type CheckedProvider,
  checkProvider,
  lifeOf
} from "../../../packages/testing/src/catalogue/checkProvider.ts"
import { readProvider } from "./catalogFiles.ts"
import { memberOf, withMembers } from "./members.ts"

/** What the vendor objects to before anybody has compared what definition and facts state. */
const objectionTo = ({ definition, facts, source }: CheckedProvider): Promise<string> =>
  Effect.runPromise(
    Effect.gen(function* () {
      yield* lifeOf(
        yield* decodeProviderDefinition(definition, source),
        yield* decodeProviderFacts(facts, source)
      )
      return ""
    }).pipe(Effect.catch((error) => Effect.succeed(error.message)))
  )

/**
 * Why the check turns red for a definition in which a member is another one: in the vendor's words where it meets the
 * difference in a request, and else in those of the comparison with the facts. Empty if it stays green.
 */
export const checkWith = async (id: string, path: string, value: unknown): Promise<string> => {
  const provider = readProvider(id)
  const other = { ...provider, definition: withMembers(provider.definition, { [path]: value }) }
  const problems = await checkProvider(other)
  return problems.length === 0 ? "" : (await objectionTo(other)) || problems.join("\n")
}

/** Why the check turns red for a definition without one of its members. */
export const checkWithout = (id: string, path: string): Promise<string> => {
  if (memberOf(readProvider(id).definition, path) === undefined)
    throw new Error(`the definition of ${id} has no ${path}`)
  return checkWith(id, path, undefined)
}
