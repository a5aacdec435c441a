import { Clock, Duration, Effect, Redacted } from "effect"
import * as oauth from "oauth4webapi"
import { type AuthorizationServerSnapshot, Secret, type TenantFields } from "../model/index.ts"
import { type CheckedServer, type OAuth2Provider, renderTemplate } from "../provider/index.ts"
import type { Egress } from "../services/index.ts"
import { userAgentHeader } from "./apiCredential.ts"
import { AuthorizationFailed } from "./AuthorizationServerClient.ts"
import { egressFetch } from "./egressFetch.ts"
import { failureOfRequest } from "./failures.ts"
import type { AcceptedTokens } from "./issuedTokens.ts"
import { normalizeTokenResponse } from "./normalizeTokenResponse.ts"
import { clientMetadata } from "./serverMetadata.ts"
import { recognizedTokenTypes } from "./tokenRequest.ts"
import { formType, type PlainRequest } from "./vendorRequest.ts"

/** One request that exchanges the issued token for the one to use, if the definition has such an exchange. */
export const exchangeToken = Effect.fnUntraced(function* (
  provider: OAuth2Provider,
  server: CheckedServer,
  issued: AcceptedTokens,
  options: {
    readonly bound: boolean
    readonly fields: TenantFields
    readonly patience?: Duration.Duration
  }
): Effect.fn.Return<AcceptedTokens, AuthorizationFailed, Egress> {
  const { tokenExchange } = provider.definition
  if (tokenExchange === undefined) return issued
  const endpoint = server.tokenExchangeEndpoint
  // The flow began under a definition without an exchange, so its tokens are not meant for this endpoint.
  if (endpoint === undefined)
    return yield* new AuthorizationFailed({ reason: "invalid_response", unkept: issued })
  const { failure, fetch } = yield* egressFetch(endpoint)
  const now = yield* Clock.currentTimeMillis
  return yield* Effect.tryPromise({
    try: async (signal) => {
      const request: PlainRequest = {
        method: "POST",
        headers: {
          accept: "application/json",
          "content-type": formType,
          ...userAgentHeader(provider.definition, options.fields)
        },
        body: exchangeParameters(provider, server, tokenExchange.parameters, issued).toString()
      }
      const answer = await fetch(endpoint, request, signal)
      const read = await normalizeTokenResponse(
        { ...provider.definition, openid: undefined },
        answer,
        now
      )
      const tokens = await oauth.processGenericTokenEndpointResponse(
        { issuer: server.issuer },
        clientMetadata(server),
        read.response,
        { recognizedTokenTypes: recognizedTokenTypes(options.bound) }
      )
      return {
        ...issued,
        accessToken: Secret(tokens.access_token),
        tokenType: tokens.token_type,
        expiresIn: tokens.expires_in,
        lifetimeUnread: read.lifetimeUnread
      }
    },
    catch: (cause) => failureOfRequest(provider.definition, failure(), cause, issued)
  }).pipe(
    Effect.interruptible,
    Effect.timeoutOrElse({
      duration: options.patience ?? Duration.seconds(15),
      orElse: () =>
        Effect.fail(new AuthorizationFailed({ reason: "provider_unavailable", unkept: issued }))
    })
  )
})

const exchangeParameters = (
  { client: { authentication } }: OAuth2Provider,
  { clientId }: AuthorizationServerSnapshot,
  templates: Readonly<Record<string, string>>,
  { accessToken }: AcceptedTokens
): URLSearchParams => {
  const secret = "clientSecret" in authentication ? authentication.clientSecret : undefined
  const values = {
    access_token: Redacted.value(accessToken),
    client_id: clientId,
    ...(secret !== undefined && { client_secret: Redacted.value(secret) })
  }
  return new URLSearchParams(
    Object.entries(templates).map(([name, template]) => [name, renderTemplate(template, values)])
  )
}
