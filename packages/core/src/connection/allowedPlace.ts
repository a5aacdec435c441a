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

/** Fails with `ValidationError` if the host does not let this owner have a connection of this name. */
export const requireAllowedName = (
  provider: ConfiguredProvider,
  { owner }: { readonly owner: Owner },
  name: ConnectionName
): Effect.Effect<void, ValidationError> =>
  provider.connections === "one" && name !== defaultName
    ? Effect.andThen(requireAllowedOwner(provider, { owner }), notAllowed("name"))
    : requireAllowedOwner(provider, { owner })

/**
 * Fails with `ValidationError` if a connection of this name would be one more than there may be, so that nobody consents in vain.
 * The write decides, because others may be made until then.
 */
export const requireRoom = Effect.fnUntraced(function* (
  { connections: allowed, id: provider }: ConfiguredProvider,
  { owner, tenantId }: Actor,
  name: ConnectionName
): Effect.fn.Return<void, ValidationError | StorageUnavailable, ConnectionStore> {
  if (allowed === "one") return
  const connections = yield* ConnectionStore
  const { items } = yield* connections.list({
    tenantId,
    owners: [owner],
    provider
  })
  if (items.length >= mostConnections && !items.some((one) => one.name === name))
    return yield* notAllowed("name")
})
