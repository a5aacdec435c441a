import {
  type AnswerFunction,
  answerFunction,
  answerRequest,
  type Handler,
  type HandlerResponse,
  problem,
  targetUrl,
  mergeCookies
} from "@hawser/node/mount"
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify"

const contractPath = "/v1/integrations"

/**
 * Mounts a handler on Fastify 5, in a scope of its own: registered at a prefix that ends in `/v1/integrations`, else at
 * `/v1/integrations` below where it is registered.
 *
 * The host's hooks run as for its own routes, and what its plugins put into an answer's headers stays. The host's body
 * parsers are left out: the handler decides what a body must be. The client's address is Fastify's `request.ip`, and the
 * handler's `native` is Fastify's request.
 *
 * @example
 * import { fastifyHawser } from "@hawser/fastify"
 * import type { Handler } from "@hawser/node"
 * import { fastify } from "fastify"
 *
 * declare const hawser: { readonly handler: Handler }
 *
 * const app = fastify()
 * await app.register(fastifyHawser(hawser.handler), { prefix: "/v1/integrations" })
 */
export const fastifyHawser = (handler: Handler): FastifyPluginAsync => {
  const mount = routes(answerFunction("fastifyHawser", handler))
  return async (scope, options) => {
    if (scope.prefix.endsWith(contractPath)) return mount(scope, options)
    await scope.register(mount, { prefix: contractPath })
  }
}

/**
 * Mounts a handler at a provider's `callbackPath`, which is not below `/v1/integrations`: register it with that path as
 * its prefix. All else is as with `fastifyHawser`.
 *
 * @example
 * import { fastifyCallback } from "@hawser/fastify"
 * import type { Handler } from "@hawser/node"
 * import { fastify } from "fastify"
 *
 * declare const hawser: { readonly handler: Handler }
 *
 * const app = fastify()
 * await app.register(fastifyCallback(hawser.handler), { prefix: "/auth/github/callback" })
 */
export const fastifyCallback = (handler: Handler): FastifyPluginAsync =>
  routes(answerFunction("fastifyCallback", handler))

/** Every method and every path of a scope, answered by the handler. */
const routes =
  (ask: AnswerFunction): FastifyPluginAsync<{ readonly prefix?: string }> =>
  async (scope, { prefix }) => {
    const answer = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> =>
      send(
        reply,
        await answerRequest(ask, request.raw, {
          native: request,
          address: { setting: "trustProxy", ask: () => request.ip },
          // Before `rewriteUrl`: the base path is matched by the handler, on the path as it came.
          url: targetUrl(request.originalUrl),
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
const send = (reply: FastifyReply, { body, headers, status }: HandlerResponse): FastifyReply => {
  // The host has answered meanwhile.
  if (reply.sent) return reply
  reply.code(status)
  for (const [name, value] of Object.entries(headers)) {
    // Fastify keeps the reply's cookies, and not those that middleware has set on the raw response.
    reply.header(name, name === "set-cookie" ? mergeCookies(reply.raw, value) : value)
  }
  // An empty body would be given a content type, and text another one.
  return body === undefined ? reply.send() : reply.send(Buffer.from(body))
}

const notJson = (): HandlerResponse =>
  problem(415, "unsupported_media_type", "Send a JSON object as `application/json`.")
