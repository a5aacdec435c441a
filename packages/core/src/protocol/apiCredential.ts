import { Redacted } from "effect"
import { Base64 } from "effect/encoding"
import type { Secret } from "../model/index.ts"
import {
  type ApiKeyDefinition,
  type ClientCredentials,
  type FieldValues,
  type LiveCheck,
  type OAuth2Definition,
  placeholders,
  type ProviderDefinition,
  renderTemplate,
  type SecretUrl
} from "../provider/index.ts"
import type { Probe, UsableToken } from "./AuthorizationServerClient.ts"

/** How a request carries the credential. Header names are in lower case. */
export interface ApiCredential {
  readonly headers: Readonly<Record<string, string>>
  /** Query parameters, for a provider that knows no other way. */
  readonly query: Readonly<Record<string, string>>
  /** The token, if each request needs a proof of its key (RFC 9449). */
  readonly bound?: UsableToken
}

/** An access token in the definition's header. A token that is bound to a key has its own header. */
export const tokenCredential = (
  { tokenHeader }: Pick<OAuth2Definition, "tokenHeader">,
  token: UsableToken
): ApiCredential => {
  const { accessToken, dpopKey } = token
  if (dpopKey !== undefined) return { headers: {}, query: {}, bound: token }
  const { name, template } = tokenHeader ?? {
    name: "authorization",
    template: "Bearer {access_token}"
  }
  const value = renderTemplate(template, { access_token: Redacted.value(accessToken) })
  return { headers: { [name.toLowerCase()]: value }, query: {} }
}

/** The fields of an API key in the places that the definition names. */
export const keyCredential = (
  { basic, headers, query }: Pick<ApiKeyDefinition, "basic" | "headers" | "query">,
  values: FieldValues
): ApiCredential => {
  const rendered = (templates: Readonly<Record<string, string>> = {}) =>
    Object.entries(templates).map(
      ([name, template]) => [name, renderTemplate(template, values)] as const
    )
  return {
    headers: {
      ...Object.fromEntries(rendered(headers).map(([name, value]) => [name.toLowerCase(), value])),
      ...(basic !== undefined && {
        authorization: `Basic ${Base64.encode(
          `${renderTemplate(basic.username, values)}:${renderTemplate(basic.password, values)}`
        )}`
      })
    },
    query: Object.fromEntries(rendered(query))
  }
}

/** The token that client credentials were exchanged for, and the headers that carry the key itself. */
export const withClientToken = (
  credential: ApiCredential,
  definition: Pick<ClientCredentials, "tokenHeader">,
  accessToken: Secret
): ApiCredential => {
  const { headers } = tokenCredential(definition, { accessToken, dpopKey: undefined })
  return { ...credential, headers: { ...credential.headers, ...headers } }
}

/**
 * The headers of each request to the provider's API. A header is left out while its value is missing, because it is
 * captured later or was not filled in.
 */
export const staticHeaders = (
  apiHeaders: Readonly<Record<string, string>> = {},
  values: FieldValues = {}
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(apiHeaders)
      .filter(([, template]) => placeholders(template).every((name) => Object.hasOwn(values, name)))
      .map(([name, template]) => [name.toLowerCase(), renderTemplate(template, values)])
  )

/** The headers whose values are the connection's own, in lower case: the account that was chosen, a workspace. */
export const headersOfConnection = (
  apiHeaders: Readonly<Record<string, string>> = {}
): ReadonlySet<string> =>
  new Set(
    Object.entries(apiHeaders).flatMap(([name, template]) =>
      placeholders(template).length > 0 ? [name.toLowerCase()] : []
    )
  )

/** The `User-Agent` of all requests to a vendor, if the definition names one; otherwise the egress adds Hawser's. */
export const userAgentHeader = (
  { apiHeaders = {} }: Pick<ProviderDefinition, "apiHeaders">,
  values: FieldValues
): Readonly<Record<string, string>> =>
  staticHeaders(
    Object.fromEntries(
      Object.entries(apiHeaders).filter(([name]) => name.toLowerCase() === "user-agent")
    ),
    values
  )

/** Longer than for a token endpoint: a user may belong to several hundred organisations, and a list of them is often asked for. */
const longestList = 1024 * 1024

/** A definition's fixed request with the headers of each request to the API. */
export const makeProbe = (
  { body, headers, method }: Pick<LiveCheck, "body" | "headers" | "method">,
  url: SecretUrl,
  apiHeaders: Readonly<Record<string, string>> | undefined,
  values: FieldValues
): Probe => ({
  url,
  method,
  body,
  headers: { ...staticHeaders(apiHeaders, values), ...staticHeaders(headers) },
  maxBodyBytes: longestList
})

/** The headers of a definition's fixed request, without the credential. */
export const probeHeaders = ({
  body,
  headers
}: Pick<Probe, "body" | "headers">): Readonly<Record<string, string>> => ({
  accept: "application/json",
  ...(body !== undefined && { "content-type": "application/json" }),
  ...headers
})

/** Adds the credential's query parameters, replacing those of the same name. */
export const withQuery = (url: URL, { query }: ApiCredential): URL => {
  const carrying = new URL(url)
  for (const [name, value] of Object.entries(query)) carrying.searchParams.set(name, value)
  return carrying
}
