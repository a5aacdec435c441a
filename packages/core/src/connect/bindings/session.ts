import { Effect } from "effect"
import { mayActFor } from "../../connection/index.ts"
import type { FlowTerms } from "../../model/index.ts"
import { type CallbackInput, type FlowBinding, proven, type Proof } from "./FlowBinding.ts"

/** The host's session at the callback belongs to the user who began the flow, who may still connect this. */
export const session: FlowBinding = {
  name: "session",
  mayBegin: (page, { allowedBy }) =>
    page === "listed" || page === "admitted" || allowedBy === "function",
  start: Effect.undefined,
  prove: (flow, callback) =>
    callback.session === undefined
      ? Effect.succeed(anotherPerson)
      : Effect.map(samePerson(flow, callback.session), (person) =>
          person === "nobody" ? { _tag: "SessionExpired" as const } : person
        ),
  end: "redeem"
}

/** Whether the user who began the flow is signed in at the host. */
export const samePerson = (
  flow: FlowTerms,
  asked: NonNullable<CallbackInput["session"]>
): Effect.Effect<Proof | "nobody"> =>
  Effect.map(asked, (person) => {
    if (person === "nobody") return "nobody"
    return person !== undefined &&
      person.tenantId === flow.tenantId &&
      person.userId === flow.userId &&
      mayActFor(person, flow.owner)
      ? proven
      : anotherPerson
  })

export const anotherPerson: Proof = {
  _tag: "Refused",
  problem: "who began the flow is not signed in at the host.",
  expected: "the user who began the flow, with the right to connect this"
}
