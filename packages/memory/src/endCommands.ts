import type { Brake, Ending, GrantStore } from "@hawser/core"
import { Duration, Result } from "effect"
import { endedRow } from "./endedRow.ts"
import { after, replaceGrant, rowHeldBy } from "./keptGrant.ts"
import { atomically, type Instant, integrationKey, type MemoryState } from "./MemoryState.ts"
import { recordEvent } from "./recordEvent.ts"

/** Whether one more end within the window is one too many for the client. */
const isTooMany = (
  state: MemoryState,
  clientFingerprint: string,
  { atLeast, share, window }: Brake,
  now: Instant
): boolean => {
  const since = now - Duration.toMillis(window)
  let ended = 1
  let renewed = 0
  for (const { grant, quarantined } of state.integrations.values()) {
    if (
      quarantined?.grant.secrets.clientFingerprint === clientFingerprint &&
      quarantined.endedAt > since &&
      (quarantined.reason === "refresh_failed" || quarantined.reason === "refresh_interrupted")
    )
      ended += 1
    if (
      grant?.secrets.clientFingerprint === clientFingerprint &&
      grant.renewedAt !== undefined &&
      grant.renewedAt > since
    )
      renewed += 1
  }
  return ended >= atLeast && ended > share * (ended + renewed)
}

/** The commands that end a grant because its provider did, and the brake on them. */
export const endCommands = (
  state: MemoryState
): Pick<GrantStore["Service"], "end" | "markRevoked" | "releaseBrake"> => ({
  end: (lease, { brake, publish, quarantine, reason }) =>
    atomically((now) => {
      const kept = rowHeldBy(state, lease)
      if (kept === undefined) return Result.succeed<Ending>({ _tag: "Superseded" })
      const { grant, row } = kept
      const { clientFingerprint } = grant.secrets
      const pausedUntil = state.pauses.get(clientFingerprint) ?? now
      const isPaused = pausedUntil > now
      if (isPaused || isTooMany(state, clientFingerprint, brake, now)) {
        const until = isPaused ? pausedUntil : after(now, brake.pause)
        state.pauses.set(clientFingerprint, until)
        replaceGrant(state, kept, { ...grant, lease: undefined, sent: false, dueAt: until })
        return Result.succeed<Ending>({ _tag: "Braked", first: !isPaused })
      }
      const ended = endedRow(row, reason, now, after(now, quarantine))
      return Result.map(recordEvent(state, publish, ended.integration, now), (): Ending => {
        state.integrations.set(kept.key, ended)
        return { _tag: "Ended" }
      })
    }),

  markRevoked: (integrationOf, { publish, quarantine }) =>
    atomically((now) => {
      const key = integrationKey(integrationOf)
      const row = state.integrations.get(key)
      if (row === undefined || row.integration.status === "disconnected")
        return Result.succeed(false)
      const ended = endedRow(row, "revoked", now, after(now, quarantine))
      return Result.map(recordEvent(state, publish, ended.integration, now), () => {
        state.integrations.set(key, ended)
        return true
      })
    }),

  releaseBrake: (clientFingerprint) =>
    atomically(() => {
      state.pauses.delete(clientFingerprint)
      return Result.succeed(undefined)
    })
})
