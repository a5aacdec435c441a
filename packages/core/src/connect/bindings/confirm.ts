import { Effect } from "effect"
import { type FlowBinding, proven } from "./FlowBinding.ts"
import { session } from "./session.ts"

/**
 * The person at the browser agrees on a page of Hawser's, and then an authenticated call of the user who began the flow finishes
 * it. So a tenant may run the page that gets the flow id: it cannot finish with the account of somebody who did not agree.
 */
export const confirm: FlowBinding = {
  name: "confirm",
  mayBegin: session.mayBegin,
  start: Effect.undefined,
  // The callback finds out who is at the browser on the page that it leads to.
  prove: () => Effect.succeed(proven),
  end: "confirm"
}
