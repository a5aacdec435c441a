import { Cause, Context, Duration, Effect } from "effect"
import { TaggedError } from "../model/index.ts"

/** How long a function of the host's may take before Hawser goes on without its answer. Default 5 s. */
export const HookTimeout = Context.Reference<Duration.Duration>("@hawser/core/HookTimeout", {
  defaultValue: () => Duration.seconds(5)
})

/** A function of the host's gave no usable answer. It is in the log already, with its cause. */
export class HookFailed extends TaggedError("HookFailed")<{
  /** The option, as the host writes it. */
  readonly hook: string
  readonly problem: string
  readonly cause?: unknown
}> {
  override get message(): string {
    return `${this.hook} ${this.problem}`
  }
}

/** An event handler of the host's threw or rejected: it is called again. */
export class HandlerFailed extends TaggedError("HandlerFailed")<{ readonly cause: unknown }> {
  override readonly message = "The handler failed."
}

/** Whether a failure, or what it was caused by, is a function of the host's and so in the log already. */
export const isHookFailure = (error: unknown): boolean =>
  error instanceof HookFailed ||
  (error instanceof Error && error.cause !== undefined && isHookFailure(error.cause))

/** What an answer must be and is not, in a sentence of Hawser's own. */
export class UnusableAnswer extends Error {}

/** A function of the host's, and what Hawser wants of it. */
export interface HostFunction<Answer> {
  /** The option, as the host writes it. */
  readonly hook: string
  /** The signal aborts when Hawser no longer waits. */
  readonly call: (signal: AbortSignal) => unknown
  /** The answer as Hawser uses it; what throws here is an answer that cannot be used. A host may have no types. */
  readonly read: (answer: unknown) => Answer
  /** For the log; never a secret. */
  readonly details?: object
}

/**
 * Calls a function of the host's. This is the only door to them: whatever one does, Hawser goes on. One that throws, rejects,
 * answers what cannot be used, or does not answer in time is logged once under its name, and fails with `HookFailed`; the
 * caller says what is safe then. An answer that comes later is dropped.
 *
 * A function that never gives the thread back, such as an endless loop, stops the process; no library can bound that.
 */
export const askHost = Effect.fnUntraced(
  function* <Answer>({ call, hook, read }: HostFunction<Answer>) {
    const controller = new AbortController()
    const failed = (problem: string) => (cause: unknown) => new HookFailed({ hook, problem, cause })
    const answer = yield* Effect.try({
      try: () => settled(call(controller.signal)),
      catch: failed("threw.")
    })
    const value = yield* answer._tag === "Now"
      ? Effect.succeed(answer.value)
      : inTime(hook, answer.later, controller)
    return yield* Effect.try({
      try: () => read(value),
      catch: (cause) =>
        cause instanceof UnusableAnswer
          ? failed(`gave an answer that cannot be used. ${cause.message}`)(undefined)
          : failed("gave an answer that cannot be read.")(cause)
    })
  },
  (asked, host) => noted(host, asked)
)

/** Writes into the log, once, what was wrong with a function of the host's. */
const noted = <A>(
  { details, hook }: Pick<HostFunction<unknown>, "details" | "hook">,
  asked: Effect.Effect<A, HookFailed>
): Effect.Effect<A, HookFailed> =>
  Effect.tapError(asked, ({ cause, message }) =>
    logged(message, { hook, ...details }, cause === undefined ? Cause.empty : Cause.fail(cause))
  )

/**
 * Tells the host something and does not wait: the function is called now, in the order of what it is told, and what becomes
 * of it is logged as with `askHost`.
 */
export const tellHost = (
  notice: Pick<HostFunction<void>, "hook" | "call" | "details">
): Effect.Effect<void> =>
  Effect.suspend(() => {
    const { call, hook } = notice
    const controller = new AbortController()
    try {
      const answer = settled(call(controller.signal))
      // Most answer nothing at once, and need no fibre that waits for them.
      return answer._tag === "Now"
        ? Effect.void
        : Effect.asVoid(
            Effect.forkDetach(
              Effect.ignore(noted(notice, inTime(hook, answer.later, controller))),
              {
                startImmediately: true
              }
            )
          )
    } catch (cause) {
      return Effect.ignore(noted(notice, new HookFailed({ hook, problem: "threw.", cause })))
    }
  })

/** Tells the host how far a long run is, and waits for it. Once that fails it is not called again, and the run goes on. */
export const tellingProgress = <Progress>(
  onProgress: ((progress: Progress) => unknown) | undefined
): ((progress: Progress) => Effect.Effect<void>) => {
  let report = onProgress
  return (progress) =>
    Effect.suspend(() => {
      const call = report
      if (call === undefined) return Effect.void
      return askHost({
        hook: "onProgress",
        call: () => call(progress),
        read: () => undefined
      }).pipe(
        Effect.catch(() =>
          Effect.sync(() => {
            report = undefined
          })
        )
      )
    })
}

/**
 * Writes to the host's logger. What that throws has no other place than the console, where it stands once: the lines after it
 * would fail as well.
 */
export const tellingLogger = (): ((write: () => unknown) => void) => {
  let hasFailed = false
  const failed = (cause: unknown) => {
    if (hasFailed) return
    hasFailed = true
    // oxlint-disable-next-line no-console -- There is no logger left.
    console.error("The logger given to Hawser failed, and its lines are lost.", cause)
  }
  return (write) => {
    try {
      const answer = settled(write())
      if (answer._tag === "Later") answer.later.catch(failed)
    } catch (cause) {
      failed(cause)
    }
  }
}

/**
 * Calls an event handler of the host's. How long it may take, and when it is called again, is the delivery's; it ends by the
 * signal that it was given and is never interrupted.
 */
export const callHandler = (call: () => unknown): Effect.Effect<void, HandlerFailed> =>
  Effect.asVoid(
    Effect.tryPromise({
      try: async () => call(),
      catch: (cause) => new HandlerFailed({ cause })
    })
  )

type Settled =
  | { readonly _tag: "Now"; readonly value: unknown }
  | { readonly _tag: "Later"; readonly later: Promise<unknown> }

/** Most functions answer at once, and then nothing waits for the next turn of the event loop. */
const settled = (value: unknown): Settled =>
  typeof value === "object" && value !== null && "then" in value
    ? { _tag: "Later", later: Promise.resolve(value) }
    : { _tag: "Now", value }

const inTime = Effect.fnUntraced(function* (
  hook: string,
  later: Promise<unknown>,
  controller: AbortController
) {
  const patience = yield* HookTimeout
  return yield* Effect.tryPromise({
    try: () => later,
    catch: (cause) => new HookFailed({ hook, problem: "rejected.", cause })
  }).pipe(
    Effect.timeoutOrElse({
      duration: patience,
      orElse: () =>
        Effect.fail(
          new HookFailed({ hook, problem: `did not answer within ${Duration.format(patience)}.` })
        )
    }),
    Effect.ensuring(Effect.sync(() => controller.abort()))
  )
})

/** The host's logger is a function of the host's too. */
const logged = (message: string, details: object, cause: Cause.Cause<unknown>) =>
  Effect.ignoreCause(Effect.logError(message, details, cause))
