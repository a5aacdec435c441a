import { Cause, Effect, Schedule } from "effect"
import type { StorageUnavailable } from "../model/index.ts"
import {
  Cipher,
  type KeyUse,
  type SealedAddress,
  SealedValues,
  type StoredSealed
} from "../services/index.ts"

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

/** How far a rotation has come. */
export interface RotationProgress {
  /** Values that this run has brought under the primary key. */
  readonly done: number
  /** Values that do not open. They stay as they are; each is a security event. */
  readonly failed: number
  /** Values that are not under the primary key, those that do not open among them. */
  readonly remaining: number
}

const batchSize = 200
/** How many values are worked on at once: with a key management service each is two calls of it. */
const concurrency = 8

/** A service that throttles is asked again for a minute; after that the run ends, and another continues it. */
const patiently = Schedule.exponential("200 millis").pipe(
  Schedule.jittered,
  (delays) => Schedule.min([delays, Schedule.spaced("5 seconds")]),
  Schedule.upTo({ duration: "1 minute" })
)

/**
 * Brings all stored values under the primary key, while everything else goes on. Once nothing remains, the keys
 * before it may go.
 *
 * It selects what is not under the primary key and nothing else, so a run that was cut short is continued by the next,
 * and several at once do no harm. What was written meanwhile is left as it is.
 */
export const rotateKeys = Effect.fn("Hawser.rotateKeys")(function* (
  onProgress: (progress: RotationProgress) => Effect.Effect<void>
): Effect.fn.Return<RotationProgress, StorageUnavailable, Cipher | SealedValues> {
  const values = yield* SealedValues
  const { primaryKeyId } = yield* Cipher
  const total = yield* countRemaining(primaryKeyId)
  let done = 0
  let failed = 0
  let after: SealedAddress | undefined
  for (;;) {
    const batch = yield* values.batch({ exceptKeyId: primaryKeyId, limit: batchSize, after })
    const last = batch.at(-1)
    if (last === undefined) break
    after = last.address
    const outcomes = yield* Effect.forEach(batch, reseal, { concurrency })
    done += outcomes.filter((outcome) => outcome === "done").length
    failed += outcomes.filter((outcome) => outcome === "failed").length
    yield* onProgress({ done, failed, remaining: Math.max(failed, total - done) })
  }
  const finished = { done, failed, remaining: yield* countRemaining(primaryKeyId) }
  yield* onProgress(finished)
  return finished
})

const reseal = Effect.fnUntraced(
  function* (stored: StoredSealed) {
    const values = yield* SealedValues
    const cipher = yield* Cipher
    const resealed = yield* cipher.reseal(stored.sealed, stored)
    if (resealed === undefined) return "changed"
    return (yield* values.replace(stored, resealed)) ? "done" : "changed"
  },
  Effect.catchTag("DecryptionFailed", () => Effect.succeed("failed" as const)),
  (resealed) => Effect.retry(resealed, patiently)
)

const countRemaining = Effect.fnUntraced(function* (primaryKeyId: string) {
  return (yield* keysInUse)
    .filter(({ keyId }) => keyId !== primaryKeyId)
    .reduce((sum, { count }) => sum + count, 0)
})

/** Which keys the stored values name: one that is not among them may be taken out of the configuration. */
export const keysInUse: Effect.Effect<
  ReadonlyArray<KeyUse>,
  StorageUnavailable,
  SealedValues
> = Effect.flatMap(SealedValues, (values) => values.inUse)
