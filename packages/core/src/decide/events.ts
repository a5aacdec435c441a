import type { DraftOf, EventDraft, Integration, IntegrationEvent } from "../model/index.ts"
import type { Instant } from "./rows.ts"

/** A draft with what only the grant knows. */
type Recorded =
  | Exclude<EventDraft, DraftOf<"integration.expiring">>
  | (DraftOf<"integration.expiring"> & { readonly expiresAt: Instant })

const wholeSeconds = (instant: Instant): string =>
  new Date(instant).toISOString().replace(/\.\d{3}Z$/, "Z")

/** The event of a command, with what only its write knows. */
export const recordedEvent = (
  draft: Recorded,
  { id, provider, tenantId }: Integration,
  now: Instant
): IntegrationEvent => {
  const envelope = { id: draft.id, timestamp: wholeSeconds(now), tenantId }
  switch (draft.event) {
    case "integration.connected":
      return {
        ...envelope,
        event: draft.event,
        data: { integrationId: id, provider, connectedBy: draft.connectedBy }
      }
    case "integration.disconnected":
      return {
        ...envelope,
        event: draft.event,
        data: {
          integrationId: id,
          provider,
          disconnectedBy: draft.disconnectedBy,
          reason: draft.reason
        }
      }
    case "integration.error":
      return {
        ...envelope,
        event: draft.event,
        data: { integrationId: id, provider, error: draft.error }
      }
    case "integration.recovered":
    case "integration.moved":
      return { ...envelope, event: draft.event, data: { integrationId: id, provider } }
    case "integration.expiring":
      return {
        ...envelope,
        event: draft.event,
        data: { integrationId: id, provider, expiresAt: wholeSeconds(draft.expiresAt) }
      }
  }
}
