import type * as oauth from "oauth4webapi"
import type { AuthorizationServerSnapshot } from "../model/index.ts"
import { type OAuth2Definition, renderTemplate, type TemplateValues } from "../provider/index.ts"
import { userAgentHeader } from "./apiCredential.ts"

/** How a vendor's request differs from the standards. */
export interface VendorRequestFormat {
  /** The standard's names to the vendor's. */
  readonly names?: Readonly<Record<string, string | undefined>> | undefined
  /** Parameters to leave out, by the standard's name. */
  readonly omits?: ReadonlyArray<string> | undefined
  readonly encoding?: "json" | undefined
  /** Parameters that are the boolean `true` in JSON. */
  readonly flags?: ReadonlyArray<string> | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly method?: "DELETE" | "GET" | undefined
}

/** A request as it is sent, without `oauth4webapi`'s own headers. */
export interface PlainRequest {
  readonly method: "GET" | "POST" | "DELETE"
  /** Query parameters. */
  readonly query?: URLSearchParams
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

/** The library's `User-Agent` is dropped: the egress adds Hawser's. */
export const withoutLibrary = (
  headers: Readonly<Record<string, string>>
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(headers).filter(
      ([name, value]) => name !== "user-agent" || !value.startsWith("oauth4webapi/")
    )
  )

/** Converts a standard request into the vendor's form. */
export const vendorRequest = (
  { encoding, flags = [], headers = {}, method, names, omits }: VendorRequestFormat,
  request: oauth.CustomFetchOptions<"POST", URLSearchParams>
): PlainRequest => {
  const parameters = vendorParameters({ names, omits }, request.body)
  const { "content-type": _, ...rest } = withoutLibrary(request.headers)
  if (method === "GET")
    return { method, query: parameters, headers: { ...rest, ...lowerCase(headers) } }
  const isEmpty = method === "DELETE" && parameters.size === 0
  return {
    method: method ?? "POST",
    headers: {
      ...rest,
      ...lowerCase(headers),
      ...(!isEmpty && { "content-type": encoding === "json" ? "application/json" : formType })
    },
    ...(!isEmpty && {
      body: encoding === "json" ? toJson(parameters, flags) : parameters.toString()
    })
  }
}

/** Without a charset: the type has none (WHATWG URL, application/x-www-form-urlencoded), and some servers refuse it. */
export const formType = "application/x-www-form-urlencoded"

/** The parameters under the vendor's names, without those that it refuses. */
export const vendorParameters = (
  { names = {}, omits = [] }: Pick<VendorRequestFormat, "names" | "omits">,
  parameters: URLSearchParams
): URLSearchParams => {
  // Most vendors use the standard's names, and all that it has.
  if (omits.length === 0 && Object.keys(names).length === 0) return parameters
  return new URLSearchParams(
    [...parameters]
      .filter(([name]) => !omits.includes(name))
      .map(([name, value]) => [names[name] ?? name, value])
  )
}

/** How requests to the vendor's token endpoint differ. */
export const tokenRequestFormat = (
  definition: OAuth2Definition,
  request: OAuth2Definition["refreshRequest"] | OAuth2Definition["tokenRequest"],
  values: TemplateValues
): VendorRequestFormat => ({
  names: definition.parameterNames,
  omits: request?.omits,
  encoding: request?.encoding,
  method: request?.unsafelySendsSecretsInUrl === true ? "GET" : undefined,
  headers: { ...userAgentHeader(definition, values), ...lowerCase(request?.headers) }
})

const lowerCase = (headers: Readonly<Record<string, string>> = {}) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))

/** A repeated parameter becomes a list (RFC 8707 §2). */
const toJson = (parameters: URLSearchParams, flags: ReadonlyArray<string>): string =>
  JSON.stringify(
    Object.fromEntries(
      [...new Set(parameters.keys())].map((name) => {
        if (flags.includes(name)) return [name, true]
        const values = parameters.getAll(name)
        return [name, values.length === 1 ? values[0] : values]
      })
    )
  )

/** A definition's own parameters of a request, filled in. */
export const ownParameters = (
  templates: Readonly<Record<string, string | true>> = {},
  { clientId }: Pick<AuthorizationServerSnapshot, "clientId">,
  values: TemplateValues
): Array<[string, string]> =>
  Object.entries(templates).map(([name, template]) => [
    name,
    template === true ? "true" : renderTemplate(template, { ...values, client_id: clientId })
  ])
