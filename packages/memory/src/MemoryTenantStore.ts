import { decide, type TenantStore } from "@hawser/core"
import { atomically, type MemoryState } from "./MemoryState.ts"

/** The tenant store over a shared state. */
export const makeTenantStore = (state: MemoryState): TenantStore["Service"] => {
  const all = () => ({
    integrations: state.tables.integrations.values(),
    credentials: state.tables.credentials.values(),
    flows: state.tables.flows.values(),
    brakes: state.tables.brakes.values(),
    outbox: state.tables.outbox.values()
  })
  return {
    removeTenant: (tenantId) =>
      atomically(state, (now) => decide.removeTenant(all(), tenantId, now)),
    eraseUser: (command) => atomically(state, () => decide.eraseUser(all(), command))
  }
}
