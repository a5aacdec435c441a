import { EgressError, type EgressFailure } from "@hawser/core"
import { BlockedAddress } from "./checkedAddresses.ts"
import { AnswerTooLarge } from "./readAnswer.ts"

/**
 * Only the code of what Node reports: its errors carry the bytes that could not be parsed (`rawPacket`), and an answer
 * may hold a token.
 */
const safeCause = (error: unknown): Error =>
  new Error(
    error instanceof Error ? ((error as NodeJS.ErrnoException).code ?? error.name) : "unknown"
  )

/** An answer that leads elsewhere, if none may. */
export class RedirectRefused extends Error {}

/** Why an exchange failed, from what Node threw. */
export const egressFailure = (error: unknown): EgressFailure => {
  if (error instanceof BlockedAddress) return "address_blocked"
  if (error instanceof AnswerTooLarge) return "response_too_large"
  if (error instanceof RedirectRefused) return "redirect_refused"
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined
  return code === "HPE_HEADER_OVERFLOW" ? "response_too_large" : "connection_failed"
}

export const egressError = (
  url: URL,
  reason: EgressFailure,
  sent: boolean,
  cause?: unknown
): EgressError =>
  new EgressError({
    reason,
    host: url.host,
    sent,
    ...(cause !== undefined && { cause: safeCause(cause) })
  })
