import {
  decide,
  type Integration,
  type IntegrationKey,
  type Maintenance,
  type RevocationKey
} from "@hawser/core"
import { Duration, Effect } from "effect"
import { makeSealedValues } from "./MemorySealedValues.ts"
import { atomically, type MemoryState, withOwnBytes } from "./MemoryState.ts"

/** Nobody else writes to this process's memory. */
const askAgainIn = Duration.seconds(30)

/** What workers and operators use, over a shared state. */
export const makeMaintenance = (state: MemoryState): Maintenance["Service"] => {
  const { barred, brakes, credentials, flows, integrations, outbox, revocations, subscribers } =
    state.tables
  const all = () => ({
    barred: barred.values(),
    brakes: brakes.values(),
    credentials: credentials.values(),
    flows: flows.values(),
    integrations: integrations.values(),
    outbox: outbox.values(),
    revocations: revocations.values(),
    subscribers: subscribers.values(),
    lastPosition: state.lastPosition
  })
  const ofKey = (key: IntegrationKey) => ({
    row: integrations.get(decide.keys.integration(key))
  })
  const queued = ({ grant, tenantId }: RevocationKey) => ({
    revocation: revocations.get(decide.keys.revocation(tenantId, grant.id))
  })
  const credentialOf = ({ credentialId: id, owner, provider, tenantId }: Integration) =>
    id === undefined
      ? undefined
      : credentials.get(decide.keys.credential({ tenantId, owner, provider, id }))
  return {
    claimDueGrants: (options) =>
      atomically(state, (now) =>
        decide.claimDue({ integrations: integrations.values() }, options, now)
      ),
    postponeGrant: (due, retryIn) =>
      atomically(state, (now) => decide.postponeDue(ofKey(due), due, retryIn, now)),
    tellExpiry: (due, publish) =>
      atomically(state, (now) => decide.tellExpiry(ofKey(due), due, publish, now)),
    expireGrant: (due, publish) =>
      atomically(state, (now) => decide.expire(ofKey(due), due, publish, now)),
    quarantined: (query) =>
      atomically(state, (now) =>
        decide.quarantined({ integrations: integrations.values() }, query, now)
      ),
    restore: (key, publish) =>
      atomically(state, (now) =>
        decide.restore({ ...ofKey(key), integrations: integrations.values() }, publish, now)
      ),
    sweepQuarantine: atomically(state, (now) =>
      decide.sweepQuarantine({ integrations: integrations.values(), brakes: brakes.values() }, now)
    ),
    endedUnderBrake: (clientVersion) =>
      atomically(state, (now) =>
        decide.endedUnderBrake(
          { brake: brakes.get(clientVersion), tried: integrations.values() },
          clientVersion,
          now
        )
      ),
    releaseBrake: (clientFingerprint) =>
      atomically(state, () =>
        decide.releaseBrake(
          { brakes: brakes.values(), tried: integrations.values() },
          clientFingerprint
        )
      ),

    claimRevocations: (options) =>
      atomically(state, (now) =>
        decide.claimRevocations(
          { revocations: revocations.values(), integrations: [...integrations.values()] },
          options,
          now
        )
      ),
    removeRevocation: (revocation) =>
      atomically(state, () => decide.removeRevocation(queued(revocation))),
    postponeRevocation: (revocation, retryIn) =>
      atomically(state, (now) => decide.postponeRevocation(queued(revocation), retryIn, now)),
    giveUpRevocations: atomically(state, (now) =>
      decide.giveUp({ revocations: revocations.values() }, now)
    ),

    importConnection: (command) =>
      atomically(state, (now) => {
        const former = integrations.get(decide.keys.integration(command))
        return decide.importConnection(
          { barred: barred.values(), integrations: integrations.values(), former },
          command,
          now
        )
      }),
    exportConnections: (page) =>
      atomically(state, (now) =>
        decide.exportPage({ integrations: integrations.values(), credentialOf }, page, now)
      ),
    connectionsOfProvider: (query) =>
      atomically(state, () => decide.ofProvider({ integrations: integrations.values() }, query)),
    findByAccount: (query) =>
      atomically(state, () => decide.findByAccount({ integrations: integrations.values() }, query)),

    removeTenant: (tenantId) =>
      atomically(state, (now) => decide.removeTenant(all(), tenantId, now)),
    eraseUser: (command) => atomically(state, (now) => decide.eraseUser(all(), command, now)),
    suspendUser: (user) => atomically(state, (now) => decide.suspendUser(all(), user, now)),
    resumeUser: (user) => atomically(state, () => decide.resumeUser(all(), user)),

    ...makeSealedValues(state),
    findHashKey: Effect.sync(() => withOwnBytes(state.hashKey)),
    keepHashKey: (sealed) =>
      Effect.sync(() => {
        state.hashKey ??= withOwnBytes(sealed)
        return withOwnBytes(state.hashKey)
      }),

    dueTimes: (options) =>
      atomically(state, (now) => decide.dueTimes(all(), options, now)).pipe(
        Effect.map((times) => ({ ...times, awaitsCommit: false, askAgainIn }))
      ),
    listen: state.listen
  }
}
