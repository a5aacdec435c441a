import { Effect } from "effect"
import type { SecureRandom } from "effect/crypto"
import {
  type Integration,
  newEventId,
  type StorageUnavailable,
  type TenantId,
  UserId
} from "../model/index.ts"
import { ConnectionStore, type ErasedUser, Maintenance } from "../services/index.ts"
import { endedByProvider as system } from "../token/index.ts"

/** What went with a tenant. */
export interface DeletedTenant {
  /** Connections that were ended, each with its event. */
  readonly disconnected: number
  readonly integrations: number
  readonly credentials: number
  readonly flows: number
}

/**
 * Ends all connections of a tenant, with their events and their revocation at the providers, and destroys what is stored
 * of it. Stop its requests before: what connects meanwhile is ended too, and what connects after is not. If it fails
 * half way, call it again.
 */
export const deleteTenant = Effect.fn("Hawser.deleteTenant")(function* (
  tenantId: TenantId
): Effect.fn.Return<
  DeletedTenant,
  StorageUnavailable,
  ConnectionStore | Maintenance | SecureRandom.SecureRandom
> {
  const maintenance = yield* Maintenance
  const deleted = { disconnected: 0, integrations: 0, credentials: 0, flows: 0 }
  for (;;) {
    for (const { credentialId } of yield* disconnectAll(tenantId)) {
      deleted.disconnected += 1
      if (credentialId !== undefined) deleted.credentials += 1
    }
    const removed = yield* maintenance.removeTenant(tenantId)
    deleted.integrations += removed.integrations
    deleted.credentials += removed.credentials
    deleted.flows += removed.flows
    if (!removed.isConnected) return deleted
  }
})

/** Answers the connections as they were. */
const disconnectAll = Effect.fnUntraced(function* (tenantId: TenantId) {
  const connections = yield* ConnectionStore
  const { items } = yield* connections.list({
    tenantId,
    owners: "all",
    status: undefined,
    provider: undefined,
    name: undefined
  })
  return yield* Effect.filter(
    items.filter(({ status }) => status !== "disconnected"),
    Effect.fnUntraced(function* ({ name, owner, provider }: Integration) {
      return yield* connections
        .disconnect({
          tenantId,
          owner,
          provider,
          name,
          publish: {
            id: yield* newEventId,
            event: "integration.disconnected",
            disconnectedBy: system,
            reason: "user"
          }
        })
        .pipe(
          Effect.as(true),
          // Somebody else was faster, and told of it.
          Effect.catchTag("IntegrationNotFound", () => Effect.succeed(false))
        )
    })
  )
})

/** What stands where an erased user's id stood. */
const erased = UserId.make("erased")

/**
 * Erases a user's id from all that is stored of a tenant. The connections that the user made stay: they are the tenant's.
 * End the user's sessions before, because a flow that is finishing at this moment would write the id again.
 */
export const eraseUser = Effect.fn("Hawser.eraseUser")(function* (
  tenantId: TenantId,
  userId: UserId
): Effect.fn.Return<ErasedUser, StorageUnavailable, Maintenance> {
  const maintenance = yield* Maintenance
  return yield* maintenance.eraseUser({ tenantId, userId, by: erased })
})
