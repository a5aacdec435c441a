import { Context, Duration, type Effect } from "effect"
import type {
  Account,
  AccountAlreadyConnected,
  AccountHeld,
  TooManyConnections,
  AccountMismatch,
  AlreadyConnected,
  ConnectionName,
  CredentialId,
  CredentialNotFound,
  DraftOf,
  EndReason,
  Forbidden,
  GrantId,
  GrantNotKept,
  Integration,
  IntegrationId,
  IntegrationNotFound,
  IntegrationProblem,
  IntegrationReplaced,
  IntegrationStatus,
  Misconfigured,
  NotConnected,
  Owner,
  ProviderId,
  ReconnectRequired,
  RefreshLease,
  RefreshProblem,
  Sealed,
  SealedGrant,
  SealedTokens,
  StorageUnavailable,
  StoredGrant,
  TenantFields,
  TenantId,
  UserId,
  IntegrationKey
} from "../model/index.ts"

/** What connects: a stored API key, or the tokens just issued. */
export type ConnectedWith =
  | {
      readonly _tag: "Credential"
      /** One that is stored for the same owner and provider. Whom it belongs to is the connection's account. */
      readonly credentialId: CredentialId
    }
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
  /** The keyed hash of `connectedBy`. */
  readonly userHash: Uint8Array
  readonly with: ConnectedWith
  /** Written in the same unit: recorded if and only if the connection is. */
  readonly publish: DraftOf<"integration.connected">
}

export interface DisconnectIntegration extends IntegrationKey {
  /** The keyed hash of the user who disconnects; undefined if none does. */
  readonly userHash: Uint8Array | undefined
  readonly publish: DraftOf<"integration.disconnected">
}

/** What a list is ordered by. Ids of one owner's connections grow with their age, and tell nothing of a name. */
export type PlaceInList = Pick<Integration, "provider" | "owner" | "id">

export interface ListIntegrations {
  readonly tenantId: TenantId
  /** Whose: these owners', those of all users, or all. */
  readonly owners: ReadonlyArray<Owner> | "users" | "all"
  readonly status?: IntegrationStatus | undefined
  readonly provider?: ProviderId | undefined
  readonly name?: ConnectionName | undefined
  /** Only those with one of these. */
  readonly problem?: ReadonlyArray<IntegrationProblem> | undefined
  /** Undefined for all at once. */
  readonly page?:
    | {
        /** Undefined for all that come after. */
        readonly limit: number | undefined
        /** The integration after which the page begins; it need not exist any more. */
        readonly after: PlaceInList | undefined
      }
    | undefined
}

export interface IntegrationPage {
  readonly items: ReadonlyArray<Integration>
  /** Of all that the query matches, on whatever page. */
  readonly total: number
}

export interface SwapCredential extends IntegrationKey {
  /** The keyed hash of the user who swaps it. */
  readonly userHash: Uint8Array
  readonly credentialId: CredentialId
  /** Whom the new key belongs to; undefined if nobody told it. */
  readonly account?: Account | undefined
}

export interface AcquireLease extends IntegrationKey {
  /** The grant and the generation that the caller has read: a newer one needs no refresh. */
  readonly grantId: GrantId
  readonly generation: number
  /** Who holds it, for whoever looks into the table: a random name of the process. */
  readonly holder: string
  /** The client that asks, with its secret: the brake is one client's own. */
  readonly clientVersion: string
  /** How long the lease lasts by the store's clock: longer than the request may take. */
  readonly lease: Duration.Duration
}

/** What came of asking for the right to refresh. */
export type Acquisition =
  /** Granted and committed. A lease whose holder let it run out is taken over, and says so by `interrupted`. */
  | { readonly _tag: "Acquired"; readonly lease: RefreshLease }
  /** The user who owns it is suspended. */
  | { readonly _tag: "Suspended" }
  /** Somebody else refreshes: read the grant again in a moment. */
  | { readonly _tag: "Leased" }
  /** The grant is a newer one, or gone: read it again now. */
  | { readonly _tag: "Superseded" }
  /** The last attempt failed and the next is not due for this many seconds. */
  | { readonly _tag: "Deferred"; readonly problem: RefreshProblem; readonly retryIn: number }
  /** The brake is on for the client that asks, and this is not the grant that is tried now. */
  | { readonly _tag: "Paused" }

export interface RenewGrant {
  readonly tokens: SealedTokens
  readonly scopes: ReadonlyArray<string>
  /** Recorded where the integration stood at `error`: it is `connected` again. */
  readonly publish: DraftOf<"integration.recovered">
  /**
   * The fields from now on, which the tokens are sealed with, and the key that they are bound to, sealed again. If the owner
   * has the account there already, under another name, this connection keeps its tokens and no longer tells an account.
   */
  readonly moves?:
    | {
        readonly fields: TenantFields
        readonly dpopKey: Sealed | undefined
        readonly publish: DraftOf<"integration.moved">
      }
    | undefined
}

export interface DeferRefresh {
  readonly retryIn: Duration.Duration
  readonly problem: RefreshProblem
  /** The request may have reached the provider: the next attempt with this token is an `interrupted` one. */
  readonly ambiguous: boolean
  /** Recorded where the access token has expired and the integration was `connected`: it stands at `error` from now. */
  readonly publish: DraftOf<"integration.error">
}

export interface EndGrant {
  readonly reason: EndReason
  /** How long the sealed tokens wait for `restore` before they are destroyed. */
  readonly quarantine: Duration.Duration
  readonly publish: DraftOf<"integration.disconnected">
}

/** What came of ending a grant. */
export type Ending =
  | { readonly _tag: "Ended" }
  /** Newer tokens are there, so the verdict was about old ones: nothing was written. */
  | { readonly _tag: "Superseded" }
  /** The brake is on, so nothing ended. `first` for the one call that put it on. */
  | { readonly _tag: "Braked"; readonly first: boolean }

/** Whose tokens a challenge, or a success, was about. */
export interface UsedGrant extends IntegrationKey {
  readonly grantId: GrantId
  readonly generation: number
}

export interface NoteWithdrawal {
  /** The definition's check says so. Without it, two challenges at least `challengesApart` from each other do. */
  readonly isProven: boolean
  /** Recorded where that is enough: the integration stands at `error` from now. */
  readonly publish: DraftOf<"integration.error">
}

/** How long an API must have refused a token that cannot be refreshed: one refusal may be a mistake of a moment. */
export const challengesApart = Duration.minutes(1)

/** Tokens that nobody uses any more and that are still alive at the provider. */
export interface EnqueueRevocation extends IntegrationKey {
  readonly integrationId: IntegrationId
  readonly grant: Pick<
    SealedGrant,
    "id" | "accessToken" | "refreshToken" | "clientFingerprint" | "grantSubject"
  >
  readonly fields: TenantFields
  /** All accounts that the consent covers, if none of them was chosen. */
  readonly accounts?: ReadonlyArray<Account> | undefined
}

/**
 * The programs of one connection use it: it says who is connected with what, and keeps the grant. Each command is one unit with
 * its event (docs/decisions). The store's own clock counts every lifetime, and the store decides, by one statement or
 * transaction.
 */
export class ConnectionStore extends Context.Service<
  ConnectionStore,
  {
    /**
     * Connects, or reconnects from `disconnected` and `error`. Of racing calls exactly one succeeds, decided by the
     * store; the others get `AlreadyConnected`. `CredentialNotFound` if the credential went meanwhile.
     * `AccountMismatch` if the integration remembers another account. `AccountAlreadyConnected` while its owner is
     * connected with that account under another name. `AccountHeld` while another integration
     * keeps tokens with the same `heldAccount`, those in quarantine among them; of racing calls one succeeds.
     * `IntegrationReplaced` if tokens were sealed for another id than the integration has. `GrantNotKept` if the grant
     * that is to be kept is another by now, or somebody is refreshing it. `TooManyConnections` if the owner has
     * `mostConnections` of the provider under other names. `Forbidden` if the user is barred.
     */
    readonly connect: (
      command: ConnectIntegration
    ) => Effect.Effect<
      Integration,
      | AlreadyConnected
      | AccountAlreadyConnected
      | AccountHeld
      | AccountMismatch
      | CredentialNotFound
      | Forbidden
      | GrantNotKept
      | IntegrationReplaced
      | StorageUnavailable
      | TooManyConnections
    >
    /**
     * Connects a connected integration with another stored API key from one moment to the next; the former stays stored.
     * `IntegrationNotFound` if none is connected by an API key, `AccountMismatch` if the new one is known to be another
     * account's, `AccountAlreadyConnected` if the owner has another connection to that account, `CredentialNotFound` if the
     * key went meanwhile, `Forbidden` if the user is barred.
     */
    readonly swapCredential: (
      command: SwapCredential
    ) => Effect.Effect<
      Integration,
      | AccountAlreadyConnected
      | AccountMismatch
      | Forbidden
      | IntegrationNotFound
      | CredentialNotFound
      | StorageUnavailable
    >
    /**
     * Marks as disconnected, forgets the account and destroys the grant, or the credential in use, in the same unit.
     * Puts what the revocation at the provider needs, sealed, into the queue of revocations.
     * Disconnecting what is already disconnected fails with `IntegrationNotFound`; if its provider ended it, what waits
     * in quarantine is destroyed and account and problem are forgotten all the same, without an event. `Forbidden` if the
     * user was erased: the event would name the user.
     */
    readonly disconnect: (
      command: DisconnectIntegration
    ) => Effect.Effect<Integration, Forbidden | IntegrationNotFound | StorageUnavailable>
    readonly find: (
      key: IntegrationKey
    ) => Effect.Effect<Integration, IntegrationNotFound | StorageUnavailable>
    readonly findById: (
      key: Pick<Integration, "tenantId" | "id">
    ) => Effect.Effect<Integration, IntegrationNotFound | StorageUnavailable>
    /** By provider, the tenant's own before those of users, the oldest first. */
    readonly list: (query: ListIntegrations) => Effect.Effect<IntegrationPage, StorageUnavailable>
    /**
     * The tokens of an OAuth2 integration that is `connected` or at `error`, in one statement. `ReconnectRequired` if
     * the provider ended it, `NotConnected` if a user did or it never was, `Misconfigured` while its owner is suspended.
     */
    readonly grant: (
      key: IntegrationKey
    ) => Effect.Effect<
      StoredGrant,
      Misconfigured | NotConnected | ReconnectRequired | StorageUnavailable
    >
    /**
     * Asks for the right to refresh a grant. At most one holds it, under any concurrency and across processes; that a
     * request is about to be sent is committed with it. While the brake is on, one grant is tried in a minute, each
     * of a tenant that was not tried before, as far as there is one within ten minutes.
     */
    readonly acquireLease: (command: AcquireLease) => Effect.Effect<Acquisition, StorageUnavailable>
    /**
     * Stores new tokens in place of those that the lease was for, even where the lease has run out meanwhile, as long as
     * those are still the stored ones. False, and nothing written, if they are not. The third tenant that is renewed
     * lets the brake go. If nothing is told of the refresh token's end, the end that was told before stands: some vendors
     * count it from the consent.
     */
    readonly renewGrant: (
      lease: RefreshLease,
      command: RenewGrant
    ) => Effect.Effect<boolean, StorageUnavailable>
    /** Gives the lease back after a failure that ends nothing. Nothing is written under a lease that was taken over. */
    readonly deferRefresh: (
      lease: RefreshLease,
      command: DeferRefresh
    ) => Effect.Effect<void, StorageUnavailable>
    /**
     * Ends the integration because its provider did: `disconnected`, account remembered, the sealed tokens in quarantine.
     * Only if the tokens that were refused are still the stored ones and the lease was not taken over. Ends nothing
     * while the brake is on, and puts it on by the rules of `refreshBrake`. Once it was let go by renewals, those that
     * were refused meanwhile end and count no more.
     */
    readonly endGrant: (
      lease: RefreshLease,
      command: EndGrant
    ) => Effect.Effect<Ending, StorageUnavailable>
    /**
     * Ends an integration because its provider says that the access was withdrawn, as `endGrant` does, without a lease. False
     * if it is not connected.
     */
    readonly markRevoked: (
      key: IntegrationKey,
      command: Pick<EndGrant, "quarantine" | "publish">
    ) => Effect.Effect<boolean, StorageUnavailable>
    /**
     * An API has challenged a token that cannot be refreshed, or the definition's check has rejected it. The integration
     * stands at `error` with `grant_revoked` once that is proven; true for the one call that proves it. Nothing is written
     * where the tokens are newer ones or can be refreshed, or the integration is not `connected`.
     */
    readonly noteWithdrawal: (
      used: UsedGrant,
      command: NoteWithdrawal
    ) => Effect.Effect<boolean, StorageUnavailable>
    /** Such a token works: what was noted is forgotten, and an integration that stood at `grant_revoked` is `connected`. */
    readonly clearWithdrawal: (
      used: UsedGrant,
      publish: DraftOf<"integration.recovered">
    ) => Effect.Effect<void, StorageUnavailable>
    /** Adds the tokens of a flow that came too late to become an integration. */
    readonly enqueueRevocation: (
      command: EnqueueRevocation
    ) => Effect.Effect<void, StorageUnavailable>
  }
>()("@hawser/core/ConnectionStore") {}
