import type { Effect } from "effect"
import type { CryptoKey } from "oauth4webapi"
import type { ClientUnavailable, ProviderId, TenantId } from "../model/index.ts"
import type { ClientAuthentication } from "./ClientAuthentication.ts"
import type { MayBind } from "./MayBind.ts"
import type { ApiKeyDefinition, OAuth2Definition } from "./ProviderDefinition.ts"

/** A registration at an OAuth2 provider: the host's, or a tenant's. */
export interface OAuthClientRegistration {
  readonly clientId: string
  readonly authentication: ClientAuthentication
  /** The key of an app that makes tokens of its installations; undefined for what is no such app. */
  readonly appKey: CryptoKey | undefined
}

/** To whom a host offers a provider. */
export interface Availability {
  /** Whether the public catalog shows it. */
  readonly listed: boolean
  /** For a tenant to whom it is closed, it is not there. */
  readonly isOpenTo: (tenantId: TenantId) => Effect.Effect<boolean>
}

/** What is the same of an OAuth2 provider for all tenants. */
interface OAuth2Settings extends Availability {
  readonly authType: "oauth2"
  readonly id: ProviderId
  readonly definition: OAuth2Definition
  /** What an authorization request asks for. */
  readonly scopes: ReadonlyArray<string>
  /** What it asks for in the vendor's second list; empty if there is none. */
  readonly userScopes: ReadonlyArray<string>
  /** Without each of these granted, the connection is refused. */
  readonly requiredScopes: ReadonlyArray<string>
  /** Whether authorization requests are pushed (RFC 9126). */
  readonly pushedAuthorizationRequests: boolean
  /** Whether tokens are bound to a key of each flow's own (RFC 9449). */
  readonly dpop: boolean
  /** What tokens are asked for (RFC 8707). */
  readonly resource: ReadonlyArray<string>
  /** The host's own answer to who may connect which installation of a GitHub App; undefined without one. */
  readonly mayBind: MayBind | undefined
}

/** An OAuth2 provider with the client that it is used with. */
export interface OAuth2Provider extends OAuth2Settings {
  readonly client: OAuthClientRegistration
  /**
   * SHA-256 over token endpoint, client id, refresh endpoint where it is another, and the tenant where the client is its
   * own, as hex: a grant remembers the client it was issued to.
   */
  readonly clientFingerprint: string
  /** The client with its secret, told apart from the same client with another: see `clientVersion()`. */
  readonly clientVersion: string
  /** The fingerprint above, and those of former token endpoints that the host approved: grants that may be refreshed. */
  readonly acceptedFingerprints: ReadonlySet<string>
  /** What ends the redirect URI of a tenant with a client of its own; undefined for the client that all share. */
  readonly callbackContext?: string
}

/** An OAuth2 provider at which each tenant has a client of its own: for one tenant at a time it is an `OAuth2Provider`. */
export interface TenantClientsProvider extends OAuth2Settings {
  /** The provider with this tenant's client; undefined if the tenant has none. */
  readonly usedBy: (
    tenantId: TenantId
  ) => Effect.Effect<OAuth2Provider | undefined, ClientUnavailable>
}

/** An API-key provider that the host has configured. */
export interface ApiKeyProvider extends Availability {
  readonly authType: "api_key"
  readonly id: ProviderId
  readonly definition: ApiKeyDefinition
}

/** A provider as a tenant uses it. */
export type Provider = OAuth2Provider | ApiKeyProvider

/** A provider as the host has configured it. */
export type ConfiguredProvider = Provider | TenantClientsProvider

export const hasTenantClients = (provider: ConfiguredProvider): provider is TenantClientsProvider =>
  "usedBy" in provider
