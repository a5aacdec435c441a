import { PgClient } from "@effect/sql-pg"
import { ConfigurationError, type Store } from "@hawser/core"
import { Effect, Layer, Redacted } from "effect"
import { PostgresStores, type PostgresStoresOptions } from "./PostgresStores.ts"
import { startError } from "./StorageErrors.ts"

export interface PostgresOptions extends PostgresStoresOptions {
  /** `postgres://user:password@host:5432/database?sslmode=require`. */
  readonly url: string | undefined
  /** How many connections are open at most. Default 10. */
  readonly maxConnections?: number | undefined
}

const checkedUrl = (
  url: string | undefined
): Effect.Effect<Redacted.Redacted, ConfigurationError> => {
  const protocol = url !== undefined && URL.canParse(url) ? new URL(url).protocol : undefined
  return url !== undefined && (protocol === "postgres:" || protocol === "postgresql:")
    ? Effect.succeed(Redacted.make(url))
    : Effect.fail(
        // The value stays out: it may hold a password.
        new ConfigurationError({
          setting: "postgres.url",
          problem: "set it to a URL like postgres://user:password@host:5432/database"
        })
      )
}

/**
 * Keeps everything in a PostgreSQL, from version 15 on: in a schema of its own (`hawser`), so it may be the database
 * that the host already has.
 *
 * A URL, account or table that cannot be used stops the start with a `ConfigurationError`.
 *
 * @example
 * import { postgres } from "@hawser/postgres"
 *
 * const store = postgres({ url: process.env["DATABASE_URL"], migrate: "check" })
 */
export const postgres = ({ maxConnections, url, ...options }: PostgresOptions): Store => {
  const client = PgClient.layerFrom(
    Effect.flatMap(checkedUrl(url), (checked) =>
      PgClient.make({
        url: checked,
        applicationName: "hawser",
        ...(maxConnections === undefined ? {} : { maxConnections })
      }).pipe(Effect.mapError(startError))
    )
  )
  return { layer: PostgresStores.layer(options).pipe(Layer.provide(client)) }
}
