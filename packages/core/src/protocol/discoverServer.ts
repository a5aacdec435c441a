import { Effect } from "effect"
import * as oauth from "oauth4webapi"
import { DiscoveryFailed } from "../model/index.ts"
import { isLoopback } from "../provider/index.ts"
import type { EgressError } from "../services/index.ts"
import { metadataFetch } from "./egressFetch.ts"

/** Which document is asked for: that of OpenID Connect Discovery §4, or that of RFC 8414 §3. */
export type MetadataDocument = "openid-configuration" | "oauth-authorization-server"

/**
 * The metadata that a server publishes under its issuer, by one request. Its `issuer` is the one asked for, character by
 * character (RFC 8414 §3.3): with another, the endpoints would be those of somebody else.
 *
 * Fails with `DiscoveryFailed`.
 */
export const discoverServer = Effect.fn("Hawser.discoverServer")(function* (
  issuer: string,
  document: MetadataDocument
) {
  const url = URL.parse(issuer)
  // RFC 8414 §2: no query and no fragment. A template has no metadata of its own.
  if (url === null || /[?#{}]/.test(issuer)) {
    return yield* new DiscoveryFailed({
      issuer,
      reason: "invalid_metadata",
      problem: "the issuer is not a URL without query and fragment"
    })
  }
  const { failure, fetch } = yield* metadataFetch
  const metadata = yield* Effect.tryPromise({
    try: async () =>
      oauth.processDiscoveryResponse(
        url,
        await oauth.discoveryRequest(url, {
          algorithm: document === "openid-configuration" ? "oidc" : "oauth2",
          [oauth.customFetch]: (href, { headers }) => fetch(href, { method: "GET", headers }),
          // The egress decides about plain http.
          [oauth.allowInsecureRequests]: isLoopback(url.hostname)
        })
      ),
    catch: (cause) => failureOf(issuer, failure(), cause)
  })
  // The library compares URLs as browsers write them, and so passes over a slash at the end.
  if (metadata.issuer !== issuer)
    return yield* new DiscoveryFailed({ issuer, reason: "issuer_mismatch" })
  return metadata
})

/** No text of the server's goes into it: only the library's code and the status are looked at. */
const failureOf = (
  issuer: string,
  egressError: EgressError | undefined,
  cause: unknown
): DiscoveryFailed => {
  if (egressError !== undefined)
    return new DiscoveryFailed({ issuer, reason: "unreachable", cause: egressError })
  if (!(cause instanceof oauth.OperationProcessingError))
    return new DiscoveryFailed({ issuer, reason: "invalid_metadata" })
  if (cause.code === oauth.JSON_ATTRIBUTE_COMPARISON)
    return new DiscoveryFailed({ issuer, reason: "issuer_mismatch" })
  const status = cause.cause instanceof Response ? cause.cause.status : 200
  if (status >= 500 || status === 429) return new DiscoveryFailed({ issuer, reason: "unreachable" })
  return new DiscoveryFailed({ issuer, reason: status === 200 ? "invalid_metadata" : "not_found" })
}
