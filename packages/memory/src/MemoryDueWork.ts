import { type DueTimes, type DueWork, refreshBrake } from "@hawser/core"
import { DateTime, Duration, Result } from "effect"
import { endOf } from "./MemoryOAuthStateStore.ts"
import { atomically, type Instant, type MemoryState, type SubscriberRow } from "./MemoryState.ts"

/** Nobody else writes to this process's memory. */
const askAgainIn = Duration.seconds(30)

const earliest = (instants: Iterable<Instant | undefined>): Instant | undefined =>
  [...instants].reduce(
    (first, one) => (one === undefined || (first !== undefined && first <= one) ? first : one),
    undefined
  )

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

/** What the workers have to do with a shared state. */
export const makeDueWork = (state: MemoryState): DueWork["Service"] => ({
  next: ({ eventRetention, subscribers, unusedCredentialRetention }) =>
    atomically((now) => {
      const inTime = (instant: Instant | undefined) =>
        instant === undefined ? undefined : Duration.millis(Math.max(0, instant - now))
      const integrations = [...state.integrations.values()]
      const revocations = [...state.revocations.values()]
      const unused =
        unusedCredentialRetention === undefined
          ? []
          : [...state.credentials].flatMap(([key, { createdAt }]) =>
              state.usedCredentials.has(key)
                ? []
                : [DateTime.toEpochMillis(createdAt) + Duration.toMillis(unusedCredentialRetention)]
            )
      const times: DueTimes = {
        keeper: inTime(earliest(integrations.map(({ grant }) => grant?.dueAt))),
        revoker: inTime(
          earliest(revocations.flatMap(({ dueAt, expiresAt }) => (expiresAt > now ? [dueAt] : [])))
        ),
        sweeper: inTime(
          earliest([
            ...[...state.flows.values()].map(endOf),
            ...integrations.map(({ quarantined }) => quarantined?.until),
            ...revocations.map(({ expiresAt }) => expiresAt),
            ...[...state.brakes.values()].map(
              ({ nextProbeAt }) => nextProbeAt + Duration.toMillis(refreshBrake.keptFor)
            ),
            ...unused,
            ...[...state.outbox.values()].map(
              ({ recordedAt }) => recordedAt + Duration.toMillis(eventRetention)
            )
          ])
        ),
        deliverers: new Map(
          subscribers.flatMap((name) => {
            const row = state.subscribers.get(name)
            const due = row && inTime(deliveryDue(row, state.lastPosition, now))
            return due === undefined ? [] : [[name, due] as const]
          })
        ),
        isHeldBack: false,
        askAgainIn
      }
      return Result.succeed(times)
    }),

  listen: state.listen
})
