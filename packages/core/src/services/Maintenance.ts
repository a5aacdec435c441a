import { type Brand, Context, type DateTime, type Duration, Effect, type Scope } from "effect"
import type {
  Account,
  AccountAlreadyConnected,
  AccountHeld,
  TooManyConnections,
  DraftOf,
  EndReason,
  Forbidden,
  GrantId,
  Integration,
  IntegrationId,
  IntegrationStatus,
  NewCredential,
  ProviderId,
  SealContext,
  Sealed,
  SealedGrant,
  StorageUnavailable,
  StoredCredential,
  StoredGrant,
  TenantFields,
  TenantId,
  UserId,
  IntegrationKey
} from "../model/index.ts"
import type { EnqueueRevocation } from "./ConnectionStore.ts"

/** A grant that needs to be looked at. */
export interface DueGrant extends IntegrationKey {
  readonly integrationId: IntegrationId
  readonly grant: StoredGrant
  /** Whether its coming end was told already. */
  readonly expiryTold: boolean
  /** Its refresh token ends soon, and that was not told. */
  readonly refreshEndsSoon: boolean
}

/** A grant that its provider ended and that waits to be restored or destroyed. */
export interface QuarantinedGrant extends IntegrationKey {
  readonly integrationId: IntegrationId
  readonly reason: EndReason
  readonly clientFingerprint: string
  readonly endedAt: DateTime.Utc
  /** When it is destroyed. */
  readonly until: DateTime.Utc
}

/** Tokens that are to be revoked now. */
export interface QueuedRevocation extends Omit<EnqueueRevocation, "accounts" | "grant"> {
  readonly grant: Omit<EnqueueRevocation["grant"], "grantSubject">
  /** 1 for the first. */
  readonly attempt: number
  /**
   * A live integration, of whatever tenant, holds tokens of the same person's consent through the same client, or may: if
   * either subject is unknown, they cannot be told apart. The same counts for each of `accounts`. Ending the whole grant
   * would end that one too.
   */
  readonly shared: boolean
}

/** Tokens that waited for 24 hours and were destroyed; they may still be alive at the provider. */
export interface GivenUpRevocation {
  readonly tenantId: TenantId
  readonly provider: ProviderId
}

/** What tokens in the queue are known by. */
export interface RevocationKey {
  readonly tenantId: TenantId
  readonly grant: { readonly id: GrantId }
}

/** A connection that was made elsewhere. */
export interface ImportConnection extends IntegrationKey {
  readonly newId: IntegrationId
  readonly connectedBy: UserId
  /** The keyed hashes of `connectedBy` and, where a user is the owner, of that user. */
  readonly userHashes: ReadonlyArray<Uint8Array>
  /** Undefined for now. */
  readonly connectedAt: DateTime.Utc | undefined
  readonly with:
    | {
        readonly _tag: "Grant"
        readonly grant: SealedGrant
        readonly scopes: ReadonlyArray<string>
        readonly fields: TenantFields
        readonly account: Account | undefined
        /** As for `connect` of the `ConnectionStore`. */
        readonly heldAccount?: Uint8Array | undefined
      }
    | {
        readonly _tag: "Credential"
        readonly credential: Pick<NewCredential, "account" | "id" | "label" | "sealedFields">
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
export interface AccountHolder extends Pick<IntegrationKey, "tenantId" | "owner" | "name"> {
  readonly integrationId: IntegrationId
  readonly status: IntegrationStatus
  /** As of the `Account`: an id that a tenant's own server has told is not that of the vendor's. */
  readonly issuer?: string
}

/** What was destroyed of a tenant. */
export interface RemovedTenant {
  /** Whether an integration is left that is not disconnected, or was connected meanwhile. */
  readonly isConnected: boolean
  readonly integrations: number
  readonly credentials: number
  readonly flows: number
}

/** In how many places a user's id stood, those that were removed among them. */
export interface ErasedUser {
  readonly integrations: number
  readonly credentials: number
  readonly events: number
  readonly flows: number
}

/** A user of a tenant, by id and by keyed hash. */
export interface TenantUser {
  readonly tenantId: TenantId
  readonly userId: UserId
  readonly userHash: Uint8Array
}

export interface EraseUser extends TenantUser {
  /** What stands where the id stood. */
  readonly by: UserId
  /** How long nothing can be written for that user. */
  readonly barredFor: Duration.Duration
}

/** Where a store keeps a sealed value: for that store to read, and nobody else. */
export type SealedAddress = string & Brand.Brand<"SealedAddress">

/** A sealed value as it is stored, with the context that it was sealed for. */
export interface StoredSealed extends SealContext {
  readonly address: SealedAddress
  readonly sealed: Sealed
}

/** How many stored values name a key; the id is empty for values that are not envelopes. */
export interface KeyUse {
  readonly keyId: string
  readonly count: number
}

/** What the workers are to look at, and what they delete when it is old. */
export interface DueWorkOptions {
  /** The subscribers that this process delivers to. */
  readonly subscribers: ReadonlyArray<string>
  readonly eventRetention: Duration.Duration
  /** Undefined keeps unused API keys without limit. */
  readonly unusedCredentialRetention: Duration.Duration | undefined
}

/** In how long each kind of work is due; zero is now, and undefined is never, as far as the store knows. */
export interface DueTimes {
  readonly keeper: Duration.Duration | undefined
  readonly revoker: Duration.Duration | undefined
  readonly sweeper: Duration.Duration | undefined
  /** By the subscriber's name. */
  readonly deliverers: ReadonlyMap<string, Duration.Duration>
  /** Whether events are there that may not be read yet, because a transaction that began before them is open. */
  readonly awaitsCommit: boolean
  /** How soon to ask again whatever happens: soon, if other processes write and the store does not hear of it. */
  readonly askAgainIn: Duration.Duration
}

/**
 * `work` is an event or tokens to revoke, which somebody waits for; `times` is a write that only moves the time at which work
 * is due.
 */
export type Written = "work" | "times"

/**
 * Workers and the host's operators use it, across tenants: for grants that are due, quarantine and brake, the queue of
 * revocations, import and export, the end of tenants and users, and the rotation of keys. Time is the store's.
 */
export class Maintenance extends Context.Service<
  Maintenance,
  {
    /**
     * Takes grants that are due, those that have waited longest first, each for this long; no other claim gets them
     * meanwhile (`SKIP LOCKED`).
     */
    readonly claimDueGrants: (options: {
      readonly limit: number
      readonly hold: Duration.Duration
    }) => Effect.Effect<ReadonlyArray<DueGrant>, StorageUnavailable>
    /** Looks at a due grant again after this long, unless it was refreshed or leased meanwhile. */
    readonly postponeGrant: (
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
    readonly expireGrant: (
      due: DueGrant,
      publish: DraftOf<"integration.disconnected">
    ) => Effect.Effect<void, StorageUnavailable>
    /** What waits in quarantine, of one tenant or of all, the oldest first. */
    readonly quarantined: (query: {
      readonly provider: ProviderId
      readonly tenantId: TenantId | undefined
    }) => Effect.Effect<ReadonlyArray<QuarantinedGrant>, StorageUnavailable>
    /**
     * Brings an integration back from quarantine, due to be refreshed at once, and records that it is connected, by whom
     * it was before. False if none waits there, or it was connected again since, or its account under another name.
     */
    readonly restore: (
      key: IntegrationKey,
      publish: Pick<DraftOf<"integration.connected">, "id" | "event">
    ) => Effect.Effect<boolean, StorageUnavailable>
    /** Destroys what has been in quarantine for too long. Returns the number of grants deleted. */
    readonly sweepQuarantine: Effect.Effect<number, StorageUnavailable>
    /** What was refused to a client in the ten minutes before its brake went on, or since, and waits in quarantine. */
    readonly endedUnderBrake: (
      clientVersion: string
    ) => Effect.Effect<ReadonlyArray<QuarantinedGrant>, StorageUnavailable>
    /** Lets the brake of a client go, whatever its secret, and forgets what was refused to it. */
    readonly releaseBrake: (clientFingerprint: string) => Effect.Effect<void, StorageUnavailable>
    /**
     * Takes queued tokens that are due, those that have waited longest first, each for this long; no other claim gets them
     * meanwhile (`SKIP LOCKED`).
     */
    readonly claimRevocations: (options: {
      readonly limit: number
      readonly hold: Duration.Duration
    }) => Effect.Effect<ReadonlyArray<QueuedRevocation>, StorageUnavailable>
    /** Destroys queued tokens: they are revoked, or are not going to be. */
    readonly removeRevocation: (
      revocation: RevocationKey
    ) => Effect.Effect<void, StorageUnavailable>
    /** Queued tokens come due again after this long. */
    readonly postponeRevocation: (
      revocation: RevocationKey,
      retryIn: Duration.Duration
    ) => Effect.Effect<void, StorageUnavailable>
    /** Destroys tokens that have been queued for 24 hours by the store's clock, and answers whose they were. */
    readonly giveUpRevocations: Effect.Effect<ReadonlyArray<GivenUpRevocation>, StorageUnavailable>
    /**
     * Writes a connection, and an API key with it, without an event. If the tenant has an integration with that key
     * already, whatever its status, nothing is written and that one is answered. `AccountHeld`,
     * `AccountAlreadyConnected`, `TooManyConnections` and `Forbidden` as for `ConnectionStore.connect`.
     */
    readonly importConnection: (
      command: ImportConnection
    ) => Effect.Effect<
      Integration | undefined,
      AccountAlreadyConnected | AccountHeld | Forbidden | StorageUnavailable | TooManyConnections
    >
    /** Connections that are `connected` or at `error`, by tenant, owner, provider and name. */
    readonly exportConnections: (page: {
      readonly limit: number
      /** The integration after which the page begins. */
      readonly after: IntegrationKey | undefined
    }) => Effect.Effect<ReadonlyArray<StoredConnection>, StorageUnavailable>
    /** The integrations of all tenants with a provider, by tenant, owner and name, without what they are connected with. */
    readonly connectionsOfProvider: (query: {
      readonly provider: ProviderId
      readonly status: ReadonlyArray<IntegrationStatus>
      /** Only those that lack a scope. Each list holds all names of one: a single granted one is enough. */
      readonly lacking?: ReadonlyArray<ReadonlyArray<string>> | undefined
      readonly limit: number
      /** The integration after which the page begins; it need not exist any more. */
      readonly after: Omit<IntegrationKey, "provider"> | undefined
    }) => Effect.Effect<ReadonlyArray<Integration>, StorageUnavailable>
    /** By tenant. More than one tenant may be connected as the same account. */
    readonly findByAccount: (query: {
      readonly provider: ProviderId
      readonly accountId: string
    }) => Effect.Effect<ReadonlyArray<AccountHolder>, StorageUnavailable>
    /**
     * Destroys all that is stored of a tenant and not in use: integrations that are disconnected with what waits in
     * quarantine, API keys, flows, and who is barred. What is connected stays. Events stay until they are delivered and their time is over,
     * and tokens until they are revoked.
     */
    readonly removeTenant: (tenantId: TenantId) => Effect.Effect<RemovedTenant, StorageUnavailable>
    /**
     * Bars a user, and destroys what the user owns and is not connected: integrations with what waits in quarantine, API
     * keys, flows. Puts another id in the place of the user's wherever else it is stored, events included.
     *
     * Every write that names the user has either been committed when it begins, or is refused: until the tombstone, which is
     * the keyed hash alone, has outlived the flows. Tokens that wait to be revoked keep their owner, with whose id they are
     * sealed.
     */
    readonly eraseUser: (command: EraseUser) => Effect.Effect<
      ErasedUser & {
        /** Whether the user owns an integration that is not disconnected. */
        readonly isConnected: boolean
      },
      StorageUnavailable
    >
    /**
     * Suspends a user: nothing is connected or stored in that name, and what the user owns is neither refreshed nor read.
     * Answers what the user owns. A user who was erased is not suspended.
     */
    readonly suspendUser: (
      user: TenantUser
    ) => Effect.Effect<ReadonlyArray<IntegrationKey>, StorageUnavailable>
    /** Ends a suspension. */
    readonly resumeUser: (user: TenantUser) => Effect.Effect<void, StorageUnavailable>
    /** Which keys the stored values name. Reads all of them. */
    readonly keysInUse: Effect.Effect<ReadonlyArray<KeyUse>, StorageUnavailable>
    /**
     * Values that name another key than this, from the first or from after an address, in an order that does not change
     * when values do. None if none are left.
     */
    readonly sealedValues: (options: {
      readonly exceptKeyId: string
      readonly limit: number
      readonly after: SealedAddress | undefined
    }) => Effect.Effect<ReadonlyArray<StoredSealed>, StorageUnavailable>
    /** Replaces a value by another form of the same; false, and nothing written, if it is not the stored one any more. */
    readonly replaceSealed: (
      stored: Pick<StoredSealed, "address" | "sealed">,
      by: Sealed
    ) => Effect.Effect<boolean, StorageUnavailable>
    /** The sealed key of `KeyedHash`, one of the sealed values. Undefined before the first was stored. */
    readonly findHashKey: Effect.Effect<Sealed | undefined, StorageUnavailable>
    /** Stores a key for `KeyedHash` unless there is one, and answers the one that is stored: of racing calls all get the same. */
    readonly keepHashKey: (sealed: Sealed) => Effect.Effect<Sealed, StorageUnavailable>
    /** Asks, in one statement, when each worker has something to do. */
    readonly dueTimes: (options: DueWorkOptions) => Effect.Effect<DueTimes, StorageUnavailable>
    /**
     * Says what was written, once it can be read: by this process always, and by others if the store hears of it. It may
     * say so too often, and several writes may be one.
     */
    readonly listen: (heard: (written: Written) => void) => Effect.Effect<void, never, Scope.Scope>
  }
>()("@hawser/core/Maintenance") {}

/** Who listens within one process, for a store's `listen`. */
export interface WrittenListeners {
  readonly tell: (written: Written) => void
  readonly listen: Maintenance["Service"]["listen"]
}

export const makeWrittenListeners = (): WrittenListeners => {
  const listeners = new Set<(written: Written) => void>()
  return {
    tell: (written) => {
      for (const listener of listeners) listener(written)
    },
    listen: (heard) =>
      Effect.acquireRelease(
        Effect.sync(() => {
          // One of its own: the same function may listen twice.
          const listener = (written: Written) => heard(written)
          listeners.add(listener)
          return listener
        }),
        (listener) => Effect.sync(() => listeners.delete(listener))
      ).pipe(Effect.asVoid)
  }
}
