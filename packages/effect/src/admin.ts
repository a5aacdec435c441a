import {
  beginsByConsent,
  callbackUrl,
  Cipher,
  type DeletedTenant,
  deleteTenant,
  eraseUser,
  exportPage,
  findByAccount,
  importConnections,
  type ImportOptions,
  type ImportReport,
  type IntegrationStatus,
  keysInUse,
  listConnections,
  owningUser,
  type PortableConnection,
  ProviderNotFound,
  restore,
  rotateKeys,
  type RotationProgress,
  type RemovedUser,
  resumeUser,
  SecurityLog,
  suspendUser,
  tellingProgress
} from "@hawser/core"
import { Effect } from "effect"
import { checkTenantId, checkUserId, providerById } from "./acting.ts"
import type { Run } from "./connection.ts"
import type { HawserServices, JobServices } from "./HawserLive.ts"
import { type IntegrationResult, integrationResult } from "./results.ts"

/** A tenant, named by the host's code. */
export interface TenantOptions {
  /** The tenant, by your own id of it. */
  readonly tenantId: string
}

/** A user of a tenant. */
export interface UserOptions extends TenantOptions {
  /** The user, by your own id. */
  readonly userId: string
}

/** An account's connection. */
export interface AccountResult {
  readonly tenantId: string
  /** The user who owns it; undefined for the tenant's own. */
  readonly userId: string | undefined
  readonly name: string
  readonly integrationId: string
  readonly status: "connected" | "disconnected" | "error"
  /**
   * The server that names the account, if the tenants' own fields decide which it is. A tenant's server may claim any id, so compare
   * it too; undefined if all tenants have one server.
   */
  readonly issuer?: string
}

/** Of which provider the tenants are listed. */
export interface TenantsOptions<Provider extends string = string> {
  /** The provider whose connections are asked for, by its id. */
  readonly provider: Provider
  /** Only connections with this status. */
  readonly status?: IntegrationStatus
  /** Only those whose grant lacks a scope that you have configured since. Default false. */
  readonly missingScopes?: boolean
  /** From 1 to 100. Default 100. */
  readonly limit?: number
  /** The `nextCursor` of the page before. */
  readonly cursor?: string | undefined
}

/** A tenant's connection, among those of all tenants. */
export interface TenantConnection extends IntegrationResult {
  readonly tenantId: string
}

/** A page without a total: counting the connections of all tenants would read all of them. */
export interface TenantsPage {
  readonly items: ReadonlyArray<TenantConnection>
  /** Undefined on the last page. */
  readonly nextCursor: string | undefined
}

/** Of which connections the grants come back. */
export interface RestoreOptions<Provider extends string = string> {
  /** The provider whose connections are restored, by its id. */
  readonly provider: Provider
  /** Default: those of all tenants. */
  readonly tenantId?: string
}

/** A key that stored values need. */
export interface KeyInUse {
  /** Empty for values that are not envelopes. */
  readonly keyId: string
  /** The number of values that need it. */
  readonly count: number
  /** True if new values are sealed under it. */
  readonly isPrimary: boolean
}

/**
 * Everything rare: operations on the connections of all tenants, on whole tenants and users, and on keys. None has an HTTP
 * route. Every call can reject with `storage_unavailable`, and with `validation_error` for a malformed id; those that erase,
 * suspend, resume or import with `decryption_failed`, if the key that hashes users cannot be opened.
 */
export interface JobAdmin<Provider extends string = string> {
  /**
   * Ends all connections of a tenant, each with its event and its revocation at the provider, and deletes all data of the
   * tenant. Stop its requests first. If it fails half way, call it again.
   */
  readonly deleteTenant: (options: TenantOptions) => Promise<DeletedTenant>
  /**
   * Erases a user. The user's own connections are ended, each with its event and its revocation at the provider, and deleted
   * with the user's API keys and flows. What the tenant owns stays, and `erased` replaces the user's id in it, and in the
   * events that are stored. For 90 minutes nothing can be connected or stored in that user's name, so that no flow that is
   * under way brings the user back: it is refused as `forbidden`. If it fails half way, call it again.
   */
  readonly eraseUser: (options: UserOptions) => Promise<RemovedUser>
  /**
   * Suspends a user: the user's own connections are neither refreshed nor tested, and tokens, keys and calls of them reject with
   * `provider_misconfigured` and the reason `owner_suspended`; what the user would connect or store, with `forbidden`. They can
   * be seen and disconnected. Other processes may give out a token for 10 more seconds.
   */
  readonly suspendUser: (options: UserOptions) => Promise<void>
  /** Ends the suspension of a user. */
  readonly resumeUser: (options: UserOptions) => Promise<void>
  /**
   * Imports connections from elsewhere as they are, without a request to a provider and without events. You can repeat it:
   * existing connections stay as they are. A bad item is refused with its position, and the rest continues.
   */
  readonly import: (
    items: AsyncIterable<PortableConnection> | Iterable<PortableConnection>,
    options?: ImportOptions
  ) => Promise<ImportReport>
  /**
   * All connections of all tenants, **with tokens and API keys in the clear**: anyone who reads the output can act as every
   * tenant at every provider. Protect it as well as the encryption key. Rejects with `decryption_failed` if a secret
   * does not decrypt.
   */
  readonly export: () => AsyncIterable<PortableConnection>
  /**
   * Lists the tenants that are connected to a provider, at most 100 for each page, for a job that handles each of them.
   * Without `status` it lists those that have tokens or keys: `connected` and `error`. Pass `nextCursor` as `cursor` until
   * there is none. It holds no secret: ask for each tenant's token when you need it.
   *
   * With `missingScopes` it lists those that lack what a deployment now needs: have their admins `reconnect`.
   *
   * Rejects with `validation_error` if limit, status, cursor or `missingScopes` is invalid, and with `provider_not_found`.
   *
   * @example
   * import type { Hawser } from "hawser"
   *
   * export const tenantsOf = async function* (hawser: Hawser, provider: string) {
   *   let cursor: string | undefined
   *   do {
   *     const page = await hawser.admin.tenants({ provider, cursor })
   *     for (const { tenantId } of page.items) yield tenantId
   *     cursor = page.nextCursor
   *   } while (cursor !== undefined)
   * }
   */
  tenants(this: void, options: TenantsOptions<Provider>): Promise<TenantsPage>
  /**
   * Finds the connections of an account at the provider, for a webhook that names an account but no tenant. Verify the
   * webhook's signature first. Rejects with `provider_not_found`.
   */
  findByAccount(
    this: void,
    options: {
      readonly provider: Provider
      readonly accountId: string
    }
  ): Promise<ReadonlyArray<AccountResult>>
  /**
   * Restores connections that the provider ended within the last seven days, of one tenant or of all, for a host that had
   * configured a wrong client. Returns the number that came back. Rejects with `provider_not_found`, also for a provider of
   * API keys.
   */
  restore(this: void, options: RestoreOptions<Provider>): Promise<number>
  /**
   * Seals all stored values again under the primary key, while everything else goes on. Once `remaining` is 0, you can
   * remove the other keys from the configuration. The next run continues one that was interrupted; several runs at once do
   * no harm.
   *
   * `onProgress` is called after each batch, and awaited. If it fails, it is not called again, and the run goes on.
   */
  readonly rotateKeys: (options?: {
    readonly onProgress?: (progress: RotationProgress) => unknown
  }) => Promise<RotationProgress>
  /** The keys that stored values need. You can remove any other key from the configuration. */
  readonly keysInUse: () => Promise<ReadonlyArray<KeyInUse>>
  /**
   * Deletes a subscriber that no process runs any more. Until then its events are kept. Rejects with `configuration_error`
   * while this process has a handler of that name.
   */
  readonly unsubscribe: (name: string) => Promise<void>
}

/** The same, in a process that serves the HTTP surface. */
export interface HawserAdmin<Provider extends string = string> extends JobAdmin<Provider> {
  /**
   * The redirect URI to register at a provider. With `clientOf`, each tenant has its own. Rejects with `provider_not_found`
   * if the provider has no OAuth2 client.
   */
  callbackUrl(this: void, options: TenantOptions & { readonly provider: Provider }): Promise<string>
}

/** All but what belongs to the subscribers of this process. */
export const jobAdmin = (run: Run<JobServices>): Omit<JobAdmin, "unsubscribe"> => ({
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

  import: (items, options) => run(importConnections(items, options)),

  export: async function* () {
    await run(Effect.flatMap(SecurityLog, (log) => log.report({ type: "connections_exported" })))
    let after: Parameters<typeof exportPage>[0]
    do {
      const { connections, next } = await run(exportPage(after))
      yield* connections
      after = next
    } while (after !== undefined)
  },

  tenants: ({ provider, ...query }) =>
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
    ),

  restore: ({ provider, tenantId }) =>
    run(
      Effect.gen(function* () {
        const restored = yield* restore(
          yield* findOAuth2Provider(provider),
          tenantId === undefined ? undefined : yield* checkTenantId(tenantId)
        )
        return restored.length
      })
    ),

  rotateKeys: ({ onProgress } = {}) => run(rotateKeys(tellingProgress(onProgress))),

  keysInUse: () =>
    run(
      Effect.gen(function* () {
        const { primaryKeyId } = yield* Cipher
        return (yield* keysInUse).map((use) => ({ ...use, isPrimary: use.keyId === primaryKeyId }))
      })
    )
})

/** An API key has no grant to restore. */
const findOAuth2Provider = Effect.fnUntraced(function* (id: string) {
  const provider = yield* providerById(id)
  if (!beginsByConsent(provider)) return yield* new ProviderNotFound()
  return provider
})

/** What needs the public URL. */
export const callbackUrls = (run: Run<HawserServices>): Pick<HawserAdmin, "callbackUrl"> => ({
  callbackUrl: (options) =>
    run(
      Effect.gen(function* () {
        const provider = yield* providerById(options.provider)
        return yield* callbackUrl(yield* checkTenantId(options.tenantId), provider)
      })
    )
})
