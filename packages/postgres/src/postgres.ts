import {
  ConfigurationError,
  durationOption,
  hostOptions,
  isObject,
  type Store,
  opaqueOption
} from "@hawser/core"
import { type Duration, Effect, Layer, Predicate, Schema } from "effect"
import { SqlClient } from "effect/sql/SqlClient"
import { readConnectionUrl } from "./ConnectionUrl.ts"
import { type EffectSqlClient, isEffectSqlClient, isPgPool, type PgPool } from "./HostClient.ts"
import { inHostTransaction } from "./HostTransaction.ts"
import { ofStores } from "./optionSchemas.ts"
import { pgPoolClient } from "./PgPoolClient.ts"
import { openStores, type PostgresStoresOptions } from "./PostgresStores.ts"
import { type StatementTimeoutOptions, checkStatementTimeout } from "./StatementTimeout.ts"
import { urlClient, workersConnection } from "./UrlClient.ts"

/** Connections of Hawser's own. */
export interface PostgresUrl {
  /**
   * `postgres://user:password@host:5432/database?sslmode=require`. What it says about TLS is honoured, or refused by name.
   */
  readonly url: string | undefined
  /** How many connections are open at most. Default 10. */
  readonly maxConnections?: number | undefined
  /** Whether the URL leads to PgBouncer in transaction mode, or a pooler like it. Default `false`. */
  readonly pgBouncer?: boolean | undefined
  readonly pool?: undefined
  readonly sqlClient?: undefined
}

/** The host's own pool, which Hawser does not end. */
export interface PostgresPool {
  /** A `pg.Pool`. */
  readonly pool: PgPool
  readonly url?: undefined
  readonly sqlClient?: undefined
}

/** The host's own client of `effect/sql`. */
interface PostgresSqlClient {
  /** An `SqlClient` that speaks to PostgreSQL, such as `PgClient`. */
  readonly sqlClient: EffectSqlClient
  readonly url?: undefined
  readonly pool?: undefined
}

/** How Hawser reaches the database: exactly one of `url`, `pool` and `sqlClient`. */
export type PostgresOptions = PostgresStoresOptions &
  StatementTimeoutOptions &
  (PostgresUrl | PostgresPool | PostgresSqlClient)

const checkOptions = hostOptions<PostgresOptions>({
  ...ofStores,
  statementTimeout: durationOption,
  url: Schema.String,
  maxConnections: Schema.Number,
  pgBouncer: Schema.Boolean,
  pool: opaqueOption("a pg.Pool", isObject),
  // Effect's clients are functions.
  sqlClient: opaqueOption(
    "an SqlClient of effect/sql",
    (value) => isObject(value) || typeof value === "function"
  )
})

const refuse = (setting: string, problem: string) => new ConfigurationError({ setting, problem })

/** A client of Hawser's own or the host's, which ends its statements in time. */
type Client = (timeout: Duration.Duration) => Layer.Layer<SqlClient, ConfigurationError>

const urlOptions = ({ maxConnections, pgBouncer, url }: PostgresUrl, timeout: Duration.Duration) =>
  Effect.map(readConnectionUrl(url), (target) => ({
    target,
    maxConnections,
    // A pooler gives the server connection that holds a prepared statement to others.
    prepare: pgBouncer !== true,
    timeout
  }))

const ofUrl =
  (options: PostgresUrl): Client =>
  (timeout) =>
    Layer.unwrap(Effect.map(urlOptions(options, timeout), urlClient))

/** A listener would stay on a connection that PgBouncer gives to others, and a host's own connections are the host's. */
const makeWorkersConnection = (options: PostgresOptions, timeout: Duration.Duration) =>
  options.pool !== undefined || options.sqlClient !== undefined || options.pgBouncer === true
    ? undefined
    : // The start has refused what cannot be read.
      Effect.flatMap(Effect.orDie(urlOptions(options, timeout)), workersConnection)

const ofPool =
  ({ pool }: PostgresPool): Client =>
  (timeout) =>
    isPgPool(pool)
      ? pgPoolClient(pool, timeout)
      : Layer.effect(SqlClient, refuse("postgres.pool", "give a pg.Pool"))

/** Its sockets are out of reach, so only its owner can turn it on. */
const hintKeepAlive = (client: EffectSqlClient) =>
  Predicate.hasProperty(client, "config") &&
  Predicate.isObject(client.config) &&
  !Predicate.hasProperty(client.config, "keepAlive")
    ? Effect.logWarning(
        'The PgClient has no TCP keep-alive, so a connection that the network forgot is found by the statement that fails; give it keepAlive: "10 seconds".'
      )
    : Effect.void

const ofSqlClient =
  ({ sqlClient }: PostgresSqlClient): Client =>
  () =>
    isEffectSqlClient(sqlClient)
      ? Layer.effect(
          SqlClient,
          Effect.as(hintKeepAlive(sqlClient), sqlClient as unknown as SqlClient)
        )
      : Layer.effect(SqlClient, refuse("postgres.sqlClient", "give an SqlClient of effect/sql"))

/** The client of the one form that is there, and the option's name. */
const chooseClient = (options: PostgresOptions): readonly [setting: string, client: Client] => {
  const given = [options.url, options.pool, options.sqlClient].filter((one) => one !== undefined)
  if (given.length > 1) {
    const refused = refuse("postgres", "give one of url, pool and sqlClient, not several")
    return ["postgres", () => Layer.effect(SqlClient, refused)]
  }
  if (options.pool !== undefined) return ["postgres.pool", ofPool(options)]
  if (options.sqlClient !== undefined) return ["postgres.sqlClient", ofSqlClient(options)]
  return ["postgres.url", ofUrl(options)]
}

/** What reaches the database of these options: its client, and one more connection where there is one. */
export const clientOf = (options: PostgresOptions) =>
  Effect.map(checkStatementTimeout(options), (timeout) => {
    const [setting, client] = chooseClient(options)
    return {
      setting,
      timeout,
      client: client(timeout),
      workersConnection: makeWorkersConnection(options, timeout)
    }
  })

/**
 * Keeps everything in a PostgreSQL, from version 15 on: in a schema of its own (`hawser`), so it may be the database
 * that the host already has. Reaches it by a URL, through the host's `pg.Pool`, or through its `SqlClient`.
 *
 * A URL, client, account or table that cannot be used stops the start with a `ConfigurationError`; an option of a wrong type or
 * name throws it.
 *
 * @example
 * import { postgres } from "@hawser/postgres"
 *
 * const store = postgres({ url: process.env["DATABASE_URL"], migrate: "check" })
 */
export const postgres = (options: PostgresOptions): Store => {
  const wrong = checkOptions("postgres", options)
  if (wrong !== undefined) throw wrong
  return {
    layer: Layer.unwrap(
      Effect.map(clientOf(options), ({ client, setting, timeout, workersConnection }) =>
        openStores(options, setting, {
          timeout,
          isHosts: options.sqlClient !== undefined,
          workersConnection
        }).pipe(Layer.provide(client))
      )
    ),
    inTransaction: (hostClient) => inHostTransaction(options, hostClient)
  }
}
