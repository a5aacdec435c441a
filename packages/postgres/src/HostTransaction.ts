import {
  ConfigurationError,
  ConnectionStore,
  CredentialStore,
  OAuthStateStore,
  type StorageUnavailable,
  type TransactionStores
} from "@hawser/core"
import { Context, Effect, Fiber, identity } from "effect"
import type { SqlClient } from "effect/sql/SqlClient"
import type { Connection } from "effect/sql/SqlConnection"
import type { SqlError } from "effect/sql/SqlError"
import { checkClient } from "./ClientCheck.ts"
import { announcement, channelOf, writing } from "./Announcements.ts"
import { type Database, makeDatabase } from "./Database.ts"
import { isEffectSqlClient, isPgQueryable } from "./HostClient.ts"
import { makeNamespace, type NamespaceOptions } from "./Namespace.ts"
import { pgConnection } from "./PgConnection.ts"
import { makeConnectionStore } from "./PostgresConnectionStore.ts"
import { makeCredentialStore } from "./PostgresCredentialStore.ts"
import { makeOAuthStateStore } from "./PostgresOAuthStateStore.ts"
import type { PostgresStoresOptions } from "./PostgresStores.ts"
import { scoped } from "./RowLevelSecurity.ts"
import {
  endsWithin,
  type StatementTimeoutOptions,
  checkStatementTimeout
} from "./StatementTimeout.ts"
import { sqlState, storageFailure, storageUnavailable } from "./StorageErrors.ts"

const setting = "transaction(client)"

/** An `SqlClient` keeps its transaction in the calling fibre. */
const transactionConnection = (client: object): Connection | undefined => {
  if (isEffectSqlClient(client)) {
    const fiber = Fiber.getCurrent()
    const { transactionService } = client as unknown as SqlClient
    return fiber && Context.getOrUndefined(fiber.context, transactionService)?.[0]
  }
  return isPgQueryable(client) ? pgConnection(client) : undefined
}

const refuse = (problem: string) => new ConfigurationError({ setting, problem })

const noTransaction = () =>
  refuse(
    "give the client on which a transaction is open: a pg client after BEGIN, or an SqlClient within withTransaction"
  )

const transactionRefusal = (error: SqlError): ConfigurationError | StorageUnavailable => {
  const state = sqlState(error.reason.cause)
  if (state === "25P01") return noTransaction()
  if (state === "42P01" || state === "3F000") {
    return refuse("give a client of the database that has Hawser's tables")
  }
  return storageUnavailable(error)
}

/**
 * The stores inside the host's transaction. Finds the connection when it is called; run the effect for each command.
 */
export const inHostTransaction = (
  options: Pick<PostgresStoresOptions, keyof NamespaceOptions | "rowLevelSecurity"> &
    StatementTimeoutOptions,
  client: object
): Effect.Effect<Context.Context<TransactionStores>, ConfigurationError | StorageUnavailable> => {
  const connection = transactionConnection(client)
  let checked = false
  return Effect.gen(function* () {
    if (connection === undefined) return yield* noTransaction()
    const timeout = yield* checkStatementTimeout(options)
    const run = <Row extends object>(statement: string, parameters: ReadonlyArray<unknown>) =>
      endsWithin(timeout)(
        connection.execute(statement, parameters, undefined) as Effect.Effect<
          ReadonlyArray<Row>,
          SqlError
        >
      )
    const namespace = yield* makeNamespace(options)
    // The server refuses this unless a transaction is open, so also for a pool. Otherwise it takes only the lock of a read.
    yield* run(`LOCK TABLE ${namespace.tables.integration} IN ACCESS SHARE MODE`, []).pipe(
      Effect.mapError(transactionRefusal)
    )
    if (!checked) {
      yield* checkClient(run, setting).pipe(Effect.catchTag("SqlError", storageFailure))
      checked = true
    }
    // Sent with the host's commit, which Hawser cannot observe. The cost of NOTIFY falls on this transaction only.
    const recordsEvent = writing([namespace.tables.outbox])
    const announced: Database["run"] = (statement, parameters) =>
      recordsEvent.test(statement)
        ? Effect.tap(run(statement, parameters), () =>
            run(announcement, [channelOf(namespace.tables)])
          )
        : run(statement, parameters)
    const plain = makeDatabase(announced, namespace)
    // The host's transaction is already open.
    const asItIs = { run, inTransaction: identity, settled: identity }
    const database = options.rowLevelSecurity === true ? scoped(plain, asItIs) : plain
    return Context.make(CredentialStore, makeCredentialStore(database)).pipe(
      Context.add(ConnectionStore, makeConnectionStore(database)),
      Context.add(OAuthStateStore, makeOAuthStateStore(database))
    )
  })
}
