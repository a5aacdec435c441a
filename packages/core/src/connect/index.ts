export { type BegunInstallation } from "./begunInstallation.ts"
export * from "./callbackUrl.ts"
export * from "./complete.ts"
export * from "./connect.ts"
export {
  type CallbackInput,
  type CallbackOutcome,
  finishCallback,
  type FinishCallbackServices,
  type SignedIn
} from "./finishCallback.ts"
