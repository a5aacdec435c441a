import { Cause, Context, Duration, Effect, Exit, Schedule } from "effect"
import { BeginTransaction, type SqlClient } from "effect/sql/SqlClient"
import { isSqlError, type SqlError } from "effect/sql/SqlError"
import type { Database } from "./Database.ts"
import { isConflict, isLost } from "./StorageErrors.ts"
import { endsWithin } from "./StatementTimeout.ts"

/** What the stores and their start need of a client. */
export interface DatabaseClient {
  /** Runs one statement, in the fibre's transaction if there is one. */
  readonly run: Database["run"]
  /**
   * Runs an effect in one transaction under READ COMMITTED, which the statements are written for, whatever the server's
   * default is: who waited for a lock sees what its holder has written.
   */
  readonly inTransaction: <A, E>(effect: Effect.Effect<A, E>) => Effect.Effect<A, E | SqlError>
  /** Makes an effect end in time, and run again if another transaction was first. */
  readonly settled: <A>(effect: Effect.Effect<A, SqlError>) => Effect.Effect<A, SqlError>
}

export interface DatabaseClientOptions {
  /** How long one answer of the stores may take. Undefined for a database in this process. */
  readonly timeout?: Duration.Duration | undefined
  /** Whether the connections are the host's, so that only a statement can end one. */
  readonly isHosts?: boolean
}

/** Transactions that want the same row take turns: when one fails, another one was through. */
const turns = Schedule.exponential("5 millis").pipe(
  Schedule.jittered,
  (delays) => Schedule.min([delays, Schedule.spaced("100 millis")]),
  Schedule.upTo({ duration: "10 seconds" })
)

/** A start may wait this long for the migrations of another one. */
const longestTransaction = Duration.minutes(10)

/**
 * Ends a connection that has become read-only, whichever the client gives: the one that failed was given back last. The
 * client replaces it, and the new one leads to where the server is now.
 */
const endReadOnly =
  "SELECT pg_terminate_backend(pg_backend_pid()) WHERE current_setting('transaction_read_only')::bool"

/** A rollback on a connection that broke dies (`SqlClient.makeWithTransaction`), though nothing is wrong but the network. */
const sqlFailure = <A, E>(exit: Exit.Exit<A, E>): Exit.Exit<A, E | SqlError> => {
  if (Exit.isSuccess(exit) || !Cause.hasDies(exit.cause)) return exit
  const broken = exit.cause.reasons.map((reason) =>
    reason._tag === "Die" ? reason.defect : reason._tag === "Fail" ? reason.error : undefined
  )
  return broken.every(isSqlError) && broken[0] !== undefined ? Exit.fail(broken[0]) : exit
}

export const makeDatabaseClient = (
  sql: SqlClient,
  { isHosts = false, timeout }: DatabaseClientOptions
): DatabaseClient => {
  const limit = timeout === undefined ? <A>(effect: A) => effect : endsWithin(timeout)

  const heal = (error: SqlError) =>
    isHosts && isLost(error) ? Effect.ignore(sql.unsafe(endReadOnly)) : Effect.void

  const settled: DatabaseClient["settled"] = (effect) =>
    Effect.contextWith((context) =>
      // A transaction that has failed takes nothing but a rollback, and is its owner's to run again.
      Context.getOrUndefined(context, sql.transactionService) === undefined
        ? limit(
            effect.pipe(Effect.retry({ while: isConflict, schedule: turns }), Effect.tapError(heal))
          )
        : limit(effect)
    )

  return {
    run: (statement, parameters) => settled(sql.unsafe(statement, parameters)),
    inTransaction: (effect) =>
      sql
        .withTransaction(effect)
        .pipe(
          Effect.provideService(BeginTransaction, "BEGIN ISOLATION LEVEL READ COMMITTED"),
          Effect.exit,
          Effect.flatMap(sqlFailure),
          endsWithin(longestTransaction)
        ),
    settled
  }
}
