import { ConnectionName, ConnectionStore, defaultName, type TenantId } from "@hawser/core"
import { Effect } from "effect"
import {
  connectCommand,
  disconnectCommand,
  freshTenant,
  github,
  keyOf,
  newGrant,
  withGrant
} from "./fixtures.ts"

/** An integration of one tenant, to be connected and disconnected; each time answers the id of the event recorded. */
export const eventSource = Effect.fnUntraced(function* (
  tenantId?: TenantId,
  connection: string = defaultName
) {
  const connections = yield* ConnectionStore
  const key = {
    ...keyOf(tenantId ?? (yield* freshTenant), github),
    name: ConnectionName.make(connection)
  }
  const connect = Effect.gen(function* () {
    const command = yield* connectCommand(key, withGrant(yield* newGrant()))
    yield* connections.connect(command)
    return command.publish.id
  })
  const disconnect = Effect.gen(function* () {
    const command = yield* disconnectCommand(key)
    yield* connections.disconnect(command)
    return command.publish.id
  })
  return { connect, disconnect }
})
