import { Duration } from "effect"
import type { RefreshLease, TenantId } from "../model/index.ts"
import { type Decision, decided } from "./Decision.ts"
import { after } from "./grants.ts"
import {
  type BrakeRow,
  type GrantRow,
  type Instant,
  type IntegrationRow,
  put,
  remove
} from "./rows.ts"

/**
 * When refusals are the fault of a client, or of its provider, and not the choice of users. They are counted by tenants, so
 * that one tenant is one voice, however many grants it has.
 */
export const refreshBrake = {
  /** How far back refusals and renewals are counted. */
  window: Duration.minutes(10),
  /** It goes on when so many tenants were refused, and more than this share of those that were tried. */
  rules: [
    { tenants: 3, share: 0.5 },
    { tenants: 10, share: 0.1 }
  ],
  /** While it is on, one grant is tried in each such time. */
  probeEvery: Duration.minutes(1),
  /** So many tenants whose grants were renewed while it was on let it go. */
  successes: 3,
  /** How long it is known of a client that nobody uses any more. */
  keptFor: Duration.days(1)
} as const

/** Whether so many refused tenants, of so many that were tried, put the brake on. */
export const isTooMany = (refused: number, tried: number): boolean =>
  refreshBrake.rules.some(({ share, tenants }) => refused >= tenants && refused > share * tried)

/** The brake of a client while it is on. */
export const brakeOn = (brake: BrakeRow | undefined): BrakeRow | undefined =>
  brake?.releasedAt === undefined ? brake : undefined

/** What the brake of a client is decided by. */
export interface BrakeRows {
  readonly brake: BrakeRow | undefined
  /** At least those whose grant, in use or in quarantine, the client tried last. */
  readonly tried: Iterable<IntegrationRow>
}

/** Milliseconds. */
export const brakeWindow = Duration.toMillis(refreshBrake.window)

/** The grants that a client tried last, those in quarantine too, and whose they are. */
const triedBy = (
  rows: Iterable<IntegrationRow>,
  clientVersion: string
): ReadonlyArray<readonly [TenantId, GrantRow]> =>
  [...rows].flatMap(({ grant, integration, quarantined }) => {
    const tried = grant ?? quarantined?.grant
    return tried?.triedBy === clientVersion ? [[integration.tenantId, tried] as const] : []
  })

export const isAfter = (instant: Instant | undefined, since: Instant): boolean =>
  instant !== undefined && instant > since

/** Whether this refusal is one too many for the client. */
export const isOneTooMany = (
  { brake, tried }: BrakeRows,
  { clientVersion, tenantId }: RefreshLease,
  now: Instant
): boolean => {
  const since = now - brakeWindow
  const countedSince = Math.max(since, brake?.releasedAt ?? since)
  const refused = new Set([tenantId])
  const asked = new Set([tenantId])
  for (const [whose, grant] of triedBy(tried, clientVersion)) {
    if (isAfter(grant.refusedAt, countedSince)) refused.add(whose)
    if (isAfter(grant.refusedAt, since) || isAfter(grant.renewedAt, since)) asked.add(whose)
  }
  return isTooMany(refused.size, asked.size)
}

/** Whether the client was refused this grant while the brake was on that renewals of others let go. */
export const isBelieved = (
  brake: BrakeRow | undefined,
  clientVersion: string,
  grant: GrantRow
): boolean =>
  brake?.releasedAt !== undefined &&
  grant.triedBy === clientVersion &&
  grant.refusedAt !== undefined &&
  grant.refusedAt <= brake.releasedAt

/** Whether a grant of this tenant may be the one that is tried now. */
export const isNextProbe = (
  { nextProbeAt, succeeded }: BrakeRow,
  tried: Iterable<IntegrationRow>,
  { clientVersion, tenantId }: Pick<RefreshLease, "clientVersion" | "tenantId">,
  now: Instant
): boolean =>
  nextProbeAt <= now &&
  !succeeded.includes(tenantId) &&
  !triedBy(tried, clientVersion).some(
    ([whose, { refusedAt }]) => whose === tenantId && isAfter(refusedAt, now - brakeWindow)
  )

/** When it is forgotten. */
export const endOfBrake = ({ nextProbeAt }: BrakeRow): Instant =>
  after(nextProbeAt, refreshBrake.keptFor)

export const afterProbe = (brake: BrakeRow, now: Instant): BrakeRow => ({
  ...brake,
  nextProbeAt: after(now, refreshBrake.probeEvery)
})

/** A renewal tells for the client; enough of them let its brake go. */
export const afterRenewal = (brake: BrakeRow, tenantId: TenantId, now: Instant): BrakeRow => {
  const succeeded = [...new Set([...brake.succeeded, tenantId])]
  const releasedAt = succeeded.length >= refreshBrake.successes ? now : undefined
  return { ...brake, succeeded, releasedAt }
}

/** Lets the brake of a client go, whatever its secret, and forgets what was refused to it. */
export const releaseBrake = (
  rows: {
    /** At least those of the client. */
    readonly brakes: Iterable<BrakeRow>
    /** At least those whose grant, in use or in quarantine, the client tried last. */
    readonly tried: Iterable<IntegrationRow>
  },
  clientFingerprint: string
): Decision<void> => {
  const released = [...rows.brakes].filter((brake) => brake.clientFingerprint === clientFingerprint)
  const versions = released.map(({ clientVersion }) => clientVersion)
  const isForgotten = (grant: GrantRow | undefined): boolean =>
    grant?.triedBy !== undefined &&
    grant.refusedAt !== undefined &&
    versions.includes(grant.triedBy)
  const forgotten = (grant: GrantRow): GrantRow =>
    isForgotten(grant) ? { ...grant, refusedAt: undefined, triedBy: undefined } : grant
  return decided(undefined, [
    ...released.map((brake) => remove("brakes", brake)),
    ...[...rows.tried]
      .filter(({ grant, quarantined }) => isForgotten(grant) || isForgotten(quarantined?.grant))
      .map((row) =>
        put("integrations", {
          ...row,
          grant: row.grant && forgotten(row.grant),
          quarantined: row.quarantined && {
            ...row.quarantined,
            grant: forgotten(row.quarantined.grant)
          }
        })
      )
  ])
}
