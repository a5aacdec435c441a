export * from "@hawser/providers/catalogue"
export {
  type ApiKeyOptions,
  type ApiKeyProviderConfig,
  defineProvider,
  type DiscoveredDefinition,
  type GithubAppProviderConfig,
  type OAuth2ProviderConfig,
  type OAuthClient,
  type SharedClientConfig
} from "@hawser/providers"
export { type DiscoveryOptions, discoverProvider } from "./discoverProvider.ts"
