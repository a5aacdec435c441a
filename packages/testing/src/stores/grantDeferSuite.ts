import { eventConnection } from "./fixtures.ts"
import { expect } from "@effect/vitest"
import { ConnectionStore } from "@hawser/core"
import { Duration, Effect, Exit } from "effect"
import { advance } from "../StoreClock.ts"
import { comparable } from "./comparable.ts"
import {
  acquireStored,
  claimDueOf,
  connectedGrant,
  deferCommand,
  endCommand,
  failingGrant,
  leaseOf,
  leaseTime
} from "./grants.ts"
import { freshSubscriber, receiveEvents, receiveIds } from "./subscriber.ts"
import type { SuiteIt } from "./SuiteServices.ts"

export const grantDeferSuite = (it: SuiteIt, timeout: number | undefined): void => {
  it.effect(
    "S-37 gives the lease back, and the next attempt waits for its time",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const { key } = yield* connectedGrant()
      const command = yield* deferCommand({
        retryIn: Duration.seconds(60),
        problem: "misconfigured"
      })
      yield* connections.deferRefresh(yield* leaseOf(key), command)
      const deferred = yield* acquireStored(key)
      expect(deferred).toMatchObject({ _tag: "Deferred", problem: "misconfigured" })
      expect(deferred._tag === "Deferred" && deferred.retryIn).toBeGreaterThanOrEqual(50)
      expect(deferred._tag === "Deferred" && deferred.retryIn).toBeLessThanOrEqual(60)
      yield* advance(Duration.seconds(60))
      const next = yield* leaseOf(key)
      expect([next.failures, next.interrupted]).toStrictEqual([1, false])
      yield* connections.deferRefresh(next, yield* deferCommand())
      yield* advance(Duration.seconds(10))
      expect((yield* leaseOf(key)).failures).toBe(2)
    }),
    timeout
  )

  it.effect(
    "is due when the next attempt may be made",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const { key } = yield* connectedGrant()
      yield* connections.deferRefresh(
        yield* leaseOf(key),
        yield* deferCommand({ retryIn: Duration.minutes(5) })
      )
      yield* advance(Duration.minutes(4))
      expect(yield* claimDueOf(key)).toStrictEqual([])
      yield* advance(Duration.minutes(1))
      expect(yield* claimDueOf(key)).toHaveLength(1)
    }),
    timeout
  )

  it.effect(
    "S-37 after a request whose answer was lost the next attempt is an interrupted one",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const { key } = yield* connectedGrant()
      yield* connections.deferRefresh(yield* leaseOf(key), yield* deferCommand({ ambiguous: true }))
      yield* advance(Duration.seconds(10))
      const second = yield* leaseOf(key)
      expect(second.interrupted).toBe(true)
      // A clear failure after it takes nothing back.
      yield* connections.deferRefresh(second, yield* deferCommand())
      yield* advance(Duration.seconds(10))
      expect((yield* leaseOf(key)).interrupted).toBe(true)
    }),
    timeout
  )

  it.effect(
    "S-37 the connection stays, without an event, as long as its access token works",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const { integration, key } = yield* connectedGrant()
      const subscriber = yield* freshSubscriber()
      yield* advance(Duration.minutes(59))
      yield* connections.deferRefresh(yield* leaseOf(key), yield* deferCommand())
      expect(comparable(yield* connections.find(key))).toMatchObject({
        status: "connected",
        id: integration.id
      })
      expect((yield* connections.find(key)).problem).toBe(undefined)
      expect(yield* receiveIds(subscriber)).toStrictEqual([])
    }),
    timeout
  )

  it.effect(
    "S-37 once the access token has expired it stands at error, with one event however often it is tried",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const { integration, key } = yield* connectedGrant()
      const subscriber = yield* freshSubscriber()
      const id = yield* failingGrant(key, "provider_unavailable")
      const { connectedAt: _, ...stood } = integration
      expect(yield* connections.find(key)).toMatchObject({
        ...stood,
        status: "error",
        problem: "provider_unavailable"
      })
      // The grant can still be read and refreshed.
      expect(yield* connections.grant(key)).toMatchObject({ expired: true, remaining: 0 })
      yield* connections.deferRefresh(
        yield* leaseOf(key),
        yield* deferCommand({ problem: "misconfigured" })
      )
      expect(yield* connections.find(key)).toMatchObject({
        status: "error",
        problem: "misconfigured"
      })
      expect(yield* receiveEvents(subscriber)).toStrictEqual([
        {
          id,
          event: "integration.error",
          tenantId: key.tenantId,
          data: {
            integrationId: integration.id,
            provider: key.provider,
            ...eventConnection,
            error: "provider_unavailable"
          }
        }
      ])
    }),
    timeout
  )

  it.effect(
    "S-35 writes nothing under a lease that was taken over, or was given back",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const { key } = yield* connectedGrant()
      const first = yield* leaseOf(key)
      yield* advance(leaseTime)
      const second = yield* leaseOf(key)
      yield* connections.deferRefresh(first, yield* deferCommand({ retryIn: Duration.hours(1) }))
      expect((yield* acquireStored(key))._tag).toBe("Leased")
      expect(yield* connections.endGrant(first, yield* endCommand())).toStrictEqual({
        _tag: "Superseded"
      })
      expect((yield* connections.find(key)).status).toBe("connected")
      yield* connections.deferRefresh(second, yield* deferCommand())
      yield* connections.deferRefresh(second, yield* deferCommand({ retryIn: Duration.hours(1) }))
      yield* advance(Duration.seconds(10))
      expect((yield* leaseOf(key)).failures).toBe(1)
    }),
    timeout
  )

  it.effect(
    "keeps the lease and the status where its event cannot be recorded",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const other = yield* connectedGrant()
      const taken = yield* failingGrant(other.key)
      const { key } = other
      // At error already: make it connected again, so that the next deferral has an event.
      yield* connections.renewGrant(yield* leaseOf(key), {
        tokens: {
          accessToken: other.grant.accessToken,
          refreshToken: other.grant.refreshToken,
          tokenType: "bearer",
          expiresIn: 0,
          dueIn: undefined
        },
        scopes: [],
        publish: { id: (yield* deferCommand()).publish.id, event: "integration.recovered" }
      })
      const lease = yield* leaseOf(key)
      const command = yield* deferCommand()
      const failed = yield* Effect.exit(
        connections.deferRefresh(lease, { ...command, publish: { ...command.publish, id: taken } })
      )
      expect(Exit.isFailure(failed)).toBe(true)
      expect((yield* connections.find(key)).status).toBe("connected")
      expect((yield* acquireStored(key))._tag).toBe("Leased")
      yield* connections.deferRefresh(lease, command)
      expect((yield* connections.find(key)).status).toBe("error")
    }),
    timeout
  )
}
