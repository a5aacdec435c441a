import { Context, type DateTime, type Duration, type Effect } from "effect"
import type {
  Credential,
  CredentialId,
  CredentialInUse,
  CredentialNotFound,
  Forbidden,
  NewCredential,
  Owner,
  ProviderId,
  StorageUnavailable,
  StoredCredential,
  TenantId,
  TooManyCredentials
} from "../model/index.ts"

/** What a credential is looked up by: all four, always, so that another tenant's, owner's or provider's is not there. */
export interface CredentialKey {
  readonly tenantId: TenantId
  readonly owner: Owner
  readonly provider: ProviderId
  readonly id: CredentialId
}

export interface ListCredentials extends Omit<CredentialKey, "id"> {
  /** Undefined for all at once. `after` need not be there any more. */
  readonly page?:
    | {
        readonly limit: number | undefined
        /** In milliseconds, which is as exact as the order is: of one of them, ids decide. */
        readonly after: { readonly createdAt: DateTime.Utc; readonly id: CredentialId } | undefined
      }
    | undefined
}

/** Keeps tenants' API keys, as ciphertext only. */
export class CredentialStore extends Context.Service<
  CredentialStore,
  {
    /**
     * Stores a credential; the store's clock gives `createdAt`. `TooManyCredentials` if its owner has `mostCredentials` of
     * the provider, counted by the statement that stores. `Forbidden` if the user is barred.
     */
    readonly insert: (
      credential: NewCredential
    ) => Effect.Effect<Credential, Forbidden | TooManyCredentials | StorageUnavailable>
    /** Finds by the whole key, in one statement. */
    readonly find: (
      key: CredentialKey
    ) => Effect.Effect<StoredCredential, CredentialNotFound | StorageUnavailable>
    /** An owner's credentials of a provider, the oldest first, without what is sealed, and how many there are in all. */
    readonly list: (
      query: ListCredentials
    ) => Effect.Effect<
      { readonly items: ReadonlyArray<Credential>; readonly total: number },
      StorageUnavailable
    >
    /** Destroys a credential. `CredentialInUse` while an integration is connected with it, decided by the store. */
    readonly delete: (
      key: CredentialKey
    ) => Effect.Effect<void, CredentialNotFound | CredentialInUse | StorageUnavailable>
    /** Deletes unused credentials older than `retention`. Returns the number deleted. */
    readonly sweepUnused: (
      retention: Duration.Duration
    ) => Effect.Effect<number, StorageUnavailable>
  }
>()("@hawser/core/CredentialStore") {}
