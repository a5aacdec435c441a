import { once } from "node:events"
import {
  createServer,
  type IncomingMessage,
  request as httpRequest,
  type RequestListener,
  type Server,
  type ServerResponse
} from "node:http"
import type { AddressInfo } from "node:net"
import { buffer } from "node:stream/consumers"
import { controlPath } from "./control.ts"
import { ConnectionReset } from "./failures.ts"
import { vendorHost } from "./localUrl.ts"

type Handle = (request: Request) => Promise<Response>

/**
 * Serves a function of vendors' own URLs at 127.0.0.1, whose hosts have `.localhost` and the port after them, and under the
 * machine's own name its control.
 */
export const serve = async (
  handle: Handle,
  control: Handle,
  { otherwise, port }: { readonly port: number; readonly otherwise?: RequestListener | undefined }
): Promise<Server> => {
  // On a busy machine both ends may stand still for longer than the default, and then the server closes under a request.
  const server = createServer({ keepAliveTimeout: 0 }, (incoming, outgoing) => {
    const { host } = incoming.headers
    // Only the host's own names: under another one, a page of another site would read what it answers (DNS rebinding).
    if (otherwise !== undefined && isOwnName(host) && incoming.url !== controlPath) {
      return otherwise(incoming, outgoing)
    }
    answer(handle, control, incoming, outgoing).catch((error: unknown) => {
      if (error instanceof ConnectionReset) incoming.socket.destroy()
      else outgoing.writeHead(500).end(String(error))
    })
  })
  await once(server.listen(port, "127.0.0.1"), "listening")
  return server
}

/** Headers of one connection, which the request at the vendor has no part in. */
const hopByHop = new Set(["host", "connection", "keep-alive", "transfer-encoding", "upgrade"])

/** The names of this machine alone: a page of another site may have its own name lead here (DNS rebinding). */
const isOwnName = (host: string | undefined): boolean =>
  /^(?:127\.0\.0\.1|localhost)(?::\d+)?$/.test(host ?? "")

const answer = async (
  handle: Handle,
  control: Handle,
  incoming: IncomingMessage,
  outgoing: ServerResponse
): Promise<void> => {
  const host = vendorHost(incoming.headers.host)
  const isControl = incoming.url === controlPath && isOwnName(incoming.headers.host)
  const url =
    host === undefined && !isControl
      ? null
      : URL.parse(`https://${host ?? "localhost"}${incoming.url ?? ""}`)
  if (url === null) {
    outgoing
      .writeHead(421, { "content-type": "text/plain" })
      .end("Ask by a vendor's host with .localhost after it, such as github.com.localhost.\n")
    return
  }
  const { method = "GET" } = incoming
  const body = await buffer(incoming)
  const gone = new AbortController()
  outgoing.on("close", () => gone.abort())
  const response = await (isControl ? control : handle)(
    new Request(url, {
      method,
      headers: headersOf(incoming),
      ...(method !== "GET" && method !== "HEAD" && { body }),
      signal: gone.signal
    })
  )
  outgoing.writeHead(response.status, Object.fromEntries(response.headers))
  outgoing.end(Buffer.from(await response.arrayBuffer()))
}

const headersOf = ({ headersDistinct }: IncomingMessage): Headers => {
  const headers = new Headers()
  for (const [name, values = []] of Object.entries(headersDistinct)) {
    if (hopByHop.has(name)) continue
    for (const value of values) headers.append(name, value)
  }
  return headers
}

export const portOf = (server: Server): number => (server.address() as AddressInfo).port

/** Asks the server above by a local URL, of which Node's own lookup knows nothing. */
export const askLocally = async (request: Request): Promise<Response> => {
  const { host, pathname, port, search } = new URL(request.url)
  const outgoing = httpRequest({
    host: "127.0.0.1",
    port,
    path: pathname + search,
    method: request.method,
    headers: { ...Object.fromEntries(request.headers), host }
  })
  outgoing.end(Buffer.from(await request.arrayBuffer()))
  const [incoming] = (await once(outgoing, "response")) as [IncomingMessage]
  const body = await buffer(incoming)
  const status = incoming.statusCode ?? 502
  return new Response(status === 204 ? null : body, { status, headers: headersOf(incoming) })
}
