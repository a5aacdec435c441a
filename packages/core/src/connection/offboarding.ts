import { Duration, Effect } from "effect"
import type { SecureRandom } from "effect/crypto"
import {
  type DecryptionFailed,
  type Integration,
  newEventId,
  ownedBy,
  type StorageUnavailable,
  type TenantId,
  UserId
} from "../model/index.ts"
import {
  ConnectionStore,
  type ErasedUser,
  type ListIntegrations,
  Maintenance,
  program
} from "../services/index.ts"
import { endedByProvider as system, TokenCache } from "../token/index.ts"
import { type KeyedHash, userHash } from "../vault/index.ts"

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
export const deleteTenant = program("Hawser.deleteTenant")(function* (
  tenantId: TenantId
): Effect.fn.Return<
  DeletedTenant,
  StorageUnavailable,
  ConnectionStore | Maintenance | SecureRandom.SecureRandom
> {
  const maintenance = yield* Maintenance
  const deleted = { disconnected: 0, integrations: 0, credentials: 0, flows: 0 }
  for (;;) {
    for (const { credentialId } of yield* disconnectAll(tenantId, "all")) {
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
const disconnectAll = Effect.fnUntraced(function* (
  tenantId: TenantId,
  owners: ListIntegrations["owners"]
) {
  const connections = yield* ConnectionStore
  const { items } = yield* connections.list({
    tenantId,
    owners
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
          userHash: undefined,
          publish: {
            id: yield* newEventId,
            event: "integration.disconnected",
            disconnectedBy: system,
            reason: "user"
          }
        })
        .pipe(
          Effect.as(true),
          Effect.catchTags({
            // Somebody else was faster, and told of it.
            IntegrationNotFound: () => Effect.succeed(false),
            // Only a command that names a user can fail with this.
            Forbidden: Effect.die
          })
        )
    })
  )
})

/** What stands where an erased user's id stood. */
const erased = UserId.make("erased")

/** The longest life of a flow, which is an hour, and of what waits after its callback. */
const tombstoneLife = Duration.minutes(90)

/** What went of a user, and in how many places the id stood elsewhere. */
export interface RemovedUser extends ErasedUser {
  /** The user's own connections that were ended, each with its event. */
  readonly disconnected: number
}

/**
 * Ends what a user owns, with its events and its revocation at the providers, destroys what is stored of it, and erases the
 * user's id from what the tenant owns. For 90 minutes nothing can be written for the user: longer than a flow can live, so
 * that nothing that is under way brings the user back. Who has the same id later begins with nothing. If it fails half way,
 * call it again.
 */
export const eraseUser = program("Hawser.eraseUser")(function* (
  tenantId: TenantId,
  userId: UserId
): Effect.fn.Return<
  RemovedUser,
  DecryptionFailed | StorageUnavailable,
  ConnectionStore | KeyedHash | Maintenance | SecureRandom.SecureRandom
> {
  const maintenance = yield* Maintenance
  const command = {
    tenantId,
    userId,
    userHash: yield* userHash(tenantId, userId),
    by: erased,
    barredFor: tombstoneLife
  }
  const total = { disconnected: 0, integrations: 0, credentials: 0, events: 0, flows: 0 }
  for (;;) {
    const { isConnected, ...found } = yield* maintenance.eraseUser(command)
    for (const kind of ["integrations", "credentials", "events", "flows"] as const)
      total[kind] += found[kind]
    // An event may have been recorded while its connection was ended by somebody else: the next look finds it.
    if (!isConnected && Object.values(found).every((count) => count === 0)) return total
    const ended = yield* disconnectAll(tenantId, [ownedBy(userId)])
    total.disconnected += ended.length
    total.credentials += ended.filter(({ credentialId }) => credentialId !== undefined).length
  }
})

/**
 * Suspends a user: what the user owns is neither refreshed, given out nor tested, and nothing is connected or stored in that
 * name. A refresh that was sent before is stored all the same. Seeing and disconnecting go on. It holds for this process at
 * once, and for others as soon as they have forgotten a token that they read before.
 */
export const suspendUser = program("Hawser.suspendUser")(function* (
  tenantId: TenantId,
  userId: UserId
): Effect.fn.Return<
  void,
  DecryptionFailed | StorageUnavailable,
  KeyedHash | Maintenance | TokenCache
> {
  const maintenance = yield* Maintenance
  const cache = yield* TokenCache
  const user = { tenantId, userId, userHash: yield* userHash(tenantId, userId) }
  yield* Effect.forEach(yield* maintenance.suspendUser(user), cache.forget, { discard: true })
})

/** Ends a suspension: what the user owns works as before. */
export const resumeUser = program("Hawser.resumeUser")(function* (
  tenantId: TenantId,
  userId: UserId
): Effect.fn.Return<void, DecryptionFailed | StorageUnavailable, KeyedHash | Maintenance> {
  const maintenance = yield* Maintenance
  yield* maintenance.resumeUser({ tenantId, userId, userHash: yield* userHash(tenantId, userId) })
})
