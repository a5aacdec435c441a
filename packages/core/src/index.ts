export * from "./domain/AccessToken.ts"
export * from "./domain/ClientAuthentication.ts"
export * from "./domain/Credential.ts"
export * from "./domain/decoder.ts"
export { nearest } from "./domain/didYouMean.ts"
export { decodeProviderDefinition } from "./domain/decodeProviderDefinition.ts"
export { configuredDefinition } from "./domain/configuredDefinition.ts"
export {
  type EndpointChange,
  endpointChanges,
  EndpointLock,
  endpointsOf,
  lockedEndpoints,
  type LockedEndpoints,
  lockEndpoints
} from "./domain/EndpointLock.ts"
export * from "./domain/Errors.ts"
export * from "./domain/Event.ts"
export * from "./domain/Flow.ts"
export * from "./domain/Grant.ts"
export * from "./domain/GrantProblem.ts"
export * from "./domain/Ids.ts"
export * from "./domain/Integration.ts"
export {
  functionOption,
  hostOptions,
  isObject,
  listOf,
  type OptionSchemas,
  optionsOf,
  valueOf
} from "./domain/hostOptions.ts"
export type { BindingRequest, MayBind } from "./domain/MayBind.ts"
export type { OneVendorUrl } from "./domain/OneVendor.ts"
export * from "./domain/Principal.ts"
export { pathReadings } from "./domain/pathReadings.ts"
export * from "./domain/Provider.ts"
export * from "./domain/ProviderConfig.ts"
export * from "./domain/ProviderDefinition.ts"
export { isTooMany, refreshBrake } from "./domain/refreshBrake.ts"
export * from "./domain/Sealed.ts"
export type { CheckedServer, SecretUrl } from "./domain/SecretUrl.ts"
export { TaggedError } from "./domain/TaggedError.ts"
export type { ClientOf, TenantClient } from "./domain/TenantClient.ts"
export * from "./ports/AuthorizationServerClient.ts"
export * from "./ports/Cipher.ts"
export * from "./ports/ConnectSettings.ts"
export * from "./ports/ConnectionTransfer.ts"
export * from "./ports/CredentialStore.ts"
export * from "./ports/CurrentEndpointLock.ts"
export * from "./ports/Egress.ts"
export * from "./ports/DueWork.ts"
export * from "./ports/EventBus.ts"
export * from "./ports/GrantStore.ts"
export * from "./ports/HashKeyStore.ts"
export * from "./ports/IntegrationStore.ts"
export * from "./ports/KeyManagement.ts"
export * from "./ports/OAuthStateStore.ts"
export * from "./ports/ProviderRegistry.ts"
export * from "./ports/RevocationQueue.ts"
export * from "./ports/SealedValues.ts"
export * from "./ports/SecurityLog.ts"
export * from "./ports/Store.ts"
export * from "./ports/TenantStore.ts"
export { CryptoLive } from "./crypto/CryptoLive.ts"
export { canonical, type Part } from "./crypto/canonical.ts"
export {
  credentialContext,
  flowContext,
  grantContext,
  type GrantField,
  type GrantPlace,
  responseContext
} from "./programs/sealContexts.ts"
export { EnvelopeCipher, keyIdOf } from "./crypto/EnvelopeCipher.ts"
export { hashKeyContext, KeyedHash } from "./crypto/KeyedHash.ts"
export { LocalKeyring, type LocalKeyringOptions } from "./crypto/LocalKeyring.ts"
export type { AuthorizationServer } from "oauth4webapi"
export { discoverServer, type MetadataDocument } from "./oauth/discoverServer.ts"
export { OAuth4WebApiClient } from "./oauth/OAuth4WebApiClient.ts"
export { callbackUrl } from "./programs/callbackUrl.ts"
export * from "./programs/catalog.ts"
export { requestInit } from "./programs/apiRequest.ts"
export * from "./programs/complete.ts"
export {
  type BeginningPage,
  type BrowserBinding,
  connect,
  type ConnectError,
  type ConnectInput,
  type ConnectResult,
  type ConnectServices
} from "./programs/connect.ts"
export {
  type DeliveredEvent,
  type EventDelivery,
  eventStream,
  makeEventDelivery,
  type StuckHandler,
  type Subscription
} from "./programs/deliverEvents.ts"
export * from "./programs/credentials.ts"
export type { BegunInstallation } from "./programs/begunInstallation.ts"
export * from "./programs/finishCallback.ts"
export * from "./programs/integrations.ts"
export type { Page, PageQuery } from "./programs/paging.ts"
export { type Admin, hasRole, type Member, requireAdmin, requireMember } from "./programs/roles.ts"
export { keysInUse, rotateKeys, type RotationProgress } from "./programs/rotateKeys.ts"
export { storeCredentials, type StoreCredentialsInput } from "./programs/storeCredentials.ts"
export { Keeper } from "./programs/Keeper.ts"
export { Refreshing } from "./programs/Refreshing.ts"
export { markRevoked, restore } from "./programs/quarantine.ts"
export * from "./programs/ProviderTraffic.ts"
export { providerUsedBy } from "./programs/tenantClient.ts"
export { tellingChanges, TokenCache } from "./programs/TokenCache.ts"
export {
  authorizedFetch,
  type AuthorizedFetchError,
  type AuthorizedFetchOptions,
  type AuthorizedFetchServices
} from "./programs/authorizedFetch.ts"
export { ClientTokens, type ClientTokenError } from "./programs/ClientTokens.ts"
export { RefusedTokens } from "./programs/RefusedTokens.ts"
export { accessToken, type AccessTokenServices, apiKey } from "./programs/tokens.ts"
export * from "./programs/exportConnections.ts"
export { findByAccount } from "./programs/findByAccount.ts"
export { checkStoredSecret } from "./programs/checkStoredSecret.ts"
export { type ConnectionsQuery, listConnections } from "./programs/listConnections.ts"
export * from "./programs/importConnections.ts"
export { type DeletedTenant, deleteTenant, eraseUser } from "./programs/offboarding.ts"
export { giveUpRevocations, revokeQueued } from "./programs/revokeQueued.ts"
export {
  testConnection,
  type TestConnectionServices,
  type TestOutcome
} from "./programs/testConnection.ts"
export {
  askHost,
  callHandler,
  HandlerFailed,
  HookFailed,
  HookTimeout,
  type HostFunction,
  isHookFailure,
  tellHost,
  tellingLogger,
  tellingProgress,
  UnusableAnswer
} from "./runtime/hostFunction.ts"
export { type Health, type Registration, type WorkerOptions, Workers } from "./programs/Workers.ts"
export { makeShutdown, Shutdown, type ShutdownState, type Unstored } from "./runtime/shutdown.ts"
export type { WorkerHealth } from "./runtime/supervisor.ts"
