import { expect } from "@effect/vitest"
import { ConnectionStore, type DueGrant, Maintenance } from "@hawser/core"
import { Duration, Effect } from "effect"
import { advance } from "../StoreClock.ts"
import { comparable } from "./comparable.ts"
import { disconnectCommand } from "./fixtures.ts"
import {
  acquireStored,
  claimDueOf,
  claimOneDue,
  connectedGrant,
  leaseOf,
  leaseTime,
  newTokens,
  renewCommand
} from "./grants.ts"
import { inParallel, times } from "./inParallel.ts"
import type { SuiteIt } from "./SuiteServices.ts"

/** Puts off whatever other tests left due, for longer than this one lasts. */
const deferOthers = Effect.gen(function* () {
  const maintenance = yield* Maintenance
  yield* advance(Duration.days(1))
  yield* maintenance.claimDueGrants({ limit: 1_000_000, hold: Duration.days(10_000) })
})

export const grantDueSuite = (it: SuiteIt, timeout: number | undefined): void => {
  it.effect(
    "gives what is due, with and without a refresh token, each with all that is needed",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      for (const refreshToken of [undefined, newTokens().refreshToken]) {
        const { integration, key } = yield* connectedGrant(
          { refreshToken, dueIn: 600 },
          { fields: { site: "eu" } }
        )
        yield* advance(Duration.seconds(540))
        expect(yield* claimDueOf(key)).toStrictEqual([])
        yield* advance(Duration.seconds(60))
        const { grant, ...due } = yield* claimOneDue(key)
        expect(due).toStrictEqual({
          ...key,
          integrationId: integration.id,
          expiryTold: false,
          refreshEndsSoon: false
        })
        const { remaining, ...read } = grant
        const { remaining: left, ...stored } = yield* connections.grant(key)
        expect(comparable(read)).toStrictEqual(comparable(stored))
        expect(remaining).toBeGreaterThanOrEqual(left ?? Infinity)
      }
    }),
    timeout
  )

  it.effect(
    "what never ends is never due",
    Effect.fnUntraced(function* () {
      const { key } = yield* connectedGrant({ expiresIn: undefined, dueIn: undefined })
      yield* advance(Duration.days(1000))
      expect(yield* claimDueOf(key)).toStrictEqual([])
    }),
    timeout
  )

  it.effect(
    "gives a grant to one claim, until its time is over",
    Effect.fnUntraced(function* () {
      const { key } = yield* connectedGrant({ dueIn: 60 })
      yield* advance(Duration.seconds(60))
      expect(yield* claimDueOf(key, Duration.seconds(20))).toHaveLength(1)
      expect(yield* claimDueOf(key)).toStrictEqual([])
      yield* advance(Duration.seconds(20))
      expect(yield* claimDueOf(key)).toHaveLength(1)
    }),
    timeout
  )

  it.effect(
    "claims that come at once share what is due, and none is given twice",
    Effect.fnUntraced(function* () {
      const maintenance = yield* Maintenance
      yield* deferOthers
      const connected = yield* Effect.all(times(20, () => connectedGrant({ dueIn: 60 })))
      yield* advance(Duration.seconds(60))
      const claims: Array<DueGrant> = []
      // A claim passes over what another holds at the moment: until nothing is left.
      for (;;) {
        const { succeeded } = yield* inParallel(
          times(10, () => maintenance.claimDueGrants({ limit: 3, hold: Duration.hours(1) }))
        )
        for (const claim of succeeded) expect(claim.length).toBeLessThanOrEqual(3)
        if (succeeded.every((claim) => claim.length === 0)) break
        claims.push(...succeeded.flat())
      }
      expect(claims.map(({ tenantId }) => tenantId).toSorted()).toStrictEqual(
        connected.map(({ key }) => key.tenantId).toSorted()
      )
    }),
    timeout
  )

  it.effect(
    "gives what has waited longest first, and no more than asked for",
    Effect.fnUntraced(function* () {
      const maintenance = yield* Maintenance
      yield* deferOthers
      const seconds = [40, 10, 30, 20]
      const tenants = new Map<number, string>()
      for (const dueIn of seconds)
        tenants.set(dueIn, (yield* connectedGrant({ dueIn })).key.tenantId)
      yield* advance(Duration.seconds(40))
      const claim = () => maintenance.claimDueGrants({ limit: 3, hold: Duration.hours(1) })
      const tenantsOf = (due: ReadonlyArray<DueGrant>) => due.map(({ tenantId }) => tenantId)
      expect(tenantsOf(yield* claim())).toStrictEqual([10, 20, 30].map((one) => tenants.get(one)))
      expect(tenantsOf(yield* claim())).toStrictEqual([tenants.get(40)])
    }),
    timeout
  )

  it.effect(
    "is looked at again when it was postponed to, unless it is leased or was refreshed meanwhile",
    Effect.fnUntraced(function* () {
      const maintenance = yield* Maintenance
      const connections = yield* ConnectionStore
      const { key } = yield* connectedGrant({ dueIn: 60 })
      yield* advance(Duration.seconds(60))
      const due = yield* claimOneDue(key)
      yield* maintenance.postponeGrant(due, Duration.minutes(10))
      yield* advance(Duration.minutes(9))
      expect(yield* claimDueOf(key)).toStrictEqual([])
      yield* advance(Duration.minutes(1))
      expect(yield* claimDueOf(key)).toHaveLength(1)

      // The holder's deadline stands.
      yield* leaseOf(key)
      yield* maintenance.postponeGrant(due, Duration.hours(1))
      yield* advance(leaseTime)
      expect(yield* claimDueOf(key)).toHaveLength(1)

      // So does the time of newer tokens.
      yield* connections.renewGrant(
        yield* leaseOf(key),
        yield* renewCommand(newTokens({ dueIn: 60 }))
      )
      yield* maintenance.postponeGrant(due, Duration.hours(1))
      yield* advance(Duration.seconds(60))
      expect(yield* claimDueOf(key)).toHaveLength(1)
    }),
    timeout
  )

  it.effect(
    "what was disconnected is not due, and a claim is not a lease",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const { key } = yield* connectedGrant({ dueIn: 60 })
      yield* advance(Duration.seconds(60))
      yield* claimOneDue(key)
      expect((yield* acquireStored(key))._tag).toBe("Acquired")
      yield* connections.disconnect(yield* disconnectCommand(key))
      yield* advance(Duration.days(1))
      expect(yield* claimDueOf(key)).toStrictEqual([])
    }),
    timeout
  )
}
