import { Effect, Layer, Redacted } from "effect"
import { Digest } from "effect/crypto"
import { Base64Url } from "effect/encoding"
import * as oauth from "oauth4webapi"
import type {
  AuthorizationServerSnapshot,
  BoundFlow,
  FlowTerms,
  ParkedFlow
} from "../domain/Flow.ts"
import type { OAuth2Provider } from "../domain/Provider.ts"
import { Secret } from "../domain/Sealed.ts"
import {
  AuthorizationFailed,
  type AuthorizationResponse,
  AuthorizationServerClient
} from "../ports/AuthorizationServerClient.ts"
import { Egress, type EgressError } from "../ports/Egress.ts"
import { clientAuthentication } from "./clientAuthentication.ts"
import { normalizeTokenResponse } from "./normalizeTokenResponse.ts"
import { refreshTokens } from "./refreshTokens.ts"
import { revokeToken } from "./revokeToken.ts"
import { allowsPlainHttp, fetchOnce, issuedTokens, recognizedTokenTypes } from "./tokenRequest.ts"

/** The protocol by `oauth4webapi`, its requests through the egress, its answers normalised first. */
export const OAuth4WebApiClient = {
  layer: Layer.effect(
    AuthorizationServerClient,
    Effect.gen(function* () {
      const egress = yield* Egress
      const digest = yield* Digest.Digest

      const hashed = (text: string): Effect.Effect<string> =>
        Effect.map(digest.digest(Digest.sha256, encoder.encode(text)), Base64Url.encode)

      /**
       * A flow's nonce (OpenID Connect Core §3.1.2.1): from the secret that the flow has already, so that none more is
       * kept. It tells nothing of the verifier, nor does PKCE's challenge tell it.
       */
      const nonceOf = (codeVerifier: Secret | undefined): Effect.Effect<string> =>
        hashed(`nonce.${codeVerifier === undefined ? "" : Redacted.value(codeVerifier)}`)

      const authorizationUrl = Effect.fnUntraced(function* (
        provider: OAuth2Provider,
        options: {
          readonly server: AuthorizationServerSnapshot
          readonly redirectUri: string
          readonly scopes: ReadonlyArray<string>
          readonly state: string
          readonly codeVerifier: Secret | undefined
        }
      ) {
        const { definition } = provider
        const url = new URL(options.server.authorizationEndpoint)
        for (const [name, value] of Object.entries(definition.authorizationParameters ?? {})) {
          url.searchParams.set(name, value)
        }
        // Last, so that no parameter of a definition can stand in for one of the protocol's.
        url.searchParams.set("response_type", "code")
        url.searchParams.set("client_id", options.server.clientId)
        url.searchParams.set("redirect_uri", options.redirectUri)
        if (options.scopes.length > 0) {
          url.searchParams.set("scope", options.scopes.join(definition.scopeSeparator ?? " "))
        }
        url.searchParams.set("state", options.state)
        const { codeVerifier } = options
        if (definition.responseMode !== undefined) {
          url.searchParams.set("response_mode", definition.responseMode)
        }
        if (definition.openid === true) {
          url.searchParams.set("nonce", yield* nonceOf(codeVerifier))
        }
        if (codeVerifier !== undefined && definition.pkce === undefined) {
          // RFC 7636 §4.2.
          url.searchParams.set("code_challenge", yield* hashed(Redacted.value(codeVerifier)))
          url.searchParams.set("code_challenge_method", "S256")
        }
        return url.href
      })

      const validateResponse = (
        provider: OAuth2Provider,
        flow: BoundFlow,
        parameters: URLSearchParams
      ) =>
        Effect.try({
          try: (): AuthorizationResponse => {
            // The state was compared by the store, as a hash: it found this very flow.
            const validated = oauth.validateAuthResponse(
              serverMetadata(provider, flow),
              clientMetadata(flow),
              parameters,
              oauth.skipStateCheck
            )
            const [code = "", ...others] = validated.getAll("code")
            if (code === "" || others.length > 0)
              throw new AuthorizationFailed({ reason: "invalid_response" })
            return { code: Secret(code), iss: validated.get("iss") ?? undefined }
          },
          catch: failureOfResponse
        })

      const exchange = Effect.fnUntraced(function* (
        provider: OAuth2Provider,
        flow: (BoundFlow | ParkedFlow) & FlowTerms,
        response: AuthorizationResponse,
        codeVerifier: Secret | undefined
      ) {
        const server = serverMetadata(provider, flow)
        const client = clientMetadata(flow)
        const expectedNonce =
          provider.definition.openid === true ? yield* nonceOf(codeVerifier) : undefined
        const { exchanged, fetch } = yield* fetchOnce(egress, (answer) =>
          normalizeTokenResponse(provider.definition, answer)
        )
        const tokens = yield* Effect.tryPromise({
          try: async () => {
            const parameters = new URLSearchParams({ code: Redacted.value(response.code) })
            if (response.iss !== undefined) parameters.set("iss", response.iss)
            const answer = await oauth.authorizationCodeGrantRequest(
              server,
              client,
              clientAuthentication(provider),
              oauth.validateAuthResponse(server, client, parameters, oauth.skipStateCheck),
              flow.redirectUri,
              codeVerifier === undefined || provider.definition.pkce !== undefined
                ? oauth.nopkce
                : Redacted.value(codeVerifier),
              {
                [oauth.customFetch]: fetch,
                [oauth.allowInsecureRequests]: allowsPlainHttp(flow.server.tokenEndpoint)
              }
            )
            return await oauth.processAuthorizationCodeResponse(server, client, answer, {
              recognizedTokenTypes,
              ...(expectedNonce !== undefined && { expectedNonce, requireIdToken: true })
            })
          },
          catch: (cause) => failureOfExchange(exchanged().egressError, cause)
        })
        return issuedTokens(provider, flow.scopes, tokens)
      })

      return AuthorizationServerClient.of({
        authorizationUrl,
        validateResponse,
        exchange,
        refresh: refreshTokens(egress),
        revoke: revokeToken(egress)
      })
    })
  )
}

const encoder = new TextEncoder()

const serverMetadata = (provider: OAuth2Provider, flow: FlowTerms): oauth.AuthorizationServer => ({
  issuer: flow.server.issuer,
  authorization_endpoint: flow.server.authorizationEndpoint,
  token_endpoint: flow.server.tokenEndpoint,
  ...(provider.definition.issParameterSupported === true && {
    authorization_response_iss_parameter_supported: true
  })
})

const clientMetadata = (flow: FlowTerms): oauth.Client => ({ client_id: flow.server.clientId })

const failureOfResponse = (cause: unknown): AuthorizationFailed => {
  if (cause instanceof AuthorizationFailed) return cause
  if (cause instanceof oauth.AuthorizationResponseError) {
    // The provider's text is untrusted: only whether the user said no is taken from it (S-14).
    return new AuthorizationFailed({
      reason: cause.error === "access_denied" ? "access_denied" : "provider_error"
    })
  }
  // Only its message, which is the library's own: its cause holds the parameters, and with them the code.
  const problem = cause instanceof Error ? cause.message : undefined
  return new AuthorizationFailed({ reason: "invalid_response", cause: problem })
}

const failureOfExchange = (
  egressError: EgressError | undefined,
  cause: unknown
): AuthorizationFailed => {
  if (egressError !== undefined)
    return new AuthorizationFailed({ reason: "provider_unavailable", cause: egressError })
  const told = cause instanceof oauth.ResponseBodyError
  const status = told
    ? cause.status
    : cause instanceof oauth.OperationProcessingError && cause.cause instanceof Response
      ? cause.cause.status
      : 0
  if (status >= 500 || status === 429)
    return new AuthorizationFailed({ reason: "provider_unavailable" })
  return new AuthorizationFailed({ reason: told ? "provider_error" : "invalid_response" })
}
