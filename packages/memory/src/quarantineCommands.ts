import type { GrantStore, IntegrationKey, QuarantinedGrant } from "@hawser/core"
import { DateTime, Result } from "effect"
import { atomically, integrationKey, type MemoryState } from "./MemoryState.ts"
import { recordEvent } from "./recordEvent.ts"

/** The commands on what waits in quarantine. */
export const quarantineCommands = (
  state: MemoryState
): Pick<GrantStore["Service"], "quarantined" | "restore" | "sweep"> => ({
  quarantined: ({ provider, tenantId }) =>
    atomically((now) =>
      Result.succeed(
        [...state.integrations.values()]
          .filter(
            ({ integration }) =>
              integration.provider === provider &&
              (tenantId === undefined || integration.tenantId === tenantId)
          )
          .flatMap(({ integration, quarantined }) =>
            quarantined === undefined || quarantined.until <= now
              ? []
              : [{ integration, quarantined }]
          )
          .toSorted((a, b) => a.quarantined.endedAt - b.quarantined.endedAt)
          .map(({ integration, quarantined }): QuarantinedGrant => ({
            tenantId: integration.tenantId,
            provider: integration.provider,
            connection: integration.connection,
            integrationId: integration.id,
            reason: quarantined.reason,
            clientFingerprint: quarantined.grant.secrets.clientFingerprint,
            endedAt: DateTime.makeUnsafe(quarantined.endedAt),
            until: DateTime.makeUnsafe(quarantined.until)
          }))
      )
    ),

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
          grant: { ...grant, dueAt: now },
          quarantined: undefined
        })
        return true
      })
    }),

  sweep: atomically((now) => {
    const expired = [...state.integrations].filter(
      ([, { quarantined }]) => quarantined !== undefined && quarantined.until <= now
    )
    for (const [key, row] of expired)
      state.integrations.set(key, { ...row, quarantined: undefined })
    return Result.succeed(expired.length)
  })
})
