import { bodyOf } from "./bodyOf.ts"
import type { MountedHeaders, MountedRequest } from "./MountedRequest.ts"
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

/** Of these Node keeps the first of several (https://nodejs.org/api/http.html#messageheaders); the others it joins. */
const keptOnce = new Set([
  "authorization",
  "content-length",
  "content-type",
  "from",
  "host",
  "if-modified-since",
  "if-unmodified-since",
  "max-forwards",
  "proxy-authorization",
  "referer",
  "user-agent"
])

/** What the client sent, by name; adapters that make up a request, as for Lambda, know none of it. */
const sentHeaders = ({ rawHeaders }: NodeRequest): ReadonlyMap<string, ReadonlyArray<string>> => {
  const sent = new Map<string, Array<string>>()
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = (rawHeaders[i] ?? "").toLowerCase()
    const values = sent.get(name) ?? []
    sent.set(name, values)
    values.push(rawHeaders[i + 1] ?? "")
  }
  return sent
}

/**
 * The headers as the host's middleware has left them. What the client sent twice stays twice, whatever became of it: the
 * joined value is malformed, so that nobody checks one `Authorization` or `Host` and acts on another (RFC 9110 §5.3).
 */
const headersOf = (request: NodeRequest, left: MountedHeaders): Headers => {
  const headers = new Headers()
  const sent = sentHeaders(request)
  for (const [name, value] of Object.entries(left)) {
    // HTTP/2 lists its pseudo headers (`:path`) among the others. Some remove a header by setting it to nothing.
    if (name.startsWith(":") || value === undefined || value === null) continue
    const twice = keptOnce.has(name.toLowerCase()) ? sent.get(name.toLowerCase()) : undefined
    const values = twice !== undefined && twice.length > 1 ? twice : [value].flat()
    try {
      for (const one of values) headers.append(name, textOf(one))
    } catch {
      throw malformed("header")
    }
  }
  const host = headers.get("host")
  if (host !== null && !hostPattern.test(host)) throw malformed("Host header")
  return headers
}

/** Some middleware sets numbers. */
const textOf = (value: unknown): string => {
  if (typeof value === "string") return value
  if (typeof value === "number" || typeof value === "boolean") return String(value)
  throw new TypeError("no header value")
}

/** The methods that the Fetch standard forbids to a `Request`. */
const forbiddenMethods = new Set(["CONNECT", "TRACE", "TRACK"])

/** Node's request as a web `Request`, with its body in memory. */
export const toRequest = async (
  request: NodeRequest,
  {
    body: replaced,
    headers: left = request.headers,
    target = request.url ?? ""
  }: Pick<MountedRequest, "body" | "headers" | "target">
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
  const headers = headersOf(request, left)
  if (method === "GET" || method === "HEAD") return new Request(url, { method, headers })
  const body = await bodyOf(request, headers, replaced).catch(() => {
    throw malformed("body")
  })
  if (body !== undefined) return new Request(url, { method, headers, body })
  const used = new Request(url, { method, headers, body: "-" })
  await used.text()
  return used
}
