import { Forbidden, type StorageUnavailable } from "@hawser/core"
import { Effect } from "effect"
import { type Database, queries } from "./Database.ts"

/**
 * Fails with `Forbidden` if one of these users is barred, or barred for this reason. The write that was refused has already
 * decided; this only finds the error for it.
 */
export const findBarrier = (database: Database) => {
  const { query } = queries(database)
  return Effect.fnUntraced(function* (
    tenantId: string,
    [first, second = first]: ReadonlyArray<Uint8Array>,
    only?: Forbidden["reason"]
  ): Effect.fn.Return<void, Forbidden | StorageUnavailable> {
    const [row] = yield* query<{ readonly reason: Forbidden["reason"] }>(
      database.statements.findBarred,
      [tenantId, first, second]
    )
    if (row !== undefined && (only === undefined || row.reason === only))
      return yield* new Forbidden({ reason: row.reason })
  })
}
