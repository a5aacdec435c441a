import { checkApi } from "./apiChecks.ts"
import { declaredKindOf } from "./authKinds.ts"
import { templatesOf } from "./definitionTemplates.ts"
import { capturesOf, type ProviderDefinition } from "./ProviderDefinition.ts"
import { placeholders } from "./template.ts"
import { checkUrls } from "./urlChecks.ts"

/**
 * Contradictions between members of a definition, which the schema of one member cannot find: unknown names in templates,
 * patterns that do not compile, hosts, parameters that would replace the protocol's.
 */
export const checkDefinition = (definition: ProviderDefinition): string | undefined =>
  checkNames(definition) ??
  checkPatterns(definition) ??
  declaredKindOf(definition).checkDefinition(definition) ??
  checkPlaceholders(definition) ??
  checkUrls(definition) ??
  checkApi(definition)

const checkNames = (definition: ProviderDefinition): string | undefined => {
  const fields = (definition.fields ?? []).map(({ name }) => name)
  if (new Set(fields).size !== fields.length) return "two fields have the same name"
  const captures = Object.keys(capturesOf(definition))
  const settings = (definition.settings ?? []).map(({ name }) => name)
  const names = [...fields, ...captures, ...settings]
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined)
    return `${twice} names more than one of the fields, captures and settings`
  const { reserved } = declaredKindOf(definition)
  const word = names.find((name) => reserved.includes(name))
  return word === undefined ? undefined : `${word} may not name a field, capture or setting`
}

const checkPatterns = (definition: ProviderDefinition): string | undefined => {
  const captures = capturesOf(definition)
  const patterns = [
    ...(definition.fields ?? []).map(({ name, pattern }) => [`field ${name}`, pattern] as const),
    ...(definition.settings ?? []).map(
      ({ name, pattern }) => [`setting ${name}`, pattern] as const
    ),
    ...Object.entries(captures).map(([name, { pattern }]) => [`capture ${name}`, pattern] as const)
  ]
  const wrong = patterns.find(
    ([, pattern]) => pattern !== undefined && !isRegularExpression(pattern)
  )
  return wrong === undefined ? undefined : `the pattern of ${wrong[0]} is not a regular expression`
}

const isRegularExpression = (pattern: string): boolean => {
  try {
    return new RegExp(pattern, "v").source !== ""
  } catch {
    return false
  }
}

/** Each name in braces is known in its template. */
const checkPlaceholders = (definition: ProviderDefinition): string | undefined => {
  const settings = (definition.settings ?? []).map(({ name }) => name)
  const fields = (definition.fields ?? []).map(({ name }) => name)
  const captures = Object.keys(capturesOf(definition))
  for (const { member, takes, template } of templatesOf(definition)) {
    const known = new Set([
      ...settings,
      ...takes.flatMap((what) =>
        what === "fields" ? fields : what === "captures" ? captures : [what]
      )
    ])
    const unknown = placeholders(template).find((name) => !known.has(name))
    if (unknown !== undefined) return `${member}: {${unknown}} is not the name of a field`
  }
  return undefined
}
