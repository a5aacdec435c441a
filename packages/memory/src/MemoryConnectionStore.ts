import { type ConnectionStore, decide, type IntegrationKey, type RefreshLease } from "@hawser/core"
import { atomically, type MemoryState } from "./MemoryState.ts"

/** The connection store over a shared state. */
export const makeConnectionStore = (state: MemoryState): ConnectionStore["Service"] => {
  const { barred, brakes, credentials, integrations } = state.tables
  const find = (key: IntegrationKey) => integrations.get(decide.keys.integration(key))
  const ofKey = (key: IntegrationKey) => ({ row: find(key) })
  const ofLease = ({ clientVersion, grant, tenantId }: RefreshLease) => ({
    brake: brakes.get(clientVersion),
    tried: integrations.values(),
    integrations: integrations.values(),
    row: [...integrations.values()].find(
      ({ integration }) =>
        integration.tenantId === tenantId && integration.id === grant.integrationId
    )
  })
  return {
    connect: (command) =>
      atomically(state, (now) => {
        const { owner, provider, tenantId } = command
        const credential =
          command.with._tag === "Credential"
            ? credentials.get(
                decide.keys.credential({ tenantId, owner, provider, id: command.with.credentialId })
              )
            : undefined
        return decide.connect(
          {
            barred: barred.values(),
            former: find(command),
            credential,
            integrations: integrations.values()
          },
          command,
          now
        )
      }),
    swapCredential: (command) =>
      atomically(state, (now) => {
        const { credentialId: id, owner, provider, tenantId } = command
        const credential = credentials.get(
          decide.keys.credential({ tenantId, owner, provider, id })
        )
        return decide.swapCredential(
          {
            barred: barred.values(),
            former: find(command),
            credential,
            integrations: integrations.values()
          },
          command,
          now
        )
      }),
    disconnect: (command) =>
      atomically(state, (now) => {
        const { owner, provider, tenantId } = command
        const former = find(command)
        const id = former?.integration.credentialId
        const credential =
          id && credentials.get(decide.keys.credential({ tenantId, owner, provider, id }))
        return decide.disconnect(
          {
            barred: barred.values(),
            former,
            credential: credential || undefined,
            integrations: integrations.values()
          },
          command,
          now
        )
      }),
    find: (key) => atomically(state, () => decide.findIntegration(ofKey(key))),
    findById: ({ id, tenantId }) =>
      atomically(state, () =>
        decide.findById({
          integrations: [...integrations.values()].filter(
            ({ integration }) => integration.tenantId === tenantId && integration.id === id
          )
        })
      ),
    list: (query) =>
      atomically(state, () =>
        decide.listIntegrations({ integrations: integrations.values() }, query)
      ),
    grant: (key) => atomically(state, (now) => decide.findGrant(ofKey(key), key, now)),
    acquireLease: (command) =>
      atomically(state, (now) =>
        decide.acquire(
          {
            ...ofKey(command),
            brake: brakes.get(command.clientVersion),
            tried: integrations.values()
          },
          command,
          now
        )
      ),
    renewGrant: (lease, command) =>
      atomically(state, (now) => decide.renew(ofLease(lease), lease, command, now)),
    deferRefresh: (lease, command) =>
      atomically(state, (now) => decide.defer(ofLease(lease), lease, command, now)),
    endGrant: (lease, command) =>
      atomically(state, (now) => decide.end(ofLease(lease), lease, command, now)),
    markRevoked: (key, command) =>
      atomically(state, (now) => decide.markRevoked(ofKey(key), command, now)),
    noteWithdrawal: (used, command) =>
      atomically(state, (now) => decide.noteWithdrawal(ofKey(used), used, command, now)),
    clearWithdrawal: (used, publish) =>
      atomically(state, (now) => decide.clearWithdrawal(ofKey(used), used, publish, now)),
    enqueueRevocation: (command) =>
      atomically(state, (now) =>
        decide.enqueue({ integrations: integrations.values() }, command, now)
      )
  }
}
