import { Effect, Option, Schema } from "effect"
import type { SecureRandom } from "effect/crypto"
import type { IntegrationNotFound, StorageUnavailable } from "../domain/Errors.ts"
import { defaultConnection, newEventId, ProviderId } from "../domain/Ids.ts"
import type { Integration, IntegrationStatus } from "../domain/Integration.ts"
import type { Provider } from "../domain/Provider.ts"
import { IntegrationStore } from "../ports/IntegrationStore.ts"
import type { Admin, Member } from "./roles.ts"

export interface ListQuery {
  readonly status?: IntegrationStatus | undefined
  readonly provider?: string | undefined
}

const decodeProviderId = Schema.decodeUnknownOption(ProviderId)

/** The tenant's integrations, by provider. A provider that does not exist has none. */
export const list = Effect.fn("Hawser.list")(function* (
  member: Member,
  query: ListQuery
): Effect.fn.Return<ReadonlyArray<Integration>, StorageUnavailable, IntegrationStore> {
  const integrations = yield* IntegrationStore
  if (query.provider === undefined) {
    return yield* integrations.list({
      tenantId: member.tenantId,
      status: query.status,
      provider: undefined
    })
  }
  const provider = decodeProviderId(query.provider)
  if (Option.isNone(provider)) return []
  return yield* integrations.list({
    tenantId: member.tenantId,
    status: query.status,
    provider: provider.value
  })
})

/** The tenant's integration with a provider; fails with `IntegrationNotFound` where it has never had one. */
export const get = Effect.fn("Hawser.get")(function* (
  member: Member,
  provider: Provider
): Effect.fn.Return<Integration, IntegrationNotFound | StorageUnavailable, IntegrationStore> {
  const integrations = yield* IntegrationStore
  return yield* integrations.find({
    tenantId: member.tenantId,
    provider: provider.id,
    connection: defaultConnection
  })
})

/**
 * Disconnects: the stored tokens, or the API key in use, are destroyed and `integration.disconnected` goes out, in one
 * unit. Fails with `IntegrationNotFound` where nothing is connected.
 */
export const disconnect = Effect.fn("Hawser.disconnect")(function* (
  admin: Admin,
  provider: Provider
): Effect.fn.Return<
  Integration,
  IntegrationNotFound | StorageUnavailable,
  IntegrationStore | SecureRandom.SecureRandom
> {
  const integrations = yield* IntegrationStore
  return yield* integrations.disconnect({
    tenantId: admin.tenantId,
    provider: provider.id,
    connection: defaultConnection,
    publish: {
      id: yield* newEventId,
      event: "integration.disconnected",
      disconnectedBy: admin.userId,
      reason: "user"
    }
  })
})
