import {
  type ConnectedWith,
  ConnectionStore,
  CredentialStore,
  type Integration,
  Maintenance,
  type Stores
} from "@hawser/core"
import { Effect, Option } from "effect"
import { type Answer, as, type Bound } from "./Answer.ts"
import { type ConnectionCommand, tenantOf, type PreparedCommand } from "./Command.ts"
import type { World } from "./World.ts"

export const connect = Effect.fnUntraced(function* (
  world: World,
  { ids }: PreparedCommand,
  place: number,
  connectedWith: ConnectedWith
) {
  const key = world.key(place)
  const store = yield* ConnectionStore
  const found = yield* Effect.option(store.find(key))
  const connectedBy = world.user(place)
  return store
    .connect({
      ...key,
      newId: Option.match(found, { onNone: () => ids.integration, onSome: ({ id }) => id }),
      connectedBy,
      userHash: world.userHash(place, connectedBy),
      with: connectedWith,
      publish: { id: ids.event, event: "integration.connected", connectedBy }
    })
    .pipe(Effect.map(({ id }): Answer => ({ tag: "done", value: id })))
})

const answerImport = (
  imported: Effect.Effect<Integration | undefined, { readonly _tag: string }>
) =>
  Effect.map(imported, (existing): Answer => ({
    tag: existing === undefined ? "done" : "there",
    value: existing?.id
  }))

/** What a command of a connection does with what is known by now. */
export const bindConnection = Effect.fnUntraced(function* (
  world: World,
  prepared: PreparedCommand,
  command: ConnectionCommand
): Effect.fn.Return<Bound, never, Stores> {
  const { ids, sealed } = prepared
  const store = yield* ConnectionStore
  const maintenance = yield* Maintenance
  const credentials = yield* CredentialStore
  switch (command._tag) {
    case "Connect": {
      const [former] = world.grants.get(command.place) ?? []
      const keeps = command.keeps && former?.refreshToken !== undefined ? former : undefined
      const grant = world.grantOf(prepared, command.client, command.refreshable, command.account)
      return yield* connect(world, prepared, command.place, {
        _tag: "Grant",
        grant: keeps === undefined ? grant : { ...grant, refreshToken: keeps.refreshToken },
        scopes: command.scopes,
        fields: {},
        account: world.accountOf(command.account),
        reauthorizes: command.reauthorizes,
        heldAccount: world.heldAccount(command.account, command.isHeld),
        keeps: keeps && { id: keeps.id, generation: keeps.generation }
      })
    }
    case "Import":
      return answerImport(
        maintenance.importConnection({
          ...world.key(command.place),
          newId: ids.integration,
          connectedBy: world.user(command.place),
          userHashes: [world.userHash(command.place, world.user(command.place))],
          connectedAt: undefined,
          with: {
            _tag: "Grant",
            grant: world.grantOf(prepared, command.client, true, command.account),
            scopes: ["read"],
            fields: {},
            account: world.accountOf(command.account),
            heldAccount: world.heldAccount(command.account, command.isHeld)
          }
        })
      )
    case "StoreKey":
    case "ImportKey": {
      const { place } = command
      const key = world.key(place)
      const id = ids.credential
      if (command._tag === "StoreKey") world.keys.set(`${tenantOf(place)} ${command.key}`, id)
      const createdBy = world.user(place)
      return command._tag === "ImportKey"
        ? answerImport(
            maintenance.importConnection({
              ...key,
              newId: ids.integration,
              connectedBy: createdBy,
              userHashes: [world.userHash(place, createdBy)],
              connectedAt: undefined,
              with: {
                _tag: "Credential",
                credential: { id, label: undefined, sealedFields: sealed[0] }
              }
            })
          )
        : as(
            credentials.insert({
              id,
              tenantId: key.tenantId,
              owner: key.owner,
              provider: key.provider,
              label: undefined,
              status: "validated",
              createdBy,
              userHash: world.userHash(place, createdBy),
              sealedFields: sealed[0],
              account: world.accountOf(command.account)
            })
          )
    }
    case "ConnectKey":
    case "SwapKey":
    case "DeleteKey": {
      const { place } = command
      const key = world.key(place)
      const credentialId = world.keys.get(`${tenantOf(place)} ${command.key}`) ?? ids.credential
      if (command._tag === "ConnectKey")
        return yield* connect(world, prepared, place, {
          _tag: "Credential",
          credentialId
        })
      return as(
        command._tag === "SwapKey"
          ? store.swapCredential({
              ...key,
              userHash: world.userHash(place, world.user(place)),
              credentialId,
              account: world.accountOf(command.account)
            })
          : credentials.delete({ ...key, id: credentialId })
      )
    }
    case "Disconnect":
      return as(
        store.disconnect({
          ...world.key(command.place),
          userHash: world.userHash(command.place, world.user(command.place)),
          publish: {
            id: ids.event,
            event: "integration.disconnected",
            disconnectedBy: world.user(command.place),
            reason: "user"
          }
        })
      )
  }
})
