import { expect } from "@effect/vitest"
import { ConnectionStore, Maintenance, newEventId } from "@hawser/core"
import { Duration, Effect } from "effect"
import { advance } from "../StoreClock.ts"
import { freshTenant } from "./fixtures.ts"
import {
  acquireStored,
  claimDueOf,
  connectedGrant,
  deferCommand,
  dueOf,
  endCommand,
  endStored,
  leaseOf,
  leaseTime,
  renewCommand
} from "./grants.ts"
import { freshSubscriber, receiveIds } from "./subscriber.ts"
import type { SuiteIt } from "./SuiteServices.ts"

export const grantTenantSuite = (it: SuiteIt, timeout: number | undefined): void => {
  it.effect(
    "S-57 another tenant can neither lease, renew, defer, end, postpone nor revoke a grant, whatever ids it names",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const maintenance = yield* Maintenance
      const { grant, key } = yield* connectedGrant({ dueIn: 60 })
      const foreign = { ...key, tenantId: yield* freshTenant }
      const stored = yield* connections.grant(key)
      const subscriber = yield* freshSubscriber()
      const command = {
        grantId: grant.id,
        generation: 1,
        holder: "worker",
        clientVersion: grant.clientFingerprint,
        lease: leaseTime
      }
      expect(yield* connections.acquireLease({ ...foreign, ...command })).toStrictEqual({
        _tag: "Superseded"
      })
      const lease = yield* leaseOf(key)
      const stolen = { ...lease, tenantId: foreign.tenantId }
      expect(yield* connections.renewGrant(stolen, yield* renewCommand())).toBe(false)
      expect(yield* connections.endGrant(stolen, yield* endCommand())).toStrictEqual({
        _tag: "Superseded"
      })
      yield* connections.deferRefresh(stolen, yield* deferCommand())
      expect((yield* acquireStored(key))._tag).toBe("Leased")
      const { publish, quarantine } = yield* endCommand()
      expect(yield* connections.markRevoked(foreign, { publish, quarantine })).toBe(false)
      yield* connections.deferRefresh(lease, yield* deferCommand({ retryIn: Duration.seconds(60) }))
      yield* maintenance.postponeGrant({ ...dueOf(key, stored), ...foreign }, Duration.days(1))
      yield* advance(Duration.seconds(60))
      expect(yield* claimDueOf(key)).toHaveLength(1)
      expect(yield* receiveIds(subscriber)).toStrictEqual([])
    }),
    timeout
  )

  it.effect(
    "S-57 another tenant can neither tell of nor end a token that expires",
    Effect.fnUntraced(function* () {
      const maintenance = yield* Maintenance
      const connections = yield* ConnectionStore
      const { key } = yield* connectedGrant({ refreshToken: undefined })
      const due = dueOf(key, yield* connections.grant(key))
      const foreign = { ...due, tenantId: yield* freshTenant }
      const subscriber = yield* freshSubscriber()
      yield* maintenance.tellExpiry(foreign, {
        id: yield* newEventId,
        event: "integration.expiring"
      })
      yield* advance(Duration.hours(1))
      yield* maintenance.expireGrant(foreign, (yield* endCommand()).publish)
      expect((yield* connections.find(key)).status).toBe("connected")
      expect(yield* receiveIds(subscriber)).toStrictEqual([])
    }),
    timeout
  )

  it.effect(
    "S-57 another tenant neither sees nor restores what waits in quarantine",
    Effect.fnUntraced(function* () {
      const maintenance = yield* Maintenance
      const { key } = yield* connectedGrant()
      yield* endStored(key)
      const foreign = { ...key, tenantId: yield* freshTenant }
      expect(yield* maintenance.quarantined(foreign)).toStrictEqual([])
      const publish = { id: yield* newEventId, event: "integration.connected" as const }
      expect(yield* maintenance.restore(foreign, publish)).toBe(false)
      expect(yield* maintenance.quarantined(key)).toHaveLength(1)
    }),
    timeout
  )
}
