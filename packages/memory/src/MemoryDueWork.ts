import { decide, type DueWork } from "@hawser/core"
import { Duration, Effect } from "effect"
import { atomically, type MemoryState } from "./MemoryState.ts"

/** Nobody else writes to this process's memory. */
const askAgainIn = Duration.seconds(30)

/** What the workers have to do with a shared state. */
export const makeDueWork = (state: MemoryState): DueWork["Service"] => {
  const { brakes, credentials, flows, integrations, outbox, revocations, subscribers } =
    state.tables
  const all = () => ({
    brakes: brakes.values(),
    credentials: credentials.values(),
    flows: flows.values(),
    integrations: integrations.values(),
    outbox: outbox.values(),
    revocations: revocations.values(),
    subscribers: subscribers.values(),
    lastPosition: state.lastPosition
  })
  return {
    next: (options) =>
      atomically(state, (now) => decide.dueTimes(all(), options, now)).pipe(
        Effect.map((times) => ({ ...times, awaitsCommit: false, askAgainIn }))
      ),
    listen: state.listen
  }
}
