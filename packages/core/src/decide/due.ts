import { Duration } from "effect"
import type { DraftOf, Integration } from "../model/index.ts"
import {
  challengesApart,
  type DueGrant,
  type Maintenance,
  type NoteWithdrawal,
  type UsedGrant
} from "../services/index.ts"
import { type Decision, decided } from "./Decision.ts"
import { recordedEvent } from "./events.ts"
import { after, endedRow, type Found, isLeased, sameTokens, storedGrant } from "./grants.ts"
import { type Instant, type IntegrationRow, put } from "./rows.ts"

export const claimDue = (
  /** At least those that are due. */
  { integrations }: { readonly integrations: Iterable<IntegrationRow> },
  { hold, limit }: Parameters<Maintenance["Service"]["claimDueGrants"]>[0],
  now: Instant
): Decision<ReadonlyArray<DueGrant>> => {
  const due = [...integrations]
    .flatMap((row) => {
      const { grant } = row
      return grant?.dueAt !== undefined && grant.dueAt <= now
        ? [{ ...row, grant, dueAt: grant.dueAt }]
        : []
    })
    .toSorted((a, b) => a.dueAt - b.dueAt)
    .slice(0, limit)
  return decided(
    due.map((row) => {
      const { id: integrationId, name, owner, provider, tenantId } = row.integration
      const { expiryTold, refreshNoticeAt } = row.grant
      return {
        tenantId,
        owner,
        provider,
        name,
        integrationId,
        grant: storedGrant(row, row.grant, now),
        expiryTold,
        refreshEndsSoon: !expiryTold && refreshNoticeAt !== undefined && refreshNoticeAt <= now
      }
    }),
    due.map(({ grant, integration, quarantined }) =>
      put("integrations", {
        integration,
        grant: { ...grant, dueAt: after(now, hold) },
        quarantined
      })
    )
  )
}

export const postponeDue = (
  rows: Found,
  due: DueGrant,
  retryIn: Duration.Duration,
  now: Instant
): Decision<void> => {
  const row = sameTokens(rows.row, due.grant)
  return decided(
    undefined,
    row === undefined || isLeased(row.grant, now)
      ? []
      : [put("integrations", { ...row, grant: { ...row.grant, dueAt: after(now, retryIn) } })]
  )
}

export const tellExpiry = (
  rows: Found,
  due: DueGrant,
  publish: DraftOf<"integration.expiring">,
  now: Instant
): Decision<void> => {
  const row = sameTokens(rows.row, due.grant)
  const isRefreshable = row?.grant.secrets.refreshToken !== undefined
  const expiresAt = isRefreshable ? row.grant.refreshExpiresAt : row?.grant.expiresAt
  if (row === undefined || expiresAt === undefined || row.grant.expiryTold)
    return decided(undefined)
  const dueAt = isRefreshable ? row.grant.dueAt : expiresAt
  return decided(
    undefined,
    [put("integrations", { ...row, grant: { ...row.grant, expiryTold: true, dueAt } })],
    [recordedEvent({ ...publish, expiresAt }, row.integration, now)]
  )
}

export const expire = (
  rows: Found,
  due: DueGrant,
  publish: DraftOf<"integration.disconnected">,
  now: Instant
): Decision<void> => {
  const row = sameTokens(rows.row, due.grant)
  if (
    row?.grant.expiresAt === undefined ||
    row.grant.expiresAt > now ||
    row.grant.secrets.refreshToken !== undefined
  )
    return decided(undefined)
  const ended = endedRow(row, "token_expired", now, undefined)
  return decided(
    undefined,
    [put("integrations", ended)],
    [recordedEvent(publish, ended.integration, now)]
  )
}

/** Of a token that cannot be refreshed: its API has challenged it, or the definition's check has rejected it. */
export const noteWithdrawal = (
  rows: Found,
  used: UsedGrant,
  { isProven, publish }: NoteWithdrawal,
  now: Instant
): Decision<boolean> => {
  const row = sameTokens(rows.row, { id: used.grantId, generation: used.generation })
  if (row?.integration.status !== "connected" || row.grant.secrets.refreshToken !== undefined)
    return decided(false)
  const { challengedAt } = row.grant
  const isSecond =
    challengedAt !== undefined && challengedAt <= now - Duration.toMillis(challengesApart)
  const noted = { ...row, grant: { ...row.grant, challengedAt: challengedAt ?? now } }
  if (!isProven && !isSecond) return decided(false, [put("integrations", noted)])
  const integration: Integration = {
    ...row.integration,
    status: "error",
    problem: "grant_revoked"
  }
  return decided(
    true,
    [put("integrations", { ...noted, integration })],
    [recordedEvent(publish, integration, now)]
  )
}

/** Such a token works. */
export const clearWithdrawal = (
  rows: Found,
  used: UsedGrant,
  publish: DraftOf<"integration.recovered">,
  now: Instant
): Decision<void> => {
  const row = sameTokens(rows.row, { id: used.grantId, generation: used.generation })
  if (row?.grant.challengedAt === undefined) return decided(undefined)
  const cleared = { ...row, grant: { ...row.grant, challengedAt: undefined } }
  if (row.integration.problem !== "grant_revoked")
    return decided(undefined, [put("integrations", cleared)])
  const integration: Integration = { ...row.integration, status: "connected", problem: undefined }
  return decided(
    undefined,
    [put("integrations", { ...cleared, integration })],
    [recordedEvent(publish, integration, now)]
  )
}
