import type { Layer } from "effect"
import type { ConfigurationError, StorageUnavailable } from "../domain/Errors.ts"
import type { CredentialStore } from "./CredentialStore.ts"
import type { EventBus } from "./EventBus.ts"
import type { IntegrationStore } from "./IntegrationStore.ts"
import type { OAuthStateStore } from "./OAuthStateStore.ts"

/** The ports that keep things, which one database answers together. */
export type Stores = CredentialStore | EventBus | IntegrationStore | OAuthStateStore

/** A store that a host chose: what `postgres(…)`, `pglite(…)` and `memory()` return. It opens when the layer is built. */
export interface Store {
  readonly layer: Layer.Layer<Stores, ConfigurationError | StorageUnavailable>
}
