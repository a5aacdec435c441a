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
export const mayClimb = (path: string): boolean =>
  pathReadings(path)?.some((reading) => climbing.test(reading)) ?? true

/** Read in two ways by two readers: tabs and line ends that are dropped, backslashes that become slashes. */
const ambiguous = /[\u0000-\u001f\u007f\\]/

export const isAmbiguous = (text: string): boolean => ambiguous.test(text)

/**
 * The URL of a path below the base, which begins with `/`; undefined if somebody may read the path as one that leads elsewhere:
 * `..` leads out of a base path, and perhaps to another version, product or tenant.
 */
export const urlBelow = (base: URL, path: string): URL | undefined => {
  if (!/^\/(?!\/)/.test(path) || isAmbiguous(path)) return undefined
  const folder = base.pathname.replace(/\/$/, "")
  const url = new URL(`${base.origin}${folder}${path}`)
  return url.pathname.startsWith(`${folder}/`) && !mayClimb(url.pathname) ? url : undefined
}
