import { Effect } from "effect"
import type { ConfigurationError } from "../model/index.ts"
import { decodeProviderDefinition } from "./decodeProviderDefinition.ts"
import { withSettings } from "./hostSettings.ts"
import type { ProviderDefinition } from "./ProviderDefinition.ts"
import type { TemplateValues } from "./template.ts"

/** The options that change a definition. */
interface Configured {
  readonly definition: ProviderDefinition
  readonly settings?: TemplateValues
  readonly clientOf?: unknown
}

/** A provider's definition, checked, with the host's settings filled in. Fails with `ConfigurationError`. */
export const configuredDefinition = Effect.fnUntraced(function* (
  config: Configured
): Effect.fn.Return<ProviderDefinition, ConfigurationError> {
  const setting = `providers[${String(config.definition.id)}]`
  // If tenants bring their clients, there is no shared secret that a tenant's host could see.
  const sharedClient = config.clientOf === undefined
  const given = yield* decodeProviderDefinition(config.definition, setting, { sharedClient })
  return yield* decodeProviderDefinition(
    yield* withSettings(given, config.settings, setting),
    setting,
    { sharedClient }
  )
})
