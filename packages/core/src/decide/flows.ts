import { Duration } from "effect"
import {
  AlreadyConnected,
  type BoundFlow,
  type BurnedFlow,
  type BurnMiss,
  type FlowTerms,
  type Forbidden,
  kindOfOwner,
  type NewFlow,
  type ParkedFlow,
  TooManyPendingFlows,
  type WaitingFlow
} from "../model/index.ts"
import type { OAuthStateStore, PendingFlowLimits } from "../services/index.ts"
import { barrier, type BarredRows } from "./barred.ts"
import { type Decision, decided, refused } from "./Decision.ts"
import { after } from "./grants.ts"
import {
  type BarredRow,
  type FlowRow,
  type Instant,
  type IntegrationRow,
  put,
  remove,
  type StoredFlow,
  type Write
} from "./rows.ts"

const pickTerms = (flow: FlowTerms): FlowTerms => ({
  tenantId: flow.tenantId,
  owner: flow.owner,
  userId: flow.userId,
  provider: flow.provider,
  name: flow.name,
  binding: flow.binding,
  redirectUrl: flow.redirectUrl,
  redirectUri: flow.redirectUri,
  server: flow.server,
  scopes: flow.scopes,
  fields: flow.fields,
  reauthorizes: flow.reauthorizes
})

const withoutSecrets = (flow: FlowTerms & Pick<NewFlow, "stateHash">): StoredFlow => ({
  ...pickTerms(flow),
  stateHash: flow.stateHash,
  browserHash: undefined,
  sealedSecrets: undefined
})

/** Until when a flow waits, for its callback or, parked, for what comes after it; undefined once it does no more. */
const waitsUntil = ({ expiresAt, parked, status }: FlowRow): Instant | undefined =>
  status === "pending" ? expiresAt : parked?.expiresAt

/** Seconds until the first of these flows has expired, at least 1. */
const secondsToFirstExpiry = (flows: ReadonlyArray<FlowRow>, now: Instant): number =>
  Math.max(1, Math.ceil((Math.min(...flows.map((row) => waitsUntil(row) ?? now)) - now) / 1000))

/** When a flow is over: with its response, if that lives longer. */
export const endOfFlow = ({ expiresAt, parked }: FlowRow): Instant =>
  Math.max(expiresAt, parked?.expiresAt ?? expiresAt)

export const startFlow = (
  rows: {
    readonly integration: IntegrationRow | undefined
    /** At least the tenant's that wait. */
    readonly flows: Iterable<FlowRow>
  } & BarredRows,
  flow: NewFlow,
  {
    lifetime,
    limits
  }: { readonly lifetime: Duration.Duration; readonly limits: PendingFlowLimits },
  now: Instant
): Decision<void, AlreadyConnected | Forbidden | TooManyPendingFlows> => {
  const barred = barrier(rows, flow.tenantId, [flow.userHash], now)
  if (barred !== undefined) return refused(barred)
  if (rows.integration?.integration.status === "connected" && !flow.reauthorizes)
    return refused(new AlreadyConnected({ provider: flow.provider }))
  const waiting = [...rows.flows].filter(
    (row) => row.flow.tenantId === flow.tenantId && (waitsUntil(row) ?? now) > now
  )
  const ofUser = waiting.filter((row) => row.flow.userId === flow.userId)
  const kind = kindOfOwner(flow.owner)
  const ofTenant = waiting.filter((row) => kindOfOwner(row.flow.owner) === kind)
  if (ofUser.length >= limits.perUser)
    return refused(new TooManyPendingFlows({ retryAfter: secondsToFirstExpiry(ofUser, now) }))
  if (ofTenant.length >= limits.perTenant)
    return refused(new TooManyPendingFlows({ retryAfter: secondsToFirstExpiry(ofTenant, now) }))
  const { browserHash, sealedSecrets } = flow
  const started: FlowRow = {
    status: "pending",
    flow: { ...withoutSecrets(flow), browserHash, sealedSecrets },
    expiresAt: after(now, lifetime),
    parked: undefined
  }
  return decided(undefined, [put("flows", started, "fail")])
}

interface Found {
  readonly flow: FlowRow | undefined
}

export const burn = ({ flow: row }: Found, now: Instant): Decision<BurnedFlow | undefined> => {
  if (row === undefined || row.status === "consumed") return decided(undefined)
  // The brand says that this row can be given to nobody else.
  return decided({ ...row.flow, expired: row.expiresAt <= now } as BurnedFlow, [
    put("flows", { ...row, status: "consumed", flow: withoutSecrets(row.flow) })
  ])
}

export const explainMiss = ({ flow }: Found): Decision<BurnMiss> =>
  decided(flow === undefined ? "unknown" : "replayed")

export const park = (
  rows: Found & BarredRows,
  flow: BoundFlow | ParkedFlow,
  {
    as,
    flowIdHash,
    lifetime,
    sealedResponse,
    userHash
  }: Parameters<OAuthStateStore["Service"]["park"]>[1],
  now: Instant
): Decision<void, Forbidden> => {
  const barred = barrier(rows, flow.tenantId, [userHash], now)
  if (barred !== undefined) return refused(barred)
  const expiresAt = after(now, lifetime)
  return decided(undefined, [
    put("flows", {
      status: "consumed",
      flow: withoutSecrets(flow),
      // Swept since it was burned: then only the parked response still has a life.
      expiresAt: rows.flow?.expiresAt ?? expiresAt,
      parked: { as, flowIdHash, sealedResponse, expiresAt }
    })
  ])
}

const waitingFlow = ({ flow, parked }: FlowRow, now: Instant): WaitingFlow | undefined => {
  if (parked === undefined) return undefined
  const { expiresAt, ...waiting } = parked
  return {
    ...pickTerms(flow),
    stateHash: flow.stateHash,
    ...waiting,
    expired: expiresAt <= now,
    remaining: Duration.millis(Math.max(0, expiresAt - now))
  }
}

export const findParked = (
  /** The flow that is parked under the flow id. */
  { flow: row }: Found,
  now: Instant
): Decision<WaitingFlow | undefined> => decided(row && waitingFlow(row, now))

export const takeParked = (
  /** The flow that is parked under the flow id. */
  { flow: row }: Found,
  now: Instant
): Decision<ParkedFlow | undefined> => {
  const waiting = row && waitingFlow(row, now)
  if (row === undefined || waiting === undefined) return decided(undefined)
  // The brand says that this flow can be given to nobody else.
  return decided(waiting as ParkedFlow, [put("flows", { ...row, parked: undefined })])
}

export const isAbandoned = ({ parked }: FlowRow, now: Instant): boolean =>
  parked?.as === "choosing" && parked.expiresAt <= now

export const abandonedChoices = (
  /** At least those in which an account was not chosen in time. */
  { flows }: { readonly flows: Iterable<FlowRow> },
  limit: number,
  now: Instant
): Decision<ReadonlyArray<WaitingFlow>> =>
  decided(
    [...flows]
      .filter((row) => isAbandoned(row, now))
      .toSorted((one, other) => (one.parked?.expiresAt ?? 0) - (other.parked?.expiresAt ?? 0))
      .slice(0, limit)
      .flatMap((row) => waitingFlow(row, now) ?? [])
  )

export const removeChoice = (
  /** The flow that is parked under the flow id. */
  { flow }: Found,
  now: Instant
): Decision<void> =>
  decided(undefined, flow !== undefined && isAbandoned(flow, now) ? [remove("flows", flow)] : [])

/** A choice of a user or a tenant that leaves: its time is over, and its tokens are still to be revoked. */
export const leave = (row: FlowRow, now: Instant): Write =>
  row.parked?.as === "choosing"
    ? put("flows", {
        ...row,
        expiresAt: Math.min(row.expiresAt, now),
        parked: { ...row.parked, expiresAt: Math.min(row.parked.expiresAt, now) }
      })
    : remove("flows", row)

export const sweepFlows = (
  rows: {
    /** At least those that are over. */
    readonly flows: Iterable<FlowRow>
    readonly barred: Iterable<BarredRow>
  },
  now: Instant
): Decision<number> => {
  const expired = [...rows.flows].filter((row) => endOfFlow(row) <= now && !isAbandoned(row, now))
  const outlived = [...rows.barred].filter(({ until }) => until !== undefined && until <= now)
  return decided(expired.length, [
    ...expired.map((row) => remove("flows", row)),
    ...outlived.map((row) => remove("barred", row))
  ])
}
