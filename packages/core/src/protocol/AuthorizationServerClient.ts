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
  /** Seconds; undefined if no expiry is known. */
  readonly expiresIn: number | undefined
  /** Lifetime of the refresh token in seconds; undefined if the provider does not say. */
  readonly refreshExpiresIn?: number | undefined
  /** Granted scopes; the requested ones if the provider names none (RFC 6749 §5.1). */
  readonly scopes: ReadonlyArray<string>
  /** The token response as the vendor wrote it: it often identifies the account. */
  readonly response: Redacted.Redacted<unknown>
  /** The claims of the validated ID token; holds undefined without one. */
  readonly idTokenClaims: Redacted.Redacted<unknown>
}

/** An access token and all that is needed to use it. */
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
  /** For the host's log. It never reaches a page and never quotes the provider. */
  readonly cause?: unknown
  /** The expected and received values, for the host's log. They never reach a page and hold no secret. */
  readonly expected?: Readonly<Record<string, string>> | undefined
  /** Tokens that were issued before the failure: they are valid, but belong to no connection. */
  readonly unkept?: Pick<IssuedTokens, "accessToken" | "refreshToken"> | undefined
}> {
  override get message(): string {
    return `The provider's part of the flow failed (${this.reason}).`
  }
}

/** A refresh returned no new tokens. The error never quotes the provider. */
export class RefreshFailed extends TaggedError("RefreshFailed")<{
  /**
   * `invalid_grant`: the provider ended the grant. `client_refused`: it does not accept the client, or the request itself.
   * `rate_limited`: it asks to wait. `unavailable`: it has not acted on the request, if one was sent. `ambiguous`: it may
   * have replaced the refresh token, but the response was lost or unusable.
   */
  readonly reason: "invalid_grant" | "client_refused" | "rate_limited" | "unavailable" | "ambiguous"
  /** Seconds that the provider asked to wait, at most 900. */
  readonly retryAfter?: number | undefined
  /** The request was sent and no response came: the provider may still process it. */
  readonly isUnanswered?: boolean
}> {
  override get message(): string {
    return `The provider gave no new tokens (${this.reason}).`
  }
}

/** A token may still be alive at the provider. */
export class RevocationFailed extends TaggedError("RevocationFailed")<{
  /** False if the provider refused the request itself, so repeating it does not help. */
  readonly retryable: boolean
  /** Seconds that the provider asked to wait, at most 900. */
  readonly retryAfter?: number | undefined
}> {
  override get message(): string {
    return this.retryable
      ? "The provider could not revoke the token. It may be tried again."
      : "The provider refused to revoke the token."
  }
}

/** A validated authorization response: only from it can a code be exchanged. */
export interface AuthorizationResponse {
  readonly code: Secret
  readonly iss: string | undefined
  /** The captured values, checked. */
  readonly captured: TenantFields
  /** The scopes that the response names, if the definition has a parameter for them. */
  readonly scopes?: ReadonlyArray<string> | undefined
  /** The flow's fields with the region that the callback named, if it differs from the tenant's choice. */
  readonly fields?: TenantFields | undefined
}

/** A fixed request with an access token. */
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

/** The values of one flow that go into its authorization URL. */
export interface AuthorizationUrlOptions {
  readonly server: CheckedServer
  readonly redirectUri: string
  readonly scopes: ReadonlyArray<string>
  /** The account is connected already, and these scopes add to those that it has, or replace them. */
  readonly reauthorizes?: "adding" | "replacing" | undefined
  readonly fields: TenantFields
  readonly state: string
  readonly secrets: FlowSecrets
}

/** A grant and where a request about it goes. */
export interface GrantAtServer {
  readonly server: CheckedServer
  readonly endpoint: SecretUrl
  readonly fields: TenantFields
}

/** The parts of a grant that a refresh needs. */
export interface RefreshedGrant extends GrantAtServer {
  readonly scopes: ReadonlyArray<string>
  readonly dpopKey: Secret | undefined
}

/** The OAuth2 protocol: PKCE, response checks, client authentication. `oauth4webapi` implements it. */
export class AuthorizationServerClient extends Context.Service<
  AuthorizationServerClient,
  {
    /** The URL to send the browser to (RFC 6749 §4.1.1, RFC 7636). Makes one request if the parameters are pushed (RFC 9126). */
    readonly authorizationUrl: (
      provider: OAuth2Provider,
      request: AuthorizationUrlOptions
    ) => Effect.Effect<string, AuthorizationFailed>
    /** Checks the parameters that the browser brought: `error`, `code`, `iss` (RFC 6749 §4.1.2, RFC 9207). */
    readonly validateResponse: (
      provider: OAuth2Provider,
      server: CheckedServer,
      flow: BoundFlow,
      parameters: URLSearchParams
    ) => Effect.Effect<AuthorizationResponse, AuthorizationFailed>
    /**
     * Exchanges the code of a burned and bound flow: one request, repeated once if the server wants its nonce in the proof
     * (RFC 9449 §8).
     */
    readonly exchange: (
      provider: OAuth2Provider,
      server: CheckedServer,
      flow: (BoundFlow | ParkedFlow) & FlowTerms,
      response: AuthorizationResponse,
      secrets: FlowSecrets
    ) => Effect.Effect<IssuedTokens, AuthorizationFailed>
    /**
     * One request with an access token: in the definition's header, or with a proof of the key that it is bound to (RFC
     * 9449 §7.1), repeated once if the server asks for its nonce.
     */
    readonly ask: (
      definition: Pick<OAuth2Definition, "tokenHeader">,
      probe: Probe,
      token: UsableToken
    ) => Effect.Effect<Response, EgressError>
    /**
     * Makes one refresh request (RFC 6749 §6). If the response has no refresh token, the old one stays valid.
     *
     * `sendBefore`, in milliseconds of `performance.now()`, is the last moment at which the request may be written: later,
     * another process may hold the lease.
     */
    readonly refresh: (
      provider: OAuth2Provider,
      grant: RefreshedGrant,
      refreshToken: Secret,
      options: { readonly sendBefore: number }
    ) => Effect.Effect<IssuedTokens, RefreshFailed>
    /** Revokes a token at the provider (RFC 7009); does nothing if the definition has no revocation. */
    readonly revoke: (
      provider: OAuth2Provider,
      grant: GrantAtServer,
      token: Secret,
      hint: "access_token" | "refresh_token"
    ) => Effect.Effect<void, RevocationFailed>
  }
>()("@hawser/core/AuthorizationServerClient") {}
