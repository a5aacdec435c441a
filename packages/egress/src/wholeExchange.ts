import type { EgressRequest } from "@hawser/core"
import type { ExchangePlan } from "./exchange.ts"
import { RedirectRefused } from "./failure.ts"
import {
  answerHeaders,
  answerStatus,
  forbidsBody,
  requestHeaders,
  withoutEncoding
} from "./headers.ts"
import { readAnswer } from "./readAnswer.ts"

/** The limits of an answer that is read as a whole. */
export interface AnswerLimits {
  readonly totalTimeoutMs: number
  readonly maxBodyBytes: number
}

/** One request whose whole answer is read. */
export const wholeExchange = (
  target: EgressRequest,
  { maxBodyBytes, totalTimeoutMs }: AnswerLimits
): ExchangePlan => ({
  method: target.method,
  url: target.url,
  // An answer is small: asking for no compression leaves one thing less to go wrong.
  headers: {
    ...requestHeaders(target.headers),
    "accept-encoding": "identity",
    // Node gives the body of a DELETE neither length nor chunks.
    ...(target.body !== undefined && { "content-length": String(Buffer.byteLength(target.body)) })
  },
  timeoutMs: totalTimeoutMs,
  sendBefore: target.sendBefore,
  send: (request) => request.end(target.body),
  receive: async (message) => {
    const status = answerStatus(message)
    // Never followed: the request carries secrets for this host alone.
    if (status >= 300 && status < 400) throw new RedirectRefused()
    const body = await readAnswer(message, target.maxBodyBytes ?? maxBodyBytes)
    return new Response(forbidsBody(status) ? null : new Uint8Array(body), {
      status,
      headers: withoutEncoding(answerHeaders(message))
    })
  }
})
