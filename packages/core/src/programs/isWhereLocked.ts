import { Effect } from "effect"
import { lockedEndpoints, strayEndpoint } from "../domain/EndpointLock.ts"
import type { FlowTerms } from "../domain/Flow.ts"
import { CurrentEndpointLock } from "../ports/CurrentEndpointLock.ts"
import { SecurityLog } from "../ports/SecurityLog.ts"

/**
 * Whether the server that a flow began with is where the host's lock has it. A process with another definition, or one that
 * was changed while it ran, may have begun the flow: code and secret would go where that one said (S-84).
 */
export const isWhereLocked = Effect.fnUntraced(function* (flow: FlowTerms) {
  const lock = yield* CurrentEndpointLock
  if (lock === undefined) return true
  const stray = strayEndpoint(lockedEndpoints(lock, flow.provider), flow)
  if (stray === undefined) return true
  const log = yield* SecurityLog
  yield* log.report({
    type: "endpoint_not_locked",
    tenantId: flow.tenantId,
    userId: flow.userId,
    provider: flow.provider,
    reason: stray
  })
  return false
})
