import { Effect } from "effect"
import {
  type EndpointNotAllowed,
  type FieldValues,
  type ProviderDefinition,
  secretUrl
} from "../provider/index.ts"

/** More layers of escapes than anybody writes on purpose. */
const mostLayers = 4

/** UTF-8 that is longer than it need be: lenient decoders read `%c0%ae` as a dot (RFC 3629 §10). */
const overlong = /%(?:c[01]|e0%[89]|f0%8)/i

/** One layer of escapes less; those that are not UTF-8 stay. IIS reads `%u002e` as well. */
const unescaped = (text: string): string =>
  text
    .replace(/%u([0-9a-f]{4})/gi, (_, code: string) =>
      String.fromCharCode(Number.parseInt(code, 16))
    )
    .replace(/(?:%[0-9a-f]{2})+/gi, (run) => {
      try {
        return decodeURIComponent(run)
      } catch {
        return run
      }
    })

/**
 * Everything that a proxy, a framework or a file system may read a URL's path as: the path itself, and then with each layer of
 * escapes undone and compatibility forms of characters (NFKC: `．` is a dot, `／` a slash) replaced. Undefined if there is no
 * telling, because its escapes are overlong or do not come to an end.
 */
export const pathReadings = (path: string): ReadonlyArray<string> | undefined => {
  const readings = [path]
  let last = path
  while (!overlong.test(last)) {
    const next = unescaped(last).normalize("NFKC")
    if (next === last) return readings
    if (readings.length > mostLayers) return undefined
    readings.push(next)
    last = next
  }
  return undefined
}

/**
 * A segment `..` in any reading: some take `\` for a slash, cut a segment at `;`, end the path at `?`, `#` or a control character,
 * or drop spaces and dots at the end of a segment.
 */
const climbing = /(?:^|[/\\])\.\.[\s.]*(?:[/\\;?#\u0000-\u001f\u007f]|$)/

/** Whether somebody on the way may read this path of a URL as one that leads out of where it stands. */
const mayClimb = (path: string): boolean =>
  pathReadings(path)?.some((reading) => climbing.test(reading)) ?? true

/** Where a tenant's credential may be sent: to these origins and nowhere else. */
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
