import { decide, type RevocationKey, type RevocationQueue } from "@hawser/core"
import { atomically, type MemoryState } from "./MemoryState.ts"

/** The revocation queue over a shared state. */
export const makeRevocationQueue = (state: MemoryState): RevocationQueue["Service"] => {
  const { integrations, revocations } = state.tables
  const find = ({ grant, tenantId }: RevocationKey) => ({
    revocation: revocations.get(decide.keys.revocation(tenantId, grant.id))
  })
  return {
    enqueue: (command) =>
      atomically(state, (now) =>
        decide.enqueue({ integrations: integrations.values() }, command, now)
      ),
    claim: (options) =>
      atomically(state, (now) =>
        decide.claimRevocations(
          { revocations: revocations.values(), integrations: [...integrations.values()] },
          options,
          now
        )
      ),
    remove: (revocation) => atomically(state, () => decide.removeRevocation(find(revocation))),
    postpone: (revocation, retryIn) =>
      atomically(state, (now) => decide.postponeRevocation(find(revocation), retryIn, now)),
    giveUp: atomically(state, (now) => decide.giveUp({ revocations: revocations.values() }, now))
  }
}
