import { Effect } from "effect"
import {
  ClientUnavailable,
  Misconfigured,
  type ProviderId,
  type ProviderNotFound,
  ProviderUnavailable,
  StorageUnavailable,
  type TenantId
} from "../model/index.ts"
import { askHost, UnusableAnswer } from "../services/index.ts"
import type { PrivateKeyJwt } from "./ClientAuthentication.ts"
import {
  type ConfiguredProvider,
  hasTenantClients,
  type OAuth2Provider,
  type Provider,
  type TenantClientsProvider
} from "./Provider.ts"
import { ProviderRegistry } from "./ProviderRegistry.ts"

/** Seconds until the host is asked again after `clientOf` has failed. */
const retryAfter = 30

/**
 * The provider as the tenant uses it, for connecting. Fails with `ProviderNotFound` if the tenant needs its own client and
 * has none, as for an unknown provider; with `StorageUnavailable` if the host cannot return it for now.
 */
export const providerUsedBy = Effect.fnUntraced(function* (
  tenantId: TenantId,
  provider: ConfiguredProvider
): Effect.fn.Return<Provider, ProviderNotFound | StorageUnavailable, ProviderRegistry> {
  if (!hasTenantClients(provider)) return provider
  const registry = yield* ProviderRegistry
  return yield* Effect.catchTag(
    registry.usedBy(tenantId, provider),
    "ClientUnavailable",
    (cause) => new StorageUnavailable({ cause })
  )
})

/** The same for a refresh: without the client the grant waits, and nothing ends. */
export const clientToRefreshWith = Effect.fnUntraced(function* (
  tenantId: TenantId,
  provider: OAuth2Provider | TenantClientsProvider
): Effect.fn.Return<OAuth2Provider, Misconfigured | ProviderUnavailable, ProviderRegistry> {
  const registry = yield* ProviderRegistry
  return yield* Effect.catchTags(registry.usedBy(tenantId, provider), {
    // The client that the tokens were issued to no longer exists.
    ProviderNotFound: () => new Misconfigured({ provider: provider.id, reason: "client_changed" }),
    ClientUnavailable: (cause) =>
      new ProviderUnavailable({ provider: provider.id, retryAfter, cause })
  })
})

/** A client that one tenant has registered at a provider. */
export interface TenantClient {
  readonly clientId: string
  /** Leave it out only if the definition's client authentication is `none`, or if you give a key instead. */
  readonly clientSecret?: string | undefined
  /** Instead of `clientSecret` and the definition's method (RFC 7523). */
  readonly clientAuthentication?: PrivateKeyJwt | undefined
}

/**
 * The client of a tenant at a provider; null if the tenant has none. Called for each flow and each refresh, so that a
 * changed client takes effect at once. If it throws, or takes longer than 5 seconds, it is called again later and nothing
 * ends.
 */
export type ClientOf<Client extends TenantClient = TenantClient> = (request: {
  readonly tenantId: string
  readonly provider: string
}) => Client | null | Promise<Client | null>

/**
 * Asks the host for a tenant's client. The answer is never cached, so it cannot reach another tenant. Compared with the
 * request to the provider that follows, asking costs little.
 *
 * Fails with `ClientUnavailable` if no usable answer comes in time.
 */
export const askForClient = <Client extends TenantClient>(
  clientOf: ClientOf<Client>,
  provider: ProviderId,
  tenantId: TenantId
): Effect.Effect<Client | undefined, ClientUnavailable> =>
  askHost({
    hook: "clientOf",
    call: () => clientOf({ tenantId, provider }),
    read: (answer) => {
      if (answer === null) return undefined
      if (isClient(answer)) return { ...answer } as Client
      throw new UnusableAnswer("Answer null or an object with a clientId.")
    },
    details: { provider, tenantId }
  }).pipe(
    Effect.mapError(
      (cause) => new ClientUnavailable({ provider, tenantId, problem: cause.message, cause })
    )
  )

/** A host in JavaScript may return anything. */
const isClient = (answer: unknown): answer is TenantClient =>
  typeof answer === "object" &&
  answer !== null &&
  "clientId" in answer &&
  typeof answer.clientId === "string" &&
  answer.clientId !== "" &&
  (!("clientSecret" in answer) ||
    answer.clientSecret === undefined ||
    typeof answer.clientSecret === "string")
