import { decide, type GrantStore, type RefreshLease } from "@hawser/core"
import { atomically, type MemoryState } from "./MemoryState.ts"

/** The grant store over a shared state. */
export const makeGrantStore = (state: MemoryState): GrantStore["Service"] => {
  const { brakes, integrations } = state.tables

  const ofKey = (key: Parameters<typeof decide.keys.integration>[0]) => ({
    row: integrations.get(decide.keys.integration(key))
  })

  const ofClient = (clientVersion: string) => ({
    brake: brakes.get(clientVersion),
    tried: integrations.values()
  })

  const ofLease = ({ clientVersion, grant, tenantId }: RefreshLease) => ({
    ...ofClient(clientVersion),
    row: [...integrations.values()].find(
      ({ integration }) =>
        integration.tenantId === tenantId && integration.id === grant.integrationId
    )
  })

  return {
    acquire: (command) =>
      atomically(state, (now) =>
        decide.acquire({ ...ofKey(command), ...ofClient(command.clientVersion) }, command, now)
      ),
    renew: (lease, command) =>
      atomically(state, (now) => decide.renew(ofLease(lease), lease, command, now)),
    defer: (lease, command) =>
      atomically(state, (now) => decide.defer(ofLease(lease), lease, command, now)),
    end: (lease, command) =>
      atomically(state, (now) => decide.end(ofLease(lease), lease, command, now)),
    claimDue: (options) =>
      atomically(state, (now) =>
        decide.claimDue({ integrations: integrations.values() }, options, now)
      ),
    postpone: (due, retryIn) =>
      atomically(state, (now) => decide.postponeDue(ofKey(due), due, retryIn, now)),
    tellExpiry: (due, publish) =>
      atomically(state, (now) => decide.tellExpiry(ofKey(due), due, publish, now)),
    expire: (due, publish) =>
      atomically(state, (now) => decide.expire(ofKey(due), due, publish, now)),
    markRevoked: (key, command) =>
      atomically(state, (now) => decide.markRevoked(ofKey(key), command, now)),
    noteWithdrawal: (used, command) =>
      atomically(state, (now) => decide.noteWithdrawal(ofKey(used), used, command, now)),
    clearWithdrawal: (used, publish) =>
      atomically(state, (now) => decide.clearWithdrawal(ofKey(used), used, publish, now)),
    quarantined: (query) =>
      atomically(state, (now) =>
        decide.quarantined({ integrations: integrations.values() }, query, now)
      ),
    restore: (key, publish) => atomically(state, (now) => decide.restore(ofKey(key), publish, now)),
    endedUnderBrake: (clientVersion) =>
      atomically(state, (now) =>
        decide.endedUnderBrake(ofClient(clientVersion), clientVersion, now)
      ),
    releaseBrake: (clientFingerprint) =>
      atomically(state, () =>
        decide.releaseBrake(
          { brakes: brakes.values(), tried: integrations.values() },
          clientFingerprint
        )
      ),
    sweep: atomically(state, (now) =>
      decide.sweepQuarantine({ integrations: integrations.values(), brakes: brakes.values() }, now)
    )
  }
}
