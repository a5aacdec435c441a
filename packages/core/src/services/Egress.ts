import { Context, type Effect } from "effect"
import { TaggedError } from "../model/index.ts"

/** One outgoing request. */
export interface EgressRequest {
  readonly method: "GET" | "POST" | "DELETE"
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  /** The host names, with port where it is not the default, that this call may reach. */
  readonly hosts: ReadonlyArray<string>
  /** Milliseconds of `performance.now()` after which nothing may be written any more. */
  readonly sendBefore?: number
  /**
   * For a URL that the host configured for itself, never for what a tenant or a provider named: it may be at a private
   * address, or on this machine by plain http; with `unsafe_http` by plain http anywhere. Its connections serve nothing
   * else, and no proxy stands before them.
   */
  readonly privateNetwork?: "https" | "unsafe_http"
  /** The longest answer in bytes, after decompression. Default 64 KiB. */
  readonly maxBodyBytes?: number
}

/** One call of a provider's API: any method, and bodies that are streamed either way. */
export interface EgressStreamRequest {
  readonly method: string
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  /** A stream is sent in chunks, as it comes. */
  readonly body?: string | Uint8Array | ReadableStream<Uint8Array> | undefined
  readonly hosts: ReadonlyArray<string>
  /** Milliseconds until the headers of the answer must be there, counted again while a body is being sent. Default 30,000. */
  readonly headersTimeoutMs?: number
  /** Ends the body of the answer as well. Before the headers have come, interrupt the effect. */
  readonly signal?: AbortSignal | undefined
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
export class EgressError extends TaggedError("EgressError")<{
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
 * certificates, no redirect followed, connected within 5 s, and only to addresses that are public, or to what the
 * host configured in a network of its own.
 */
export class Egress extends Context.Service<
  Egress,
  {
    /** The whole answer, in memory: within 15 s, and at most 64 KiB after decompression, or what the request says. A redirect is an error. */
    readonly request: (request: EgressRequest) => Effect.Effect<Response, EgressError>
    /**
     * The answer as soon as its headers are there; its body, decompressed, comes as it is read and may be of any length.
     * A redirect is answered as it is. Whoever does not read the body to its end must cancel it.
     */
    readonly open: (request: EgressStreamRequest) => Effect.Effect<Response, EgressError>
  }
>()("@hawser/core/Egress") {}
