import type { Effect, Redacted } from "effect"
import { Context, Data } from "effect"
import type {
  AuthorizationServerSnapshot,
  BoundFlow,
  FlowTerms,
  ParkedFlow
} from "../domain/Flow.ts"
import type { OAuth2Provider } from "../domain/Provider.ts"
import type { Secret } from "../domain/Sealed.ts"

/** Tokens as the provider issued them, checked and normalised. */
export interface IssuedTokens {
  readonly accessToken: Secret
  readonly refreshToken: Secret | undefined
  readonly tokenType: string
  /** Seconds; undefined where the token does not expire as far as anyone knows. */
  readonly expiresIn: number | undefined
  /** Granted scopes; those asked for where the provider says nothing (RFC 6749 §5.1). */
  readonly scopes: ReadonlyArray<string>
  /** The token response as it was, normalised: providers tell there whom the tokens belong to. */
  readonly response: Redacted.Redacted<unknown>
  /** What a validated ID token claims; undefined inside without one. */
  readonly idTokenClaims: Redacted.Redacted<unknown>
}

/** The provider's half of a flow failed. */
export class AuthorizationFailed extends Data.TaggedError("AuthorizationFailed")<{
  readonly reason: "access_denied" | "provider_error" | "provider_unavailable" | "invalid_response"
  /** For the host's log; never shown, never with a provider's text in it. */
  readonly cause?: unknown
}> {
  override get message(): string {
    return `The provider's part of the flow failed (${this.reason}).`
  }
}

/** An authorization response that was validated: the only thing a code can be exchanged from. */
export interface AuthorizationResponse {
  readonly code: Secret
  readonly iss: string | undefined
}

/** OAuth2's protocol: PKCE, response checks, client authentication. Ours is a port, the work is `oauth4webapi`'s. */
export class AuthorizationServerClient extends Context.Service<
  AuthorizationServerClient,
  {
    /** The URL to send the browser to (RFC 6749 §4.1.1, RFC 7636). */
    readonly authorizationUrl: (
      provider: OAuth2Provider,
      options: {
        readonly server: AuthorizationServerSnapshot
        readonly redirectUri: string
        readonly scopes: ReadonlyArray<string>
        readonly state: string
        readonly codeVerifier: Secret | undefined
      }
    ) => Effect.Effect<string>
    /** Checks the parameters that the browser brought: `error`, `code`, `iss` (RFC 6749 §4.1.2, RFC 9207). */
    readonly validateResponse: (
      provider: OAuth2Provider,
      flow: BoundFlow,
      parameters: URLSearchParams
    ) => Effect.Effect<AuthorizationResponse, AuthorizationFailed>
    /** Exchanges the code of a flow that was burned and bound; one request, never repeated. */
    readonly exchange: (
      provider: OAuth2Provider,
      flow: (BoundFlow | ParkedFlow) & FlowTerms,
      response: AuthorizationResponse,
      codeVerifier: Secret | undefined
    ) => Effect.Effect<IssuedTokens, AuthorizationFailed>
  }
>()("@hawser/core/AuthorizationServerClient") {}
