import { Effect } from "effect"
import { type BurnedFlow, Secret } from "../../model/index.ts"
import { flowTag, freshSecret, hashSecret, isSameHash } from "../../vault/index.ts"
import { type CallbackInput, type FlowBinding, proven } from "./FlowBinding.ts"
import { anotherPerson, samePerson } from "./session.ts"

/**
 * The browser that comes back has the flow's cookie. If the host has `resolveSession`, the user who began the flow must be
 * signed in too.
 */
export const cookie: FlowBinding = {
  name: "cookie",
  mayBegin: (page) => page === "listed",
  start: freshSecret,
  prove: Effect.fnUntraced(function* (flow, callback) {
    if (!(yield* isSameBrowser(flow, callback)))
      return {
        _tag: "Refused",
        problem: "the browser did not bring the cookie of the flow.",
        expected: "the browser that began the flow, with the cookie that connect set there"
      }
    if (callback.session === undefined) return proven
    const person = yield* samePerson(flow, callback.session)
    return person === "nobody" ? anotherPerson : person
  }),
  end: "redeem"
}

/** An absent secret never equals an absent hash: both must be there. */
const isSameBrowser = Effect.fnUntraced(function* (flow: BurnedFlow, callback: CallbackInput) {
  const secret = callback.browserSecret(flowTag(flow.stateHash))
  if (secret === undefined || secret === "" || flow.browserHash === undefined) return false
  return isSameHash(yield* hashSecret(Secret(secret)), flow.browserHash)
})
