import type { IntegrationEvent, TenantId, UserId } from "../model/index.ts"
import type { ErasedUser, Maintenance, RemovedTenant } from "../services/index.ts"
import { isCredentialInUse } from "./connections.ts"
import { type Decision, decided } from "./Decision.ts"
import { leave } from "./flows.ts"
import { queueTokens } from "./grants.ts"
import {
  type BrakeRow,
  type CredentialRow,
  type FlowRow,
  type Instant,
  type IntegrationRow,
  type OutboxRow,
  put,
  remove
} from "./rows.ts"

/** At least the tenant's. */
interface TenantRows {
  readonly integrations: Iterable<IntegrationRow>
  readonly credentials: Iterable<CredentialRow>
  readonly flows: Iterable<FlowRow>
}

export const removeTenant = (
  rows: TenantRows & { readonly brakes: Iterable<BrakeRow> },
  tenantId: TenantId,
  now: Instant
): Decision<RemovedTenant> => {
  const own = [...rows.integrations].filter(({ integration }) => integration.tenantId === tenantId)
  const [gone, left] = [
    own.filter(({ integration }) => integration.status === "disconnected"),
    own.filter(({ integration }) => integration.status !== "disconnected")
  ]
  const credentials = [...rows.credentials].filter(
    ({ credential: { id, tenantId: whose } }) =>
      whose === tenantId && !isCredentialInUse(left, { credentialId: id, tenantId })
  )
  const flows = [...rows.flows].filter(({ flow }) => flow.tenantId === tenantId)
  return decided(
    {
      isConnected: left.length > 0,
      integrations: gone.length,
      credentials: credentials.length,
      flows: flows.length
    },
    [
      ...gone.flatMap((row) => [...queueTokens(row, now), remove("integrations", row)]),
      ...credentials.map((row) => remove("credentials", row)),
      ...flows.map((row) => leave(row, now)),
      ...[...rows.brakes]
        .filter(({ succeeded }) => succeeded.includes(tenantId))
        .map((brake) =>
          put("brakes", {
            ...brake,
            succeeded: brake.succeeded.filter((whose) => whose !== tenantId)
          })
        )
    ]
  )
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

export const eraseUser = (
  rows: TenantRows & { readonly outbox: Iterable<OutboxRow> },
  { by, tenantId, userId }: Parameters<Maintenance["Service"]["eraseUser"]>[0],
  now: Instant
): Decision<ErasedUser> => {
  const integrations = [...rows.integrations].filter(
    ({ integration }) => integration.tenantId === tenantId && integration.connectedBy === userId
  )
  const credentials = [...rows.credentials].filter(
    ({ credential }) => credential.tenantId === tenantId && credential.createdBy === userId
  )
  const flows = [...rows.flows].filter(
    ({ flow }) => flow.tenantId === tenantId && flow.userId === userId
  )
  const events = [...rows.outbox].filter(
    ({ event }) => event.tenantId === tenantId && withoutUser(event, userId, by) !== event
  )
  return decided(
    {
      integrations: integrations.length,
      credentials: credentials.length,
      events: events.length,
      flows: flows.length
    },
    [
      ...integrations.map((row) =>
        put("integrations", { ...row, integration: { ...row.integration, connectedBy: by } })
      ),
      ...credentials.map((row) =>
        put("credentials", { ...row, credential: { ...row.credential, createdBy: by } })
      ),
      ...events.map((row) => put("outbox", { ...row, event: withoutUser(row.event, userId, by) })),
      ...flows.map((row) => leave(row, now))
    ]
  )
}
