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
import { sqlState } from "./StorageErrors.ts"

const bytes = (text: string): unknown =>
  text.startsWith("\\x") ? new Uint8Array(Buffer.from(text.slice(2), "hex")) : text

/** `2026-11-24 11:49:57.123456+05:30`, the form of `DateStyle` ISO; the minutes of the offset may be missing. */
const instant = (text: string): unknown => {
  const date = new Date(text.replace(" ", "T").replace(/[+-]\d\d$/, "$&:00"))
  return Number.isNaN(date.getTime()) ? text : date
}

/** `{plain,"with \"quotes\""}`. */
const texts = (text: string): unknown =>
  Array.from(
    text.slice(1, -1).matchAll(/"((?:[^"\\]|\\.)*)"|[^,]+/g),
    ([plain, quoted]) => quoted?.replaceAll(/\\(.)/g, "$1") ?? plain
  )

const parsers = new Map<number, (text: string) => unknown>([
  [16, (text) => text === "t"],
  [17, bytes],
  [23, Number],
  [701, Number],
  [1009, texts],
  [1184, instant],
  [3802, JSON.parse]
])

/**
 * Parses the types that Hawser's statements return, by oid (`pg_type.dat`), as `PgClient` does. node-postgres would use
 * parsers that a host may have changed for the whole process.
 *
 * A value in another form than the server's default (`bytea_output`, `DateStyle`) stays text, which the check at the start
 * refuses.
 */
const pgTypes = {
  getTypeParser: (oid: number): ((text: string) => unknown) => parsers.get(oid) ?? ((text) => text)
}

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
