/** For hosts with Effect. This package uses modules of Effect that are marked unstable. */
export type {
  AccountResult,
  ConnectionsPage,
  HawserAdministration,
  ListConnectionsOptions,
  TenantConnection,
  UserOptions
} from "./administration.ts"
export type {
  ActorOnOptions,
  ActorOptions,
  ConnectAnswer,
  ConnectionOptions,
  ConnectOptions,
  HawserCommands,
  JobCommands,
  OwnerOptions,
  TenantProviderOptions,
  TenantOptions
} from "./commands.ts"
export {
  type CloseOptions,
  createHawser,
  createHawserJobs,
  type EventSubscription,
  type HandledEvent,
  type Hawser,
  type HawserJobs,
  type OnOptions,
  type RunningHawser,
  type RunningJobs
} from "./createHawser.ts"
export { type EndpointLockOptions, writeEndpointLock } from "./endpointLock.ts"
export { HawserJobsLive, HawserLive, type HawserServices, type JobServices } from "./HawserLive.ts"
export type {
  AllowedRedirect,
  AllowRedirectAnswer,
  DetailsFirstLogger,
  HawserLogger,
  HawserOptions,
  JobOptions,
  JobOptionsWithStore,
  MessageFirstLogger,
  OptionsWithStore,
  UnsafeRedirectBinding,
  UnsafeRedirectPrefix
} from "./HawserOptions.ts"
export type { KeyManagementPromise } from "./keyManagement.ts"
export type { HawserKeys, KeyInUse } from "./keys.ts"
export type { AuthorizedFetchTarget, HawserTokens } from "./tokens.ts"
export {
  type CredentialResult,
  type IntegrationResult,
  StoredAccessToken,
  StoredApiKey,
  type TestResult
} from "./results.ts"
export { Authenticator, HttpHandler } from "@hawser/http"
export {
  AuthorizationServerClient,
  Cipher,
  ClientTokens,
  type ConfigurationError,
  ConnectSettings,
  type DiscoveryFailed,
  Egress,
  type EndpointChange,
  EventBus,
  eventStream,
  Keeper,
  KeyedHash,
  type OAuth2ProviderConfig,
  ProviderRegistry,
  ProviderTraffic,
  Refreshing,
  RefusedTokens,
  SecurityLog,
  type StorageUnavailable,
  type Store,
  type Stores,
  TokenCache,
  Workers
} from "@hawser/core"
export { discoverProvider } from "@hawser/providers"
