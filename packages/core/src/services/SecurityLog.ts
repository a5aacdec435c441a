import { Context, type Effect } from "effect"
import { tellHost } from "./hostFunction.ts"

/** Something a host's security team wants to see. Never holds a secret. */
export interface SecurityEvent {
  readonly type:
    | "flow_started"
    | "flow_completed"
    | "flow_failed"
    | "state_unknown"
    | "state_replayed"
    | "state_expired"
    | "provider_mismatch"
    | "binding_mismatch"
    | "installation_without_flow"
    | "endpoint_not_allowed"
    | "complete_mismatch"
    | "flow_disowned"
    | "role_denied"
    | "origin_denied"
    | "authentication_failed"
    | "egress_blocked"
    | "decryption_failed"
    | "grant_ended"
    | "refreshing_paused"
    | "revocation_left_out"
    | "revocation_given_up"
    | "connections_exported"
  readonly tenantId?: string
  readonly userId?: string
  readonly provider?: string
  /** A word of Hawser's own, never text from outside. */
  readonly reason?: string
}

/** Where security events go: the host's `onSecurityEvent`. Reporting never fails and waits for nothing. */
export class SecurityLog extends Context.Service<
  SecurityLog,
  {
    readonly report: (event: SecurityEvent) => Effect.Effect<void>
  }
>()("@hawser/core/SecurityLog") {
  /** Hands events to a function of the host. Whatever becomes of it, the flow goes on. */
  static make(onSecurityEvent: (event: SecurityEvent) => unknown): SecurityLog["Service"] {
    return {
      report: (event) =>
        tellHost({
          hook: "onSecurityEvent",
          call: () => onSecurityEvent(event),
          details: { type: event.type }
        })
    }
  }
}
