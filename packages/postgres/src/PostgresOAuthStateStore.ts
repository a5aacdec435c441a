import {
  AlreadyConnected,
  type BurnedFlow,
  type FlowTerms,
  Forbidden,
  type OAuthStateStore,
  type ParkedFlow,
  type Sealed,
  type SecretHash,
  TooManyPendingFlows,
  type WaitingFlow
} from "@hawser/core"
import { Duration, Effect, Option } from "effect"
import { findBarrier } from "./barrier.ts"
import type { Database } from "./Database.ts"
import { storageFailure } from "./StorageErrors.ts"

/** A row of `flowTerms`. */
export interface FlowTermsRow {
  readonly tenant_id: FlowTerms["tenantId"]
  readonly owner: FlowTerms["owner"]
  readonly user_id: FlowTerms["userId"]
  readonly provider: FlowTerms["provider"]
  readonly name: FlowTerms["name"]
  readonly binding: FlowTerms["binding"]
  readonly redirect_url: string
  readonly redirect_uri: string
  readonly server: FlowTerms["server"]
  readonly scopes: ReadonlyArray<string>
  readonly fields: FlowTerms["fields"]
  readonly reauthorizes: boolean
}

interface BurnedRow extends FlowTermsRow {
  readonly expired: boolean
  readonly state_hash: SecretHash
  readonly browser_hash: SecretHash | null
  readonly sealed_secrets: Sealed | null
}

interface ParkedRow extends FlowTermsRow {
  readonly expired: boolean
  readonly state_hash: SecretHash
  readonly status: ParkedFlow["as"]
  readonly flow_id_hash: SecretHash
  readonly sealed_response: Sealed
  /** Milliseconds. */
  readonly remaining: number
}

interface Verdict {
  readonly already_connected: boolean
  readonly barred: Forbidden["reason"] | null
  readonly started: boolean
  readonly retry_after: number
}

export const readTerms = (row: FlowTermsRow): FlowTerms => ({
  tenantId: row.tenant_id,
  owner: row.owner,
  userId: row.user_id,
  provider: row.provider,
  name: row.name,
  binding: row.binding,
  redirectUrl: row.redirect_url,
  redirectUri: row.redirect_uri,
  server: row.server,
  scopes: row.scopes,
  fields: row.fields,
  reauthorizes: row.reauthorizes
})

const readParked = (row: ParkedRow): WaitingFlow => ({
  ...readTerms(row),
  stateHash: row.state_hash,
  as: row.status,
  flowIdHash: row.flow_id_hash,
  sealedResponse: row.sealed_response,
  expired: row.expired,
  remaining: Duration.millis(row.remaining)
})

const termsParameters = (flow: FlowTerms): ReadonlyArray<unknown> => [
  flow.tenantId,
  flow.userId,
  flow.provider,
  flow.name,
  flow.binding,
  flow.redirectUrl,
  flow.redirectUri,
  JSON.stringify(flow.server),
  flow.scopes,
  JSON.stringify(flow.fields),
  flow.reauthorizes,
  flow.owner
]

/** The state store over a database. */
export const makeOAuthStateStore = (database: Database): OAuthStateStore["Service"] => {
  const { run, statements } = database
  const barrier = findBarrier(database)
  return {
    start: (flow, { lifetime, limits }) =>
      run<Verdict>(statements.startFlow, [
        ...termsParameters(flow),
        flow.stateHash,
        flow.browserHash,
        flow.sealedSecrets,
        Duration.toMillis(lifetime),
        limits.perUser,
        limits.perTenant,
        flow.userHash
      ]).pipe(
        Effect.catch(storageFailure),
        Effect.flatMap(
          ([verdict]): Effect.Effect<void, AlreadyConnected | Forbidden | TooManyPendingFlows> => {
            if (verdict?.started === true) return Effect.void
            if (typeof verdict?.barred === "string")
              return Effect.fail(new Forbidden({ reason: verdict.barred }))
            if (verdict?.already_connected === true) {
              return Effect.fail(new AlreadyConnected({ provider: flow.provider }))
            }
            return Effect.fail(new TooManyPendingFlows({ retryAfter: verdict?.retry_after ?? 1 }))
          }
        )
      ),

    burn: (stateHash) =>
      run<BurnedRow>(statements.burnFlow, [stateHash]).pipe(
        Effect.catch(storageFailure),
        Effect.map(([row]) =>
          row === undefined
            ? Option.none()
            : // The brand says that no other call can get this row.
              Option.some({
                ...readTerms(row),
                stateHash: row.state_hash,
                browserHash: row.browser_hash ?? undefined,
                sealedSecrets: row.sealed_secrets ?? undefined,
                expired: row.expired
              } as BurnedFlow)
        )
      ),

    explainMiss: (stateHash) =>
      run(statements.findFlow, [stateHash]).pipe(
        Effect.catch(storageFailure),
        Effect.map((rows) => (rows.length === 0 ? "unknown" : "replayed"))
      ),

    park: (flow, { as, flowIdHash, lifetime, sealedResponse, userHash }) =>
      run(statements.parkFlow, [
        ...termsParameters(flow),
        flow.stateHash,
        flowIdHash,
        sealedResponse,
        Duration.toMillis(lifetime),
        as,
        userHash
      ]).pipe(
        Effect.catch(storageFailure),
        Effect.flatMap(([row]) =>
          row === undefined ? barrier(flow.tenantId, [userHash]) : Effect.void
        )
      ),

    findParked: (flowIdHash) =>
      run<ParkedRow>(statements.findParkedFlow, [flowIdHash]).pipe(
        Effect.catch(storageFailure),
        Effect.map(([row]) => (row === undefined ? Option.none() : Option.some(readParked(row))))
      ),

    takeParked: (flowIdHash) =>
      run<ParkedRow>(statements.takeParkedFlow, [flowIdHash]).pipe(
        Effect.catch(storageFailure),
        Effect.map(([row]) =>
          row === undefined ? Option.none() : Option.some(readParked(row) as ParkedFlow)
        )
      ),

    abandonedChoices: (limit) =>
      run<ParkedRow>(statements.abandonedChoices, [limit]).pipe(
        Effect.catch(storageFailure),
        Effect.map((rows) => rows.map(readParked))
      ),

    removeChoice: (flowIdHash) =>
      run(statements.removeChoice, [flowIdHash]).pipe(Effect.catch(storageFailure), Effect.asVoid),

    sweep: run<{ readonly swept: number }>(statements.sweepFlows, []).pipe(
      Effect.catch(storageFailure),
      Effect.map(([row]) => row?.swept ?? 0)
    )
  }
}
