import { Effect } from "effect"
import type { Digest } from "effect/crypto"
import { ProviderNotFound, type TenantId } from "../model/index.ts"
import { callbackContext, type ConfiguredProvider, hasTenantClients } from "../provider/index.ts"
import { ConnectSettings } from "../services/index.ts"

/**
 * The redirect URI to register at a provider for this tenant: one of its own where tenants bring their clients, else
 * the one that all share. Fails with `ProviderNotFound` if there is none to register.
 */
export const callbackUrl = Effect.fn("Hawser.callbackUrl")(function* (
  tenantId: TenantId,
  provider: ConfiguredProvider
): Effect.fn.Return<string, ProviderNotFound, ConnectSettings | Digest.Digest> {
  if (provider.authType !== "oauth2") return yield* new ProviderNotFound()
  const settings = yield* ConnectSettings
  return hasTenantClients(provider)
    ? settings.redirectUri(provider.id, yield* callbackContext(tenantId, provider.id))
    : settings.redirectUri(provider.id)
})
