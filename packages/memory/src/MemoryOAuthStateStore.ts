import {
  AlreadyConnected,
  type BurnedFlow,
  type BurnMiss,
  type FlowTerms,
  type NewFlow,
  type OAuthStateStore,
  type ParkedFlow,
  TooManyPendingFlows
} from "@hawser/core"
import { Duration, Option, Result } from "effect"
import {
  atomically,
  copyBytes,
  type FlowRow,
  hashKey,
  type Instant,
  integrationKey,
  type MemoryState,
  refuseDuplicate,
  type StoredFlow
} from "./MemoryState.ts"

const copyTerms = (flow: FlowTerms): FlowTerms => ({
  tenantId: flow.tenantId,
  owner: flow.owner,
  userId: flow.userId,
  provider: flow.provider,
  connection: flow.connection,
  binding: flow.binding,
  redirectUrl: flow.redirectUrl,
  redirectUri: flow.redirectUri,
  server: { ...flow.server },
  scopes: [...flow.scopes],
  fields: { ...flow.fields },
  reauthorizes: flow.reauthorizes
})

const copyFlow = (flow: NewFlow): StoredFlow => ({
  ...withoutSecrets(flow),
  browserHash: copyBytes(flow.browserHash),
  sealedSecrets: copyBytes(flow.sealedSecrets)
})

const withoutSecrets = (flow: FlowTerms & Pick<NewFlow, "stateHash">): StoredFlow => ({
  ...copyTerms(flow),
  stateHash: copyBytes(flow.stateHash),
  browserHash: undefined,
  sealedSecrets: undefined
})

/** Until when a flow waits, for its callback or, parked, for who completes it; undefined once it does no more. */
const waitsUntil = ({ expiresAt, parked, status }: FlowRow): Instant | undefined =>
  status === "pending" ? expiresAt : parked?.expiresAt

const isWaiting = (row: FlowRow, now: Instant): boolean => (waitsUntil(row) ?? now) > now

/** Seconds until the first of these flows has expired, at least 1. */
const secondsToFirstExpiry = (flows: ReadonlyArray<FlowRow>, now: Instant): number =>
  Math.max(1, Math.ceil((Math.min(...flows.map((row) => waitsUntil(row) ?? now)) - now) / 1000))

/** A parked flow stays until its response has expired as well. */
/** When a flow is over: with its response, if that lives longer. */
export const endOf = ({ expiresAt, parked }: FlowRow): Instant =>
  Math.max(expiresAt, parked?.expiresAt ?? expiresAt)

/** The state store over a shared state. */
export const makeOAuthStateStore = (state: MemoryState): OAuthStateStore["Service"] => ({
  start: (flow, { lifetime, limits }) =>
    atomically((now) => {
      const integration = state.integrations.get(integrationKey(flow))?.integration
      if (integration?.status === "connected" && !flow.reauthorizes) {
        return Result.fail(new AlreadyConnected({ provider: flow.provider }))
      }
      const ofTenant = [...state.flows.values()].filter(
        (row) => isWaiting(row, now) && row.flow.tenantId === flow.tenantId
      )
      const ofUser = ofTenant.filter((row) => row.flow.userId === flow.userId)
      if (ofUser.length >= limits.perUser) {
        return Result.fail(
          new TooManyPendingFlows({ retryAfter: secondsToFirstExpiry(ofUser, now) })
        )
      }
      if (ofTenant.length >= limits.perTenant) {
        return Result.fail(
          new TooManyPendingFlows({ retryAfter: secondsToFirstExpiry(ofTenant, now) })
        )
      }
      const key = hashKey(flow.stateHash)
      refuseDuplicate("flow", state.flows.has(key))
      state.flows.set(key, {
        status: "pending",
        flow: copyFlow(flow),
        expiresAt: now + Duration.toMillis(lifetime),
        parked: undefined
      })
      return Result.succeed(undefined)
    }),
  burn: (stateHash) =>
    atomically((now) => {
      const key = hashKey(stateHash)
      const row = state.flows.get(key)
      if (row === undefined || row.status === "consumed") return Result.succeed(Option.none())
      state.flows.set(key, { ...row, status: "consumed", flow: withoutSecrets(row.flow) })
      // The brand says that this row can be given to nobody else.
      return Result.succeed(
        Option.some({ ...row.flow, expired: row.expiresAt <= now } as BurnedFlow)
      )
    }),
  explainMiss: (stateHash) =>
    atomically(() =>
      Result.succeed<BurnMiss>(state.flows.has(hashKey(stateHash)) ? "replayed" : "unknown")
    ),
  park: (flow, { flowIdHash, lifetime, sealedResponse }) =>
    atomically((now) => {
      const key = hashKey(flow.stateHash)
      const expiresAt = now + Duration.toMillis(lifetime)
      state.flows.set(key, {
        status: "consumed",
        flow: withoutSecrets(flow),
        // Swept since it was burned: then only the parked response still has a life.
        expiresAt: state.flows.get(key)?.expiresAt ?? expiresAt,
        parked: {
          flowIdHash: copyBytes(flowIdHash),
          sealedResponse: copyBytes(sealedResponse),
          expiresAt
        }
      })
      state.parkedFlows.set(hashKey(flowIdHash), key)
      return Result.succeed(undefined)
    }),
  takeParked: (flowIdHash) =>
    atomically((now) => {
      const handle = hashKey(flowIdHash)
      const key = state.parkedFlows.get(handle)
      const row = key === undefined ? undefined : state.flows.get(key)
      if (key === undefined || row?.parked === undefined) return Result.succeed(Option.none())
      state.parkedFlows.delete(handle)
      state.flows.set(key, { ...row, parked: undefined })
      const { expiresAt, ...parked } = row.parked
      return Result.succeed(
        Option.some({ ...copyTerms(row.flow), ...parked, expired: expiresAt <= now } as ParkedFlow)
      )
    }),
  sweep: atomically((now) => {
    const expired = [...state.flows].filter(([, row]) => endOf(row) <= now)
    for (const [key, row] of expired) {
      state.flows.delete(key)
      if (row.parked !== undefined) state.parkedFlows.delete(hashKey(row.parked.flowIdHash))
    }
    return Result.succeed(expired.length)
  })
})
