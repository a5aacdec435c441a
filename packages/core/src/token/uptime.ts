import { Clock, Effect } from "effect"

const milliseconds = (nanos: bigint): number => Number(nanos) / 1_000_000

/**
 * Milliseconds of a clock that only goes forward, for how long something has lasted. The clock on the wall steps back when
 * a machine is restored or its time is set, and what was old by it would be young again.
 */
export const uptime: Effect.Effect<number> = Effect.map(Clock.monotonicTimeNanos, milliseconds)

/** The same, for those who have no fibre. */
export const uptimeUnsafe = (clock: Clock.Clock): number =>
  milliseconds(clock.monotonicTimeNanosUnsafe())
