import type { Duration, Effect } from "effect"
import { Context } from "effect"
import type { Credential, NewCredential, StoredCredential } from "../domain/Credential.ts"
import type { CredentialInUse, CredentialNotFound, StorageUnavailable } from "../domain/Errors.ts"
import type { CredentialId, ProviderId, TenantId } from "../domain/Ids.ts"

/** What a credential is looked up by: all three, always, so that another tenant's or provider's is not there. */
export interface CredentialKey {
  readonly tenantId: TenantId
  readonly provider: ProviderId
  readonly id: CredentialId
}

/** Keeps tenants' API keys, as ciphertext only. */
export class CredentialStore extends Context.Service<
  CredentialStore,
  {
    /** Stores a credential; the store's clock gives `createdAt`. */
    readonly insert: (credential: NewCredential) => Effect.Effect<Credential, StorageUnavailable>
    /** Finds by tenant and provider and id, in one statement (S-57, S-58). */
    readonly find: (
      key: CredentialKey
    ) => Effect.Effect<StoredCredential, CredentialNotFound | StorageUnavailable>
    /** A tenant's credentials of a provider, the oldest first, without what is sealed. */
    readonly list: (
      query: Omit<CredentialKey, "id">
    ) => Effect.Effect<ReadonlyArray<Credential>, StorageUnavailable>
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
