import { Cipher, keysInUse, rotateKeys, type RotationProgress, tellingProgress } from "@hawser/core"
import { Effect } from "effect"
import type { JobServices } from "./HawserLive.ts"

/** A key that stored values need. */
export interface KeyInUse {
  /** Empty for values that are not envelopes. */
  readonly keyId: string
  /** The number of values that need it. */
  readonly count: number
  /** True if new values are sealed under it. */
  readonly isPrimary: boolean
}

/** The rotation of encryption keys, for the host's operators. */
export interface HawserKeys {
  /**
   * Seals all stored values again under the primary key, while everything else goes on. Once `remaining` is 0, you can
   * remove the other keys from the configuration. The next run continues one that was interrupted; several runs at once do
   * no harm.
   *
   * `onProgress` is called after each batch, and awaited. If it fails, it is not called again, and the run goes on.
   */
  readonly rotateKeys: (options?: {
    readonly onProgress?: (progress: RotationProgress) => unknown
  }) => Promise<RotationProgress>
  /** The keys that stored values need. You can remove any other key from the configuration. */
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
