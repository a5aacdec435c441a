import { Cipher, keysInUse, rotateKeys, type RotationProgress, tellingProgress } from "@hawser/core"
import { Effect } from "effect"
import type { JobServices } from "./HawserLive.ts"

/** A key that stored values name. */
export interface KeyInUse {
  /** Empty for values that are no envelope. */
  readonly keyId: string
  /** How many values name it. */
  readonly count: number
  /** New values are sealed under it. */
  readonly isPrimary: boolean
}

/** The rotation of encryption keys, for the host's own operators. */
export interface HawserKeys {
  /**
   * Brings all stored values under the primary key, while everything else goes on: afterwards the other keys may leave
   * the configuration, once `remaining` is 0. A run that was cut short is continued by the next; several do no harm.
   *
   * `onProgress` is called after each batch of values and waited for. One that fails is not called again, and the run goes on.
   */
  readonly rotateKeys: (options?: {
    readonly onProgress?: (progress: RotationProgress) => unknown
  }) => Promise<RotationProgress>
  /** Which keys the stored values name, by a look at all of them: any other may leave the configuration. */
  readonly keysInUse: () => Promise<ReadonlyArray<KeyInUse>>
}

export const keys = (
  run: <A, E>(effect: Effect.Effect<A, E, JobServices>) => Promise<A>
): HawserKeys => ({
  rotateKeys: ({ onProgress } = {}) => run(rotateKeys(tellingProgress(onProgress))),

  keysInUse: () =>
    run(
      Effect.gen(function* () {
        const { primaryKeyId } = yield* Cipher
        return (yield* keysInUse).map((use) => ({ ...use, isPrimary: use.keyId === primaryKeyId }))
      })
    )
})
