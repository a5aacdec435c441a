import type { IncomingMessage, ServerResponse } from "node:http"
import type { Http2ServerRequest, Http2ServerResponse } from "node:http2"
import { Readable } from "node:stream"
import type { ClientAddress, HandlerRequest, HandlerResponse } from "./Handler.ts"

/** What `node:http`, or `node:http2` by its compatibility API, hands to a listener. */
export type NodeRequest = IncomingMessage | Http2ServerRequest

/** What `node:http`, or `node:http2` by its compatibility API, takes the answer by. */
export type NodeResponse = ServerResponse | Http2ServerResponse

/** What a framework knows of a request that Node's own does not say. */
export interface MountedRequest {
  /** The framework's own request, for the host's hooks. */
  readonly native: unknown
  /** The client's address, or how to ask for it by the framework's own trust setting, which may throw. */
  readonly address: string | Pick<ClientAddress, "setting" | "ask"> | undefined
  /** Of the target as it came, where a framework has cut its mount path off `request.url`; null when it is none. */
  readonly url?: URL | null
  /** The headers as middleware has left them, where a framework keeps them apart from the request's own. */
  readonly headers?: Readonly<Record<string, unknown>>
  /** The body where the host has replaced it: a stream, bytes, text, or what a parser made of them. */
  readonly body?: unknown
}

/** An answer in the contract's error body. */
export const problem = (
  status: number,
  error: string,
  message: string,
  headers: Readonly<Record<string, string>> = {}
): HandlerResponse => ({
  status,
  headers: { "content-type": "application/json", "cache-control": "no-store", ...headers },
  body: JSON.stringify({ error, message })
})

/** A request that no web `Request` can stand for, and what it is answered: no handler is asked. */
export class RefusedRequest extends Error {
  readonly response: HandlerResponse

  constructor(response: HandlerResponse) {
    super()
    this.response = response
  }
}

const malformed = (what: string): RefusedRequest =>
  new RefusedRequest(problem(400, "validation_error", `The request's ${what} is malformed.`))

/** The methods that the Fetch standard forbids to a `Request`. */
const forbiddenMethods = new Set(["CONNECT", "TRACE", "TRACK"])

const nothing = Buffer.alloc(0)

/** Node's request as the handler's, with its body in memory. */
export const readRequest = async (
  request: NodeRequest,
  {
    address,
    body: replaced,
    headers: left = request.headers,
    native,
    url = targetUrl(request.url ?? "")
  }: MountedRequest
): Promise<HandlerRequest> => {
  const { method = "GET" } = request
  if (forbiddenMethods.has(method)) {
    throw new RefusedRequest(
      problem(405, "method_not_allowed", `There is nothing to ${method} here.`, {
        allow: "GET, POST, PUT, DELETE"
      })
    )
  }
  if (url === null) throw malformed("URL")
  const headers = readHeaders(request, left)
  const body =
    method === "GET" || method === "HEAD"
      ? nothing
      : await readBody(request, headers, replaced).catch(() => {
          throw malformed("body")
        })
  return {
    method,
    path: url.pathname,
    query: url.search,
    header: (name) => headers.get(name) ?? null,
    body: async () => body,
    address:
      typeof address === "object" ? { ...address, peer: request.socket.remoteAddress } : address,
    native,
    toRequest: () => new Request(url, { method, headers: [...headers] })
  }
}

/** Never the Host header: an attacker who sends it would choose what URLs are built on. `.invalid` resolves nowhere. */
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

/** By their names in small letters. */
type HeaderMap = Map<string, string>

const hostPattern = /^(?:\[[0-9a-f:.]+\]|[\w.-]+)(?::\d{1,5})?$/i

/** What may stand in a header, as the Fetch standard has it; a name is a token (RFC 9110 §5.1). */
const namePattern = /^[\w!#$%&'*+.^`|~-]+$/
const valuePattern = /^[^\0\r\n\u0100-\uffff]*$/

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

/** Those of them that the client sent twice, and what; adapters that make up a request, as for Lambda, know none of it. */
const sentTwice = ({ rawHeaders }: NodeRequest): ReadonlyMap<string, ReadonlyArray<string>> => {
  const seen = new Set<string>()
  let isRepeated = false
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = (rawHeaders[i] ?? "").toLowerCase()
    if (!keptOnce.has(name)) continue
    isRepeated ||= seen.has(name)
    seen.add(name)
  }
  // Hardly any request has such a header, and a list for each that it has would be made for nothing.
  if (!isRepeated) return none
  const sent = new Map<string, Array<string>>()
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = (rawHeaders[i] ?? "").toLowerCase()
    if (seen.has(name)) sent.set(name, [...(sent.get(name) ?? []), rawHeaders[i + 1] ?? ""])
  }
  return sent
}

const none: ReadonlyMap<string, ReadonlyArray<string>> = new Map()

/**
 * The headers as the host's middleware has left them. What the client sent twice stays twice, whatever became of it: the
 * joined value is malformed, so that nobody checks one `Authorization` or `Host` and acts on another (RFC 9110 §5.3).
 */
const readHeaders = (request: NodeRequest, left: Readonly<Record<string, unknown>>): HeaderMap => {
  const headers: HeaderMap = new Map()
  const sent = sentTwice(request)
  for (const spelling of Object.keys(left)) {
    const value = left[spelling]
    // HTTP/2 lists its pseudo headers (`:path`) among the others. Some remove a header by setting it to nothing.
    if (spelling.startsWith(":") || value === undefined || value === null) continue
    const name = spelling.toLowerCase()
    const values = sent.get(name)
    const isTwice = values !== undefined && values.length > 1
    for (const one of isTwice
      ? values
      : Array.isArray(value)
        ? (value as Array<unknown>)
        : [value]) {
      const text = headerText(one)
      if (text === undefined || !namePattern.test(name) || !valuePattern.test(text)) {
        throw malformed("header")
      }
      const before = headers.get(name)
      headers.set(name, before === undefined ? text : `${before}, ${text}`)
    }
  }
  const host = headers.get("host")
  if (host !== undefined && !hostPattern.test(host)) throw malformed("Host header")
  return headers
}

/** Some middleware sets numbers. */
const headerText = (value: unknown): string | undefined => {
  if (typeof value === "string") return value.trim()
  return typeof value === "number" || typeof value === "boolean" ? String(value) : undefined
}

/** The contract's limit is 64 KiB: the byte more is what shows the handler that there was more. */
const maxBytes = 64 * 1024 + 1

type Body = Uint8Array<ArrayBuffer>

/**
 * The request's body, at most `maxBytes` of it. Rejects where the client left before it was complete.
 *
 * Where the host has read the stream already, waiting for its end would never end, so what its parser left behind is
 * taken: exact where it kept the bytes, otherwise written again as the content type says. Undefined if it left nothing
 * of a body that was there.
 */
export const readBody = async (
  request: NodeRequest,
  headers: HeaderMap,
  replaced?: unknown
): Promise<Body | undefined> => {
  const isUnread = !request.readableDidRead && !request.readableEnded
  if (isUnread && replaced === undefined) return readUpTo(request, maxBytes)
  const hadBody = hasBody(request, headers)
  // They describe the bytes on the wire, not what the host's parser made of them.
  headers.delete("content-encoding")
  headers.delete("content-length")
  if (replaced instanceof Readable) {
    return readUpTo(replaced, maxBytes).finally(() => {
      // The packed bytes are read to their end, as of every body. The unpacked stream is not: a few bytes may unpack to very many.
      request.unpipe()
      replaced.destroy()
      request.resume()
    })
  }
  const { body, rawBody } = request as { readonly body?: unknown; readonly rawBody?: unknown }
  const parsed = replaced ?? rawBody ?? body
  if (parsed === undefined || parsed === null) return hadBody ? undefined : Buffer.alloc(0)
  if (parsed instanceof Uint8Array) return new Uint8Array(parsed)
  if (typeof parsed === "string") return Buffer.from(parsed)
  const isForm = headers.get("content-type")?.startsWith("application/x-www-form-urlencoded")
  return Buffer.from(isForm === true ? writeForm(parsed) : JSON.stringify(parsed))
}

/** By what a message says of its body (RFC 9112 §6.3); over HTTP/2, whether its headers were all of it. */
const hasBody = (request: NodeRequest, headers: HeaderMap): boolean => {
  const length = headers.get("content-length")
  if (length !== undefined) return length !== "0"
  return "stream" in request ? !request.stream.endAfterHeaders : headers.has("transfer-encoding")
}

const readUpTo = (stream: NodeRequest | Readable, limit: number): Promise<Body> =>
  new Promise((resolve, reject) => {
    const chunks: Array<Buffer> = []
    let size = 0
    const onData = (data: Buffer | string) => {
      const chunk = typeof data === "string" ? Buffer.from(data) : data
      chunks.push(chunk)
      size += chunk.length
      if (size >= limit) onEnd()
    }
    const onEnd = () => {
      // HTTP/2 ends the body of a stream that was reset just as it ends a whole one.
      if ("aborted" in stream && stream.aborted) return onCutOff()
      // What still comes flows away unseen: many clients read the answer only after they have sent everything.
      // Each complete request is closed too, and an error takes its time to be made.
      stream.off("data", onData).off("close", onCutOff)
      resolve(Buffer.concat(chunks, Math.min(size, limit)))
    }
    const onCutOff = () => reject(new Error("The client left in the middle of its request."))
    stream.on("data", onData).on("end", onEnd).on("close", onCutOff).on("error", onCutOff)
    if (stream.destroyed) onCutOff()
  })

/** A parsed form as a form again. What a parser nested (`a[b]=c`) has no place in any body of the contract. */
const writeForm = (parsed: object): string => {
  const entries = Object.entries(parsed)
  const [name, value] = entries[0] ?? []
  // `curl -d '{…}'` sends JSON as a form, of which a form parser makes one name without a value.
  if (entries.length === 1 && value === "" && name?.startsWith("{") === true) return name
  const form = new URLSearchParams()
  for (const [name, values] of entries) {
    for (const value of [values].flat()) if (typeof value === "string") form.append(name, value)
  }
  return form.toString()
}
