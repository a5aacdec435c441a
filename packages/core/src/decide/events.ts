import {
  type DraftOf,
  type EventDraft,
  type Integration,
  type IntegrationEvent,
  kindOfOwner,
  owningUser
} from "../model/index.ts"
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
  { id, name, owner, provider, tenantId }: Integration,
  now: Instant
): IntegrationEvent => {
  const userId = owningUser(owner)
  const connection = {
    integrationId: id,
    provider,
    name,
    owner: kindOfOwner(owner),
    ...(userId !== undefined && { userId })
  }
  const envelope = { id: draft.id, timestamp: wholeSeconds(now), tenantId }
  switch (draft.event) {
    case "integration.connected":
      return {
        ...envelope,
        event: draft.event,
        data: { ...connection, connectedBy: draft.connectedBy }
      }
    case "integration.disconnected":
      return {
        ...envelope,
        event: draft.event,
        data: {
          ...connection,
          disconnectedBy: draft.disconnectedBy,
          reason: draft.reason
        }
      }
    case "integration.error":
      return {
        ...envelope,
        event: draft.event,
        data: { ...connection, error: draft.error }
      }
    case "integration.recovered":
    case "integration.moved":
      return { ...envelope, event: draft.event, data: connection }
    case "integration.expiring":
      return {
        ...envelope,
        event: draft.event,
        data: { ...connection, expiresAt: wholeSeconds(draft.expiresAt) }
      }
  }
}
