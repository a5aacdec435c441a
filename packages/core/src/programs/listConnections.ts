import { Effect, Schema } from "effect"
import { type StorageUnavailable, ValidationError } from "../domain/Errors.ts"
import { ConnectionName, TenantId } from "../domain/Ids.ts"
import { type Integration, IntegrationStatus } from "../domain/Integration.ts"
import type { ConfiguredProvider } from "../domain/Provider.ts"
import { ConnectionTransfer } from "../ports/ConnectionTransfer.ts"
import { cursorOf, type Page, pageOf, type PageQuery, shownOf } from "./paging.ts"

export interface ConnectionsQuery extends PageQuery {
  /** Default: `connected` and `error`, whose tokens or keys are there. */
  readonly status?: IntegrationStatus | undefined
}

const Cursor = cursorOf(Schema.Tuple([TenantId, ConnectionName]))

const isLimit = Schema.is(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 100 })))
const isStatus = Schema.is(IntegrationStatus)

const mostOnPage = 100

/**
 * Which tenants are connected to a provider, by tenant, a page at a time and without secrets: for a job that does something
 * for each of them. What connects while the pages are read may be missed.
 *
 * Fails with `ValidationError` where limit, status or cursor cannot be used.
 */
export const listConnections = Effect.fn("Hawser.listConnections")(function* (
  provider: ConfiguredProvider,
  query: ConnectionsQuery
): Effect.fn.Return<
  Omit<Page<Integration>, "total">,
  ValidationError | StorageUnavailable,
  ConnectionTransfer
> {
  const { limit: wanted = mostOnPage, status } = query
  const invalid = (path: string) => new ValidationError({ details: [{ path, code: "invalid" }] })
  if (!isLimit(wanted)) return yield* invalid("limit")
  if (status !== undefined && !isStatus(status)) return yield* invalid("status")
  const { after, limit = wanted + 1 } = yield* pageOf(Cursor, { ...query, limit: wanted })
  const transfer = yield* ConnectionTransfer
  const items = yield* transfer.ofProvider({
    provider: provider.id,
    status: status === undefined ? ["connected", "error"] : [status],
    limit,
    after: after && { tenantId: after[0], connection: after[1] }
  })
  const { items: shown, nextCursor } = shownOf(
    Cursor,
    { limit: wanted },
    { items, total: items.length },
    ({ connection, tenantId }) => [tenantId, connection] as const
  )
  return { items: shown, nextCursor }
})
