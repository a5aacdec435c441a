import type { Role } from "@hawser/core"

/** A caller as a host's own function names it. */
export interface Caller {
  readonly tenantId: string
  readonly userId: string
  readonly roles: ReadonlyArray<Role>
  /** Whether somebody else acts as this user, as a token with `act` says (RFC 8693 §4.1). Such a caller does not touch the user's own connections. */
  readonly isImpersonated?: boolean
}

/** What a verified token or the host's function says of a caller, not yet believed. */
export interface Claimed {
  readonly tenantId: unknown
  readonly userId: unknown
  readonly roles: ReadonlyArray<unknown>
  readonly isImpersonated: boolean
}
