import { expect } from "@effect/vitest"
import { ConnectionStore, Maintenance, newEventId } from "@hawser/core"
import { DateTime, Duration, Effect, Exit } from "effect"
import { advance } from "../StoreClock.ts"
import { comparable } from "./comparable.ts"
import {
  connectCommand,
  datadog,
  disconnectCommand,
  newGrant,
  storedCredentialId,
  withCredential,
  withGrant,
  eventConnection
} from "./fixtures.ts"
import {
  claimOneDue,
  connectedGrant,
  deferCommand,
  endCommand,
  endStored,
  leaseOf,
  renewCommand
} from "./grants.ts"
import { inParallel, times } from "./inParallel.ts"
import { freshSubscriber, receiveEvents, receiveIds } from "./subscriber.ts"
import type { SuiteIt } from "./SuiteServices.ts"

const acme = { id: "4711", label: "Acme" }

const restored = Effect.map(newEventId, (id) => ({ id, event: "integration.connected" as const }))

/** Sweeps whatever other tests left, so that a count is this test's own. */
const sweepOthers = Effect.gen(function* () {
  const maintenance = yield* Maintenance
  yield* advance(Duration.days(7))
  yield* maintenance.sweepQuarantine
})

export const quarantineSuite = (it: SuiteIt, timeout: number | undefined): void => {
  it.effect(
    "S-37 lists what waits, of one tenant or of all, the oldest first",
    Effect.fnUntraced(function* () {
      const maintenance = yield* Maintenance
      const first = yield* connectedGrant()
      const second = yield* connectedGrant()
      yield* endStored(second.key, "refresh_interrupted")
      yield* advance(Duration.minutes(1))
      yield* endStored(first.key)
      const [waiting, ...others] = yield* maintenance.quarantined(first.key)
      expect(others).toStrictEqual([])
      expect(waiting).toMatchObject({
        ...first.key,
        integrationId: first.integration.id,
        reason: "refresh_failed",
        clientFingerprint: first.grant.clientFingerprint
      })
      const { endedAt, until } = waiting ?? expect.fail("nothing waits")
      expect(DateTime.toEpochMillis(until) - DateTime.toEpochMillis(endedAt)).toBe(
        Duration.toMillis(Duration.days(7))
      )
      const own = new Set([first.key.tenantId, second.key.tenantId])
      const all = yield* maintenance.quarantined({
        provider: first.key.provider,
        tenantId: undefined
      })
      expect(
        all.filter(({ tenantId }) => own.has(tenantId)).map(({ integrationId }) => integrationId)
      ).toStrictEqual([second.integration.id, first.integration.id])
      const elsewhere = { provider: datadog, tenantId: first.key.tenantId }
      expect(yield* maintenance.quarantined(elsewhere)).toStrictEqual([])
    }),
    timeout
  )

  it.effect(
    "S-37 restores the integration as it was, due at once, and says that it is connected",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const maintenance = yield* Maintenance
      const { grant, integration, key } = yield* connectedGrant(
        {},
        { account: acme, fields: { site: "eu" } }
      )
      yield* connections.renewGrant(yield* leaseOf(key), yield* renewCommand(undefined, ["repo"]))
      const before = yield* connections.grant(key)
      yield* connections.deferRefresh(yield* leaseOf(key), yield* deferCommand({ ambiguous: true }))
      yield* advance(Duration.seconds(10))
      yield* endStored(key)
      const subscriber = yield* freshSubscriber()
      const publish = yield* restored
      expect(yield* maintenance.restore(key, publish)).toBe(true)
      const { connectedAt: _, ...stood } = integration
      expect(yield* connections.find(key)).toMatchObject({
        ...stood,
        scopes: ["repo"],
        problem: undefined
      })
      const { expiresAt: _at, remaining: _left, ...read } = yield* connections.grant(key)
      const { expiresAt: _before, remaining: _more, ...expected } = before
      expect(comparable(read)).toStrictEqual(comparable(expected))
      expect(yield* receiveEvents(subscriber)).toStrictEqual([
        {
          id: publish.id,
          event: "integration.connected",
          tenantId: key.tenantId,
          data: {
            integrationId: integration.id,
            provider: key.provider,
            ...eventConnection,
            connectedBy: integration.connectedBy
          }
        }
      ])
      expect((yield* claimOneDue(key)).grant.id).toBe(grant.id)
      const lease = yield* leaseOf(key)
      expect([lease.interrupted, lease.failures]).toStrictEqual([false, 0])
      // Once: nothing waits any more.
      expect(yield* maintenance.quarantined(key)).toStrictEqual([])
      expect(yield* maintenance.restore(key, yield* restored)).toBe(false)
    }),
    timeout
  )

  it.effect(
    "S-35 a verdict from before the end means nothing for the grant that was restored",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const maintenance = yield* Maintenance
      const { key } = yield* connectedGrant()
      const old = yield* leaseOf(key)
      yield* connections.endGrant(old, yield* endCommand())
      yield* maintenance.restore(key, yield* restored)
      const lease = yield* leaseOf(key)
      expect(lease.fence).toBeGreaterThan(old.fence)
      expect(yield* connections.endGrant(old, yield* endCommand())).toStrictEqual({
        _tag: "Superseded"
      })
      expect((yield* connections.find(key)).status).toBe("connected")
    }),
    timeout
  )

  it.effect(
    "S-37 of restores that come at once one succeeds",
    Effect.fnUntraced(function* () {
      const maintenance = yield* Maintenance
      const { key } = yield* connectedGrant()
      yield* endStored(key)
      const subscriber = yield* freshSubscriber()
      const publishes = yield* Effect.all(times(10, () => restored))
      const { succeeded } = yield* inParallel(
        publishes.map((publish) => maintenance.restore(key, publish))
      )
      expect(succeeded.filter(Boolean)).toHaveLength(1)
      expect(yield* receiveIds(subscriber)).toHaveLength(1)
    }),
    timeout
  )

  it.effect(
    "connecting again destroys what waits, by whatever way",
    Effect.fnUntraced(function* () {
      const maintenance = yield* Maintenance
      const connections = yield* ConnectionStore
      yield* sweepOthers
      const { key } = yield* connectedGrant()
      const ways = [
        withGrant(yield* newGrant()),
        withCredential(yield* storedCredentialId(key.tenantId, key.provider))
      ]
      for (const way of ways) {
        if ((yield* connections.find(key)).status === "connected") yield* endStored(key)
        const connected = yield* connections.connect(yield* connectCommand(key, way))
        expect([connected.status, connected.problem]).toStrictEqual(["connected", undefined])
        expect(yield* maintenance.quarantined(key)).toStrictEqual([])
        expect(yield* maintenance.restore(key, yield* restored)).toBe(false)
      }
      yield* advance(Duration.days(7))
      expect(yield* maintenance.sweepQuarantine).toBe(0)
    }),
    timeout
  )

  it.effect(
    "S-27 who connects again after the provider's end must be the same account",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const { key } = yield* connectedGrant({}, { account: acme })
      yield* endStored(key)
      const other = withGrant(yield* newGrant(), undefined, {
        account: { id: "4712", label: undefined }
      })
      const refused = yield* Effect.flip(connections.connect(yield* connectCommand(key, other)))
      expect(refused._tag).toBe("AccountMismatch")
    }),
    timeout
  )

  it.effect(
    "S-46 a user's disconnect destroys what waits at once and forgets the account, without a second event",
    Effect.fnUntraced(function* () {
      const maintenance = yield* Maintenance
      const connections = yield* ConnectionStore
      yield* sweepOthers
      const { key } = yield* connectedGrant({}, { account: acme })
      yield* endStored(key)
      const subscriber = yield* freshSubscriber()
      const refused = yield* Effect.flip(connections.disconnect(yield* disconnectCommand(key)))
      expect(refused._tag).toBe("IntegrationNotFound")
      expect(yield* connections.find(key)).toMatchObject({
        status: "disconnected",
        account: undefined,
        problem: undefined
      })
      expect((yield* Effect.flip(connections.grant(key)))._tag).toBe("NotConnected")
      expect(yield* maintenance.quarantined(key)).toStrictEqual([])
      expect(yield* maintenance.restore(key, yield* restored)).toBe(false)
      yield* advance(Duration.days(7))
      expect(yield* maintenance.sweepQuarantine).toBe(0)
      expect(yield* receiveIds(subscriber)).toStrictEqual([])
    }),
    timeout
  )

  it.effect(
    "S-37 S-46 what has waited too long cannot be restored, and the sweep destroys it",
    Effect.fnUntraced(function* () {
      const maintenance = yield* Maintenance
      const connections = yield* ConnectionStore
      yield* sweepOthers
      const { key } = yield* connectedGrant()
      yield* endStored(key)
      yield* advance(Duration.days(6))
      expect(yield* maintenance.sweepQuarantine).toBe(0)
      expect(yield* maintenance.quarantined(key)).toHaveLength(1)
      yield* advance(Duration.days(1))
      expect(yield* maintenance.quarantined(key)).toStrictEqual([])
      expect(yield* maintenance.restore(key, yield* restored)).toBe(false)
      expect(yield* maintenance.sweepQuarantine).toBe(1)
      expect(yield* maintenance.sweepQuarantine).toBe(0)
      // Why it ended is still known.
      expect((yield* Effect.flip(connections.grant(key)))._tag).toBe("ReconnectRequired")
    }),
    timeout
  )

  it.effect(
    "S-37 keeps it waiting where the event of a restore cannot be recorded",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const maintenance = yield* Maintenance
      const { key } = yield* connectedGrant()
      const command = yield* endCommand()
      yield* connections.endGrant(yield* leaseOf(key), command)
      const failed = yield* Effect.exit(
        maintenance.restore(key, { id: command.publish.id, event: "integration.connected" })
      )
      expect(Exit.isFailure(failed)).toBe(true)
      expect(yield* maintenance.quarantined(key)).toHaveLength(1)
      expect(yield* maintenance.restore(key, yield* restored)).toBe(true)
    }),
    timeout
  )
}
