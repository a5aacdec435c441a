import * as withAnyStore from "@hawser/effect"
import type { ProviderConfig, ProviderIdOf, Store as OpenStore } from "@hawser/core"
import { isEffectSqlClient, type PgQueryable } from "@hawser/postgres"
import { fromCaller, membersFromCaller } from "./callersStack.ts"
import { optionsRead } from "./optionsReader.ts"
import { needsAnyStore, type Store, openStore } from "./stores.ts"

/** The options of `createHawser`. */
export interface HawserOptions extends withAnyStore.OptionsWithStore<Store> {}

/** The options of a process that only runs jobs. It has no handler and begins no flow, so it needs neither URLs nor an authenticator. */
export interface JobOptions extends withAnyStore.JobOptionsWithStore<Store> {}

/** The client of the host's transaction: a `pg.PoolClient` after `BEGIN`, or an object of its shape. */
export type TransactionClient = PgQueryable

/** A running Hawser. Each promise rejects with one of the errors of `hawser`, which have a stable `code`. */
export interface Hawser<
  Provider extends string = string
> extends withAnyStore.RunningHawser<Provider> {
  /**
   * The tenants inside the host's transaction, on its connection: their writes, including events, commit and roll back
   * with it. For one transaction. Callbacks and tokens are not available there.
   *
   * Its calls reject with `configuration_error` if the store is not a `postgres(…)`, or no transaction is open.
   */
  readonly transaction: (client: TransactionClient) => withAnyStore.HawserTransaction<Provider>
}

/**
 * Hawser in a process that only runs jobs, beside processes that serve the HTTP surface with the same database. It has
 * tokens, events, the background work and all calls of tenants but those that begin a flow.
 */
export interface HawserJobs<
  Provider extends string = string
> extends withAnyStore.RunningJobProcess<Provider> {
  /** As `transaction` of `Hawser`. */
  readonly transaction: (client: TransactionClient) => withAnyStore.JobTransaction<Provider>
}

/**
 * Starts Hawser: checks the configuration, opens the store and migrates it, starts the workers.
 *
 * Rejects with `configuration_error`, whose message says what to set, and with `storage_unavailable`.
 *
 * @example
 * import { createHawser, datadog, jwt, postgres } from "hawser"
 *
 * const hawser = await createHawser({
 *   publicUrl: "https://app.example.com",
 *   allowedRedirectUrls: ["https://app.example.com/integrations"],
 *   authenticate: jwt({
 *     issuer: "https://login.example.com/",
 *     audience: "https://app.example.com",
 *     jwksUrl: "https://login.example.com/.well-known/jwks.json"
 *   }),
 *   providers: [datadog()],
 *   store: postgres({ url: process.env["DATABASE_URL"] }),
 *   encryptionKey: process.env["HAWSER_ENCRYPTION_KEY"]
 * })
 */
export const createHawser: <const Providers extends ReadonlyArray<ProviderConfig>>(
  options: HawserOptions & { readonly providers: Providers }
) => Promise<Hawser<ProviderIdOf<Providers>>> = fromCaller(async (options: HawserOptions) => {
  await optionsRead(options)
  return plain(await withAnyStore.createHawser(withStore(options)))
})

/**
 * Starts Hawser in a process that only runs jobs. It needs neither URLs nor an authenticator.
 *
 * Rejects as `createHawser` does.
 *
 * @example
 * import { createHawserJobs, datadog, postgres } from "hawser"
 *
 * const hawser = await createHawserJobs({
 *   providers: [datadog()],
 *   store: postgres({ url: process.env["DATABASE_URL"] }),
 *   encryptionKey: process.env["HAWSER_ENCRYPTION_KEY"]
 * })
 * const { items } = await hawser.admin.tenants({ provider: "datadog" })
 */
export const createHawserJobs: <const Providers extends ReadonlyArray<ProviderConfig>>(
  options: JobOptions & { readonly providers: Providers }
) => Promise<HawserJobs<ProviderIdOf<Providers>>> = fromCaller(async (options: JobOptions) => {
  await optionsRead(options)
  return plain(await withAnyStore.createHawserJobs(withStore(options)))
})

/** Leaves anything but an object of options as it is, for their check to name. */
const withStore = <Options extends JobOptions>(
  options: Options
): Omit<Options, "store"> & { readonly store: OpenStore } =>
  typeof options === "object" && options !== null && !Array.isArray(options)
    ? { ...options, store: openStore(options.store) }
    : (options as never)

interface Running {
  readonly transaction: (client: TransactionClient) => object
}

/** With the stacks of their callers, and without what needs the other copy of the library. */
const plain = <Process extends Running>(hawser: Process): Process => ({
  ...membersFromCaller(hawser),
  transaction: (client: TransactionClient) => {
    if (isEffectSqlClient(client)) throw needsAnyStore("transaction(client)", "An SqlClient")
    return membersFromCaller(hawser.transaction(client))
  }
})
