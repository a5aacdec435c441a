import { type Ending, type GrantStore, refreshBrake } from "@hawser/core"
import { Result } from "effect"
import { brakeOn, isBelieved, isOneTooMany } from "./brakes.ts"
import { endedRow } from "./endedRow.ts"
import { after, replaceGrant, rowHeldBy } from "./keptGrant.ts"
import { atomically, type GrantRow, integrationKey, type MemoryState } from "./MemoryState.ts"
import { recordEvent } from "./recordEvent.ts"

/** The commands that end a grant because its provider did, and the brake on them. */
export const endCommands = (
  state: MemoryState
): Pick<GrantStore["Service"], "end" | "markRevoked" | "releaseBrake"> => ({
  end: (lease, { publish, quarantine, reason }) =>
    atomically((now) => {
      const kept = rowHeldBy(state, lease)
      if (kept === undefined) return Result.succeed<Ending>({ _tag: "Superseded" })
      const { grant, row } = kept
      const { clientVersion } = lease
      const refused = { ...grant, refusedAt: now, triedBy: clientVersion }
      const isOn = brakeOn(state, clientVersion) !== undefined
      const believed = isBelieved(state, clientVersion, grant)
      if (isOn || (!believed && isOneTooMany(state, lease, now))) {
        if (!isOn)
          state.brakes.set(clientVersion, {
            clientFingerprint: grant.secrets.clientFingerprint,
            since: now,
            nextProbeAt: now,
            succeeded: new Set(),
            releasedAt: undefined
          })
        replaceGrant(state, kept, {
          ...refused,
          lease: undefined,
          sent: false,
          dueAt: after(now, refreshBrake.probeEvery)
        })
        return Result.succeed<Ending>({ _tag: "Braked", first: !isOn })
      }
      const ending = believed ? row : { ...row, grant: refused }
      const ended = endedRow(ending, reason, now, after(now, quarantine))
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
      for (const [clientVersion, brake] of state.brakes) {
        if (brake.clientFingerprint !== clientFingerprint) continue
        state.brakes.delete(clientVersion)
        for (const [key, row] of state.integrations) {
          const { grant, quarantined } = row
          const forgotten = (refused: GrantRow): GrantRow =>
            refused.triedBy === clientVersion && refused.refusedAt !== undefined
              ? { ...refused, refusedAt: undefined, triedBy: undefined }
              : refused
          state.integrations.set(key, {
            ...row,
            grant: grant && forgotten(grant),
            quarantined: quarantined && { ...quarantined, grant: forgotten(quarantined.grant) }
          })
        }
      }
      return Result.succeed(undefined)
    })
})
