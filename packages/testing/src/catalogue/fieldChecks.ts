import type { Field, ProviderDefinition } from "@hawser/core"
import type { ProviderFacts } from "@hawser/providers/facts"

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

const matches = (pattern: string, value: string): boolean =>
  new RegExp(`^(?:${pattern})$`, "v").test(value)

/** Settings whose pattern takes what the facts refuse, or refuses their sample. */
export const wrongSettings = (
  { settings }: Pick<ProviderDefinition, "settings">,
  facts: ProviderFacts["settings"]
): ReadonlyArray<string> =>
  (settings ?? []).flatMap(({ name, pattern }) => {
    const fact = facts?.[name]
    return fact !== undefined &&
      matches(pattern, fact.sample) &&
      !(fact.refused ?? []).some((value) => matches(pattern, value))
      ? []
      : [`settings.${name}: its pattern does not tell the sample from what is refused`]
  })

/** Whether a tenant names a whole host. */
export const choosesHost = (fields: ReadonlyArray<Field> = []): boolean =>
  fields.some(({ format }) => format === "host")
