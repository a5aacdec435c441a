import type { HashKeyStore } from "@hawser/core"
import { Result } from "effect"
import { atomically, copyBytes, type MemoryState } from "./MemoryState.ts"

/** The key of keyed hashes over a shared state. */
export const makeHashKeyStore = (state: MemoryState): HashKeyStore["Service"] => ({
  find: atomically(() => Result.succeed(copyBytes(state.hashKey))),
  keep: (sealed) =>
    atomically(() => {
      state.hashKey ??= copyBytes(sealed)
      return Result.succeed(copyBytes(state.hashKey))
    })
})
