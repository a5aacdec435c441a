import { type EgressRequest, type SecurityEvent, SecurityLog } from "@hawser/core"
import { Effect, Fiber } from "effect"
import { Socket } from "node:net"
import { onTestFinished, vi } from "vitest"
import { makeNodeEgress, type NodeEgressOptions } from "../../src/NodeEgress.ts"
import { makeResolver, type Resolve } from "../../src/resolver.ts"

/** An egress over a resolver of the test's, and what it reports to the security log. */
export const egressWith = Effect.fnUntraced(function* (
  options: NodeEgressOptions = {},
  resolve: Resolve = makeResolver()
) {
  const reported: Array<SecurityEvent> = []
  const { open, request } = yield* makeNodeEgress(resolve, options).pipe(
    Effect.provideService(
      SecurityLog,
      SecurityLog.make((event) => reported.push(event))
    )
  )
  return { open, request, reported }
})

/** A request whose URL is among its own hosts. */
export const to = (url: string, more: Partial<EgressRequest> = {}): EgressRequest => {
  const target = new URL(url)
  return { method: "GET", url: target, headers: {}, hosts: [target.host], ...more }
}

/** A resolver that answers from a list, the last answer from then on, and counts. */
export const fakeResolver = (...answers: ReadonlyArray<ReadonlyArray<string>>) => {
  let asked = 0
  const resolve: Resolve = async () => {
    const answer = answers[Math.min(asked, answers.length - 1)] ?? []
    asked += 1
    return answer.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }))
  }
  return { resolve, asked: () => asked }
}

/**
 * Runs a request whose timers do not run, and lets so many milliseconds pass at `moment`: on a busy machine a real
 * limit of a few hundred may be over before the request is on its way.
 */
export const passing = Effect.fnUntraced(function* <A, E, R>(
  milliseconds: number,
  moment: Promise<unknown>,
  request: Effect.Effect<A, E, R>
) {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] })
  onTestFinished(() => void vi.useRealTimers())
  const fiber = yield* Effect.forkChild(request)
  yield* Effect.promise(() => moment)
  vi.advanceTimersByTime(milliseconds)
  return yield* Fiber.join(fiber)
})

/** From now on no socket is closed for being idle: what closes, somebody closed. */
export const withoutIdleClosing = () => {
  vi.spyOn(Socket.prototype, "setTimeout").mockReturnThis()
}
