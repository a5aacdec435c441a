import type { IncomingMessage, Server, ServerResponse } from "node:http"
import { connect } from "node:net"

/** The handler as a mount sees it: the type of @hawser/http, which the workspace's root does not depend on. */
export interface MountedHandler {
  (
    request: Request,
    context?: { readonly clientAddress?: ClientAddress | undefined; readonly native?: unknown }
  ): Promise<Response>
  readonly answer?: (request: PlainRequest) => Promise<{
    readonly status: number
    readonly headers: Readonly<Record<string, string | ReadonlyArray<string>>>
    readonly body: string | undefined
  }>
}

interface PlainRequest {
  readonly method: string
  readonly path: string
  readonly query: string
  readonly header: (name: string) => string | null
  readonly body: () => Promise<Uint8Array | undefined>
}

type ClientAddress = string | { readonly ask: () => string | undefined }

/** The client's address as a handler finds it. */
export const clientAddressOf = (context: Parameters<MountedHandler>[1]): string | undefined => {
  const address = context?.clientAddress
  return typeof address === "object" ? address.ask() : address
}

/** A body parser, or anything else that stands in front of the mount. */
export type Middleware = (
  request: IncomingMessage,
  response: ServerResponse,
  next: (error?: unknown) => void
) => void

export interface HostSettings {
  /** Where each handler is mounted; the empty path is the root. */
  readonly mounts: ReadonlyArray<{ readonly at: string; readonly handler: MountedHandler }>
  /** In front of the mounts and behind what every host does. */
  readonly middleware?: Middleware
  /** Whether the host believes the X-Forwarded-For of a proxy on loopback. */
  readonly trustsProxy?: boolean
  /** Gets a function by which the host answers 503 in the place of the mount. */
  readonly overtake?: (answer: () => void) => void
}

export interface RunningHost {
  readonly server: Server
  /** As on SIGTERM: no new connections, and what is in flight is finished. */
  readonly close: () => Promise<void>
}

/**
 * A framework with a host on it. For every request the host leaves `session: "of the host"` on the request, `x-host: kept`
 * and the cookie `host_app=1` on the answer. It has a route `GET /own` that answers "own".
 */
export interface Framework {
  readonly start: (settings: HostSettings) => Promise<RunningHost>
  /** The body parsers that hosts use here. */
  readonly parsers: {
    readonly json: Middleware
    readonly form: Middleware
    readonly raw: Middleware
    readonly text: Middleware
  }
}

/** Sends bytes as they are, and gives back all that the server says until it hangs up. */
export const speak = (port: number, text: string): Promise<string> =>
  new Promise((resolve) => {
    let said = ""
    const socket = connect(port, "127.0.0.1", () => socket.write(text))
    socket.on("data", (chunk) => (said += String(chunk)))
    socket.on("close", () => resolve(said))
    socket.on("error", () => undefined)
  })
