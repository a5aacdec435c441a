/** A client's address that the host tells behind proxies of its own. */
export interface ClientAddress {
  /** The host's setting, as its framework calls it. */
  readonly setting: string
  /** Undefined when it is not known. */
  readonly ask: () => string | undefined
  /** The other end of the connection: it counts when `ask` throws, so that nobody escapes the limits by what it sent. */
  readonly peer: string | undefined
}

/** A request as a mount hands it to the handler: plain values, and functions for what not every operation reads. */
export interface HandlerRequest {
  readonly method: string
  /** The whole path, prefix included, written as in a `URL`. */
  readonly path: string
  /** As it came, with its `?`; empty when there is none. */
  readonly query: string
  /** By the header's name in small letters; null when it is not there. What came twice is joined by a comma. */
  readonly header: (name: string) => string | null
  /**
   * Of a body that is longer than 64 KiB it may end with the byte that shows so. Undefined when somebody has read the body
   * before. Rejects when the client left in the middle of it.
   */
  readonly body: () => Promise<Uint8Array<ArrayBuffer> | undefined>
  /** The client's address. Without it, public operations are not limited. */
  readonly address: string | ClientAddress | undefined
  /** The framework's own request, for functions of the host's. */
  readonly native: unknown
  /** Makes a web `Request` without a body, which only functions of the host's are given. */
  readonly toRequest: () => Request
}

/** The handler's answer. */
export interface HandlerResponse {
  readonly status: number
  /** By their names in small letters. A list has one line for each: cookies that are joined are one broken cookie. */
  readonly headers: Readonly<Record<string, string | ReadonlyArray<string>>>
  /** Undefined when the answer has none. */
  readonly body: string | Uint8Array<ArrayBuffer> | undefined
}

/** The handler as mounts call it. The handler's own never rejects. */
export type AnswerFunction = (request: HandlerRequest) => Promise<HandlerResponse>
