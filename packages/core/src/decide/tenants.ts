import {
  type IntegrationEvent,
  type Owner,
  owningUser,
  type TenantId,
  type UserId
} from "../model/index.ts"
import type { ErasedUser, EraseUser, RemovedTenant } from "../services/index.ts"
import { tombstone } from "./barred.ts"
import { isCredentialInUse } from "./connections.ts"
import { type Decision, decided } from "./Decision.ts"
import { isAbandoned, leave } from "./flows.ts"
import { queueTokens } from "./grants.ts"
import {
  type BarredRow,
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
  rows: TenantRows & {
    readonly barred: Iterable<BarredRow>
    readonly brakes: Iterable<BrakeRow>
  },
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
  const flows = [...rows.flows].filter(
    (row) => row.flow.tenantId === tenantId && !isAbandoned(row, now)
  )
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
      ...[...rows.barred]
        .filter((row) => row.tenantId === tenantId)
        .map((row) => remove("barred", row)),
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
  const named = Object.entries(event.data).filter(
    ([member, value]) =>
      (member === "connectedBy" || member === "disconnectedBy" || member === "userId") &&
      value === userId
  )
  if (named.length === 0) return event
  const renamed = Object.fromEntries(named.map(([member]) => [member, by]))
  return { ...event, data: { ...event.data, ...renamed } } as IntegrationEvent
}

export const eraseUser = (
  rows: TenantRows & { readonly outbox: Iterable<OutboxRow> },
  command: EraseUser,
  now: Instant
): Decision<ErasedUser & { readonly isConnected: boolean }> => {
  const { by, tenantId, userId } = command
  const ofTenant = [...rows.integrations].filter(
    ({ integration }) => integration.tenantId === tenantId
  )
  const isOwn = ({ owner }: { readonly owner: Owner }): boolean => owningUser(owner) === userId
  const own = ofTenant.filter(({ integration }) => isOwn(integration))
  const gone = own.filter(({ integration }) => integration.status === "disconnected")
  const renamed = ofTenant.filter(
    ({ integration }) => !isOwn(integration) && integration.connectedBy === userId && userId !== by
  )
  const credentials = [...rows.credentials].filter(
    ({ credential }) => credential.tenantId === tenantId
  )
  const destroyed = credentials.filter(
    ({ credential }) =>
      isOwn(credential) && !isCredentialInUse(own, { credentialId: credential.id, tenantId })
  )
  const renamedKeys = credentials.filter(
    ({ credential }) => !isOwn(credential) && credential.createdBy === userId && userId !== by
  )
  const flows = [...rows.flows].filter(
    (row) => row.flow.tenantId === tenantId && row.flow.userId === userId && !isAbandoned(row, now)
  )
  const events =
    userId === by
      ? []
      : [...rows.outbox].filter(
          ({ event }) => event.tenantId === tenantId && withoutUser(event, userId, by) !== event
        )
  return decided(
    {
      isConnected: gone.length < own.length,
      integrations: gone.length + renamed.length,
      credentials: destroyed.length + renamedKeys.length,
      events: events.length,
      flows: flows.length
    },
    [
      put("barred", tombstone(command, now)),
      ...gone.flatMap((row) => [...queueTokens(row, now), remove("integrations", row)]),
      ...renamed.map((row) =>
        put("integrations", { ...row, integration: { ...row.integration, connectedBy: by } })
      ),
      ...destroyed.map((row) => remove("credentials", row)),
      ...renamedKeys.map((row) =>
        put("credentials", { ...row, credential: { ...row.credential, createdBy: by } })
      ),
      ...events.map((row) => put("outbox", { ...row, event: withoutUser(row.event, userId, by) })),
      ...flows.map((row) => leave(row, now))
    ]
  )
}
