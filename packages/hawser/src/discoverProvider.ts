import {
  hostOptions,
  type OAuth2ProviderConfig,
  type OAuth2Registration,
  SecurityLog
} from "@hawser/core"
import { type EgressProxyOptions, egressProxyOptions, NodeEgress } from "@hawser/egress"
import { type DiscoveredDefinition, discoverProvider as discover } from "@hawser/providers"
import { Effect, Layer, Schema } from "effect"
import { fromCaller } from "./callersStack.ts"

export interface DiscoveryOptions {
  /** As for `createHawser`. */
  readonly egress?: EgressProxyOptions
  /** For development only: allows a server on this machine, over plain http. */
  readonly unsafelyAllowLoopback?: boolean
}

const checkDiscoveryOptions = hostOptions<DiscoveryOptions>({
  egress: egressProxyOptions,
  unsafelyAllowLoopback: Schema.Boolean
})

/**
 * A provider of the host whose endpoints come from its authorization server's metadata (OpenID Connect Discovery §4, RFC
 * 8414 §3). It makes one request, before `createHawser`. Later changes of the metadata take effect at the next start.
 *
 * Rejects with `DiscoveryFailed`, whose `reason` says why: you can retry after `unreachable`, and metadata that names
 * another issuer is never used (RFC 8414 §3.3). Rejects with `ConfigurationError` if the definition is invalid.
 *
 * @example
 * import { discoverProvider } from "hawser"
 *
 * const people = await discoverProvider(
 *   {
 *     id: "people",
 *     displayName: "People",
 *     category: "other",
 *     description: "Who works where.",
 *     issuer: "https://login.people.example",
 *     defaultScopes: ["directory.read"]
 *   },
 *   { clientId: "…", clientSecret: "…" }
 * )
 */
export const discoverProvider: (
  definition: DiscoveredDefinition,
  client: OAuth2Registration,
  options?: DiscoveryOptions
) => Promise<OAuth2ProviderConfig> = fromCaller(
  (
    definition: DiscoveredDefinition,
    client: OAuth2Registration,
    options: DiscoveryOptions = {}
  ) => {
    const { egress, ...more } = options
    const silent = Layer.succeed(SecurityLog, { report: () => Effect.void })
    const wrong = checkDiscoveryOptions("discoverProvider", options)
    return Effect.runPromise(
      wrong === undefined
        ? Effect.provide(
            discover(definition, client),
            Layer.provide(NodeEgress.layer({ ...egress, ...more }), silent)
          )
        : Effect.fail(wrong)
    )
  }
)
