import { Duration } from "effect"
import { Forbidden, type IntegrationKey, owningUser, type TenantId } from "../model/index.ts"
import type { EraseUser, TenantUser } from "../services/index.ts"
import { type Decision, decided } from "./Decision.ts"
import { type BarredRow, type Instant, type IntegrationRow, keys, put, remove } from "./rows.ts"

/** The users for whom nothing may be written now. */
export interface BarredRows {
  /** At least those of the hashes of the command. */
  readonly barred: Iterable<BarredRow>
}

const isBarredAt = ({ until }: BarredRow, now: Instant): boolean =>
  until === undefined || until > now

/** Why nothing may be written for one of these users; undefined if it may. */
export const barrier = (
  { barred }: BarredRows,
  tenantId: TenantId,
  userHashes: ReadonlyArray<Uint8Array>,
  now: Instant
): Forbidden | undefined => {
  const wanted = userHashes.map((hash) => keys.barred(tenantId, hash))
  const reasons = [...barred]
    .filter(
      (row) => wanted.includes(keys.barred(row.tenantId, row.userHash)) && isBarredAt(row, now)
    )
    .map(({ reason }) => reason)
  const [reason] = reasons.toSorted()
  return reason && new Forbidden({ reason })
}

const ownedByUser = (
  integrations: Iterable<IntegrationRow>,
  { tenantId, userId }: TenantUser
): ReadonlyArray<IntegrationRow> =>
  [...integrations].filter(
    ({ integration }) =>
      integration.tenantId === tenantId && owningUser(integration.owner) === userId
  )

interface UserRows extends BarredRows {
  /** At least the tenant's. */
  readonly integrations: Iterable<IntegrationRow>
}

const stored = ({ barred }: BarredRows, { tenantId, userHash }: TenantUser) =>
  [...barred].find(
    (row) => keys.barred(row.tenantId, row.userHash) === keys.barred(tenantId, userHash)
  )

export const suspendUser = (
  rows: UserRows,
  user: TenantUser,
  now: Instant
): Decision<ReadonlyArray<IntegrationKey>> => {
  const { tenantId, userHash } = user
  const former = stored(rows, user)
  if (former?.reason === "erased" && isBarredAt(former, now)) return decided([])
  const own = ownedByUser(rows.integrations, user)
  return decided(
    own.map(({ integration: { name, owner, provider } }) => ({ tenantId, owner, provider, name })),
    [
      put("barred", { tenantId, userHash, reason: "suspended", until: undefined }),
      ...own.map((row) =>
        put("integrations", { ...row, integration: { ...row.integration, isSuspended: true } })
      )
    ]
  )
}

export const resumeUser = (rows: UserRows, user: TenantUser): Decision<void> => {
  const former = stored(rows, user)
  return decided(undefined, [
    ...(former?.reason === "suspended" ? [remove("barred", former)] : []),
    ...ownedByUser(rows.integrations, user).map((row) => {
      const { isSuspended: _, ...integration } = row.integration
      return put("integrations", { ...row, integration })
    })
  ])
}

/** The tombstone of a user. */
export const tombstone = (
  { barredFor, tenantId, userHash }: EraseUser,
  now: Instant
): BarredRow => ({
  tenantId,
  userHash,
  reason: "erased",
  until: now + Duration.toMillis(barredFor)
})
