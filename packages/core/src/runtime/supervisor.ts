import { Cause, Clock, Duration, Effect, Fiber } from "effect"
import { isHawserError } from "../model/index.ts"
import { Shutdown } from "../services/index.ts"
import { uptime } from "../token/index.ts"

/** Background work that is repeated. */
export interface Worker {
  /** Its name in the log and in `health()`. */
  readonly name: string
  /** Does what is due. */
  readonly look: Effect.Effect<unknown, unknown>
  /** Waits for the next look; may end early. */
  readonly pause: Effect.Effect<void>
  /** The longest pause. */
  readonly longestPause: Duration.Duration
}

/** The state of a worker, for a readiness probe. */
export interface WorkerHealth {
  readonly name: string
  /** When it last began to look for work; undefined before the first time. */
  readonly lastLookAt: Date | undefined
  /** The error of its last failed look. It stays after later looks succeed. The log has the cause. */
  readonly lastError: { readonly at: Date; readonly code: string } | undefined
  /** Milliseconds for which work has been due, or a look has been overdue. */
  readonly lagMs: number
}

/** A worker that runs until it is stopped, even if its looks fail. */
export interface SupervisedWorker {
  readonly health: Effect.Effect<WorkerHealth>
  /** Waits until it has ended by itself, because the shutdown has begun. */
  readonly ended: Effect.Effect<void>
  /** Ends it at once. */
  readonly stop: Effect.Effect<void>
}

/** 0.5 s, 1 s, 2 s … 30 s. */
const longestBackoff = Duration.seconds(30)
const backoffAfter = (failures: number): Duration.Duration =>
  Duration.min(Duration.millis(500 * 2 ** Math.min(failures - 1, 10)), longestBackoff)

/**
 * Looks and pauses in turn until the shutdown begins. A look that fails, throws or interrupts itself is logged with its
 * name and cause and repeated after growing waits: only the shutdown ends a worker.
 */
export const supervise = Effect.fnUntraced(function* ({
  longestPause,
  look,
  name,
  pause
}: Worker): Effect.fn.Return<SupervisedWorker> {
  const shutdown = yield* Shutdown
  let lastLookAt: number | undefined
  let lastError: { readonly at: number; readonly code: string } | undefined
  /** Of `uptime`: since when work has been due; undefined while none is. */
  let behindSince: number | undefined
  /** Of `uptime`. */
  let nextLookBy = Number.POSITIVE_INFINITY
  let failures = 0

  const orShutdown = (wait: Effect.Effect<void>) => Effect.raceFirst(wait, shutdown.begun)

  const step = Effect.gen(function* () {
    lastLookAt = yield* Clock.currentTimeMillis
    behindSince ??= yield* uptime
    const exit = yield* Effect.exit(look)
    if (exit._tag === "Success") {
      failures = 0
      behindSince = undefined
      nextLookBy = (yield* uptime) + Duration.toMillis(longestPause)
      return yield* orShutdown(pause)
    }
    failures += 1
    lastError = { at: yield* Clock.currentTimeMillis, code: causeCode(exit.cause) }
    const delay = backoffAfter(failures)
    yield* logged(name, delay, exit.cause)
    yield* orShutdown(Effect.sleep(delay))
  })

  const fiber = yield* Effect.exit(step).pipe(
    // Not even a defect of the loop, or of the host's Effect logger, ends it.
    Effect.tap((exit) => (exit._tag === "Success" ? Effect.void : Effect.sleep(longestBackoff))),
    Effect.repeat({ until: () => shutdown.hasBegun() }),
    Effect.asVoid,
    Effect.annotateLogs({ worker: name }),
    Effect.forkDetach
  )

  return {
    health: Effect.map(uptime, (now) => ({
      name,
      lastLookAt: lastLookAt === undefined ? undefined : new Date(lastLookAt),
      lastError: lastError && { ...lastError, at: new Date(lastError.at) },
      lagMs: Math.max(0, now - (behindSince ?? nextLookBy))
    })),
    ended: Effect.asVoid(Fiber.await(fiber)),
    stop: Fiber.interrupt(fiber)
  }
})

/** A word for `health()`, which may be public, so never text from outside. */
const causeCode = (cause: Cause.Cause<unknown>): string => {
  const error = Cause.squash(cause)
  // What a driver threw has a code as well.
  return isHawserError(error) ? error.code : "internal_error"
}

const logged = (name: string, delay: Duration.Duration, cause: Cause.Cause<unknown>) => {
  const again = `The ${name} failed and tries again in ${Duration.format(delay)}.`
  const isExpected = cause.reasons.every((reason) => reason._tag === "Fail")
  return Effect.ignoreCause(
    isExpected ? Effect.logWarning(again, cause) : Effect.logError(again, cause)
  )
}
