import { Context, type Effect } from "effect"
import type {
  Account,
  AccountHeld,
  AccountMismatch,
  AlreadyConnected,
  ConnectionName,
  CredentialId,
  CredentialNotFound,
  DraftOf,
  GrantNotKept,
  Integration,
  IntegrationId,
  IntegrationNotFound,
  IntegrationReplaced,
  IntegrationStatus,
  NotConnected,
  ProviderId,
  ReconnectRequired,
  SealedGrant,
  StorageUnavailable,
  StoredGrant,
  TenantFields,
  TenantId,
  UserId
} from "../model/index.ts"

/** At most one integration exists for each of these. */
export interface IntegrationKey {
  readonly tenantId: TenantId
  readonly provider: ProviderId
  readonly connection: ConnectionName
}

/** What connects: a stored API key, or the tokens just issued. */
export type ConnectedWith =
  | { readonly _tag: "Credential"; readonly credentialId: CredentialId }
  | {
      readonly _tag: "Grant"
      readonly grant: SealedGrant
      readonly scopes: ReadonlyArray<string>
      readonly fields: TenantFields
      readonly account: Account | undefined
      /** The tokens may take the place of those of an integration that is connected. */
      readonly reauthorizes: boolean
      /** A keyed hash of what one tenant at a time may be connected with. Default: many may. */
      readonly heldAccount?: Uint8Array | undefined
      /**
       * The grant, as it was read, whose refresh token goes on in this one. Its tokens are not revoked: an access token may
       * take the refresh token with it (RFC 7009 §2.1).
       */
      readonly keeps?: Pick<StoredGrant, "id" | "generation"> | undefined
    }

export interface ConnectIntegration extends IntegrationKey {
  /**
   * The id if the tenant has never had this integration; one that exists keeps its own. With tokens it must be that very
   * id, because they are sealed for it.
   */
  readonly newId: IntegrationId
  readonly connectedBy: UserId
  readonly with: ConnectedWith
  /** Written in the same unit: recorded if and only if the connection is. */
  readonly publish: DraftOf<"integration.connected">
}

export interface DisconnectIntegration extends IntegrationKey {
  readonly publish: DraftOf<"integration.disconnected">
}

export interface ListIntegrations {
  readonly tenantId: TenantId
  readonly status: IntegrationStatus | undefined
  readonly provider: ProviderId | undefined
  /** Undefined for all at once. */
  readonly page?:
    | {
        /** Undefined for all that come after. */
        readonly limit: number | undefined
        /** The integration after which the page begins; it need not exist any more. */
        readonly after: Pick<IntegrationKey, "provider" | "connection"> | undefined
      }
    | undefined
}

export interface IntegrationPage {
  readonly items: ReadonlyArray<Integration>
  /** Of all that the query matches, on whatever page. */
  readonly total: number
}

export interface SwapCredential extends IntegrationKey {
  readonly credentialId: CredentialId
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
     * store; the others get `AlreadyConnected`. `CredentialNotFound` if the credential went meanwhile.
     * `AccountMismatch` if the integration remembers another account. `AccountHeld` while another integration
     * keeps tokens with the same `held`, those in quarantine among them; of racing calls one succeeds.
     * `IntegrationReplaced` if tokens were sealed for another id than the integration has. `GrantNotKept` if the grant
     * that is to be kept is another by now, or somebody is refreshing it.
     */
    readonly connect: (
      command: ConnectIntegration
    ) => Effect.Effect<
      Integration,
      | AlreadyConnected
      | AccountHeld
      | AccountMismatch
      | CredentialNotFound
      | GrantNotKept
      | IntegrationReplaced
      | StorageUnavailable
    >
    /**
     * Connects a connected integration with another stored API key from one moment to the next; the former stays stored.
     * `IntegrationNotFound` if none is connected by an API key, `CredentialNotFound` if the new one went meanwhile.
     */
    readonly swapCredential: (
      command: SwapCredential
    ) => Effect.Effect<Integration, IntegrationNotFound | CredentialNotFound | StorageUnavailable>
    /**
     * Marks as disconnected, forgets the account and destroys the grant, or the credential in use, in the same unit.
     * What revoking the grant at the provider needs goes, sealed, into the `RevocationQueue`.
     * Disconnecting what is already disconnected fails with `IntegrationNotFound`; if its provider ended it, what waits
     * in quarantine is destroyed and account and problem are forgotten all the same, without an event.
     */
    readonly disconnect: (
      command: DisconnectIntegration
    ) => Effect.Effect<Integration, IntegrationNotFound | StorageUnavailable>
    readonly find: (
      key: IntegrationKey
    ) => Effect.Effect<Integration, IntegrationNotFound | StorageUnavailable>
    /** By provider, then connection. */
    readonly list: (query: ListIntegrations) => Effect.Effect<IntegrationPage, StorageUnavailable>
    /**
     * The tokens of an OAuth2 integration that is `connected` or at `error`, in one statement. `ReconnectRequired` if
     * the provider ended it, `NotConnected` if a user did or it never was.
     */
    readonly grant: (
      key: IntegrationKey
    ) => Effect.Effect<StoredGrant, NotConnected | ReconnectRequired | StorageUnavailable>
  }
>()("@hawser/core/IntegrationStore") {}
