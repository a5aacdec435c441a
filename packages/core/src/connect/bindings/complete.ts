import { Effect } from "effect"
import { type FlowBinding, proven } from "./FlowBinding.ts"

/** Only an authenticated call of the user who began the flow finishes it, with a flow id that is made at the callback, whoever brings the code back. */
export const complete: FlowBinding = {
  name: "complete",
  mayBegin: (page) => page === "listed",
  start: Effect.undefined,
  prove: () => Effect.succeed(proven),
  end: "park"
}
