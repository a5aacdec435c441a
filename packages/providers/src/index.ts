export type {
  ApiKeyProviderConfig,
  ConfigurationError,
  DiscoveryFailed,
  Egress,
  GithubAppProviderConfig,
  HasProviderId,
  OAuth2ProviderConfig,
  SharedClientConfig
} from "@hawser/core"
export type { ApiKeyOptions, OAuthClient } from "./definitionOf.ts"
export { defineProvider } from "./defineProvider.ts"
export { type DiscoveredDefinition, discoverProvider } from "./discoverProvider.ts"
export * from "./catalogue/index.ts"
