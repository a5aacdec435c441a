import type { Handler } from "@hawser/http"
import { answerRequest } from "./answerRequest.ts"
import type { MountedRequest } from "./MountedRequest.ts"
import type { NodeRequest, NodeResponse } from "./NodeExchange.ts"
import { writeResponse } from "./writeResponse.ts"

/** Answers one request of `node:http`, or of a framework whose requests are Node's. */
export const serveRequest = (
  handler: Handler,
  request: NodeRequest,
  response: NodeResponse,
  mounted: MountedRequest
): void => {
  const serve = async () => {
    const answer = await answerRequest(handler, request, mounted)
    // Nobody is there any more, or the host has answered meanwhile.
    if (isClosed(response) || response.headersSent) return
    writeResponse(response, answer)
  }
  serve().catch(() => response.destroy())
}

const isClosed = (response: NodeResponse): boolean =>
  "stream" in response ? response.stream.destroyed : response.destroyed
