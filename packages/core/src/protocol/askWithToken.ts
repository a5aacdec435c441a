import { Effect, Redacted } from "effect"
import * as oauth from "oauth4webapi"
import { isLoopback, type OAuth2Definition } from "../provider/index.ts"
import { Egress, EgressError } from "../services/index.ts"
import { probeHeaders, tokenCredential } from "./apiCredential.ts"
import type { Probe, UsableToken } from "./AuthorizationServerClient.ts"
import { dpopHandle, withNonceRetry } from "./dpop.ts"
import { egressFetch } from "./egressFetch.ts"

/** One request with an access token, in the scheme that the token has (RFC 6750 §2.1, RFC 9449 §7.1). */
export const askWithToken = (
  definition: Pick<OAuth2Definition, "tokenHeader">,
  probe: Probe,
  token: UsableToken
) => {
  const { body, method = "GET" } = probe
  const url = new URL(probe.url)
  const limit = probe.maxBodyBytes === undefined ? {} : { maxBodyBytes: probe.maxBodyBytes }
  return token.dpopKey === undefined
    ? Effect.flatMap(Egress, (egress) =>
        egress.request({
          method,
          url,
          headers: { ...probeHeaders(probe), ...tokenCredential(definition, token).headers },
          ...(body !== undefined && { body }),
          hosts: [url.host],
          ...limit
        })
      )
    : Effect.gen(function* () {
        const { failure, fetch } = yield* egressFetch(probe.url, limit)
        return yield* Effect.tryPromise({
          try: async () => {
            const DPoP = await dpopHandle(token.dpopKey)
            const request = () =>
              oauth.protectedResourceRequest(
                Redacted.value(token.accessToken),
                method,
                url,
                new Headers(probeHeaders(probe)),
                undefined,
                {
                  ...(DPoP !== undefined && { DPoP }),
                  [oauth.customFetch]: (href, { headers }) =>
                    fetch(href, { method, headers, ...(body !== undefined && { body }) }),
                  [oauth.allowInsecureRequests]: isLoopback(url.hostname)
                }
              )
            try {
              return await withNonceRetry(DPoP, request)
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
}
