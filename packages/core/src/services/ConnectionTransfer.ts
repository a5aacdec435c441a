import { Context, type DateTime, type Effect } from "effect"
import type {
  Account,
  AccountHeld,
  Integration,
  IntegrationId,
  IntegrationStatus,
  NewCredential,
  ProviderId,
  SealedGrant,
  StorageUnavailable,
  StoredCredential,
  StoredGrant,
  TenantFields,
  TenantId,
  UserId
} from "../model/index.ts"
import type { IntegrationKey } from "./IntegrationStore.ts"

/** A connection that was made elsewhere. */
export interface ImportConnection extends IntegrationKey {
  readonly newId: IntegrationId
  readonly connectedBy: UserId
  /** Undefined for now. */
  readonly connectedAt: DateTime.Utc | undefined
  readonly with:
    | {
        readonly _tag: "Grant"
        readonly grant: SealedGrant
        readonly scopes: ReadonlyArray<string>
        readonly fields: TenantFields
        readonly account: Account | undefined
        /** As for `connect` of the `IntegrationStore`. */
        readonly heldAccount?: Uint8Array | undefined
      }
    | {
        readonly _tag: "Credential"
        readonly credential: Pick<NewCredential, "id" | "label" | "sealedFields">
      }
}

/** A connection with what it is connected with, sealed. */
export interface StoredConnection {
  readonly integration: Integration
  readonly with:
    | { readonly _tag: "Grant"; readonly grant: StoredGrant }
    | { readonly _tag: "Credential"; readonly credential: StoredCredential }
}

/** Whose connection an account at a provider is. */
export interface AccountHolder {
  readonly tenantId: TenantId
  readonly integrationId: IntegrationId
  readonly status: IntegrationStatus
}

/** Connections of all tenants at once, for the host itself: coming from elsewhere, going elsewhere, and by account. */
export class ConnectionTransfer extends Context.Service<
  ConnectionTransfer,
  {
    /**
     * Writes a connection, and an API key with it, without an event. If the tenant has an integration with that key
     * already, whatever its status, nothing is written and that one is answered. `AccountHeld` as for `connect`.
     */
    readonly importConnection: (
      command: ImportConnection
    ) => Effect.Effect<Integration | undefined, AccountHeld | StorageUnavailable>
    /** Connections that are `connected` or at `error`, by tenant, provider and connection. */
    readonly exportPage: (page: {
      readonly limit: number
      /** The integration after which the page begins. */
      readonly after: IntegrationKey | undefined
    }) => Effect.Effect<ReadonlyArray<StoredConnection>, StorageUnavailable>
    /** The integrations of all tenants with a provider, by tenant and connection, without what they are connected with. */
    readonly ofProvider: (query: {
      readonly provider: ProviderId
      readonly status: ReadonlyArray<IntegrationStatus>
      readonly limit: number
      /** The integration after which the page begins; it need not exist any more. */
      readonly after: Pick<IntegrationKey, "tenantId" | "connection"> | undefined
    }) => Effect.Effect<ReadonlyArray<Integration>, StorageUnavailable>
    /** By tenant. More than one tenant may be connected as the same account. */
    readonly findByAccount: (query: {
      readonly provider: ProviderId
      readonly accountId: string
    }) => Effect.Effect<ReadonlyArray<AccountHolder>, StorageUnavailable>
  }
>()("@hawser/core/ConnectionTransfer") {}
