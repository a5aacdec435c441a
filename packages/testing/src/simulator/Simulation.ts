import type { Failure } from "./failures.ts"
import type { Ledger } from "./Ledger.ts"
import type { Received } from "./Received.ts"
import type { Vendor } from "./Vendor.ts"

/** Who consents at GitHub, and whose installation it is. */
export interface GithubSide {
  readonly person: { readonly id: number; readonly login: string }
  readonly owner: {
    readonly id: number
    readonly login: string
    readonly type: "User" | "Organization" | "Enterprise"
  }
  /** What the person is in the organization. Undefined: an outside collaborator, or nobody. */
  readonly membership:
    | { readonly state: "active" | "pending"; readonly role: "admin" | "member" }
    | undefined
  /** Whether the app has the organization permission Members (read). */
  readonly readsMembers: boolean
  /** What the owner has approved. Undefined: what the facts have in an answer. */
  readonly permissions: Readonly<Record<string, string>> | undefined
}

/** What a request asks of a vendor. */
export type RequestKind =
  | "authorize"
  | "pushed"
  | "token"
  | "refresh"
  | "exchange"
  | "introspection"
  | "revocation"
  | "account"
  | "discovery"
  | "check"
  | "api"
  /** Nothing that the facts name. */
  | "unknown"

/** Something in a request that the vendor would not have taken. */
export interface Violation {
  readonly provider: string
  readonly request: RequestKind
  readonly problem: string
}

/** How consent is given: at once, or on a page with two buttons. */
export type ConsentMode = "automatic" | "button"

/** What all requests share. */
export interface Simulation {
  readonly ledger: Ledger
  readonly mode: ConsentMode
  /** Who consents to GitHub Apps, by vendor; the default if there is none. */
  readonly github: Map<string, GithubSide>
  /** Milliseconds of the epoch. */
  readonly now: () => number
  readonly report: (vendor: Vendor, request: RequestKind, problems: ReadonlyArray<string>) => void
}

/** One request at the vendor that it is for. */
export interface Visit<V extends Vendor = Vendor> {
  readonly simulation: Simulation
  readonly vendor: V
  readonly received: Received
  /** What stands in the URL in place of names that the facts have no sample for. */
  readonly path: Readonly<Record<string, string>>
  /** A failure that changes what is issued or told. */
  readonly twist: Failure | undefined
}
