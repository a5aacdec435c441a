export { endpointsOf, isHawserError } from "@hawser/core"
export type {
  AlreadyConnected,
  ApiKeyProviderConfig,
  Binding,
  CarriedCredential,
  CatalogItem,
  Category,
  ClientOf,
  ConfigurationError,
  CredentialInUse,
  CredentialNotFound,
  CredentialRejected,
  DecryptionFailed,
  DeletedTenant,
  DiscoveryFailed,
  EndReason,
  EndpointChange,
  ErasedUser,
  EventName,
  HawserError,
  Health,
  HostAuthKind,
  HostCredential,
  ImportOptions,
  ImportReport,
  IntegrationError,
  IntegrationEvent,
  IntegrationNotFound,
  Misconfigured,
  NotConnected,
  OAuth2ProviderConfig,
  OtherCredentialKind,
  PortableConnection,
  PrivateKeyJwt,
  ProviderConfig,
  ProviderNotFound,
  ProviderUnavailable,
  RateLimited,
  ReconnectRequired,
  RefusedItem,
  RotationProgress,
  SecurityEvent,
  SendToProvider,
  SharedClientConfig,
  StorageUnavailable,
  Store,
  StuckHandler,
  TenantClient,
  TooManyPendingFlows,
  UncarriedRequest,
  UrlNotAllowed,
  ValidationError,
  WorkerHealth
} from "@hawser/core"
export {
  auth0,
  type Authentication,
  clerk,
  type Handler,
  jwt,
  type JwtAuthentication,
  type JwtOptions,
  session,
  type SessionAuthentication,
  supabase
} from "@hawser/http"
export {
  type EgressProxyOptions,
  nodeHandler,
  type NodeHandlerOptions,
  type NodeRequest,
  type NodeResponse
} from "@hawser/node"
export { migrationSql, pglite, postgres, type TransactionClient } from "@hawser/postgres"
export type { DiscoveredDefinition } from "@hawser/providers"
export { datadog, defineProvider, github, pagerduty, pagerdutyApiKey } from "@hawser/providers"
export type {
  AccountResult,
  ConnectionsPage,
  HawserAdministration,
  ListConnectionsOptions,
  TenantConnection
} from "./administration.ts"
export type {
  AdminOptions,
  ConnectAnswer,
  ConnectOptions,
  HawserCommands,
  JobCommands,
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
  type OnOptions
} from "./createHawser.ts"
export { type DiscoveryOptions, discoverProvider } from "./discoverProvider.ts"
export { type EndpointLockOptions, writeEndpointLock } from "./endpointLock.ts"
export type {
  AllowedRedirect,
  AllowRedirectAnswer,
  DetailsFirstLogger,
  HawserLogger,
  MessageFirstLogger,
  HawserOptions,
  JobOptions,
  UnsafeRedirectBinding,
  UnsafeRedirectPrefix
} from "./HawserOptions.ts"
export type { KeyManagementPromise } from "./keyManagement.ts"
export type { HawserKeys, KeyInUse } from "./keys.ts"
export { lazyHawser } from "./lazyHawser.ts"
export { memory } from "./memory.ts"
export type { AuthorizedFetchTarget, HawserTokens } from "./tokens.ts"
export {
  type CredentialResult,
  type IntegrationResult,
  StoredAccessToken,
  StoredApiKey,
  type TestResult
} from "./results.ts"
