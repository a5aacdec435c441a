import { Clock, Effect, Redacted } from "effect"
import * as oauth from "oauth4webapi"
import type { OAuth2Provider } from "../domain/Provider.ts"
import { isLoopback } from "../domain/ProviderDefinition.ts"
import { Secret } from "../domain/Sealed.ts"
import { AuthorizationFailed, type IssuedTokens } from "../ports/AuthorizationServerClient.ts"
import type { Egress, EgressError, EgressRequest } from "../ports/Egress.ts"
import { retryAfterOf } from "./retryAfter.ts"

/** What a request came to, before anybody read its answer. */
export interface Exchanged {
  readonly egressError: EgressError | undefined
  /** Undefined as long as no answer has come. */
  readonly status: number | undefined
  /** Seconds that the provider asked to wait. */
  readonly retryAfter: number | undefined
}

/** A `fetch` for one request of `oauth4webapi`'s, through the egress; and what it came to. */
export const fetchOnce = Effect.fnUntraced(function* (
  egress: Egress["Service"],
  read: (answer: Response) => Promise<Response>,
  limits: Pick<EgressRequest, "sendBefore"> = {}
) {
  const context = yield* Effect.context()
  const clock = yield* Clock.Clock
  let exchanged: Exchanged = { egressError: undefined, status: undefined, retryAfter: undefined }
  return {
    exchanged: () => exchanged,
    fetch: async (url: string, init: oauth.CustomFetchOptions<"POST", URLSearchParams>) => {
      const endpoint = new URL(url)
      const request: EgressRequest = {
        method: "POST",
        url: endpoint,
        headers: init.headers,
        body: init.body.toString(),
        hosts: [endpoint.host],
        ...limits
      }
      const result = await Effect.runPromiseWith(context)(Effect.result(egress.request(request)))
      if (result._tag === "Failure") {
        exchanged = { ...exchanged, egressError: result.failure }
        throw result.failure
      }
      const { headers, status } = result.success
      const retryAfter = retryAfterOf(headers.get("retry-after"), clock.currentTimeMillisUnsafe())
      exchanged = { ...exchanged, status, retryAfter }
      return read(result.success)
    }
  }
})

/** The egress decides about plain http; `oauth4webapi` would refuse it a second time, in other words. */
export const allowsPlainHttp = (endpoint: string): boolean => isLoopback(new URL(endpoint).hostname)

/**
 * Without a key of ours, a token bound to one (RFC 9449) could never be used. With one, a token that is not bound to it is
 * less than the host has asked for.
 */
export const recognizedTokenTypes = (
  DPoP: oauth.DPoPHandle | undefined
): oauth.RecognizedTokenTypes => ({ [DPoP === undefined ? "dpop" : "bearer"]: refuseTokenType })

const refuseTokenType = () => {
  throw new AuthorizationFailed({ reason: "invalid_response" })
}

/** A token response that `oauth4webapi` has accepted. */
export const issuedTokens = (
  provider: OAuth2Provider,
  askedFor: ReadonlyArray<string>,
  tokens: oauth.TokenEndpointResponse
): IssuedTokens => ({
  accessToken: Secret(tokens.access_token),
  refreshToken: tokens.refresh_token === undefined ? undefined : Secret(tokens.refresh_token),
  tokenType: tokens.token_type,
  expiresIn: tokens.expires_in ?? provider.definition.defaultTokenLifetime,
  // Left out means granted as asked for (RFC 6749 §5.1).
  scopes:
    tokens.scope === undefined ? askedFor : tokens.scope.split(" ").filter((scope) => scope !== ""),
  response: Redacted.make(tokens),
  idTokenClaims: Redacted.make(oauth.getValidatedIdTokenClaims(tokens))
})
