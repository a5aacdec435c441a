import {
  type AnswerFunction,
  answerFunction,
  type Handler,
  serveRequest,
  targetUrl
} from "@hawser/node/mount"
import type { IncomingMessage, ServerResponse } from "node:http"

/** As much of Express's request, version 4 or 5, as the mount reads. */
export interface ExpressRequest extends IncomingMessage {
  readonly originalUrl: string
  readonly baseUrl: string
  /** By the host's setting `trust proxy`. */
  readonly ip?: string | undefined
  readonly app?: { readonly settings?: Readonly<Record<string, unknown>> }
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
 * import type { Handler } from "@hawser/node"
 * import express from "express"
 *
 * declare const hawser: { readonly handler: Handler }
 *
 * const app = express()
 * app.use("/v1/integrations", expressHandler(hawser.handler))
 */
export const expressHandler = (handler: Handler): ExpressMiddleware => {
  const answer = answerFunction("expressHandler", handler)
  return (request, response, next) => {
    const url = targetUrl(request.originalUrl)
    if (!isOfContract(url, request)) return next()
    serve(answer, request, response, url)
  }
}

/**
 * Mounts a handler at a provider's `callbackPath`, which is not below `/v1/integrations`. It answers every request that it
 * is given.
 *
 * @example
 * import { expressCallback } from "@hawser/express"
 * import type { Handler } from "@hawser/node"
 * import express from "express"
 *
 * declare const hawser: { readonly handler: Handler }
 *
 * const app = express()
 * app.all("/auth/github/callback", expressCallback(hawser.handler))
 */
export const expressCallback = (handler: Handler): ExpressMiddleware => {
  const answer = answerFunction("expressCallback", handler)
  return (request, response) => serve(answer, request, response, targetUrl(request.originalUrl))
}

const serve = (
  answer: AnswerFunction,
  request: ExpressRequest,
  response: ServerResponse,
  url: URL | null
): void =>
  serveRequest(answer, request, response, {
    native: request,
    address:
      request.app?.settings?.["trust proxy"] === false
        ? // Then `request.ip` asks nothing of the host.
          request.socket.remoteAddress
        : { setting: "trust proxy", ask: () => request.ip },
    // Express has cut the mount path off `request.url`; the base path is matched by the handler, on the whole path.
    url
  })

/** Whether `/v1/integrations` is what the mount is at, or begins where the mount path ends. */
const isOfContract = (url: URL | null, { baseUrl }: ExpressRequest): boolean => {
  const contract = /\/v1\/integrations(?=\/|$)/.exec(url?.pathname ?? "")
  return contract !== null && contract.index <= baseUrl.length
}
