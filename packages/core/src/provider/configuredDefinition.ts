import { Effect } from "effect"
import type { ConfigurationError } from "../model/index.ts"
import { decodeProviderDefinition } from "./decodeProviderDefinition.ts"
import { withSettings } from "./hostSettings.ts"
import type { ProviderDefinition } from "./ProviderDefinition.ts"
import type { TemplateValues } from "./template.ts"

/** As much of what a host says of a provider. */
interface Configured {
  readonly definition: ProviderDefinition
  readonly settings?: TemplateValues
  readonly clientOf?: unknown
}

/** A provider's definition, checked, with the host's settings in it. Fails with `ConfigurationError`. */
export const configuredDefinition = Effect.fnUntraced(function* (
  config: Configured
): Effect.fn.Return<ProviderDefinition, ConfigurationError> {
  const setting = `providers[${String(config.definition.id)}]`
  // Whose own the clients are, no client that all tenants share is used where one of them chooses.
  const sharedClient = config.clientOf === undefined
  const given = yield* decodeProviderDefinition(config.definition, setting, { sharedClient })
  return yield* decodeProviderDefinition(
    yield* withSettings(given, config.settings, setting),
    setting,
    { sharedClient }
  )
})
