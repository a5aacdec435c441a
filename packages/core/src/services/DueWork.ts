import { Context, type Duration, Effect, type Scope } from "effect"
import type { StorageUnavailable } from "../model/index.ts"

/** What the workers are to look at, and what they delete when it is old. */
export interface DueWorkOptions {
  /** The subscribers that this process delivers to. */
  readonly subscribers: ReadonlyArray<string>
  readonly eventRetention: Duration.Duration
  /** Undefined keeps unused API keys without limit. */
  readonly unusedCredentialRetention: Duration.Duration | undefined
}

/** In how long each kind of work is due; zero is now, and undefined is never, as far as the store knows. */
export interface DueTimes {
  readonly keeper: Duration.Duration | undefined
  readonly revoker: Duration.Duration | undefined
  readonly sweeper: Duration.Duration | undefined
  /** By the subscriber's name. */
  readonly deliverers: ReadonlyMap<string, Duration.Duration>
  /** Whether events are there that may not be read yet, because a transaction that began before them is open. */
  readonly awaitsCommit: boolean
  /** How soon to ask again whatever happens: soon, if other processes write and the store does not hear of it. */
  readonly askAgainIn: Duration.Duration
}

/**
 * `work` is an event or tokens to revoke, which somebody waits for; `times` is a write that only moves the time at which work
 * is due.
 */
export type Written = "work" | "times"

/** What there is to do in the background, for all workers at once. Time is the store's. */
export class DueWork extends Context.Service<
  DueWork,
  {
    /** Asks, in one statement, when each worker has something to do. */
    readonly next: (options: DueWorkOptions) => Effect.Effect<DueTimes, StorageUnavailable>
    /**
     * Says what was written, once it can be read: by this process always, and by others if the store hears of it. It may
     * say so too often, and several writes may be one.
     */
    readonly listen: (heard: (written: Written) => void) => Effect.Effect<void, never, Scope.Scope>
  }
>()("@hawser/core/DueWork") {}

/** Who listens within one process, for a store's `listen`. */
export interface WrittenListeners {
  readonly tell: (written: Written) => void
  readonly listen: DueWork["Service"]["listen"]
}

export const makeWrittenListeners = (): WrittenListeners => {
  const listeners = new Set<(written: Written) => void>()
  return {
    tell: (written) => {
      for (const listener of listeners) listener(written)
    },
    listen: (heard) =>
      Effect.acquireRelease(
        Effect.sync(() => {
          // One of its own: the same function may listen twice.
          const listener = (written: Written) => heard(written)
          listeners.add(listener)
          return listener
        }),
        (listener) => Effect.sync(() => listeners.delete(listener))
      ).pipe(Effect.asVoid)
  }
}
