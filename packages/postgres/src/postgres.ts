import * as PgClient from "@effect/sql-pg/PgClient"
import { ConfigurationError, type StorageUnavailable, type Store } from "@hawser/core"
import { Effect, Layer, Redacted } from "effect"
import { SqlClient } from "effect/sql/SqlClient"
import { type EffectSqlClient, isEffectSqlClient, isPgPool, type PgPool } from "./HostClient.ts"
import { inHostTransaction } from "./HostTransaction.ts"
import { pgPoolClient } from "./PgPoolClient.ts"
import { openStores, type PostgresStoresOptions } from "./PostgresStores.ts"
import { startError } from "./StorageErrors.ts"

/** Connections of Hawser's own. */
interface PostgresUrl {
  /** `postgres://user:password@host:5432/database?sslmode=require`. */
  readonly url: string | undefined
  /** How many connections are open at most. Default 10. */
  readonly maxConnections?: number | undefined
  /** Whether the URL leads to PgBouncer in transaction mode, or a pooler like it. Default `false`. */
  readonly pgBouncer?: boolean | undefined
  readonly pool?: undefined
  readonly sqlClient?: undefined
}

/** The host's own pool, which Hawser does not end. */
interface PostgresPool {
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
  (PostgresUrl | PostgresPool | PostgresSqlClient)

const refuse = (setting: string, problem: string) => new ConfigurationError({ setting, problem })

const checkedUrl = (
  url: string | undefined
): Effect.Effect<Redacted.Redacted, ConfigurationError> => {
  const protocol = url !== undefined && URL.canParse(url) ? new URL(url).protocol : undefined
  return url !== undefined && (protocol === "postgres:" || protocol === "postgresql:")
    ? Effect.succeed(Redacted.make(url))
    : // The value stays out: it may hold a password.
      refuse("postgres.url", "set it to a URL like postgres://user:password@host:5432/database")
}

const urlClient = ({ maxConnections, pgBouncer, url }: PostgresUrl) =>
  PgClient.layerFrom(
    Effect.flatMap(checkedUrl(url), (checked) =>
      PgClient.make({
        url: checked,
        applicationName: "hawser",
        // A pooler gives the server connection that holds a prepared statement to others.
        prepare: pgBouncer !== true,
        ...(maxConnections === undefined ? {} : { maxConnections })
      }).pipe(Effect.mapError((error) => startError(error)))
    )
  )

type Client = Layer.Layer<SqlClient, ConfigurationError | StorageUnavailable>

const poolClient = ({ pool }: PostgresPool): Client =>
  isPgPool(pool)
    ? pgPoolClient(pool)
    : Layer.effect(SqlClient, refuse("postgres.pool", "give a pg.Pool"))

const sqlClient = ({ sqlClient }: PostgresSqlClient): Client =>
  isEffectSqlClient(sqlClient)
    ? Layer.succeed(SqlClient, sqlClient as unknown as SqlClient)
    : Layer.effect(SqlClient, refuse("postgres.sqlClient", "give an SqlClient of effect/sql"))

/** The client of the one form that is there, and the option's name. */
const clientOf = (options: PostgresOptions): readonly [setting: string, client: Client] => {
  const given = [options.url, options.pool, options.sqlClient].filter((one) => one !== undefined)
  if (given.length > 1) {
    const refused = refuse("postgres", "give one of url, pool and sqlClient, not several")
    return ["postgres", Layer.effect(SqlClient, refused)]
  }
  if (options.pool !== undefined) return ["postgres.pool", poolClient(options)]
  if (options.sqlClient !== undefined) return ["postgres.sqlClient", sqlClient(options)]
  return ["postgres.url", urlClient(options)]
}

/**
 * Keeps everything in a PostgreSQL, from version 15 on: in a schema of its own (`hawser`), so it may be the database
 * that the host already has. Reaches it by a URL, through the host's `pg.Pool`, or through its `SqlClient`.
 *
 * A URL, client, account or table that cannot be used stops the start with a `ConfigurationError`.
 *
 * @example
 * import { postgres } from "@hawser/postgres"
 *
 * const store = postgres({ url: process.env["DATABASE_URL"], migrate: "check" })
 */
export const postgres = (options: PostgresOptions): Store => {
  const [setting, client] = clientOf(options)
  return {
    layer: openStores(options, setting).pipe(Layer.provide(client)),
    inTransaction: (hostClient) => inHostTransaction(options, hostClient)
  }
}
