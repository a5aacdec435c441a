import { Effect } from "effect"
import { ValidationError } from "../model/index.ts"

/** What a caller of `authorizedFetch` asks for, read by the rules of fetch. */
export interface ApiRequest {
  readonly method: string
  readonly headers: Headers
  /** A stream can be sent once only. */
  readonly body: Uint8Array | ReadableStream<Uint8Array> | undefined
  readonly redirect: RequestRedirect
  readonly signal: AbortSignal | undefined
}

/** Fetch's own errors repeat header values, and those may be secrets. */
const invalid = () => new ValidationError({ details: [{ path: "init", code: "invalid" }] })

/** Not by `instanceof`: under Jest, or with a fetch of the host's own, there is more than one `Request`. */
export const isRequest = (input: string | URL | Request): input is Request =>
  typeof input === "object" && "url" in input

/** The arguments of fetch as one: what `init` says counts before what the request says. */
export const requestInit = (input: string | URL | Request, init: RequestInit): RequestInit => {
  if (!isRequest(input)) return init
  // Null says something: no body, no signal.
  const { body = input.body, headers = input.headers, signal = input.signal } = init
  const { method = input.method, redirect = input.redirect } = init
  return { body, headers, method, redirect, signal }
}

/** Fails where fetch would refuse it: a method or header that HTTP does not have, a body where none may be. */
export const apiRequest = Effect.fnUntraced(function* (
  input: string | URL | Request,
  init: RequestInit
): Effect.fn.Return<ApiRequest, ValidationError> {
  const { body, headers, method, redirect, signal } = requestInit(input, init)
  const request = yield* Effect.try({
    try: () => {
      const merged = {
        method: method ?? "GET",
        headers: new Headers(headers),
        body: body ?? null,
        redirect: redirect ?? "follow",
        // What Node wants to be said of a stream.
        duplex: "half"
      }
      return new Request("https://api.invalid/", merged)
    },
    catch: invalid
  })
  const read = bodyReader(request, body, isRequest(input) && init.body === undefined)
  return {
    method: request.method,
    headers: request.headers,
    body: yield* Effect.tryPromise({ try: read, catch: invalid }),
    redirect: request.redirect,
    signal: signal ?? undefined
  }
})

const bodyReader =
  (request: Request, body: RequestInit["body"], isOfRequest: boolean) => async () => {
    if (request.body === null) return undefined
    if (!(body instanceof ReadableStream)) return new Uint8Array(await request.arrayBuffer())
    return isOfRequest ? readAhead(request.body) : request.body
  }

/** Bytes of a `Request` that are read before it is sent. */
const aheadBytes = 1024 * 1024

/**
 * The body of a `Request` is a stream whatever it was made of. A short one is read, so that its length can be told and it can be
 * sent again; a long one goes on as it comes.
 */
const readAhead = async (
  stream: ReadableStream<Uint8Array>
): Promise<Uint8Array | ReadableStream<Uint8Array>> => {
  const reader = stream.getReader()
  const chunks: Array<Uint8Array<ArrayBuffer>> = []
  for (let size = 0; size <= aheadBytes;) {
    const { done, value } = await reader.read()
    if (done) return new Uint8Array(await new Blob(chunks).arrayBuffer())
    chunks.push(new Uint8Array(value))
    size += value.length
  }
  return new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      const ahead = chunks.shift()
      if (ahead !== undefined) return controller.enqueue(ahead)
      const { done, value } = await reader.read()
      return done ? controller.close() : controller.enqueue(value)
    },
    cancel: (reason) => reader.cancel(reason)
  })
}
