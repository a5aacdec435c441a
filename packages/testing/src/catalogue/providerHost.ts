import {
  type Actor,
  ClientTokens,
  configureProvider,
  ConnectSettings,
  CryptoLive,
  Egress,
  EgressError,
  EnvelopeCipher,
  KeyedHash,
  LocalKeyring,
  type Member,
  OAuth4WebApiClient,
  type ProviderConfig,
  Principal,
  ProviderRegistry,
  ProviderTraffic,
  Refreshing,
  RefusedTokens,
  Secret,
  SecurityLog,
  TenantId,
  tenantsOwn,
  TokenCache,
  UserId
} from "@hawser/core"
import { MemoryStores } from "@hawser/memory"
import { Duration, Effect, Layer, Logger } from "effect"

/** Where the browser of a check ends up, and where the provider sends it back to. */
export const redirectUrl = "https://app.example/integrations"
export const redirectUri = (provider: string): string =>
  `https://app.example/v1/integrations/${provider}/callback`

/** The admin of a check, with the right to change what the tenant owns. */
export const admin = {
  tenantId: TenantId.make("acme"),
  userId: UserId.make("ann"),
  owner: tenantsOwn
} as Actor

/** The same admin, as a caller. */
export const caller = new Principal({ ...admin, roles: ["admin"] }) as Member

const settings: ConnectSettings["Service"] = {
  redirectUri,
  connectUrl: (provider) => `/v1/integrations/${provider}/connect`,
  bindingAt: () => Effect.succeed({ binding: "cookie", allowedBy: "list" } as const),
  flowLifetime: Duration.minutes(10),
  confirmPage: {
    url: (provider) => `https://app.example/v1/integrations/${provider}/confirm`,
    lifetime: Duration.minutes(5),
    tenantName: () => Effect.succeed("Acme Inc.")
  },
  parkedLifetime: Duration.minutes(2),
  pendingFlowLimits: { perUser: 20, perTenant: 200 }
}

/** Sealed values of a check live no longer than it: any key will do. */
const key = Secret(btoa("a key that seals nothing of worth").slice(0, 43) + "=")

type Handle = (request: Request) => Promise<Response>

/** The way out leads to one function: in process, with the vendor's own URLs. */
const egressTo = (handle: Handle) => {
  const answer = (
    { hosts, url }: { readonly hosts: ReadonlyArray<string>; readonly url: URL },
    init: RequestInit
  ) =>
    hosts.includes(url.host)
      ? Effect.tryPromise({
          try: () => handle(new Request(url, init)),
          catch: (cause) =>
            new EgressError({ reason: "connection_failed", host: url.host, sent: true, cause })
        })
      : Effect.fail(new EgressError({ reason: "host_not_allowed", host: url.host, sent: false }))
  return Layer.succeed(Egress, {
    request: ({ body, headers, method, ...target }) =>
      answer(target, { method, headers, ...(body !== undefined && { body }) }),
    open: ({ body, headers, method, ...target }) =>
      answer(target, {
        method,
        headers,
        ...(body !== undefined && { body: body as BodyInit }),
        duplex: "half"
      } as RequestInit)
  })
}

/** All of Hawser's core over stores in memory, with one provider, whose requests are answered by a function. */
export const providerHost = (config: ProviderConfig, handle: Handle) => {
  const registry = Layer.effect(
    ProviderRegistry,
    Effect.map(configureProvider(config, { unsafelyAllowLoopback: false }), (provider) =>
      ProviderRegistry.make([provider])
    )
  )
  const ports = Layer.mergeAll(
    TokenCache.layer({ timeToLive: Duration.zero }),
    Layer.provideMerge(ClientTokens.layer, ProviderTraffic.layer()),
    RefusedTokens.layer,
    MemoryStores.layer,
    registry,
    Layer.succeed(ConnectSettings, settings),
    OAuth4WebApiClient.layer,
    EnvelopeCipher.layer.pipe(Layer.provide(LocalKeyring.layer({ keys: [key] })))
  )
  return Refreshing.layer().pipe(
    Layer.provideMerge(KeyedHash.layer),
    Layer.provideMerge(ports),
    Layer.provideMerge(egressTo(handle)),
    Layer.provideMerge(Layer.succeed(SecurityLog, { report: () => Effect.void })),
    Layer.provideMerge(CryptoLive),
    // What goes wrong is the check's to say.
    Layer.provideMerge(Logger.layer([]))
  )
}

/** Everything that such a host provides. */
export type HostServices = Layer.Success<ReturnType<typeof providerHost>>
