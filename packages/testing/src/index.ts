export { storeConformance } from "./storeConformance.ts"
export type { StoreHarness, Stores } from "./StoreHarness.ts"
