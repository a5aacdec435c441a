import type { Handler } from "@hawser/http"
import { answerRequest, type Answer, cookiesOf, problem } from "@hawser/node/mount"
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify"

/** Every method and every path of a scope, answered by the handler. */
export const routes =
  (handler: Handler): FastifyPluginAsync<{ readonly prefix?: string }> =>
  async (scope, { prefix }) => {
    const answer = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> =>
      send(
        reply,
        await answerRequest(handler, request.raw, {
          native: request,
          clientAddress: { setting: "trustProxy", ask: () => request.ip },
          // Before `rewriteUrl`: the base path is matched by the handler, on the path as it came.
          target: request.originalUrl,
          // A hook that sets `request.headers` leaves those of the raw request as they were.
          headers: request.headers,
          body: request.body
        })
      )

    // A parser would refuse what the handler has to answer, and each in words of its own.
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser("*", (request, payload, done) => {
      // Only where a hook of the host's has put another stream in the place of the request.
      done(null, payload === request.raw ? undefined : payload)
    })

    const method = scope.supportedMethods
    for (const url of ["/", "/*"]) {
      scope.route({ method, url, handler: answer })
    }
    // Methods that Fastify has no routes for. In a scope without a prefix of its own this would be its parent's 404.
    if (prefix !== undefined) scope.setNotFoundHandler(answer)

    scope.setErrorHandler<Error & { readonly code?: string }>(async (error, request, reply) => {
      // Fastify reads the content type before the handler can.
      if (error.code === "FST_ERR_CTP_INVALID_MEDIA_TYPE") return send(reply, notJson())
      // QUERY, which is 405 on every path of the contract, whatever its content type.
      if (error.code === "FST_ERR_ROUTE_MISSING_CONTENT_TYPE") return answer(request, reply)
      throw error
    })
  }

/** By Fastify's own means: written to its raw response, the answer would lose what plugins have put into the reply. */
const send = (
  reply: FastifyReply,
  { body, response: { headers, status } }: Answer
): FastifyReply => {
  // The host has answered meanwhile.
  if (reply.sent) return reply
  reply.code(status)
  for (const [name, value] of headers) if (name !== "set-cookie") reply.header(name, value)
  const cookies = headers.getSetCookie()
  // Fastify keeps the reply's cookies, and not those that middleware has set on the raw response.
  if (cookies.length > 0) reply.header("set-cookie", [...cookiesOf(reply.raw), ...cookies])
  // An empty body would be given a content type.
  return body.length === 0 ? reply.send() : reply.send(body)
}

const notJson = (): Answer =>
  problem(415, "unsupported_media_type", "Send a JSON object as `application/json`.")
