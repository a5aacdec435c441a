import { checkApi } from "./apiChecks.ts"
import { checkCaptures } from "./captureChecks.ts"
import { templatesOf } from "./definitionTemplates.ts"
import type { OAuth2Definition, ProviderDefinition } from "./ProviderDefinition.ts"
import { checkRequests } from "./requestChecks.ts"
import { placeholders } from "./template.ts"
import { checkUrls } from "./urlChecks.ts"

/**
 * Contradictions between members of a definition, which the schema of one member cannot find: unknown names in templates,
 * patterns that do not compile, hosts, parameters that would replace the protocol's.
 */
export const checkDefinition = (definition: ProviderDefinition): string | undefined =>
  checkNames(definition) ??
  checkPatterns(definition) ??
  (definition.authType === "oauth2"
    ? (checkOAuth2(definition) ?? checkCaptures(definition) ?? checkRequests(definition))
    : undefined) ??
  checkPlaceholders(definition) ??
  checkUrls(definition) ??
  checkApi(definition)

/** Reserved names in templates of an OAuth2 definition. */
const reserved = new Set(["access_token", "client_id", "client_secret"])

const checkNames = (definition: ProviderDefinition): string | undefined => {
  const fields = (definition.fields ?? []).map(({ name }) => name)
  if (new Set(fields).size !== fields.length) return "two fields have the same name"
  const isOAuth2 = definition.authType === "oauth2"
  const captures = isOAuth2 ? Object.keys(definition.captures ?? {}) : []
  const settings = (definition.settings ?? []).map(({ name }) => name)
  const names = [...fields, ...captures, ...settings]
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined)
    return `${twice} names more than one of the fields, captures and settings`
  const word = isOAuth2 ? names.find((name) => reserved.has(name)) : undefined
  return word === undefined ? undefined : `${word} may not name a field, capture or setting`
}

const checkPatterns = (definition: ProviderDefinition): string | undefined => {
  const captures = definition.authType === "oauth2" ? (definition.captures ?? {}) : {}
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

const checkOAuth2 = (definition: OAuth2Definition): string | undefined => {
  const secret = (definition.fields ?? []).find((field) => field.secret !== false)
  if (secret !== undefined) return `the field ${secret.name} must say secret: false`
  const { callbackRegion } = definition
  const region = (definition.fields ?? []).find(({ name }) => name === callbackRegion?.field)
  if (
    callbackRegion !== undefined &&
    !Object.values(callbackRegion.values).every(
      (value) => region?.choices?.includes(value) === true
    )
  )
    return `callbackRegion: ${callbackRegion.field} is not a field whose choices are these values`
  if (definition.openid === true && definition.issuer === undefined)
    return "openid needs the issuer that ID tokens name"
  if (definition.account?.from === "id_token" && definition.openid !== true)
    return "account comes from an ID token, and openid is not set"
  return undefined
}

/** Each name in braces is known in its template. */
const checkPlaceholders = (definition: ProviderDefinition): string | undefined => {
  const settings = (definition.settings ?? []).map(({ name }) => name)
  const fields = (definition.fields ?? []).map(({ name }) => name)
  const captures = definition.authType === "oauth2" ? Object.keys(definition.captures ?? {}) : []
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
