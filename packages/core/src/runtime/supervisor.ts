import { Cause, Clock, Duration, Effect, Fiber } from "effect"
import { isHawserError } from "../model/index.ts"
import { Shutdown } from "../services/index.ts"

/** Work in the background that is done again and again. */
export interface Worker {
  /** As the log and `health()` call it. */
  readonly name: string
  /** Does what is due. */
  readonly look: Effect.Effect<unknown, unknown>
  /** Waits for the next look; may end early. */
  readonly pause: Effect.Effect<void>
  /** How long a pause may be. */
  readonly longestPause: Duration.Duration
}

/** What a worker is at, for a readiness probe. */
export interface WorkerHealth {
  readonly name: string
  /** When it last began to look for work; undefined before the first time. */
  readonly lastLookAt: Date | undefined
  /** What its last look that failed said; it stays there when later ones do not. The log has the cause. */
  readonly lastError: { readonly at: Date; readonly code: string } | undefined
  /** Milliseconds for which it has had something left to do, or has not looked although it should have. */
  readonly lagMs: number
}

/** A worker that runs until it is stopped, whatever its looks do. */
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
 * Looks and pauses in turn until the shutdown begins. A look that fails, throws or interrupts itself is logged with its name
 * and cause and made again, after ever longer waits: nothing but the shutdown ends a worker.
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
  /** Since when something is left to do; undefined while it waits for nothing in particular. */
  let behindSince: number | undefined
  let nextLookBy = Number.POSITIVE_INFINITY
  let failures = 0

  const orShutdown = (wait: Effect.Effect<void>) => Effect.raceFirst(wait, shutdown.begun)

  const step = Effect.gen(function* () {
    const startedAt = yield* Clock.currentTimeMillis
    lastLookAt = startedAt
    behindSince ??= startedAt
    const exit = yield* Effect.exit(look)
    const now = yield* Clock.currentTimeMillis
    if (exit._tag === "Success") {
      failures = 0
      behindSince = undefined
      nextLookBy = now + Duration.toMillis(longestPause)
      return yield* orShutdown(pause)
    }
    failures += 1
    lastError = { at: now, code: codeOf(exit.cause) }
    const delay = backoffAfter(failures)
    yield* logged(name, delay, exit.cause)
    yield* orShutdown(Effect.sleep(delay))
  })

  const fiber = yield* Effect.exit(step).pipe(
    // Not even what is wrong with the loop itself, or with the host's own Effect logger, ends it.
    Effect.tap((exit) => (exit._tag === "Success" ? Effect.void : Effect.sleep(longestBackoff))),
    Effect.repeat({ until: () => shutdown.hasBegun() }),
    Effect.asVoid,
    Effect.annotateLogs({ worker: name }),
    Effect.forkDetach
  )

  return {
    health: Effect.map(Clock.currentTimeMillis, (now) => ({
      name,
      lastLookAt: lastLookAt === undefined ? undefined : new Date(lastLookAt),
      lastError: lastError && { ...lastError, at: new Date(lastError.at) },
      lagMs: Math.max(0, now - (behindSince ?? nextLookBy))
    })),
    ended: Effect.asVoid(Fiber.await(fiber)),
    stop: Fiber.interrupt(fiber)
  }
})

/** A word for whoever reads `health()`, which may be open to everyone: never text from outside. */
const codeOf = (cause: Cause.Cause<unknown>): string => {
  const error = Cause.squash(cause)
  // What a driver threw has a code as well.
  return isHawserError(error) ? error.code : "internal_error"
}

const logged = (name: string, delay: Duration.Duration, cause: Cause.Cause<unknown>) => {
  const again = `The ${name} failed and looks again in ${Duration.format(delay)}.`
  const isExpected = cause.reasons.every((reason) => reason._tag === "Fail")
  return Effect.ignoreCause(
    isExpected ? Effect.logWarning(again, cause) : Effect.logError(again, cause)
  )
}
