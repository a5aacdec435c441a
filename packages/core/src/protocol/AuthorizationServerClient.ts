import { Context, type Effect, type Redacted } from "effect"
import {
  type BoundFlow,
  type FlowSecrets,
  type FlowTerms,
  type ParkedFlow,
  type Secret,
  TaggedError,
  type TenantFields
} from "../model/index.ts"
import type {
  CheckedServer,
  OAuth2Definition,
  OAuth2Provider,
  SecretUrl
} from "../provider/index.ts"
import type { EgressError } from "../services/index.ts"

/** Tokens as the provider issued them, checked and normalised. */
export interface IssuedTokens {
  readonly accessToken: Secret
  readonly refreshToken: Secret | undefined
  readonly tokenType: string
  /** Seconds; undefined if the token does not expire as far as anyone knows. */
  readonly expiresIn: number | undefined
  /** Seconds that the refresh token lives; undefined if the provider does not tell. */
  readonly refreshExpiresIn?: number | undefined
  /** Granted scopes; those asked for where the provider says nothing (RFC 6749 §5.1). */
  readonly scopes: ReadonlyArray<string>
  /** The token response as the vendor wrote it: providers tell there whom the tokens belong to. */
  readonly response: Redacted.Redacted<unknown>
  /** What a validated ID token claims; undefined inside without one. */
  readonly idTokenClaims: Redacted.Redacted<unknown>
}

/** An access token with what using it takes. */
export interface UsableToken {
  readonly accessToken: Secret
  /** The JWK of the key that the token is bound to; undefined for a bearer token. */
  readonly dpopKey: Secret | undefined
}

/** The provider's half of a flow failed. */
export class AuthorizationFailed extends TaggedError("AuthorizationFailed")<{
  readonly reason:
    | "access_denied"
    | "account_not_permitted"
    | "insufficient_scope"
    | "invalid_response"
    | "provider_error"
    | "provider_unavailable"
  /** For the host's log; never shown, never with a provider's text in it. */
  readonly cause?: unknown
  /** What a response must have had, by Hawser's own words, for the host's log; never shown, and never a secret. */
  readonly expected?: Readonly<Record<string, string>> | undefined
  /** Tokens that were issued before it failed: they are alive, and nobody's. */
  readonly unkept?: Pick<IssuedTokens, "accessToken" | "refreshToken"> | undefined
}> {
  override get message(): string {
    return `The provider's part of the flow failed (${this.reason}).`
  }
}

/** A refresh gave no new tokens. Nothing of what the provider wrote is in it. */
export class RefreshFailed extends TaggedError("RefreshFailed")<{
  /**
   * `invalid_grant`: the provider ended the grant. `client_refused`: it does not accept the client, or the request as such.
   * `rate_limited`: it asks to wait. `unavailable`: it has not acted on the request, if any was sent. `ambiguous`: it may
   * have replaced the refresh token, and its answer was lost or is none.
   */
  readonly reason: "invalid_grant" | "client_refused" | "rate_limited" | "unavailable" | "ambiguous"
  /** Seconds that the provider asked to wait, at most 900. */
  readonly retryAfter?: number | undefined
  /** The request went out and no answer came: the provider may still be at work on it. */
  readonly isUnanswered?: boolean
}> {
  override get message(): string {
    return `The provider gave no new tokens (${this.reason}).`
  }
}

/** A token may still be alive at the provider. */
export class RevocationFailed extends TaggedError("RevocationFailed")<{
  /** False if the provider refused the request as such, so that repeating it is of no use. */
  readonly isRetryable: boolean
  /** Seconds that the provider asked to wait, at most 900. */
  readonly retryAfter?: number | undefined
}> {
  override get message(): string {
    return this.isRetryable
      ? "The provider could not revoke the token. It may be tried again."
      : "The provider refused to revoke the token."
  }
}

/** An authorization response that was validated: the only thing a code can be exchanged from. */
export interface AuthorizationResponse {
  readonly code: Secret
  readonly iss: string | undefined
  /** What the definition captures of it, checked. */
  readonly captured: TenantFields
  /** The scopes that it names, if the definition says by which parameter. */
  readonly scopes?: ReadonlyArray<string> | undefined
  /** The flow's fields with the region that the callback named, if that is another than the tenant chose. */
  readonly fields?: TenantFields | undefined
}

/** One request with an access token, as a definition fixes it. */
export interface Probe {
  readonly url: SecretUrl
  /** Default GET. */
  readonly method?: "POST" | undefined
  /** JSON text. */
  readonly body?: string | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** The longest answer in bytes. Default 64 KiB. */
  readonly maxBodyBytes?: number
}

/** OAuth2's protocol: PKCE, response checks, client authentication. Ours is a port, the work is `oauth4webapi`'s. */
export class AuthorizationServerClient extends Context.Service<
  AuthorizationServerClient,
  {
    /** The URL to send the browser to (RFC 6749 §4.1.1, RFC 7636). One request where what it says is pushed (RFC 9126). */
    readonly authorizationUrl: (
      provider: OAuth2Provider,
      options: {
        readonly server: CheckedServer
        readonly redirectUri: string
        readonly scopes: ReadonlyArray<string>
        readonly fields: TenantFields
        readonly state: string
        readonly secrets: FlowSecrets
      }
    ) => Effect.Effect<string, AuthorizationFailed>
    /** Checks the parameters that the browser brought: `error`, `code`, `iss` (RFC 6749 §4.1.2, RFC 9207). */
    readonly validateResponse: (
      provider: OAuth2Provider,
      server: CheckedServer,
      flow: BoundFlow,
      parameters: URLSearchParams
    ) => Effect.Effect<AuthorizationResponse, AuthorizationFailed>
    /**
     * Exchanges the code of a flow that was burned and bound: one request, repeated only if the server asks for a proof
     * with its nonce, and then once (RFC 9449 §8).
     */
    readonly exchange: (
      provider: OAuth2Provider,
      server: CheckedServer,
      flow: (BoundFlow | ParkedFlow) & FlowTerms,
      response: AuthorizationResponse,
      secrets: FlowSecrets
    ) => Effect.Effect<IssuedTokens, AuthorizationFailed>
    /**
     * One request with an access token: in the header that the definition says, or with a proof of the key that it is bound
     * to (RFC 9449 §7.1), repeated once if the server asks for its nonce.
     */
    readonly ask: (
      definition: Pick<OAuth2Definition, "tokenHeader">,
      probe: Probe,
      token: UsableToken
    ) => Effect.Effect<Response, EgressError>
    /**
     * Asks once for new tokens (RFC 6749 §6). No refresh token among them means that the old one stays.
     *
     * `sendBefore`, in milliseconds of `performance.now()`, is the last moment at which the request may be written: later,
     * somebody else may hold the right to it.
     */
    readonly refresh: (
      provider: OAuth2Provider,
      grant: {
        readonly server: CheckedServer
        readonly endpoint: SecretUrl
        readonly fields: TenantFields
        readonly scopes: ReadonlyArray<string>
        readonly dpopKey: Secret | undefined
      },
      refreshToken: Secret,
      options: { readonly sendBefore: number }
    ) => Effect.Effect<IssuedTokens, RefreshFailed>
    /** Ends a token at the provider (RFC 7009); does nothing if the definition says that nothing can be ended. */
    readonly revoke: (
      provider: OAuth2Provider,
      grant: {
        readonly server: CheckedServer
        readonly endpoint: SecretUrl
        readonly fields: TenantFields
      },
      token: Secret,
      hint: "access_token" | "refresh_token"
    ) => Effect.Effect<void, RevocationFailed>
  }
>()("@hawser/core/AuthorizationServerClient") {}
