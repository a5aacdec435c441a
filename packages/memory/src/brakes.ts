import { isTooMany, refreshBrake, type RefreshLease, type TenantId } from "@hawser/core"
import { Duration } from "effect"
import { after } from "./keptGrant.ts"
import type { BrakeRow, GrantRow, Instant, MemoryState } from "./MemoryState.ts"

const window = Duration.toMillis(refreshBrake.window)

/** The brake of a client while it is on. */
export const brakeOn = (state: MemoryState, clientVersion: string): BrakeRow | undefined => {
  const brake = state.brakes.get(clientVersion)
  return brake?.releasedAt === undefined ? brake : undefined
}

/** The grants that a client tried last, those in quarantine too, and whose they are. */
const triedBy = (
  state: MemoryState,
  clientVersion: string
): ReadonlyArray<readonly [TenantId, GrantRow]> =>
  [...state.integrations.values()].flatMap(({ grant, integration, quarantined }) => {
    const tried = grant ?? quarantined?.grant
    return tried?.triedBy === clientVersion ? [[integration.tenantId, tried] as const] : []
  })

const isAfter = (instant: Instant | undefined, since: Instant): boolean =>
  instant !== undefined && instant > since

/** Whether this refusal is one too many for the client. */
export const isOneTooMany = (
  state: MemoryState,
  { clientVersion, tenantId }: RefreshLease,
  now: Instant
): boolean => {
  const since = now - window
  const countedSince = Math.max(since, state.brakes.get(clientVersion)?.releasedAt ?? since)
  const refused = new Set([tenantId])
  const tried = new Set([tenantId])
  for (const [whose, grant] of triedBy(state, clientVersion)) {
    if (isAfter(grant.refusedAt, countedSince)) refused.add(whose)
    if (isAfter(grant.refusedAt, since) || isAfter(grant.renewedAt, since)) tried.add(whose)
  }
  return isTooMany(refused.size, tried.size)
}

/** Whether the client was refused this grant while the brake was on that renewals of others let go. */
export const isBelieved = (state: MemoryState, clientVersion: string, grant: GrantRow): boolean => {
  const releasedAt = state.brakes.get(clientVersion)?.releasedAt
  return (
    releasedAt !== undefined &&
    grant.triedBy === clientVersion &&
    grant.refusedAt !== undefined &&
    grant.refusedAt <= releasedAt
  )
}

/** Whether a grant of this tenant may be the one that is tried now. */
export const isNextProbe = (
  state: MemoryState,
  clientVersion: string,
  tenantId: TenantId,
  { nextProbeAt, succeeded }: BrakeRow,
  now: Instant
): boolean =>
  nextProbeAt <= now &&
  !succeeded.has(tenantId) &&
  !triedBy(state, clientVersion).some(
    ([whose, { refusedAt }]) => whose === tenantId && isAfter(refusedAt, now - window)
  )

export const noteProbe = (
  state: MemoryState,
  clientVersion: string,
  brake: BrakeRow,
  now: Instant
): void => {
  const nextProbeAt = after(now, refreshBrake.probeEvery)
  state.brakes.set(clientVersion, { ...brake, nextProbeAt })
}

/** A renewal tells for the client; enough of them let its brake go. */
export const noteRenewal = (
  state: MemoryState,
  { clientVersion, tenantId }: RefreshLease,
  now: Instant
): void => {
  const brake = brakeOn(state, clientVersion)
  if (brake === undefined) return
  const succeeded = new Set([...brake.succeeded, tenantId])
  const releasedAt = succeeded.size >= refreshBrake.successes ? now : undefined
  state.brakes.set(clientVersion, { ...brake, succeeded, releasedAt })
}
