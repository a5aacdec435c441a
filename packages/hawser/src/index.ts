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
export type { EgressProxyOptions } from "@hawser/egress"
export {
  nodeHandler,
  type NodeHandlerOptions,
  type NodeRequest,
  type NodeResponse
} from "@hawser/node"
export { migrationSql } from "@hawser/postgres"
export type { DiscoveredDefinition } from "@hawser/providers"
export { datadog, defineProvider, github, pagerduty, pagerdutyApiKey } from "@hawser/providers"
export type {
  AccountResult,
  AllowedRedirect,
  AllowRedirectAnswer,
  AuthorizedFetchTarget,
  AdminOptions,
  CloseOptions,
  ConnectAnswer,
  ConnectionsPage,
  ConnectOptions,
  CredentialResult,
  DetailsFirstLogger,
  EndpointLockOptions,
  EventSubscription,
  HandledEvent,
  HawserAdministration,
  HawserCommands,
  HawserKeys,
  HawserLogger,
  HawserTokens,
  IntegrationResult,
  JobCommands,
  KeyInUse,
  KeyManagementPromise,
  ListConnectionsOptions,
  MessageFirstLogger,
  TenantProviderOptions,
  TenantOptions,
  OnOptions,
  StoredAccessToken,
  StoredApiKey,
  TenantConnection,
  TestResult,
  UnsafeRedirectBinding,
  UnsafeRedirectPrefix
} from "@hawser/effect"
export {
  createHawser,
  createHawserJobs,
  type Hawser,
  type HawserJobs,
  type HawserOptions,
  type JobOptions,
  type TransactionClient
} from "./createHawser.ts"
export { type DiscoveryOptions, discoverProvider } from "./discoverProvider.ts"
export { lazyHawser } from "./lazyHawser.ts"
export {
  memory,
  pglite,
  type PgliteStoreOptions,
  postgres,
  type PostgresOptions,
  type Store
} from "./stores.ts"
export { writeEndpointLock } from "./writeEndpointLock.ts"
