import { ConfigurationError } from "@hawser/core"
import { Effect } from "effect"
import type { SqlError } from "effect/sql/SqlError"
import type { Database } from "./Database.ts"

const bytes = new Uint8Array([0, 92, 255])
const texts = ["plain", 'with "quotes", a \\ and a comma', ""]
const instant = "2026-11-24T11:49:57.123Z"
const json = { a: [1, null, "é"] }

interface Echo {
  readonly bytes: unknown
  readonly texts: unknown
  readonly instant: unknown
  readonly json: unknown
  readonly number: unknown
  readonly yes: unknown
  readonly nothing: unknown
}

const statement = `SELECT $1::bytea AS bytes, $2::text[] AS texts, $3::timestamptz AS instant, $4::jsonb AS json,
  7::int4 AS number, true AS yes, $5::text AS nothing`

/** The types that arrive in another form than the stores expect. */
const misread = (echo: Echo): ReadonlyArray<string> =>
  Object.entries({
    bytea: echo.bytes instanceof Uint8Array && String([...echo.bytes]) === String([...bytes]),
    "text[]": JSON.stringify(echo.texts) === JSON.stringify(texts),
    timestamptz: echo.instant instanceof Date && echo.instant.toISOString() === instant,
    jsonb: JSON.stringify(echo.json) === JSON.stringify(json),
    int4: echo.number === 7,
    bool: echo.yes === true,
    null: echo.nothing === null
  })
    .filter(([, same]) => !same)
    .map(([type]) => type)

/**
 * One statement that checks whether values pass through the host's client unchanged, so that a client that changes them is
 * refused before anything is written.
 */
export const checkClient = Effect.fnUntraced(function* (
  run: Database["run"],
  setting: string
): Effect.fn.Return<void, ConfigurationError | SqlError> {
  const [echo] = yield* run<Echo>(statement, [bytes, texts, instant, JSON.stringify(json), null])
  const wrong = echo === undefined ? ["rows"] : misread(echo)
  if (echo === undefined || wrong.length > 0) {
    return yield* new ConfigurationError({
      setting,
      problem: `${wrong.join(", ")} must arrive as node-postgres reads it by default; give a client without parsers of its own`
    })
  }
})

/**
 * Tells the log at the start of a database that takes no writes. It may take them soon, after a failover, so nothing else
 * comes of it.
 */
export const reportReadOnly = Effect.fnUntraced(function* (
  run: Database["run"],
  setting: string
): Effect.fn.Return<void, SqlError> {
  const [state] = yield* run<{ readonly recovering: boolean; readonly readOnly: boolean }>(
    `SELECT pg_is_in_recovery() AS recovering, current_setting('transaction_read_only')::bool AS "readOnly"`,
    []
  )
  if (state === undefined || !(state.recovering || state.readOnly)) return
  yield* Effect.logError(
    state.recovering
      ? `The database of ${setting} is a standby, or recovers: nothing can be stored until it is the primary. Name the primary, by target_session_attrs=read-write for instance.`
      : `The database of ${setting} is read-only: nothing can be stored. Look at default_transaction_read_only of the server, the database and the account.`
  )
})
