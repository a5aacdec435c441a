import type { Effect } from "effect"
import { Context, Data } from "effect"

/** One outgoing request. */
export interface EgressRequest {
  readonly method: "GET" | "POST"
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  /** The host names, with port where it is not the default, that this call may reach. */
  readonly hosts: ReadonlyArray<string>
  /** Milliseconds of `performance.now()` after which nothing may be written any more (S-35). */
  readonly sendBefore?: number
}

/** Why no answer can be used. */
export type EgressFailure =
  | "host_not_allowed"
  | "address_blocked"
  | "insecure_protocol"
  | "redirect_refused"
  | "timeout"
  | "too_late"
  | "response_too_large"
  | "connection_failed"

/** An outgoing request got no usable answer. `sent` tells whether the provider may have seen it. */
export class EgressError extends Data.TaggedError("EgressError")<{
  readonly reason: EgressFailure
  readonly host: string
  readonly sent: boolean
  readonly cause?: unknown
}> {
  override get message(): string {
    return `The request to ${this.host} failed (${this.reason}).`
  }
}

/**
 * The only way out of the process (checked by an import rule). Every implementation promises: https with verified
 * certificates, no redirect followed (S-29), connect within 5 s and whole answer within 15 s, at most 64 KiB after
 * decompression (S-30), and only addresses that are public. The answer's body is already in memory.
 */
export class Egress extends Context.Service<
  Egress,
  {
    readonly request: (request: EgressRequest) => Effect.Effect<Response, EgressError>
  }
>()("@hawser/core/Egress") {}
