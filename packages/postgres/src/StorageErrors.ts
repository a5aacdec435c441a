import { ConfigurationError, StorageUnavailable } from "@hawser/core"
import type { SqlError } from "effect/sql/SqlError"

/**
 * What the database said becomes the cause; the message stays our own. The cause may quote values of a row, and rows
 * hold no secret but sealed ones and hashes.
 */
export const storageUnavailable = (error: SqlError): StorageUnavailable =>
  new StorageUnavailable({ cause: error })

/** The server's five-character code (PostgreSQL, appendix A). */
const sqlState = ({ reason: { cause } }: SqlError): string | undefined =>
  cause instanceof Error && "code" in cause && typeof cause.code === "string"
    ? cause.code
    : undefined

/** A row is referred to that is not there, or no longer. */
export const isForeignKeyViolation = (error: SqlError): boolean => sqlState(error) === "23503"

/** At the start, what only the host can put right says so; the rest may pass. */
export const startError = (error: SqlError): ConfigurationError | StorageUnavailable => {
  if (error.reason._tag === "AuthenticationError") {
    return new ConfigurationError({
      setting: "postgres.url",
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
  if (sqlState(error) === "3D000") {
    return new ConfigurationError({
      setting: "postgres.url",
      problem: "the server has no database of this name; create it"
    })
  }
  return storageUnavailable(error)
}
