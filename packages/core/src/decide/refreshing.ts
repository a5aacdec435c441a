import type {
  Integration,
  RefreshLease,
  Sealed,
  SealedTokens,
  StoredGrant
} from "../model/index.ts"
import type {
  AcquireLease,
  Acquisition,
  DeferRefresh,
  EndGrant,
  Ending,
  RenewGrant
} from "../services/index.ts"
import {
  afterProbe,
  afterRenewal,
  brakeOn,
  type BrakeRows,
  isBelieved,
  isNextProbe,
  isOneTooMany,
  refreshBrake
} from "./brake.ts"
import { twinOf } from "./connections.ts"
import { type Decision, decided } from "./Decision.ts"
import { recordedEvent } from "./events.ts"
import {
  after,
  endedRow,
  type Found,
  isLeased,
  renewedGrant,
  type RowInUse,
  sameTokens,
  storedGrant
} from "./grants.ts"
import { type GrantRow, type Instant, type IntegrationRow, keys, put } from "./rows.ts"

export const acquire = (
  rows: Found & BrakeRows,
  command: AcquireLease,
  now: Instant
): Decision<Acquisition> => {
  const { clientVersion, tenantId } = command
  const row = sameTokens(rows.row, { id: command.grantId, generation: command.generation })
  if (row?.grant.secrets.refreshToken === undefined) return decided({ _tag: "Superseded" })
  if (row.integration.isSuspended === true) return decided({ _tag: "Suspended" })
  const { grant } = row
  if (isLeased(grant, now)) return decided({ _tag: "Leased" })
  if (grant.retry !== undefined && grant.retry.at > now) {
    const { at, problem } = grant.retry
    return decided({ _tag: "Deferred", problem, retryIn: Math.ceil((at - now) / 1000) })
  }
  const brake = brakeOn(rows.brake)
  if (brake !== undefined && !isNextProbe(brake, rows.tried, command, now))
    return decided({ _tag: "Paused" })
  const deadline = after(now, command.lease)
  const leased: GrantRow = {
    ...grant,
    lease: { holder: command.holder, deadline },
    dueAt: deadline,
    fence: grant.fence + 1n,
    interrupted: grant.interrupted || grant.sent,
    sent: true
  }
  const { failures, fence, interrupted } = leased
  const read = storedGrant(row, leased, now) as StoredGrant & { readonly refreshToken: Sealed }
  // The brand says that nobody else has this one.
  const lease = {
    tenantId,
    grant: read,
    fence,
    interrupted,
    clientVersion,
    failures
  } as RefreshLease
  return decided({ _tag: "Acquired", lease }, [
    put("integrations", { ...row, grant: leased }),
    ...(brake === undefined ? [] : [put("brakes", afterProbe(brake, now))])
  ])
}

/** Whether these very tokens are stored already: each sealed value is another. */
const isStored = (row: IntegrationRow | undefined, { accessToken }: SealedTokens): boolean =>
  row?.grant !== undefined && keys.hash(row.grant.secrets.accessToken) === keys.hash(accessToken)

export const renew = (
  rows: Found &
    Pick<BrakeRows, "brake"> & {
      /** At least the tenant's. */
      readonly integrations: Iterable<IntegrationRow>
    },
  lease: RefreshLease,
  { moves, publish, scopes, tokens }: RenewGrant,
  now: Instant
): Decision<boolean> => {
  const row = sameTokens(rows.row, lease.grant)
  if (row === undefined) return decided(isStored(rows.row, tokens))
  const fields = moves?.fields ?? row.integration.fields
  const isTwin =
    moves !== undefined &&
    twinOf(rows.integrations, row.integration, { ...row.integration, fields }) !== undefined
  const integration: Integration = {
    ...row.integration,
    status: "connected",
    scopes,
    fields,
    // The vendor has moved it to where the owner has connected the account again. These tokens are the only ones there will be,
    // so they are kept, and the account is the other connection's.
    ...(isTwin && { account: undefined }),
    problem: undefined
  }
  const renewed = renewedGrant(row.grant, tokens, lease.clientVersion, now)
  const grant: GrantRow =
    moves === undefined
      ? renewed
      : { ...renewed, secrets: { ...renewed.secrets, dpopKey: moves.dpopKey } }
  const brake = brakeOn(rows.brake)
  return decided(
    true,
    [
      put("integrations", { ...row, integration, grant }),
      ...(brake === undefined ? [] : [put("brakes", afterRenewal(brake, lease.tenantId, now))])
    ],
    [
      ...(row.integration.status === "error" ? [recordedEvent(publish, integration, now)] : []),
      ...(moves === undefined ? [] : [recordedEvent(moves.publish, integration, now)])
    ]
  )
}

/** The row that a lease still holds: not given back, and not taken over. */
const leasedRow = (row: IntegrationRow | undefined, lease: RefreshLease): RowInUse | undefined => {
  const found = sameTokens(row, lease.grant)
  return found?.grant.lease !== undefined && found.grant.fence === lease.fence ? found : undefined
}

export const defer = (
  rows: Found,
  lease: RefreshLease,
  { ambiguous, problem, publish, retryIn }: DeferRefresh,
  now: Instant
): Decision<void> => {
  const row = leasedRow(rows.row, lease)
  if (row === undefined) return decided(undefined)
  const { grant } = row
  const at = after(now, retryIn)
  const isExpired = grant.expiresAt !== undefined && grant.expiresAt <= now
  const fails = row.integration.status === "connected" && isExpired
  const integration: Integration =
    fails || row.integration.status === "error"
      ? { ...row.integration, status: "error", problem }
      : row.integration
  return decided(
    undefined,
    [
      put("integrations", {
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
    ],
    fails ? [recordedEvent(publish, integration, now)] : []
  )
}

/** Ends a grant because its provider refused it, unless the brake is on or goes on by it. */
export const end = (
  rows: Found & BrakeRows,
  lease: RefreshLease,
  { publish, quarantine, reason }: EndGrant,
  now: Instant
): Decision<Ending> => {
  const row = leasedRow(rows.row, lease)
  if (row === undefined) return decided({ _tag: "Superseded" })
  const { grant } = row
  const { clientVersion } = lease
  const refused: GrantRow = { ...grant, refusedAt: now, triedBy: clientVersion }
  const isOn = brakeOn(rows.brake) !== undefined
  const believed = isBelieved(rows.brake, clientVersion, grant)
  if (isOn || (!believed && isOneTooMany(rows, lease, now))) {
    const kept: GrantRow = {
      ...refused,
      lease: undefined,
      sent: false,
      dueAt: after(now, refreshBrake.probeEvery)
    }
    const brake = {
      clientVersion,
      clientFingerprint: grant.secrets.clientFingerprint,
      since: now,
      nextProbeAt: now,
      succeeded: [],
      releasedAt: undefined
    }
    return decided({ _tag: "Braked", first: !isOn }, [
      put("integrations", { ...row, grant: kept }),
      ...(isOn ? [] : [put("brakes", brake)])
    ])
  }
  const ended = endedRow(
    believed ? row : { ...row, grant: refused },
    reason,
    now,
    after(now, quarantine)
  )
  return decided(
    { _tag: "Ended" },
    [put("integrations", ended)],
    [recordedEvent(publish, ended.integration, now)]
  )
}
