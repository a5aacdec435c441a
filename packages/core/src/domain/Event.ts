import { Schema } from "effect"
import { EventId, IntegrationId, ProviderId, TenantId, UserId } from "./Ids.ts"

/** Why an integration was disconnected. */
export const DisconnectReason = Schema.Literals(["user", "revoked", "refresh_failed"])
export type DisconnectReason = typeof DisconnectReason.Type

const envelope = {
  id: EventId,
  /** ISO 8601, UTC, whole seconds. */
  timestamp: Schema.String,
  tenantId: TenantId
}

export const IntegrationConnected = Schema.Struct({
  ...envelope,
  event: Schema.Literal("integration.connected"),
  data: Schema.Struct({ integrationId: IntegrationId, provider: ProviderId, connectedBy: UserId })
})

export const IntegrationDisconnected = Schema.Struct({
  ...envelope,
  event: Schema.Literal("integration.disconnected"),
  data: Schema.Struct({
    integrationId: IntegrationId,
    provider: ProviderId,
    disconnectedBy: UserId,
    reason: DisconnectReason
  })
})

/** What a subscriber receives. */
export const IntegrationEvent = Schema.Union([IntegrationConnected, IntegrationDisconnected])
export type IntegrationEvent = typeof IntegrationEvent.Type
export type EventName = IntegrationEvent["event"]

/**
 * An event that a write takes with it. The store adds what only the write knows: the integration's id and version and
 * the time; so the write and its event are one.
 */
export type EventDraft =
  | { readonly id: EventId; readonly event: "integration.connected"; readonly connectedBy: UserId }
  | {
      readonly id: EventId
      readonly event: "integration.disconnected"
      readonly disconnectedBy: UserId
      readonly reason: DisconnectReason
    }
