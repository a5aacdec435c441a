export { type WorkerHealth } from "./supervisor.ts"
export * from "./Workers.ts"
