import {
  ConfigurationError,
  CredentialStore,
  IntegrationStore,
  OAuthStateStore,
  type StorageUnavailable,
  type TransactionStores
} from "@hawser/core"
import { Context, Effect, Fiber } from "effect"
import type { SqlClient } from "effect/sql/SqlClient"
import type { Connection } from "effect/sql/SqlConnection"
import { checkClient } from "./ClientCheck.ts"
import { makeDatabase } from "./Database.ts"
import { isEffectSqlClient, isPgQueryable } from "./HostClient.ts"
import { makeNamespace, type NamespaceOptions } from "./Namespace.ts"
import { pgConnection } from "./PgConnection.ts"
import { makeCredentialStore } from "./PostgresCredentialStore.ts"
import { makeIntegrationStore } from "./PostgresIntegrationStore.ts"
import { makeOAuthStateStore } from "./PostgresOAuthStateStore.ts"
import { storageUnavailable } from "./StorageErrors.ts"

const setting = "in(client)"

/** An `SqlClient` keeps its transaction in the fibre that runs it, which is the one that calls us. */
const connectionOf = (client: object): Connection | undefined => {
  if (isEffectSqlClient(client)) {
    const fiber = Fiber.getCurrent()
    const { transactionService } = client as unknown as SqlClient
    return fiber && Context.getOrUndefined(fiber.context, transactionService)?.[0]
  }
  return isPgQueryable(client) ? pgConnection(client) : undefined
}

const noTransaction = () =>
  new ConfigurationError({
    setting,
    problem:
      "give the client on which a transaction is open: a pg client after BEGIN, or an SqlClient within withTransaction"
  })

/**
 * The stores that a request writes to, on a connection whose transaction the host holds. Finds the connection when it
 * is called and looks at it once, with the first statement.
 */
export const inHostTransaction = (
  options: NamespaceOptions,
  client: object
): Effect.Effect<Context.Context<TransactionStores>, ConfigurationError | StorageUnavailable> => {
  const connection = connectionOf(client)
  return Effect.gen(function* () {
    if (connection === undefined) return yield* noTransaction()
    const run = (statement: string, parameters: ReadonlyArray<unknown>) =>
      connection.execute(statement, parameters, undefined)
    const { inTransaction } = yield* checkClient(run, setting).pipe(
      Effect.catchTag("SqlError", (error) => Effect.fail(storageUnavailable(error)))
    )
    if (!inTransaction) return yield* noTransaction()
    const database = makeDatabase(run, yield* makeNamespace(options))
    return Context.make(CredentialStore, makeCredentialStore(database)).pipe(
      Context.add(IntegrationStore, makeIntegrationStore(database)),
      Context.add(OAuthStateStore, makeOAuthStateStore(database))
    )
  })
}
