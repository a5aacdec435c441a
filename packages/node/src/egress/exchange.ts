import { EgressError, type EgressFailure, type EgressRequest } from "@hawser/core"
import { Effect } from "effect"
import { type Agent, type IncomingMessage, request as requestOverHttp } from "node:http"
import { type Agent as SecureAgent, request as requestOverHttps } from "node:https"
import type { LookupFunction, Socket } from "node:net"
import { BlockedAddress } from "./pinnedLookup.ts"
import { AnswerTooLarge, readAnswer } from "./readAnswer.ts"

/** The limits of one exchange (S-30): times in milliseconds, sizes in bytes. */
export interface ExchangeLimits {
  readonly connectTimeoutMs: number
  readonly totalTimeoutMs: number
  readonly maxBodyBytes: number
  readonly maxHeaderBytes: number
}

/** The connections that exchanges may use. */
export interface Connections {
  readonly plain: Agent
  readonly secure: SecureAgent
  readonly lookup: LookupFunction
}

/** Framing and routing are the egress's own: a caller's Host could name what `hosts` does not. */
const ownHeaders = new Set([
  "connection",
  "content-length",
  "expect",
  "host",
  "keep-alive",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade"
])

const withoutOwnHeaders = (headers: EgressRequest["headers"]): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).filter(([name]) => !ownHeaders.has(name.toLowerCase()))
  )

/**
 * Only the code of what Node reports: its errors carry the bytes that could not be parsed (`rawPacket`), and an answer
 * may hold a token.
 */
const causeOf = (error: unknown): Error =>
  new Error(
    error instanceof Error ? ((error as NodeJS.ErrnoException).code ?? error.name) : "unknown"
  )

const failureOf = (error: unknown): EgressFailure => {
  if (error instanceof BlockedAddress) return "address_blocked"
  if (error instanceof AnswerTooLarge) return "response_too_large"
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined
  return code === "HPE_HEADER_OVERFLOW" ? "response_too_large" : "connection_failed"
}

const forbidsBody = (status: number): boolean => status === 204 || status === 205

const responseOf = (message: IncomingMessage, status: number, body: Buffer): Response => {
  const headers = new Headers()
  for (let i = 0; i + 1 < message.rawHeaders.length; i += 2) {
    headers.append(message.rawHeaders[i] ?? "", message.rawHeaders[i + 1] ?? "")
  }
  // They describe the body as it was sent, not as it is handed on.
  for (const name of ["content-encoding", "content-length", "transfer-encoding"])
    headers.delete(name)
  return new Response(forbidsBody(status) ? null : new Uint8Array(body), { status, headers })
}

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
    const isSecure = target.url.protocol === "https:"
    let isSent = false
    let isAnswered = false

    const settle = (outcome: Effect.Effect<Response, EgressError>) => {
      clearTimeout(connectTimer)
      clearTimeout(totalTimer)
      resume(outcome)
    }
    const fail = (reason: EgressFailure, cause?: unknown) => {
      settle(
        Effect.fail(
          new EgressError({
            reason,
            host: target.url.host,
            sent: isSent,
            ...(cause !== undefined && { cause: causeOf(cause) })
          })
        )
      )
      request?.destroy()
    }
    const failBy = (error: unknown) => fail(failureOf(error), error)

    const connectTimer = setTimeout(() => fail("timeout"), limits.connectTimeoutMs)
    const totalTimer = setTimeout(() => fail("timeout"), limits.totalTimeoutMs)

    const open = () => {
      const common = {
        method: target.method,
        headers: {
          // GitHub refuses requests without one (docs.github.com, "Getting started with the REST API").
          "user-agent": "hawser",
          ...withoutOwnHeaders(target.headers),
          // An answer is small: asking for no compression leaves one thing less to go wrong.
          "accept-encoding": "identity"
        },
        lookup: connections.lookup,
        autoSelectFamily: true,
        maxHeaderSize: limits.maxHeaderBytes,
        insecureHTTPParser: false
      }
      return isSecure
        ? requestOverHttps(target.url, { ...common, agent: connections.secure })
        : requestOverHttp(target.url, { ...common, agent: connections.plain })
    }
    let request: ReturnType<typeof open> | undefined
    try {
      request = open()
    } catch (error) {
      // A header value that HTTP cannot carry.
      failBy(error)
      return
    }
    const sending = request

    const send = () => {
      clearTimeout(connectTimer)
      // Here and not sooner: a process that was stopped while it connected wakes up here, and its lease is another's.
      if (target.sendBefore !== undefined && performance.now() >= target.sendBefore)
        return fail("too_late")
      isSent = true
      sending.end(target.body)
    }
    // Nothing is written before the handshake is done and the certificate verified, so `sent` is exact.
    sending.once("socket", (socket: Socket) => {
      if (sending.reusedSocket) send()
      else socket.once(isSecure ? "secureConnect" : "connect", send)
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
