import type { Effect } from "effect"
import type { Digest } from "effect/crypto"
import { ProviderNotFound, type TenantId } from "../model/index.ts"
import {
  beginsByConsent,
  callbackContext,
  type ConfiguredProvider,
  hasTenantClients
} from "../provider/index.ts"
import { ConnectSettings, program } from "../services/index.ts"

/**
 * The redirect URI to register at a provider for this tenant: the tenant's own if tenants bring their clients, otherwise
 * the shared one. Fails with `ProviderNotFound` if the provider has none.
 */
export const callbackUrl = program("Hawser.callbackUrl")(function* (
  tenantId: TenantId,
  provider: ConfiguredProvider
): Effect.fn.Return<string, ProviderNotFound, ConnectSettings | Digest.Digest> {
  if (!beginsByConsent(provider)) return yield* new ProviderNotFound()
  const settings = yield* ConnectSettings
  return hasTenantClients(provider)
    ? settings.redirectUri(provider.id, yield* callbackContext(tenantId, provider.id))
    : settings.redirectUri(provider.id)
})
