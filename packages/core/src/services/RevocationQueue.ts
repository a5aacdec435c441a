import { Context, type Duration, type Effect } from "effect"
import type {
  Account,
  GrantId,
  IntegrationId,
  Owner,
  ProviderId,
  SealedGrant,
  StorageUnavailable,
  TenantFields,
  TenantId
} from "../model/index.ts"
import type { IntegrationKey } from "./IntegrationStore.ts"

/** Tokens that nobody uses any more and that are still alive at the provider. */
export interface EnqueueRevocation extends IntegrationKey {
  readonly owner: Owner
  readonly integrationId: IntegrationId
  readonly grant: Pick<SealedGrant, "id" | "accessToken" | "refreshToken" | "clientFingerprint">
  readonly fields: TenantFields
  readonly account: Account | undefined
}

/** Tokens that are to be revoked now. */
export interface QueuedRevocation extends Omit<EnqueueRevocation, "account"> {
  /** 1 for the first. */
  readonly attempt: number
  /**
   * A live integration, of whatever tenant, holds the same account through the same client, or may: where either account
   * is unknown, they cannot be told apart. Ending the whole grant would end that one too.
   */
  readonly shared: boolean
}

/** Tokens that waited for 24 hours and were destroyed; they may still be alive at the provider. */
export interface GivenUpRevocation {
  readonly tenantId: TenantId
  readonly provider: ProviderId
}

/**
 * Sealed tokens on their way to being revoked. `IntegrationStore.disconnect` puts them here in its own unit. They
 * live for 24 hours by the store's clock, whatever becomes of them.
 */
export class RevocationQueue extends Context.Service<
  RevocationQueue,
  {
    /** Adds the tokens of a flow that came too late to become an integration. */
    readonly enqueue: (command: EnqueueRevocation) => Effect.Effect<void, StorageUnavailable>
    /**
     * Takes what is due, those that have waited longest first, each for this long; no other claim gets them meanwhile
     * (`SKIP LOCKED`).
     */
    readonly claim: (options: {
      readonly limit: number
      readonly hold: Duration.Duration
    }) => Effect.Effect<ReadonlyArray<QueuedRevocation>, StorageUnavailable>
    /** Destroys the tokens: they are revoked, or are not going to be. */
    readonly remove: (revocation: RevocationKey) => Effect.Effect<void, StorageUnavailable>
    /** They come due again after this long. */
    readonly postpone: (
      revocation: RevocationKey,
      retryIn: Duration.Duration
    ) => Effect.Effect<void, StorageUnavailable>
    /** Destroys what has waited for 24 hours, and answers what that was. */
    readonly giveUp: Effect.Effect<ReadonlyArray<GivenUpRevocation>, StorageUnavailable>
  }
>()("@hawser/core/RevocationQueue") {}

/** What tokens in the queue are known by. */
export interface RevocationKey {
  readonly tenantId: TenantId
  readonly grant: { readonly id: GrantId }
}
