import type { EventDraft, Integration, IntegrationEvent, StorageUnavailable } from "@hawser/core"
import { Result } from "effect"
import { duplicateKey, type Instant, type MemoryState } from "./MemoryState.ts"

const toEvent = (
  draft: EventDraft,
  { id, provider, tenantId }: Integration,
  now: Instant
): IntegrationEvent => {
  const envelope = {
    id: draft.id,
    timestamp: new Date(now).toISOString().replace(/\.\d{3}Z$/, "Z"),
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
  }
}

/** Records the event of a command. It writes nothing where it fails, so a command calls it before its own writes. */
export const recordEvent = (
  state: MemoryState,
  draft: EventDraft,
  integration: Integration,
  now: Instant
): Result.Result<void, StorageUnavailable> => {
  if (state.outbox.has(draft.id)) return Result.fail(duplicateKey("outbox"))
  state.lastPosition += 1
  state.outbox.set(draft.id, {
    position: state.lastPosition,
    event: toEvent(draft, integration, now),
    recordedAt: now
  })
  return Result.succeed(undefined)
}
