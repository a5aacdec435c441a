import { Deferred, Duration, Effect, Fiber, Layer, Option, Redacted } from "effect"
import { MemoryStores } from "@hawser/memory"
import {
  type Actor,
  type Member,
  type ApiKeyProviderConfig,
  AuthorizationServerClient,
  type Binding,
  type BrowserBinding,
  type CallbackInput,
  Cipher,
  ClientTokens,
  complete,
  configureProvider,
  connect,
  type ConnectInput,
  ConnectionStore,
  Maintenance,
  ConnectSettings,
  type EgressError,
  type EgressRequest,
  type EgressStreamRequest,
  EnvelopeCipher,
  EventBus,
  finishCallback,
  type IntegrationKey,
  Keeper,
  KeyedHash,
  LocalKeyring,
  OAuth4WebApiClient,
  Principal,
  type OwnerKind,
  type ProviderConfig,
  ProviderId,
  ProviderRegistry,
  ProviderTraffic,
  providerUsedBy,
  Refreshing,
  RefusedTokens,
  requireActor,
  requireMember,
  type Role,
  Secret,
  SecurityLog,
  type SharedClientConfig,
  storeCredentials,
  type Stores,
  TenantId,
  tenantsDefault,
  TokenCache,
  UserId
} from "@hawser/core"
import { NodeCrypto } from "@hawser/egress"
import { answeringEgress, type Met } from "./answeringEgress.ts"
import { keyText, recordedSecurityLog } from "./crypto.ts"

/** Where flows with the binding `cookie`, and those with `complete`, end. */
export const cookieUrl = "https://app.example/done"
export const completeUrl = "https://spa.example/done?view=integrations"

/** An OAuth2 provider, for tests to change members of. */
export const forge = {
  clientId: "forge-client",
  clientSecret: "canary-client-secret",
  requiredScopes: ["repo"],
  definition: {
    id: ProviderId.make("forge"),
    displayName: "Forge",
    category: "code",
    description: "A code forge.",
    authType: "oauth2",
    authorizationEndpoint: "https://forge.example/authorize",
    tokenEndpoint: "https://forge.example/token",
    clientAuthentication: "client_secret_post",
    defaultScopes: ["repo", "user"]
  }
} as const satisfies SharedClientConfig

/** A second one, whose flows must never be mistaken for the first one's. */
const mill: SharedClientConfig = {
  clientId: "mill-client",
  clientSecret: "canary-mill-secret",
  definition: {
    ...forge.definition,
    id: ProviderId.make("mill"),
    displayName: "Mill",
    authorizationEndpoint: "https://mill.example/authorize",
    tokenEndpoint: "https://mill.example/token"
  }
}

/** An API-key provider, for tests to change members of. */
export const gauge = {
  definition: {
    id: ProviderId.make("gauge"),
    displayName: "Gauge",
    category: "monitoring",
    description: "A monitoring service.",
    authType: "api_key",
    fields: [
      { name: "api_key", label: "API key", pattern: "[a-z\\-]+", help: "Settings, then Keys." },
      {
        name: "site",
        label: "Site",
        secret: false,
        choices: ["us.gauge.example", "eu.gauge.example"],
        default: "us.gauge.example"
      }
    ],
    headers: { "x-api-key": "{api_key}" },
    check: { url: "https://api.{site}/validate" }
  }
} as const satisfies ApiKeyProviderConfig

/** A token response as every provider could give it. */
export const tokenResponse = (members: Readonly<Record<string, unknown>> = {}): Response =>
  Response.json({
    access_token: "canary-access-token",
    token_type: "bearer",
    scope: "repo user",
    ...members
  })

const defaultAnswer = ({ headers, url }: EgressRequest): Response =>
  url.pathname === "/token"
    ? tokenResponse()
    : new Response("canary-body", { status: headers["x-api-key"] === "good-key" ? 200 : 403 })

export interface HostOptions {
  readonly answer?: (request: EgressRequest) => Met
  /** Answers calls of APIs; default 200 to all. */
  readonly api?: (request: EgressStreamRequest) => Response | EgressError
  readonly providers?: ReadonlyArray<ProviderConfig>
  readonly settings?: Partial<ConnectSettings["Service"]>
  readonly encryptionKeys?: readonly [Secret, ...ReadonlyArray<Secret>]
  /** How long the process believes what it read. Default not at all. */
  readonly tokenCacheTime?: Duration.Duration
  /** Default those in memory. */
  readonly stores?: Layer.Layer<Stores, unknown>
  /** Changes the grant store that everything is built on. */
  readonly connections?: (store: ConnectionStore["Service"]) => ConnectionStore["Service"]
  readonly maintenance?: (store: Maintenance["Service"]) => Maintenance["Service"]
  /** Changes the cipher. */
  readonly cipher?: (cipher: Cipher["Service"]) => Cipher["Service"]
}

const settings: ConnectSettings["Service"] = {
  redirectUri: (provider, context) =>
    `https://api.example/v1/integrations/${provider}/callback${context === undefined ? "" : `/${context}`}`,
  connectUrl: (provider) => `/v1/integrations/${provider}/connect`,
  bindingAt: (redirectUrl) => {
    const binding = new Map<string, Binding>([
      [cookieUrl, "cookie"],
      [completeUrl, "complete"]
    ]).get(redirectUrl)
    return Effect.succeed(binding && ({ binding, allowedBy: "list" } as const))
  },
  flowLifetime: Duration.minutes(10),
  confirmPage: {
    url: (provider) => `https://app.example/v1/integrations/${provider}/confirm`,
    lifetime: Duration.minutes(5),
    tenantName: () => Effect.succeed("Acme Inc.")
  },
  parkedLifetime: Duration.minutes(2),
  pendingFlowLimits: { perUser: 3, perTenant: 5 }
}

/** All that the programs need, over stores in memory and an egress that answers by a function. */
export const makeHost = (options: HostOptions = {}) => {
  const {
    calls,
    layer: egress,
    sent
  } = answeringEgress(options.answer ?? defaultAnswer, options.api)
  const { events: securityEvents, layer: log } = recordedSecurityLog()
  const registry = Layer.effect(
    ProviderRegistry,
    Effect.map(
      Effect.forEach(options.providers ?? [forge, mill, gauge], (config) =>
        configureProvider(config, { unsafelyAllowLoopback: false })
      ),
      (configured) => ProviderRegistry.make(configured)
    )
  )
  const stores = Layer.mergeAll(
    Layer.effect(
      ConnectionStore,
      Effect.map(ConnectionStore, options.connections ?? ((store) => store))
    ),
    Layer.effect(Maintenance, Effect.map(Maintenance, options.maintenance ?? ((store) => store)))
  ).pipe(Layer.provideMerge(options.stores ?? MemoryStores.layer))
  const ports = Layer.mergeAll(
    TokenCache.layer({ timeToLive: options.tokenCacheTime ?? Duration.zero }),
    Layer.provideMerge(ClientTokens.layer, ProviderTraffic.layer()),
    RefusedTokens.layer,
    stores,
    registry,
    Layer.succeed(ConnectSettings, { ...settings, ...options.settings }),
    OAuth4WebApiClient.layer,
    Layer.effect(Cipher, Effect.map(Cipher, options.cipher ?? ((cipher) => cipher))).pipe(
      Layer.provide(EnvelopeCipher.layer),
      Layer.provide(LocalKeyring.layer({ keys: options.encryptionKeys ?? [Secret(keyText(1))] }))
    )
  )
  const layer = Keeper.layer.pipe(
    Layer.provideMerge(Refreshing.layer()),
    Layer.provideMerge(KeyedHash.layer),
    Layer.provideMerge(ports),
    Layer.provideMerge(egress),
    Layer.provideMerge(log),
    Layer.provideMerge(NodeCrypto.layer),
    Layer.orDie
  )
  return {
    layer,
    /** What was sent to providers. */
    sent,
    /** The calls of their APIs. */
    calls,
    securityEvents,
    /** The types of what the security log was told. */
    reported: () => securityEvents.map(({ type }) => type)
  }
}

/** A provider as the tenant of an admin uses it. */
export const provider = Effect.fnUntraced(function* (id: string, by: Admin = ann) {
  const registry = yield* ProviderRegistry
  return yield* providerUsedBy(by.tenantId, yield* registry.get(id))
})

export const principal = (
  tenantId: string,
  userId: string,
  roles: ReadonlyArray<Role> = ["admin"]
): Principal =>
  new Principal({ tenantId: TenantId.make(tenantId), userId: UserId.make(userId), roles })

/** An admin, and what an admin may do with what the tenant owns. */
export type Admin = Actor & Member

export const admin = (tenantId: string, userId: string, owner: OwnerKind = "tenant"): Admin =>
  Effect.gen(function* () {
    const member = yield* requireMember(principal(tenantId, userId))
    return Object.assign(member, yield* requireActor(member, owner))
  }).pipe(Effect.provideService(SecurityLog, { report: () => Effect.void }), Effect.runSync)

/** Two admins of one tenant, and one of another. */
export const ann = admin("acme", "ann")
export const bob = admin("acme", "bob")
export const eve = admin("evil", "eve")
/** Ann, who acts for what is hers. */
export const annHerself = admin("acme", "ann", "user")

/** Ann's connections, as jobs name them. */
export const ofForge: IntegrationKey = {
  tenantId: ann.tenantId,
  ...tenantsDefault,
  provider: forge.definition.id
}
export const ofGauge: IntegrationKey = { ...ofForge, provider: gauge.definition.id }

/** What a browser has after a flow began. */
export interface Started {
  readonly state: string
  readonly authorizationUrl: URL
  readonly browserBinding: BrowserBinding | undefined
}

/** Begins a flow, as `POST connect` does. */
export const startFlow = Effect.fnUntraced(function* (
  redirectUrl: string = cookieUrl,
  by: Admin = ann,
  providerId: string = "forge",
  fields?: ConnectInput["fields"]
) {
  const result = yield* connect(by, yield* provider(providerId, by), { redirectUrl, fields })
  if (result._tag !== "Authorize") return yield* Effect.die("connected without a flow")
  const started: Started = { ...result, authorizationUrl: new URL(result.authorizationUrl) }
  return started
})

/** The browser that has the cookie of this flow, and no other. */
export const browserOf =
  ({ browserBinding }: Started): CallbackInput["browserSecret"] =>
  (flowTag) =>
    browserBinding?.flowTag === flowTag ? Redacted.value(browserBinding.secret) : undefined

/** A browser that never saw the flow. */
export const otherBrowser: CallbackInput["browserSecret"] = () => undefined

/** The browser comes back from the provider with a code, unless the test says otherwise. */
export const comeBack = (
  started: Started,
  options: {
    readonly parameters?: Readonly<Record<string, string>>
    readonly browserSecret?: CallbackInput["browserSecret"]
    readonly path?: string
    readonly context?: string | undefined
    readonly isPosted?: boolean
  } = {}
) =>
  finishCallback(options.path ?? "forge", {
    context: options.context,
    isPosted: options.isPosted ?? false,
    parameters: new URLSearchParams({
      state: started.state,
      ...(options.parameters ?? { code: "canary-code" })
    }),
    browserSecret: options.browserSecret ?? browserOf(started)
  })

/** A flow with the binding `complete`, up to the flow id in the fragment. */
export const parkFlow = Effect.fnUntraced(function* (by: Admin = ann) {
  const outcome = yield* comeBack(yield* startFlow(completeUrl, by))
  const fragment = outcome._tag === "Return" ? new URL(outcome.url).hash.slice(1) : ""
  return new URLSearchParams(fragment).get("flowId") ?? ""
})

/** Finishes a parked flow, as `POST complete` does. */
export const completeFlow = Effect.fnUntraced(function* (
  flowId: string,
  by: Admin = ann,
  providerId: string = "forge",
  account?: string
) {
  return yield* complete(by, yield* provider(providerId, by), { flowId, account })
})

/** Runs a program that exchanges a code, and interrupts it while the provider has not answered yet. */
export const interruptedInExchange = Effect.fnUntraced(function* <A, E, R>(
  program: Effect.Effect<A, E, R>
) {
  const asked = yield* Deferred.make<void>()
  const answer = yield* Deferred.make<void>()
  const running = yield* program.pipe(
    Effect.updateService(AuthorizationServerClient, (client) => ({
      ...client,
      exchange: (...parameters: Parameters<typeof client.exchange>) =>
        Deferred.succeed(asked, undefined).pipe(
          Effect.andThen(Deferred.await(answer)),
          Effect.andThen(client.exchange(...parameters))
        )
    })),
    Effect.forkChild
  )
  yield* Deferred.await(asked)
  const interrupting = yield* Effect.forkChild(Fiber.interrupt(running), {
    startImmediately: true
  })
  yield* Deferred.succeed(answer, undefined)
  yield* Fiber.join(interrupting)
})

/** Connects the OAuth2 provider by a whole flow. */
export const connectForge = Effect.fnUntraced(function* (by: Admin = ann) {
  const flowId = yield* parkFlow(by)
  return yield* completeFlow(flowId, by)
})

/** Stores a key that the API-key provider accepts. */
export const storeKey = Effect.fnUntraced(function* (
  by: Admin = ann,
  providerId: string = "gauge"
) {
  return yield* storeCredentials(by, yield* provider(providerId), {
    credentials: { api_key: "good-key" }
  })
})

/** Connects the API-key provider with a key of its own. */
export const connectGauge = Effect.fnUntraced(function* (by: Admin = ann) {
  const { id: credentialId } = yield* storeKey(by)
  const result = yield* connect(by, yield* provider("gauge"), { credentialId })
  return result._tag === "Connected" ? result.integration : yield* Effect.die(result._tag)
})

/** All events recorded so far, as a subscriber of its own sees them. */
export const outbox = Effect.gen(function* () {
  const bus = yield* EventBus
  yield* bus.subscribe("test-outbox", "beginning")
  const claim = yield* bus.claim("test-outbox", { limit: 1000, lease: Duration.zero })
  return Option.match(claim, {
    onNone: () => [],
    onSome: ({ deliveries }) => deliveries.map(({ event }) => event)
  })
})
