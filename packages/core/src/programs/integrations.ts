import { Effect, Option, Schema } from "effect"
import type { SecureRandom } from "effect/crypto"
import {
  type IntegrationNotFound,
  type StorageUnavailable,
  ValidationError
} from "../domain/Errors.ts"
import { ConnectionName, defaultConnection, newEventId, ProviderId } from "../domain/Ids.ts"
import type { Integration, IntegrationStatus } from "../domain/Integration.ts"
import type { ConfiguredProvider } from "../domain/Provider.ts"
import { IntegrationStore, type ListIntegrations } from "../ports/IntegrationStore.ts"
import type { Admin, Member } from "./roles.ts"

export interface ListQuery {
  readonly status?: IntegrationStatus | undefined
  readonly provider?: string | undefined
  /** From 1 to 100: the most that one page holds. Without it, all come at once. */
  readonly limit?: number | undefined
  /** The `nextCursor` of the page before. */
  readonly cursor?: string | undefined
}

export interface IntegrationList {
  readonly items: ReadonlyArray<Integration>
  readonly total: number
  /** Where the next page begins; undefined on the last, and where no limit was given. */
  readonly nextCursor: string | undefined
}

const decodeProviderId = Schema.decodeUnknownOption(ProviderId)

const Cursor = Schema.StringFromBase64Url.pipe(
  Schema.decodeTo(Schema.fromJsonString(Schema.Tuple([ProviderId, ConnectionName])))
)
const decodeCursor = Schema.decodeUnknownOption(Cursor)
const encodeCursor = Schema.encodeSync(Cursor)

type Page = ListIntegrations["page"]

const pageOf = (limit: number | undefined, cursor: string | undefined): Option.Option<Page> => {
  if (cursor === undefined)
    return Option.some(limit === undefined ? undefined : { limit, after: undefined })
  return Option.map(decodeCursor(cursor), ([provider, connection]) => ({
    limit,
    after: { provider, connection }
  }))
}

/**
 * The tenant's integrations, by provider. A provider that does not exist has none.
 *
 * Fails with `ValidationError` where the cursor is none of ours.
 */
export const list = Effect.fn("Hawser.list")(function* (
  member: Member,
  query: ListQuery
): Effect.fn.Return<IntegrationList, ValidationError | StorageUnavailable, IntegrationStore> {
  const page = pageOf(query.limit, query.cursor)
  if (Option.isNone(page)) {
    return yield* new ValidationError({ details: [{ path: "cursor", code: "invalid" }] })
  }
  const provider = decodeProviderId(query.provider)
  if (query.provider !== undefined && Option.isNone(provider)) {
    return { items: [], total: 0, nextCursor: undefined }
  }

  const integrations = yield* IntegrationStore
  const limit = page.value?.limit
  const { items, total } = yield* integrations.list({
    tenantId: member.tenantId,
    status: query.status,
    provider: Option.getOrUndefined(provider),
    // One more than wanted tells whether there is a next page.
    page: page.value && { ...page.value, limit: limit && limit + 1 }
  })
  if (limit === undefined || items.length <= limit) return { items, total, nextCursor: undefined }
  const shown = items.slice(0, limit)
  const last = shown.at(-1)
  return {
    items: shown,
    total,
    nextCursor: last && encodeCursor([last.provider, last.connection])
  }
})

/** The tenant's integration with a provider; fails with `IntegrationNotFound` where it has never had one. */
export const get = Effect.fn("Hawser.get")(function* (
  member: Member,
  provider: ConfiguredProvider
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
  provider: ConfiguredProvider
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
