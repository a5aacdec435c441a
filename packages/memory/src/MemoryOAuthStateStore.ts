import { decide, type OAuthStateStore, type SecretHash } from "@hawser/core"
import { Effect, Option } from "effect"
import { atomically, type MemoryState } from "./MemoryState.ts"

/** The state store over a shared state. */
export const makeOAuthStateStore = (state: MemoryState): OAuthStateStore["Service"] => {
  const { barred, flows, integrations } = state.tables
  const find = (stateHash: SecretHash) => ({ flow: flows.get(decide.keys.hash(stateHash)) })
  const parkedUnder = (flowIdHash: SecretHash) => {
    const wanted = decide.keys.hash(flowIdHash)
    const isMeant = ({ parked }: decide.FlowRow) =>
      parked !== undefined && decide.keys.hash(parked.flowIdHash) === wanted
    return { flow: [...flows.values()].find(isMeant) }
  }
  return {
    start: (flow, options) =>
      atomically(state, (now) => {
        const integration = integrations.get(decide.keys.integration(flow))
        const rows = { barred: barred.values(), integration, flows: flows.values() }
        return decide.startFlow(rows, flow, options, now)
      }),
    burn: (stateHash) =>
      atomically(state, (now) => decide.burn(find(stateHash), now)).pipe(
        Effect.map(Option.fromUndefinedOr)
      ),
    explainMiss: (stateHash) => atomically(state, () => decide.explainMiss(find(stateHash))),
    park: (flow, options) =>
      atomically(state, (now) =>
        decide.park({ ...find(flow.stateHash), barred: barred.values() }, flow, options, now)
      ),
    findParked: (flowIdHash) =>
      atomically(state, (now) => decide.findParked(parkedUnder(flowIdHash), now)).pipe(
        Effect.map(Option.fromUndefinedOr)
      ),
    takeParked: (flowIdHash) =>
      atomically(state, (now) => decide.takeParked(parkedUnder(flowIdHash), now)).pipe(
        Effect.map(Option.fromUndefinedOr)
      ),
    abandonedChoices: (limit) =>
      atomically(state, (now) => decide.abandonedChoices({ flows: flows.values() }, limit, now)),
    removeChoice: (flowIdHash) =>
      atomically(state, (now) => decide.removeChoice(parkedUnder(flowIdHash), now)),
    sweep: atomically(state, (now) =>
      decide.sweepFlows({ barred: barred.values(), flows: flows.values() }, now)
    )
  }
}
