import type { Acquisition, GrantStore, RefreshLease, Sealed, StoredGrant } from "@hawser/core"
import { Result } from "effect"
import { brakeOn, isNextProbe, noteProbe, noteRenewal } from "./brakes.ts"
import { readGrant, renewedGrant } from "./grantRow.ts"
import { after, isStored, keptAs, replaceGrant, rowHeldBy, rowOf } from "./keptGrant.ts"
import {
  atomically,
  copyBytes,
  type GrantRow,
  type Instant,
  integrationKey,
  type MemoryState
} from "./MemoryState.ts"
import { recordEvent } from "./recordEvent.ts"

/** The commands of who refreshes a grant. */
export const refreshCommands = (
  state: MemoryState
): Pick<GrantStore["Service"], "acquire" | "renew" | "defer"> => ({
  acquire: (command) =>
    atomically((now) => {
      const key = integrationKey(command)
      const kept = keptAs(key, state.integrations.get(key), {
        id: command.grantId,
        generation: command.generation
      })
      const refreshToken = kept?.grant.secrets.refreshToken
      if (kept === undefined || refreshToken === undefined)
        return Result.succeed<Acquisition>({ _tag: "Superseded" })
      const { grant, row } = kept
      const seconds = (until: Instant) => Math.ceil((until - now) / 1000)
      if (grant.lease !== undefined && grant.lease.deadline > now)
        return Result.succeed<Acquisition>({ _tag: "Held" })
      if (grant.retry !== undefined && grant.retry.at > now) {
        const { at, problem } = grant.retry
        return Result.succeed<Acquisition>({ _tag: "Deferred", problem, retryIn: seconds(at) })
      }
      const { clientVersion, tenantId } = command
      const brake = brakeOn(state, clientVersion)
      if (brake !== undefined) {
        if (!isNextProbe(state, clientVersion, tenantId, brake, now))
          return Result.succeed<Acquisition>({ _tag: "Paused" })
        noteProbe(state, clientVersion, brake, now)
      }
      const deadline = after(now, command.lease)
      const leased: GrantRow = {
        ...grant,
        lease: { owner: command.owner, deadline },
        dueAt: deadline,
        fence: grant.fence + 1n,
        interrupted: grant.interrupted || grant.sent,
        sent: true
      }
      replaceGrant(state, kept, leased)
      const { failures, fence, interrupted } = leased
      const read = readGrant(row.integration, leased, now) as StoredGrant & {
        readonly refreshToken: Sealed
      }
      // The brand says that nobody else has this one.
      const lease = {
        tenantId,
        grant: read,
        fence,
        interrupted,
        clientVersion,
        failures
      } as RefreshLease
      return Result.succeed<Acquisition>({ _tag: "Acquired", lease })
    }),

  renew: (lease, { moves, publish, scopes, tokens }) =>
    atomically((now) => {
      const kept = rowOf(state, lease)
      if (kept === undefined) return Result.succeed(isStored(state, lease, tokens))
      const { row } = kept
      const integration = {
        ...row.integration,
        status: "connected" as const,
        scopes: [...scopes],
        fields: { ...(moves?.fields ?? row.integration.fields) },
        problem: undefined
      }
      const recovered =
        row.integration.status === "error"
          ? recordEvent(state, publish, integration, now)
          : Result.succeed(undefined)
      const recorded = Result.flatMap(recovered, () =>
        moves === undefined
          ? Result.succeed(undefined)
          : recordEvent(state, moves.publish, integration, now)
      )
      return Result.map(recorded, () => {
        const renewed = renewedGrant(kept.grant, tokens, lease.clientVersion, now)
        const grant: GrantRow =
          moves === undefined
            ? renewed
            : { ...renewed, secrets: { ...renewed.secrets, dpopKey: copyBytes(moves.dpopKey) } }
        noteRenewal(state, lease, now)
        state.integrations.set(kept.key, { ...row, integration, grant })
        return true
      })
    }),

  defer: (lease, { ambiguous, problem, publish, retryIn }) =>
    atomically((now) => {
      const kept = rowHeldBy(state, lease)
      if (kept === undefined) return Result.succeed(undefined)
      const { grant, row } = kept
      const at = after(now, retryIn)
      const isExpired = grant.expiresAt !== undefined && grant.expiresAt <= now
      const fails = row.integration.status === "connected" && isExpired
      const integration =
        fails || row.integration.status === "error"
          ? { ...row.integration, status: "error" as const, problem }
          : row.integration
      const recorded = fails
        ? recordEvent(state, publish, integration, now)
        : Result.succeed(undefined)
      return Result.map(recorded, () => {
        state.integrations.set(kept.key, {
          ...row,
          integration,
          grant: {
            ...grant,
            lease: undefined,
            sent: false,
            interrupted: grant.interrupted || ambiguous,
            failures: grant.failures + 1,
            retry: { problem, at },
            dueAt: at
          }
        })
      })
    })
})
