import type { EgressError, EgressFailure, EgressRequest } from "@hawser/core"
import { Effect } from "effect"
import type { IncomingMessage } from "node:http"
import { egressError, failureOf } from "./failure.ts"
import { answerHeaders, forbidsBody, requestHeaders, withoutEncoding } from "./headers.ts"
import { type Connections, onceConnected, openRequest } from "./openRequest.ts"
import { readAnswer } from "./readAnswer.ts"

/** The limits of one exchange (S-30): times in milliseconds, sizes in bytes. */
export interface ExchangeLimits {
  readonly connectTimeoutMs: number
  readonly totalTimeoutMs: number
  readonly maxBodyBytes: number
  readonly maxHeaderBytes: number
}

const responseOf = (message: IncomingMessage, status: number, body: Buffer): Response =>
  new Response(forbidsBody(status) ? null : new Uint8Array(body), {
    status,
    headers: withoutEncoding(answerHeaders(message))
  })

/**
 * Sends one request and reads its whole answer. Timers are Node's own, because sockets keep real time even where the
 * program's clock is a test's.
 */
export const exchange = (
  target: EgressRequest,
  connections: Connections,
  limits: ExchangeLimits
): Effect.Effect<Response, EgressError> =>
  Effect.callback((resume) => {
    let isSent = false
    let isAnswered = false

    const settle = (outcome: Effect.Effect<Response, EgressError>) => {
      clearTimeout(connectTimer)
      clearTimeout(totalTimer)
      resume(outcome)
    }
    const fail = (reason: EgressFailure, cause?: unknown) => {
      settle(Effect.fail(egressError(target.url, reason, isSent, cause)))
      request?.destroy()
    }
    const failBy = (error: unknown) => fail(failureOf(error), error)

    const connectTimer = setTimeout(() => fail("timeout"), limits.connectTimeoutMs)
    const totalTimer = setTimeout(() => fail("timeout"), limits.totalTimeoutMs)

    const open = () =>
      openRequest(
        {
          ...target,
          // An answer is small: asking for no compression leaves one thing less to go wrong.
          headers: { ...requestHeaders(target.headers), "accept-encoding": "identity" }
        },
        connections,
        limits.maxHeaderBytes
      )
    let request: ReturnType<typeof open> | undefined
    try {
      request = open()
    } catch (error) {
      // A header value that HTTP cannot carry.
      failBy(error)
      return
    }
    const sending = request

    // Nothing is written before, so `sent` is exact.
    onceConnected(sending, () => {
      clearTimeout(connectTimer)
      // Here and not sooner: a process that was stopped while it connected wakes up here, and its lease is another's.
      if (target.sendBefore !== undefined && performance.now() >= target.sendBefore)
        return fail("too_late")
      isSent = true
      sending.end(target.body)
    })
    sending.once("response", (message) => {
      isAnswered = true
      const status = message.statusCode ?? 0
      // Never followed: the request carries secrets for this host alone (S-29).
      if (status >= 300 && status < 400) return fail("redirect_refused")
      readAnswer(message, limits.maxBodyBytes)
        // Fails for a status that no Response can have, such as 999.
        .then((body) => responseOf(message, status, body))
        .then((response) => settle(Effect.succeed(response)), failBy)
    })
    sending.on("error", failBy)
    // An upgrade that was not asked for ends the connection without an error.
    sending.once("close", () => {
      if (!isAnswered) failBy(undefined)
    })

    return Effect.sync(() => {
      clearTimeout(connectTimer)
      clearTimeout(totalTimer)
      sending.destroy()
    })
  })
