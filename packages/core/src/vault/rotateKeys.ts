import { Cause, Effect, Schedule } from "effect"
import type { StorageUnavailable } from "../model/index.ts"
import {
  Cipher,
  type KeyUse,
  Maintenance,
  type SealedAddress,
  type StoredSealed,
  program
} from "../services/index.ts"

/**
 * Decrypts one of the stored secrets and logs an error if that fails. Otherwise the first tenant who needs a token would
 * discover a wrong encryption key. The start goes on, because what is connected can still be seen and ended.
 */
export const checkStoredSecret: Effect.Effect<void, never, Cipher | Maintenance> = Effect.gen(
  function* () {
    const cipher = yield* Cipher
    const maintenance = yield* Maintenance
    // No key has an empty id, so this leaves out values that are not envelopes.
    const [stored] = yield* maintenance.sealedValues({
      exceptKeyId: "",
      limit: 1,
      after: undefined
    })
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
        "Could not check whether the stored secrets decrypt with the configured keys.",
        Cause.fail(error)
      )
  })
)

/** The progress of a rotation. */
export interface RotationProgress {
  /** Values that this run has sealed again under the primary key. */
  readonly done: number
  /** Values that do not decrypt. They stay as they are; each is a security event. */
  readonly failed: number
  /** Values that are not under the primary key, including those that do not decrypt. */
  readonly remaining: number
}

const batchSize = 200
/** Values in work at the same time. With a key management service, each needs two calls. */
const concurrency = 8

/** Calls to a service that throttles are retried for a minute. Then the run ends, and the next run continues it. */
const patiently = Schedule.exponential("200 millis").pipe(
  Schedule.jittered,
  (delays) => Schedule.min([delays, Schedule.spaced("5 seconds")]),
  Schedule.upTo({ duration: "1 minute" })
)

/**
 * Seals all stored values again under the primary key, while everything else goes on. Once none remain, the older keys can
 * be removed.
 *
 * It selects only values that are not under the primary key, so the next run continues one that was interrupted, and
 * several runs at once do no harm. A value that changes during the run is left as it is.
 */
export const rotateKeys = program("Hawser.rotateKeys")(function* (
  onProgress: (progress: RotationProgress) => Effect.Effect<void>
): Effect.fn.Return<RotationProgress, StorageUnavailable, Cipher | Maintenance> {
  const maintenance = yield* Maintenance
  const { primaryKeyId } = yield* Cipher
  const total = yield* countRemaining(primaryKeyId)
  let done = 0
  let failed = 0
  let after: SealedAddress | undefined
  for (;;) {
    const batch = yield* maintenance.sealedValues({
      exceptKeyId: primaryKeyId,
      limit: batchSize,
      after
    })
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
    const maintenance = yield* Maintenance
    const cipher = yield* Cipher
    const resealed = yield* cipher.reseal(stored.sealed, stored)
    if (resealed === undefined) return "changed"
    return (yield* maintenance.replaceSealed(stored, resealed)) ? "done" : "changed"
  },
  Effect.catchTag("DecryptionFailed", () => Effect.succeed("failed" as const)),
  (resealed) => Effect.retry(resealed, patiently)
)

const countRemaining = Effect.fnUntraced(function* (primaryKeyId: string) {
  return (yield* keysInUse)
    .filter(({ keyId }) => keyId !== primaryKeyId)
    .reduce((sum, { count }) => sum + count, 0)
})

/** The keys that stored values need. Any other key can be removed from the configuration. */
export const keysInUse: Effect.Effect<
  ReadonlyArray<KeyUse>,
  StorageUnavailable,
  Maintenance
> = Effect.flatMap(Maintenance, (maintenance) => maintenance.keysInUse)
