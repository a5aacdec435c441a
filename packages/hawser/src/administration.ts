import {
  type DeletedTenant,
  deleteTenant,
  type ErasedUser,
  eraseUser,
  exportPage,
  findByAccount,
  importConnections,
  type ImportOptions,
  type ImportReport,
  type IntegrationStatus,
  listConnections,
  type PortableConnection,
  SecurityLog
} from "@hawser/core"
import { Effect } from "effect"
import { type OfTenant, providerOf, tenantOf, userOf } from "./commands.ts"
import type { JobServices } from "./HawserLive.ts"
import { type IntegrationResult, integrationResult } from "./results.ts"

/** An account's connection. */
export interface AccountResult {
  readonly tenantId: string
  readonly integrationId: string
  readonly status: "connected" | "disconnected" | "error"
}

/** Which connections are listed. */
export interface ListConnectionsOptions {
  readonly provider: string
  readonly status?: IntegrationStatus
  /** From 1 to 100. Default 100. */
  readonly limit?: number
  /** The `nextCursor` of the page before. */
  readonly cursor?: string
}

/** A tenant's connection, among those of all tenants. */
export interface TenantConnection extends IntegrationResult {
  readonly tenantId: string
}

export interface ConnectionsPage {
  readonly items: ReadonlyArray<TenantConnection>
  /** Undefined on the last page. */
  readonly nextCursor: string | undefined
}

/** What a host does with connections of all tenants, and with whole tenants. None of it has an HTTP route. */
export interface HawserAdministration {
  /**
   * Ends all connections of a tenant, each with its event and its revocation at the provider, and destroys what is stored
   * of it. Stop its requests before; if it fails half way, call it again.
   */
  readonly deleteTenant: (options: OfTenant) => Promise<DeletedTenant>
  /**
   * Puts `erased` in the place of a user's id wherever it is stored, events that were not delivered yet included, and
   * destroys the user's flows. The connections stay: they are the tenant's.
   */
  readonly eraseUser: (options: OfTenant & { readonly userId: string }) => Promise<ErasedUser>
  /**
   * Takes over connections that were made elsewhere, as they are: no provider is asked, and no event goes out. It may be
   * repeated; what is connected here already stays as it is. A bad item is refused by its place, and the rest goes on.
   */
  readonly importConnections: (
    items: AsyncIterable<PortableConnection> | Iterable<PortableConnection>,
    options?: ImportOptions
  ) => Promise<ImportReport>
  /**
   * All connections of all tenants, **with tokens and API keys in clear**: whoever reads what comes of it can act as every
   * tenant at every provider. Write it nowhere that is not as well kept as the encryption key. Fails with
   * `DecryptionFailed` if a secret does not open.
   */
  readonly exportConnections: () => AsyncIterable<PortableConnection>
  /**
   * Which tenants are connected to a provider, by tenant, at most 100 a page: for a job that does something for each of them.
   * Without `status` it is those whose tokens or keys are there, `connected` or at `error`. Pass `nextCursor` as `cursor` until
   * there is none. No secret is in it: ask for the token of each tenant when you need it.
   *
   * Fails with `ValidationError` if limit, status or cursor cannot be used, and with `ProviderNotFound`.
   *
   * @example
   * import type { Hawser } from "hawser"
   *
   * export const tenantsOf = async function* (hawser: Hawser, provider: string) {
   *   let cursor: string | undefined
   *   do {
   *     const page = await hawser.listConnections({ provider, ...(cursor !== undefined && { cursor }) })
   *     for (const { tenantId } of page.items) yield tenantId
   *     cursor = page.nextCursor
   *   } while (cursor !== undefined)
   * }
   */
  readonly listConnections: (options: ListConnectionsOptions) => Promise<ConnectionsPage>
  /**
   * Whose connections are of this account at the provider, for a webhook that names an account and no tenant. Verify the
   * webhook's signature before.
   */
  readonly findByAccount: (options: {
    readonly provider: string
    readonly accountId: string
  }) => Promise<ReadonlyArray<AccountResult>>
}

export const administration = (
  run: <A, E>(effect: Effect.Effect<A, E, JobServices>) => Promise<A>
): HawserAdministration => ({
  deleteTenant: ({ tenantId }) =>
    run(
      Effect.gen(function* () {
        return yield* deleteTenant(yield* tenantOf(tenantId))
      })
    ),

  eraseUser: ({ tenantId, userId }) =>
    run(
      Effect.gen(function* () {
        return yield* eraseUser(yield* tenantOf(tenantId), yield* userOf(userId))
      })
    ),

  importConnections: (items, options) => run(importConnections(items, options)),

  exportConnections: async function* () {
    await run(Effect.flatMap(SecurityLog, (log) => log.report({ type: "connections_exported" })))
    let after: Parameters<typeof exportPage>[0]
    do {
      const { connections, next } = await run(exportPage(after))
      yield* connections
      after = next
    } while (after !== undefined)
  },

  listConnections: ({ provider, ...query }) =>
    run(
      Effect.gen(function* () {
        const { items, nextCursor } = yield* listConnections(yield* providerOf(provider), query)
        return {
          items: items.map((integration) => ({
            tenantId: integration.tenantId,
            ...integrationResult(integration)
          })),
          nextCursor
        }
      })
    ),

  findByAccount: ({ accountId, provider }) =>
    run(Effect.flatMap(providerOf(provider), (configured) => findByAccount(configured, accountId)))
})
