import { expect } from "@effect/vitest"
import { OAuthStateStore, type WaitingFlow } from "@hawser/core"
import { Duration, Effect, Option } from "effect"
import { advance } from "../StoreClock.ts"
import { comparable } from "./comparable.ts"
import { assumeBound, freshHash, freshTenant, hashOf, newFlow, sealedBytes } from "./fixtures.ts"
import { burnSome, parkedLifetime, parkFlow, startFlow } from "./flows.ts"
import { inParallel, times } from "./inParallel.ts"
import type { SuiteIt } from "./SuiteServices.ts"

/** What is left of its time differs by the moment of the read. */
const withoutTime = (taken: Option.Option<WaitingFlow>) =>
  Option.toArray(taken).map((flow) => ({ ...flow, remaining: undefined }))

export const flowParkSuite = (it: SuiteIt, timeout: number | undefined): void => {
  it.effect(
    "gives a parked flow once: its terms and the sealed response, and none of the state's secrets",
    Effect.fnUntraced(function* () {
      const flows = yield* OAuthStateStore
      const flow = newFlow(yield* freshTenant, { binding: "complete", browserHash: undefined })
      const parked = yield* parkFlow(flow)
      const taken = yield* flows.takeParked(parked.flowIdHash)
      const { browserHash: _, sealedSecrets: __, userHash: ___, ...terms } = flow
      expect(comparable(withoutTime(taken))).toStrictEqual([
        comparable({ ...terms, ...parked, expired: false })
      ])
      expect(Option.isNone(yield* flows.takeParked(parked.flowIdHash))).toBe(true)
    }),
    timeout
  )

  for (const as of ["confirming", "choosing"] as const)
    it.effect(
      `S-05 a flow parked as ${as} is given once, as that, and parked again as another under another flow id`,
      Effect.fnUntraced(function* () {
        const flows = yield* OAuthStateStore
        const flow = newFlow(yield* freshTenant, { binding: "complete", browserHash: undefined })
        const first = yield* parkFlow(flow, as)
        const { browserHash: _, sealedSecrets: __, userHash: ___, ...terms } = flow
        const given = (parked: typeof first) =>
          comparable([{ ...terms, ...parked, expired: false }])
        const taken = yield* flows.takeParked(first.flowIdHash)
        expect(comparable(withoutTime(taken))).toStrictEqual(given(first))

        for (const next of [as, "parked"] as const) {
          const again = { as: next, flowIdHash: freshHash(), sealedResponse: sealedBytes() }
          yield* flows.park(Option.getOrThrow(taken), {
            ...again,
            lifetime: parkedLifetime,
            userHash: flow.userHash
          })
          expect(Option.isNone(yield* flows.takeParked(first.flowIdHash))).toBe(true)
          const takenAgain = yield* flows.takeParked(again.flowIdHash)
          expect(comparable(withoutTime(takenAgain))).toStrictEqual(given(again))
          expect(Option.isNone(yield* flows.takeParked(again.flowIdHash))).toBe(true)
        }
        expect(yield* flows.explainMiss(flow.stateHash)).toBe("replayed")
      }),
      timeout
    )

  it.effect(
    "a flow that is parked again has the whole life of a parked one from then on",
    Effect.fnUntraced(function* () {
      const flows = yield* OAuthStateStore
      const { flowIdHash } = yield* parkFlow(newFlow(yield* freshTenant), "confirming")
      const taken = Option.getOrThrow(yield* flows.takeParked(flowIdHash))
      yield* advance(Duration.minutes(9))
      const again = {
        as: "parked",
        flowIdHash: freshHash(),
        sealedResponse: sealedBytes()
      } as const
      yield* flows.park(taken, {
        ...again,
        lifetime: parkedLifetime,
        userHash: hashOf(taken.tenantId)
      })
      yield* advance(Duration.seconds(90))
      yield* flows.sweep
      expect(Option.getOrThrow(yield* flows.takeParked(again.flowIdHash)).expired).toBe(false)
    }),
    timeout
  )

  it.effect(
    "finds a parked flow as it would be given, and leaves it there",
    Effect.fnUntraced(function* () {
      const flows = yield* OAuthStateStore
      const flow = newFlow(yield* freshTenant)
      const { flowIdHash } = yield* parkFlow(flow, "confirming")
      expect(Option.isNone(yield* flows.findParked(freshHash()))).toBe(true)
      expect(Option.isNone(yield* flows.findParked(flow.stateHash))).toBe(true)
      const found = yield* flows.findParked(flowIdHash)
      const again = yield* flows.findParked(flowIdHash)
      expect(comparable(withoutTime(again))).toStrictEqual(comparable(withoutTime(found)))
      yield* advance(Duration.seconds(121))
      const late = yield* flows.findParked(flowIdHash)
      expect([found, late].map((one) => Option.getOrThrow(one).expired)).toStrictEqual([
        false,
        true
      ])
      const taken = yield* flows.takeParked(flowIdHash)
      expect(comparable(withoutTime(taken))).toStrictEqual(comparable(withoutTime(late)))
      expect(Option.isNone(yield* flows.findParked(flowIdHash))).toBe(true)
    }),
    timeout
  )

  it.effect(
    "S-05 50 racing takers of one flow id: exactly one gets the flow",
    Effect.fnUntraced(function* () {
      const flows = yield* OAuthStateStore
      const { flowIdHash } = yield* parkFlow(newFlow(yield* freshTenant))
      const { failed, succeeded } = yield* inParallel(times(50, () => flows.takeParked(flowIdHash)))
      expect(failed).toStrictEqual([])
      expect(succeeded.filter(Option.isSome)).toHaveLength(1)
    }),
    timeout
  )

  it.effect(
    "S-05 a flow id that was never given out takes nothing, nor does the state",
    Effect.fnUntraced(function* () {
      const flows = yield* OAuthStateStore
      const flow = newFlow(yield* freshTenant)
      const { flowIdHash } = yield* parkFlow(flow)
      expect(Option.isNone(yield* flows.takeParked(freshHash()))).toBe(true)
      expect(Option.isNone(yield* flows.takeParked(flow.stateHash))).toBe(true)
      expect(Option.isNone(yield* flows.burn(flowIdHash))).toBe(true)
      expect(Option.isSome(yield* flows.takeParked(flowIdHash))).toBe(true)
    }),
    timeout
  )

  it.effect(
    "S-03 the state of a parked flow stays burned, before and after it is taken",
    Effect.fnUntraced(function* () {
      const flows = yield* OAuthStateStore
      const flow = newFlow(yield* freshTenant)
      const { flowIdHash } = yield* parkFlow(flow)
      const expectReplayed = Effect.gen(function* () {
        expect(Option.isNone(yield* flows.burn(flow.stateHash))).toBe(true)
        expect(yield* flows.explainMiss(flow.stateHash)).toBe("replayed")
      })
      yield* expectReplayed
      yield* flows.takeParked(flowIdHash)
      yield* expectReplayed
    }),
    timeout
  )

  it.effect(
    "S-05 a parked flow is expired after 2 minutes, and taken by its visit all the same",
    Effect.fnUntraced(function* () {
      const flows = yield* OAuthStateStore
      const tenantId = yield* freshTenant
      const [early, late] = [yield* parkFlow(newFlow(tenantId)), yield* parkFlow(newFlow(tenantId))]
      yield* advance(Duration.seconds(60))
      expect(Option.getOrThrow(yield* flows.takeParked(early.flowIdHash)).expired).toBe(false)
      yield* advance(Duration.seconds(61))
      expect(Option.getOrThrow(yield* flows.takeParked(late.flowIdHash)).expired).toBe(true)
      expect(Option.isNone(yield* flows.takeParked(late.flowIdHash))).toBe(true)
    }),
    timeout
  )

  it.effect(
    "a flow parked in its last minute has the whole life of a parked one, and the sweep leaves it that",
    Effect.fnUntraced(function* () {
      const flows = yield* OAuthStateStore
      const flow = yield* startFlow(newFlow(yield* freshTenant))
      yield* advance(Duration.seconds(570))
      const flowIdHash = freshHash()
      yield* flows.park(assumeBound(yield* burnSome(flow)), {
        as: "parked",
        flowIdHash,
        sealedResponse: sealedBytes(),
        lifetime: parkedLifetime,
        userHash: flow.userHash
      })
      yield* advance(Duration.seconds(60))
      yield* flows.sweep
      expect(Option.getOrThrow(yield* flows.takeParked(flowIdHash)).expired).toBe(false)
    }),
    timeout
  )

  it.effect(
    "S-03 the state of a flow parked early is known as replayed for as long as the flow itself would have lived",
    Effect.fnUntraced(function* () {
      const flows = yield* OAuthStateStore
      const flow = newFlow(yield* freshTenant)
      yield* parkFlow(flow)
      yield* advance(Duration.minutes(9))
      yield* flows.sweep
      expect(yield* flows.explainMiss(flow.stateHash)).toBe("replayed")
      yield* advance(Duration.seconds(61))
      yield* flows.sweep
      expect(yield* flows.explainMiss(flow.stateHash)).toBe("unknown")
    }),
    timeout
  )
}
