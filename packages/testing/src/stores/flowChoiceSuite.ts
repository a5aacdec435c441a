import { expect } from "@effect/vitest"
import { Maintenance, OAuthStateStore, UserId } from "@hawser/core"
import { Duration, Effect, Option } from "effect"
import { advance } from "../StoreClock.ts"
import { freshHash, freshTenant, hashOf, newFlow, sealedBytes } from "./fixtures.ts"
import { parkFlow, startFlow } from "./flows.ts"
import type { SuiteIt } from "./SuiteServices.ts"

const lifetime = Duration.minutes(2)
/** Longer than any flow of this suite lives. */
const past = Duration.minutes(11)

/** All flows in which nobody chose in time, of whatever test, as the tenant's own. */
const abandonedOf = Effect.fnUntraced(function* (tenantId: string) {
  const flows = yield* OAuthStateStore
  const abandoned = yield* flows.abandonedChoices(1_000_000)
  return abandoned.filter((flow) => flow.tenantId === tenantId)
})

export const flowChoiceSuite = (it: SuiteIt, timeout: number | undefined): void => {
  it.effect(
    "S-90 what is left of the time of a choice goes on when it is parked again",
    Effect.fnUntraced(function* () {
      const flows = yield* OAuthStateStore
      const first = yield* parkFlow(newFlow(yield* freshTenant), "choosing")
      yield* advance(Duration.seconds(90))
      const taken = Option.getOrThrow(yield* flows.takeParked(first.flowIdHash))
      const left = Duration.toSeconds(taken.remaining)
      expect(left).toBeGreaterThan(25)
      expect(left).toBeLessThanOrEqual(30)
      const again = {
        as: "choosing",
        flowIdHash: freshHash(),
        sealedResponse: sealedBytes()
      } as const
      yield* flows.park(taken, {
        ...again,
        lifetime: taken.remaining,
        userHash: hashOf(taken.tenantId)
      })
      yield* advance(Duration.seconds(31))
      const late = Option.getOrThrow(yield* flows.takeParked(again.flowIdHash))
      expect(late.expired).toBe(true)
      expect(Duration.toMillis(late.remaining)).toBe(0)
    }),
    timeout
  )

  it.effect(
    "S-90 a choice that nobody makes in time outlives the sweep, with its tokens, until it is removed",
    Effect.fnUntraced(function* () {
      const flows = yield* OAuthStateStore
      const tenantId = yield* freshTenant
      const choosing = yield* parkFlow(newFlow(tenantId), "choosing")
      yield* parkFlow(newFlow(tenantId))
      expect(yield* abandonedOf(tenantId)).toStrictEqual([])
      yield* flows.removeChoice(choosing.flowIdHash)
      yield* advance(past)
      yield* flows.sweep
      const [abandoned, ...others] = yield* abandonedOf(tenantId)
      expect(others).toStrictEqual([])
      expect(abandoned?.as).toBe("choosing")
      expect([...(abandoned?.sealedResponse ?? [])]).toStrictEqual([...choosing.sealedResponse])
      expect(abandoned?.expired).toBe(true)
      yield* flows.removeChoice(choosing.flowIdHash)
      expect(yield* abandonedOf(tenantId)).toStrictEqual([])
      expect(Option.isNone(yield* flows.takeParked(choosing.flowIdHash))).toBe(true)
    }),
    timeout
  )

  it.effect(
    "S-90 no more choices are told than asked for, the oldest first",
    Effect.fnUntraced(function* () {
      const flows = yield* OAuthStateStore
      for (const flow of yield* flows.abandonedChoices(1_000_000))
        yield* flows.removeChoice(flow.flowIdHash)
      const early = yield* parkFlow(newFlow(yield* freshTenant), "choosing")
      yield* advance(Duration.seconds(1))
      yield* parkFlow(newFlow(yield* freshTenant), "choosing")
      yield* advance(past)
      const [first, ...others] = yield* flows.abandonedChoices(1)
      expect(others).toStrictEqual([])
      expect([...(first?.flowIdHash ?? [])]).toStrictEqual([...early.flowIdHash])
    }),
    timeout
  )

  it.effect(
    "S-11 a choice counts as pending",
    Effect.fnUntraced(function* () {
      const tenantId = yield* freshTenant
      yield* parkFlow(newFlow(tenantId), "choosing")
      const flows = yield* OAuthStateStore
      const refused = yield* Effect.flip(
        flows.start(newFlow(tenantId), { lifetime, limits: { perUser: 1, perTenant: 1 } })
      )
      expect(refused._tag).toBe("TooManyPendingFlows")
      yield* advance(past)
      yield* startFlow(newFlow(tenantId))
    }),
    timeout
  )

  for (const leaving of ["tenant", "user"] as const)
    it.effect(
      `S-126 the choices of a ${leaving} that leaves are over at once, and their tokens are still to be revoked`,
      Effect.fnUntraced(function* () {
        const flows = yield* OAuthStateStore
        const maintenance = yield* Maintenance
        const tenantId = yield* freshTenant
        const flow = newFlow(tenantId)
        const choosing = yield* parkFlow(flow, "choosing")
        yield* parkFlow(newFlow(tenantId))
        yield* startFlow(newFlow(tenantId))
        const { flows: gone } =
          leaving === "tenant"
            ? yield* maintenance.removeTenant(tenantId)
            : yield* maintenance.eraseUser({
                tenantId,
                userId: flow.userId,
                userHash: flow.userHash,
                by: UserId.make("erased"),
                barredFor: Duration.minutes(90)
              })
        expect(gone).toBe(3)
        expect(yield* abandonedOf(tenantId)).toHaveLength(1)
        const taken = Option.getOrThrow(yield* flows.takeParked(choosing.flowIdHash))
        expect(taken.expired).toBe(true)
      }),
      timeout
    )
}
