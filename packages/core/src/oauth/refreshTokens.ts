import { Effect, Redacted } from "effect"
import * as oauth from "oauth4webapi"
import type { TenantFields } from "../domain/Integration.ts"
import type { OAuth2Provider } from "../domain/Provider.ts"
import type { OAuth2Definition } from "../domain/ProviderDefinition.ts"
import type { Secret } from "../domain/Sealed.ts"
import { RefreshFailed } from "../ports/AuthorizationServerClient.ts"
import type { Egress } from "../ports/Egress.ts"
import { renderTemplate } from "../programs/fields.ts"
import { clientAuthentication } from "./clientAuthentication.ts"
import { dpopHandle, withNonceRetry } from "./dpop.ts"
import { normalizeTokenResponse } from "./normalizeTokenResponse.ts"
import { clientMetadata } from "./serverMetadata.ts"
import { serverOf } from "./serverOf.ts"
import {
  allowsPlainHttp,
  type Exchanged,
  fetchOnce,
  issuedTokens,
  recognizedTokenTypes
} from "./tokenRequest.ts"

/** One refresh request (RFC 6749 §6) and what its answer means for the grant. */
export const refreshTokens = (egress: Egress["Service"]) =>
  Effect.fnUntraced(function* (
    provider: OAuth2Provider,
    grant: {
      readonly fields: TenantFields
      readonly scopes: ReadonlyArray<string>
      readonly dpopKey: Secret | undefined
    },
    refreshToken: Secret,
    options: { readonly sendBefore: number }
  ) {
    const { definition } = provider
    const at = serverOf(provider, grant.fields)
    const endpoint = renderTemplate(
      definition.refreshEndpoint ?? definition.tokenEndpoint,
      grant.fields
    )
    const server = { issuer: at.issuer, token_endpoint: endpoint }
    const client = clientMetadata(at)
    const { exchanged, fetch } = yield* fetchOnce(
      egress,
      // Who the account is was settled when it connected: an ID token could only cost the new tokens.
      (answer) => normalizeTokenResponse({ ...definition, openid: undefined }, answer),
      { sendBefore: options.sendBefore }
    )
    const tokens = yield* Effect.tryPromise({
      try: async () => {
        const DPoP = await dpopHandle(grant.dpopKey)
        return await withNonceRetry(DPoP, async () => {
          const answer = await oauth.refreshTokenGrantRequest(
            server,
            client,
            clientAuthentication(provider, at),
            Redacted.value(refreshToken),
            {
              ...(DPoP !== undefined && { DPoP }),
              additionalParameters: refreshParameters(provider, grant.scopes),
              [oauth.customFetch]: fetch,
              [oauth.allowInsecureRequests]: allowsPlainHttp(endpoint)
            }
          )
          return oauth.processRefreshTokenResponse(server, client, answer, {
            recognizedTokenTypes: recognizedTokenTypes(DPoP)
          })
        })
      },
      catch: (cause) => failureOf(definition, exchanged(), cause)
    })
    return issuedTokens(provider, grant.scopes, tokens)
  })

const refreshParameters = (
  { definition, resource }: OAuth2Provider,
  scopes: ReadonlyArray<string>
): Array<[string, string]> => [
  ...Object.entries(definition.refreshParameters ?? {}),
  ...(definition.refreshSendsScope === true && scopes.length > 0
    ? [["scope", scopes.join(definition.scopeSeparator ?? " ")] satisfies [string, string]]
    : []),
  ...resource.map((uri) => ["resource", uri] satisfies [string, string])
]

/** Errors that tell of the server's state and not of this request, seen at token endpoints (Microsoft's, Auth0's). */
const passing = new Map<string, RefreshFailed["reason"]>([
  ["temporarily_unavailable", "unavailable"],
  ["server_error", "ambiguous"]
])

const failureOf = (
  definition: OAuth2Definition,
  { egressError, retryAfter, status }: Exchanged,
  cause: unknown
): RefreshFailed => {
  const failed = (reason: RefreshFailed["reason"]) => new RefreshFailed({ reason, retryAfter })
  if (egressError !== undefined) return failed(egressError.sent ? "ambiguous" : "unavailable")
  // Nothing was sent: the request could not be made.
  if (status === undefined) return failed("client_refused")
  if (status === 429) return failed("rate_limited")
  if (status === 503) return failed("unavailable")
  // Only an error of the protocol says that nothing was issued. Other pages and texts tell nothing.
  if (!(cause instanceof oauth.ResponseBodyError)) return failed("ambiguous")
  const isOver =
    cause.error === "invalid_grant" || definition.terminalErrors?.includes(cause.error) === true
  return failed(isOver ? "invalid_grant" : (passing.get(cause.error) ?? "client_refused"))
}
