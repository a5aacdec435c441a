import { Effect, Option, Schema } from "effect"
import type { SecureRandom } from "effect/crypto"
import {
  ConnectionName,
  type Forbidden,
  type Integration,
  type IntegrationError,
  IntegrationId,
  type IntegrationNotFound,
  type IntegrationStatus,
  newEventId,
  Owner,
  ownedBy,
  type OwnerKind,
  problemsOf,
  ProviderId,
  type StorageUnavailable,
  tenantsOwn,
  type ValidationError,
  defaultName
} from "../model/index.ts"
import type { ConfiguredProvider, ProviderRegistry } from "../provider/index.ts"
import { ConnectionStore, type ListIntegrations, program } from "../services/index.ts"
import { type KeyedHash, userHash } from "../vault/index.ts"
import { cursorCodec, type Page, decodePageQuery, type PageQuery, toPage } from "./paging.ts"
import { type Actor, type Member, type Reader, shownTo, type UsersIntegration } from "./roles.ts"
import { type ListedIntegration, listedIntegration, withMissingScopes } from "./scopes.ts"

/** Which connections are listed. */
export interface ListQuery extends PageQuery {
  readonly status?: IntegrationStatus | undefined
  readonly provider?: string | undefined
  readonly name?: string | undefined
  /** Only those that suffer from this. */
  readonly error?: IntegrationError | undefined
}

const decodeProviderId = Schema.decodeUnknownOption(ProviderId)
const decodeName = Schema.decodeUnknownOption(ConnectionName)

const Cursor = cursorCodec(Schema.Tuple([ProviderId, Owner, IntegrationId]))

const listPage = Effect.fnUntraced(function* (
  of: Pick<ListIntegrations, "owners" | "tenantId">,
  query: ListQuery
): Effect.fn.Return<
  Page<ListedIntegration>,
  ValidationError | StorageUnavailable,
  ConnectionStore | ProviderRegistry
> {
  const { after, limit } = yield* decodePageQuery(Cursor, query)
  const provider = decodeProviderId(query.provider)
  const name = decodeName(query.name)
  // What can be no provider, or no name, has no connections.
  if (
    (query.provider !== undefined && Option.isNone(provider)) ||
    (query.name !== undefined && Option.isNone(name))
  )
    return { items: [], total: 0, nextCursor: undefined }

  const connections = yield* ConnectionStore
  const listed = yield* connections.list({
    ...of,
    status: query.status,
    provider: Option.getOrUndefined(provider),
    name: Option.getOrUndefined(name),
    problem: query.error && problemsOf(query.error),
    page: { limit, after: after && { provider: after[0], owner: after[1], id: after[2] } }
  })
  const page = toPage(Cursor, query, listed, (one) => [one.provider, one.owner, one.id] as const)
  return { ...page, items: yield* Effect.forEach(page.items, listedIntegration) }
})

/**
 * What an owner has, by provider, the oldest first. A provider that does not exist has none.
 *
 * Fails with `ValidationError` if the cursor is none of ours.
 */
export const listOwned = program("Hawser.listOwned")(function* (reader: Reader, query: ListQuery) {
  const { owner, tenantId } = reader
  return yield* listPage({ tenantId, owners: [owner] }, query)
})

/**
 * All connections that the caller may see: the tenant's and the caller's own, and for an admin those of users, of which only
 * little is told. `owner` takes one kind of them. Who acts as a user sees the tenant's alone. `total` counts what the caller
 * sees.
 *
 * Fails with `ValidationError` if the cursor is none of ours.
 */
export const list = program("Hawser.list")(function* (
  member: Member,
  { owner, ...query }: ListQuery & { readonly owner?: OwnerKind | undefined }
): Effect.fn.Return<
  Page<ListedIntegration | UsersIntegration>,
  ValidationError | StorageUnavailable,
  ConnectionStore | ProviderRegistry
> {
  const owners = (): ListIntegrations["owners"] => {
    const tenants = owner === "user" ? [] : [tenantsOwn]
    if (owner === "tenant" || member.isImpersonated === true) return tenants
    // An admin sees neither names nor errors of users' connections, so to ask for one finds none of them.
    const seesUsers = member.isAdmin && query.name === undefined && query.error === undefined
    if (seesUsers) return owner === "user" ? "users" : "all"
    return [...tenants, ownedBy(member.userId)]
  }
  const page = yield* listPage({ tenantId: member.tenantId, owners: owners() }, query)
  return { ...page, items: page.items.map((one) => shownTo(member, one)) }
})

/** A connection to a provider, by its name; fails with `IntegrationNotFound` if the owner has never had it. */
export const get = program("Hawser.get")(function* (
  { owner, tenantId }: Reader,
  provider: ConfiguredProvider,
  name: ConnectionName = defaultName
): Effect.fn.Return<ListedIntegration, IntegrationNotFound | StorageUnavailable, ConnectionStore> {
  const connections = yield* ConnectionStore
  const integration = yield* connections.find({ tenantId, owner, provider: provider.id, name })
  return withMissingScopes(provider, integration)
})

/**
 * Disconnects: the stored tokens, or the API key in use, are destroyed and `integration.disconnected` goes out, in one
 * unit. Fails with `IntegrationNotFound` if nothing is connected, and with `Forbidden` if the user was erased.
 */
export const disconnect = program("Hawser.disconnect")(function* (
  { owner, tenantId, userId }: Actor,
  provider: ConfiguredProvider,
  name: ConnectionName = defaultName
): Effect.fn.Return<
  Integration,
  Forbidden | IntegrationNotFound | StorageUnavailable,
  ConnectionStore | KeyedHash | SecureRandom.SecureRandom
> {
  const connections = yield* ConnectionStore
  return yield* connections.disconnect({
    tenantId,
    owner,
    provider: provider.id,
    name,
    // It ends an access, so it goes on while the key management is away.
    userHash: yield* Effect.orElseSucceed(userHash(tenantId, userId), () => undefined),
    publish: {
      id: yield* newEventId,
      event: "integration.disconnected",
      disconnectedBy: userId,
      reason: "user"
    }
  })
})
