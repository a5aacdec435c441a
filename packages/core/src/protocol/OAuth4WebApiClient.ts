import { Effect, Layer, Redacted } from "effect"
import { Digest } from "effect/crypto"
import {
  base64Url,
  type BoundFlow,
  type FlowSecrets,
  type FlowTerms,
  type ParkedFlow,
  type Secret
} from "../model/index.ts"
import type { CheckedServer, OAuth2Provider } from "../provider/index.ts"
import { Egress } from "../services/index.ts"
import { askWithToken } from "./askWithToken.ts"
import { authorizationParameters, authorizationUrlWith } from "./authorizationRequest.ts"
import {
  AuthorizationFailed,
  type AuthorizationUrlOptions,
  type AuthorizationResponse,
  AuthorizationServerClient
} from "./AuthorizationServerClient.ts"
import { isSignedByVendor } from "./callbackSignature.ts"
import { dpopHandle } from "./dpop.ts"
import { exchangeCode } from "./exchangeCode.ts"
import { pushAuthorizationRequest } from "./pushAuthorizationRequest.ts"
import { refreshTokens } from "./refreshTokens.ts"
import { revokeToken } from "./revokeToken.ts"
import { validateResponse } from "./validateResponse.ts"

/** The protocol by `oauth4webapi`: its requests go through the egress, and its responses are normalised first. */
export const OAuth4WebApiClient = {
  layer: Layer.effect(
    AuthorizationServerClient,
    Effect.gen(function* () {
      const egress = yield* Egress
      const throughEgress = Effect.provideService(Egress, egress)
      const digest = yield* Digest.Digest

      const hashed = (text: string): Effect.Effect<string> =>
        Effect.map(digest.digest(Digest.sha256, encoder.encode(text)), base64Url)

      /**
       * A flow's nonce (OpenID Connect Core §3.1.2.1), derived from the PKCE verifier so that no second secret must be
       * stored. It does not reveal the verifier, and PKCE's challenge does not reveal it.
       */
      const deriveNonce = (codeVerifier: Secret | undefined): Effect.Effect<string> =>
        hashed(`nonce.${codeVerifier === undefined ? "" : Redacted.value(codeVerifier)}`)

      const authorizationUrl = Effect.fnUntraced(function* (
        provider: OAuth2Provider,
        request: AuthorizationUrlOptions
      ) {
        const { definition } = provider
        const { codeVerifier, dpopKey } = request.secrets
        const { server } = request
        const usesPkce = codeVerifier !== undefined && definition.pkce === undefined
        const handle =
          dpopKey === undefined ? undefined : yield* Effect.promise(() => dpopHandle(dpopKey))
        const parameters = authorizationParameters(provider, {
          ...request,
          proofs: {
            ...(definition.openid === true && { nonce: yield* deriveNonce(codeVerifier) }),
            // RFC 7636 §4.2.
            ...(usesPkce && {
              code_challenge: yield* hashed(Redacted.value(codeVerifier)),
              code_challenge_method: "S256"
            }),
            // RFC 9449 §10: without the key, the code does not work either.
            ...(handle !== undefined && {
              dpop_jkt: yield* Effect.promise(() => handle.calculateThumbprint())
            })
          }
        })
        const endpoint = server.pushedAuthorizationRequestEndpoint
        if (endpoint === undefined) return authorizationUrlWith(provider, server, parameters)
        return yield* throughEgress(
          pushAuthorizationRequest(provider, server, endpoint, parameters, {
            dpopKey,
            fields: request.fields
          })
        )
      })

      const exchange = Effect.fnUntraced(function* (
        provider: OAuth2Provider,
        server: CheckedServer,
        flow: (BoundFlow | ParkedFlow) & FlowTerms,
        response: AuthorizationResponse,
        secrets: FlowSecrets
      ) {
        const expectedNonce =
          provider.definition.openid === true ? yield* deriveNonce(secrets.codeVerifier) : undefined
        return yield* throughEgress(
          exchangeCode(provider, server, flow, response, secrets, expectedNonce)
        )
      })

      const validate = Effect.fnUntraced(function* (
        provider: OAuth2Provider,
        server: CheckedServer,
        flow: BoundFlow,
        parameters: URLSearchParams
      ) {
        if (!(yield* Effect.promise(() => isSignedByVendor(provider, parameters))))
          return yield* new AuthorizationFailed({ reason: "invalid_response" })
        return yield* validateResponse(provider, server, flow, parameters)
      })

      return AuthorizationServerClient.of({
        authorizationUrl,
        validateResponse: validate,
        exchange,
        ask: (definition, probe, token) => throughEgress(askWithToken(definition, probe, token)),
        refresh: (...request) => throughEgress(refreshTokens(...request)),
        revoke: (...request) => throughEgress(revokeToken(...request))
      })
    })
  )
}

const encoder = new TextEncoder()
