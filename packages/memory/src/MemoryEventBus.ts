import { decide, type EventBus } from "@hawser/core"
import { Effect, Option } from "effect"
import { atomically, type MemoryState } from "./MemoryState.ts"

/** The event bus over a shared state. */
export const makeEventBus = (state: MemoryState): EventBus["Service"] => {
  const { outbox, subscribers } = state.tables
  const find = (name: string) => ({ subscriber: subscribers.get(name) })
  return {
    subscribe: (name, from) =>
      atomically(state, () =>
        decide.subscribe({ ...find(name), lastPosition: state.lastPosition }, name, from)
      ),
    unsubscribe: (name) => atomically(state, () => decide.unsubscribe(find(name))),
    claim: (name, options) =>
      atomically(state, (now) => {
        state.lastFence += 1n
        const rows = { ...find(name), outbox: outbox.values(), fence: state.lastFence }
        return decide.claimEvents(rows, options, now)
      }).pipe(Effect.map(Option.fromUndefinedOr)),
    settle: (claim, outcomes) =>
      atomically(state, (now) => decide.settle(find(claim.subscriber), claim, outcomes, now)),
    conclude: (name, delivery, outcome) =>
      atomically(state, (now) => decide.conclude(find(name), delivery, outcome, now)),
    sweep: (retention) =>
      atomically(state, (now) =>
        decide.sweepEvents(
          { subscribers: subscribers.values(), outbox: outbox.values() },
          retention,
          now
        )
      )
  }
}
