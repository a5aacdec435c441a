import type { EgressStreamRequest } from "@hawser/core"
import type { ExchangePlan } from "./exchange.ts"
import { egressError, egressFailure } from "./failure.ts"
import {
  answerHeaders,
  answerStatus,
  forbidsBody,
  requestHeaders,
  withoutEncoding
} from "./headers.ts"
import { makeDecompressor } from "./readAnswer.ts"
import { framingHeaders, sendBody } from "./sendBody.ts"
import { streamedBody } from "./streamedBody.ts"

/** Parts of a file are parts of its bytes as they are: compressed, nobody could put them together. */
const encodings = (headers: Record<string, string>) =>
  "range" in headers ? "identity" : "gzip, deflate, br"

/** One request whose answer is handed on as soon as its headers are there. */
export const streamedExchange = (target: EgressStreamRequest): ExchangePlan => {
  const { body, method, signal, url } = target
  const headers = requestHeaders(target.headers)
  return {
    method,
    url,
    headers: { ...headers, ...framingHeaders(body), "accept-encoding": encodings(headers) },
    timeoutMs: target.headersTimeoutMs ?? 30_000,
    send: (request, progressed) => sendBody(request, body, progressed),
    receive: async (message) => {
      const status = answerStatus(message)
      const received = answerHeaders(message)
      if (method === "HEAD" || forbidsBody(status)) {
        message.resume()
        return new Response(null, { status, headers: received })
      }
      const decoder = makeDecompressor(message)
      const failure = (error: unknown) => egressError(url, egressFailure(error), true, error)
      return new Response(streamedBody(message, decoder, failure, signal), {
        status,
        headers: decoder === undefined ? received : withoutEncoding(received)
      })
    }
  }
}
