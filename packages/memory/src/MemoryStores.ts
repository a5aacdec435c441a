import {
  ConnectionStore,
  CredentialStore,
  EventBus,
  Maintenance,
  OAuthStateStore
} from "@hawser/core"
import { Context, Effect, Layer } from "effect"
import { makeConnectionStore } from "./MemoryConnectionStore.ts"
import { makeCredentialStore } from "./MemoryCredentialStore.ts"
import { makeEventBus } from "./MemoryEventBus.ts"
import { makeMaintenance } from "./MemoryMaintenance.ts"
import { makeOAuthStateStore } from "./MemoryOAuthStateStore.ts"
import { emptyState } from "./MemoryState.ts"

/**
 * The stores in the memory of this process, for unit tests: what they keep is gone when the layer's scope closes.
 *
 * Time is Effect's `Clock`, so a `TestClock` drives every expiry.
 *
 * @example
 * import { MemoryStores } from "@hawser/memory"
 * import { Effect } from "effect"
 *
 * const inMemory = Effect.provide(MemoryStores.layer)
 */
export const MemoryStores = {
  layer: Layer.effectContext(
    Effect.sync(() => {
      const state = emptyState()
      return Context.make(CredentialStore, makeCredentialStore(state)).pipe(
        Context.add(OAuthStateStore, makeOAuthStateStore(state)),
        Context.add(EventBus, makeEventBus(state)),
        Context.add(ConnectionStore, makeConnectionStore(state)),
        Context.add(Maintenance, makeMaintenance(state))
      )
    })
  )
}
