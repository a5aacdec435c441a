import { retryFailed } from "@hawser/core"
import { Cause, Context, Duration, Effect, Exit, References, Schedule } from "effect"
import { BeginTransaction, type SqlClient } from "effect/sql/SqlClient"
import type { Borrower } from "effect/sql/SqlConnection"
import { isSqlError, type SqlError } from "effect/sql/SqlError"
import type { Database } from "./Database.ts"
import { isConflict, isLost } from "./StorageErrors.ts"
import { endsWithin } from "./StatementTimeout.ts"

/** The operations that the stores need from a client. */
export interface DatabaseClient {
  /** Runs one statement, in the fibre's transaction if there is one. */
  readonly run: Database["run"]
  /**
   * Runs an effect in one transaction under READ COMMITTED, whatever the server's default is. The statements rely on it:
   * after waiting for a lock, a statement sees what the holder wrote.
   */
  readonly inTransaction: <A, E>(effect: Effect.Effect<A, E>) => Effect.Effect<A, E | SqlError>
  /** Limits an effect's time, and repeats it after a conflict with another transaction. */
  readonly settled: <A>(effect: Effect.Effect<A, SqlError>) => Effect.Effect<A, SqlError>
}

export interface DatabaseClientOptions {
  /** The time limit of one call of the stores. Undefined for a database in this process. */
  readonly timeout?: Duration.Duration | undefined
  /** Whether the host owns the connections, so that only a statement can end one. */
  readonly isHosts?: boolean
  /** Lends a connection for one statement, if the client can. */
  readonly borrow?: Borrower | undefined
}

/** The connections of a client that can lend them. Only `openStores` asks. */
export const LentConnections = Context.Reference<Borrower | undefined>(
  "@hawser/postgres/LentConnections",
  { defaultValue: () => undefined }
)

/** Transactions that conflict on a row take turns: if one fails, another one succeeded. */
const turns = Schedule.exponential("5 millis").pipe(
  Schedule.jittered,
  (delays) => Schedule.min([delays, Schedule.spaced("100 millis")]),
  Schedule.upTo({ duration: "10 seconds" })
)

/** How long a start waits for the migrations of another process. */
const longestTransaction = Duration.minutes(10)

/**
 * Ends a connection that has become read-only. The client usually returns the one that failed, because it was given back
 * last. The client replaces it, and the new connection reaches the current primary.
 */
const endReadOnly =
  "SELECT pg_terminate_backend(pg_backend_pid()) WHERE current_setting('transaction_read_only')::bool"

/** A rollback on a broken connection is a defect in `SqlClient.makeWithTransaction`, although only the network failed. */
const sqlFailure = <A, E>(exit: Exit.Exit<A, E>): Exit.Exit<A, E | SqlError> => {
  if (Exit.isSuccess(exit) || !Cause.hasDies(exit.cause)) return exit
  const broken = exit.cause.reasons.map((reason) =>
    reason._tag === "Die" ? reason.defect : reason._tag === "Fail" ? reason.error : undefined
  )
  return broken.every(isSqlError) && broken[0] !== undefined ? Exit.fail(broken[0]) : exit
}

export const makeDatabaseClient = (
  sql: SqlClient,
  { borrow, isHosts = false, timeout }: DatabaseClientOptions
): DatabaseClient => {
  const limit = timeout === undefined ? <A>(effect: A) => effect : endsWithin(timeout)

  const heal = (error: SqlError) =>
    isLost(error) ? Effect.ignore(sql.unsafe(endReadOnly)) : Effect.void

  const isInTransaction = (context: Context.Context<never>): boolean =>
    Context.getOrUndefined(context, sql.transactionService) !== undefined

  const inTurns = retryFailed({ while: isConflict, schedule: turns })

  const settledAlone = <A>(effect: Effect.Effect<A, SqlError>): Effect.Effect<A, SqlError> => {
    const inTurn = inTurns(effect)
    return limit(isHosts ? Effect.tapError(inTurn, heal) : inTurn)
  }

  const settled: DatabaseClient["settled"] = (effect) =>
    Effect.contextWith((context) =>
      // A failed transaction accepts only a rollback, and only its owner can run it again.
      isInTransaction(context) ? limit(effect) : settledAlone(effect)
    )

  return {
    run: <Row extends object>(statement: string, parameters: ReadonlyArray<unknown>) =>
      Effect.contextWith((context) => {
        if (isInTransaction(context)) return limit(sql.unsafe<Row>(statement, parameters))
        // A statement of `SqlClient` is compiled again each time, and makes its span even if nobody collects it.
        if (borrow === undefined || Context.get(context, References.TracerEnabled))
          return settledAlone(sql.unsafe<Row>(statement, parameters))
        return settledAlone(
          borrow((connection) => connection.execute(statement, parameters, undefined))
        ) as Effect.Effect<ReadonlyArray<Row>, SqlError>
      }),
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
