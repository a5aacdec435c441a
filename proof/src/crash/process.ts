import {
  accessToken,
  AuthorizationServerClient,
  Cipher,
  ClientTokens,
  configureProvider,
  ConnectionStore,
  ConnectSettings,
  CredentialStore,
  CryptoLive,
  Egress,
  EnvelopeCipher,
  EventBus,
  finishCallback,
  KeyedHash,
  KeyManagement,
  LocalKeyring,
  Maintenance,
  OAuth4WebApiClient,
  OAuthStateStore,
  ProviderRegistry,
  ProviderTraffic,
  Refreshing,
  Secret,
  SecurityLog,
  TenantId,
  TokenCache,
  tenantsDefault
} from "@hawser/core"
import { NodeEgress } from "@hawser/egress"
import { postgres } from "@hawser/postgres"
import { Duration, Effect, Layer } from "effect"
import { providerConfig, providerId } from "../host.ts"
import { FaultPoints } from "./faults.ts"
import type { CrashReport, CrashTask, Scenario } from "./messages.ts"
import { leaseSeconds, requestMs, sendWithinMs } from "./settings.ts"

/** The core over real PostgreSQL and real requests, every port of it watched. */
const services = (task: CrashTask, points: FaultPoints) => {
  const registry = Layer.effect(
    ProviderRegistry,
    Effect.map(
      configureProvider(providerConfig(task.server), { unsafelyAllowLoopback: true }),
      (provider) => ProviderRegistry.make([provider])
    )
  )
  // Only what is asked of a finished flow: nothing here begins one.
  const settings = Layer.succeed(ConnectSettings, {
    redirectUri: () => "",
    connectUrl: () => "",
    bindingAt: () => Effect.undefined,
    flowLifetime: Duration.minutes(10),
    confirmPage: {
      url: (provider) => `https://app.example/v1/integrations/${provider}/confirm`,
      lifetime: Duration.minutes(5),
      tenantName: () => Effect.succeed("Acme Inc.")
    },
    parkedLifetime: Duration.minutes(2),
    pendingFlowLimits: { perUser: 20, perTenant: 200 }
  })
  const outside = Layer.mergeAll(
    points.watch(CredentialStore),
    points.watch(Egress),
    points.watch(EventBus),
    points.watch(ConnectionStore),
    points.watch(KeyManagement),
    points.watch(OAuthStateStore),
    points.watch(Maintenance),
    points.watch(SecurityLog)
  ).pipe(
    Layer.provideMerge(postgres({ url: task.databaseUrl, maxConnections: 2 }).layer),
    Layer.provideMerge(LocalKeyring.layer({ keys: [Secret(task.encryptionKey)] })),
    Layer.provideMerge(
      NodeEgress.layer({ unsafelyAllowLoopback: true, totalTimeoutMs: requestMs })
    ),
    Layer.provideMerge(Layer.succeed(SecurityLog, { report: () => Effect.void }))
  )
  return Refreshing.layer({
    lease: Duration.seconds(leaseSeconds),
    sendWithin: Duration.millis(sendWithinMs)
  }).pipe(
    Layer.provideMerge(KeyedHash.layer),
    Layer.provideMerge(
      Layer.merge(points.watch(AuthorizationServerClient), points.watch(Cipher)).pipe(
        Layer.provideMerge(Layer.merge(OAuth4WebApiClient.layer, EnvelopeCipher.layer))
      )
    ),
    Layer.provideMerge(ClientTokens.layer),
    Layer.provideMerge(outside),
    Layer.provideMerge(
      Layer.mergeAll(
        registry,
        settings,
        ProviderTraffic.layer(),
        TokenCache.layer({ timeToLive: Duration.zero })
      )
    ),
    Layer.provideMerge(CryptoLive)
  )
}

const program = Effect.fnUntraced(function* (scenario: Scenario) {
  if (scenario.name === "refresh") {
    yield* accessToken({
      tenantId: TenantId.make(scenario.tenantId),
      ...tenantsDefault,
      provider: providerId
    })
    return "token"
  }
  const { cookie, url } = scenario
  const outcome = yield* finishCallback(providerId, {
    parameters: new URL(url).searchParams,
    isPosted: false,
    browserSecret: (tag) =>
      cookie.includes(tag) ? cookie.slice(cookie.indexOf("=") + 1) : undefined
  })
  if (outcome._tag === "NoFlow") return "no_flow"
  return new URL(outcome.url).searchParams.get("status") ?? ""
})

const outcomeOf = (error: unknown): string => {
  const { code, reason } = error as { code?: unknown; reason?: unknown }
  return `${String(code ?? error)} ${typeof reason === "string" ? reason : ""}`.trim()
}

process.on("message", (task: CrashTask) => {
  const points = new FaultPoints(task.fault)
  const armed = Effect.andThen(
    Effect.sync(() => points.arm()),
    program(task.scenario)
  )
  const run = async () => {
    const outcome = await Effect.runPromise(
      armed.pipe(
        Effect.match({ onSuccess: (outcome) => outcome, onFailure: outcomeOf }),
        Effect.tap(() => Effect.sync(() => points.disarm())),
        Effect.provide(services(task, points))
      )
    )
    const report: CrashReport = { outcome, points: points.labels }
    process.send?.(report, undefined, undefined, () => process.disconnect())
  }
  run().catch((error: unknown) => {
    console.error(error)
    process.exitCode = 1
    process.disconnect()
  })
})
