import type { HashKeyStore, Sealed } from "@hawser/core"
import { Effect } from "effect"
import type { Database } from "./Database.ts"
import { storageFailure } from "./StorageErrors.ts"

/** The key of keyed hashes over a database. */
export const makeHashKeyStore = ({ run, statements }: Database): HashKeyStore["Service"] => {
  const find = run<{ readonly sealed_key: Sealed }>(statements.findHashKey, []).pipe(
    Effect.catch(storageFailure),
    Effect.map(([row]) => row?.sealed_key)
  )
  return {
    find,
    keep: (sealed) =>
      run(statements.keepHashKey, [sealed]).pipe(
        Effect.catch(storageFailure),
        Effect.andThen(find),
        // Nothing deletes the row, so it exists. If it does not, the key that was just sealed is as good.
        Effect.map((kept) => kept ?? sealed)
      )
  }
}
