import { type CredentialStore, decide } from "@hawser/core"
import { atomically, type MemoryState } from "./MemoryState.ts"

/** The credential store over a shared state. */
export const makeCredentialStore = (state: MemoryState): CredentialStore["Service"] => {
  const { barred, credentials, integrations } = state.tables
  const all = () => ({ credentials: credentials.values() })
  const find = (key: Parameters<typeof decide.keys.credential>[0]) => ({
    credential: credentials.get(decide.keys.credential(key))
  })
  return {
    insert: (credential) =>
      atomically(state, (now) =>
        decide.insertCredential({ ...all(), barred: barred.values() }, credential, now)
      ),
    find: (key) => atomically(state, () => decide.findCredential(find(key))),
    list: (query) => atomically(state, () => decide.listCredentials(all(), query)),
    delete: (key) =>
      atomically(state, () =>
        decide.deleteCredential({ ...find(key), integrations: integrations.values() })
      ),
    sweepUnused: (retention) =>
      atomically(state, (now) => decide.sweepUnused(all(), retention, now))
  }
}
