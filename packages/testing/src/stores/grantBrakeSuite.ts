import { expect } from "@effect/vitest"
import { ConnectionStore, Maintenance, refreshBrake } from "@hawser/core"
import { Duration, Effect } from "effect"
import { advance } from "../StoreClock.ts"
import { connectCommand, disconnectCommand, newGrant, secondOf, withGrant } from "./fixtures.ts"
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

/** As many integrations of one client, each of a tenant of its own. */
const ofOneClient = Effect.fnUntraced(function* (count: number) {
  const client = freshFingerprint()
  const connected = yield* Effect.all(
    times(count, () => connectedGrant({ clientFingerprint: client, dueIn: 0 }))
  )
  return { client, keys: connected.map(({ key }) => key) }
})

type Key = Parameters<typeof leaseOf>[0]

const renewStored = Effect.fnUntraced(function* (
  key: Key,
  overrides: Parameters<typeof leaseOf>[1] = {}
) {
  const connections = yield* ConnectionStore
  yield* connections.renewGrant(yield* leaseOf(key, overrides), yield* renewCommand())
})

const endAll = (keys: ReadonlyArray<Key>) => Effect.forEach(keys, (key) => endStored(key))

const ended = { _tag: "Ended" }
const firstBraked = { _tag: "Braked", first: true }
const braked = { _tag: "Braked", first: false }

const nextProbe = advance(refreshBrake.probeEvery)

const stateOf = Effect.fnUntraced(function* (key: Key) {
  const connections = yield* ConnectionStore
  return (yield* connections.find(key)).status
})

/** Puts the brake on by three tenants; those that ended before. */
const putOn = Effect.fnUntraced(function* (keys: ReadonlyArray<Key>) {
  expect(yield* endAll(keys.slice(0, 3))).toStrictEqual([ended, ended, firstBraked])
})

export const grantBrakeSuite = (it: SuiteIt, timeout: number | undefined): void => {
  it.effect(
    "S-109 goes on when three tenants and over half of those tried are refused, tells it once, and nothing more ends",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const { keys } = yield* ofOneClient(6)
      // Asked before the brake went on, answered after.
      const late = yield* leaseOf(keys[5] as Key)
      const subscriber = yield* freshSubscriber()
      yield* putOn(keys)
      expect(yield* connections.endGrant(late, yield* endCommand())).toStrictEqual(braked)
      for (const key of keys.slice(2)) expect(yield* stateOf(key)).toBe("connected")
      expect(yield* receiveIds(subscriber)).toHaveLength(2)
    }),
    timeout
  )

  it.effect(
    "S-109 stays off while half of the tenants that are tried, or more, are renewed",
    Effect.fnUntraced(function* () {
      const { keys } = yield* ofOneClient(8)
      // Half of all is not over half.
      yield* Effect.forEach(keys.slice(4), (key) => renewStored(key))
      expect(yield* endAll(keys.slice(0, 4))).toStrictEqual([ended, ended, ended, ended])
      expect(yield* endAll(keys.slice(4, 5))).toStrictEqual([firstBraked])
    }),
    timeout
  )

  it.effect(
    "S-109 goes on when ten tenants and over a tenth of those tried are refused",
    Effect.fnUntraced(function* () {
      const { keys } = yield* ofOneClient(40)
      yield* Effect.forEach(keys.slice(10), (key) => renewStored(key))
      expect(yield* endAll(keys.slice(0, 10))).toStrictEqual([
        ...times(9, () => ended),
        firstBraked
      ])
    }),
    timeout
  )

  it.effect(
    "S-109 stays off at ten tenants that are a tenth of those tried",
    Effect.fnUntraced(function* () {
      const { keys } = yield* ofOneClient(101)
      yield* Effect.forEach(keys.slice(10, 100), (key) => renewStored(key))
      expect(yield* endAll(keys.slice(0, 10))).toStrictEqual(times(10, () => ended))
      expect(yield* endAll(keys.slice(100))).toStrictEqual([firstBraked])
    }),
    timeout
  )

  it.effect(
    "S-109 counts a tenant once, however many of its grants are refused or renewed",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const { client, keys } = yield* ofOneClient(4)
      const seconds = keys.map(secondOf)
      yield* Effect.forEach(
        seconds,
        Effect.fnUntraced(function* (key) {
          const grant = yield* newGrant({ clientFingerprint: client })
          yield* connections.connect(yield* connectCommand(key, withGrant(grant)))
        })
      )
      const [a, b, c, d] = keys as [Key, Key, Key, Key]
      const [a2, b2, c2, d2] = seconds as [Key, Key, Key, Key]
      expect(yield* endAll([a, a2, b, b2])).toStrictEqual(times(4, () => ended))
      // Four renewals of one tenant are one of four that were tried.
      yield* Effect.forEach([d, d2, d, d2], (key) => renewStored(key))
      expect(yield* endAll([c])).toStrictEqual([firstBraked])
      expect(yield* acquireStored(c2)).toStrictEqual({ _tag: "Paused" })
    }),
    timeout
  )

  it.effect(
    "S-109 counts no renewal and no refusal from before ten minutes ago",
    Effect.fnUntraced(function* () {
      const { keys } = yield* ofOneClient(9)
      yield* Effect.forEach(keys.slice(5), (key) => renewStored(key))
      expect(yield* endAll(keys.slice(0, 2))).toStrictEqual([ended, ended])
      yield* advance(refreshBrake.window)
      expect(yield* endAll(keys.slice(2, 5))).toStrictEqual([ended, ended, firstBraked])
    }),
    timeout
  )

  it.effect(
    "S-109 counts refusals alone: what a provider withdrew was its user's choice",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const { keys } = yield* ofOneClient(5)
      for (const key of keys.slice(0, 4)) {
        const { publish, quarantine } = yield* endCommand()
        yield* connections.markRevoked(key, { publish, quarantine })
      }
      expect(yield* endAll(keys.slice(4))).toStrictEqual([ended])
    }),
    timeout
  )

  it.effect(
    "S-109 is one client's with one secret: a corrected one is free at once, and its renewals let go of no other",
    Effect.fnUntraced(function* () {
      const { client, keys } = yield* ofOneClient(9)
      const right = { clientVersion: `${client} with the right secret` }
      yield* Effect.forEach(keys.slice(4, 8), (key) => renewStored(key, right))
      yield* putOn(keys)
      yield* Effect.forEach(keys.slice(2, 8), (key) => renewStored(key, right))
      yield* nextProbe
      expect(yield* endStored(keys[8] as Key)).toStrictEqual(braked)
      expect(yield* acquireStored(keys[3] as Key)).toStrictEqual({ _tag: "Paused" })
    }),
    timeout
  )

  it.effect(
    "S-109 lets one grant be tried in a minute, each of another tenant, and ends none",
    Effect.fnUntraced(function* () {
      const { keys } = yield* ofOneClient(6)
      yield* putOn(keys)
      const [, , third, fourth, fifth, sixth] = keys as [Key, Key, Key, Key, Key, Key]
      // The one that was refused is tried no more, and stays due for whoever has another secret.
      expect(yield* acquireStored(third)).toStrictEqual({ _tag: "Paused" })
      expect(yield* endStored(fourth)).toStrictEqual(braked)
      expect(yield* acquireStored(fifth)).toStrictEqual({ _tag: "Paused" })
      yield* nextProbe
      expect(yield* claimDueOf(fourth)).toHaveLength(1)
      expect(yield* acquireStored(fourth)).toStrictEqual({ _tag: "Paused" })
      expect(yield* endStored(fifth)).toStrictEqual(braked)
      yield* nextProbe
      expect(yield* endStored(sixth)).toStrictEqual(braked)
      for (const key of [third, fourth, fifth, sixth]) expect(yield* stateOf(key)).toBe("connected")
      // All were tried: their turn comes again.
      yield* advance(refreshBrake.window)
      expect((yield* acquireStored(third))._tag).toBe("Acquired")
      expect(yield* acquireStored(fourth)).toStrictEqual({ _tag: "Paused" })
    }),
    timeout
  )

  it.effect(
    "S-109 spends no turn on a grant that waits for its next attempt, and the lease that a refusal gave back is free",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const { keys } = yield* ofOneClient(5)
      const [, , third, waiting, next] = keys as [Key, Key, Key, Key, Key]
      const later = yield* deferCommand({ retryIn: Duration.hours(1), ambiguous: true })
      yield* connections.deferRefresh(yield* leaseOf(waiting), later)
      const short = yield* deferCommand({ ambiguous: true })
      yield* connections.deferRefresh(yield* leaseOf(third), short)
      yield* advance(Duration.seconds(10))
      yield* putOn(keys)
      expect((yield* acquireStored(waiting))._tag).toBe("Deferred")
      expect((yield* acquireStored(next))._tag).toBe("Acquired")
      yield* advance(refreshBrake.window)
      const lease = yield* leaseOf(third)
      expect([lease.interrupted, lease.failures]).toStrictEqual([true, 1])
    }),
    timeout
  )

  it.effect(
    "S-109 of those that ask at once one is tried",
    Effect.fnUntraced(function* () {
      const { keys } = yield* ofOneClient(13)
      yield* putOn(keys)
      const asked = yield* Effect.all(
        keys.slice(3).map((key) => acquireStored(key)),
        { concurrency: "unbounded" }
      )
      expect(asked.filter(({ _tag }) => _tag === "Acquired")).toHaveLength(1)
      expect(asked.filter(({ _tag }) => _tag === "Paused")).toHaveLength(9)
    }),
    timeout
  )

  it.effect(
    "S-109 is let go by three tenants that are renewed, and one of them counts once",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const { client, keys } = yield* ofOneClient(7)
      const [, , , first, second, third, other] = keys as [Key, Key, Key, Key, Key, Key, Key]
      const again = secondOf(first)
      const grant = yield* newGrant({ clientFingerprint: client })
      yield* connections.connect(yield* connectCommand(again, withGrant(grant)))
      yield* putOn(keys)
      yield* renewStored(first)
      yield* nextProbe
      // The tenant had its turn.
      expect(yield* acquireStored(again)).toStrictEqual({ _tag: "Paused" })
      yield* renewStored(second)
      expect(yield* acquireStored(other)).toStrictEqual({ _tag: "Paused" })
      yield* nextProbe
      yield* renewStored(third)
      expect((yield* acquireStored(other))._tag).toBe("Acquired")
      expect((yield* acquireStored(again))._tag).toBe("Acquired")
    }),
    timeout
  )

  it.effect(
    "S-109 three renewals that were under way when it went on let it go, at whatever moment they come",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const { keys } = yield* ofOneClient(7)
      const leases = yield* Effect.forEach(keys.slice(3, 6), (key) => leaseOf(key))
      yield* putOn(keys)
      const renewals = yield* Effect.forEach(leases, (lease) =>
        Effect.map(renewCommand(), (command) => connections.renewGrant(lease, command))
      )
      yield* Effect.all(renewals, { concurrency: "unbounded" })
      const [, , refused, , , , other] = keys as [Key, Key, Key, Key, Key, Key, Key]
      expect((yield* acquireStored(other))._tag).toBe("Acquired")
      expect((yield* acquireStored(refused))._tag).toBe("Acquired")
    }),
    timeout
  )

  it.effect(
    "S-109 renewals of one tenant that were under way when it went on are one of the three",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const { client, keys } = yield* ofOneClient(7)
      const [, , , first, second, third, other] = keys as [Key, Key, Key, Key, Key, Key, Key]
      const again = secondOf(first)
      const grant = yield* newGrant({ clientFingerprint: client })
      yield* connections.connect(yield* connectCommand(again, withGrant(grant)))
      const leases = yield* Effect.forEach([first, again, second, third], (key) => leaseOf(key))
      yield* putOn(keys)
      const renewals = yield* Effect.forEach(leases, (lease) =>
        Effect.map(renewCommand(), (command) => connections.renewGrant(lease, command))
      )
      const [, , , last] = renewals
      yield* Effect.all(renewals.slice(0, 3))
      yield* acquireStored(other)
      expect(yield* acquireStored(other)).toStrictEqual({ _tag: "Leased" })
      expect(yield* acquireStored(first)).toStrictEqual({ _tag: "Paused" })
      yield* last ?? Effect.void
      expect((yield* acquireStored(first))._tag).toBe("Acquired")
    }),
    timeout
  )

  it.effect(
    "S-109 once renewals have let it go, those that were refused end for good, and only others count",
    Effect.fnUntraced(function* () {
      const maintenance = yield* Maintenance
      const { client, keys } = yield* ofOneClient(9)
      yield* putOn(keys)
      const refused = keys.slice(0, 3)
      for (const key of yield* maintenance.endedUnderBrake(client)) {
        const { publish } = yield* renewCommand()
        yield* maintenance.restore(key, { id: publish.id, event: "integration.connected" })
      }
      for (const key of keys.slice(3, 6)) {
        yield* renewStored(key)
        yield* nextProbe
      }
      expect(yield* endAll(refused)).toStrictEqual([ended, ended, ended])
      expect(yield* maintenance.endedUnderBrake(client)).toStrictEqual([])
      // Three others of nine: over half have been renewed or are known.
      expect(yield* endAll(keys.slice(6, 8))).toStrictEqual([ended, ended])
      // What was renewed since is refused as any other.
      yield* advance(refreshBrake.window)
      expect(yield* endAll(keys.slice(3, 6))).toStrictEqual([ended, ended, firstBraked])
    }),
    timeout
  )

  it.effect(
    "S-109 tells what ended in the ten minutes before it went on, and nothing that a user or another client ended",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const maintenance = yield* Maintenance
      const { client, keys } = yield* ofOneClient(7)
      const [early, withdrawn, elsewhere, ...rest] = keys as [Key, Key, Key, ...Array<Key>]
      yield* endStored(early)
      yield* advance(refreshBrake.window)
      const { publish, quarantine } = yield* endCommand()
      yield* connections.markRevoked(withdrawn, { publish, quarantine })
      yield* endStored(elsewhere, "refresh_failed", { clientVersion: freshFingerprint() })
      expect(yield* maintenance.endedUnderBrake(client)).toStrictEqual([])
      expect(yield* endAll(rest.slice(0, 3))).toStrictEqual([ended, ended, firstBraked])
      const waiting = yield* maintenance.endedUnderBrake(client)
      expect(waiting.map(({ tenantId }) => tenantId)).toStrictEqual(
        rest.slice(0, 2).map(({ tenantId }) => tenantId)
      )
      const [one] = waiting
      expect(one).toMatchObject({ ...rest[0], reason: "refresh_failed", clientFingerprint: client })
    }),
    timeout
  )

  it.effect(
    "S-37 can be let go by the host, and forgets what was refused",
    Effect.fnUntraced(function* () {
      const maintenance = yield* Maintenance
      const { client, keys } = yield* ofOneClient(6)
      yield* putOn(keys)
      const [, , third, fourth, fifth, sixth] = keys as [Key, Key, Key, Key, Key, Key]
      yield* acquireStored(fourth)
      yield* maintenance.releaseBrake(freshFingerprint())
      expect((yield* acquireStored(fifth))._tag).toBe("Paused")
      yield* maintenance.releaseBrake(client)
      expect((yield* acquireStored(third))._tag).toBe("Acquired")
      expect(yield* endAll([fifth, sixth])).toStrictEqual([ended, ended])
    }),
    timeout
  )

  it.effect(
    "S-109 of refusals that come at once one puts it on",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const { keys } = yield* ofOneClient(12)
      yield* endAll(keys.slice(0, 2))
      const commands = yield* Effect.forEach(
        keys.slice(2),
        Effect.fnUntraced(function* (key) {
          return connections.endGrant(yield* leaseOf(key), yield* endCommand())
        })
      )
      const endings = yield* Effect.all(commands, { concurrency: "unbounded" })
      expect(endings.filter((one) => one._tag === "Braked" && one.first)).toHaveLength(1)
      expect(endings.map(({ _tag }) => _tag)).toStrictEqual(times(10, () => "Braked"))
      for (const key of keys.slice(2)) expect(yield* stateOf(key)).toBe("connected")
    }),
    timeout
  )

  it.effect(
    "S-109 knows nothing of a tenant that was connected again since, nor of one that is removed",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const maintenance = yield* Maintenance
      const { client, keys } = yield* ofOneClient(8)
      const [first, second, third, left, fifth, sixth, seventh, eighth] = keys as [
        Key,
        Key,
        Key,
        Key,
        Key,
        Key,
        Key,
        Key
      ]
      expect(yield* endAll([first, second])).toStrictEqual([ended, ended])
      const again = yield* newGrant({ clientFingerprint: client })
      yield* connections.connect(yield* connectCommand(second, withGrant(again)))
      expect(yield* endAll([third, eighth])).toStrictEqual([ended, firstBraked])
      yield* renewStored(left)
      yield* connections.disconnect(yield* disconnectCommand(left))
      yield* maintenance.removeTenant(left.tenantId)
      for (const key of [fifth, sixth]) {
        yield* nextProbe
        yield* renewStored(key)
      }
      expect(yield* acquireStored(seventh)).toStrictEqual({ _tag: "Paused" })
      yield* nextProbe
      yield* renewStored(seventh)
      expect((yield* acquireStored(eighth))._tag).toBe("Acquired")
    }),
    timeout
  )

  it.effect(
    "S-109 is swept a day after the last grant was tried",
    Effect.fnUntraced(function* () {
      const maintenance = yield* Maintenance
      const { keys } = yield* ofOneClient(4)
      yield* putOn(keys)
      const third = keys[2] as Key
      yield* advance(Duration.hours(23))
      yield* maintenance.sweepQuarantine
      expect((yield* acquireStored(third))._tag).toBe("Acquired")
      expect((yield* acquireStored(keys[3] as Key))._tag).toBe("Paused")
      yield* advance(Duration.minutes(24 * 60 + 2))
      yield* maintenance.sweepQuarantine
      expect((yield* acquireStored(keys[3] as Key))._tag).toBe("Acquired")
      expect((yield* acquireStored(third))._tag).toBe("Acquired")
    }),
    timeout
  )
}
