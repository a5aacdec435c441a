export { httpConformance } from "./http/httpConformance.ts"
export type { HttpMount, TokenClaims } from "./http/HttpMount.ts"
export type { Session } from "./http/provider/session.ts"
export {
  type KeyAnswer,
  startTestProvider,
  type TestProvider
} from "./http/provider/startTestProvider.ts"
export { storeConformance } from "./storeConformance.ts"
export type { StoreHarness } from "./StoreHarness.ts"
