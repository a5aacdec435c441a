import {
  accessToken,
  apiKey,
  type CatalogItem,
  catalog,
  type Category,
  ConfigurationError,
  connect,
  deleteCredential,
  disconnect,
  EventBus,
  type EventName,
  get,
  type IntegrationEvent,
  type IntegrationStatus,
  list,
  listCredentials,
  Principal,
  ProviderRegistry,
  requireAdmin,
  requireMember,
  storeCredentials,
  swapCredential,
  TenantId,
  testConnection,
  UserId,
  ValidationError,
  Workers
} from "@hawser/core"
import { type Handler, HttpHandler } from "@hawser/http"
import { Effect, ManagedRuntime, Schema } from "effect"
import { HawserLive, type HawserServices } from "./HawserLive.ts"
import type { HawserOptions } from "./HawserOptions.ts"
import { WorkUnderWay } from "./WorkUnderWay.ts"
import {
  type CredentialResult,
  credentialResult,
  type IntegrationResult,
  integrationResult,
  StoredAccessToken,
  StoredApiKey,
  type TestResult,
  testResult
} from "./results.ts"

/** A tenant, named by the host's own code. */
export interface OfTenant {
  readonly tenantId: string
}

/** A tenant and a provider of it. */
export interface OfProvider extends OfTenant {
  readonly provider: string
}

/** Who acts: the host vouches that this user is an admin of this tenant. */
export interface ByAdmin extends OfProvider {
  readonly userId: string
}

/** What `connect` gives: a URL to send the browser to, or the integration that an API key connected at once. */
export type ConnectAnswer =
  | {
      readonly authorizationUrl: string
      readonly state: string
      /** For the binding `cookie`: the `Set-Cookie` header that the answer to the browser must carry. */
      readonly setCookie: string | undefined
    }
  | IntegrationResult

/** What a flow or a connection begins with. */
export interface ConnectOptions {
  /** OAuth2: where the browser ends up. */
  readonly redirectUrl?: string
  /** API keys: the stored key to connect with. */
  readonly credentialId?: string
  /** OAuth2: what the catalogue's `fields` ask for, such as a subdomain. */
  readonly fields?: Readonly<Record<string, string>>
  /** OAuth2: some of the configured scopes; default all. */
  readonly scopes?: ReadonlyArray<string>
  /** OAuth2: begins although connected; the old tokens work until the new ones are there. */
  readonly reauthorize?: boolean
}

/** How a subscriber is known and where it begins. */
export interface OnOptions {
  /** The durable name of the subscriber; default the event's. Two handlers of one event need names of their own. */
  readonly name?: string
  /** Where a subscriber begins that Hawser has not seen before. Default `now`. */
  readonly from?: "now" | "beginning"
}

type EventOf<Name extends EventName> = Extract<IntegrationEvent, { readonly event: Name }>

/** Hawser, running. Each promise fails with one of the errors of `hawser`, which have a stable `code`. */
export interface Hawser {
  /** The HTTP surface: mount it under the path of `publicUrl`. */
  readonly handler: Handler
  /** Begins an OAuth2 flow, or connects with a stored API key. */
  readonly connect: (options: ByAdmin & ConnectOptions) => Promise<ConnectAnswer>
  /** Checks an API key with its provider and stores it. */
  readonly storeCredentials: (
    options: ByAdmin & {
      readonly credentials: Readonly<Record<string, string>>
      readonly label?: string
    }
  ) => Promise<CredentialResult>
  /** The tenant's stored API keys of a provider, without their secrets. */
  readonly listCredentials: (options: ByAdmin) => Promise<ReadonlyArray<CredentialResult>>
  /** Destroys a stored API key that nothing is connected with. */
  readonly deleteCredential: (options: ByAdmin & { readonly credentialId: string }) => Promise<void>
  /** Connects a connected integration with another stored API key, checked first, without an outage. */
  readonly swapCredential: (
    options: ByAdmin & { readonly credentialId: string }
  ) => Promise<IntegrationResult>
  /** Asks the provider whether the connection works: one harmless request. */
  readonly test: (options: ByAdmin) => Promise<TestResult>
  readonly get: (options: OfProvider) => Promise<IntegrationResult>
  readonly list: (
    options: OfTenant & { readonly status?: IntegrationStatus; readonly provider?: string }
  ) => Promise<ReadonlyArray<IntegrationResult>>
  readonly catalog: (options?: {
    readonly category?: Category
  }) => Promise<ReadonlyArray<CatalogItem>>
  /** Destroys the stored tokens or key and emits `integration.disconnected`. */
  readonly disconnect: (options: ByAdmin) => Promise<IntegrationResult>
  /** The stored access token; fails with `NotConnected` or `ReconnectRequired`. */
  readonly accessToken: (options: OfProvider) => Promise<StoredAccessToken>
  /** The fields of the API key that the tenant is connected with; fails with `NotConnected`. */
  readonly apiKey: (options: OfProvider) => Promise<StoredApiKey>
  /**
   * Calls the handler for each such event, at least once, in order per integration, through restarts. A handler that
   * throws is called again, later and later.
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

const decodeTenant = Schema.decodeUnknownEffect(TenantId)
const decodeUser = Schema.decodeUnknownEffect(UserId)

const invalid = (path: string) => new ValidationError({ details: [{ path, code: "invalid" }] })

/** In process the host vouches for who acts, so the caller is made, not verified. */
const principalOf = Effect.fnUntraced(function* (
  tenantId: string,
  userId: string,
  role: "admin" | "member"
) {
  return new Principal({
    tenantId: yield* Effect.mapError(decodeTenant(tenantId), () => invalid("tenantId")),
    userId: yield* Effect.mapError(decodeUser(userId), () => invalid("userId")),
    roles: [role]
  })
})

const adminOf = (options: ByAdmin) =>
  Effect.flatMap(principalOf(options.tenantId, options.userId, "admin"), requireAdmin)

/** Reading needs no user; the name says who reads. */
const memberOf = (options: OfTenant) =>
  Effect.flatMap(principalOf(options.tenantId, "host", "member"), requireMember)

const providerOf = Effect.fnUntraced(function* (id: string) {
  const registry = yield* ProviderRegistry
  return yield* registry.get(id)
})

const tokenQuery = Effect.fnUntraced(function* (options: OfProvider) {
  const provider = yield* providerOf(options.provider)
  return { tenantId: (yield* memberOf(options)).tenantId, provider: provider.id }
})

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
  return facade(runtime, handler)
}

const facade = (
  runtime: ManagedRuntime.ManagedRuntime<HawserServices, unknown>,
  http: HttpHandler["Service"]
): Hawser => {
  const work = new WorkUnderWay()
  const run = <A, E>(effect: Effect.Effect<A, E, HawserServices>): Promise<A> =>
    work.begin(() => runtime.runPromise(effect))
  const wake = Effect.flatMap(Workers, (workers) => workers.wake)
  const names = new Set<string>()

  return {
    handler: (request, context) =>
      work.begin(() => http.handle(request, context)).catch(closedResponse),

    connect: (options) =>
      run(
        Effect.gen(function* () {
          const provider = yield* providerOf(options.provider)
          const result = yield* connect(yield* adminOf(options), provider, options)
          if (result._tag === "Connected") {
            yield* wake
            return integrationResult(result.integration)
          }
          const { authorizationUrl, browserBinding, state } = result
          const setCookie =
            browserBinding === undefined ? undefined : http.flowCookie(browserBinding)
          return { authorizationUrl, state, setCookie }
        })
      ),

    storeCredentials: (options) =>
      run(
        Effect.gen(function* () {
          const provider = yield* providerOf(options.provider)
          return credentialResult(
            yield* storeCredentials(yield* adminOf(options), provider, options)
          )
        })
      ),

    listCredentials: (options) =>
      run(
        Effect.gen(function* () {
          const provider = yield* providerOf(options.provider)
          return (yield* listCredentials(yield* adminOf(options), provider)).map(credentialResult)
        })
      ),

    deleteCredential: (options) =>
      run(
        Effect.gen(function* () {
          const provider = yield* providerOf(options.provider)
          yield* deleteCredential(yield* adminOf(options), provider, options.credentialId)
        })
      ),

    swapCredential: (options) =>
      run(
        Effect.gen(function* () {
          const provider = yield* providerOf(options.provider)
          return integrationResult(
            yield* swapCredential(yield* adminOf(options), provider, options.credentialId)
          )
        })
      ),

    test: (options) =>
      run(
        Effect.gen(function* () {
          const provider = yield* providerOf(options.provider)
          return testResult(yield* testConnection(yield* adminOf(options), provider))
        })
      ),

    get: (options) =>
      run(
        Effect.gen(function* () {
          const provider = yield* providerOf(options.provider)
          return integrationResult(yield* get(yield* memberOf(options), provider))
        })
      ),

    list: (options) =>
      run(
        Effect.gen(function* () {
          return (yield* list(yield* memberOf(options), options)).items.map(integrationResult)
        })
      ),

    catalog: (options) => run(catalog(options ?? {})),

    disconnect: (options) =>
      run(
        Effect.gen(function* () {
          const provider = yield* providerOf(options.provider)
          const integration = yield* disconnect(yield* adminOf(options), provider)
          yield* wake
          return integrationResult(integration)
        })
      ),

    accessToken: (options) =>
      run(
        Effect.gen(function* () {
          return new StoredAccessToken(yield* accessToken(yield* tokenQuery(options)))
        })
      ),

    apiKey: (options) =>
      run(
        Effect.gen(function* () {
          return new StoredApiKey(yield* apiKey(yield* tokenQuery(options)))
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
