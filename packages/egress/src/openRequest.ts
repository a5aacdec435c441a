import type { Agent, ClientRequest, ClientRequestArgs } from "node:http"
import { Agent as SecureAgent, request as overHttps } from "node:https"
import type { Socket } from "node:net"
import type { Duplex } from "node:stream"
import { callbackify } from "node:util"
import { ready } from "./dial.ts"
import { http } from "./nodeHttp.ts"

/** Opens a connection to the host of a URL, at an address that was checked. */
export type Reach = (hostname: string, port: number) => Promise<Socket>

/** What an agent opens a connection for. */
interface Opening extends ClientRequestArgs {
  readonly reach: Reach
  readonly handshake: AbortSignal
}

type Opened = (error: Error | null, socket: Duplex) => void

const reached = ({ host, port, reach }: Opening): Promise<Socket> =>
  reach(String(host), Number(port))

class PlainAgent extends http.Agent {
  override createConnection(options: Opening, callback: Opened): undefined {
    callbackify(() => reached(options))(callback)
  }
}

class TlsAgent extends SecureAgent {
  override createConnection(options: Opening, callback: Opened): undefined {
    callbackify(async () => {
      const over = { ...options, socket: await reached(options) }
      const secure = super.createConnection(over) as Socket
      return ready(secure, "secureConnect", options.handshake)
    })(callback)
  }
}

/** Connections that requests may use, kept for the next ones. */
export interface Connections {
  readonly plain: Agent
  readonly secure: SecureAgent
}

/** Milliseconds after which an unused connection is closed, before most servers do: a request on it would be lost. */
const idleTimeoutMs = 4_000

export const makeConnections = (): Connections => {
  const reuse = { keepAlive: true, timeout: idleTimeoutMs }
  return {
    plain: new PlainAgent(reuse),
    // Named although they are Node's defaults: NODE_TLS_REJECT_UNAUTHORIZED and --tls-min-v1.0 change defaults only.
    secure: new TlsAgent({ ...reuse, minVersion: "TLSv1.2", rejectUnauthorized: true })
  }
}

/** How a request gets its connection. */
export interface Way {
  readonly connections: Connections
  readonly reach: Reach
  /** Aborted when the request is over, so that no handshake goes on for it. */
  readonly signal: AbortSignal
}

/** A request that has yet to be sent. Throws for a header value that HTTP cannot carry. */
export const openRequest = (
  {
    headers,
    method,
    url
  }: {
    readonly method: string
    readonly url: URL
    readonly headers: Record<string, string>
  },
  { connections, reach, signal }: Way,
  maxHeaderBytes: number
): ClientRequest => {
  const options = {
    method,
    headers,
    reach,
    handshake: signal,
    maxHeaderSize: maxHeaderBytes,
    insecureHTTPParser: false
  }
  return url.protocol === "https:"
    ? overHttps(url, { ...options, agent: connections.secure })
    : http.request(url, { ...options, agent: connections.plain })
}
