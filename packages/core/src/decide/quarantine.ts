import { DateTime } from "effect"
import type { DraftOf, Integration, ProviderId, TenantId } from "../model/index.ts"
import type { EndGrant, QuarantinedGrant } from "../services/index.ts"
import { brakeOn, type BrakeRows, brakeWindow, endOfBrake, isAfter } from "./brake.ts"
import { type Decision, decided } from "./Decision.ts"
import { twinOf } from "./connections.ts"
import { recordedEvent } from "./events.ts"
import { after, endedRow, type Found, queueTokens } from "./grants.ts"
import {
  type BrakeRow,
  type Instant,
  type IntegrationRow,
  put,
  type QuarantineRow,
  remove
} from "./rows.ts"

/** Ends a connection because its provider says that the access was withdrawn. */
export const markRevoked = (
  { row }: Found,
  { publish, quarantine }: Pick<EndGrant, "quarantine" | "publish">,
  now: Instant
): Decision<boolean> => {
  if (row === undefined || row.integration.status === "disconnected") return decided(false)
  const ended = endedRow(row, "revoked", now, after(now, quarantine))
  return decided(
    true,
    [put("integrations", ended)],
    [recordedEvent(publish, ended.integration, now)]
  )
}

export const restore = (
  rows: Found & {
    /** At least the tenant's. */
    readonly integrations: Iterable<IntegrationRow>
  },
  publish: Pick<DraftOf<"integration.connected">, "id" | "event">,
  now: Instant
): Decision<boolean> => {
  const { integration, quarantined } = rows.row ?? {}
  if (integration === undefined || quarantined === undefined || quarantined.until <= now)
    return decided(false)
  const { fields, grant, scopes } = quarantined
  const restored: Integration = {
    ...integration,
    status: "connected",
    problem: undefined,
    scopes,
    fields
  }
  if (twinOf(rows.integrations, integration, restored) !== undefined) return decided(false)
  const event = { ...publish, connectedBy: integration.connectedBy }
  return decided(
    true,
    [
      put("integrations", {
        integration: restored,
        grant: { ...grant, dueAt: now, challengedAt: undefined },
        quarantined: undefined
      })
    ],
    [recordedEvent(event, restored, now)]
  )
}

/** What waits in quarantine and is meant, the oldest first. */
const waiting = (
  rows: Iterable<IntegrationRow>,
  now: Instant,
  isMeant: (integration: Integration, quarantined: QuarantineRow) => boolean
): Decision<ReadonlyArray<QuarantinedGrant>> =>
  decided(
    [...rows]
      .flatMap(({ integration, quarantined }) =>
        quarantined !== undefined && quarantined.until > now && isMeant(integration, quarantined)
          ? [{ integration, quarantined }]
          : []
      )
      .toSorted((a, b) => a.quarantined.endedAt - b.quarantined.endedAt)
      .map(({ integration, quarantined }) => ({
        tenantId: integration.tenantId,
        owner: integration.owner,
        provider: integration.provider,
        name: integration.name,
        integrationId: integration.id,
        reason: quarantined.reason,
        clientFingerprint: quarantined.grant.secrets.clientFingerprint,
        endedAt: DateTime.makeUnsafe(quarantined.endedAt),
        until: DateTime.makeUnsafe(quarantined.until)
      }))
  )

export const quarantined = (
  { integrations }: { readonly integrations: Iterable<IntegrationRow> },
  query: { readonly provider: ProviderId; readonly tenantId: TenantId | undefined },
  now: Instant
): Decision<ReadonlyArray<QuarantinedGrant>> =>
  waiting(
    integrations,
    now,
    ({ provider, tenantId }) =>
      provider === query.provider && (query.tenantId === undefined || tenantId === query.tenantId)
  )

export const endedUnderBrake = (
  rows: BrakeRows,
  clientVersion: string,
  now: Instant
): Decision<ReadonlyArray<QuarantinedGrant>> => {
  const brake = brakeOn(rows.brake)
  if (brake === undefined) return decided([])
  const since = brake.since - brakeWindow
  return waiting(
    rows.tried,
    now,
    (_integration, { grant, reason }) =>
      grant.triedBy === clientVersion && isAfter(grant.refusedAt, since) && reason !== "revoked"
  )
}

/** Tokens that have been in quarantine for too long go to be revoked, and brakes that nobody uses are forgotten. */
export const sweepQuarantine = (
  rows: {
    /** At least those whose quarantine is over. */
    readonly integrations: Iterable<IntegrationRow>
    readonly brakes: Iterable<BrakeRow>
  },
  now: Instant
): Decision<number> => {
  const expired = [...rows.integrations].filter(
    ({ quarantined }) => quarantined !== undefined && quarantined.until <= now
  )
  const unused = [...rows.brakes].filter((brake) => endOfBrake(brake) <= now)
  return decided(expired.length, [
    ...expired.flatMap((row) => [
      ...queueTokens(row, now),
      put("integrations", { ...row, quarantined: undefined })
    ]),
    ...unused.map((brake) => remove("brakes", brake))
  ])
}
