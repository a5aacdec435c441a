import { Effect, Redacted } from "effect"
import * as oauth from "oauth4webapi"
import { isLoopback } from "../provider/index.ts"
import { Egress, EgressError, type EgressStreamRequest } from "../services/index.ts"
import type { UsableToken } from "./AuthorizationServerClient.ts"
import { dpopHandle, withNonceRetry } from "./dpop.ts"
import { awaitedRequests } from "./egressFetch.ts"
import { withoutLibrary } from "./vendorRequest.ts"

/**
 * Makes a request with a token that is bound to a key, and a proof of that key for this very request (RFC 9449 §7.1);
 * repeats it once if the server wants its nonce in the proof, unless the body is a stream.
 */
export const requestWithProof = Effect.fnUntraced(function* (
  { accessToken, dpopKey }: UsableToken,
  { body, headers, method, url }: Pick<EgressStreamRequest, "body" | "headers" | "method" | "url">,
  request: (
    headers: Readonly<Record<string, string>>
  ) => Effect.Effect<Response, EgressError, Egress>
) {
  const { failure, send } = yield* awaitedRequests
  return yield* Effect.tryPromise({
    try: async (signal) => {
      const DPoP = await dpopHandle(dpopKey)
      const attempt = () =>
        oauth.protectedResourceRequest(
          Redacted.value(accessToken),
          method,
          url,
          new Headers(headers),
          undefined,
          {
            ...(DPoP !== undefined && { DPoP }),
            [oauth.customFetch]: async (_url, proven) =>
              send(request(withoutLibrary(proven.headers)), signal),
            [oauth.allowInsecureRequests]: isLoopback(url.hostname)
          }
        )
      try {
        return body instanceof ReadableStream
          ? await attempt()
          : await withNonceRetry(DPoP, attempt)
      } catch (error) {
        // A challenge is a normal response here: the caller interprets it.
        if (error instanceof oauth.WWWAuthenticateChallengeError) return error.response
        throw error
      }
    },
    catch: (cause) =>
      failure() ??
      new EgressError({ reason: "connection_failed", host: url.host, sent: false, cause })
  })
})

/** Opens an API request with a token that is bound to a key. */
export const openWithProof = (request: EgressStreamRequest, token: UsableToken) =>
  requestWithProof(token, request, (headers) =>
    Effect.flatMap(Egress, (egress) => egress.open({ ...request, headers }))
  )
