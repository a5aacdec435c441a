import { expect } from "@effect/vitest"
import { type Brake, GrantStore, IntegrationStore } from "@hawser/core"
import { Duration, Effect } from "effect"
import { advance } from "../StoreClock.ts"
import {
  acquireStored,
  claimDueOf,
  connectedGrant,
  deferCommand,
  endCommand,
  endStored,
  freshFingerprint,
  leaseOf,
  renewCommand
} from "./grants.ts"
import { times } from "./inParallel.ts"
import { freshSubscriber, receiveIds } from "./subscriber.ts"
import type { SuiteIt } from "./SuiteServices.ts"

const brake: Brake = {
  window: Duration.minutes(10),
  atLeast: 3,
  share: 0.5,
  pause: Duration.minutes(30)
}

/** As many integrations of one client, each of a tenant of its own. */
const ofOneClient = Effect.fnUntraced(function* (count: number) {
  const clientFingerprint = freshFingerprint()
  const connected = yield* Effect.all(times(count, () => connectedGrant({ clientFingerprint })))
  return { clientFingerprint, keys: connected.map(({ key }) => key) }
})

type Key = Parameters<typeof leaseOf>[0]

const renewStored = Effect.fnUntraced(function* (key: Key) {
  const grants = yield* GrantStore
  yield* grants.renew(yield* leaseOf(key), yield* renewCommand())
})

const endAll = (keys: ReadonlyArray<Key>) =>
  Effect.forEach(keys, (key) => endStored(key, "refresh_failed", brake))

const ended = { _tag: "Ended" }
const firstBraked = { _tag: "Braked", first: true }
const braked = { _tag: "Braked", first: false }

export const grantBrakeSuite = (it: SuiteIt, timeout: number | undefined): void => {
  it.effect(
    "S-37 goes on when too many of a client's grants end, tells it once, and nothing more ends",
    Effect.fnUntraced(function* () {
      const grants = yield* GrantStore
      const integrations = yield* IntegrationStore
      const { keys } = yield* ofOneClient(6)
      // Asked before the brake went on, answered after.
      const late = yield* leaseOf(keys[5] as Key)
      const subscriber = yield* freshSubscriber()
      expect(yield* endAll(keys.slice(0, 3))).toStrictEqual([ended, ended, firstBraked])
      // Once it is on, it holds whatever the counts.
      expect(yield* grants.end(late, yield* endCommand())).toStrictEqual(braked)
      for (const key of keys.slice(2))
        expect(yield* integrations.find(key)).toMatchObject({
          status: "connected",
          problem: undefined
        })
      expect(yield* receiveIds(subscriber)).toHaveLength(2)
      const paused = yield* acquireStored(keys[3] as Key)
      expect(paused).toMatchObject({ _tag: "Paused" })
      const retryIn = paused._tag === "Paused" ? paused.retryIn : 0
      expect(retryIn).toBeGreaterThan(1700)
      expect(retryIn).toBeLessThanOrEqual(1800)
    }),
    timeout
  )

  it.effect(
    "S-37 lets go after its time, and gave the lease back: the grant is due then, and what was interrupted still is",
    Effect.fnUntraced(function* () {
      const grants = yield* GrantStore
      const { keys } = yield* ofOneClient(3)
      const last = keys[2] as Key
      yield* grants.defer(yield* leaseOf(last), yield* deferCommand({ ambiguous: true }))
      yield* advance(Duration.seconds(10))
      yield* endAll(keys)
      yield* advance(Duration.minutes(29))
      expect(yield* claimDueOf(last)).toStrictEqual([])
      expect((yield* acquireStored(last))._tag).toBe("Paused")
      yield* advance(Duration.minutes(1))
      expect(yield* claimDueOf(last)).toHaveLength(1)
      const lease = yield* leaseOf(last)
      expect([lease.interrupted, lease.failures]).toStrictEqual([true, 1])
      // Outside the window by now: one alone ends, as any other.
      expect(
        yield* grants.end(lease, yield* endCommand("refresh_interrupted", brake))
      ).toStrictEqual(ended)
    }),
    timeout
  )

  it.effect(
    "S-37 stays off while enough of the client's grants are renewed",
    Effect.fnUntraced(function* () {
      const { keys } = yield* ofOneClient(8)
      // Half of all is not more than half.
      yield* Effect.forEach(keys.slice(4), renewStored)
      expect(yield* endAll(keys.slice(0, 4))).toStrictEqual([ended, ended, ended, ended])
      expect(yield* endAll(keys.slice(4, 5))).toStrictEqual([firstBraked])
    }),
    timeout
  )

  it.effect(
    "S-37 counts no renewal and no end from before the window",
    Effect.fnUntraced(function* () {
      const { keys } = yield* ofOneClient(9)
      yield* Effect.forEach(keys.slice(5), renewStored)
      expect(yield* endAll(keys.slice(0, 2))).toStrictEqual([ended, ended])
      yield* advance(brake.window)
      expect(yield* endAll(keys.slice(2, 5))).toStrictEqual([ended, ended, firstBraked])
    }),
    timeout
  )

  it.effect(
    "S-37 goes on again when the pause has run out and too many end again",
    Effect.fnUntraced(function* () {
      const { keys } = yield* ofOneClient(6)
      expect((yield* endAll(keys.slice(0, 3))).at(-1)).toStrictEqual(firstBraked)
      yield* advance(brake.pause)
      expect(yield* endAll(keys.slice(3))).toStrictEqual([ended, ended, firstBraked])
    }),
    timeout
  )

  it.effect(
    "S-37 is one client's own, and no other's renewals keep it off",
    Effect.fnUntraced(function* () {
      const { keys } = yield* ofOneClient(3)
      const others = yield* ofOneClient(6)
      yield* Effect.forEach(others.keys, renewStored)
      expect(yield* endAll(keys)).toStrictEqual([ended, ended, firstBraked])
      expect(yield* endAll(others.keys.slice(0, 1))).toStrictEqual([ended])
    }),
    timeout
  )

  it.effect(
    "S-37 counts refusals alone: what a provider withdrew was its user's choice",
    Effect.fnUntraced(function* () {
      const grants = yield* GrantStore
      const { keys } = yield* ofOneClient(5)
      for (const key of keys.slice(0, 4)) {
        const { publish, quarantine } = yield* endCommand()
        yield* grants.markRevoked(key, { publish, quarantine })
      }
      expect(yield* endAll(keys.slice(4))).toStrictEqual([ended])
    }),
    timeout
  )

  it.effect(
    "S-37 can be let go before its time",
    Effect.fnUntraced(function* () {
      const grants = yield* GrantStore
      const { clientFingerprint, keys } = yield* ofOneClient(3)
      yield* endAll(keys)
      const last = keys[2] as Key
      expect((yield* acquireStored(last))._tag).toBe("Paused")
      yield* grants.releaseBrake(freshFingerprint())
      expect((yield* acquireStored(last))._tag).toBe("Paused")
      yield* grants.releaseBrake(clientFingerprint)
      expect((yield* acquireStored(last))._tag).toBe("Acquired")
    }),
    timeout
  )

  it.effect(
    "S-37 of ends that come at once one put it on",
    Effect.fnUntraced(function* () {
      const grants = yield* GrantStore
      const integrations = yield* IntegrationStore
      const { keys } = yield* ofOneClient(12)
      yield* endAll(keys.slice(0, 2))
      const commands = yield* Effect.forEach(
        keys.slice(2),
        Effect.fnUntraced(function* (key) {
          return grants.end(yield* leaseOf(key), yield* endCommand("refresh_failed", brake))
        })
      )
      const endings = yield* Effect.all(commands, { concurrency: "unbounded" })
      expect(endings.filter((one) => one._tag === "Braked" && one.first)).toHaveLength(1)
      expect(endings.map(({ _tag }) => _tag)).toStrictEqual(times(10, () => "Braked"))
      for (const key of keys.slice(2))
        expect((yield* integrations.find(key)).status).toBe("connected")
    }),
    timeout
  )
}
