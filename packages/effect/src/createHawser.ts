import {
  callbackUrl,
  type CatalogItem,
  catalog,
  type Category,
  callHandler,
  ConfigurationError,
  type DeliveredEvent,
  EventBus,
  type EventName,
  type Health,
  IntegrationEvent,
  nearest,
  functionOption,
  hostOptions,
  opaqueOption,
  type Store,
  testConnection,
  Workers
} from "@hawser/core"
import { type Handler, type HandlerResponse, HttpHandler, webHandler } from "@hawser/http"
import type { TransactionClient } from "@hawser/postgres"
import { Duration, Effect, ManagedRuntime, Schema } from "effect"
import {
  type ActorOnOptions,
  checkActor,
  checkName,
  commands,
  connectCommand,
  type HawserCommands,
  type JobCommands,
  type TenantProviderOptions,
  providerById,
  checkTenantId
} from "./commands.ts"
import { administration, type HawserAdministration } from "./administration.ts"
import { HawserJobsLive, HawserLive, type HawserServices, type JobServices } from "./HawserLive.ts"
import type { HawserOptions, JobOptions } from "./HawserOptions.ts"
import { type HawserKeys, keys } from "./keys.ts"
import { type TestResult, testResult } from "./results.ts"
import { type HawserTokens, tokens } from "./tokens.ts"
import { transactionStores } from "./transactionStores.ts"
import { InFlightWork } from "./InFlightWork.ts"

/** The name of a subscriber and where it begins. */
export interface OnOptions {
  /**
   * The name of the subscriber. It continues under this name after a restart, and processes with the same name share its
   * events. Give each subscriber of each service its own name.
   */
  readonly name: string
  /** Where a new subscriber begins. Default `now`. */
  readonly from?: "now" | "beginning"
}

/** What an event handler gets. */
export interface HandledEvent<Name extends EventName> {
  readonly event: EventOf<Name>
  /** 1 for the first time; more after failures of the handler. */
  readonly attempt: number
  /** Aborts after a minute, or when Hawser closes and its time is nearly over. The handler should then stop. */
  readonly signal: AbortSignal
}

/** A registered handler. */
export interface EventSubscription {
  /**
   * Stops calling the handler, and waits for running calls. The subscriber keeps its place: it receives later events when
   * `on` is called with its name again, in any process. Does nothing if another handler has replaced this one.
   */
  readonly stop: () => Promise<void>
}

export interface CloseOptions {
  /** Milliseconds, 0 to 600,000. Default 20,000. */
  readonly within?: number
}

type EventOf<Name extends EventName> = Extract<IntegrationEvent, { readonly event: Name }>

/** What a running Hawser has in every process. Each promise rejects with one of Hawser's errors, which have a stable `code`. */
export interface RunningJobs extends JobCommands, HawserTokens, HawserKeys, HawserAdministration {
  /** Asks the provider whether the connection works: one harmless request. */
  readonly test: (options: ActorOnOptions) => Promise<TestResult>
  /**
   * Calls the handler for each such event, at least once, in order per integration, through restarts. A handler that
   * throws is retried with exponential backoff (1 s to 1 h, without limit). After a minute its `signal` aborts; until it
   * ends, its integration waits and the others go on (`health().stuck`).
   *
   * If it is called again with the same name and event, as by a reloaded module, the new handler replaces the old one.
   * Rejects with `StorageUnavailable`, and you can call it again; with `ConfigurationError` if this process uses the name
   * for another event.
   *
   * @example
   * import type { Hawser } from "hawser"
   *
   * declare const hawser: Hawser
   * declare const mail: (tenantId: string, signal: AbortSignal) => Promise<void>
   *
   * const subscription = await hawser.on(
   *   "integration.disconnected",
   *   ({ event, signal }) => mail(event.tenantId, signal),
   *   { name: "mailer" }
   * )
   */
  readonly on: <Name extends EventName>(
    event: Name,
    handler: (handled: HandledEvent<Name>) => Promise<void> | void,
    options: OnOptions
  ) => Promise<EventSubscription>
  /**
   * Does all due background work once, for hosts with `workers: "off"`. If one kind of work fails, the others still run;
   * then it rejects with the first error.
   */
  readonly tick: () => Promise<void>
  /** The state of this process, for a readiness probe. It asks the store, and never rejects. */
  readonly health: () => Promise<Health>
  /**
   * Deletes a subscriber that no process runs any more. Until then its events are kept.
   * Fails with `ConfigurationError` while this process has a handler of that name.
   */
  readonly unsubscribe: (name: string) => Promise<void>
  /**
   * Stops the workers and closes the connections. New calls and requests are refused. Running ones may finish; after three
   * quarters of the time their signals abort. It always returns when the time is over, and logs as lost what could not be
   * stored.
   */
  readonly close: (options?: CloseOptions) => Promise<void>
}

/** What a running Hawser has that serves the HTTP surface. */
export interface RunningHawser extends RunningJobs, HawserCommands {
  /** The HTTP surface: mount it under the path of `publicUrl`. */
  readonly handler: Handler
  readonly catalog: (options?: {
    readonly category?: Category
  }) => Promise<ReadonlyArray<CatalogItem>>
  /**
   * The redirect URI to register at a provider. With `clientOf`, each tenant has its own. Fails with `ProviderNotFound` if
   * the provider has no OAuth2 client.
   */
  readonly callbackUrlFor: (options: TenantProviderOptions) => Promise<string>
}

/** A running Hawser. Each promise rejects with one of Hawser's errors, which have a stable `code`. */
export interface Hawser extends RunningHawser {
  /**
   * The commands inside the host's transaction, on its connection: their writes, including events, commit and roll back
   * with it. For one transaction. Callbacks and tokens are not available there.
   *
   * Fails with `ConfigurationError` if the store is not a `postgres(…)`, or no transaction is open.
   */
  readonly in: (client: TransactionClient) => HawserCommands
}

/**
 * Hawser in a process that only runs jobs, beside processes that serve the HTTP surface with the same database. It has
 * tokens, events, the background work and all commands except `connect`.
 */
export interface HawserJobs extends RunningJobs {
  /** As `in` of `Hawser`. */
  readonly in: (client: TransactionClient) => JobCommands
}

/**
 * Starts Hawser: checks the configuration, opens the store and migrates it, starts the workers.
 *
 * Rejects with `ConfigurationError`, whose message says what to set, and with `StorageUnavailable`.
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
export const createHawser = async (options: HawserOptions): Promise<Hawser> => {
  const runtime = await started(ManagedRuntime.make(HawserLive(options)))
  const [handler, workers] = await runtime.runPromise(Effect.all([HttpHandler, Workers]))
  return facade(runtime, handler, workers, options.store)
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
 * const { items } = await hawser.listConnections({ provider: "datadog" })
 */
export const createHawserJobs = async (options: JobOptions): Promise<HawserJobs> => {
  const runtime = await started(ManagedRuntime.make(HawserJobsLive(options)))
  return processParts(runtime, await runtime.runPromise(Workers), options.store).members
}

/** Builds all services before it returns the runtime. */
const started = async <Services>(
  runtime: ManagedRuntime.ManagedRuntime<Services, unknown>
): Promise<ManagedRuntime.ManagedRuntime<Services, unknown>> => {
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
  http: HttpHandler["Service"],
  workers: Workers["Service"],
  store: Store
): Hawser => {
  const { members, onConnection, work } = processParts(runtime, workers, store)
  const run = <A, E>(effect: Effect.Effect<A, E, HawserServices>): Promise<A> =>
    work.begin((signal) => runtime.runPromise(effect, { signal }))
  const { flowCookie } = http

  return {
    ...members,

    handler: webHandler((request) =>
      work.begin(() => http.handle.answer(request)).catch(closedResponse)
    ),

    ...connectCommand({ run, flowCookie }),

    in: (client) => {
      const on = onConnection(client)
      return {
        ...members.in(client),
        ...connectCommand({ run: (effect) => run(on(effect)), flowCookie })
      }
    },

    catalog: (options) => run(catalog(options ?? {})),

    callbackUrlFor: (options) =>
      run(
        Effect.gen(function* () {
          const provider = yield* providerById(options.provider)
          return yield* callbackUrl(yield* checkTenantId(options.tenantId), provider)
        })
      )
  }
}

/** The parts of every process. */
const processParts = (
  runtime: ManagedRuntime.ManagedRuntime<JobServices, unknown>,
  workers: Workers["Service"],
  store: Store
) => {
  const work = new InFlightWork()
  const run = <A, E>(effect: Effect.Effect<A, E, JobServices>): Promise<A> =>
    work.begin((signal) => runtime.runPromise(effect, { signal }))
  /** The subscribers of this process, and the event of each. */
  const names = new Map<string, EventName>()
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

  const members: HawserJobs = {
    ...commands(run),
    ...tokens(run),
    ...keys(run),
    ...administration(run),

    in: (client) => {
      const on = onConnection(client)
      return commands((effect) => run(on(effect)))
    },

    test: (options) =>
      run(
        Effect.gen(function* () {
          const provider = yield* providerById(options.provider)
          return testResult(
            yield* testConnection(yield* checkActor(options), provider, yield* checkName(options))
          )
        })
      ),

    on: (event, handler, options) =>
      run(
        Effect.gen(function* () {
          const setting = `on("${event}")`
          const refuse = (problem: string) => new ConfigurationError({ setting, problem })
          if (!eventNames.includes(event)) {
            const near = nearest(event, eventNames)
            return yield* refuse(
              `There is no such event.${near === undefined ? "" : ` Did you mean ${near}?`}`
            )
          }
          const wrong = checkSubscription(setting, { ...options, handler })
          if (wrong !== undefined) return yield* wrong
          const { from = "now", name } = options
          const known = names.get(name)
          if (known !== undefined && known !== event)
            return yield* refuse(
              `"${name}" has a handler of ${known} already. Give each subscriber a name of its own.`
            )
          const { stop } = yield* workers.register({
            name,
            events: new Set([event]),
            from,
            handle: (handled) => handledBy(handler, event, handled),
            endsBySignal: true
          })
          names.set(name, event)
          return {
            stop: () =>
              run(
                Effect.map(stop, (isLast) => {
                  if (isLast) names.delete(name)
                })
              )
          }
        })
      ),

    tick: () => run(workers.tick),
    // Not run by the runtime, which no longer exists after it is closed.
    health: () => Effect.runPromise(workers.health),
    unsubscribe: (name) =>
      run(
        Effect.gen(function* () {
          if (names.has(name)) {
            return yield* new ConfigurationError({
              setting: `unsubscribe("${name}")`,
              problem:
                "This process has a handler of that name. Start it without, then unsubscribe."
            })
          }
          const bus = yield* EventBus
          yield* bus.unsubscribe(name)
        })
      ),

    close: ({ within } = {}) => (closing ??= end(shutdownMilliseconds(within)))
  }
  return { members, onConnection, work }
}

/** The arguments of `on` after the event. */
const checkSubscription = hostOptions<{ readonly handler: unknown } & OnOptions>(
  {
    handler: functionOption,
    name: opaqueOption(
      'a name of its own, such as "mailer"',
      (value) => typeof value === "string" && value !== ""
    ),
    from: Schema.Literals(["now", "beginning"])
  },
  { required: ["handler", "name"] }
)

const eventNames = IntegrationEvent.members.map(({ fields }) => fields.event.literal)

/** An invalid number must not keep a host from closing. */
const shutdownMilliseconds = (within: unknown): number =>
  typeof within === "number" && within >= 0 && within <= 600_000 ? within : 20_000

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

/** A handler's promise cannot be interrupted. Only the signal can end it, so it is waited for. */
const handledBy = <Name extends EventName>(
  handler: (handled: HandledEvent<Name>) => unknown,
  name: Name,
  { event, ...handled }: DeliveredEvent
): Effect.Effect<void, unknown> =>
  isEvent(event, name) ? callHandler(() => handler({ ...handled, event })) : Effect.void

const isEvent = <Name extends EventName>(
  event: IntegrationEvent,
  name: Name
): event is EventOf<Name> => event.event === name
