import { ConfigurationError } from "./configurationError.ts"
import type { AnswerFunction, Handler, HandlerRequest, HandlerResponse } from "./Handler.ts"
import {
  type MountedRequest,
  type NodeRequest,
  type NodeResponse,
  problem,
  readRequest,
  RefusedRequest
} from "./readRequest.ts"

/**
 * What a mount asks: Hawser's own `answer`, or one made of a host's function of web standards. Throws `ConfigurationError`
 * where a mount is given something else than a handler, such as all of Hawser.
 */
export const answerFunction = (mount: string, handler: Handler): AnswerFunction => {
  if (typeof handler !== "function") {
    throw new ConfigurationError(mount, "Give it hawser.handler, a function.")
  }
  return handler.answer ?? ((request) => answerByWeb(handler, request))
}

const answerByWeb = async (handler: Handler, request: HandlerRequest): Promise<HandlerResponse> => {
  const { address, native } = request
  const response = await handler(await wholeRequest(request), {
    native,
    ...(address !== undefined && { clientAddress: address })
  })
  const { headers, status } = response
  const cookies = headers.getSetCookie()
  const body = new Uint8Array(await response.arrayBuffer())
  return {
    status,
    headers: {
      ...Object.fromEntries(headers),
      ...(cookies.length > 0 && { "set-cookie": cookies })
    },
    body: body.length > 0 ? body : undefined
  }
}

/** With its body; one that was read before is used, as a web server's would be. */
const wholeRequest = async ({ body, method, toRequest }: HandlerRequest): Promise<Request> => {
  if (method === "GET" || method === "HEAD") return toRequest()
  const bytes = await body()
  const request = new Request(toRequest(), { method, body: bytes ?? "-" })
  if (bytes === undefined) await request.text()
  return request
}

/** Asks the handler. Never rejects: what goes wrong is an answer too, without details. */
export const answerRequest = async (
  answer: AnswerFunction,
  request: NodeRequest,
  mounted: MountedRequest
): Promise<HandlerResponse> => {
  try {
    return await answer(await readRequest(request, mounted))
  } catch (error) {
    return error instanceof RefusedRequest
      ? error.response
      : problem(500, "internal_error", "Something went wrong here. Try again later.")
  }
}

/** Answers one request of `node:http`, or of a framework whose requests are Node's. */
export const serveRequest = (
  answer: AnswerFunction,
  request: NodeRequest,
  response: NodeResponse,
  mounted: MountedRequest
): void => {
  const serve = async () => {
    const answered = await answerRequest(answer, request, mounted)
    // Nobody is there any more, or the host has answered meanwhile.
    if (!isClosed(response) && !response.headersSent) writeResponse(response, answered)
  }
  serve().catch(() => response.destroy())
}

const isClosed = (response: NodeResponse): boolean =>
  "stream" in response ? response.stream.destroyed : response.destroyed

/** Headers that the host has set stay, unless named again. */
const writeResponse = (
  response: NodeResponse,
  { body, headers, status }: HandlerResponse
): void => {
  response.statusCode = status
  for (const [name, value] of Object.entries(headers)) {
    response.setHeader(name, name === "set-cookie" ? mergeCookies(response, value) : value)
  }
  // Where no body may be, to HEAD and with 204 or 304, Node leaves it out.
  response.end(body ?? "")
}

/** The cookies that the host has set so far, and these, each on a line of its own. */
export const mergeCookies = (
  response: NodeResponse,
  cookies: string | ReadonlyArray<string>
): Array<string> => [response.getHeader("set-cookie") ?? [], cookies].flat().map(String)
