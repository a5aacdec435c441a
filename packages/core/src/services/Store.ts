import type { Context, Effect, Layer } from "effect"
import type { ConfigurationError, StorageUnavailable } from "../model/index.ts"
import type { ConnectionStore } from "./ConnectionStore.ts"
import type { CredentialStore } from "./CredentialStore.ts"
import type { EventBus } from "./EventBus.ts"
import type { Maintenance } from "./Maintenance.ts"
import type { OAuthStateStore } from "./OAuthStateStore.ts"

/** The ports that keep things, which one database answers together. */
export type Stores = ConnectionStore | CredentialStore | EventBus | Maintenance | OAuthStateStore

/** What a command of the host's own process writes to in a transaction that the host holds. */
export type TransactionStores = ConnectionStore | CredentialStore | OAuthStateStore

/** A store that a host chose: what `postgres(…)`, `pglite(…)` and `memory()` return. It opens when the layer is built. */
export interface Store {
  readonly layer: Layer.Layer<Stores, ConfigurationError | StorageUnavailable>
  /**
   * The same store on a connection whose transaction the host holds. Absent if a host can hold none.
   *
   * Fails with `ConfigurationError` if no transaction is open on it, as it may be no more for a later command.
   */
  readonly inTransaction?: (
    client: object
  ) => Effect.Effect<Context.Context<TransactionStores>, ConfigurationError | StorageUnavailable>
}
