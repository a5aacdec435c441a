import type { IncomingMessage } from "node:http"

/** Framing and routing are the egress's own: a caller's Host could name what `hosts` does not. */
const ownHeaders = new Set([
  "accept-encoding",
  "connection",
  "content-length",
  "expect",
  "host",
  "keep-alive",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade"
])

/** The headers of a request, without those that are the egress's own. */
export const requestHeaders = (
  headers: Readonly<Record<string, string>>
): Record<string, string> => ({
  // GitHub refuses requests without one (docs.github.com, "Getting started with the REST API").
  "user-agent": "hawser",
  ...Object.fromEntries(
    Object.entries(headers)
      .map(([name, value]) => [name.toLowerCase(), value] as const)
      .filter(([name]) => !ownHeaders.has(name))
  )
})

/** Of the connection between two machines, and so of no concern to who asked (RFC 9110 §7.6.1). */
const hopByHop = [
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade"
]

/** The headers of an answer as they came, without those that end here. */
export const answerHeaders = ({ rawHeaders }: IncomingMessage): Headers => {
  const headers = new Headers()
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    headers.append(rawHeaders[i] ?? "", rawHeaders[i + 1] ?? "")
  }
  for (const name of hopByHop) headers.delete(name)
  return headers
}

/** For a body that is handed on decompressed: these describe it as it was sent. */
export const withoutEncoding = (headers: Headers): Headers => {
  headers.delete("content-encoding")
  headers.delete("content-length")
  return headers
}

/**
 * The status of an answer. Throws for one that no answer has, such as 999: a host may have replaced the global `Response` with
 * one that does not check it.
 */
export const answerStatus = ({ statusCode = 0 }: IncomingMessage): number => {
  if (statusCode < 200 || statusCode > 599) throw new RangeError("no status of an answer")
  return statusCode
}

/** Statuses with which no `Response` may have a body. */
export const forbidsBody = (status: number): boolean =>
  status === 204 || status === 205 || status === 304
