/** For hosts with Effect. This entry point uses modules of Effect that are marked unstable. */
export { HawserJobsLive, HawserLive, type HawserServices, type JobServices } from "./HawserLive.ts"
export { Authenticator, HttpHandler } from "@hawser/http"
export {
  AuthorizationServerClient,
  Cipher,
  ClientTokens,
  ConnectSettings,
  Egress,
  EventBus,
  eventStream,
  Keeper,
  KeyedHash,
  ProviderRegistry,
  ProviderTraffic,
  Refreshing,
  RefusedTokens,
  SecurityLog,
  type Stores,
  TokenCache,
  Workers
} from "@hawser/core"
export { discoverProvider } from "@hawser/providers"
