export * from "./deliverEvents.ts"
