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
  /** Undefined when somebody has read the body before. Rejects when the client left in the middle of it. */
  readonly body: () => Promise<Uint8Array<ArrayBuffer> | undefined>
  /** The client's address. */
  readonly address: string | ClientAddress | undefined
  /** The framework's own request, for functions of the host's. */
  readonly native: unknown
  /** Makes a web `Request` without a body. */
  readonly toRequest: () => Request
}

/** The handler's answer. */
export interface HandlerResponse {
  readonly status: number
  /** By their names in small letters. A list has one line for each. */
  readonly headers: Readonly<Record<string, string | ReadonlyArray<string>>>
  /** Undefined when the answer has none. */
  readonly body: string | Uint8Array<ArrayBuffer> | undefined
}

/** The handler as mounts call it. */
export type AnswerFunction = (request: HandlerRequest) => Promise<HandlerResponse>

/** What a mount knows besides the request. */
export interface HandlerContext {
  readonly clientAddress?: string | ClientAddress | undefined
  /** The framework's own request. */
  readonly native?: unknown
}

/**
 * A mount takes `hawser.handler`, or a host's own function of web standards. @hawser/http gives its handler the same shape, which
 * is declared here too, because a mount depends on no other package. A test of types compares the two.
 */
export interface Handler {
  (request: Request, context?: HandlerContext): Promise<Response>
  /** The same without `Request` and `Response`: Hawser's own has it, and the mounts call it. */
  readonly answer?: AnswerFunction
}
