import { type DateTime, Schema } from "effect"
import {
  type CredentialId,
  type Owner,
  type ProviderId,
  StorableText,
  type TenantId,
  type UserId
} from "./Ids.ts"
import type { Account } from "./Integration.ts"
import type { Sealed } from "./Sealed.ts"

/** `validated`: the provider accepted it in a live check. `unverified`: no check is known, or none could be made. */
export const CredentialStatus = Schema.Literals(["validated", "unverified"])
export type CredentialStatus = typeof CredentialStatus.Type

/** What people call a stored key. */
export const CredentialLabel = StorableText({ maxLength: 200 })

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

/** What a store keeps of a credential besides. */
interface SealedCredential {
  /** The fields, as one sealed JSON object. */
  readonly sealedFields: Sealed
  /** Whom the key belongs to, as its provider said when it was stored; undefined if nobody told it. */
  readonly account?: Account | undefined
}

/** A credential on its way into a store, whose clock sets `createdAt`. */
export interface NewCredential extends Omit<Credential, "createdAt">, SealedCredential {
  /** The keyed hash of `createdBy`. */
  readonly userHash: Uint8Array
}

/** A credential as a store keeps it. */
export interface StoredCredential extends Credential, SealedCredential {}
