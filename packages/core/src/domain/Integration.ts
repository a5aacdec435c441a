import type { DateTime } from "effect"
import { Schema } from "effect"
import type {
  ConnectionName,
  CredentialId,
  GrantId,
  IntegrationId,
  ProviderId,
  TenantId,
  UserId
} from "./Ids.ts"
import type { Sealed } from "./Sealed.ts"

export const IntegrationStatus = Schema.Literals(["connected", "disconnected", "error"])
export type IntegrationStatus = typeof IntegrationStatus.Type

/** Values of a definition's fields by name. */
export type TenantFields = Readonly<Record<string, string>>

/** The account at the provider that a tenant is connected as. */
export interface Account {
  readonly id: string
  /** What a person knows it by. */
  readonly label: string | undefined
}

/** A tenant's connection to a provider. Its id stays the same through disconnect and reconnect. */
export interface Integration {
  readonly id: IntegrationId
  readonly tenantId: TenantId
  readonly provider: ProviderId
  readonly connection: ConnectionName
  readonly status: IntegrationStatus
  readonly connectedBy: UserId
  readonly connectedAt: DateTime.Utc
  /** The scopes that the provider granted, which may be fewer than were asked for. Empty for an API key. */
  readonly scopes: ReadonlyArray<string>
  /** The stored API key in use; undefined for OAuth2 and once disconnected. */
  readonly credentialId: CredentialId | undefined
  /** Empty for an API key, whose fields are sealed in the credential, and once disconnected. */
  readonly fields: TenantFields
  /** Undefined where the provider's definition tells none, and once the tenant's own admin has disconnected it. */
  readonly account: Account | undefined
}

/** The OAuth2 tokens of an integration, sealed, as they are stored. */
export interface SealedGrant {
  readonly id: GrantId
  readonly accessToken: Sealed
  readonly refreshToken: Sealed | undefined
  /** The JWK of the private key that the tokens are bound to; undefined unless they are of the type `dpop` (RFC 9449). */
  readonly dpopKey: Sealed | undefined
  readonly tokenType: string
  /** Seconds from the moment of storing after which the access token is dead; undefined where the provider tells none. */
  readonly expiresIn: number | undefined
  /** SHA-256 of the client the tokens were issued to: another client cannot refresh them. */
  readonly clientFingerprint: string
}

/** A grant as it is read back: the lifetime has become an instant of the store's clock. */
export interface StoredGrant extends Omit<SealedGrant, "expiresIn"> {
  readonly scopes: ReadonlyArray<string>
  readonly expiresAt: DateTime.Utc | undefined
  /** Judged by the store's clock, as are all lifetimes. */
  readonly expired: boolean
}
