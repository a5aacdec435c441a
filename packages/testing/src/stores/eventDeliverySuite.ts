import { expect } from "@effect/vitest"
import { ConnectionStore, EventBus, type EventId } from "@hawser/core"
import { DateTime, Duration, Effect, Option } from "effect"
import { advance } from "../StoreClock.ts"
import { eventSource } from "./eventSource.ts"
import {
  bob,
  connectCommand,
  disconnectCommand,
  freshTenant,
  github,
  keyOf,
  newGrant,
  withGrant,
  eventConnection
} from "./fixtures.ts"
import { inParallel, times } from "./inParallel.ts"
import {
  claimSome,
  freshSubscriber,
  idsOf,
  lease,
  outcomesOf,
  receiveAll,
  receiveIds
} from "./subscriber.ts"
import type { SuiteIt } from "./SuiteServices.ts"

export const eventDeliverySuite = (it: SuiteIt, timeout: number | undefined): void => {
  it.effect(
    "hands out whole events: id, name, whole seconds, tenant, data",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const subscriber = yield* freshSubscriber()
      const key = keyOf(yield* freshTenant, github)
      // Past the middle of a second, a clock that rounds would be a second ahead.
      yield* advance(Duration.millis(1700))
      const connect = yield* connectCommand(key, withGrant(yield* newGrant()))
      const { connectedAt, id: integrationId } = yield* connections.connect(connect)
      const disconnect = yield* disconnectCommand(key, bob)
      yield* connections.disconnect(disconnect)
      const received = yield* receiveAll(subscriber)
      const disconnectedAt = received[1]?.event.timestamp
      expect(disconnectedAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
      expect(received).toStrictEqual([
        {
          event: {
            id: connect.publish.id,
            event: "integration.connected",
            timestamp: `${DateTime.formatIso(connectedAt).slice(0, 19)}Z`,
            tenantId: key.tenantId,
            data: {
              integrationId,
              provider: github,
              ...eventConnection,
              connectedBy: connect.connectedBy
            }
          },
          integrationId,
          attempt: 1
        },
        {
          event: {
            id: disconnect.publish.id,
            event: "integration.disconnected",
            timestamp: disconnectedAt,
            tenantId: key.tenantId,
            data: {
              integrationId,
              provider: github,
              ...eventConnection,
              disconnectedBy: bob,
              reason: "user"
            }
          },
          integrationId,
          attempt: 1
        }
      ])
    }),
    timeout
  )

  it.effect(
    "keeps the reason of a disconnect",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const subscriber = yield* freshSubscriber()
      const key = keyOf(yield* freshTenant, github)
      for (const reason of ["revoked", "refresh_failed", "user"] as const) {
        yield* connections.connect(yield* connectCommand(key, withGrant(yield* newGrant())))
        const command = yield* disconnectCommand(key)
        yield* connections.disconnect({ ...command, publish: { ...command.publish, reason } })
      }
      const reasons = (yield* receiveAll(subscriber)).flatMap(({ event }) =>
        event.event === "integration.disconnected" ? [event.data.reason] : []
      )
      expect(reasons).toStrictEqual(["revoked", "refresh_failed", "user"])
    }),
    timeout
  )

  it.effect(
    "starts now, or at the beginning of what is kept",
    Effect.fnUntraced(function* () {
      const source = yield* eventSource()
      const before = yield* source.connect
      const fromNow = yield* freshSubscriber("now")
      const fromBeginning = yield* freshSubscriber("beginning")
      const after = yield* source.disconnect
      expect(yield* receiveIds(fromNow)).toStrictEqual([after])
      // The database may hold events of others.
      const mine = (yield* receiveIds(fromBeginning)).filter((id) => id === before || id === after)
      expect(mine).toStrictEqual([before, after])
    }),
    timeout
  )

  it.effect(
    "a subscriber that exists keeps its place, whatever it asks for",
    Effect.fnUntraced(function* () {
      const bus = yield* EventBus
      const subscriber = yield* freshSubscriber("now")
      const source = yield* eventSource()
      const received = yield* source.connect
      expect(yield* receiveIds(subscriber)).toStrictEqual([received])
      const missed = yield* source.disconnect
      yield* bus.subscribe(subscriber, "now")
      yield* bus.subscribe(subscriber, "beginning")
      expect(yield* receiveIds(subscriber)).toStrictEqual([missed])
    }),
    timeout
  )

  it.effect(
    "delivers to each subscriber on its own",
    Effect.fnUntraced(function* () {
      const bus = yield* EventBus
      const [quick, slow] = [yield* freshSubscriber(), yield* freshSubscriber()]
      const source = yield* eventSource()
      const ids = [yield* source.connect, yield* source.disconnect]
      expect(yield* receiveIds(quick)).toStrictEqual(ids)
      const batch = yield* claimSome(slow)
      expect(idsOf(batch)).toStrictEqual(ids)
      const next = yield* source.connect
      // One subscriber's lease is nothing to the other.
      expect(yield* receiveIds(quick)).toStrictEqual([next])
      yield* bus.settle(batch, outcomesOf(batch))
      expect(yield* receiveIds(slow)).toStrictEqual([next])
    }),
    timeout
  )

  it.effect(
    "S-60 an event names the tenant it happened in, whoever else is connected",
    Effect.fnUntraced(function* () {
      const subscriber = yield* freshSubscriber()
      const [a, b] = [yield* freshTenant, yield* freshTenant]
      const ofA = yield* (yield* eventSource(a)).connect
      const ofB = yield* (yield* eventSource(b)).connect
      const received = yield* receiveAll(subscriber)
      const tenants = new Map(received.map(({ event }) => [event.id, event.tenantId]))
      expect(tenants).toStrictEqual(
        new Map([
          [ofA, a],
          [ofB, b]
        ])
      )
    }),
    timeout
  )

  it.effect(
    "200 events of 20 integrations written at once all arrive, once, each integration's in order",
    Effect.fnUntraced(function* () {
      const subscriber = yield* freshSubscriber()
      const writer = Effect.gen(function* () {
        const source = yield* eventSource()
        const ids: Array<EventId> = []
        for (const _ of times(5, () => undefined))
          ids.push(yield* source.connect, yield* source.disconnect)
        return ids
      })
      const { succeeded: written } = yield* inParallel(times(20, () => writer))
      const received = (yield* receiveAll(subscriber, 7)).map(({ event }) => event.id)
      expect(received).toHaveLength(200)
      expect(written).toHaveLength(20)
      for (const ids of written)
        expect(received.filter((id) => ids.includes(id))).toStrictEqual(ids)
    }),
    timeout
  )

  it.effect(
    "an ended subscriber gets nothing, and one of its name begins again",
    Effect.fnUntraced(function* () {
      const bus = yield* EventBus
      const subscriber = yield* freshSubscriber()
      const source = yield* eventSource()
      yield* source.connect
      yield* bus.unsubscribe(subscriber)
      expect(Option.isNone(yield* bus.claim(subscriber, { limit: 10, lease }))).toBe(true)
      yield* bus.subscribe(subscriber, "now")
      const next = yield* source.disconnect
      expect(yield* receiveIds(subscriber)).toStrictEqual([next])
    }),
    timeout
  )
}
