import type { EgressError, EgressFailure } from "@hawser/core"
import { Effect } from "effect"
import type { ClientRequest, IncomingMessage } from "node:http"
import { egressError, egressFailure } from "./failure.ts"
import { openRequest, type Way } from "./openRequest.ts"

/** The limits of every exchange: times in milliseconds, sizes in bytes. */
export interface ExchangeLimits {
  readonly connectTimeoutMs: number
  readonly maxHeaderBytes: number
}

/** What tells one kind of exchange from another. */
export interface ExchangePlan {
  readonly method: string
  readonly url: URL
  readonly headers: Record<string, string>
  /** Milliseconds until `receive` must have made a response. */
  readonly timeoutMs: number
  /** Milliseconds of `performance.now()` after which nothing may be written any more. */
  readonly sendBefore?: number | undefined
  /** Writes the body; `progressed` starts the time again. */
  readonly send: (request: ClientRequest, progressed: () => void) => void
  /** Rejects where the answer cannot be used. */
  readonly receive: (message: IncomingMessage) => Promise<Response>
}

/**
 * Sends one request and receives its answer. Timers are Node's own, because sockets keep real time even where the
 * program's clock is a test's.
 */
export const exchange = (
  plan: ExchangePlan,
  way: Way,
  limits: ExchangeLimits
): Effect.Effect<Response, EgressError> =>
  Effect.callback((resume) => {
    let isSent = false
    let isAnswered = false

    const settle = (outcome: Effect.Effect<Response, EgressError>) => {
      clearTimeout(connectTimer)
      clearTimeout(timer)
      resume(outcome)
    }
    const fail = (reason: EgressFailure, cause?: unknown) => {
      settle(Effect.fail(egressError(plan.url, reason, isSent, cause)))
      request?.destroy()
    }
    const failBy = (error: unknown) => fail(egressFailure(error), error)

    const connectTimer = setTimeout(() => fail("timeout"), limits.connectTimeoutMs)
    const timer = setTimeout(() => fail("timeout"), plan.timeoutMs)

    let request: ClientRequest | undefined
    try {
      request = openRequest(plan, way, limits.maxHeaderBytes)
    } catch (error) {
      // A header value that HTTP cannot carry.
      failBy(error)
      return
    }
    const sending = request

    // A request gets its socket when that is connected, its certificate verified: nothing is written before, so `sent` is
    // exact.
    sending.once("socket", () => {
      clearTimeout(connectTimer)
      // Here and not sooner: a process that was stopped while it connected wakes up here, and its lease is another's.
      if (plan.sendBefore !== undefined && performance.now() >= plan.sendBefore)
        return fail("too_late")
      isSent = true
      plan.send(sending, () => void timer.refresh())
    })
    sending.once("response", (message) => {
      isAnswered = true
      plan.receive(message).then((response) => settle(Effect.succeed(response)), failBy)
    })
    sending.on("error", failBy)
    // An upgrade that was not asked for ends the connection without an error.
    sending.once("close", () => {
      if (!isAnswered) failBy(undefined)
    })

    return Effect.sync(() => {
      clearTimeout(connectTimer)
      clearTimeout(timer)
      sending.destroy()
    })
  })
