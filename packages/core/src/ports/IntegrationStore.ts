import type { Effect } from "effect"
import { Context } from "effect"
import type {
  AlreadyConnected,
  CredentialNotFound,
  IntegrationNotFound,
  NotConnected,
  StorageUnavailable
} from "../domain/Errors.ts"
import type { EventDraft } from "../domain/Event.ts"
import type {
  ConnectionName,
  CredentialId,
  IntegrationId,
  ProviderId,
  TenantId,
  UserId
} from "../domain/Ids.ts"
import type {
  Integration,
  IntegrationStatus,
  SealedGrant,
  StoredGrant
} from "../domain/Integration.ts"

/** At most one integration exists for each of these. */
export interface IntegrationKey {
  readonly tenantId: TenantId
  readonly provider: ProviderId
  readonly connection: ConnectionName
}

/** What connects: a stored API key, or the tokens just issued. */
export type ConnectedWith =
  | { readonly _tag: "Credential"; readonly credentialId: CredentialId }
  | { readonly _tag: "Grant"; readonly grant: SealedGrant; readonly scopes: ReadonlyArray<string> }

export interface ConnectIntegration extends IntegrationKey {
  /** The id if the tenant has never had this integration; one that exists keeps its own. */
  readonly newId: IntegrationId
  readonly connectedBy: UserId
  readonly with: ConnectedWith
  /** Written in the same unit: recorded if and only if the connection is. */
  readonly publish: Extract<EventDraft, { readonly event: "integration.connected" }>
}

export interface DisconnectIntegration extends IntegrationKey {
  readonly publish: Extract<EventDraft, { readonly event: "integration.disconnected" }>
}

export interface ListIntegrations {
  readonly tenantId: TenantId
  readonly status: IntegrationStatus | undefined
  readonly provider: ProviderId | undefined
}

/**
 * Keeps integrations and their grants. Each command is one unit with the event it takes (docs/decisions), and the
 * store's own clock gives every instant.
 */
export class IntegrationStore extends Context.Service<
  IntegrationStore,
  {
    /**
     * Connects, or reconnects from `disconnected` and `error`. Of racing calls exactly one succeeds, decided by the
     * store; the others get `AlreadyConnected`. `CredentialNotFound` where the credential went meanwhile.
     */
    readonly connect: (
      command: ConnectIntegration
    ) => Effect.Effect<Integration, AlreadyConnected | CredentialNotFound | StorageUnavailable>
    /**
     * Marks as disconnected and destroys the grant, or the credential in use, in the same unit (S-46). Disconnecting
     * what is already disconnected fails with `IntegrationNotFound`.
     */
    readonly disconnect: (
      command: DisconnectIntegration
    ) => Effect.Effect<Integration, IntegrationNotFound | StorageUnavailable>
    readonly find: (
      key: IntegrationKey
    ) => Effect.Effect<Integration, IntegrationNotFound | StorageUnavailable>
    /** By provider, then connection. */
    readonly list: (
      query: ListIntegrations
    ) => Effect.Effect<ReadonlyArray<Integration>, StorageUnavailable>
    /** The tokens of a connected OAuth2 integration, in one statement. */
    readonly grant: (
      key: IntegrationKey
    ) => Effect.Effect<StoredGrant, NotConnected | StorageUnavailable>
  }
>()("@hawser/core/IntegrationStore") {}
