import {
  ConfigurationError,
  ConnectionStore,
  CredentialStore,
  EventBus,
  Maintenance,
  OAuthStateStore,
  type StorageUnavailable,
  type Stores
} from "@hawser/core"
import { Context, Effect, Layer, type Scope } from "effect"
import { SqlClient } from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import {
  announcing,
  channelOf,
  makeAnnouncements,
  ownAnnouncements,
  type WorkersConnection
} from "./Announcements.ts"
import { checkClient, reportReadOnly } from "./ClientCheck.ts"
import { makeDatabase } from "./Database.ts"
import {
  type DatabaseClient,
  type DatabaseClientOptions,
  LentConnections,
  makeDatabaseClient
} from "./DatabaseClient.ts"
import { migrate, type MigrateMode, newestVersion } from "./Migrations.ts"
import { makeNamespace, type Namespace, type NamespaceOptions } from "./Namespace.ts"
import { makeConnectionStore } from "./PostgresConnectionStore.ts"
import { makeCredentialStore } from "./PostgresCredentialStore.ts"
import { makeEventBus } from "./PostgresEventBus.ts"
import { makeMaintenance } from "./PostgresMaintenance.ts"
import { makeOAuthStateStore } from "./PostgresOAuthStateStore.ts"
import { scoped, secure } from "./RowLevelSecurity.ts"
import { type StatementTimeoutOptions, checkStatementTimeout } from "./StatementTimeout.ts"
import { startError } from "./StorageErrors.ts"

/** The options of both stores of this package. */
export interface PostgresStoresOptions extends NamespaceOptions {
  /** What the start does about the tables. Default `auto`. */
  readonly migrate?: MigrateMode | undefined
  /**
   * Lets the database itself keep tenants apart, by policies on every table (row-level security): a statement without its
   * condition would find no rows of another tenant. It costs three more round trips for each statement. Default false.
   */
  readonly rowLevelSecurity?: boolean | undefined
}

/** Properties of the client. */
export interface StoreClientOptions extends DatabaseClientOptions {
  /** Whether no other process can write to the database. */
  readonly isAlone?: boolean
  /** Opens a connection for the workers. Without it they poll for the writes of other processes. */
  readonly workersConnection?: Effect.Effect<WorkersConnection, SqlError, Scope.Scope> | undefined
}

/** The client of the fibre, as the statements here need it. */
export const postgresClient = Effect.fnUntraced(function* (
  setting: string
): Effect.fn.Return<SqlClient, ConfigurationError, SqlClient> {
  const given = yield* SqlClient
  return yield* given.onDialectOrElse({
    pg: () => Effect.succeed(given.withoutTransforms()),
    orElse: () =>
      new ConfigurationError({ setting, problem: "give a client that speaks to PostgreSQL" })
  })
})

/** What every start does about the tables: makes them as they have to be, or checks that they are. */
export const prepareTables = Effect.fnUntraced(function* (
  client: DatabaseClient,
  namespace: Namespace,
  options: PostgresStoresOptions,
  setting: string
) {
  const mode = options.migrate ?? "auto"
  yield* checkClient(client.run, setting)
  yield* reportReadOnly(client.run, setting)
  yield* migrate(client, namespace, mode)
  yield* secure(client, namespace, {
    wanted: options.rowLevelSecurity ?? false,
    mayAlter: mode === "auto",
    version: newestVersion
  })
})

/** The stores over the client of this option. */
export const openStores = (
  options: PostgresStoresOptions,
  setting: string,
  clientOptions: StoreClientOptions
): Layer.Layer<Stores, ConfigurationError | StorageUnavailable, SqlClient> =>
  Layer.effectContext(
    Effect.gen(function* () {
      const sql = yield* postgresClient(setting)
      const client = makeDatabaseClient(sql, { ...clientOptions, borrow: yield* LentConnections })
      const namespace = yield* makeNamespace(options)
      const wanted = options.rowLevelSecurity ?? false
      yield* prepareTables(client, namespace, options, setting).pipe(
        Effect.catchTag("SqlError", (error) => Effect.fail(startError(error, setting)))
      )
      const announcements = clientOptions.isAlone
        ? ownAnnouncements()
        : yield* makeAnnouncements(
            client.run,
            channelOf(namespace.tables),
            clientOptions.workersConnection
          )
      const plain = makeDatabase(client.run, namespace)
      const database = announcing(
        wanted ? scoped(plain, client) : plain,
        namespace.tables,
        sql.afterCommit,
        announcements.tell
      )
      return Context.make(CredentialStore, makeCredentialStore(database)).pipe(
        Context.add(OAuthStateStore, makeOAuthStateStore(database)),
        Context.add(EventBus, makeEventBus(database)),
        Context.add(ConnectionStore, makeConnectionStore(database)),
        Context.add(Maintenance, makeMaintenance(database, namespace.tables, announcements))
      )
    })
  )

/** The stores over one `SqlClient` that speaks to PostgreSQL. */
export const PostgresStores = {
  /**
   * Brings the tables to this release's version, or checks that they have it, then returns the stores.
   *
   * Fails with `ConfigurationError` if namespace, account or tables are unusable, and with `StorageUnavailable` if the
   * database does not answer.
   *
   * @example
   * import { PgClient } from "@effect/sql-pg"
   * import { PostgresStores } from "@hawser/postgres/effect"
   * import { Config, Layer } from "effect"
   *
   * const stores = PostgresStores.layer({ migrate: "check" }).pipe(
   *   Layer.provide(PgClient.layerConfig({ url: Config.Redacted("DATABASE_URL") }))
   * )
   */
  layer: (
    options: PostgresStoresOptions & StatementTimeoutOptions = {}
  ): Layer.Layer<Stores, ConfigurationError | StorageUnavailable, SqlClient> =>
    Layer.unwrap(
      Effect.map(checkStatementTimeout(options), (timeout) =>
        openStores(options, "sqlClient", { timeout, isHosts: true })
      )
    )
}
