import { expect } from "@effect/vitest"
import {
  ConnectionStore,
  CredentialStore,
  EventBus,
  Maintenance,
  OAuthStateStore,
  type TenantId,
  UserId,
  tenantsDefault
} from "@hawser/core"
import { Duration, Effect, Option } from "effect"
import { advance } from "../StoreClock.ts"
import {
  ann,
  bob,
  connectCommand,
  datadog,
  disconnectCommand,
  freshTenant,
  github,
  hashOf,
  keyOf,
  newCredential,
  newFlow,
  newGrant,
  storedCredentialId,
  withCredential,
  withGrant
} from "./fixtures.ts"
import { parkFlow, startFlow } from "./flows.ts"
import { claimSome, freshSubscriber, receiveAll, receiveIds } from "./subscriber.ts"
import type { SuiteIt } from "./SuiteServices.ts"

const erased = UserId.make("erased")
const barredFor = Duration.minutes(90)

const userOf = (tenantId: TenantId, userId: UserId) => ({
  tenantId,
  userId,
  userHash: hashOf(tenantId, userId)
})

const eraseOf = (tenantId: TenantId, userId: UserId) => ({
  ...userOf(tenantId, userId),
  by: erased,
  barredFor
})

/** A flow that waits for its callback, and one whose response is parked. */
const startFlows = Effect.fnUntraced(function* (tenantId: TenantId, userId: UserId = ann) {
  const flows = yield* OAuthStateStore
  const pending = newFlow(tenantId, { userId, reauthorizes: true })
  yield* startFlow(pending)
  const { flowIdHash } = yield* parkFlow(newFlow(tenantId, { userId, reauthorizes: true }))
  return {
    /** Which of the two can still be finished. */
    left: Effect.gen(function* () {
      return [
        Option.isSome(yield* flows.burn(pending.stateHash)),
        Option.isSome(yield* flows.takeParked(flowIdHash))
      ]
    })
  }
})

/** A tenant with one of everything, all of it disconnected. */
const tenantWithAll = Effect.gen(function* () {
  const connections = yield* ConnectionStore
  const maintenance = yield* Maintenance
  const tenantId = yield* freshTenant
  const left = keyOf(tenantId, datadog)
  const ended = keyOf(tenantId, github)
  yield* connections.connect(
    yield* connectCommand(left, withCredential(yield* storedCredentialId(tenantId, datadog)))
  )
  yield* connections.disconnect(yield* disconnectCommand(left))
  yield* connections.connect(yield* connectCommand(ended, withGrant(yield* newGrant())))
  const { publish } = yield* disconnectCommand(ended)
  yield* connections.markRevoked(ended, { quarantine: Duration.days(7), publish })
  const credentialId = yield* storedCredentialId(tenantId, datadog)
  const flows = yield* startFlows(tenantId)
  const credentials = yield* CredentialStore
  return {
    tenantId,
    flows,
    /** What is left of it, without its flows. */
    stored: Effect.gen(function* () {
      const query = {
        tenantId,
        owners: "all" as const
      }
      const quarantined = yield* maintenance.quarantined({ provider: github, tenantId })
      const { items: keys } = yield* credentials.list({
        tenantId,
        ...tenantsDefault,
        provider: datadog
      })
      return {
        integrations: (yield* connections.list(query)).total,
        quarantined: quarantined.length,
        credentials: keys.map(({ id }) => id)
      }
    }),
    all: { integrations: 2, quarantined: 1, credentials: [credentialId] }
  }
})

const nothing = { integrations: 0, quarantined: 0, credentials: [] }

export const tenantStoreSuite = (it: SuiteIt, timeout: number | undefined): void => {
  it.effect(
    "S-46 removes all that is stored of a tenant, quarantine included, and of no other",
    Effect.fnUntraced(function* () {
      const maintenance = yield* Maintenance
      const leaving = yield* tenantWithAll
      const staying = yield* tenantWithAll
      expect(yield* leaving.stored).toStrictEqual(leaving.all)
      expect(yield* maintenance.removeTenant(leaving.tenantId)).toStrictEqual({
        isConnected: false,
        integrations: 2,
        credentials: 1,
        flows: 2
      })
      expect(yield* leaving.stored).toStrictEqual(nothing)
      expect(yield* leaving.flows.left).toStrictEqual([false, false])
      expect(yield* staying.stored).toStrictEqual(staying.all)
      expect(yield* staying.flows.left).toStrictEqual([true, true])
    }),
    timeout
  )

  it.effect(
    "leaves what is connected, with its key, and says so",
    Effect.fnUntraced(function* () {
      const maintenance = yield* Maintenance
      const connections = yield* ConnectionStore
      const { stored, tenantId } = yield* tenantWithAll
      const credentialId = yield* storedCredentialId(tenantId, datadog)
      const key = keyOf(tenantId, datadog)
      yield* connections.connect(yield* connectCommand(key, withCredential(credentialId)))
      const removed = yield* maintenance.removeTenant(tenantId)
      expect(removed).toMatchObject({ isConnected: true, integrations: 1, credentials: 1 })
      expect(yield* stored).toStrictEqual({
        ...nothing,
        integrations: 1,
        credentials: [credentialId]
      })
      expect((yield* connections.find(key)).status).toBe("connected")
      yield* connections.disconnect(yield* disconnectCommand(key))
      expect(yield* maintenance.removeTenant(tenantId)).toMatchObject({ isConnected: false })
      expect(yield* stored).toStrictEqual(nothing)
    }),
    timeout
  )

  it.effect(
    "S-39 keeps what waits to be revoked, and the events that were not delivered",
    Effect.fnUntraced(function* () {
      const maintenance = yield* Maintenance
      const connections = yield* ConnectionStore
      const key = keyOf(yield* freshTenant, github)
      const subscriber = yield* freshSubscriber()
      const connect = yield* connectCommand(key, withGrant(yield* newGrant()))
      yield* connections.connect(connect)
      const disconnect = yield* disconnectCommand(key)
      yield* connections.disconnect(disconnect)
      yield* maintenance.removeTenant(key.tenantId)
      expect(yield* receiveIds(subscriber)).toStrictEqual([
        connect.publish.id,
        disconnect.publish.id
      ])
      const claimed = yield* maintenance.claimRevocations({
        limit: 1_000_000,
        hold: Duration.minutes(1)
      })
      expect(claimed.filter(({ tenantId }) => tenantId === key.tenantId)).toHaveLength(1)
      // The same tenant may come again, and its new integration begins again.
      const again = yield* connectCommand(key, withGrant(yield* newGrant()))
      expect((yield* connections.connect(again)).id).toBe(again.newId)
      expect(yield* receiveIds(subscriber)).toStrictEqual([again.publish.id])
    }),
    timeout
  )

  it.effect(
    "S-46 erases a user's id everywhere, and no other user's or tenant's",
    Effect.fnUntraced(function* () {
      const maintenance = yield* Maintenance
      const connections = yield* ConnectionStore
      const credentials = yield* CredentialStore
      const [tenantId, other] = [yield* freshTenant, yield* freshTenant]
      const bus = yield* EventBus
      const [fresh, waiting, holding] = [
        yield* freshSubscriber(),
        yield* freshSubscriber(),
        yield* freshSubscriber()
      ]
      for (const tenant of [tenantId, other]) {
        const [oauth, apiKey] = [keyOf(tenant, github), keyOf(tenant, datadog)]
        yield* connections.connect(yield* connectCommand(oauth, withGrant(yield* newGrant()), bob))
        yield* connections.disconnect(yield* disconnectCommand(oauth, ann))
        yield* connections.connect(yield* connectCommand(oauth, withGrant(yield* newGrant()), ann))
        yield* credentials.insert(yield* newCredential(tenant, datadog))
        const own = { ...(yield* newCredential(tenant, datadog)), createdBy: bob }
        const { id } = yield* credentials.insert(own)
        yield* connections.connect(yield* connectCommand(apiKey, withCredential(id), bob))
      }
      // One subscriber was handed the events and could not take them; one has them in its hands.
      yield* bus.settle(yield* claimSome(waiting), new Map())
      const claim = yield* claimSome(holding)
      const flows = yield* startFlows(tenantId)
      const flowsOfBob = yield* startFlows(tenantId, bob)
      const flowsElsewhere = yield* startFlows(other)
      expect(yield* maintenance.eraseUser(eraseOf(tenantId, ann))).toStrictEqual({
        isConnected: false,
        integrations: 1,
        credentials: 1,
        events: 2,
        flows: 2
      })
      const users = Effect.fnUntraced(function* (tenant: TenantId) {
        const query = {
          tenantId: tenant,
          owners: "all" as const
        }
        const { items } = yield* connections.list(query)
        const { items: keys } = yield* credentials.list({
          tenantId: tenant,
          ...tenantsDefault,
          provider: datadog
        })
        return [
          ...items.map((one) => one.connectedBy),
          ...keys.map((one) => one.createdBy).toSorted()
        ]
      })
      expect(yield* users(tenantId)).toStrictEqual([bob, erased, erased, bob])
      expect(yield* users(other)).toStrictEqual([bob, ann, ann, bob])
      const told = ["bob", "ann", "ann", "bob"].map((name) => UserId.make(`user-${name}`))
      const withoutAnn = told.map((user) => (user === ann ? erased : user))
      const usersTo = (subscriber: string) =>
        Effect.map(receiveAll(subscriber), (deliveries) =>
          deliveries.map(({ event }) => [
            event.tenantId,
            "connectedBy" in event.data
              ? event.data.connectedBy
              : "disconnectedBy" in event.data && event.data.disconnectedBy
          ])
        )
      const expected = [
        ...withoutAnn.map((user) => [tenantId, user]),
        ...told.map((user) => [other, user])
      ]
      yield* bus.settle(claim, new Map())
      for (const subscriber of [fresh, waiting, holding])
        expect(yield* usersTo(subscriber)).toStrictEqual(expected)
      expect(yield* flows.left).toStrictEqual([false, false])
      expect(yield* flowsOfBob.left).toStrictEqual([true, true])
      expect(yield* flowsElsewhere.left).toStrictEqual([true, true])
    }),
    timeout
  )

  it.effect(
    "destroys unused API keys once they are old enough, and no other",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const credentials = yield* CredentialStore
      const tenantId = yield* freshTenant
      const key = keyOf(tenantId, datadog)
      const [unused, former, inUse] = [
        yield* storedCredentialId(tenantId, datadog),
        yield* storedCredentialId(tenantId, datadog),
        yield* storedCredentialId(tenantId, datadog)
      ]
      yield* connections.connect(yield* connectCommand(key, withCredential(former)))
      yield* connections.swapCredential({
        ...key,
        userHash: hashOf(key.tenantId),
        credentialId: inUse
      })
      const swapped = yield* storedCredentialId(tenantId, datadog)
      yield* connections.swapCredential({
        ...key,
        userHash: hashOf(key.tenantId),
        credentialId: swapped
      })
      const left = Effect.map(
        credentials.list({ tenantId, ...tenantsDefault, provider: datadog }),
        ({ items: all }) => all.map(({ id }) => id).toSorted()
      )
      yield* advance(Duration.days(29))
      const young = yield* storedCredentialId(tenantId, datadog)
      yield* credentials.sweepUnused(Duration.days(30))
      expect(yield* left).toStrictEqual([unused, former, inUse, swapped, young].toSorted())
      yield* advance(Duration.days(2))
      expect(yield* credentials.sweepUnused(Duration.days(30))).toBeGreaterThan(0)
      expect(yield* left).toStrictEqual([former, inUse, swapped, young].toSorted())
    }),
    timeout
  )
}
