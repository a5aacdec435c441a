import {
  callbackUrl,
  type CatalogItem,
  catalog,
  type Category,
  ConfigurationError,
  EventBus,
  type EventName,
  type IntegrationEvent,
  type Store,
  testConnection,
  Workers
} from "@hawser/core"
import { type Handler, HttpHandler } from "@hawser/http"
import type { TransactionClient } from "@hawser/postgres"
import { Effect, ManagedRuntime } from "effect"
import {
  adminOf,
  type ByAdmin,
  commands,
  type HawserCommands,
  type OfProvider,
  providerOf,
  tenantOf
} from "./commands.ts"
import { administration, type HawserAdministration } from "./administration.ts"
import { HawserLive, type HawserServices } from "./HawserLive.ts"
import type { HawserOptions } from "./HawserOptions.ts"
import { type HawserKeys, keys } from "./keys.ts"
import { type TestResult, testResult } from "./results.ts"
import { type HawserTokens, tokens } from "./tokens.ts"
import { transactionStores } from "./transactionStores.ts"
import { WorkUnderWay } from "./WorkUnderWay.ts"

/** How a subscriber is known and where it begins. */
export interface OnOptions {
  /** The durable name of the subscriber; default the event's. Two handlers of one event need names of their own. */
  readonly name?: string
  /** Where a subscriber begins that Hawser has not seen before. Default `now`. */
  readonly from?: "now" | "beginning"
}

type EventOf<Name extends EventName> = Extract<IntegrationEvent, { readonly event: Name }>

/** Hawser, running. Each promise fails with one of the errors of `hawser`, which have a stable `code`. */
export interface Hawser extends HawserCommands, HawserTokens, HawserKeys, HawserAdministration {
  /** The HTTP surface: mount it under the path of `publicUrl`. */
  readonly handler: Handler
  /**
   * The commands on a connection whose transaction the host holds: what they write, events included, is there when the
   * host commits and gone when it rolls back. For one transaction; callbacks and tokens have no place in it.
   *
   * Fails with `ConfigurationError` where the store is no `postgres(…)`, or no transaction is open.
   */
  readonly in: (client: TransactionClient) => HawserCommands
  /** Asks the provider whether the connection works: one harmless request. */
  readonly test: (options: ByAdmin) => Promise<TestResult>
  readonly catalog: (options?: {
    readonly category?: Category
  }) => Promise<ReadonlyArray<CatalogItem>>
  /**
   * The redirect URI to register at a provider: for tenants that bring clients of their own, each has another (`clientOf`).
   * Fails with `ProviderNotFound` where the provider takes no OAuth2 client.
   */
  readonly callbackUrlFor: (options: OfProvider) => Promise<string>
  /**
   * Calls the handler for each such event, at least once, in order per integration, through restarts. A handler that
   * throws is retried with exponential backoff (1 s to 1 h, without limit).
   */
  readonly on: <Name extends EventName>(
    event: Name,
    handler: (event: EventOf<Name>) => Promise<void> | void,
    options?: OnOptions
  ) => Promise<void>
  /** Does the background work that is due, once; for hosts with `workers: "off"`. */
  readonly tick: () => Promise<void>
  /**
   * Ends a subscriber that no process runs any more and forgets its place: until then its events are kept for it.
   * Fails with `ConfigurationError` while this process has a handler of that name.
   */
  readonly unsubscribe: (name: string) => Promise<void>
  /** Ends workers and connections. Calls and requests that began are finished first; later ones are refused. */
  readonly close: () => Promise<void>
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
export const createHawser = async (options: HawserOptions): Promise<Hawser> => {
  const runtime = ManagedRuntime.make(HawserLive(options))
  try {
    await runtime.context()
  } catch (error) {
    await runtime.dispose()
    throw error
  }
  const handler = await runtime.runPromise(HttpHandler)
  return facade(runtime, handler, options.store)
}

const facade = (
  runtime: ManagedRuntime.ManagedRuntime<HawserServices, unknown>,
  http: HttpHandler["Service"],
  store: Store
): Hawser => {
  const work = new WorkUnderWay()
  const run = <A, E>(effect: Effect.Effect<A, E, HawserServices>): Promise<A> =>
    work.begin(() => runtime.runPromise(effect))
  const { flowCookie } = http
  const wake = Effect.flatMap(Workers, (workers) => workers.wake)
  const names = new Set<string>()

  return {
    handler: (request, context) =>
      work.begin(() => http.handle(request, context)).catch(closedResponse),

    ...commands({ run, wake, flowCookie }),
    ...tokens(run),
    ...keys(run),
    ...administration(run),

    in: (client) => {
      const stores = transactionStores(store, client)
      return commands({
        run: (effect) => run(Effect.flatMap(stores, (context) => Effect.provide(effect, context))),
        // Nothing is there to be seen before the host commits.
        wake: Effect.void,
        flowCookie
      })
    },

    test: (options) =>
      run(
        Effect.gen(function* () {
          const provider = yield* providerOf(options.provider)
          return testResult(yield* testConnection(yield* adminOf(options), provider))
        })
      ),

    catalog: (options) => run(catalog(options ?? {})),

    callbackUrlFor: (options) =>
      run(
        Effect.gen(function* () {
          const provider = yield* providerOf(options.provider)
          return yield* callbackUrl(yield* tenantOf(options.tenantId), provider)
        })
      ),

    on: (event, handler, onOptions) =>
      run(
        Effect.gen(function* () {
          const name = onOptions?.name ?? event
          if (names.has(name)) {
            return yield* new ConfigurationError({
              setting: `on("${event}")`,
              problem: `A handler named "${name}" is there already. Give each a name of its own.`
            })
          }
          names.add(name)
          const workers = yield* Workers
          yield* workers.register({
            name,
            events: new Set([event]),
            from: onOptions?.from ?? "now",
            handle: (delivered) =>
              isEvent(delivered, event)
                ? Effect.promise(async () => handler(delivered))
                : Effect.void
          })
        })
      ),

    tick: () => run(Effect.flatMap(Workers, (workers) => workers.tick)),
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

    close: async () => {
      await work.finish()
      await runtime.dispose()
    }
  }
}

/** The handler itself never rejects, so this is a request that came after the end. */
const closedResponse = (): Response =>
  Response.json(
    { error: "storage_unavailable", message: "This process is closing. Try again." },
    { status: 503, headers: { "cache-control": "no-store" } }
  )

const isEvent = <Name extends EventName>(
  event: IntegrationEvent,
  name: Name
): event is EventOf<Name> => event.event === name
