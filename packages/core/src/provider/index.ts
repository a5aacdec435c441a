export {
  authKindIdOf,
  beginsByConsent,
  checkAuthKinds,
  isOwnAuthKind,
  type OwnAuthKindId,
  type HasProviderId,
  type ProviderConfig,
  type ProviderIdOf
} from "./authKinds.ts"
export {
  accountIssuer,
  choiceList,
  grantSubject,
  keyIssuer,
  type VendorAnswers
} from "./accounts.ts"
export * from "./callbackContext.ts"
export * from "./capturedValue.ts"
export * from "./catalog.ts"
export * from "./ClientAuthentication.ts"
export * from "./configuredDefinition.ts"
export { decodeProviderDefinition } from "./decodeProviderDefinition.ts"
export {
  CurrentEndpointLock,
  type EndpointChange,
  endpointChanges,
  EndpointLock,
  endpointsOf,
  lockedEndpoints,
  LockedEndpoints,
  lockEndpoints
} from "./EndpointLock.ts"
export { accepts, checkFields, type FieldValues, isPlainText, renderTemplate } from "./fields.ts"
export type { GithubAppClient, GithubAppProvider, GithubAppProviderConfig } from "./githubApp.ts"
export { scopesToPermissions, permissionsToScopes, within } from "./githubPermissions.ts"
export * from "./HostAuthKind.ts"
export * from "./MayBind.ts"
export * from "./jsonPath.ts"
export type {
  OAuth2ProviderConfig,
  OAuth2Registration,
  SharedClientConfig,
  TenantClientsConfig
} from "./OAuth2Config.ts"
export * from "./OneVendor.ts"
export * from "./Provider.ts"
export { configureProvider } from "./ProviderConfig.ts"
export * from "./ProviderDefinition.ts"
export * from "./ProviderRegistry.ts"
export { registeredDomain } from "./publicSuffix.ts"
export * from "./secretUrl.ts"
export { placeholders, type TemplateValues } from "./template.ts"
export { isAmbiguous, mayClimb, pathReadings, urlBelow } from "./urlBelow.ts"
export {
  type ClientOf,
  clientToRefreshWith,
  providerUsedBy,
  type TenantClient
} from "./TenantClient.ts"
