import { Effect } from "effect"
import { type FlowBinding, proven } from "./FlowBinding.ts"

/**
 * An authenticated call of the user who began the flow finishes it, with a flow id that is made at the callback. The browser
 * that brings the code back proves nothing.
 */
export const complete: FlowBinding = {
  name: "complete",
  mayBegin: (page) => page === "listed",
  start: Effect.undefined,
  prove: () => Effect.succeed(proven),
  end: "park"
}
