import { type DateTime, Schema } from "effect"
import type { IntegrationProblem } from "./GrantProblem.ts"
import type {
  ConnectionName,
  CredentialId,
  IntegrationId,
  Owner,
  ProviderId,
  TenantId,
  UserId
} from "./Ids.ts"

export const IntegrationStatus = Schema.Literals(["connected", "disconnected", "error"])
export type IntegrationStatus = typeof IntegrationStatus.Type

/** Values of a definition's fields by name. */
export type TenantFields = Readonly<Record<string, string>>

/** The account at the provider that a tenant is connected as. */
export interface Account {
  readonly id: string
  /** What a person knows it by. */
  readonly label: string | undefined
  /** The server that names it, if a tenant decides which one that is: another may give the same id to another account. */
  readonly issuer?: string | undefined
}

export const isSameAccount = (
  one: Pick<Account, "id" | "issuer">,
  other: Pick<Account, "id" | "issuer">
): boolean => one.id === other.id && one.issuer === other.issuer

/** At most one connection exists for each of these. Whatever is kept of one, is kept by all four. */
export interface IntegrationKey {
  readonly tenantId: TenantId
  readonly owner: Owner
  readonly provider: ProviderId
  readonly name: ConnectionName
}

/** How many an owner may have to one provider, whatever their status. */
export const mostConnections = 100

/** The key as one text. JSON keeps its parts apart: tenant ids are the host's own. */
export const keyText = ({ name, owner, provider, tenantId }: IntegrationKey): string =>
  JSON.stringify([tenantId, owner, provider, name])

/** A connection to a provider. Its id stays the same through disconnect and reconnect. */
export interface Integration extends IntegrationKey {
  readonly id: IntegrationId
  readonly status: IntegrationStatus
  readonly connectedBy: UserId
  readonly connectedAt: DateTime.Utc
  /** The scopes that the provider granted, which may be fewer than were asked for. Empty for an API key. */
  readonly scopes: ReadonlyArray<string>
  /** The stored API key in use; undefined for OAuth2 and once disconnected. */
  readonly credentialId: CredentialId | undefined
  /** Empty for an API key, whose fields are sealed in the credential, and once disconnected. */
  readonly fields: TenantFields
  /** Undefined if the provider's definition tells none, and once the tenant's own admin has disconnected it. */
  readonly account: Account | undefined
  /** Why it stands at `error`, or why its provider ended it; undefined if it works or a user disconnected it. */
  readonly problem: IntegrationProblem | undefined
  /** The host has suspended the user who owns it. */
  readonly isSuspended?: boolean
}
