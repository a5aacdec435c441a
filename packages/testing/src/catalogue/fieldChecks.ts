import { configuredDefinition, type Field, type ProviderDefinition } from "@hawser/core"
import type { ProviderFacts } from "../facts/index.ts"
import { Effect } from "effect"
import { unmet } from "./Expectation.ts"

/** The sample value of each field: what the simulator knows. */
export const samples = (facts: ProviderFacts["fields"]): Record<string, string> =>
  Object.fromEntries(Object.entries(facts ?? {}).map(([name, { sample }]) => [name, sample]))

/** Fields whose samples a refused value takes the place of, one at a time. */
export const refusedInputs = (
  facts: ProviderFacts["fields"]
): ReadonlyArray<{ readonly name: string; readonly input: Record<string, string> }> =>
  Object.entries(facts ?? {}).flatMap(([name, { refused = [] }]) =>
    refused.map((value) => ({ name, input: { ...samples(facts), [name]: value } }))
  )

/** Settings that take what the facts refuse. */
export const wrongSettings = Effect.fnUntraced(function* (
  definition: ProviderDefinition,
  facts: ProviderFacts["settings"]
) {
  for (const { input, name } of refusedInputs(facts)) {
    // Whose client it is does not matter here, so that nothing but the settings can be refused.
    const config = { definition, settings: input, clientOf: () => null }
    const taken = yield* Effect.result(configuredDefinition(config))
    if (taken._tag === "Success") return yield* unmet(`settings.${name} takes what it must refuse`)
  }
})

/** Whether a tenant names a whole host. */
export const choosesHost = (fields: ReadonlyArray<Field> = []): boolean =>
  fields.some(({ format }) => format === "host")
