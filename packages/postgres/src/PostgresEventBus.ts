import {
  type Claim,
  type Delivery,
  type EventBus,
  type EventId,
  IntegrationEvent,
  type IntegrationId,
  type Outcome,
  type TenantId,
  type UnknownEvent
} from "@hawser/core"
import { Duration, Effect, Option, Schema } from "effect"
import type { Database } from "./Database.ts"
import { storageFailure } from "./StorageErrors.ts"

interface ClaimRow {
  readonly fence: string
  readonly cursor: string
  readonly attempt: number
  readonly blocked: boolean
  readonly tenant_id: TenantId
  readonly id: EventId
  readonly integration_id: IntegrationId
  readonly event: string
  readonly data: unknown
  readonly created_at: Date
}

const decodeEvent = Schema.decodeUnknownEffect(IntegrationEvent)

/** An older release that meets an event of a newer one refuses it as a whole. */
const readRow = (row: ClaimRow) =>
  decodeEvent({
    id: row.id,
    event: row.event,
    timestamp: row.created_at.toISOString().replace(/\.\d{3}Z$/, "Z"),
    tenantId: row.tenant_id,
    data: row.data
  }).pipe(
    Effect.map((event): Delivery => ({
      event,
      integrationId: row.integration_id,
      attempt: row.attempt
    })),
    Effect.option
  )

/** The readable events and the unreadable ones. Later events of an unreadable one's integration wait. */
const readBatch = Effect.fnUntraced(function* (rows: ReadonlyArray<ClaimRow>) {
  const deliveries: Array<Delivery> = []
  const unknown: Array<UnknownEvent> = []
  const waiting = new Set<IntegrationId>()
  for (const row of rows) {
    if (row.blocked || waiting.has(row.integration_id)) continue
    const read = yield* readRow(row)
    if (Option.isSome(read)) {
      deliveries.push(read.value)
      continue
    }
    waiting.add(row.integration_id)
    unknown.push({ id: row.id, tenantId: row.tenant_id, event: row.event })
  }
  return { deliveries, unknown }
})

const outcomeParameter = (claim: Claim, outcomes: ReadonlyMap<EventId, Outcome>): string =>
  JSON.stringify(
    [...claim.deliveries.map(({ event }) => event), ...claim.unknown].flatMap(
      ({ id, tenantId }) => {
        const outcome = outcomes.get(id)
        // An event without a row here, deferred or without an outcome, waits.
        switch (outcome?._tag) {
          case "Delivered":
            return [{ tenant_id: tenantId, id, delivered: true }]
          case "Failed":
          case "Postponed":
            return [
              {
                tenant_id: tenantId,
                id,
                delivered: false,
                retry_after: Duration.toMillis(outcome.retryAfter),
                attempted: outcome._tag === "Failed"
              }
            ]
          case "Deferred":
          case undefined:
            return []
        }
      }
    )
  )

/** The event bus over a database. */
export const makeEventBus = ({ run, statements }: Database): EventBus["Service"] => ({
  subscribe: (subscriber, from) =>
    run(statements.subscribe, [subscriber, from === "now"]).pipe(
      Effect.catch(storageFailure),
      Effect.asVoid
    ),

  unsubscribe: (subscriber) =>
    run(statements.unsubscribe, [subscriber]).pipe(Effect.catch(storageFailure), Effect.asVoid),

  claim: Effect.fnUntraced(function* (subscriber, { lease, limit }) {
    const rows = yield* run<ClaimRow>(statements.claim, [
      subscriber,
      limit,
      Duration.toMillis(lease)
    ]).pipe(Effect.catch(storageFailure))
    const [first] = rows
    if (first === undefined) return Option.none()
    return Option.some<Claim>({
      subscriber,
      ...(yield* readBatch(rows)),
      blocked: rows.filter(({ blocked }) => blocked).map(({ id }) => id),
      fence: BigInt(first.fence),
      cursor: first.cursor
    })
  }),

  settle: (claim, outcomes) =>
    run(statements.settle, [
      claim.subscriber,
      String(claim.fence),
      claim.cursor,
      outcomeParameter(claim, outcomes)
    ]).pipe(
      Effect.catch(storageFailure),
      Effect.map((rows) => rows.length > 0)
    ),

  conclude: (subscriber, { attempt, event: { id, tenantId } }, outcome) =>
    run(statements.conclude, [
      subscriber,
      tenantId,
      id,
      attempt + 1,
      outcome._tag === "Failed" ? Duration.toMillis(outcome.retryAfter) : undefined
    ]).pipe(
      Effect.catch(storageFailure),
      Effect.map((rows) => rows.length > 0)
    ),

  sweep: (retention) =>
    run<{ readonly swept: number }>(statements.sweepEvents, [Duration.toMillis(retention)]).pipe(
      Effect.catch(storageFailure),
      Effect.map(([row]) => row?.swept ?? 0)
    )
})
