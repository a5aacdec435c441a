export { resumeUser, suspendUser } from "./barred.ts"
export { isTooMany, refreshBrake, releaseBrake } from "./brake.ts"
export {
  connect,
  disconnect,
  exportPage,
  findById,
  findByAccount,
  findGrant,
  findIntegration,
  importConnection,
  listIntegrations,
  ofProvider,
  swapCredential
} from "./connections.ts"
export * from "./credentials.ts"
export type { Decision } from "./Decision.ts"
export * from "./delivery.ts"
export * from "./due.ts"
export * from "./dueTimes.ts"
export {
  abandonedChoices,
  burn,
  explainMiss,
  findParked,
  park,
  removeChoice,
  startFlow,
  sweepFlows,
  takeParked
} from "./flows.ts"
export * from "./quarantine.ts"
export * from "./refreshing.ts"
export * from "./revocations.ts"
export {
  type FlowRow,
  type Instant,
  type IntegrationRow,
  keys,
  type RevocationRow,
  type Tables,
  type Write,
  type WriteOf
} from "./rows.ts"
export * from "./sealed.ts"
export * from "./tenants.ts"
