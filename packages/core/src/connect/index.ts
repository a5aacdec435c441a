export { type ProviderInitiatedInstallation } from "./providerInitiatedInstallation.ts"
export { AccountChoiceRequired } from "./AccountChoiceRequired.ts"
export { type AbandonedChoicesServices, revokeAbandonedChoices } from "./abandonedChoices.ts"
export * from "./callbackUrl.ts"
export * from "./complete.ts"
export * from "./confirm.ts"
export * from "./connect.ts"
export type { BeginningPage, CallbackInput, SignedIn } from "./bindings/index.ts"
export {
  type CallbackOutcome,
  finishCallback,
  type FinishCallbackServices
} from "./finishCallback.ts"
