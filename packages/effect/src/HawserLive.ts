import {
  checkAuthKinds,
  checkStoredSecret,
  ClientTokens,
  ConfigurationError,
  configureProvider,
  ConnectionStore,
  ConnectSettings,
  CurrentEndpointLock,
  EnvelopeCipher,
  HookTimeout,
  Keeper,
  KeyedHash,
  Maintenance,
  makeShutdown,
  OAuth4WebApiClient,
  ProviderRegistry,
  ProviderTraffic,
  Refreshing,
  RefusedTokens,
  SecurityLog,
  Shutdown,
  tellingChanges,
  TokenCache,
  Workers
} from "@hawser/core"
import {
  Authenticator,
  HttpHandler,
  makeAuthenticator,
  makeHandler,
  reportKeySets
} from "@hawser/http"
import { NodeCrypto, NodeEgress } from "@hawser/egress"
import { Duration, Effect, Layer } from "effect"
import { openEndpointLock } from "./endpointLock.ts"
import type { HawserOptions, JobOptions } from "./HawserOptions.ts"
import { keyManagementLayer } from "./keyManagement.ts"
import { hawserLogger } from "./logger.ts"
import { checkJobSettings, type checkProcessSettings, checkSettings } from "./settings.ts"

const unfinishedInterval = Duration.seconds(1)
const sweepInterval = Duration.minutes(1)
/** How long this process may give out a token after another process has disconnected. */
const tokenCacheTime = Duration.seconds(10)

/** The checked providers of the options; no id occurs twice. */
export const registryLayer = (
  { authKinds = [], providers }: Pick<HawserOptions, "authKinds" | "providers">,
  settings: Parameters<typeof configureProvider>[1]
) =>
  Layer.effect(
    ProviderRegistry,
    Effect.gen(function* () {
      yield* checkAuthKinds(authKinds)
      const options = { ...settings, authKinds }
      const configured = yield* Effect.forEach(providers, (config) =>
        configureProvider(config, options)
      )
      if (new Set(configured.map(({ id }) => id)).size !== configured.length) {
        return yield* new ConfigurationError({
          setting: "providers",
          problem: "List each provider only once."
        })
      }
      return ProviderRegistry.make(configured)
    })
  )

/** The host's endpoint lock, compared with what it has configured. */
const lockLayer = (endpointLock: HawserOptions["endpointLock"]) =>
  Layer.effect(
    CurrentEndpointLock,
    Effect.flatMap(ProviderRegistry, ({ all }) =>
      endpointLock === undefined
        ? Effect.undefined
        : openEndpointLock(
            endpointLock,
            all.map(({ definition }) => definition)
          )
    )
  )

/** The host's store. Changes by this process update its token cache at once. */
const storeLayer = (store: HawserOptions["store"]) =>
  Layer.effect(
    ConnectionStore,
    Effect.map(Effect.all([ConnectionStore, TokenCache]), ([connections, cache]) =>
      tellingChanges(connections, cache.forget)
    )
  ).pipe(
    Layer.provideMerge(Layer.merge(store.layer, TokenCache.layer({ timeToLive: tokenCacheTime })))
  )

/**
 * Before the first command, which may be one in the host's transaction, when its pool has no connection left for the key. If it
 * cannot be read now, the first command that needs it reads it; that one makes it, too, where there is none.
 */
const readHashKey = Effect.gen(function* () {
  const maintenance = yield* Maintenance
  const keyed = yield* KeyedHash
  if ((yield* maintenance.findHashKey) !== undefined) yield* keyed.of("start", [])
}).pipe(Effect.ignore)

type ProcessSettings = Effect.Success<ReturnType<typeof checkProcessSettings>>

/** The services of every process, with or without the HTTP surface. */
const processLayer = (
  options: JobOptions,
  { eventRetention, hookTimeout, unusedCredentialRetention }: ProcessSettings
) => {
  const unsafelyAllowLoopback = options.unsafelyAllowLoopback ?? false
  const foundation = Layer.merge(
    NodeCrypto.layer,
    Layer.succeed(SecurityLog, SecurityLog.make(options.onSecurityEvent ?? (() => {})))
  )
  const ports = Layer.mergeAll(
    EnvelopeCipher.layer.pipe(Layer.provide(keyManagementLayer(options))),
    Layer.provideMerge(
      lockLayer(options.endpointLock),
      registryLayer(options, {
        unsafelyAllowLoopback,
        addressesAreUnchecked: options.egress?.unsafelyResolvingProxy !== undefined
      })
    ),
    OAuth4WebApiClient.layer,
    Layer.provideMerge(ClientTokens.layer, ProviderTraffic.layer()),
    RefusedTokens.layer
  )
  const workers = Workers.layer({
    mode: options.workers ?? "in-process",
    unfinishedInterval,
    sweepInterval,
    eventRetention,
    unusedCredentialRetention
  })
  return Layer.effectDiscard(Effect.andThen(checkStoredSecret, readHashKey)).pipe(
    Layer.provideMerge(workers),
    Layer.provideMerge(Keeper.layer),
    Layer.provideMerge(Refreshing.layer()),
    Layer.provideMerge(KeyedHash.layer),
    Layer.provideMerge(ports),
    Layer.provideMerge(NodeEgress.layer({ ...options.egress, unsafelyAllowLoopback })),
    Layer.provideMerge(storeLayer(options.store)),
    Layer.provideMerge(foundation),
    Layer.provideMerge(Layer.succeed(HookTimeout, hookTimeout)),
    Layer.provideMerge(Layer.sync(Shutdown, makeShutdown)),
    Layer.provideMerge(hawserLogger(options.logger))
  )
}

/**
 * All of Hawser as Layers, for hosts with Effect: the services, the workers and the HTTP handler. `createHawser` wraps each
 * program in a promise.
 *
 * Building fails with `ConfigurationError`, whose message says what to set, and with `StorageUnavailable`.
 *
 * @example
 * import { accessToken } from "@hawser/core"
 * import { Effect } from "effect"
 * import { HawserLive } from "@hawser/effect"
 *
 * declare const options: Parameters<typeof HawserLive>[0]
 * declare const query: Parameters<typeof accessToken>[0]
 * const program = accessToken(query).pipe(Effect.provide(HawserLive(options)))
 */
export const HawserLive = (options: HawserOptions) =>
  Layer.unwrap(
    Effect.gen(function* () {
      const { connect, http, ...settings } = yield* checkSettings(options)
      const callers = Layer.merge(
        Layer.succeed(ConnectSettings, connect),
        Layer.effect(Authenticator, makeAuthenticator(options.authenticate))
      )
      // In the background, because the start does not depend on it.
      const reports = Layer.effectDiscard(Effect.forkScoped(reportKeySets(options.authenticate)))
      return Layer.merge(Layer.effect(HttpHandler, makeHandler(http)), reports).pipe(
        Layer.provideMerge(callers),
        Layer.provideMerge(processLayer(options, settings))
      )
    })
  )

/** The same without the HTTP surface, for a process that only runs jobs. */
export const HawserJobsLive = (options: JobOptions) =>
  Layer.unwrap(Effect.map(checkJobSettings(options), (settings) => processLayer(options, settings)))

type LayerServices<L> = L extends Layer.Layer<infer Services, infer _E, infer _R> ? Services : never

/** Everything that `HawserLive` provides. */
export type HawserServices = LayerServices<ReturnType<typeof HawserLive>>

/** Everything that `HawserJobsLive` provides. */
export type JobServices = LayerServices<ReturnType<typeof HawserJobsLive>>
