import { Effect } from "effect"
import * as oauth from "oauth4webapi"
import { DiscoveryFailed, shownUrl } from "../model/index.ts"
import { isLoopback } from "../provider/index.ts"
import { type EgressError, program } from "../services/index.ts"
import { metadataFetch } from "./egressFetch.ts"

/** Which document to fetch: that of OpenID Connect Discovery §4, or that of RFC 8414 §3. */
export type MetadataDocument = "openid-configuration" | "oauth-authorization-server"

/**
 * Fetches the metadata that a server publishes under its issuer, by one request. Its `issuer` must equal the given one,
 * character by character (RFC 8414 §3.3): otherwise the endpoints belong to another server.
 *
 * Fails with `DiscoveryFailed`.
 */
export const discoverServer = program("Hawser.discoverServer")(function* (
  issuer: string,
  document: MetadataDocument
) {
  const url = URL.parse(issuer)
  // RFC 8414 §2: no query and no fragment. A template has no metadata.
  if (url === null || url.username !== "" || url.password !== "" || /[?#{}]/.test(issuer)) {
    return yield* new DiscoveryFailed({
      issuer: shownUrl(issuer),
      reason: "invalid_metadata",
      problem: "the issuer is not a URL without user name, password, query and fragment"
    })
  }
  const { failure, fetch } = yield* metadataFetch
  const metadata = yield* Effect.tryPromise({
    try: async (signal) =>
      oauth.processDiscoveryResponse(
        url,
        await oauth.discoveryRequest(url, {
          algorithm: document === "openid-configuration" ? "oidc" : "oauth2",
          [oauth.customFetch]: (href, { headers }) =>
            fetch(href, { method: "GET", headers }, signal),
          // The egress decides whether plain http is allowed.
          [oauth.allowInsecureRequests]: isLoopback(url.hostname)
        })
      ),
    catch: (cause) => discoveryFailure(issuer, failure(), cause)
  })
  // The library normalises the URLs before it compares them, so it ignores a slash at the end.
  if (metadata.issuer !== issuer)
    return yield* new DiscoveryFailed({ issuer, reason: "issuer_mismatch" })
  return metadata
})

/** It never quotes the server: it uses only the library's code and the status. */
const discoveryFailure = (
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
