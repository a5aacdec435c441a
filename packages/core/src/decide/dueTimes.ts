import { DateTime, Duration } from "effect"
import type { DueTimes, DueWorkOptions } from "../services/index.ts"
import { endOfBrake } from "./brake.ts"
import { type Decision, decided } from "./Decision.ts"
import { endOfFlow } from "./flows.ts"
import { after, earliest } from "./grants.ts"
import type { Instant, SubscriberRow, Tables } from "./rows.ts"

/** When there is something to deliver, and nobody holds the subscriber. */
const deliveryDue = (
  { cursor, hold, waiting }: SubscriberRow,
  lastPosition: number,
  now: Instant
): Instant | undefined => {
  const due = earliest([
    ...waiting.map(({ dueAt }) => dueAt),
    lastPosition > cursor ? now : undefined
  ])
  return due === undefined ? undefined : Math.max(due, hold?.until ?? due)
}

/** In how long each kind of work is due, of everything that is stored. */
export const dueTimes = (
  rows: { readonly [T in keyof Tables]: Iterable<Tables[T]> } & { readonly lastPosition: number },
  { eventRetention, subscribers, unusedCredentialRetention }: DueWorkOptions,
  now: Instant
): Decision<Omit<DueTimes, "awaitsCommit" | "askAgainIn">> => {
  const inTime = (instant: Instant | undefined) =>
    instant === undefined ? undefined : Duration.millis(Math.max(0, instant - now))
  const integrations = [...rows.integrations]
  const revocations = [...rows.revocations]
  const unused =
    unusedCredentialRetention === undefined
      ? []
      : [...rows.credentials].flatMap(({ connectedOnce, credential }) =>
          connectedOnce
            ? []
            : [after(DateTime.toEpochMillis(credential.createdAt), unusedCredentialRetention)]
        )
  return decided({
    keeper: inTime(earliest(integrations.map(({ grant }) => grant?.dueAt))),
    revoker: inTime(
      earliest(revocations.flatMap(({ dueAt, expiresAt }) => (expiresAt > now ? [dueAt] : [])))
    ),
    sweeper: inTime(
      earliest([
        ...[...rows.flows].map(endOfFlow),
        ...[...rows.barred].map(({ until }) => until),
        ...integrations.map(({ quarantined }) => quarantined?.until),
        ...revocations.map(({ expiresAt }) => expiresAt),
        ...[...rows.brakes].map(endOfBrake),
        ...unused,
        ...[...rows.outbox].map(({ recordedAt }) => after(recordedAt, eventRetention))
      ])
    ),
    deliverers: new Map(
      [...rows.subscribers].flatMap((row) => {
        const due = subscribers.includes(row.name)
          ? inTime(deliveryDue(row, rows.lastPosition, now))
          : undefined
        return due === undefined ? [] : [[row.name, due] as const]
      })
    )
  })
}
