import type { Store } from "@hawser/core"
import { MemoryStores } from "@hawser/memory"

/** A store in this process's memory, for unit tests: what it keeps is gone when Hawser is closed. */
export const memory = (): Store => ({ layer: MemoryStores.layer })
