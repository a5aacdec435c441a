import { Effect } from "effect"
import {
  Misconfigured,
  type ProviderNotFound,
  ProviderUnavailable,
  StorageUnavailable
} from "../domain/Errors.ts"
import type { TenantId } from "../domain/Ids.ts"
import type {
  ConfiguredProvider,
  OAuth2Provider,
  Provider,
  TenantClientsProvider
} from "../domain/Provider.ts"
import { ProviderRegistry } from "../ports/ProviderRegistry.ts"

/** Seconds until the host is asked again for a client that it could not give. */
const retryAfter = 30

/**
 * The provider as the tenant uses it, for whoever connects. Fails with `ProviderNotFound` where the tenant would need a
 * client of its own and has none, as for a provider that is not there; with `StorageUnavailable` where the host cannot
 * give it at the moment.
 */
export const providerUsedBy = Effect.fnUntraced(function* (
  tenantId: TenantId,
  provider: ConfiguredProvider
): Effect.fn.Return<Provider, ProviderNotFound | StorageUnavailable, ProviderRegistry> {
  if (provider.authType === "api_key") return provider
  const registry = yield* ProviderRegistry
  return yield* Effect.catchTag(
    registry.usedBy(tenantId, provider),
    "ClientUnavailable",
    (cause) => new StorageUnavailable({ cause })
  )
})

/** The same for a grant that is to be refreshed: without its client it waits, and nothing ends. */
export const clientToRefreshWith = Effect.fnUntraced(function* (
  tenantId: TenantId,
  provider: OAuth2Provider | TenantClientsProvider
): Effect.fn.Return<OAuth2Provider, Misconfigured | ProviderUnavailable, ProviderRegistry> {
  const registry = yield* ProviderRegistry
  return yield* Effect.catchTags(registry.usedBy(tenantId, provider), {
    // The client that the tokens were issued to is there no more.
    ProviderNotFound: () => new Misconfigured({ provider: provider.id, reason: "client_changed" }),
    ClientUnavailable: (cause) =>
      new ProviderUnavailable({ provider: provider.id, retryAfter, cause })
  })
})
