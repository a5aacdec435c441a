import type { Handler } from "@hawser/http"
import { checkHandler, serveRequest, targetUrl } from "@hawser/node/mount"
import type { IncomingMessage, ServerResponse } from "node:http"

/** As much of Express's request, version 4 or 5, as the mount reads. */
export interface ExpressRequest extends IncomingMessage {
  readonly originalUrl: string
  readonly baseUrl: string
  /** By the host's setting `trust proxy`. */
  readonly ip?: string | undefined
}

export type ExpressMiddleware = (
  request: ExpressRequest,
  response: ServerResponse,
  next: () => void
) => void

/**
 * Mounts a handler on Express 4 or 5: at the root, at the host's prefix, or at `/v1/integrations` itself.
 *
 * What is not under `/v1/integrations` there goes on to the host's next middleware. All else is answered here, also
 * where the contract knows no such path; no error goes to Express. The client's address is Express's `request.ip`, and
 * the handler's `native` is Express's request. A body that the host has parsed already is taken as it left it.
 *
 * @example
 * import { expressHandler } from "@hawser/express"
 * import type { Handler } from "@hawser/http"
 * import express from "express"
 *
 * declare const hawser: { readonly handler: Handler }
 *
 * const app = express()
 * app.use("/v1/integrations", expressHandler(hawser.handler))
 */
export const expressHandler = (handler: Handler): ExpressMiddleware => {
  checkHandler("expressHandler", handler)
  return (request, response, next) => {
    if (!isOfContract(request)) return next()
    serve(handler, request, response)
  }
}

/**
 * Mounts a handler at a provider's `callbackPath`, which is not below `/v1/integrations`. It answers every request that it
 * is given.
 *
 * @example
 * import { expressCallback } from "@hawser/express"
 * import type { Handler } from "@hawser/http"
 * import express from "express"
 *
 * declare const hawser: { readonly handler: Handler }
 *
 * const app = express()
 * app.all("/auth/github/callback", expressCallback(hawser.handler))
 */
export const expressCallback = (handler: Handler): ExpressMiddleware => {
  checkHandler("expressCallback", handler)
  return (request, response) => serve(handler, request, response)
}

const serve = (handler: Handler, request: ExpressRequest, response: ServerResponse): void =>
  serveRequest(handler, request, response, {
    native: request,
    clientAddress: { setting: "trust proxy", ask: () => request.ip },
    // Express has cut the mount path off `url`; the base path is matched by the handler, on the whole path.
    target: request.originalUrl
  })

/** Whether `/v1/integrations` is what the mount is at, or begins where the mount path ends. */
const isOfContract = ({ baseUrl, originalUrl }: ExpressRequest): boolean => {
  const pathname = targetUrl(originalUrl)?.pathname ?? ""
  const contract = /\/v1\/integrations(?=\/|$)/.exec(pathname)
  return contract !== null && contract.index <= baseUrl.length
}
