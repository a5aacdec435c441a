import { Effect, Redacted } from "effect"
import * as oauth from "oauth4webapi"
import { isLoopback, type OAuth2Definition } from "../domain/ProviderDefinition.ts"
import { staticHeaders, tokenCredential } from "../programs/apiCredential.ts"
import type { UsableToken } from "../ports/AuthorizationServerClient.ts"
import { Egress, EgressError } from "../ports/Egress.ts"
import { dpopHandle, withNonceRetry } from "./dpop.ts"
import { egressFetch } from "./egressFetch.ts"

const accept = "application/json"

/** One GET with an access token, in the scheme that the token has (RFC 6750 §2.1, RFC 9449 §7.1). */
export const getWithToken = (
  definition: Pick<OAuth2Definition, "apiHeaders" | "tokenHeader">,
  url: URL,
  token: UsableToken
) =>
  token.dpopKey === undefined
    ? Effect.flatMap(Egress, (egress) =>
        egress.request({
          method: "GET",
          url,
          headers: {
            accept,
            ...staticHeaders(definition.apiHeaders),
            ...tokenCredential(definition, token).headers
          },
          hosts: [url.host]
        })
      )
    : Effect.gen(function* () {
        const { failure, fetch } = yield* egressFetch
        return yield* Effect.tryPromise({
          try: async () => {
            const DPoP = await dpopHandle(token.dpopKey)
            const request = () =>
              oauth.protectedResourceRequest(
                Redacted.value(token.accessToken),
                "GET",
                url,
                new Headers({ accept, ...staticHeaders(definition.apiHeaders) }),
                undefined,
                {
                  ...(DPoP !== undefined && { DPoP }),
                  [oauth.customFetch]: (href, { headers }) =>
                    fetch(href, { method: "GET", headers, body: undefined, redirect: "manual" }),
                  [oauth.allowInsecureRequests]: isLoopback(url.hostname)
                }
              )
            try {
              return await withNonceRetry(DPoP, request)
            } catch (error) {
              // A challenge is an answer: what it means is for whoever asked.
              if (error instanceof oauth.WWWAuthenticateChallengeError) return error.response
              throw error
            }
          },
          catch: (cause) =>
            failure() ??
            new EgressError({ reason: "connection_failed", host: url.host, sent: false, cause })
        })
      })
