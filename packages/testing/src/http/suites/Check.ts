import type { Host } from "../Host.ts"

/** What not every mount can show. */
export type Need = "rawBody" | "expireFlows"

/** Registers one test of the suite. */
export type Check = (name: string, run: (host: Host) => Promise<void>, need?: Need) => void
