import type { Maintenance, Sealed, SealedAddress } from "@hawser/core"
import { Effect } from "effect"
import type { Database } from "./Database.ts"
import type { Tables } from "./Namespace.ts"
import { sealedValueStatements } from "./SealedValueStatements.ts"
import { storageFailure } from "./StorageErrors.ts"

interface SealedRow {
  readonly key: ReadonlyArray<string>
  readonly sealed: Sealed
}

const encoder = new TextEncoder()
const decoder = new TextDecoder()

const encodeAddress = (column: string, key: ReadonlyArray<string>) =>
  JSON.stringify([column, ...key]) as SealedAddress

/** Every address comes from `addressOf`. */
const decodeAddress = (address: SealedAddress) => {
  const [column, ...key] = JSON.parse(address) as [string, ...ReadonlyArray<string>]
  return { column, key }
}

/** The sealed values of a database. */
export const makeSealedValues = (
  run: Database["run"],
  tables: Tables
): Pick<Maintenance["Service"], "keysInUse" | "replaceSealed" | "sealedValues"> => {
  const { columns, inUse } = sealedValueStatements(tables)

  return {
    keysInUse: run<{ readonly key_id: Uint8Array; readonly count: number }>(inUse, []).pipe(
      Effect.catch(storageFailure),
      Effect.map((rows) =>
        rows.map(({ count, key_id }) => ({ keyId: decoder.decode(key_id), count }))
      )
    ),

    sealedValues: Effect.fnUntraced(function* ({ after, exceptKeyId, limit }) {
      const from = after === undefined ? undefined : decodeAddress(after)
      const first = columns.findIndex(({ name }) => name === from?.column)
      for (const [index, column] of columns.entries()) {
        if (index < first) continue
        const key = index === first && from !== undefined ? from.key : column.key.map(() => "")
        const parameters = [encoder.encode(exceptKeyId), limit, ...key]
        const rows = yield* run<SealedRow>(column.batch, parameters).pipe(
          Effect.catch(storageFailure)
        )
        if (rows.length === 0) continue
        return rows.map((row) => ({
          ...column.contextOf(row),
          address: encodeAddress(column.name, row.key),
          sealed: row.sealed
        }))
      }
      return []
    }),

    replaceSealed: ({ address, sealed }, by) => {
      const place = decodeAddress(address)
      const column = columns.find(({ name }) => name === place.column)
      return column === undefined
        ? Effect.succeed(false)
        : run(column.replace, [by, sealed, ...place.key]).pipe(
            Effect.catch(storageFailure),
            Effect.map((rows) => rows.length > 0)
          )
    }
  }
}
