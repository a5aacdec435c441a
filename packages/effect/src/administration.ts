import {
  type DeletedTenant,
  deleteTenant,
  eraseUser,
  exportPage,
  findByAccount,
  importConnections,
  type ImportOptions,
  type ImportReport,
  type IntegrationStatus,
  listConnections,
  owningUser,
  type PortableConnection,
  type RemovedUser,
  resumeUser,
  SecurityLog,
  suspendUser
} from "@hawser/core"
import { Effect } from "effect"
import { type TenantOptions, providerById, checkTenantId, checkUserId } from "./commands.ts"
import type { JobServices } from "./HawserLive.ts"
import { type IntegrationResult, integrationResult } from "./results.ts"

/** An account's connection. */
export interface AccountResult {
  readonly tenantId: string
  /** The user who owns it; undefined for the tenant's own. */
  readonly userId: string | undefined
  readonly name: string
  readonly integrationId: string
  readonly status: "connected" | "disconnected" | "error"
}

/** A user of a tenant. */
export interface UserOptions extends TenantOptions {
  readonly userId: string
}

/** Which connections are listed. */
export interface ListConnectionsOptions {
  readonly provider: string
  readonly status?: IntegrationStatus
  /** Only those whose grant lacks a scope that you have configured since. Default false. */
  readonly missingScopes?: boolean
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

/** Operations on the connections of all tenants, and on whole tenants. None of them has an HTTP route. */
export interface HawserAdministration {
  /**
   * Ends all connections of a tenant, each with its event and its revocation at the provider, and deletes all data of the
   * tenant. Stop its requests first. If it fails half way, call it again.
   */
  readonly deleteTenant: (options: TenantOptions) => Promise<DeletedTenant>
  /**
   * Erases a user. The user's own connections are ended, each with its event and its revocation at the provider, and deleted
   * with the user's API keys and flows. What the tenant owns stays, and `erased` replaces the user's id in it, and in the
   * events that are stored. For 90 minutes nothing can be connected or stored in that user's name, so that no flow that is
   * under way brings the user back: it fails with `Forbidden`. If it fails half way, call it again.
   */
  readonly eraseUser: (options: UserOptions) => Promise<RemovedUser>
  /**
   * Suspends a user: the user's own connections are neither refreshed nor tested, and tokens, keys and calls of them fail with
   * `Misconfigured` and the reason `owner_suspended`; what the user would connect or store fails with `Forbidden`. They can be
   * seen and disconnected. Other processes may give out a token for 10 more seconds.
   */
  readonly suspendUser: (options: UserOptions) => Promise<void>
  /** Ends the suspension of a user. */
  readonly resumeUser: (options: UserOptions) => Promise<void>
  /**
   * Imports connections from elsewhere as they are, without a request to a provider and without events. You can repeat it:
   * existing connections stay as they are. A bad item is refused with its position, and the rest continues.
   */
  readonly importConnections: (
    items: AsyncIterable<PortableConnection> | Iterable<PortableConnection>,
    options?: ImportOptions
  ) => Promise<ImportReport>
  /**
   * All connections of all tenants, **with tokens and API keys in the clear**: anyone who reads the output can act as every
   * tenant at every provider. Protect it as well as the encryption key. Fails with `DecryptionFailed` if a secret does not
   * decrypt.
   */
  readonly exportConnections: () => AsyncIterable<PortableConnection>
  /**
   * Lists the tenants that are connected to a provider, at most 100 for each page, for a job that handles each of them.
   * Without `status` it lists those that have tokens or keys: `connected` and `error`. Pass `nextCursor` as `cursor` until
   * there is none. It holds no secret: ask for each tenant's token when you need it.
   *
   * With `missingScopes` it lists those that lack what a deployment now needs: send their admins through `connect` with
   * `reauthorize`.
   *
   * Fails with `ValidationError` if limit, status, cursor or `missingScopes` is invalid, and with `ProviderNotFound`.
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
   * Finds the connections of an account at the provider, for a webhook that names an account but no tenant. Verify the
   * webhook's signature first.
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
        return yield* deleteTenant(yield* checkTenantId(tenantId))
      })
    ),

  eraseUser: ({ tenantId, userId }) =>
    run(
      Effect.gen(function* () {
        return yield* eraseUser(yield* checkTenantId(tenantId), yield* checkUserId(userId))
      })
    ),

  suspendUser: ({ tenantId, userId }) =>
    run(
      Effect.gen(function* () {
        yield* suspendUser(yield* checkTenantId(tenantId), yield* checkUserId(userId))
      })
    ),

  resumeUser: ({ tenantId, userId }) =>
    run(
      Effect.gen(function* () {
        yield* resumeUser(yield* checkTenantId(tenantId), yield* checkUserId(userId))
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
        const { items, nextCursor } = yield* listConnections(yield* providerById(provider), query)
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
    run(
      Effect.gen(function* () {
        const holders = yield* findByAccount(yield* providerById(provider), accountId)
        return holders.map(({ owner, ...holder }) => ({ ...holder, userId: owningUser(owner) }))
      })
    )
})
