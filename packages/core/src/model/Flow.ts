import { type Brand, type Duration, Schema } from "effect"
import type { ConnectionName, Owner, ProviderId, TenantId, UserId } from "./Ids.ts"
import type { TenantFields } from "./Integration.ts"
import type { Sealed, Secret } from "./Sealed.ts"

/**
 * How a flow is bound to who started it. `cookie` proves the browser; `session` asks the host who is signed in at
 * the callback; `complete` parks the code there and lets only the signed-in user who started the flow finish it; `confirm`,
 * for pages that tenants run, does so once the person at the browser has agreed on a page of Hawser's.
 */
export const Binding = Schema.Literals(["cookie", "session", "complete", "confirm"])
export type Binding = typeof Binding.Type

/** SHA-256 of a state, a browser secret or a flow id: what is stored in place of the value. */
export type SecretHash = Uint8Array & Brand.Brand<"SecretHash">

/** The authorization server as it was when the flow began; a definition that changes meanwhile changes nothing here. */
export interface AuthorizationServerSnapshot {
  readonly issuer: string
  readonly authorizationEndpoint: string
  readonly tokenEndpoint: string
  readonly clientId: string
  /** Where the account is asked for, if the definition has that done by a request: its template. */
  readonly accountEndpoint?: string
  /** Where values to be captured are asked for: its template. */
  readonly discoveryEndpoint?: string
  /** Where the lifetime of an access token is asked for (RFC 7662). */
  readonly introspectionEndpoint?: string
  /** Where the token of the token response is turned into the one that is used. */
  readonly tokenExchangeEndpoint?: string
  /** Where the authorization request was pushed, if it was (RFC 9126). */
  readonly pushedAuthorizationRequestEndpoint?: string
  /** How the response was asked for, if not in the query: it comes that way and no other. */
  readonly responseMode?: "form_post"
  /** What the tokens are asked for, on the authorization and on the token request (RFC 8707 §2). */
  readonly resource?: ReadonlyArray<string>
}

/** What a flow keeps to itself between its start and its end. */
export interface FlowSecrets {
  /** Undefined if the provider is known to break on PKCE. */
  readonly codeVerifier: Secret | undefined
  /** The JWK of the private key that the tokens are bound to, if the host asks for DPoP (RFC 9449). */
  readonly dpopKey: Secret | undefined
}

/** What a flow fixes at its start. The callback takes none of it from the request. */
export interface FlowTerms {
  readonly tenantId: TenantId
  readonly owner: Owner
  readonly userId: UserId
  readonly provider: ProviderId
  readonly name: ConnectionName
  readonly binding: Binding
  /** Where the browser ends up. */
  readonly redirectUrl: string
  /** OAuth's `redirect_uri`, sent again, identical, with the code. */
  readonly redirectUri: string
  readonly server: AuthorizationServerSnapshot
  readonly scopes: ReadonlyArray<string>
  /** What the tenant named of its own place at the provider, such as a subdomain: checked, and never a secret. */
  readonly fields: TenantFields
  /** Begun while connected: its tokens replace those that work until then. */
  readonly reauthorizes: boolean
}

/** A flow on its way into the store. */
export interface NewFlow extends FlowTerms {
  readonly stateHash: SecretHash
  /** Hash of the browser's secret; undefined unless the binding is `cookie`. */
  readonly browserHash: SecretHash | undefined
  /** Its `FlowSecrets`, as one sealed value. A flow without any seals that: its terms are bound to it. */
  readonly sealedSecrets: Sealed
  /** The keyed hash of who begins it. */
  readonly userHash: Uint8Array
}

/** A flow whose state was presented: it can never be presented again, whatever comes next. */
export interface BurnedFlow
  extends Omit<NewFlow, "sealedSecrets" | "userHash">, Brand.Brand<"BurnedFlow"> {
  /** Undefined if somebody has emptied the row. */
  readonly sealedSecrets: Sealed | undefined
  /** Judged by the store's clock at the moment of burning. */
  readonly expired: boolean
}

/** A burned flow that is unexpired, on its own provider's path, and proven to belong to who presents it. */
export type BoundFlow = BurnedFlow & Brand.Brand<"BoundFlow">

/**
 * What a parked flow waits for: `parked` for the call of `complete`, `confirming` for a person to agree on the confirm page,
 * `choosing` for the choice of an account.
 */
export type ParkedState = "parked" | "confirming" | "choosing"

/** A flow that waits, sealed, after its callback. */
export interface WaitingFlow extends FlowTerms {
  readonly stateHash: SecretHash
  readonly flowIdHash: SecretHash
  /** Whoever takes a flow compares it: another state than the expected one is as no flow at all. */
  readonly as: ParkedState
  /** What waits, with the flow's secrets, as one sealed JSON object. It opens in its own state alone. */
  readonly sealedResponse: Sealed
  readonly expired: boolean
  /** What is left of its time, by the store's clock. */
  readonly remaining: Duration.Duration
}

/** A parked flow that was taken: its flow id can never be presented again. */
export type ParkedFlow = WaitingFlow & Brand.Brand<"ParkedFlow">

/** Why a presented state led to nothing: for the security log, never for the answer. */
export type BurnMiss = "unknown" | "replayed"
