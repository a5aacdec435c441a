import { Effect } from "effect"
import { ConfigurationError, nearest } from "../model/index.ts"
import { mapTemplates } from "./definitionTemplates.ts"
import { isPlainText, matches } from "./fields.ts"
import type { ProviderDefinition } from "./ProviderDefinition.ts"
import { renderUrl } from "./renderUrl.ts"
import type { TemplateValues } from "./template.ts"

/**
 * The definition with the host's settings filled in. Decode the result again. Fails with `ConfigurationError`, which names
 * a missing, wrong or unknown setting.
 */
export const withSettings = Effect.fnUntraced(function* (
  definition: ProviderDefinition,
  given: TemplateValues = {},
  source: string
): Effect.fn.Return<unknown, ConfigurationError> {
  const refuse = (name: string, problem: string) =>
    new ConfigurationError({ setting: `${source}.settings.${name}`, problem })
  const known = (definition.settings ?? []).map(({ name }) => name)
  const unknown = Object.keys(given).find((name) => !known.includes(name))
  if (unknown !== undefined) {
    const near = nearest(unknown, known)
    return yield* refuse(
      unknown,
      `The definition has no such setting.${near === undefined ? "" : ` Did you mean ${near}?`}`
    )
  }
  const values: Record<string, string> = {}
  for (const { label, name, pattern } of definition.settings ?? []) {
    const value = Object.hasOwn(given, name) ? given[name] : undefined
    if (value === undefined || value === "") return yield* refuse(name, `Set it: ${label}.`)
    if (!isPlainText(value) || !matches(pattern, value))
      return yield* refuse(name, `It does not match ${pattern}.`)
    values[name] = value
  }
  return mapTemplates(definition, ({ isUrl, template }) =>
    isUrl ? renderUrl(template, values) : filled(template, values)
  )
})

/** Other names stay: a tenant's fields are filled in later. */
const filled = (template: string, values: TemplateValues): string =>
  Object.entries(values).reduce(
    (text, [name, value]) => text.replaceAll(`{${name}}`, () => value),
    template
  )
