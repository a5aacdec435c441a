import type { Handler } from "@hawser/http"
import type { NodeRequest, NodeResponse } from "./NodeExchange.ts"
import { RefusedRequest, toRequest } from "./toRequest.ts"
import { writeResponse } from "./writeResponse.ts"

/** How a host mounts a handler. */
export interface NodeHandlerOptions {
  /**
   * The client's address where a proxy of the host's stands in front. Default: the socket's, since X-Forwarded-For can be
   * sent by anybody. Undefined where it is not known.
   */
  readonly trustProxy?: (request: NodeRequest) => string | undefined
}

/**
 * Mounts a handler on `node:http`, or on `node:http2` by its compatibility API. It answers every request that it is given:
 * a host with routes of its own looks at the path first.
 *
 * The handler runs to its end even when the client goes away, because a code once redeemed must be stored; its answer is
 * then dropped. Of a body 64 KiB and one byte are read, so that the handler can tell that it is too long. A body that the
 * host has parsed already is taken from `rawBody` or `body`. A request that is no HTTP gets 400, and whatever the handler
 * throws becomes a 500 without details.
 *
 * @example
 * import { nodeHandler } from "@hawser/node"
 * import { createServer } from "node:http"
 *
 * const integrations = nodeHandler(async (request) => Response.json({ path: new URL(request.url).pathname }))
 * const server = createServer((request, response) => {
 *   if (request.url?.startsWith("/v1/integrations")) return integrations(request, response)
 *   response.writeHead(404).end()
 * })
 */
export const nodeHandler =
  (handler: Handler, options: NodeHandlerOptions = {}) =>
  (request: NodeRequest, response: NodeResponse): void => {
    const clientAddress = options.trustProxy ?? addressOfSocket

    const answer = async (): Promise<readonly [Response, Buffer]> => {
      try {
        const webRequest = await toRequest(request)
        const address = clientAddress(request)
        const answered = await handler(webRequest, {
          native: request,
          ...(address !== undefined && { clientAddress: address })
        })
        return [answered, Buffer.from(await answered.arrayBuffer())]
      } catch (error) {
        return error instanceof RefusedRequest
          ? problem(error.status, error.code, error.message, error.headers)
          : problem(500, "internal_error", "Something went wrong here. Try again later.")
      }
    }

    const respond = async () => {
      const answered = await answer()
      // Nobody is there any more, or the host has answered meanwhile.
      if (isClosed(response) || response.headersSent) return
      writeResponse(response, ...answered)
    }
    respond().catch(() => response.destroy())
  }

const addressOfSocket = (request: NodeRequest): string | undefined => request.socket.remoteAddress

const isClosed = (response: NodeResponse): boolean =>
  "stream" in response ? response.stream.destroyed : response.destroyed

const problem = (
  status: number,
  error: string,
  message: string,
  headers: Readonly<Record<string, string>> = {}
): readonly [Response, Buffer] => [
  new Response(null, {
    status,
    headers: { "content-type": "application/json", "cache-control": "no-store", ...headers }
  }),
  Buffer.from(JSON.stringify({ error, message }))
]
