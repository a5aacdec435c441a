import { Effect, Layer, Redacted } from "effect"
import { Digest } from "effect/crypto"
import { Base64Url } from "effect/encoding"
import * as oauth from "oauth4webapi"
import type {
  AuthorizationServerSnapshot,
  BoundFlow,
  FlowSecrets,
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
import { Egress } from "../ports/Egress.ts"
import { clientAuthentication } from "./clientAuthentication.ts"
import { dpopHandle, withNonceRetry } from "./dpop.ts"
import { egressFetch } from "./egressFetch.ts"
import { failureOfRequest, failureOfResponse } from "./failures.ts"
import { getWithToken } from "./getWithToken.ts"
import { normalizeTokenResponse } from "./normalizeTokenResponse.ts"
import { pushAuthorizationRequest } from "./pushAuthorizationRequest.ts"
import { refreshTokens } from "./refreshTokens.ts"
import { revokeToken } from "./revokeToken.ts"
import { clientMetadata, serverMetadata } from "./serverMetadata.ts"
import { allowsPlainHttp, issuedTokens, recognizedTokenTypes } from "./tokenRequest.ts"

/** The protocol by `oauth4webapi`, its requests through the egress, its answers normalised first. */
export const OAuth4WebApiClient = {
  layer: Layer.effect(
    AuthorizationServerClient,
    Effect.gen(function* () {
      const egress = yield* Egress
      const throughEgress = Effect.provideService(Egress, egress)
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
          readonly secrets: FlowSecrets
        }
      ) {
        const { definition } = provider
        const {
          secrets: { codeVerifier, dpopKey },
          server
        } = options
        const url = new URL(server.authorizationEndpoint)
        for (const [name, value] of Object.entries(definition.authorizationParameters ?? {})) {
          url.searchParams.set(name, value)
        }
        // Last, so that no parameter of a definition can stand in for one of the protocol's.
        url.searchParams.set("response_type", "code")
        url.searchParams.set("client_id", server.clientId)
        url.searchParams.set("redirect_uri", options.redirectUri)
        if (options.scopes.length > 0) {
          url.searchParams.set("scope", options.scopes.join(definition.scopeSeparator ?? " "))
        }
        url.searchParams.set("state", options.state)
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
        if (server.resource !== undefined) {
          url.searchParams.delete("resource")
          for (const uri of server.resource) url.searchParams.append("resource", uri)
        }
        const handle = yield* Effect.promise(() => dpopHandle(dpopKey))
        if (handle !== undefined) {
          // RFC 9449 §10: the code is of no use without the key either.
          const thumbprint = yield* Effect.promise(() => handle.calculateThumbprint())
          url.searchParams.set("dpop_jkt", thumbprint)
        }
        const endpoint = server.pushedAuthorizationRequestEndpoint
        if (endpoint === undefined) return url.href
        return yield* throughEgress(
          pushAuthorizationRequest(provider, server, endpoint, url.searchParams, dpopKey)
        )
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
              serverMetadata(provider, flow.server),
              clientMetadata(flow.server),
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
        { codeVerifier, dpopKey }: FlowSecrets
      ) {
        const server = serverMetadata(provider, flow.server)
        const client = clientMetadata(flow.server)
        const expectedNonce =
          provider.definition.openid === true ? yield* nonceOf(codeVerifier) : undefined
        const { failure, fetch } = yield* throughEgress(egressFetch)
        const tokens = yield* Effect.tryPromise({
          try: async () => {
            const parameters = new URLSearchParams({ code: Redacted.value(response.code) })
            if (response.iss !== undefined) parameters.set("iss", response.iss)
            const validated = oauth.validateAuthResponse(
              server,
              client,
              parameters,
              oauth.skipStateCheck
            )
            const DPoP = await dpopHandle(dpopKey)
            return withNonceRetry(DPoP, async () => {
              const answer = await oauth.authorizationCodeGrantRequest(
                server,
                client,
                clientAuthentication(provider, flow.server),
                validated,
                flow.redirectUri,
                codeVerifier === undefined || provider.definition.pkce !== undefined
                  ? oauth.nopkce
                  : Redacted.value(codeVerifier),
                {
                  ...(DPoP !== undefined && { DPoP }),
                  additionalParameters: (flow.server.resource ?? []).map((uri) => [
                    "resource",
                    uri
                  ]),
                  [oauth.customFetch]: async (url, request) =>
                    normalizeTokenResponse(provider.definition, await fetch(url, request)),
                  [oauth.allowInsecureRequests]: allowsPlainHttp(flow.server.tokenEndpoint)
                }
              )
              return oauth.processAuthorizationCodeResponse(server, client, answer, {
                recognizedTokenTypes: recognizedTokenTypes(DPoP),
                ...(expectedNonce !== undefined && { expectedNonce, requireIdToken: true })
              })
            })
          },
          catch: (cause) => failureOfRequest(failure(), cause)
        })
        return issuedTokens(provider, flow.scopes, tokens)
      })

      return AuthorizationServerClient.of({
        authorizationUrl,
        validateResponse,
        exchange,
        get: (definition, url, token) => throughEgress(getWithToken(definition, url, token)),
        refresh: refreshTokens(egress),
        revoke: revokeToken(egress)
      })
    })
  )
}

const encoder = new TextEncoder()
