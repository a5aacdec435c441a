import {
  type GrantStore,
  type IntegrationKey,
  type QuarantinedGrant,
  refreshBrake
} from "@hawser/core"
import { DateTime, Duration, Result } from "effect"
import { brakeOn } from "./brakes.ts"
import {
  atomically,
  type Instant,
  integrationKey,
  type IntegrationRow,
  type MemoryState,
  type QuarantineRow
} from "./MemoryState.ts"
import { after } from "./keptGrant.ts"
import { queueGrantOf } from "./MemoryRevocationQueue.ts"
import { recordEvent } from "./recordEvent.ts"

/** What waits in quarantine and is meant, the oldest first. */
const waiting = (
  state: MemoryState,
  now: Instant,
  isMeant: (row: IntegrationRow, quarantined: QuarantineRow) => boolean
): ReadonlyArray<QuarantinedGrant> =>
  [...state.integrations.values()]
    .flatMap((row) => {
      const { integration, quarantined } = row
      return quarantined !== undefined && quarantined.until > now && isMeant(row, quarantined)
        ? [{ integration, quarantined }]
        : []
    })
    .toSorted((a, b) => a.quarantined.endedAt - b.quarantined.endedAt)
    .map(({ integration, quarantined }) => ({
      tenantId: integration.tenantId,
      provider: integration.provider,
      connection: integration.connection,
      integrationId: integration.id,
      reason: quarantined.reason,
      clientFingerprint: quarantined.grant.secrets.clientFingerprint,
      endedAt: DateTime.makeUnsafe(quarantined.endedAt),
      until: DateTime.makeUnsafe(quarantined.until)
    }))

/** The commands on what waits in quarantine. */
export const quarantineCommands = (
  state: MemoryState
): Pick<GrantStore["Service"], "quarantined" | "endedUnderBrake" | "restore" | "sweep"> => ({
  quarantined: ({ provider, tenantId }) =>
    atomically((now) =>
      Result.succeed(
        waiting(
          state,
          now,
          ({ integration }) =>
            integration.provider === provider &&
            (tenantId === undefined || integration.tenantId === tenantId)
        )
      )
    ),

  endedUnderBrake: (clientVersion) =>
    atomically((now) => {
      const brake = brakeOn(state, clientVersion)
      if (brake === undefined) return Result.succeed([])
      const since = brake.since - Duration.toMillis(refreshBrake.window)
      return Result.succeed(
        waiting(
          state,
          now,
          (_row, { grant, reason }) =>
            grant.triedBy === clientVersion &&
            grant.refusedAt !== undefined &&
            grant.refusedAt > since &&
            reason !== "revoked"
        )
      )
    }),

  restore: (integrationOf: IntegrationKey, publish) =>
    atomically((now) => {
      const key = integrationKey(integrationOf)
      const { integration, quarantined } = state.integrations.get(key) ?? {}
      if (integration === undefined || quarantined === undefined || quarantined.until <= now)
        return Result.succeed(false)
      const { fields, grant, scopes } = quarantined
      const restored = {
        ...integration,
        status: "connected" as const,
        problem: undefined,
        scopes,
        fields
      }
      const event = { ...publish, connectedBy: integration.connectedBy }
      return Result.map(recordEvent(state, event, restored, now), () => {
        state.integrations.set(key, {
          integration: restored,
          grant: { ...grant, dueAt: now, challengedAt: undefined },
          quarantined: undefined
        })
        return true
      })
    }),

  sweep: atomically((now) => {
    const expired = [...state.integrations].filter(
      ([, { quarantined }]) => quarantined !== undefined && quarantined.until <= now
    )
    for (const [key, row] of expired) {
      queueGrantOf(state, row, now)
      state.integrations.set(key, { ...row, quarantined: undefined })
    }
    const unused = [...state.brakes].filter(
      ([, { nextProbeAt }]) => after(nextProbeAt, refreshBrake.keptFor) <= now
    )
    for (const [clientVersion] of unused) state.brakes.delete(clientVersion)
    return Result.succeed(expired.length)
  })
})
