import { ConfigurationError, parseDuration, type DurationInput } from "@hawser/core"
import { type Context, Duration, Effect, Fiber, Option } from "effect"
import type { Connection } from "effect/sql/SqlConnection"
import { ConnectionError, SqlError } from "effect/sql/SqlError"
import { isLost } from "./StorageErrors.ts"

export interface StatementTimeoutOptions {
  /**
   * When an unanswered statement fails with `StorageUnavailable` and its connection is dropped, including the wait for a
   * connection; at most 10 minutes. Default `"15 seconds"`.
   */
  readonly statementTimeout?: DurationInput | undefined
}

const longest = Duration.minutes(10)

/** The checked option. */
export const checkStatementTimeout = ({
  statementTimeout = "15 seconds"
}: StatementTimeoutOptions): Effect.Effect<Duration.Duration, ConfigurationError> =>
  Option.match(
    Option.filter(
      parseDuration(statementTimeout),
      (timeout) => !Duration.isZero(timeout) && Duration.isLessThanOrEqualTo(timeout, longest)
    ),
    {
      onNone: () =>
        Effect.fail(
          new ConfigurationError({
            setting: "postgres.statementTimeout",
            problem: `set a duration above 0 and up to ${Duration.format(longest)}`
          })
        ),
      onSome: Effect.succeed
    }
  )

const unanswered = (timeout: Duration.Duration): SqlError => {
  const message = `The database did not answer within ${Duration.format(timeout)}`
  return new SqlError({
    reason: new ConnectionError({ cause: new Error(message), message, operation: "query" })
  })
}

/**
 * Ends at the timeout in any case: the effect runs in its own fibre, which is interrupted but not awaited.
 *
 * Not `Effect.timeout`, which waits until the effect has let itself be interrupted: a connection waits for the server to
 * confirm, and in an uninterruptible region nothing is interrupted at all.
 */
export const endsWithin =
  (timeout: Duration.Duration) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E | SqlError, R> =>
    Effect.contextWith((context: Context.Context<R>) =>
      Effect.callback<A, E | SqlError>((resume) => {
        const fiber = Effect.runForkWith(context)(effect)
        const timer = setTimeout(() => {
          resume(Effect.fail(unanswered(timeout)))
          fiber.interruptUnsafe()
        }, Duration.toMillis(timeout))
        fiber.addObserver((exit) => {
          clearTimeout(timer)
          resume(exit)
        })
        return Effect.suspend(() => {
          clearTimeout(timer)
          return Fiber.interrupt(fiber)
        })
      })
    )

/**
 * Drops a connection if its statement is not answered in time, or if the server can no longer serve it. The running
 * statement then fails.
 */
export const droppedAfter = <A, R>(
  statement: Effect.Effect<A, SqlError, R>,
  timeout: Duration.Duration,
  drop: () => void
): Effect.Effect<A, SqlError, R> =>
  Effect.suspend(() => {
    let late = false
    const timer = setTimeout(() => {
      late = true
      drop()
    }, Duration.toMillis(timeout))
    return statement.pipe(
      Effect.mapError((error) => {
        if (isLost(error)) drop()
        return late ? unanswered(timeout) : error
      }),
      Effect.ensuring(Effect.sync(() => clearTimeout(timer)))
    )
  })

/** The same connection, dropped by any statement that is not answered in time. */
export const dropping = (
  connection: Connection,
  timeout: Duration.Duration,
  drop: () => void
): Connection => {
  const bounded = <A>(statement: Effect.Effect<A, SqlError>): Effect.Effect<A, SqlError> =>
    droppedAfter(statement, timeout, drop)
  return {
    execute: (...of) => bounded(connection.execute(...of)),
    executeUnprepared: (...of) => bounded(connection.executeUnprepared(...of)),
    executeRaw: (...of) => bounded(connection.executeRaw(...of)),
    executeValues: (...of) => bounded(connection.executeValues(...of)),
    executeValuesUnprepared: (...of) => bounded(connection.executeValuesUnprepared(...of)),
    executeStream: connection.executeStream
  }
}
