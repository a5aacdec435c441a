import { type DateTime, Schema } from "effect"
import type { CredentialId, Owner, ProviderId, TenantId, UserId } from "./Ids.ts"
import type { Sealed } from "./Sealed.ts"

/** `validated`: the provider accepted it in a live check. `unverified`: no check is known, or none could be made. */
export const CredentialStatus = Schema.Literals(["validated", "unverified"])
export type CredentialStatus = typeof CredentialStatus.Type

/** How many an owner may have stored of one provider at once, those in use among them. */
export const mostCredentials = 100

/** An API key that was handed over, without its secret. */
export interface Credential {
  readonly id: CredentialId
  readonly tenantId: TenantId
  readonly owner: Owner
  readonly provider: ProviderId
  readonly label: string | undefined
  readonly status: CredentialStatus
  readonly createdBy: UserId
  readonly createdAt: DateTime.Utc
}

/** A credential on its way into a store: the fields are one sealed JSON object; the store's clock sets `createdAt`. */
export interface NewCredential extends Omit<Credential, "createdAt"> {
  readonly sealedFields: Sealed
}

/** A credential with its sealed fields, as a store keeps it. */
export interface StoredCredential extends Credential {
  readonly sealedFields: Sealed
}
