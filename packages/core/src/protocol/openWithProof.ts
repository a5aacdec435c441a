import { Effect, Redacted } from "effect"
import * as oauth from "oauth4webapi"
import { isLoopback } from "../provider/index.ts"
import { Egress, EgressError, type EgressStreamRequest } from "../services/index.ts"
import type { UsableToken } from "./AuthorizationServerClient.ts"
import { dpopHandle, withNonceRetry } from "./dpop.ts"
import { withoutLibrary } from "./vendorRequest.ts"

/**
 * Sends an API request with a token that is bound to a key, and a proof of that key for this very request (RFC 9449 §7.1);
 * repeats it once if the server wants its nonce in the proof, unless the body is a stream.
 */
export const openWithProof = Effect.fnUntraced(function* (
  request: EgressStreamRequest,
  { accessToken, dpopKey }: UsableToken
) {
  const egress = yield* Egress
  const run = Effect.runPromiseWith(yield* Effect.context())
  let failure: EgressError | undefined
  return yield* Effect.tryPromise({
    try: async () => {
      const DPoP = await dpopHandle(dpopKey)
      const attempt = () =>
        oauth.protectedResourceRequest(
          Redacted.value(accessToken),
          request.method,
          request.url,
          new Headers(request.headers),
          undefined,
          {
            ...(DPoP !== undefined && { DPoP }),
            [oauth.customFetch]: async (_url, { headers }) => {
              const answer = await run(
                Effect.result(egress.open({ ...request, headers: withoutLibrary(headers) }))
              )
              if (answer._tag === "Success") return answer.success
              failure = answer.failure
              throw answer.failure
            },
            [oauth.allowInsecureRequests]: isLoopback(request.url.hostname)
          }
        )
      try {
        return request.body instanceof ReadableStream
          ? await attempt()
          : await withNonceRetry(DPoP, attempt)
      } catch (error) {
        // A challenge is a normal response here: the caller interprets it.
        if (error instanceof oauth.WWWAuthenticateChallengeError) return error.response
        throw error
      }
    },
    catch: (cause) =>
      failure ??
      new EgressError({ reason: "connection_failed", host: request.url.host, sent: false, cause })
  })
})
