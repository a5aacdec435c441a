import type { DueGrant, GrantStore } from "@hawser/core"
import { Result } from "effect"
import { endedRow } from "./endedRow.ts"
import { readGrant } from "./grantRow.ts"
import { after, type Kept, replaceGrant, rowDue } from "./keptGrant.ts"
import { atomically, type Instant, type MemoryState } from "./MemoryState.ts"
import { recordEvent } from "./recordEvent.ts"

/** The commands of the keeper about what is due. */
export const dueCommands = (
  state: MemoryState
): Pick<GrantStore["Service"], "claimDue" | "postpone" | "tellExpiry" | "expire"> => ({
  claimDue: ({ hold, limit }) =>
    atomically((now) => {
      const due = [...state.integrations]
        .flatMap(([key, row]): ReadonlyArray<Kept & { readonly dueAt: Instant }> => {
          const dueAt = row.grant?.dueAt
          return row.grant !== undefined && dueAt !== undefined && dueAt <= now
            ? [{ key, row, grant: row.grant, dueAt }]
            : []
        })
        .toSorted((a, b) => a.dueAt - b.dueAt)
        .slice(0, limit)
      for (const kept of due) replaceGrant(state, kept, { ...kept.grant, dueAt: after(now, hold) })
      return Result.succeed(
        due.map(({ grant, row: { integration } }): DueGrant => {
          const { connection, id: integrationId, provider, tenantId } = integration
          return {
            tenantId,
            provider,
            connection,
            integrationId,
            grant: readGrant(integration, grant, now),
            expiryTold: grant.expiryTold,
            refreshEndsSoon:
              !grant.expiryTold &&
              grant.refreshNoticeAt !== undefined &&
              grant.refreshNoticeAt <= now
          }
        })
      )
    }),

  postpone: (due, retryIn) =>
    atomically((now) => {
      const kept = rowDue(state, due)
      const isLeased = kept?.grant.lease !== undefined && kept.grant.lease.deadline > now
      if (kept !== undefined && !isLeased)
        replaceGrant(state, kept, { ...kept.grant, dueAt: after(now, retryIn) })
      return Result.succeed(undefined)
    }),

  tellExpiry: (due, publish) =>
    atomically((now) => {
      const kept = rowDue(state, due)
      const isRefreshable = kept?.grant.secrets.refreshToken !== undefined
      const expiresAt = isRefreshable ? kept.grant.refreshExpiresAt : kept?.grant.expiresAt
      if (kept === undefined || expiresAt === undefined || kept.grant.expiryTold)
        return Result.succeed(undefined)
      const { integration } = kept.row
      return Result.map(recordEvent(state, { ...publish, expiresAt }, integration, now), () => {
        const dueAt = isRefreshable ? kept.grant.dueAt : expiresAt
        replaceGrant(state, kept, { ...kept.grant, expiryTold: true, dueAt })
      })
    }),

  expire: (due, publish) =>
    atomically((now) => {
      const kept = rowDue(state, due)
      if (
        kept?.grant.expiresAt === undefined ||
        kept.grant.expiresAt > now ||
        kept.grant.secrets.refreshToken !== undefined
      )
        return Result.succeed(undefined)
      const ended = endedRow(kept.row, "token_expired", now, undefined)
      return Result.map(recordEvent(state, publish, ended.integration, now), () => {
        state.integrations.set(kept.key, ended)
      })
    })
})
