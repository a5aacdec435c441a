import {
  type Binding,
  ClientTokens,
  configureProvider,
  type ConnectionStore,
  ConnectSettings,
  CryptoLive,
  Egress,
  EgressError,
  type EgressRequest,
  EnvelopeCipher,
  KeyedHash,
  LocalKeyring,
  OAuth4WebApiClient,
  type OAuthStateStore,
  type ProviderConfig,
  ProviderRegistry,
  ProviderTraffic,
  Refreshing,
  Secret,
  type SecurityEvent,
  SecurityLog,
  TokenCache
} from "@hawser/core"
import { MemoryStores } from "@hawser/memory"
import { Duration, Effect, Layer, Logger, ManagedRuntime, Tracer } from "effect"
import { expect, onTestFinished } from "vitest"
import {
  type Authentication,
  Authenticator,
  type HandlerContext,
  HttpHandler,
  type HttpSettings,
  jwt,
  makeAuthenticator
} from "../../src/index.ts"
import { audience, type Issuer, issuerUrl, jwksUrl, makeIssuer } from "./issuer.ts"

/** An OAuth2 provider, for tests to change members of. */
export const forge = {
  clientId: "client-1",
  clientSecret: "canary-client-secret",
  definition: {
    id: "forge" as never,
    displayName: "Forge",
    category: "code",
    description: "A code forge.",
    authType: "oauth2",
    authorizationEndpoint: "https://forge.test/authorize",
    tokenEndpoint: "https://forge.test/token",
    clientAuthentication: "client_secret_post",
    defaultScopes: ["repo"]
  }
} as const satisfies ProviderConfig

/** An API-key provider. */
export const gauge = {
  definition: {
    id: "gauge" as never,
    displayName: "Gauge",
    category: "monitoring",
    description: "A monitoring service.",
    authType: "api_key",
    fields: [{ name: "api_key", label: "API key" }],
    headers: { "x-api-key": "{api_key}" },
    check: { url: "https://gauge.test/validate" }
  }
} as const satisfies ProviderConfig

/** The outside world: a token endpoint, a key check, a key set. Counts what reaches it. */
export const makeWorld = (issuer: Issuer) => {
  const requests: Array<EgressRequest> = []
  const world = {
    requests,
    /** Requests whose path is this. */
    count: (path: string) => requests.filter(({ url }) => url.pathname === path).length,
    /** The key set, of every issuer unless a test tells them apart by the URL. */
    jwks: ((): Response => Response.json(issuer.jwks)) as (url: URL) => Response,
    token: (): Response =>
      Response.json({ access_token: "canary-access-token", token_type: "bearer", scope: "repo" }),
    /** What stands anywhere else. */
    check: ({ headers }: EgressRequest): Response =>
      new Response("canary-body", { status: headers["x-api-key"] === "good-key" ? 200 : 403 }),
    isDown: false
  }
  const answer = (request: EgressRequest): Response => {
    if (request.url.pathname.endsWith("/jwks.json")) return world.jwks(request.url)
    switch (request.url.pathname) {
      case "/token":
        return world.token()
      default:
        return world.check(request)
    }
  }
  const layer = Layer.succeed(Egress, {
    request: (request) => {
      requests.push(request)
      return world.isDown
        ? Effect.fail(
            new EgressError({ reason: "connection_failed", host: request.url.host, sent: false })
          )
        : Effect.sync(() => answer(request))
    },
    open: () => Effect.die("no route calls an API")
  })
  return { ...world, layer, set: (changes: Partial<typeof world>) => Object.assign(world, changes) }
}

const settings = Layer.succeed(ConnectSettings, {
  redirectUri: (provider, context) =>
    `https://app.host.test/api/v1/integrations/${provider}/callback${context === undefined ? "" : `/${context}`}`,
  connectUrl: (provider) => `/api/v1/integrations/${provider}/connect`,
  bindingAt: (redirectUrl) => {
    const listed = new Map<string, Binding>([
      ["https://app.host.test/done", "cookie"],
      ["https://spa.host.test/done", "complete"],
      ["https://app.host.test/signed-in", "session"],
      ["https://app.host.test/confirmed", "confirm"]
    ]).get(redirectUrl)
    const allowed = new Map<string, Binding>([
      ["https://tenant.pages.test/done", "session"],
      ["https://tenant.pages.test/confirmed", "confirm"],
      ["https://tenant.pages.test/unsafe", "cookie"]
    ]).get(redirectUrl)
    const binding = listed ?? allowed
    return Effect.succeed(
      binding && { binding, allowedBy: listed === undefined ? "function" : "list" }
    )
  },
  flowLifetime: Duration.minutes(10),
  confirmPage: {
    url: (provider) => `https://app.host.test/api/v1/integrations/${provider}/confirm`,
    lifetime: Duration.minutes(5),
    tenantName: () => Effect.succeed("Acme Inc.")
  },
  parkedLifetime: Duration.minutes(2),
  pendingFlowLimits: { perUser: 20, perTenant: 200 }
})

const registry = (providers: ReadonlyArray<ProviderConfig>) =>
  Layer.effect(
    ProviderRegistry,
    Effect.map(
      Effect.forEach(providers, (config) =>
        configureProvider(config, { unsafelyAllowLoopback: false })
      ),
      (configured) => ProviderRegistry.make(configured)
    )
  )

export interface HostOptions {
  readonly issuer?: Issuer
  readonly authentication?: Authentication
  readonly settings?: Partial<HttpSettings>
  /** Default `forge` and `gauge`. */
  readonly providers?: ReadonlyArray<ProviderConfig>
  /** Stores in place of those in memory. */
  readonly stores?: Layer.Layer<ConnectionStore | OAuthStateStore>
  readonly tracer?: Tracer.Tracer
}

/** Making an RSA key takes a while, and most tests do not care which it is. */
let sharedIssuer: Promise<Issuer> | undefined

/** A host application with everything but a socket: the handler, stores in memory, real tokens. */
export const makeHost = async (options: HostOptions = {}) => {
  const issuer = options.issuer ?? (await (sharedIssuer ??= makeIssuer()))
  const world = makeWorld(issuer)
  const events: Array<SecurityEvent> = []
  const logs: Array<string> = []

  const authenticator = Layer.effect(
    Authenticator,
    makeAuthenticator(options.authentication ?? jwt({ issuer: issuerUrl, audience, jwksUrl }))
  )
  const ports = Layer.mergeAll(
    settings,
    registry(options.providers ?? [forge, gauge]),
    authenticator,
    options.stores === undefined
      ? MemoryStores.layer
      : Layer.merge(MemoryStores.layer, options.stores),
    OAuth4WebApiClient.layer,
    EnvelopeCipher.layer.pipe(
      Layer.provide(
        LocalKeyring.layer({ keys: [Secret("q3Jv0t0mJ2m7m1bq3n4Yx6tq0s8yM1cZrZf5b8gXw1E=")] })
      )
    ),
    Logger.layer([
      Logger.make((entry) => logs.push(JSON.stringify(entry.message) + String(entry.cause)))
    ])
  )
  const services = Refreshing.layer().pipe(
    Layer.provideMerge(KeyedHash.layer),
    Layer.provideMerge(
      Layer.merge(Layer.provideMerge(ClientTokens.layer, ProviderTraffic.layer()), ports)
    ),
    Layer.provideMerge(TokenCache.layer({ timeToLive: Duration.zero })),
    Layer.provideMerge(
      Layer.succeed(
        SecurityLog,
        SecurityLog.make((event) => events.push(event))
      )
    ),
    Layer.provideMerge(world.layer),
    Layer.provideMerge(CryptoLive)
  )

  const runtime = ManagedRuntime.make(
    HttpHandler.layer({
      basePath: "/api",
      appOrigins: { listed: new Set(["https://app.host.test", "https://spa.host.test"]) },
      appUrl: "https://app.host.test/?a=1&b=2",
      secureCookies: true,
      publicOrigin: "https://app.host.test",
      rateLimit: 2000,
      ...options.settings
    }).pipe(
      Layer.provideMerge(services),
      Layer.provide(
        options.tracer === undefined
          ? Layer.empty
          : // As a host's own program, whose start is a span.
            Layer.provideMerge(Layer.span("start"), Layer.succeed(Tracer.Tracer, options.tracer))
      )
    )
  )
  onTestFinished(() => runtime.dispose())
  const http = await runtime.runPromise(HttpHandler)

  /** Sends a request to a path under `/api/v1/integrations`. */
  const send = (
    method: string,
    path: string,
    init: {
      readonly token?: string
      readonly json?: unknown
      readonly body?: BodyInit
      readonly headers?: Record<string, string>
      readonly context?: HandlerContext
    } = {}
  ): Promise<Response> => {
    const headers = new Headers(init.headers)
    if (init.token !== undefined) headers.set("authorization", `Bearer ${init.token}`)
    if (init.json !== undefined) headers.set("content-type", "application/json")
    const body = init.json === undefined ? init.body : JSON.stringify(init.json)
    return http.handle(
      new Request(`https://process.test/api/v1/integrations${path}`, {
        method,
        headers,
        redirect: "manual",
        ...(body !== undefined && { body, duplex: "half" })
      }),
      init.context
    )
  }
  return { ...http, events, issuer, logs, runtime, send, world }
}

export type Host = Awaited<ReturnType<typeof makeHost>>

export interface ErrorBody {
  readonly error: string
  readonly message: string
  readonly requestId?: string
  readonly details?: ReadonlyArray<{ readonly path: string; readonly code: string }>
}

export const bodyOf = async <Body = ErrorBody>(response: Response): Promise<Body> =>
  (await response.json()) as Body

/** Status and machine code: what a client acts on. */
export const outcomeOf = async (response: Response): Promise<string> =>
  `${response.status} ${(await bodyOf(response)).error}`

/** Text of this form, inside of what `toEqual` compares. */
export const matching = (pattern: RegExp): unknown => expect.stringMatching(pattern)
