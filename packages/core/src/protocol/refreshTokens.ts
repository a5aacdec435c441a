import { Cause, Duration, Effect, Redacted } from "effect"
import * as oauth from "oauth4webapi"
import type { Secret } from "../model/index.ts"
import type { OAuth2Definition, OAuth2Provider } from "../provider/index.ts"
import { Egress } from "../services/index.ts"
import {
  type IssuedTokens,
  type RefreshedGrant,
  RefreshFailed
} from "./AuthorizationServerClient.ts"
import { clientAuthentication } from "./clientAuthentication.ts"
import { dpopHandle, withNonceRetry } from "./dpop.ts"
import { exchangeToken } from "./exchangeToken.ts"
import { namedError } from "./failures.ts"
import { acceptedTokens, withLifetime } from "./issuedTokens.ts"
import { clientMetadata } from "./serverMetadata.ts"
import {
  allowsPlainHttp,
  type Exchanged,
  fetchOnce,
  recognizedTokenTypes,
  tokenReader
} from "./tokenRequest.ts"
import { ownParameters, tokenRequestFormat } from "./vendorRequest.ts"

/** One refresh request (RFC 6749 §6) and what its answer means for the grant. */
export const refreshTokens = Effect.fnUntraced(function* (
  provider: OAuth2Provider,
  grant: RefreshedGrant,
  refreshToken: Secret,
  options: { readonly sendBefore: number }
): Effect.fn.Return<IssuedTokens, RefreshFailed, Egress> {
  const { definition } = provider
  const { refreshRequest } = definition
  const egress = yield* Egress
  const { endpoint, server: at } = grant
  const server = { issuer: at.issuer, token_endpoint: endpoint }
  const client = clientMetadata(at)
  // The account was identified when it connected. A faulty ID token must not cost the new tokens.
  const reader = tokenReader({
    grantedScopeSeparator: definition.grantedScopeSeparator,
    tokenResponse: definition.refreshResponse ?? definition.tokenResponse,
    refreshes: true
  })
  const { exchanged, fetch } = yield* fetchOnce(
    egress,
    endpoint,
    reader.read,
    tokenRequestFormat(definition, refreshRequest, grant.fields),
    { sendBefore: options.sendBefore }
  )
  const tokens = yield* Effect.tryPromise({
    try: async (signal) => {
      const DPoP = await dpopHandle(grant.dpopKey)
      return await withNonceRetry(DPoP, async () => {
        const answer = await oauth.refreshTokenGrantRequest(
          server,
          client,
          clientAuthentication(provider, at, refreshRequest?.clientAuthentication),
          Redacted.value(refreshToken),
          {
            ...(DPoP !== undefined && { DPoP }),
            additionalParameters: [
              ...ownParameters(refreshRequest?.parameters, at, grant.fields),
              ...scopeParameter(definition, grant.scopes),
              ...provider.resource.map((uri): [string, string] => ["resource", uri])
            ],
            signal,
            [oauth.customFetch]: fetch,
            [oauth.allowInsecureRequests]: allowsPlainHttp(endpoint)
          }
        )
        return oauth.processRefreshTokenResponse(server, client, answer, {
          recognizedTokenTypes: recognizedTokenTypes(DPoP !== undefined)
        })
      })
    },
    catch: (cause) => refreshFailure(definition, exchanged(), cause)
  })
  const accepted = acceptedTokens(definition, grant.scopes, { tokens, read: reader.last() })
  const used = yield* exchangeToken(provider, at, accepted, {
    bound: grant.dpopKey !== undefined,
    fields: grant.fields,
    patience: exchangePatience
  }).pipe(
    // The new refresh token exists nowhere else, so it is kept and used for another attempt at once.
    Effect.tapError((error) =>
      Effect.logWarning(error.message, Cause.fail(error), { provider: provider.id })
    ),
    Effect.orElseSucceed(() => ({ ...accepted, expiresIn: 0, lifetimeUnread: false }))
  )
  return yield* withLifetime(provider, at, used, {
    fields: grant.fields,
    former: refreshToken
  })
})

/** The lease on the refresh ends in a few seconds. */
const exchangePatience = Duration.seconds(2)

const scopeParameter = (
  { refreshRequest, scopeSeparator = " " }: OAuth2Definition,
  scopes: ReadonlyArray<string>
): Array<[string, string]> =>
  refreshRequest?.sendsScope === true && scopes.length > 0
    ? [["scope", scopes.join(scopeSeparator)]]
    : []

const refreshFailure = (
  definition: OAuth2Definition,
  { egressError, retryAfter, status }: Exchanged,
  cause: unknown
): RefreshFailed => {
  const failed = (reason: RefreshFailed["reason"]) => new RefreshFailed({ reason, retryAfter })
  if (egressError?.sent === true)
    return new RefreshFailed({ reason: "ambiguous", isUnanswered: true })
  if (egressError !== undefined) return failed("unavailable")
  // Nothing was sent.
  if (status === undefined) return failed("client_refused")
  if (status === 429) return failed("rate_limited")
  if (status === 503) return failed("unavailable")
  // Only an error of the protocol proves that no tokens were issued. Any other response leaves it open.
  if (!(cause instanceof oauth.ResponseBodyError)) return failed("ambiguous")
  const named = namedError(definition, cause)
  if (named === "temporary") return failed("unavailable")
  if (named === "terminal" || cause.error === "invalid_grant") return failed("invalid_grant")
  // The error is about the server's state, and the server may have processed the request.
  return failed(cause.error === "server_error" ? "ambiguous" : "client_refused")
}
