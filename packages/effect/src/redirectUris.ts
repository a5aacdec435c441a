import { beginsByConsent, hasTenantClients, ProviderRegistry } from "@hawser/core"
import { Effect } from "effect"
import { registryLayer } from "./HawserLive.ts"
import type { HawserOptions } from "./HawserOptions.ts"
import { checkSettings } from "./settings.ts"

/** What has to be registered at a provider as the redirect URI. */
export interface RegisteredRedirect {
  readonly provider: string
  /** Undefined if tenants bring their clients: each has its own, which `admin.callbackUrl` names. */
  readonly redirectUri: string | undefined
}

/**
 * Checks the options as a start does, without opening the store, and tells what to register at each provider of OAuth2. Fails
 * with `ConfigurationError`.
 *
 * @example
 * import { redirectUris } from "@hawser/effect"
 * import { NodeCrypto } from "@hawser/egress"
 * import { Effect } from "effect"
 *
 * declare const options: Parameters<typeof redirectUris>[0]
 * const registered = await redirectUris(options).pipe(Effect.provide(NodeCrypto.layer), Effect.runPromise)
 */
export const redirectUris = Effect.fnUntraced(function* (options: HawserOptions) {
  const { connect } = yield* checkSettings(options)
  const { all } = yield* Effect.provide(
    ProviderRegistry,
    registryLayer(options, {
      unsafelyAllowLoopback: options.unsafelyAllowLoopback ?? false,
      addressesAreUnchecked: options.egress?.unsafelyResolvingProxy !== undefined
    })
  )
  return all.filter(beginsByConsent).map((provider): RegisteredRedirect => ({
    provider: provider.id,
    redirectUri: hasTenantClients(provider) ? undefined : connect.redirectUri(provider.id)
  }))
})
