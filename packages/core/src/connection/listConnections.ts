import { type Effect, Schema } from "effect"
import {
  ConnectionName,
  IntegrationStatus,
  Owner,
  StorableText,
  type StorageUnavailable,
  TenantId,
  ValidationError
} from "../model/index.ts"
import type { ConfiguredProvider } from "../provider/index.ts"
import { type AccountHolder, Maintenance, program } from "../services/index.ts"
import { cursorCodec, type Page, decodePageQuery, type PageQuery, toPage } from "./paging.ts"
import { type ListedIntegration, namesOfConfigured, withMissingScopes } from "./scopes.ts"

const isAccountId = Schema.is(StorableText({ maxLength: 255 }))

/**
 * Whose connections are of this account at the provider: for a webhook that names the account and no tenant. More than
 * one tenant may be. Verify the webhook first: whoever can send one would choose the tenant.
 */
export const findByAccount = program("Hawser.findByAccount")(function* (
  provider: ConfiguredProvider,
  accountId: string
): Effect.fn.Return<ReadonlyArray<AccountHolder>, StorageUnavailable, Maintenance> {
  // An id that could not be stored belongs to no connection.
  if (!isAccountId(accountId)) return []
  const maintenance = yield* Maintenance
  return yield* maintenance.findByAccount({ provider: provider.id, accountId })
})

export interface ConnectionsQuery extends PageQuery {
  /** Default: `connected` and `error`, whose tokens or keys are there. */
  readonly status?: IntegrationStatus | undefined
  /** Only those whose grant lacks a scope that is configured now. Default false. */
  readonly missingScopes?: boolean | undefined
}

const Cursor = cursorCodec(Schema.Tuple([TenantId, Owner, ConnectionName]))

const isLimit = Schema.is(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 100 })))
const isStatus = Schema.is(IntegrationStatus)

const mostOnPage = 100

const statusesFor = (
  status: IntegrationStatus | undefined,
  missingScopes: boolean
): ReadonlyArray<IntegrationStatus> => {
  if (status === undefined) return ["connected", "error"]
  // What is disconnected has no grant that could lack a scope.
  return missingScopes && status === "disconnected" ? [] : [status]
}

/**
 * The connections to a provider, by tenant and owner, a page at a time and without secrets: for a job that does something
 * for each of them. What connects while the pages are read may be missed.
 *
 * Fails with `ValidationError` if limit, status or cursor cannot be used.
 */
export const listConnections = program("Hawser.listConnections")(function* (
  provider: ConfiguredProvider,
  query: ConnectionsQuery
): Effect.fn.Return<
  Omit<Page<ListedIntegration>, "total">,
  ValidationError | StorageUnavailable,
  Maintenance
> {
  const { limit: wanted = mostOnPage, missingScopes = false, status } = query
  const invalid = (path: string) => new ValidationError({ details: [{ path, code: "invalid" }] })
  if (!isLimit(wanted)) return yield* invalid("limit")
  if (status !== undefined && !isStatus(status)) return yield* invalid("status")
  if (typeof missingScopes !== "boolean") return yield* invalid("missingScopes")
  const { after, limit = wanted + 1 } = yield* decodePageQuery(Cursor, { ...query, limit: wanted })
  const maintenance = yield* Maintenance
  const items = yield* maintenance.connectionsOfProvider({
    provider: provider.id,
    status: statusesFor(status, missingScopes),
    lacking: missingScopes ? namesOfConfigured(provider) : undefined,
    limit,
    after: after && { tenantId: after[0], owner: after[1], name: after[2] }
  })
  const { items: shown, nextCursor } = toPage(
    Cursor,
    { limit: wanted },
    { items, total: items.length },
    ({ name, owner, tenantId }) => [tenantId, owner, name] as const
  )
  return { items: shown.map((one) => withMissingScopes(provider, one)), nextCursor }
})
