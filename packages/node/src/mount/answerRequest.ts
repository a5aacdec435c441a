import type { Handler } from "@hawser/http"
import type { MountedRequest } from "./MountedRequest.ts"
import type { NodeRequest } from "./NodeExchange.ts"
import { RefusedRequest, toRequest } from "./toRequest.ts"

/** An answer whose body is in memory. */
export interface Answer {
  readonly response: Response
  readonly body: Buffer
}

/** Calls the handler and reads its answer. Never rejects: what goes wrong is an answer too, without details. */
export const answerRequest = async (
  handler: Handler,
  request: NodeRequest,
  mounted: MountedRequest
): Promise<Answer> => {
  try {
    const webRequest = await toRequest(request, mounted)
    const response = await handler(webRequest, {
      native: mounted.native,
      clientAddress: { ...mounted.clientAddress, peer: request.socket.remoteAddress }
    })
    return { response, body: Buffer.from(await response.arrayBuffer()) }
  } catch (error) {
    return error instanceof RefusedRequest
      ? problem(error.status, error.code, error.message, error.headers)
      : problem(500, "internal_error", "Something went wrong here. Try again later.")
  }
}

/** An answer in the contract's error body. */
export const problem = (
  status: number,
  error: string,
  message: string,
  headers: Readonly<Record<string, string>> = {}
): Answer => ({
  response: new Response(null, {
    status,
    headers: { "content-type": "application/json", "cache-control": "no-store", ...headers }
  }),
  body: Buffer.from(JSON.stringify({ error, message }))
})
