import { isPlainText, isPublicHost, matches } from "./fields.ts"
import type { AccountPath, Capture, Field, OAuth2Definition } from "./ProviderDefinition.ts"
import type { TemplateValues } from "./template.ts"

/** What may be kept of a value that a vendor returned, as text; undefined if it is not what the definition takes. */
export const capturedValue = (
  { hostBelow, pattern, sameAs }: Capture,
  fields: ReadonlyArray<Field>,
  values: TemplateValues,
  returned: unknown
): string | undefined => {
  const text = Number.isSafeInteger(returned) ? String(returned) : returned
  if (!isPlainText(text) || text.length > 255) return undefined
  const value = hostBelow === undefined ? text : hostIn(text, hostBelow)
  if (value === undefined || (pattern !== undefined && !matches(pattern, value))) return undefined
  return sameAs === undefined || named(sameAs, hostBelow, fields, values).includes(value)
    ? value
    : undefined
}

/** Where captured values are told: one of these at a time. */
type Told =
  | { readonly callback: (parameter: string) => unknown }
  | { readonly token_response: (path: AccountPath) => unknown }
  | { readonly request: (path: AccountPath) => unknown }

/**
 * What a definition captures of what is told there, by name; undefined if something of it is not what the definition
 * takes, or is not there and must be.
 */
export const capturedFrom = (
  { captures = {}, fields }: Pick<OAuth2Definition, "captures" | "fields">,
  values: TemplateValues,
  told: Told
): TemplateValues | undefined => {
  const captured: Record<string, string> = {}
  for (const [name, capture] of Object.entries(captures)) {
    const returned = toldOf(capture, told)
    if (returned === notThere) continue
    if (returned === undefined || returned === null || returned === "") {
      if (capture.required === false) continue
      return undefined
    }
    const value = capturedValue(capture, fields ?? [], values, returned)
    if (value === undefined) return undefined
    captured[name] = value
  }
  return captured
}

/** The capture is from elsewhere. */
const notThere = Symbol("notThere")

const toldOf = (capture: Capture, told: Told): unknown => {
  if (capture.from === "callback")
    return "callback" in told ? told.callback(capture.parameter) : notThere
  if (capture.from === "token_response")
    return "token_response" in told ? told.token_response(capture.path) : notThere
  return "request" in told ? told.request(capture.path) : notThere
}

/** The host of a URL or the host itself, if it is one of the vendor's: with at least one label before a suffix. */
const hostIn = (text: string, suffixes: ReadonlyArray<string>): string | undefined => {
  const host = /^(?:https:\/\/)?(?<host>[^/?#\\]*)(?:[/?#].*)?$/i
    .exec(text)
    ?.groups?.["host"]?.toLowerCase()
  return host !== undefined && isPublicHost(host) && suffixes.some((one) => host.endsWith(one))
    ? host
    : undefined
}

/** What the tenant has named: the value itself, or a label of the host that was returned. */
const named = (
  name: string,
  suffixes: ReadonlyArray<string> = [],
  fields: ReadonlyArray<Field>,
  values: TemplateValues
): ReadonlyArray<string | undefined> => {
  const value = Object.hasOwn(values, name) ? values[name] : undefined
  if (value === undefined) return []
  return fields.find((field) => field.name === name)?.format === "subdomain"
    ? [value, ...suffixes.map((suffix) => `${value}${suffix}`)]
    : [value]
}
