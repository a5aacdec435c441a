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
        // Nothing deletes it, so it is there; what was sealed here is as good if it is not.
        Effect.map((kept) => kept ?? sealed)
      )
  }
}
