import { Context, type DateTime, Duration, type Effect } from "effect"
import type {
  DraftOf,
  EndReason,
  GrantId,
  IntegrationId,
  ProviderId,
  RefreshLease,
  RefreshProblem,
  Sealed,
  SealedTokens,
  StorageUnavailable,
  StoredGrant,
  TenantFields,
  TenantId
} from "../model/index.ts"
import type { IntegrationKey } from "./IntegrationStore.ts"

export interface AcquireLease extends IntegrationKey {
  /** The grant and the generation that the caller has read: a newer one needs no refresh. */
  readonly grantId: GrantId
  readonly generation: number
  /** Who holds it, for whoever looks into the table: a random name of the process. */
  readonly owner: string
  /** The client that asks, with its secret: the brake is one client's own. */
  readonly clientVersion: string
  /** How long the lease lasts by the store's clock: longer than the request may take. */
  readonly lease: Duration.Duration
}

/** What came of asking for the right to refresh. */
export type Acquisition =
  /** Granted and committed. A lease whose holder let it run out is taken over, and says so by `interrupted`. */
  | { readonly _tag: "Acquired"; readonly lease: RefreshLease }
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
  /** The fields from now on, which the tokens are sealed with, and the key that they are bound to, sealed again. */
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

/** A grant that needs to be looked at. */
export interface DueGrant extends IntegrationKey {
  readonly integrationId: IntegrationId
  readonly grant: StoredGrant
  /** Whether its coming end was told already. */
  readonly expiryTold: boolean
  /** Its refresh token ends soon, and that was not told. */
  readonly refreshEndsSoon: boolean
}

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

/** A grant that its provider ended and that waits to be restored or destroyed. */
export interface QuarantinedGrant extends IntegrationKey {
  readonly integrationId: IntegrationId
  readonly reason: EndReason
  readonly clientFingerprint: string
  readonly endedAt: DateTime.Utc
  /** When it is destroyed. */
  readonly until: DateTime.Utc
}

/**
 * The life of grants after they were issued: who may refresh one, what became of it, and which are due. Every lifetime is
 * by the store's own clock, and every decision is the store's, by one statement or transaction.
 */
export class GrantStore extends Context.Service<
  GrantStore,
  {
    /**
     * Asks for the right to refresh a grant. At most one holds it, under any concurrency and across processes; that a
     * request is about to be sent is committed with it. While the brake is on, one grant is tried in a minute, each
     * of a tenant that was not tried before, as far as there is one within ten minutes.
     */
    readonly acquire: (command: AcquireLease) => Effect.Effect<Acquisition, StorageUnavailable>
    /**
     * Stores new tokens in place of those that the lease was for, even where the lease has run out meanwhile, as long as
     * those are still the stored ones. False, and nothing written, if they are not. The third tenant that is renewed
     * lets the brake go. If nothing is told of the refresh token's end, the end that was told before stands: some vendors
     * count it from the consent.
     */
    readonly renew: (
      lease: RefreshLease,
      command: RenewGrant
    ) => Effect.Effect<boolean, StorageUnavailable>
    /** Gives the lease back after a failure that ends nothing. Nothing is written under a lease that was taken over. */
    readonly defer: (
      lease: RefreshLease,
      command: DeferRefresh
    ) => Effect.Effect<void, StorageUnavailable>
    /**
     * Ends the integration because its provider did: `disconnected`, account remembered, the sealed tokens in quarantine.
     * Only if the tokens that were refused are still the stored ones and the lease was not taken over. Ends nothing
     * while the brake is on, and puts it on by the rules of `refreshBrake`. Once it was let go by renewals, those that
     * were refused meanwhile end and count no more.
     */
    readonly end: (
      lease: RefreshLease,
      command: EndGrant
    ) => Effect.Effect<Ending, StorageUnavailable>
    /**
     * Takes grants that are due, those that have waited longest first, each for this long; no other claim gets them
     * meanwhile (`SKIP LOCKED`).
     */
    readonly claimDue: (options: {
      readonly limit: number
      readonly hold: Duration.Duration
    }) => Effect.Effect<ReadonlyArray<DueGrant>, StorageUnavailable>
    /** Looks at a due grant again after this long, unless it was refreshed or leased meanwhile. */
    readonly postpone: (
      due: DueGrant,
      retryIn: Duration.Duration
    ) => Effect.Effect<void, StorageUnavailable>
    /**
     * Records once that a grant ends soon: by its access token, if there is no refresh token, and then it is due again at
     * its end; or by its refresh token. A later end that a refresh tells is told again.
     */
    readonly tellExpiry: (
      due: DueGrant,
      publish: DraftOf<"integration.expiring">
    ) => Effect.Effect<void, StorageUnavailable>
    /** Ends an integration whose access token has expired and came without a refresh token. */
    readonly expire: (
      due: DueGrant,
      publish: DraftOf<"integration.disconnected">
    ) => Effect.Effect<void, StorageUnavailable>
    /**
     * Ends an integration because its provider says that the access was withdrawn, as `end` does, without a lease. False
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
    /** What waits in quarantine, of one tenant or of all, the oldest first. */
    readonly quarantined: (query: {
      readonly provider: ProviderId
      readonly tenantId: TenantId | undefined
    }) => Effect.Effect<ReadonlyArray<QuarantinedGrant>, StorageUnavailable>
    /**
     * Brings an integration back from quarantine, due to be refreshed at once, and records that it is connected, by whom
     * it was before. False if none waits there or it was connected again since.
     */
    readonly restore: (
      key: IntegrationKey,
      publish: Pick<DraftOf<"integration.connected">, "id" | "event">
    ) => Effect.Effect<boolean, StorageUnavailable>
    /** What was refused to a client in the ten minutes before its brake went on, or since, and waits in quarantine. */
    readonly endedUnderBrake: (
      clientVersion: string
    ) => Effect.Effect<ReadonlyArray<QuarantinedGrant>, StorageUnavailable>
    /** Lets the brake of a client go, whatever its secret, and forgets what was refused to it. */
    readonly releaseBrake: (clientFingerprint: string) => Effect.Effect<void, StorageUnavailable>
    /** Destroys what has been in quarantine for too long. Returns the number of grants deleted. */
    readonly sweep: Effect.Effect<number, StorageUnavailable>
  }
>()("@hawser/core/GrantStore") {}
