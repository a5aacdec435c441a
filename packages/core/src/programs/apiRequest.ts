import { Effect } from "effect"
import { ValidationError } from "../domain/Errors.ts"

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

/** Fails where fetch would refuse it: a method or header that HTTP does not have, a body where none may be. */
export const apiRequest = Effect.fnUntraced(function* ({
  body,
  headers,
  method,
  redirect,
  signal
}: RequestInit): Effect.fn.Return<ApiRequest, ValidationError> {
  const request = yield* Effect.try({
    try: () => {
      const init = {
        method: method ?? "GET",
        headers: new Headers(headers),
        body: body ?? null,
        redirect: redirect ?? "follow",
        // What Node wants to be said of a stream.
        duplex: "half"
      }
      return new Request("https://api.invalid/", init)
    },
    catch: invalid
  })
  return {
    method: request.method,
    headers: request.headers,
    body:
      request.body === null
        ? undefined
        : body instanceof ReadableStream
          ? request.body
          : yield* Effect.tryPromise({
              try: async () => new Uint8Array(await request.arrayBuffer()),
              catch: invalid
            }),
    redirect: request.redirect,
    signal: signal ?? undefined
  }
})
