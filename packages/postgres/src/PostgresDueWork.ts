import type { DueTimes, DueWork } from "@hawser/core"
import { Duration, Effect } from "effect"
import type { Announcements } from "./Announcements.ts"
import type { Database } from "./Database.ts"
import { storageFailure } from "./StorageErrors.ts"

/** If announcements may be missed: one look, which is four transactions a minute for each process. */
const whenHeard = Duration.seconds(30)
/** If there are no announcements. */
const whenUnheard = Duration.seconds(5)

interface TimesRow {
  readonly times: {
    readonly keeper: number | null
    readonly revoker: number | null
    readonly sweeper: number | null
    readonly deliverers: Readonly<Record<string, number>>
    readonly awaitsCommit: boolean
  }
}

const inTime = (milliseconds: number): Duration.Duration =>
  Duration.millis(Math.max(0, milliseconds))

const ifDue = (milliseconds: number | null | undefined): Duration.Duration | undefined =>
  milliseconds === null || milliseconds === undefined ? undefined : inTime(milliseconds)

/** The due work of the workers, by the database's clock. */
export const makeDueWork = (
  { run, statements }: Database,
  { hearsOthers, listen }: Announcements
): DueWork["Service"] => ({
  next: Effect.fnUntraced(function* ({ eventRetention, subscribers, unusedCredentialRetention }) {
    const hears = yield* hearsOthers
    const [row] = yield* run<TimesRow>(statements.nextDue, [
      [...subscribers],
      Duration.toMillis(eventRetention),
      unusedCredentialRetention === undefined ? null : Duration.toMillis(unusedCredentialRetention)
    ]).pipe(Effect.catch(storageFailure))
    const times = row?.times
    return {
      keeper: ifDue(times?.keeper),
      revoker: ifDue(times?.revoker),
      sweeper: ifDue(times?.sweeper),
      deliverers: new Map(
        Object.entries(times?.deliverers ?? {}).map(([name, due]) => [name, inTime(due)])
      ),
      awaitsCommit: times?.awaitsCommit ?? false,
      askAgainIn: hears ? whenHeard : whenUnheard
    } satisfies DueTimes
  }),
  listen
})
