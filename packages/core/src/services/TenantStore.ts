import { Context, type Effect } from "effect"
import type { StorageUnavailable, TenantId, UserId } from "../model/index.ts"

/** What was destroyed of a tenant. */
export interface RemovedTenant {
  /** Whether an integration is left that is not disconnected, or was connected meanwhile. */
  readonly isConnected: boolean
  readonly integrations: number
  readonly credentials: number
  readonly flows: number
}

/** In how many places a user's id stood. */
export interface ErasedUser {
  readonly integrations: number
  readonly credentials: number
  readonly events: number
  readonly flows: number
}

/** Whole tenants and users of them, for the end of both. */
export class TenantStore extends Context.Service<
  TenantStore,
  {
    /**
     * Destroys all that is stored of a tenant and not in use: integrations that are disconnected with what waits in
     * quarantine, API keys, flows. What is connected stays. Events stay until they are delivered and their time is over,
     * and tokens until they are revoked.
     */
    readonly removeTenant: (tenantId: TenantId) => Effect.Effect<RemovedTenant, StorageUnavailable>
    /** Puts another id in the place of a user's wherever it is stored, events included, and destroys the user's flows. */
    readonly eraseUser: (command: {
      readonly tenantId: TenantId
      readonly userId: UserId
      readonly by: UserId
    }) => Effect.Effect<ErasedUser, StorageUnavailable>
  }
>()("@hawser/core/TenantStore") {}
