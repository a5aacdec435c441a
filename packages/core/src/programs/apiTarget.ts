import { Effect } from "effect"
import { mayClimb } from "../domain/pathReadings.ts"
import type { ProviderDefinition } from "../domain/ProviderDefinition.ts"
import type { FieldValues } from "./fields.ts"
import { type EndpointNotAllowed, secretUrl } from "./secretUrl.ts"

/** Where a tenant's credential may be sent: to these origins and nowhere else (S-40). */
export interface ApiOrigins {
  readonly base: URL
  readonly origins: ReadonlySet<string>
}

/** Where the API is for this tenant, by the definition of now. */
export const apiOrigins = Effect.fnUntraced(function* (
  definition: ProviderDefinition,
  stored: FieldValues
): Effect.fn.Return<ApiOrigins, EndpointNotAllowed> {
  const base = new URL(yield* secretUrl(definition, "api.baseUrl", stored))
  const others = (definition.api?.hosts ?? []).map((host) => `${base.protocol}//${host}`)
  return { base, origins: new Set([base.origin, ...others]) }
})

/** Read in two ways by two readers: tabs and line ends that are dropped, backslashes that become slashes. */
const ambiguous = /[\u0000-\u001f\u007f\\]/

/**
 * The URL that a path below the base URL, or an absolute URL of the API, means. An absolute one must begin with its origin
 * letter by letter: no user name, port, dot or other spelling of the same name stands for it. No path of either may be read
 * as one that leads elsewhere.
 */
export const apiTarget = (
  { base, origins }: ApiOrigins,
  input: string | URL
): URL | "malformed" | "host" => {
  const text = String(input)
  if (ambiguous.test(text)) return "malformed"
  if (text.startsWith("/")) {
    const basePath = base.pathname.replace(/\/$/, "")
    const url = text.startsWith("//") ? null : URL.parse(`${base.origin}${basePath}${text}`)
    // `..` leads out of a base path, and perhaps to another version, product or tenant.
    return url?.pathname.startsWith(`${basePath}/`) === true && !mayClimb(url.pathname)
      ? url
      : "malformed"
  }
  const origin = /^https?:\/\/[^/?#]+/i.exec(text)?.[0].toLowerCase()
  if (origin === undefined) return "malformed"
  const url = URL.parse(text)
  if (url === null || !origins.has(origin) || !origins.has(url.origin)) return "host"
  return mayClimb(url.pathname) ? "malformed" : url
}
