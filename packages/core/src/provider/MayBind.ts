import { Effect } from "effect"
import type { ProviderId, TenantId, UserId } from "../model/index.ts"
import { askHost } from "../services/index.ts"

/** An installation of a GitHub App that a tenant is about to be connected with. */
export interface BindingRequest {
  readonly tenantId: string
  /** Who began the flow. */
  readonly userId: string
  readonly provider: string
  /** The GitHub user who consented, and who can see the installation. */
  readonly person: { readonly id: string; readonly login: string }
  readonly installation: {
    readonly id: string
    /** `type` is `User` or `Organization`. Undefined if it is neither, such as an enterprise. */
    readonly owner:
      | { readonly id: string; readonly login: string; readonly type: string }
      | undefined
  }
}

/**
 * Whether a tenant may be connected with an installation. Only `true` permits it. A function that throws, or takes longer
 * than 5 seconds, does not.
 */
export type MayBind = (request: BindingRequest) => boolean | Promise<boolean>

/** Asks the host. Anything but `true` in time refuses. */
export const askMayBind = (
  mayBind: MayBind,
  request: Omit<BindingRequest, "tenantId" | "userId" | "provider"> & {
    readonly tenantId: TenantId
    readonly userId: UserId
    readonly provider: ProviderId
  }
): Effect.Effect<boolean> =>
  askHost({
    hook: "mayBind",
    call: () => mayBind(request),
    read: (answer) => answer === true,
    details: { provider: request.provider, tenantId: request.tenantId }
  }).pipe(Effect.orElseSucceed(() => false))
