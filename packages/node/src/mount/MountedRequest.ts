import type { ClientAddress } from "@hawser/http"
/** Headers by their names, as middleware has left them. */
export type MountedHeaders = Readonly<Record<string, unknown>>

/** What a framework knows of a request that Node's own does not say. */
export interface MountedRequest {
  /** The framework's own request, for the host's hooks. */
  readonly native: unknown
  /** The client's address by the framework's own trust setting, which may throw. */
  readonly clientAddress: Pick<ClientAddress, "setting" | "ask">
  /** The request's target as it came, where a framework has cut its mount path off `request.url`. */
  readonly target?: string
  /** The headers where a framework keeps them apart from the request's own. */
  readonly headers?: MountedHeaders
  /** The body where the host has replaced it: a stream, bytes, text, or what a parser made of them. */
  readonly body?: unknown
}
