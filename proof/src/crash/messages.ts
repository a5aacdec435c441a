import type { HostSettings } from "../host.ts"
import type { Fault } from "./faults.ts"

/** The program that is to be interrupted. */
export type Scenario =
  | { readonly name: "refresh"; readonly tenantId: string }
  | { readonly name: "callback"; readonly url: string; readonly cookie: string }

export interface CrashTask extends HostSettings {
  readonly scenario: Scenario
  readonly fault: Fault | undefined
}

export interface CrashReport {
  /** `token`, how the callback ended, or the code and reason of the error. */
  readonly outcome: string
  /** The points that were passed. */
  readonly points: ReadonlyArray<string>
}
