import { answerFunction, serveRequest } from "./answerRequest.ts"
import { ConfigurationError } from "./configurationError.ts"
import type { Handler } from "./Handler.ts"
import type { NodeRequest, NodeResponse } from "./readRequest.ts"

/** How a host mounts a handler. */
export interface NodeHandlerOptions {
  /**
   * The client's address where a proxy of the host's stands in front. Default: the socket's, since X-Forwarded-For can be
   * sent by anybody. Undefined if it is not known. When it throws, the socket's address counts.
   */
  readonly trustProxy?: (request: NodeRequest) => string | undefined
}

const optionName: keyof NodeHandlerOptions = "trustProxy"

/** By hand: a mount should not load a library of schemas for one option. */
const checkOptions = (options: unknown): void => {
  if (typeof options !== "object" || options === null || Array.isArray(options))
    throw new ConfigurationError("nodeHandler", "Expected an object.")
  for (const [name, value] of Object.entries(options)) {
    const setting = `nodeHandler.${name}`
    if (name === optionName) {
      if (value === undefined || typeof value === "function") continue
      throw new ConfigurationError(setting, "Expected a function.")
    }
    const isMisspelt = name.toLowerCase() === optionName.toLowerCase()
    throw new ConfigurationError(
      setting,
      `There is no such option.${isMisspelt ? ` Did you mean ${optionName}?` : ""}`
    )
  }
}

/**
 * Mounts a handler on `node:http`, or on `node:http2` by its compatibility API. It answers every request that it is given:
 * a host with routes of its own looks at the path first.
 *
 * The handler runs to its end even when the client goes away, because a code once redeemed must be stored; its answer is
 * then dropped. Of a body 64 KiB and one byte are read, so that the handler can tell that it is too long. A body that the
 * host has parsed already is taken from `rawBody` or `body`. A request that is not HTTP gets 400, and whatever the handler
 * throws becomes a 500 without details. Throws `ConfigurationError` if it is given no handler, or an option that there is not.
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
export const nodeHandler = (
  handler: Handler,
  options: NodeHandlerOptions = {}
): ((request: NodeRequest, response: NodeResponse) => void) => {
  const answer = answerFunction("nodeHandler", handler)
  checkOptions(options)
  const addressOf = options.trustProxy
  return (request, response) =>
    serveRequest(answer, request, response, {
      native: request,
      address:
        addressOf === undefined
          ? request.socket.remoteAddress
          : { setting: "trustProxy", ask: () => addressOf(request) }
    })
}
