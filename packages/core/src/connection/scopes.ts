import { Effect, Option } from "effect"
import type { Integration } from "../model/index.ts"
import { namesGranting } from "../protocol/index.ts"
import {
  beginsByConsent,
  type ConfiguredProvider,
  type GrantProvider,
  ProviderRegistry
} from "../provider/index.ts"

/** A connection as it is listed. */
export interface ListedIntegration extends Integration {
  /** The configured scopes that the grant lacks. Empty for an API key, and once disconnected. */
  readonly missingScopes: ReadonlyArray<string>
}

const isNamed = ({ definition }: GrantProvider, scope: string): boolean =>
  definition.unnamedScopes?.includes(scope) !== true

/**
 * The configured scopes that are granted, by whatever name, or by one that includes them. One that the vendor never names counts as
 * granted: nobody can tell, and without `offline_access` the next grant could not be refreshed.
 */
export const configuredAndGranted = (
  provider: GrantProvider,
  granted: ReadonlyArray<string>
): ReadonlyArray<string> =>
  provider.scopes.filter(
    (scope) =>
      !isNamed(provider, scope) ||
      namesGranting(provider.definition, scope).some((name) => granted.includes(name))
  )

/** Of each configured scope that the vendor names when it grants it, the names of which one says so. */
export const namesOfConfigured = (
  provider: ConfiguredProvider
): ReadonlyArray<ReadonlyArray<string>> =>
  beginsByConsent(provider)
    ? provider.scopes
        .filter((scope) => isNamed(provider, scope))
        .map((scope) => namesGranting(provider.definition, scope))
    : []

/** The connection with the scopes that it lacks; none if the provider is not configured any more. */
export const listedIntegration = Effect.fnUntraced(function* (
  integration: Integration
): Effect.fn.Return<ListedIntegration, never, ProviderRegistry> {
  const registry = yield* ProviderRegistry
  const provider = yield* Effect.option(registry.get(integration.provider))
  return withMissingScopes(Option.getOrUndefined(provider), integration)
})

export const withMissingScopes = (
  provider: ConfiguredProvider | undefined,
  integration: Integration
): ListedIntegration => {
  if (provider === undefined || !beginsByConsent(provider) || integration.status === "disconnected")
    return { ...integration, missingScopes: [] }
  const present = new Set(configuredAndGranted(provider, integration.scopes))
  return {
    ...integration,
    missingScopes: provider.scopes.filter((scope) => !present.has(scope))
  }
}
