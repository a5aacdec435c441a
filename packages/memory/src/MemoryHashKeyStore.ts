import type { HashKeyStore } from "@hawser/core"
import { Effect } from "effect"
import { type MemoryState, withOwnBytes } from "./MemoryState.ts"

/** The key of keyed hashes over a shared state. */
export const makeHashKeyStore = (state: MemoryState): HashKeyStore["Service"] => ({
  find: Effect.sync(() => withOwnBytes(state.hashKey)),
  keep: (sealed) =>
    Effect.sync(() => {
      state.hashKey ??= withOwnBytes(sealed)
      return withOwnBytes(state.hashKey)
    })
})
