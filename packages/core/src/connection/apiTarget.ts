import { Effect } from "effect"
import {
  capturesOf,
  type EndpointNotAllowed,
  type FieldValues,
  isAmbiguous,
  mayClimb,
  placeholders,
  type ProviderDefinition,
  secretUrl,
  urlBelow
} from "../provider/index.ts"

/** Where a tenant's credential may be sent: to these origins and nowhere else. */
export interface ApiOrigins {
  readonly base: URL
  readonly origins: ReadonlySet<string>
  /**
   * The path of the base URL, if it names the account that the connection is to: the token may open others of the same
   * person, and they are not this connection's.
   */
  readonly accountPath: string | undefined
}

/** Where the API is for this tenant, by the definition of now. */
export const apiOrigins = Effect.fnUntraced(function* (
  definition: ProviderDefinition,
  { baseUrl, hosts }: NonNullable<ProviderDefinition["api"]>,
  stored: FieldValues
): Effect.fn.Return<ApiOrigins, EndpointNotAllowed> {
  const base = new URL(yield* secretUrl(definition, "api.baseUrl", stored))
  const captures = capturesOf(definition)
  const [, , , ...path] = baseUrl.split("/")
  const namesAccount = path.flatMap(placeholders).some((name) => Object.hasOwn(captures, name))
  return {
    base,
    origins: new Set([base.origin, ...(hosts ?? []).map((host) => `${base.protocol}//${host}`)]),
    accountPath: namesAccount ? `${base.pathname.replace(/\/$/, "")}/` : undefined
  }
})

/** Whether a URL of these origins is of the account that the connection is to. */
const isOfAccount = ({ accountPath, base }: ApiOrigins, { origin, pathname }: URL): boolean =>
  accountPath === undefined || origin !== base.origin || pathname.startsWith(accountPath)

/** Whether the credential goes along where a redirect leads. */
export const takesCredential = (api: ApiOrigins, url: URL): boolean =>
  api.origins.has(url.origin) && isOfAccount(api, url)

/**
 * The URL that a path below the base URL, or an absolute URL of the API, means. An absolute one must begin with its origin
 * letter by letter: no user name, port, dot or other spelling of the same name stands for it. No path of either may be read
 * as one that leads elsewhere.
 */
export const apiTarget = (
  api: ApiOrigins,
  input: string | URL
): URL | "malformed" | "host" | "account" => {
  const text = String(input)
  if (text.startsWith("/")) return urlBelow(api.base, text) ?? "malformed"
  if (isAmbiguous(text)) return "malformed"
  const origin = /^https?:\/\/[^/?#]+/i.exec(text)?.[0].toLowerCase()
  if (origin === undefined) return "malformed"
  if (!api.origins.has(origin)) return "host"
  const url = new URL(text)
  if (mayClimb(url.pathname)) return "malformed"
  return isOfAccount(api, url) ? url : "account"
}
