import { createHash } from "node:crypto"

export const stepNames = ["connect", "refresh", "call", "revoke"] as const

/** One part of a connection's life. */
export interface Step {
  readonly step: (typeof stepNames)[number]
  /** `none`: the vendor, or the definition, has no such thing. */
  readonly outcome: "passed" | "failed" | "none"
  /** A word of Hawser's own, and never of the vendor's. */
  readonly reason?: string
}

/**
 * The walk at a vendor on one day. It has no secret and names no account, so it may be published: its scopes are those that
 * were asked for, and it has the definition's hash.
 */
export interface VerificationRecord {
  readonly provider: string
  /** The day, in UTC. */
  readonly date: string
  readonly version: string
  readonly definition: string
  readonly scopes: ReadonlyArray<string>
  readonly outcome: "passed" | "failed"
  readonly steps: ReadonlyArray<Step>
  /** There if the vendor was the simulator: such a record says nothing of the vendor. */
  readonly simulated?: true
}

/** By this a record says which definition it is of. */
export const fingerprint = (definition: object): string =>
  createHash("sha256").update(JSON.stringify(definition)).digest("hex")

export const outcomeOf = (steps: ReadonlyArray<Step>): VerificationRecord["outcome"] =>
  steps.some(({ outcome }) => outcome === "failed") ? "failed" : "passed"
