import type { ClientAuthentication } from "./ClientAuthentication.ts"
import type { ProviderId, TenantId } from "./Ids.ts"
import type { ApiKeyDefinition, OAuth2Definition } from "./ProviderDefinition.ts"

/** The host's registration at an OAuth2 provider. */
export interface OAuthClientRegistration {
  readonly clientId: string
  readonly authentication: ClientAuthentication
}

/** To whom a host offers a provider. */
export interface Availability {
  /** Whether the public catalog shows it. */
  readonly listed: boolean
  /** For a tenant to whom it is closed, it is not there. */
  readonly isOpenTo: (tenantId: TenantId) => boolean
}

/** An OAuth2 provider that the host has configured. */
export interface OAuth2Provider extends Availability {
  readonly authType: "oauth2"
  readonly id: ProviderId
  readonly definition: OAuth2Definition
  readonly client: OAuthClientRegistration
  /** SHA-256 over token endpoint, client id, and refresh endpoint where it is another, as hex: a grant remembers the client it was issued to. */
  readonly clientFingerprint: string
  /** The fingerprint above, and those of former token endpoints that the host approved: grants that may be refreshed. */
  readonly acceptedFingerprints: ReadonlySet<string>
  /** What an authorization request asks for. */
  readonly scopes: ReadonlyArray<string>
  /** Without each of these granted, the connection is refused. */
  readonly requiredScopes: ReadonlyArray<string>
  /** Whether authorization requests are pushed (RFC 9126). */
  readonly pushedAuthorizationRequests: boolean
  /** Whether tokens are bound to a key of each flow's own (RFC 9449). */
  readonly dpop: boolean
  /** What tokens are asked for (RFC 8707). */
  readonly resource: ReadonlyArray<string>
}

/** An API-key provider that the host has configured. */
export interface ApiKeyProvider extends Availability {
  readonly authType: "api_key"
  readonly id: ProviderId
  readonly definition: ApiKeyDefinition
}

export type Provider = OAuth2Provider | ApiKeyProvider
