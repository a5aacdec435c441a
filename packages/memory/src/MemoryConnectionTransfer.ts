import { type ConnectionTransfer, decide, type Integration } from "@hawser/core"
import { atomically, type MemoryState } from "./MemoryState.ts"

/** Coming and going of connections over a shared state. */
export const makeConnectionTransfer = (state: MemoryState): ConnectionTransfer["Service"] => {
  const { credentials, integrations } = state.tables
  const all = () => ({ integrations: integrations.values() })
  const credentialOf = ({ credentialId: id, provider, tenantId }: Integration) =>
    id === undefined
      ? undefined
      : credentials.get(decide.keys.credential({ tenantId, provider, id }))
  return {
    importConnection: (command) =>
      atomically(state, (now) => {
        const former = integrations.get(decide.keys.integration(command))
        return decide.importConnection({ ...all(), former }, command, now)
      }),
    exportPage: (page) =>
      atomically(state, (now) => decide.exportPage({ ...all(), credentialOf }, page, now)),
    ofProvider: (query) => atomically(state, () => decide.ofProvider(all(), query)),
    findByAccount: (query) => atomically(state, () => decide.findByAccount(all(), query))
  }
}
