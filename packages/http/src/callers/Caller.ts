import type { Role } from "@hawser/core"

/** A caller as a host's own function names it. */
export interface Caller {
  readonly tenantId: string
  readonly userId: string
  readonly roles: ReadonlyArray<Role>
}
