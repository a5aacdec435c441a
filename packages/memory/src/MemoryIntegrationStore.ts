import { decide, type IntegrationStore } from "@hawser/core"
import { atomically, type MemoryState } from "./MemoryState.ts"

/** The integration store over a shared state. */
export const makeIntegrationStore = (state: MemoryState): IntegrationStore["Service"] => {
  const { credentials, integrations } = state.tables
  const find = (key: Parameters<typeof decide.keys.integration>[0]) =>
    integrations.get(decide.keys.integration(key))
  return {
    connect: (command) =>
      atomically(state, (now) => {
        const { provider, tenantId } = command
        const credential =
          command.with._tag === "Credential"
            ? credentials.get(
                decide.keys.credential({ tenantId, provider, id: command.with.credentialId })
              )
            : undefined
        const rows = { former: find(command), credential, integrations: integrations.values() }
        return decide.connect(rows, command, now)
      }),

    swapCredential: (command) =>
      atomically(state, () => {
        const { credentialId: id, provider, tenantId } = command
        const credential = credentials.get(decide.keys.credential({ tenantId, provider, id }))
        return decide.swapCredential({ former: find(command), credential }, command)
      }),

    disconnect: (command) =>
      atomically(state, (now) => {
        const { provider, tenantId } = command
        const former = find(command)
        const id = former?.integration.credentialId
        const credential = id && credentials.get(decide.keys.credential({ tenantId, provider, id }))
        return decide.disconnect(
          { former, credential: credential || undefined, integrations: integrations.values() },
          command,
          now
        )
      }),

    find: (key) => atomically(state, () => decide.findIntegration({ row: find(key) })),

    list: (query) =>
      atomically(state, () =>
        decide.listIntegrations({ integrations: integrations.values() }, query)
      ),

    grant: (key) => atomically(state, (now) => decide.findGrant({ row: find(key) }, key, now))
  }
}
