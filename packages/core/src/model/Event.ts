import { Schema } from "effect"
import { IntegrationProblem } from "./GrantProblem.ts"
import {
  ConnectionName,
  EventId,
  IntegrationId,
  OwnerKind,
  ProviderId,
  TenantId,
  UserId
} from "./Ids.ts"

/** Why an integration was disconnected. */
export const DisconnectReason = Schema.Literals(["user", "revoked", "refresh_failed"])
export type DisconnectReason = typeof DisconnectReason.Type

/** What an integration suffers from, as the contract words it. */
export const IntegrationError = Schema.Literals([
  "refresh_failed",
  "provider_unavailable",
  "credential_rejected",
  "insufficient_scope",
  "grant_revoked"
])
export type IntegrationError = typeof IntegrationError.Type

/** The contract's word for why an integration does not work. */
export const integrationError = (problem: IntegrationProblem): IntegrationError =>
  problem === "provider_unavailable" || problem === "grant_revoked" ? problem : "refresh_failed"

/** What the contract says by one word. */
export const problemsOf = (error: IntegrationError): ReadonlyArray<IntegrationProblem> =>
  IntegrationProblem.literals.filter((problem) => integrationError(problem) === error)

const envelope = {
  id: EventId,
  /** ISO 8601, UTC, whole seconds. */
  timestamp: Schema.String,
  tenantId: TenantId
}

/** The connection that an event is about. */
const connection = {
  integrationId: IntegrationId,
  provider: ProviderId,
  name: ConnectionName,
  owner: OwnerKind,
  /** The user who owns it; not there for the tenant's own. */
  userId: Schema.optionalKey(UserId)
}

export const IntegrationConnected = Schema.Struct({
  ...envelope,
  event: Schema.Literal("integration.connected"),
  data: Schema.Struct({ ...connection, connectedBy: UserId })
})

export const IntegrationDisconnected = Schema.Struct({
  ...envelope,
  event: Schema.Literal("integration.disconnected"),
  data: Schema.Struct({
    ...connection,
    disconnectedBy: UserId,
    reason: DisconnectReason
  })
})

/** A connection stops working for now; Hawser goes on trying. */
export const IntegrationFailing = Schema.Struct({
  ...envelope,
  event: Schema.Literal("integration.error"),
  data: Schema.Struct({
    ...connection,
    error: IntegrationError
  })
})

/** It works again. */
export const IntegrationRecovered = Schema.Struct({
  ...envelope,
  event: Schema.Literal("integration.recovered"),
  data: Schema.Struct(connection)
})

/** What tells where the tenant's account lives at the provider has changed: calls of the API go elsewhere from now on. */
export const IntegrationMoved = Schema.Struct({
  ...envelope,
  event: Schema.Literal("integration.moved"),
  data: Schema.Struct(connection)
})

/**
 * Its access token ends soon and came without a refresh token, or its refresh token ends soon: ask the admin to reconnect in
 * time.
 */
export const IntegrationExpiring = Schema.Struct({
  ...envelope,
  event: Schema.Literal("integration.expiring"),
  data: Schema.Struct({
    ...connection,
    /** ISO 8601, UTC, whole seconds. */
    expiresAt: Schema.String
  })
})

/** What a subscriber receives. */
export const IntegrationEvent = Schema.Union([
  IntegrationConnected,
  IntegrationDisconnected,
  IntegrationFailing,
  IntegrationRecovered,
  IntegrationMoved,
  IntegrationExpiring
])
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
  | {
      readonly id: EventId
      readonly event: "integration.error"
      readonly error: IntegrationError
    }
  | { readonly id: EventId; readonly event: "integration.recovered" }
  | { readonly id: EventId; readonly event: "integration.moved" }
  | { readonly id: EventId; readonly event: "integration.expiring" }

/** The draft of one kind of event. */
export type DraftOf<Name extends EventName> = Extract<EventDraft, { readonly event: Name }>
