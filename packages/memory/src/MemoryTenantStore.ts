import type { IntegrationEvent, TenantId, TenantStore, UserId } from "@hawser/core"
import { Result } from "effect"
import { queueGrantOf } from "./MemoryRevocationQueue.ts"
import { atomically, hashKey, type MemoryState, type WaitingEvent } from "./MemoryState.ts"

/** Removes the rows that match. Returns the number removed. */
const removeWhere = <Key, Row>(rows: Map<Key, Row>, matches: (row: Row) => boolean): number => {
  let removed = 0
  for (const [key, row] of rows) {
    if (!matches(row)) continue
    rows.delete(key)
    removed++
  }
  return removed
}

const removeFlows = (state: MemoryState, tenantId: TenantId, userId?: UserId): number =>
  removeWhere(state.flows, ({ flow, parked }) => {
    const matches = flow.tenantId === tenantId && (userId === undefined || flow.userId === userId)
    if (matches && parked !== undefined) state.parkedFlows.delete(hashKey(parked.flowIdHash))
    return matches
  })

/** Replaces the rows that match. Returns the number replaced. */
const replaceWhere = <Key, Row>(
  rows: Map<Key, Row>,
  matches: (row: Row) => boolean,
  replace: (row: Row) => Row
): number => {
  let replaced = 0
  for (const [key, row] of rows) {
    if (!matches(row)) continue
    rows.set(key, replace(row))
    replaced++
  }
  return replaced
}

/** The event with another id in the place of the user's; the same one where the user has no part in it. */
const withoutUser = (event: IntegrationEvent, userId: UserId, by: UserId): IntegrationEvent => {
  switch (event.event) {
    case "integration.connected":
      return event.data.connectedBy === userId
        ? { ...event, data: { ...event.data, connectedBy: by } }
        : event
    case "integration.disconnected":
      return event.data.disconnectedBy === userId
        ? { ...event, data: { ...event.data, disconnectedBy: by } }
        : event
    case "integration.error":
    case "integration.expiring":
    case "integration.moved":
    case "integration.recovered":
      return event
  }
}

/** The tenant store over a shared state. */
export const makeTenantStore = (state: MemoryState): TenantStore["Service"] => ({
  removeTenant: (tenantId) =>
    atomically((now) => {
      const isOwn = (row: { readonly tenantId: TenantId }) => row.tenantId === tenantId
      for (const row of state.integrations.values())
        if (isOwn(row.integration) && row.quarantined !== undefined) queueGrantOf(state, row, now)
      const integrations = removeWhere(
        state.integrations,
        ({ integration }) => isOwn(integration) && integration.status === "disconnected"
      )
      for (const [clientVersion, brake] of state.brakes) {
        const succeeded = new Set(brake.succeeded)
        if (succeeded.delete(tenantId)) state.brakes.set(clientVersion, { ...brake, succeeded })
      }
      const inUse = new Set(
        [...state.integrations.values()].flatMap(({ integration }) =>
          isOwn(integration) ? [integration.credentialId] : []
        )
      )
      return Result.succeed({
        isConnected: [...state.integrations.values()].some(({ integration }) => isOwn(integration)),
        integrations,
        credentials: removeWhere(
          state.credentials,
          (credential) => isOwn(credential) && !inUse.has(credential.id)
        ),
        flows: removeFlows(state, tenantId)
      })
    }),

  eraseUser: ({ by, tenantId, userId }) =>
    atomically(() => {
      const integrations = replaceWhere(
        state.integrations,
        ({ integration }) =>
          integration.tenantId === tenantId && integration.connectedBy === userId,
        (row) => ({ ...row, integration: { ...row.integration, connectedBy: by } })
      )
      const credentials = replaceWhere(
        state.credentials,
        (credential) => credential.tenantId === tenantId && credential.createdBy === userId,
        (credential) => ({ ...credential, createdBy: by })
      )
      const events = replaceWhere(
        state.outbox,
        ({ event }) => event.tenantId === tenantId && withoutUser(event, userId, by) !== event,
        (row) => ({ ...row, event: withoutUser(row.event, userId, by) })
      )
      renewWaiting(state)
      return Result.succeed({
        integrations,
        credentials,
        events,
        flows: removeFlows(state, tenantId, userId)
      })
    })
})

/** What waits for a subscriber is the outbox's row of now. The same waiting event stays the same one in both its places. */
const renewWaiting = (state: MemoryState): void => {
  for (const [name, subscriber] of state.subscribers) {
    const renewed = new Map<WaitingEvent, WaitingEvent>()
    const renew = (waiting: WaitingEvent): WaitingEvent => {
      const row = state.outbox.get(waiting.row.event.id) ?? waiting.row
      const current = renewed.get(waiting) ?? { ...waiting, row }
      renewed.set(waiting, current)
      return current
    }
    const { hold } = subscriber
    state.subscribers.set(name, {
      ...subscriber,
      waiting: subscriber.waiting.map(renew),
      hold: hold && {
        ...hold,
        deliveries: hold.deliveries.map(renew),
        held: hold.held.map(renew)
      }
    })
  }
}
