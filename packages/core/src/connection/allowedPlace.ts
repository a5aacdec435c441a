import { Effect } from "effect"
import {
  type ConnectionName,
  defaultName,
  mostConnections,
  type Owner,
  type StorageUnavailable,
  ValidationError
} from "../model/index.ts"
import { type ConfiguredProvider, mayOwn } from "../provider/index.ts"
import { ConnectionStore } from "../services/index.ts"
import type { Actor } from "./roles.ts"

const notAllowed = (path: string) =>
  new ValidationError({ details: [{ path, code: "not_allowed" }] })

/** Fails with `ValidationError` if the host's `ownedBy` does not have this kind of owner. */
export const requireAllowedOwner = (
  provider: ConfiguredProvider,
  { owner }: { readonly owner: Owner }
): Effect.Effect<void, ValidationError> =>
  mayOwn(provider, owner) ? Effect.void : Effect.fail(notAllowed("owner"))

/**
 * Fails with `ValidationError` if the host does not let this owner have a connection of this name, or if it would be one more
 * than there may be. Calls at one moment do not see each other: those are as many as flows may wait.
 */
export const requireAllowedPlace = Effect.fnUntraced(function* (
  provider: ConfiguredProvider,
  actor: Actor,
  name: ConnectionName
): Effect.fn.Return<void, ValidationError | StorageUnavailable, ConnectionStore> {
  yield* requireAllowedOwner(provider, actor)
  if (provider.connections === "one") {
    if (name !== defaultName) return yield* notAllowed("name")
    return
  }
  const connections = yield* ConnectionStore
  const { items } = yield* connections.list({
    tenantId: actor.tenantId,
    owners: [actor.owner],
    provider: provider.id,
    status: undefined,
    name: undefined
  })
  if (items.length >= mostConnections && !items.some((one) => one.name === name))
    return yield* notAllowed("name")
})
