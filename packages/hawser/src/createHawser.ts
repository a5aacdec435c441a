import * as withAnyStore from "@hawser/effect"
import type { Store as OpenStore } from "@hawser/core"
import { isEffectSqlClient, type PgQueryable } from "@hawser/postgres"
import { fromCaller, membersFromCaller } from "./callersStack.ts"
import { needsAnyStore, type Store, storeOf } from "./stores.ts"

/** The options of `createHawser`. */
export interface HawserOptions extends withAnyStore.OptionsWithStore<Store> {}

/** The options of a process that only runs jobs. It has no handler and begins no flow, so it needs neither URLs nor an authenticator. */
export interface JobOptions extends withAnyStore.JobOptionsWithStore<Store> {}

/** The client of the host's transaction: a `pg.PoolClient` after `BEGIN`, or an object of its shape. */
export type TransactionClient = PgQueryable

/** A running Hawser. Each promise rejects with one of the errors of `hawser`, which have a stable `code`. */
export interface Hawser extends withAnyStore.RunningHawser {
  /**
   * The commands inside the host's transaction, on its connection: their writes, including events, commit and roll back
   * with it. For one transaction. Callbacks and tokens are not available there.
   *
   * Fails with `ConfigurationError` if the store is not a `postgres(…)`, or no transaction is open.
   */
  readonly in: (client: TransactionClient) => withAnyStore.HawserCommands
}

/**
 * Hawser in a process that only runs jobs, beside processes that serve the HTTP surface with the same database. It has
 * tokens, events, the background work and all commands except `connect`.
 */
export interface HawserJobs extends withAnyStore.RunningJobs {
  /** As `in` of `Hawser`. */
  readonly in: (client: TransactionClient) => withAnyStore.JobCommands
}

/**
 * Starts Hawser: checks the configuration, opens the store and migrates it, starts the workers.
 *
 * Rejects with `ConfigurationError`, whose message says what to set, and with `StorageUnavailable`.
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
export const createHawser: (options: HawserOptions) => Promise<Hawser> = fromCaller(
  async (options: HawserOptions) => plain(await withAnyStore.createHawser(withStore(options)))
)

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
 * const { items } = await hawser.listConnections({ provider: "datadog" })
 */
export const createHawserJobs: (options: JobOptions) => Promise<HawserJobs> = fromCaller(
  async (options: JobOptions) => plain(await withAnyStore.createHawserJobs(withStore(options)))
)

/** Leaves anything but an object of options as it is, for their check to name. */
const withStore = <Options extends JobOptions>(
  options: Options
): Omit<Options, "store"> & { readonly store: OpenStore } =>
  typeof options === "object" && options !== null && !Array.isArray(options)
    ? { ...options, store: storeOf(options.store) }
    : (options as never)

/** With the stacks of their callers, and without what needs the other copy of the library. */
const plain = <Running extends withAnyStore.HawserJobs>(hawser: Running): Running => ({
  ...membersFromCaller(hawser),
  in: (client) => {
    if (isEffectSqlClient(client)) throw needsAnyStore("in(client)", "An SqlClient")
    return membersFromCaller(hawser.in(client))
  }
})
