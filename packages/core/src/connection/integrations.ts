import { Effect, Option, Schema } from "effect"
import type { SecureRandom } from "effect/crypto"
import {
  ConnectionName,
  defaultConnection,
  type Integration,
  type IntegrationNotFound,
  type IntegrationStatus,
  newEventId,
  ProviderId,
  type StorageUnavailable,
  type ValidationError
} from "../model/index.ts"
import type { ConfiguredProvider } from "../provider/index.ts"
import { ConnectionStore } from "../services/index.ts"
import { cursorCodec, type Page, decodePageQuery, type PageQuery, toPage } from "./paging.ts"
import type { Admin, Member } from "./roles.ts"

export interface ListQuery extends PageQuery {
  readonly status?: IntegrationStatus | undefined
  readonly provider?: string | undefined
}

const decodeProviderId = Schema.decodeUnknownOption(ProviderId)

const Cursor = cursorCodec(Schema.Tuple([ProviderId, ConnectionName]))

/**
 * The tenant's integrations, by provider. A provider that does not exist has none.
 *
 * Fails with `ValidationError` if the cursor is none of ours.
 */
export const list = Effect.fn("Hawser.list")(function* (
  member: Member,
  query: ListQuery
): Effect.fn.Return<Page<Integration>, ValidationError | StorageUnavailable, ConnectionStore> {
  const { after, limit } = yield* decodePageQuery(Cursor, query)
  const provider = decodeProviderId(query.provider)
  if (query.provider !== undefined && Option.isNone(provider)) {
    return { items: [], total: 0, nextCursor: undefined }
  }

  const connections = yield* ConnectionStore
  const listed = yield* connections.list({
    tenantId: member.tenantId,
    status: query.status,
    provider: Option.getOrUndefined(provider),
    page: { limit, after: after && { provider: after[0], connection: after[1] } }
  })
  return toPage(Cursor, query, listed, ({ connection, provider: id }) => [id, connection] as const)
})

/** The tenant's integration with a provider; fails with `IntegrationNotFound` if it has never had one. */
export const get = Effect.fn("Hawser.get")(function* (
  member: Member,
  provider: ConfiguredProvider
): Effect.fn.Return<Integration, IntegrationNotFound | StorageUnavailable, ConnectionStore> {
  const connections = yield* ConnectionStore
  return yield* connections.find({
    tenantId: member.tenantId,
    provider: provider.id,
    connection: defaultConnection
  })
})

/**
 * Disconnects: the stored tokens, or the API key in use, are destroyed and `integration.disconnected` goes out, in one
 * unit. Fails with `IntegrationNotFound` if nothing is connected.
 */
export const disconnect = Effect.fn("Hawser.disconnect")(function* (
  admin: Admin,
  provider: ConfiguredProvider
): Effect.fn.Return<
  Integration,
  IntegrationNotFound | StorageUnavailable,
  ConnectionStore | SecureRandom.SecureRandom
> {
  const connections = yield* ConnectionStore
  return yield* connections.disconnect({
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
