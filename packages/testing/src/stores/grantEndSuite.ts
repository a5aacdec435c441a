import { expect } from "@effect/vitest"
import { ConnectionStore, type EndReason, Maintenance } from "@hawser/core"
import { Duration, Effect, Exit } from "effect"
import { advance } from "../StoreClock.ts"
import {
  bob,
  connectCommand,
  disconnectCommand,
  newGrant,
  withGrant,
  eventConnection
} from "./fixtures.ts"
import {
  acquireStored,
  claimDueOf,
  connectedGrant,
  endCommand,
  endStored,
  failingGrant,
  leaseOf,
  leaseTime,
  renewCommand,
  system
} from "./grants.ts"
import { inParallel, times } from "./inParallel.ts"
import { freshSubscriber, receiveEvents, receiveIds } from "./subscriber.ts"
import type { SuiteIt } from "./SuiteServices.ts"

const acme = { id: "4711", label: "Acme" }
const reasons: ReadonlyArray<EndReason> = ["refresh_failed", "refresh_interrupted"]

export const grantEndSuite = (it: SuiteIt, timeout: number | undefined): void => {
  it.effect(
    "S-37 disconnects, remembers the account and why, and says so once",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      for (const reason of reasons) {
        const { integration, key } = yield* connectedGrant(
          { dueIn: 10 },
          { account: acme, fields: { site: "eu" } }
        )
        const subscriber = yield* freshSubscriber()
        const lease = yield* leaseOf(key)
        const command = yield* endCommand(reason)
        expect(yield* connections.endGrant(lease, command)).toStrictEqual({ _tag: "Ended" })
        expect(yield* connections.find(key)).toMatchObject({
          id: integration.id,
          status: "disconnected",
          problem: reason,
          account: acme,
          scopes: [],
          fields: {}
        })
        expect(yield* Effect.flip(connections.grant(key))).toMatchObject({
          _tag: "ReconnectRequired",
          provider: key.provider,
          reason
        })
        expect(yield* connections.endGrant(lease, yield* endCommand(reason))).toStrictEqual({
          _tag: "Superseded"
        })
        expect(yield* receiveEvents(subscriber)).toStrictEqual([
          {
            id: command.publish.id,
            event: "integration.disconnected",
            tenantId: key.tenantId,
            data: {
              integrationId: integration.id,
              provider: key.provider,
              ...eventConnection,
              disconnectedBy: system,
              reason: "refresh_failed"
            }
          }
        ])
        yield* advance(Duration.days(1))
        expect(yield* claimDueOf(key)).toStrictEqual([])
      }
    }),
    timeout
  )

  it.effect(
    "S-37 ends an integration at error too",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const { key } = yield* connectedGrant()
      yield* failingGrant(key)
      yield* endStored(key)
      expect(yield* connections.find(key)).toMatchObject({
        status: "disconnected",
        problem: "refresh_failed"
      })
    }),
    timeout
  )

  it.effect(
    "S-35 a verdict about tokens that are not the stored ones ends nothing",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const { key } = yield* connectedGrant()
      const lease = yield* leaseOf(key)
      yield* connections.renewGrant(lease, yield* renewCommand())
      const subscriber = yield* freshSubscriber()
      expect(yield* connections.endGrant(lease, yield* endCommand())).toStrictEqual({
        _tag: "Superseded"
      })
      const again = withGrant(yield* newGrant(), undefined, { reauthorizes: true })
      const later = yield* leaseOf(key)
      const reconnect = yield* connectCommand(key, again)
      yield* connections.connect(reconnect)
      expect(yield* connections.endGrant(later, yield* endCommand())).toStrictEqual({
        _tag: "Superseded"
      })
      expect((yield* connections.find(key)).status).toBe("connected")
      expect(yield* receiveIds(subscriber)).toStrictEqual([reconnect.publish.id])
    }),
    timeout
  )

  it.effect(
    "S-35 a late success and the verdict of who took over: one of them counts",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const stories = yield* Effect.forEach(
        times(10, (index) => index),
        Effect.fnUntraced(function* () {
          const { key } = yield* connectedGrant()
          return { key, late: yield* leaseOf(key) }
        })
      )
      yield* advance(leaseTime)
      for (const { key, late } of stories) {
        const second = yield* leaseOf(key)
        const renew = yield* renewCommand()
        const end = yield* endCommand()
        const [isStored, ending] = yield* Effect.all(
          [connections.renewGrant(late, renew), connections.endGrant(second, end)],
          { concurrency: "unbounded" }
        )
        const { status } = yield* connections.find(key)
        expect([isStored, ending._tag, status]).toStrictEqual(
          isStored ? [true, "Superseded", "connected"] : [false, "Ended", "disconnected"]
        )
      }
    }),
    timeout
  )

  it.effect(
    "a user's disconnect and the provider's end at once leave no tokens and one event",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const maintenance = yield* Maintenance
      for (const _ of times(10, () => undefined)) {
        const { key } = yield* connectedGrant()
        const lease = yield* leaseOf(key)
        const subscriber = yield* freshSubscriber()
        const end = yield* endCommand()
        const disconnect = yield* disconnectCommand(key, bob)
        yield* inParallel<unknown, unknown, never>([
          connections.endGrant(lease, end),
          connections.disconnect(disconnect)
        ])
        expect(yield* connections.find(key)).toMatchObject({
          status: "disconnected",
          problem: undefined
        })
        expect(yield* maintenance.quarantined(key)).toStrictEqual([])
        expect(yield* receiveIds(subscriber)).toHaveLength(1)
      }
    }),
    timeout
  )

  it.effect(
    "S-37 keeps the integration where its event cannot be recorded",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const maintenance = yield* Maintenance
      const { key } = yield* connectedGrant()
      const taken = yield* failingGrant(key)
      const lease = yield* leaseOf(key)
      const command = yield* endCommand()
      const failed = yield* Effect.exit(
        connections.endGrant(lease, { ...command, publish: { ...command.publish, id: taken } })
      )
      expect(Exit.isFailure(failed)).toBe(true)
      expect((yield* connections.find(key)).status).toBe("error")
      expect((yield* acquireStored(key))._tag).toBe("Leased")
      expect(yield* maintenance.quarantined(key)).toStrictEqual([])
      expect(yield* connections.endGrant(lease, command)).toStrictEqual({ _tag: "Ended" })
    }),
    timeout
  )
}
