import type { Handler } from "@hawser/http"
import { checkHandler } from "@hawser/node/mount"
import type { FastifyPluginAsync } from "fastify"
import { routes } from "./routes.ts"

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
 * import type { Handler } from "@hawser/http"
 * import { fastify } from "fastify"
 *
 * declare const hawser: { readonly handler: Handler }
 *
 * const app = fastify()
 * await app.register(fastifyHawser(hawser.handler), { prefix: "/v1/integrations" })
 */
export const fastifyHawser = (handler: Handler): FastifyPluginAsync => {
  checkHandler("fastifyHawser", handler)
  return async (scope, options) => {
    const mount = routes(handler)
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
 * import type { Handler } from "@hawser/http"
 * import { fastify } from "fastify"
 *
 * declare const hawser: { readonly handler: Handler }
 *
 * const app = fastify()
 * await app.register(fastifyCallback(hawser.handler), { prefix: "/auth/github/callback" })
 */
export const fastifyCallback = (handler: Handler): FastifyPluginAsync => {
  checkHandler("fastifyCallback", handler)
  return routes(handler)
}
