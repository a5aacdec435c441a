import { Effect } from "effect"
import type { SqlError } from "effect/sql/SqlError"
import type { Database } from "./Database.ts"

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
