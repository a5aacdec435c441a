import { type Agent, type ClientRequest, request as requestOverHttp } from "node:http"
import { type Agent as SecureAgent, request as requestOverHttps } from "node:https"
import type { LookupFunction, Socket } from "node:net"

/** The connections that requests may use. */
export interface Connections {
  readonly plain: Agent
  readonly secure: SecureAgent
  readonly lookup: LookupFunction
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
  connections: Connections,
  maxHeaderBytes: number
): ClientRequest => {
  const options = {
    method,
    headers,
    lookup: connections.lookup,
    autoSelectFamily: true,
    maxHeaderSize: maxHeaderBytes,
    insecureHTTPParser: false
  }
  return url.protocol === "https:"
    ? requestOverHttps(url, { ...options, agent: connections.secure })
    : requestOverHttp(url, { ...options, agent: connections.plain })
}

/** Calls back once the handshake is done and the certificate verified: before, nothing is written. */
export const onceConnected = (request: ClientRequest, send: () => void): void => {
  request.once("socket", (socket: Socket) => {
    if (request.reusedSocket) send()
    else socket.once(request.protocol === "https:" ? "secureConnect" : "connect", send)
  })
}
