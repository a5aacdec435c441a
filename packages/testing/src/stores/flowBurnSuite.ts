import { expect } from "@effect/vitest"
import { OAuthStateStore } from "@hawser/core"
import { Duration, Effect, Option } from "effect"
import { advance } from "../StoreClock.ts"
import { comparable } from "./comparable.ts"
import { bob, datadog, freshHash, freshTenant, newFlow } from "./fixtures.ts"
import { burnSome, flowLifetime, parkFlow, startFlow } from "./flows.ts"
import { inParallel, times } from "./inParallel.ts"
import type { SuiteIt } from "./SuiteServices.ts"

export const flowBurnSuite = (it: SuiteIt, timeout: number | undefined): void => {
  it.effect(
    "S-06 gives the flow back as it was started",
    Effect.fnUntraced(function* () {
      const tenantId = yield* freshTenant
      const cookie = newFlow(tenantId)
      const complete = newFlow(tenantId, {
        userId: bob,
        provider: datadog,
        binding: "complete",
        redirectUrl: "https://app.example/конец?x='\"",
        scopes: [],
        browserHash: undefined
      })
      for (const flow of [cookie, complete]) {
        yield* startFlow(flow)
        expect(comparable(yield* burnSome(flow))).toStrictEqual(
          comparable({ ...flow, userHash: undefined, expired: false })
        )
      }
    }),
    timeout
  )

  it.effect(
    "S-03 a burned flow is never given again",
    Effect.fnUntraced(function* () {
      const flows = yield* OAuthStateStore
      const flow = yield* startFlow(newFlow(yield* freshTenant))
      yield* burnSome(flow)
      for (const _ of times(3, () => undefined)) {
        expect(Option.isNone(yield* flows.burn(flow.stateHash))).toBe(true)
        expect(yield* flows.explainMiss(flow.stateHash)).toBe("replayed")
      }
    }),
    timeout
  )

  it.effect(
    "S-03 50 racing burns of one state: exactly one gets the flow",
    Effect.fnUntraced(function* () {
      const flows = yield* OAuthStateStore
      const flow = yield* startFlow(newFlow(yield* freshTenant))
      const { failed, succeeded } = yield* inParallel(times(50, () => flows.burn(flow.stateHash)))
      expect(failed).toStrictEqual([])
      const given = succeeded.flatMap(Option.toArray)
      expect(comparable(given)).toStrictEqual([
        comparable({ ...flow, userHash: undefined, expired: false })
      ])
    }),
    timeout
  )

  it.effect(
    "a state that was never given out burns nothing and is unknown",
    Effect.fnUntraced(function* () {
      const flows = yield* OAuthStateStore
      const flow = yield* startFlow(newFlow(yield* freshTenant))
      const guessed = freshHash()
      expect(Option.isNone(yield* flows.burn(guessed))).toBe(true)
      expect(yield* flows.explainMiss(guessed)).toBe("unknown")
      expect((yield* burnSome(flow)).expired).toBe(false)
    }),
    timeout
  )

  it.effect(
    "burns the flow of the state and no other of the tenant",
    Effect.fnUntraced(function* () {
      const tenantId = yield* freshTenant
      const [first, second] = [
        yield* startFlow(newFlow(tenantId)),
        yield* startFlow(newFlow(tenantId))
      ]
      expect(comparable((yield* burnSome(second)).stateHash)).toBe(comparable(second.stateHash))
      expect(comparable((yield* burnSome(first)).stateHash)).toBe(comparable(first.stateHash))
    }),
    timeout
  )

  it.effect(
    "S-04 is expired after its lifetime by the store's clock, and not before",
    Effect.fnUntraced(function* () {
      const tenantId = yield* freshTenant
      const [early, late] = [
        yield* startFlow(newFlow(tenantId)),
        yield* startFlow(newFlow(tenantId))
      ]
      const long = yield* startFlow(newFlow(tenantId), Duration.minutes(60))
      yield* advance(Duration.minutes(9))
      expect((yield* burnSome(early)).expired).toBe(false)
      yield* advance(Duration.seconds(61))
      const burned = yield* burnSome(late)
      expect(comparable(burned)).toStrictEqual(
        comparable({ ...late, userHash: undefined, expired: true })
      )
      expect((yield* burnSome(long)).expired).toBe(false)
    }),
    timeout
  )

  it.effect(
    "S-03 S-04 an expired flow is burned by its visit too",
    Effect.fnUntraced(function* () {
      const flows = yield* OAuthStateStore
      const flow = yield* startFlow(newFlow(yield* freshTenant))
      yield* advance(Duration.seconds(601))
      expect((yield* burnSome(flow)).expired).toBe(true)
      expect(Option.isNone(yield* flows.burn(flow.stateHash))).toBe(true)
    }),
    timeout
  )

  it.effect(
    "S-04 the sweep deletes what has expired, whatever became of it, and nothing else",
    Effect.fnUntraced(function* () {
      const flows = yield* OAuthStateStore
      const tenantId = yield* freshTenant
      // What other tests left behind goes first.
      yield* advance(Duration.days(1))
      yield* flows.sweep

      const long = yield* startFlow(newFlow(tenantId), Duration.minutes(60))
      const waiting = yield* startFlow(newFlow(tenantId))
      const burned = yield* startFlow(newFlow(tenantId))
      yield* burnSome(burned)
      const parked = newFlow(tenantId)
      const { flowIdHash } = yield* parkFlow(parked)
      expect(yield* flows.sweep).toBe(0)
      yield* advance(Duration.seconds(60))
      expect(yield* flows.sweep).toBe(0)
      expect(yield* flows.explainMiss(burned.stateHash)).toBe("replayed")

      yield* advance(Duration.seconds(541))
      expect(yield* flows.sweep).toBe(3)
      for (const { stateHash } of [waiting, burned, parked]) {
        expect(Option.isNone(yield* flows.burn(stateHash))).toBe(true)
        expect(yield* flows.explainMiss(stateHash)).toBe("unknown")
      }
      expect(Option.isNone(yield* flows.takeParked(flowIdHash))).toBe(true)
      expect(yield* flows.sweep).toBe(0)
      expect((yield* burnSome(long)).expired).toBe(false)
    }),
    timeout
  )

  it.effect(
    "keeps its own bytes, whatever a caller does with those given",
    Effect.fnUntraced(function* () {
      const flows = yield* OAuthStateStore
      const flow = newFlow(yield* freshTenant)
      const original = comparable({ ...flow, userHash: undefined, expired: false })
      const stateHash = flow.stateHash.slice() as typeof flow.stateHash
      yield* flows.start(flow, { lifetime: flowLifetime, limits: { perUser: 1, perTenant: 1 } })
      for (const bytes of [flow.stateHash, flow.browserHash, flow.sealedSecrets]) bytes?.fill(0)
      const burned = Option.getOrThrow(yield* flows.burn(stateHash))
      expect(comparable(burned)).toStrictEqual(original)
    }),
    timeout
  )
}
