import { expect } from "@effect/vitest"
import { type Acquisition, ConnectionStore } from "@hawser/core"
import { Duration, Effect } from "effect"
import { advance } from "../StoreClock.ts"
import { comparable } from "./comparable.ts"
import {
  connectCommand,
  disconnectCommand,
  freshTenant,
  github,
  keyOf,
  newGrant,
  withGrant
} from "./fixtures.ts"
import {
  acquireStored,
  claimDueOf,
  connectedGrant,
  deferCommand,
  granted,
  leaseOf,
  leaseTime,
  renewCommand
} from "./grants.ts"
import { inParallel, times } from "./inParallel.ts"
import { freshSubscriber, receiveIds } from "./subscriber.ts"
import type { SuiteIt } from "./SuiteServices.ts"

const tagsOf = (acquisitions: ReadonlyArray<Acquisition>) => acquisitions.map(({ _tag }) => _tag)

export const grantLeaseSuite = (it: SuiteIt, timeout: number | undefined): void => {
  it.effect(
    "S-35 gives the grant as it is stored, to one alone, and the others wait",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const { key } = yield* connectedGrant({}, { fields: { site: "eu" } })
      const subscriber = yield* freshSubscriber()
      const stored = yield* connections.grant(key)
      const lease = yield* leaseOf(key)
      const { remaining, ...grant } = lease.grant
      const { remaining: before = 0, ...read } = stored
      expect(comparable(grant)).toStrictEqual(comparable(read))
      expect(remaining).toBeLessThanOrEqual(before)
      expect([lease.tenantId, lease.interrupted, lease.failures]).toStrictEqual([
        key.tenantId,
        false,
        0
      ])
      expect(yield* acquireStored(key)).toStrictEqual({ _tag: "Leased" })
      // Who reads meanwhile still gets the old token, and nobody is told anything.
      expect((yield* connections.grant(key)).generation).toBe(1)
      expect(yield* receiveIds(subscriber)).toStrictEqual([])
    }),
    timeout
  )

  it.effect(
    "S-35 of 50 that ask at once one may refresh",
    Effect.fnUntraced(function* () {
      const { key } = yield* connectedGrant()
      const { succeeded } = yield* inParallel(times(50, () => acquireStored(key)))
      expect(tagsOf(succeeded).toSorted()).toStrictEqual(["Acquired", ...times(49, () => "Leased")])
    }),
    timeout
  )

  it.effect(
    "S-35 a lease that ran out is taken over, by one alone, as an interrupted one with a higher fence",
    Effect.fnUntraced(function* () {
      const { key } = yield* connectedGrant()
      const first = yield* leaseOf(key)
      yield* advance(Duration.seconds(10))
      expect((yield* acquireStored(key))._tag).toBe("Leased")
      yield* advance(Duration.seconds(20))
      const { succeeded } = yield* inParallel(times(20, () => acquireStored(key)))
      const leases = succeeded.flatMap((one) => (one._tag === "Acquired" ? [one.lease] : []))
      expect(leases.map(({ interrupted }) => interrupted)).toStrictEqual([true])
      expect(leases[0]?.fence).toBeGreaterThan(first.fence)
    }),
    timeout
  )

  it.effect(
    "S-35 stays interrupted until new tokens are stored, and no longer",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const { key } = yield* connectedGrant()
      yield* leaseOf(key)
      yield* advance(leaseTime)
      yield* connections.deferRefresh(yield* leaseOf(key), yield* deferCommand())
      yield* advance(Duration.seconds(10))
      const third = yield* leaseOf(key)
      expect(third.interrupted).toBe(true)
      yield* connections.renewGrant(third, yield* renewCommand())
      expect((yield* leaseOf(key)).interrupted).toBe(false)
    }),
    timeout
  )

  it.effect(
    "the keeper takes over when the holder does not come back",
    Effect.fnUntraced(function* () {
      const { key } = yield* connectedGrant({ dueIn: 10 })
      yield* advance(Duration.seconds(10))
      yield* leaseOf(key)
      yield* advance(Duration.seconds(10))
      expect(yield* claimDueOf(key)).toStrictEqual([])
      yield* advance(Duration.seconds(20))
      expect(yield* claimDueOf(key)).toHaveLength(1)
    }),
    timeout
  )

  it.effect(
    "says that the grant is a newer one, or gone, where it is not the one that was read",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const { grant, key } = yield* connectedGrant()
      const superseded = { _tag: "Superseded" }
      yield* connections.renewGrant(yield* leaseOf(key), yield* renewCommand())
      // An old generation; a generation to come; another grant of the same generation.
      expect(yield* acquireStored(key, { generation: 1 })).toStrictEqual(superseded)
      expect(yield* acquireStored(key, { generation: 3 })).toStrictEqual(superseded)
      const other = (yield* newGrant()).id
      expect(yield* acquireStored(key, { grantId: other })).toStrictEqual(superseded)
      const command = {
        ...key,
        grantId: grant.id,
        generation: 2,
        holder: "worker",
        clientVersion: grant.clientFingerprint,
        lease: leaseTime
      }
      yield* connections.disconnect(yield* disconnectCommand(key))
      expect(yield* connections.acquireLease(command)).toStrictEqual(superseded)
      const never = keyOf(yield* freshTenant, github)
      expect(yield* connections.acquireLease({ ...command, ...never })).toStrictEqual(superseded)
    }),
    timeout
  )

  it.effect(
    "gives no lease for a grant without a refresh token",
    Effect.fnUntraced(function* () {
      const { key } = yield* connectedGrant({ refreshToken: undefined })
      expect(yield* acquireStored(key)).toStrictEqual({ _tag: "Superseded" })
    }),
    timeout
  )

  it.effect(
    "who connects again is free of the former grant's lease and failures",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const { key } = yield* connectedGrant()
      yield* connections.deferRefresh(
        yield* leaseOf(key),
        yield* deferCommand({ ambiguous: true, retryIn: Duration.hours(1) })
      )
      const again = withGrant(yield* newGrant(), undefined, { reauthorizes: true })
      yield* connections.connect(yield* connectCommand(key, again))
      const former = granted(yield* acquireStored(key))
      expect([former.interrupted, former.failures]).toStrictEqual([false, 0])
      const third = withGrant(yield* newGrant(), undefined, { reauthorizes: true })
      yield* connections.connect(yield* connectCommand(key, third))
      expect((yield* leaseOf(key)).grant.generation).toBe(1)
      // What the former lease's holder does now is about tokens that are gone.
      expect(yield* connections.renewGrant(former, yield* renewCommand())).toBe(false)
    }),
    timeout
  )
}
