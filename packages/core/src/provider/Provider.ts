import type { Effect } from "effect"
import {
  type ClientUnavailable,
  kindOfOwner,
  type Owner,
  type OwnerKind,
  type ProviderId,
  type TenantId
} from "../model/index.ts"
import type { ClientAuthentication } from "./ClientAuthentication.ts"
import type { HostAuthKind } from "./HostAuthKind.ts"
import type { ApiKeyDefinition, OAuth2Definition } from "./ProviderDefinition.ts"

/** A registration at an OAuth2 provider: the host's, or a tenant's. */
export interface OAuthClientRegistration {
  readonly clientId: string
  readonly authentication: ClientAuthentication
}

/** Options of every provider. */
export interface CommonProviderConfig {
  /**
   * `public`, the default: listed in the catalog and open to every tenant. `unlisted`: open, but not listed. A function:
   * not listed, and open to the tenants for which it returns true; it counts as false if it throws or does not answer in
   * time.
   */
  readonly availability?: "public" | "unlisted" | ((tenantId: string) => boolean | Promise<boolean>)
  /**
   * Who may own connections: the tenant, its users, or both. Default `["tenant"]`. The connections of those who are left out
   * later are neither refreshed nor given out; they can still be disconnected.
   */
  readonly ownedBy?: ReadonlyArray<OwnerKind>
  /** Whether an owner may have several connections, told apart by names, at most 100. Default `one`, named `default`. */
  readonly connections?: "one" | "many"
  /** Values of the definition's `settings`, by name. */
  readonly settings?: Readonly<Record<string, string>>
  /**
   * Lets tenants name the whole host, for a product that they host themselves. The egress of your process will then reach
   * any public host that a tenant names. Default false: a definition with such a field stops the start.
   */
  readonly allowTenantHosts?: boolean
}

/** An API-key provider as a host configures it. */
export interface ApiKeyProviderConfig extends CommonProviderConfig {
  /** What is known of the provider, as data. The helpers of the catalogue bring it. */
  readonly definition: ApiKeyDefinition
}

/** To whom a host offers a provider, and how. */
export interface Availability {
  /** Whether the public catalog shows it. */
  readonly listed: boolean
  /** Whether a tenant may use it. To any other tenant the provider does not exist. */
  readonly isOpenTo: (tenantId: TenantId) => Effect.Effect<boolean>
  readonly ownedBy: ReadonlySet<OwnerKind>
  readonly connections: "one" | "many"
}

/** Whether the host lets this owner have connections. */
export const mayOwn = ({ ownedBy }: Pick<Availability, "ownedBy">, owner: Owner): boolean =>
  ownedBy.has(kindOfOwner(owner))

/** The parts of an OAuth2 provider that are the same for all tenants. */
interface OAuth2Settings extends Availability {
  readonly authType: "oauth2"
  readonly id: ProviderId
  readonly definition: OAuth2Definition
  /** What an authorization request asks for. */
  readonly scopes: ReadonlyArray<string>
  /** The scopes of the vendor's second list; empty if it has none. */
  readonly userScopes: ReadonlyArray<string>
  /** Without each of these granted, the connection is refused. */
  readonly requiredScopes: ReadonlyArray<string>
  /** Whether authorization requests are pushed (RFC 9126). */
  readonly pushedAuthorizationRequests: boolean
  /** Whether tokens are bound to a key pair that each flow makes (RFC 9449). */
  readonly dpop: boolean
  /** What tokens are asked for (RFC 8707). */
  readonly resource: ReadonlyArray<string>
}

/** An OAuth2 provider with the client that it is used with. */
export interface OAuth2Provider extends OAuth2Settings {
  readonly client: OAuthClientRegistration
  /**
   * SHA-256 as hex over token endpoint, client id, a separate refresh endpoint, and the tenant if the client is the
   * tenant's. A grant remembers by it which client it was issued to.
   */
  readonly clientFingerprint: string
  /** Identifies the client together with its secret: see `clientVersion()`. */
  readonly clientVersion: string
  /** The fingerprints whose grants may be refreshed: the one above, and those of former token endpoints that the host approved. */
  readonly acceptedFingerprints: ReadonlySet<string>
  /** The last part of the redirect URI, for a tenant's own client; undefined for the client that all tenants share. */
  readonly callbackContext?: string
}

/** An OAuth2 provider at which each tenant has its own client. For one tenant it becomes an `OAuth2Provider`. */
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
  /** The host's auth kind that the definition names; undefined for one of Hawser's. */
  readonly hostKind?: HostAuthKind | undefined
}

/** A provider that a person consents to, by whichever client. */
export type GrantProvider = OAuth2Provider | TenantClientsProvider

/** A provider as a tenant uses it. */
export type Provider = OAuth2Provider | ApiKeyProvider

/** A provider as the host has configured it. */
export type ConfiguredProvider = Provider | TenantClientsProvider

export const hasTenantClients = (provider: ConfiguredProvider): provider is TenantClientsProvider =>
  "usedBy" in provider
