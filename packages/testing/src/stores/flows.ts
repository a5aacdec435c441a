import { type NewFlow, OAuthStateStore, type ParkedState } from "@hawser/core"
import { Duration, Effect, Option } from "effect"
import { assumeBound, freshHash, sealedBytes } from "./fixtures.ts"

export const flowLifetime = Duration.minutes(10)
export const parkedLifetime = Duration.minutes(2)
export const wideLimits = { perUser: 1000, perTenant: 1000 }

/** Stores a flow that no limit stops. */
export const startFlow = Effect.fnUntraced(function* (
  flow: NewFlow,
  lifetime: Duration.Duration = flowLifetime
) {
  const flows = yield* OAuthStateStore
  yield* flows.start(flow, { lifetime, limits: wideLimits })
  return flow
})

/** Burns the flow that must be there. */
export const burnSome = Effect.fnUntraced(function* (flow: NewFlow) {
  const flows = yield* OAuthStateStore
  return Option.getOrThrow(yield* flows.burn(flow.stateHash))
})

/** Starts, burns and parks a flow; answers what only who takes it may know. */
export const parkFlow = Effect.fnUntraced(function* (flow: NewFlow, as: ParkedState = "parked") {
  const flows = yield* OAuthStateStore
  yield* startFlow(flow)
  const burned = yield* burnSome(flow)
  const parked = { as, flowIdHash: freshHash(), sealedResponse: sealedBytes() }
  yield* flows.park(assumeBound(burned), {
    ...parked,
    lifetime: parkedLifetime,
    userHash: flow.userHash
  })
  return parked
})
