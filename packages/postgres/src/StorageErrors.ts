import { ConfigurationError, StorageUnavailable } from "@hawser/core"
import { Effect } from "effect"
import type { SqlError } from "effect/sql/SqlError"

/**
 * What the database said becomes the cause; the message stays our own. The cause may quote values of a row, and rows
 * hold no secret but sealed ones and hashes.
 */
export const storageUnavailable = (error: SqlError): StorageUnavailable =>
  new StorageUnavailable({ cause: error })

/** The server's five-character code (PostgreSQL, appendix A). Node's own codes, `ECONNREFUSED`, are longer. */
export const sqlState = (cause: unknown): string | undefined =>
  cause instanceof Error &&
  "code" in cause &&
  typeof cause.code === "string" &&
  /^[0-9A-Z]{5}$/.test(cause.code)
    ? cause.code
    : undefined

/** What the database refused will be refused again: a value that it cannot carry, or a row that it must not have. */
const isDefect = (error: SqlError): boolean => /^2[23]/.test(sqlState(error.reason.cause) ?? "")

/** What a statement that failed comes to: a defect of ours, or a database that is away and may come back. */
export const storageFailure = (error: SqlError): Effect.Effect<never, StorageUnavailable> =>
  isDefect(error) ? Effect.die(error) : Effect.fail(storageUnavailable(error))

/** A row is referred to that is not there, or no longer. */
export const isForeignKeyViolation = (error: SqlError): boolean =>
  sqlState(error.reason.cause) === "23503"

/** Another row has what only one may have, by the index whose name ends so. */
export const isHeld = (error: SqlError): boolean => {
  const { cause } = error.reason
  return (
    sqlState(cause) === "23505" &&
    cause instanceof Error &&
    "constraint" in cause &&
    typeof cause.constraint === "string" &&
    cause.constraint.endsWith("oauth_grant_held")
  )
}

/** At the start, what only the host can put right says so, under the option it gave; the rest may pass. */
export const startError = (
  error: SqlError,
  setting = "postgres.url"
): ConfigurationError | StorageUnavailable => {
  if (error.reason._tag === "AuthenticationError") {
    return new ConfigurationError({
      setting,
      problem: "the server refuses this user or password"
    })
  }
  if (error.reason._tag === "AuthorizationError") {
    return new ConfigurationError({
      setting: "migrate",
      problem:
        "this account may not use or make the tables; grant it the rights, or let another run the SQL that migrationSql() prints"
    })
  }
  if (sqlState(error.reason.cause) === "3D000") {
    return new ConfigurationError({
      setting,
      problem: "the server has no database of this name; create it"
    })
  }
  return storageUnavailable(error)
}
