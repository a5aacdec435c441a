import { isPlainText, isPublicHost, matches } from "./fields.ts"
import type { AccountPath, Capture, Field, OAuth2Definition } from "./ProviderDefinition.ts"
import type { TemplateValues } from "./template.ts"

/** The part of a vendor's value that may be kept, as text; undefined if the definition does not accept it. */
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

/** The place that a value is captured from: one of these. */
type CaptureSource =
  | { readonly callback: (parameter: string) => unknown }
  | { readonly token_response: (path: AccountPath) => unknown }
  | { readonly request: (path: AccountPath) => unknown }

/**
 * The values that a definition captures from there, by name; undefined if one of them is not accepted, or is missing and
 * required.
 */
export const capturedFrom = (
  { captures = {}, fields }: Pick<OAuth2Definition, "captures" | "fields">,
  values: TemplateValues,
  source: CaptureSource
): TemplateValues | undefined => {
  const captured: Record<string, string> = {}
  for (const [name, capture] of Object.entries(captures)) {
    const returned = returnedBy(capture, source)
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

/** The capture is from another place. */
const notThere = Symbol("notThere")

const returnedBy = (capture: Capture, source: CaptureSource): unknown => {
  if (capture.from === "callback")
    return "callback" in source ? source.callback(capture.parameter) : notThere
  if (capture.from === "token_response")
    return "token_response" in source ? source.token_response(capture.path) : notThere
  return "request" in source ? source.request(capture.path) : notThere
}

/** The host of a URL, or the host itself, if it belongs to the vendor: at least one label before an allowed suffix. */
const hostIn = (text: string, suffixes: ReadonlyArray<string>): string | undefined => {
  const host = /^(?:https:\/\/)?(?<host>[^/?#\\]*)(?:[/?#].*)?$/i
    .exec(text)
    ?.groups?.["host"]?.toLowerCase()
  return host !== undefined && isPublicHost(host) && suffixes.some((one) => host.endsWith(one))
    ? host
    : undefined
}

/** The value that the tenant filled in: the same text, or the first label of the returned host. */
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
