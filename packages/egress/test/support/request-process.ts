/** One request in a process of its own, which has other flags than the tests: reports why it failed. */
import { Effect } from "effect"
import { egressWith, to } from "./egress.ts"

const [, , url = ""] = process.argv

const { reason } = await Effect.gen(function* () {
  const { request } = yield* egressWith({ unsafelyAllowLoopback: true })
  return yield* Effect.flip(request(to(url)))
}).pipe(Effect.scoped, Effect.runPromise)

process.send?.(reason, undefined, undefined, () => process.disconnect())
