import { bodyOf } from "./bodyOf.ts"
import type { MountedRequest } from "./MountedRequest.ts"
import type { NodeRequest } from "./NodeExchange.ts"

/** A request that no web `Request` can stand for, so that no handler can answer it. */
export class RefusedRequest extends Error {
  readonly status: number
  readonly code: string
  readonly headers: Readonly<Record<string, string>>

  constructor(status: number, code: string, message: string, headers: Record<string, string> = {}) {
    super(message)
    this.status = status
    this.code = code
    this.headers = headers
  }
}

const malformed = (what: string): RefusedRequest =>
  new RefusedRequest(400, "validation_error", `The request's ${what} is malformed.`)

/** Never the Host header: whoever sends it would choose what URLs are built on (S-15). `.invalid` resolves nowhere. */
const origin = "http://hawser.invalid"

/** The path of `/path`, and of `http://host/path` as clients write it for a proxy (RFC 9112 §3.2). */
export const targetUrl = (target: string): URL | null =>
  // Not resolved against the origin: `//host/path` would replace it.
  target.startsWith("/") ? URL.parse(origin + target) : absolute(target)

const absolute = (target: string): URL | null => {
  const url = URL.parse(target)
  const isHttp = url?.protocol === "http:" || url?.protocol === "https:"
  return isHttp ? URL.parse(origin + url.pathname + url.search) : null
}

const hostPattern = /^(?:\[[0-9a-f:.]+\]|[\w.-]+)(?::\d{1,5})?$/i

const headersOf = (request: NodeRequest): Headers => {
  const headers = new Headers()
  const { rawHeaders } = request
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? ""
    // HTTP/2 lists its pseudo headers (`:path`) among the others.
    if (name.startsWith(":")) continue
    try {
      headers.append(name, rawHeaders[i + 1] ?? "")
    } catch {
      throw malformed("header")
    }
  }
  // The raw headers hold a second Host too, which makes the joined value malformed, as RFC 9112 §3.2 asks for.
  const host = headers.get("host")
  if (host !== null && !hostPattern.test(host)) throw malformed("Host header")
  return headers
}

/** The methods that the Fetch standard forbids to a `Request`. */
const forbiddenMethods = new Set(["CONNECT", "TRACE", "TRACK"])

/** Node's request as a web `Request`, with its body in memory. */
export const toRequest = async (
  request: NodeRequest,
  { body: replaced, target = request.url ?? "" }: Pick<MountedRequest, "body" | "target">
): Promise<Request> => {
  const method = request.method ?? "GET"
  if (forbiddenMethods.has(method)) {
    const message = `There is nothing to ${method} here.`
    throw new RefusedRequest(405, "method_not_allowed", message, {
      allow: "GET, POST, PUT, DELETE"
    })
  }
  const url = targetUrl(target)
  if (url === null) throw malformed("URL")
  const headers = headersOf(request)
  if (method === "GET" || method === "HEAD") return new Request(url, { method, headers })
  const body = await bodyOf(request, headers, replaced).catch(() => {
    throw malformed("body")
  })
  return new Request(url, { method, headers, body })
}
