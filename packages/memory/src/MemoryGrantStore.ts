import type { GrantStore } from "@hawser/core"
import { dueCommands } from "./dueCommands.ts"
import { endCommands } from "./endCommands.ts"
import type { MemoryState } from "./MemoryState.ts"
import { quarantineCommands } from "./quarantineCommands.ts"
import { refreshCommands } from "./refreshCommands.ts"
import { withdrawalCommands } from "./withdrawalCommands.ts"

/** The grant store over a shared state. */
export const makeGrantStore = (state: MemoryState): GrantStore["Service"] => ({
  ...refreshCommands(state),
  ...endCommands(state),
  ...dueCommands(state),
  ...quarantineCommands(state),
  ...withdrawalCommands(state)
})
