import { Effect } from "effect"
import { type FlowBinding, proven } from "./FlowBinding.ts"

/** Whoever brings the code back, only an authenticated call of the user who began finishes the flow, with an id that is made then. */
export const complete: FlowBinding = {
  name: "complete",
  mayBegin: (page) => page === "listed",
  start: Effect.undefined,
  prove: () => Effect.succeed(proven),
  end: "park"
}
