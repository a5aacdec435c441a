import type { Duration } from "effect"
import type { EventId, IntegrationId } from "../model/index.ts"
import type { Claim, Delivery, EventBus, Outcome, SubscribeFrom } from "../services/index.ts"
import { type Decision, decided } from "./Decision.ts"
import { after } from "./grants.ts"
import {
  type Hold,
  type Instant,
  type OutboxRow,
  put,
  remove,
  type SubscriberRow,
  type WaitingEvent
} from "./rows.ts"

interface Found {
  readonly subscriber: SubscriberRow | undefined
}

export const subscribe = (
  { lastPosition, subscriber }: Found & { readonly lastPosition: number },
  name: string,
  from: SubscribeFrom
): Decision<void> =>
  decided(
    undefined,
    subscriber === undefined
      ? [
          put("subscribers", {
            name,
            cursor: from === "now" ? lastPosition : 0,
            waiting: [],
            hold: undefined
          })
        ]
      : []
  )

export const unsubscribe = ({ subscriber }: Found): Decision<void> =>
  decided(undefined, subscriber === undefined ? [] : [remove("subscribers", subscriber)])

/** Retries that are due, then what comes after the cursor; behind a retry that is not due, its integration waits. */
const nextBatch = (
  subscriber: SubscriberRow,
  outbox: Iterable<OutboxRow>,
  limit: number,
  now: Instant
): Pick<Hold, "deliveries" | "blocked" | "cursor"> => {
  const retried = new Set<IntegrationId>()
  const due: Array<WaitingEvent> = []
  for (const waiting of subscriber.waiting) {
    const { dueAt, integrationId } = waiting
    if (dueAt > now) retried.add(integrationId)
    else if (!retried.has(integrationId) && due.length < limit) due.push(waiting)
  }
  const fresh = [...outbox]
    .filter(({ position }) => position > subscriber.cursor)
    .toSorted((a, b) => a.position - b.position)
    .slice(0, limit - due.length)
    .map(({ event: { data, id }, position }): WaitingEvent => {
      const { integrationId } = data
      return { id, integrationId, position, attempt: 1, dueAt: now }
    })
  return {
    deliveries: [...due, ...fresh.filter(({ integrationId }) => !retried.has(integrationId))],
    blocked: fresh.filter(({ integrationId }) => retried.has(integrationId)),
    cursor: fresh.at(-1)?.position ?? subscriber.cursor
  }
}

export const claimEvents = (
  rows: Found & {
    /** At least what the subscriber has not received. */
    readonly outbox: Iterable<OutboxRow>
    /**
     * A number that no claim has had. One sequence for all subscribers: a name that was given up and taken again never sees an
     * old fence.
     */
    readonly fence: bigint
  },
  { lease, limit }: Parameters<EventBus["Service"]["claim"]>[1],
  now: Instant
): Decision<Claim | undefined> => {
  const { fence, subscriber } = rows
  if (subscriber === undefined || (subscriber.hold !== undefined && subscriber.hold.until > now))
    return decided(undefined)
  const outbox = new Map([...rows.outbox].map((row) => [row.event.id, row]))
  const batch = nextBatch(subscriber, outbox.values(), limit, now)
  if (batch.deliveries.length === 0 && batch.blocked.length === 0) return decided(undefined)
  return decided(
    {
      subscriber: subscriber.name,
      deliveries: batch.deliveries.flatMap(({ attempt, id, integrationId }): Array<Delivery> => {
        const event = outbox.get(id)?.event
        return event === undefined ? [] : [{ event, integrationId, attempt }]
      }),
      blocked: batch.blocked.map(({ id }) => id),
      // Only this release writes by these rules, so it knows every event.
      unknown: [],
      fence,
      cursor: String(batch.cursor)
    },
    [put("subscribers", { ...subscriber, hold: { ...batch, fence, until: after(now, lease) } })]
  )
}

/** What of a batch still has to be delivered. */
const remaining = (
  { deliveries, blocked }: Hold,
  outcomes: ReadonlyMap<EventId, Outcome>,
  now: Instant
): ReadonlyArray<WaitingEvent> => [
  ...blocked,
  ...deliveries.flatMap((waiting) => {
    const outcome = outcomes.get(waiting.id)
    if (outcome?._tag === "Delivered") return []
    if (outcome?._tag !== "Failed" && outcome?._tag !== "Postponed") return [waiting]
    return [
      {
        ...waiting,
        attempt: waiting.attempt + (outcome._tag === "Failed" ? 1 : 0),
        dueAt: after(now, outcome.retryAfter)
      }
    ]
  })
]

export const settle = (
  { subscriber }: Found,
  { fence }: Claim,
  outcomes: ReadonlyMap<EventId, Outcome>,
  now: Instant
): Decision<boolean> => {
  const hold = subscriber?.hold
  if (subscriber === undefined || hold?.fence !== fence) return decided(false)
  const claimed = new Set(hold.deliveries.map(({ id }) => id))
  const waiting = [
    ...subscriber.waiting.filter(({ id }) => !claimed.has(id)),
    ...remaining(hold, outcomes, now)
  ].toSorted((a, b) => a.position - b.position)
  const { cursor } = hold
  return decided(true, [put("subscribers", { ...subscriber, cursor, waiting, hold: undefined })])
}

export const conclude = (
  { subscriber }: Found,
  { attempt, event }: Pick<Delivery, "event" | "attempt">,
  outcome: Parameters<EventBus["Service"]["conclude"]>[2],
  now: Instant
): Decision<boolean> => {
  const concluded = subscriber?.waiting.find(({ id }) => id === event.id)
  if (subscriber === undefined || concluded?.attempt !== attempt + 1) return decided(false)
  const isFailed = outcome._tag === "Failed"
  const dueAt = isFailed ? after(now, outcome.retryAfter) : now
  const waiting = subscriber.waiting
    .filter((one) => isFailed || one !== concluded)
    .map((one) =>
      one.integrationId === concluded.integrationId && one.position >= concluded.position
        ? { ...one, dueAt }
        : one
    )
  return decided(true, [put("subscribers", { ...subscriber, waiting })])
}

const hasReceived = ({ cursor, waiting }: SubscriberRow, { position }: OutboxRow): boolean =>
  position <= cursor && !waiting.some((one) => one.position === position)

export const sweepEvents = (
  rows: {
    readonly subscribers: Iterable<SubscriberRow>
    /** At least those that are older than the retention. */
    readonly outbox: Iterable<OutboxRow>
  },
  retention: Duration.Duration,
  now: Instant
): Decision<number> => {
  const subscribers = [...rows.subscribers]
  const settled = [...rows.outbox].filter(
    (row) =>
      after(row.recordedAt, retention) < now &&
      subscribers.every((subscriber) => hasReceived(subscriber, row))
  )
  return decided(
    settled.length,
    settled.map((row) => remove("outbox", row))
  )
}
