import {
  type CatalogItem,
  catalog,
  type Category,
  type DurationInput,
  parseDuration,
  type Health,
  type ProviderConfig,
  type ProviderIdOf,
  type Store,
  tokensInMemory,
  Workers
} from "@hawser/core"
import { type Handler, type HandlerResponse, HttpHandler, webHandler } from "@hawser/http"
import type { TransactionClient } from "@hawser/postgres"
import { Context, Duration, Effect, Layer, ManagedRuntime, Option, References } from "effect"
import { callbackUrls, type HawserAdmin, type JobAdmin, jobAdmin } from "./admin.ts"
import {
  type Begin,
  type ConnectionTarget,
  reconnecting,
  type Remembered,
  storedConnection,
  usedConnection
} from "./connection.ts"
import { HawserJobsLive, HawserLive, type HawserServices, type JobServices } from "./HawserLive.ts"
import type { HawserOptions, JobOptions } from "./HawserOptions.ts"
import { InFlightWork } from "./InFlightWork.ts"
import { type Subscribes, subscriptions } from "./subscriptions.ts"
import {
  type ActingJobTenant,
  type ActingJobTransactionTenant,
  type ActingTenant,
  type ActingTransactionTenant,
  connectingTenants,
  type Tenant,
  tenantHandles,
  type TenantHandles,
  type TransactionTenant
} from "./tenant.ts"
import { transactionStores } from "./transactionStores.ts"

export interface CloseOptions {
  /** At most 10 minutes. Default `"20 seconds"`. */
  readonly within?: DurationInput
}

/** What a running Hawser has in every process. Each promise rejects with one of Hawser's errors, which have a stable `code`. */
export interface RunningJobs<Provider extends string = string> extends Subscribes {
  /** Everything rare: all tenants, whole tenants and users, keys. */
  readonly admin: JobAdmin<Provider>
  /**
   * Does all due background work once, for hosts with `workers: "off"`. If one kind of work fails, the others still run;
   * then it rejects with the first error.
   */
  readonly tick: () => Promise<void>
  /** The state of this process, for a readiness probe. It asks the store, and never rejects. */
  readonly health: () => Promise<Health>
  /**
   * Stops the workers and closes the connections. New calls and requests are refused. Running ones may finish; after three
   * quarters of the time their signals abort. It always returns when the time is over, and logs as lost what could not be
   * stored.
   */
  readonly close: (options?: CloseOptions) => Promise<void>
}

/** What a running Hawser has that serves the HTTP surface. */
export interface RunningHawser<Provider extends string = string> extends RunningJobs<Provider> {
  /** The HTTP surface: mount it under the path of `publicUrl`. */
  readonly handler: Handler
  readonly tenant: TenantHandles<ActingTenant<Provider>, Tenant<Provider>>
  /** The providers that are listed, as the public catalogue on the wire has them. */
  readonly catalog: (options?: {
    readonly category?: Category
  }) => Promise<ReadonlyArray<CatalogItem>>
  readonly admin: HawserAdmin<Provider>
}

/** The tenants inside a transaction of the host's. */
export interface HawserTransaction<Provider extends string = string> {
  readonly tenant: TenantHandles<ActingTransactionTenant<Provider>, TransactionTenant<Provider>>
}

/** The same in a process that begins no flow. */
export interface JobTransaction<Provider extends string = string> {
  readonly tenant: TenantHandles<ActingJobTransactionTenant<Provider>, TransactionTenant<Provider>>
}

/** A running Hawser. Each promise rejects with one of Hawser's errors, which have a stable `code`. */
export interface Hawser<Provider extends string = string> extends RunningHawser<Provider> {
  /**
   * The tenants inside the host's transaction, on its connection: their writes, including events, commit and roll back
   * with it. For one transaction. Callbacks and tokens are not available there.
   *
   * Its calls reject with `configuration_error` if the store is not a `postgres(…)`, or no transaction is open.
   */
  readonly transaction: (client: TransactionClient) => HawserTransaction<Provider>
}

/** What a process has that only runs jobs. */
export interface RunningJobProcess<Provider extends string = string> extends RunningJobs<Provider> {
  readonly tenant: TenantHandles<ActingJobTenant<Provider>, Tenant<Provider>>
}

/**
 * Hawser in a process that only runs jobs, beside processes that serve the HTTP surface with the same database. It has
 * tokens, events, the background work and all calls of tenants but those that begin a flow.
 */
export interface HawserJobs<Provider extends string = string> extends RunningJobProcess<Provider> {
  /** As `transaction` of `Hawser`. */
  readonly transaction: (client: TransactionClient) => JobTransaction<Provider>
}

/**
 * Starts Hawser: checks the configuration, opens the store and migrates it, starts the workers.
 *
 * Rejects with `configuration_error`, whose message says what to set, and with `storage_unavailable`.
 *
 * @example
 * import { createHawser } from "@hawser/effect"
 * import { jwt } from "@hawser/http"
 * import { postgres } from "@hawser/postgres"
 * import { datadog } from "@hawser/providers"
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
export const createHawser = async <const Providers extends ReadonlyArray<ProviderConfig>>(
  options: HawserOptions & { readonly providers: Providers }
): Promise<Hawser<ProviderIdOf<Providers>>> => {
  const runtime = await started(HawserLive(options))
  return facade(runtime, await runtime.context(), options.store)
}

/**
 * Starts Hawser in a process that only runs jobs. It needs neither URLs nor an authenticator.
 *
 * Rejects as `createHawser` does.
 *
 * @example
 * import { createHawserJobs } from "@hawser/effect"
 * import { postgres } from "@hawser/postgres"
 * import { datadog } from "@hawser/providers"
 *
 * const hawser = await createHawserJobs({
 *   providers: [datadog()],
 *   store: postgres({ url: process.env["DATABASE_URL"] }),
 *   encryptionKey: process.env["HAWSER_ENCRYPTION_KEY"]
 * })
 * const { items } = await hawser.admin.tenants({ provider: "datadog" })
 */
export const createHawserJobs = async <const Providers extends ReadonlyArray<ProviderConfig>>(
  options: JobOptions & { readonly providers: Providers }
): Promise<HawserJobs<ProviderIdOf<Providers>>> => {
  const runtime = await started(HawserJobsLive(options))
  return processParts(runtime, await runtime.context(), options.store).members
}

/** A host without Effect has no tracer, so no spans are made. */
const untraced = Layer.succeed(References.TracerEnabled, false)

/** Builds all services before it returns the runtime. */
const started = async <Services>(
  services: Layer.Layer<Services, unknown>
): Promise<ManagedRuntime.ManagedRuntime<Services, unknown>> => {
  const runtime = ManagedRuntime.make(Layer.provideMerge(services, untraced))
  try {
    await runtime.context()
  } catch (error) {
    await runtime.dispose()
    throw error
  }
  return runtime
}

/** The additional parts of a process with the HTTP surface. */
const facade = (
  runtime: ManagedRuntime.ManagedRuntime<HawserServices, unknown>,
  services: Context.Context<HawserServices>,
  store: Store
): Hawser => {
  const { members, onConnection, remembered, work } = processParts(runtime, services, store)
  const http = Context.get(services, HttpHandler)
  const run = <A, E>(effect: Effect.Effect<A, E, HawserServices>): Promise<A> =>
    work.begin((signal) => runtime.runPromise(effect, { signal }))
  const { flowCookie } = http

  return {
    ...members,

    handler: webHandler((request) =>
      work.begin(() => http.handle.answer(request)).catch(closedResponse)
    ),

    tenant: tenantsThatConnect({ run, flowCookie }, (target, running) =>
      usedConnection(target, running, remembered)
    ),

    transaction: (client) => {
      const on = onConnection(client)
      return {
        tenant: tenantsThatConnect(
          { run: (effect) => run(on(effect)), flowCookie },
          storedConnection
        )
      }
    },

    catalog: (options) => run(catalog(options ?? {})),

    admin: { ...members.admin, ...callbackUrls(run) }
  }
}

/** The handles with what begins a flow. */
const tenantsThatConnect = <One extends object>(
  begin: Begin,
  connection: (target: ConnectionTarget, run: Begin["run"]) => One
) =>
  connectingTenants(
    tenantHandles(begin.run, (target) => ({
      ...connection(target, begin.run),
      ...reconnecting(target, begin)
    })),
    begin
  )

/** The parts of every process. */
const processParts = (
  runtime: ManagedRuntime.ManagedRuntime<JobServices, unknown>,
  services: Context.Context<JobServices>,
  store: Store
) => {
  const work = new InFlightWork()
  const workers = Context.get(services, Workers)
  const inMemory = tokensInMemory(services)
  const remembered: Remembered = (key, options) =>
    work.isClosing ? undefined : inMemory(key, options)
  const run = <A, E>(effect: Effect.Effect<A, E, JobServices>): Promise<A> =>
    work.begin((signal) => runtime.runPromise(effect, { signal }))
  let closing: Promise<void> | undefined

  const end = async (within: number): Promise<void> => {
    const patience = (within * 3) / 4
    const endBy = performance.now() + within
    work.refuse()
    const workersEnd = runtime.runPromise(workers.close(Duration.millis(within)))
    await settledWithin(work.finished(), patience)
    work.abort()
    await settledWithin(Promise.all([work.finished(), workersEnd]), endBy - performance.now())
    await settledWithin(runtime.dispose(), endBy - performance.now())
  }

  /** For effects on a connection of the host's. */
  const onConnection = (client: TransactionClient) => {
    const stores = transactionStores(store, client)
    return <A, E, R>(effect: Effect.Effect<A, E, R>) =>
      Effect.flatMap(stores, (context) => Effect.provide(effect, context))
  }

  const { on, unsubscribe } = subscriptions(run, workers)

  const members: HawserJobs = {
    on,
    admin: { ...jobAdmin(run), unsubscribe },
    tenant: tenantHandles(run, (target) => usedConnection(target, run, remembered)),

    transaction: (client) => {
      const onHosts = onConnection(client)
      const runThere: typeof run = (effect) => run(onHosts(effect))
      return { tenant: tenantHandles(runThere, (target) => storedConnection(target, runThere)) }
    },

    tick: () => run(workers.tick),
    // Not run by the runtime, which no longer exists after it is closed.
    health: () => Effect.runPromise(workers.health),
    close: ({ within } = {}) => (closing ??= end(shutdownMilliseconds(within)))
  }
  return { members, onConnection, remembered, work }
}

/** A wrong value must not keep a host from closing. */
const shutdownMilliseconds = (within: unknown): number =>
  Option.match(parseDuration(within), {
    onNone: () => 20_000,
    onSome: (duration) => {
      const milliseconds = Duration.toMillis(duration)
      return milliseconds <= 600_000 ? milliseconds : 20_000
    }
  })

/** Waits until the promise settles, or the time is over. */
const settledWithin = async (work: Promise<unknown>, milliseconds: number): Promise<void> => {
  const over = Promise.withResolvers<void>()
  const timer = setTimeout(over.resolve, Math.max(0, milliseconds))
  await Promise.race([Promise.allSettled([work]), over.promise])
  clearTimeout(timer)
}

/** The handler itself never rejects, so this is a request that came after the end. */
const closedResponse = (): HandlerResponse => ({
  status: 503,
  headers: { "content-type": "application/json", "cache-control": "no-store" },
  body: JSON.stringify({
    error: "storage_unavailable",
    message: "This process is closing. Try again."
  })
})
