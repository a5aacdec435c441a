import { Effect, Stream } from "effect"
import type { Connection } from "effect/sql/SqlConnection"
import {
  AuthenticationError,
  AuthorizationError,
  ConnectionError,
  SqlError,
  UnknownError
} from "effect/sql/SqlError"
import type { PgQueryable } from "./HostClient.ts"
import { pgTypes } from "./PgValues.ts"
import { sqlState } from "./StorageErrors.ts"

/** An error of node-postgres in the form of `PgClient`. */
export const pgError = (cause: unknown): SqlError => {
  const props = { cause, message: "The statement failed", operation: "query" }
  const state = sqlState(cause)
  if (state === undefined || state.startsWith("08")) {
    return new SqlError({ reason: new ConnectionError(props) })
  }
  if (state.startsWith("28")) return new SqlError({ reason: new AuthenticationError(props) })
  if (state === "42501") return new SqlError({ reason: new AuthorizationError(props) })
  return new SqlError({ reason: new UnknownError(props) })
}

/**
 * A connection of `effect/sql` over one of node-postgres. Statements have no name, so that none stays prepared on a server
 * connection that a pooler shares.
 */
export const pgConnection = (client: PgQueryable): Connection => {
  const rows = (text: string, values: ReadonlyArray<unknown>) =>
    Effect.tryPromise({
      try: async () => {
        const result = await client.query({ text, values: [...values], types: pgTypes })
        return result.rows as ReadonlyArray<Record<string, unknown>>
      },
      catch: pgError
    })
  const values = (text: string, parameters: ReadonlyArray<unknown>) =>
    Effect.map(rows(text, parameters), (all) => all.map((row) => Object.values(row)))
  const execute: Connection["execute"] = (text, parameters, transform) =>
    transform === undefined ? rows(text, parameters) : Effect.map(rows(text, parameters), transform)
  return {
    execute,
    executeUnprepared: execute,
    executeRaw: rows,
    executeValues: values,
    executeValuesUnprepared: values,
    executeStream: (text, parameters, transform) =>
      Stream.fromIterableEffect(execute(text, parameters, transform))
  }
}
