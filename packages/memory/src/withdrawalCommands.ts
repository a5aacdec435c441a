import { challengesApart, type GrantStore, type UsedGrant } from "@hawser/core"
import { Duration, Result } from "effect"
import { type Kept, keptAs, replaceGrant } from "./keptGrant.ts"
import { atomically, integrationKey, type MemoryState } from "./MemoryState.ts"
import { recordEvent } from "./recordEvent.ts"

/** The commands of who has used a token that cannot be refreshed. */
export const withdrawalCommands = (
  state: MemoryState
): Pick<GrantStore["Service"], "noteWithdrawal" | "clearWithdrawal"> => ({
  noteWithdrawal: (used, { isProven, publish }) =>
    atomically((now) => {
      const kept = rowUsed(state, used)
      if (
        kept === undefined ||
        kept.row.integration.status !== "connected" ||
        kept.grant.secrets.refreshToken !== undefined
      )
        return Result.succeed(false)
      const { challengedAt } = kept.grant
      const isSecond =
        challengedAt !== undefined && challengedAt <= now - Duration.toMillis(challengesApart)
      const grant = { ...kept.grant, challengedAt: challengedAt ?? now }
      if (!isProven && !isSecond) {
        replaceGrant(state, kept, grant)
        return Result.succeed(false)
      }
      const integration = {
        ...kept.row.integration,
        status: "error" as const,
        problem: "grant_revoked" as const
      }
      return Result.map(recordEvent(state, publish, integration, now), () => {
        state.integrations.set(kept.key, { ...kept.row, integration, grant })
        return true
      })
    }),

  clearWithdrawal: (used, publish) =>
    atomically((now) => {
      const kept = rowUsed(state, used)
      if (kept?.grant.challengedAt === undefined) return Result.succeed(undefined)
      const grant = { ...kept.grant, challengedAt: undefined }
      if (kept.row.integration.problem !== "grant_revoked") {
        replaceGrant(state, kept, grant)
        return Result.succeed(undefined)
      }
      const integration = {
        ...kept.row.integration,
        status: "connected" as const,
        problem: undefined
      }
      return Result.map(recordEvent(state, publish, integration, now), () => {
        state.integrations.set(kept.key, { ...kept.row, integration, grant })
      })
    })
})

const rowUsed = (state: MemoryState, used: UsedGrant): Kept | undefined => {
  const key = integrationKey(used)
  return keptAs(key, state.integrations.get(key), { id: used.grantId, generation: used.generation })
}
