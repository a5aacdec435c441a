import type {
  DraftOf,
  EventDraft,
  Integration,
  IntegrationEvent,
  StorageUnavailable
} from "@hawser/core"
import { Result } from "effect"
import { type Instant, type MemoryState, refuseDuplicate } from "./MemoryState.ts"

/** A draft with what only the grant knows. */
type Recorded =
  | Exclude<EventDraft, DraftOf<"integration.expiring">>
  | (DraftOf<"integration.expiring"> & { readonly expiresAt: Instant })

const wholeSeconds = (instant: Instant): string =>
  new Date(instant).toISOString().replace(/\.\d{3}Z$/, "Z")

const toEvent = (
  draft: Recorded,
  { id, provider, tenantId }: Integration,
  now: Instant
): IntegrationEvent => {
  const envelope = {
    id: draft.id,
    timestamp: wholeSeconds(now),
    tenantId
  }
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

/** Records the event of a command. It writes nothing if it fails, so a command calls it before its own writes. */
export const recordEvent = (
  state: MemoryState,
  draft: Recorded,
  integration: Integration,
  now: Instant
): Result.Result<void, StorageUnavailable> => {
  refuseDuplicate("outbox", state.outbox.has(draft.id))
  state.lastPosition += 1
  state.outbox.set(draft.id, {
    position: state.lastPosition,
    event: toEvent(draft, integration, now),
    recordedAt: now
  })
  return Result.succeed(undefined)
}
