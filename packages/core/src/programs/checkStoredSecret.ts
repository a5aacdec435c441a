import { Cause, Effect } from "effect"
import { Cipher } from "../ports/Cipher.ts"
import { SealedValues } from "../ports/SealedValues.ts"

/**
 * Opens one of the stored secrets and tells the log if it does not open: a wrong encryption key would else be seen by the
 * first tenant who needs a token. Nothing else comes of it, because tenants can connect again whatever was lost.
 */
export const checkStoredSecret: Effect.Effect<void, never, Cipher | SealedValues> = Effect.gen(
  function* () {
    const cipher = yield* Cipher
    const values = yield* SealedValues
    // No key has an empty id, so this leaves out what is no envelope.
    const [stored] = yield* values.batch({ exceptKeyId: "", limit: 1, after: undefined })
    if (stored !== undefined) yield* cipher.open(stored.sealed, stored)
  }
).pipe(
  Effect.catchTags({
    DecryptionFailed: (error) =>
      Effect.logError(
        "A stored secret does not open with the configured keys, and probably none does. Set the key that this database was used with before; keysInUse() names the keys that it needs.",
        { reason: error.reason }
      ),
    StorageUnavailable: (error) =>
      Effect.logError(
        "Could not look whether stored secrets open with the configured keys.",
        Cause.fail(error)
      )
  })
)
