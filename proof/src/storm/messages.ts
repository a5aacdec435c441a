import type { HostSettings } from "../host.ts"

/** What the coordinator tells a process of callers. */
export interface StormTask extends HostSettings {
  readonly callers: number
  readonly tenants: ReadonlyArray<string>
}

/** What such a process has seen, over all its callers. */
export interface StormReport {
  readonly reads: number
  /** Tokens that were expired when they were given. */
  readonly expired: number
  /** Errors by code. */
  readonly errors: Readonly<Record<string, number>>
  /** Milliseconds that the slowest read took, and the one that 99 of 100 stayed below. */
  readonly slowest: number
  readonly p99: number
}
