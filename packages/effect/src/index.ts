/** For hosts with Effect. This package uses modules of Effect that are marked unstable. */
export type {
  AccountResult,
  HawserAdmin,
  JobAdmin,
  KeyInUse,
  RestoreOptions,
  TenantConnection,
  TenantOptions,
  TenantsOptions,
  TenantsPage,
  UserOptions
} from "./admin.ts"
export type {
  ActingConnection,
  Connection,
  FlowOptions,
  JobConnection,
  JobTransactionConnection,
  ReconnectOptions,
  StartedFlow,
  TokenOptions,
  TransactionConnection
} from "./connection.ts"
export {
  type CloseOptions,
  createHawser,
  createHawserJobs,
  type Hawser,
  type HawserJobs,
  type HawserTransaction,
  type JobTransaction,
  type RunningHawser,
  type RunningJobProcess,
  type RunningJobs
} from "./createHawser.ts"
export {
  compareEndpointLock,
  type EndpointComparison,
  type EndpointLockOptions,
  writeEndpointLock
} from "./endpointLock.ts"
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
export type { EventSubscription, HandledEvent, OnOptions, Subscribes } from "./subscriptions.ts"
export type {
  ActingJobTenant,
  ActingJobTransactionTenant,
  ActingTenant,
  ActingTransactionTenant,
  ActingUser,
  ConnectAnswer,
  ConnectCredentialOptions,
  ConnectFlowOptions,
  ConnectionOptions,
  ConnectionsOptions,
  ConnectOptions,
  Credentials,
  FetchOptions,
  OwnerOptions,
  PageOptions,
  StoreCredentialOptions,
  Tenant,
  TenantHandles,
  TransactionTenant
} from "./tenant.ts"
export { type RegisteredRedirect, redirectUris } from "./redirectUris.ts"
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
  type DurationInput,
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
