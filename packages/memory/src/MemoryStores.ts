import {
  ConnectionTransfer,
  CredentialStore,
  DueWork,
  EventBus,
  GrantStore,
  HashKeyStore,
  IntegrationStore,
  OAuthStateStore,
  RevocationQueue,
  SealedValues,
  TenantStore
} from "@hawser/core"
import { Context, Effect, Layer } from "effect"
import { makeConnectionTransfer } from "./MemoryConnectionTransfer.ts"
import { makeCredentialStore } from "./MemoryCredentialStore.ts"
import { makeDueWork } from "./MemoryDueWork.ts"
import { makeEventBus } from "./MemoryEventBus.ts"
import { makeGrantStore } from "./MemoryGrantStore.ts"
import { makeHashKeyStore } from "./MemoryHashKeyStore.ts"
import { makeIntegrationStore } from "./MemoryIntegrationStore.ts"
import { makeOAuthStateStore } from "./MemoryOAuthStateStore.ts"
import { makeRevocationQueue } from "./MemoryRevocationQueue.ts"
import { makeSealedValues } from "./MemorySealedValues.ts"
import { emptyState } from "./MemoryState.ts"
import { makeTenantStore } from "./MemoryTenantStore.ts"

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
        Context.add(IntegrationStore, makeIntegrationStore(state)),
        Context.add(GrantStore, makeGrantStore(state)),
        Context.add(HashKeyStore, makeHashKeyStore(state)),
        Context.add(OAuthStateStore, makeOAuthStateStore(state)),
        Context.add(RevocationQueue, makeRevocationQueue(state)),
        Context.add(SealedValues, makeSealedValues(state)),
        Context.add(ConnectionTransfer, makeConnectionTransfer(state)),
        Context.add(TenantStore, makeTenantStore(state)),
        Context.add(EventBus, makeEventBus(state)),
        Context.add(DueWork, makeDueWork(state))
      )
    })
  )
}
