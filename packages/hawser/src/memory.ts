import type { Store } from "@hawser/core"
import { MemoryStores } from "@hawser/memory"

/** A store in the memory of this process, for unit tests. Its data is gone when Hawser is closed. */
export const memory = (): Store => ({ layer: MemoryStores.layer })
