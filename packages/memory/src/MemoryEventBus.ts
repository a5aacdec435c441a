import type { Claim, EventBus, EventId, IntegrationId, Outcome } from "@hawser/core"
import { Duration, Option, Result } from "effect"
import {
  atomically,
  type Hold,
  type Instant,
  type MemoryState,
  type OutboxRow,
  type SubscriberRow,
  type WaitingEvent
} from "./MemoryState.ts"

const integrationOf = ({ row }: WaitingEvent): IntegrationId => row.event.data.integrationId

/** Retries that are due, then what comes after the cursor; behind a retry that is not due, its integration waits. */
const nextBatch = (
  subscriber: SubscriberRow,
  outbox: Iterable<OutboxRow>,
  limit: number,
  now: Instant
): Pick<Hold, "deliveries" | "held" | "cursor"> => {
  const heldBack = new Set<IntegrationId>()
  const due: Array<WaitingEvent> = []
  for (const waiting of subscriber.waiting) {
    const integrationId = integrationOf(waiting)
    if (waiting.dueAt > now) heldBack.add(integrationId)
    else if (!heldBack.has(integrationId) && due.length < limit) due.push(waiting)
  }
  const fresh = [...outbox]
    .filter(({ position }) => position > subscriber.cursor)
    .slice(0, limit - due.length)
    .map((row): WaitingEvent => ({ row, attempt: 1, dueAt: now }))
  return {
    deliveries: [...due, ...fresh.filter((waiting) => !heldBack.has(integrationOf(waiting)))],
    held: fresh.filter((waiting) => heldBack.has(integrationOf(waiting))),
    cursor: fresh.at(-1)?.row.position ?? subscriber.cursor
  }
}

const toClaim = (subscriber: string, { cursor, deliveries, fence, held }: Hold): Claim => ({
  subscriber,
  deliveries: deliveries.map((waiting) => ({
    event: structuredClone(waiting.row.event),
    integrationId: integrationOf(waiting),
    attempt: waiting.attempt
  })),
  held: held.map(({ row }) => row.event.id),
  // What this process keeps, this release has written.
  unknown: [],
  fence,
  cursor: String(cursor)
})

/** What of a batch still has to be delivered. */
const remaining = (
  hold: Hold,
  outcomes: ReadonlyMap<EventId, Outcome>,
  now: Instant
): ReadonlyArray<WaitingEvent> => [
  ...hold.held,
  ...hold.deliveries.flatMap((waiting) => {
    const outcome = outcomes.get(waiting.row.event.id)
    if (outcome?._tag === "Delivered") return []
    if (outcome?._tag !== "Failed" && outcome?._tag !== "Postponed") return [waiting]
    return [
      {
        ...waiting,
        attempt: waiting.attempt + (outcome._tag === "Failed" ? 1 : 0),
        dueAt: now + Duration.toMillis(outcome.retryAfter)
      }
    ]
  })
]

const hasReceived = (subscriber: SubscriberRow, row: OutboxRow): boolean =>
  row.position <= subscriber.cursor &&
  !subscriber.waiting.some((waiting) => waiting.row.position === row.position)

/** The event bus over a shared state. */
export const makeEventBus = (state: MemoryState): EventBus["Service"] => ({
  subscribe: (subscriber, from) =>
    atomically(() => {
      if (!state.subscribers.has(subscriber)) {
        const cursor = from === "now" ? state.lastPosition : 0
        state.subscribers.set(subscriber, { cursor, waiting: [], hold: undefined })
      }
      return Result.succeed(undefined)
    }),
  unsubscribe: (subscriber) =>
    atomically(() => {
      state.subscribers.delete(subscriber)
      return Result.succeed(undefined)
    }),
  claim: (subscriber, { lease, limit }) =>
    atomically((now) => {
      const row = state.subscribers.get(subscriber)
      if (row === undefined || (row.hold !== undefined && row.hold.until > now))
        return Result.succeed(Option.none())
      const batch = nextBatch(row, state.outbox.values(), limit, now)
      if (batch.deliveries.length === 0 && batch.held.length === 0)
        return Result.succeed(Option.none())
      // One sequence for all subscribers: a name that was given up and taken again never sees an old fence.
      state.lastFence += 1n
      const hold = { ...batch, fence: state.lastFence, until: now + Duration.toMillis(lease) }
      state.subscribers.set(subscriber, { ...row, hold })
      return Result.succeed(Option.some(toClaim(subscriber, hold)))
    }),
  settle: (claim, outcomes) =>
    atomically((now) => {
      const row = state.subscribers.get(claim.subscriber)
      if (row?.hold?.fence !== claim.fence) return Result.succeed(false)
      const { cursor, deliveries } = row.hold
      const waiting = [
        ...row.waiting.filter((waiting) => !deliveries.includes(waiting)),
        ...remaining(row.hold, outcomes, now)
      ].toSorted((a, b) => a.row.position - b.row.position)
      state.subscribers.set(claim.subscriber, { cursor, waiting, hold: undefined })
      return Result.succeed(true)
    }),
  conclude: (subscriber, { attempt, event }, outcome) =>
    atomically((now) => {
      const row = state.subscribers.get(subscriber)
      const concluded = row?.waiting.find((waiting) => waiting.row.event.id === event.id)
      if (row === undefined || concluded?.attempt !== attempt + 1) return Result.succeed(false)
      const isFailed = outcome._tag === "Failed"
      const dueAt = isFailed ? now + Duration.toMillis(outcome.retryAfter) : now
      const waiting = row.waiting
        .filter((one) => isFailed || one !== concluded)
        .map((one) =>
          integrationOf(one) === integrationOf(concluded) &&
          one.row.position >= concluded.row.position
            ? { ...one, dueAt }
            : one
        )
      state.subscribers.set(subscriber, { ...row, waiting })
      return Result.succeed(true)
    }),
  sweep: (retention) =>
    atomically((now) => {
      const subscribers = [...state.subscribers.values()]
      const settled = [...state.outbox.values()].filter(
        (row) =>
          row.recordedAt < now - Duration.toMillis(retention) &&
          subscribers.every((subscriber) => hasReceived(subscriber, row))
      )
      for (const row of settled) state.outbox.delete(row.event.id)
      return Result.succeed(settled.length)
    })
})
