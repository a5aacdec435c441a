import { expect } from "@effect/vitest"
import {
  ConnectionStore,
  CredentialStore,
  defaultName,
  type IntegrationKey,
  Maintenance,
  newCredentialId,
  newIntegrationId,
  OAuthStateStore,
  ownedBy,
  type ProviderId,
  type TenantId,
  UserId
} from "@hawser/core"
import { Duration, Effect, Option, Result } from "effect"
import { advance } from "../StoreClock.ts"
import {
  ann,
  assumeBound,
  bob,
  connectCommand,
  datadog,
  disconnectCommand,
  freshHash,
  freshTenant,
  github,
  hashOf,
  keyOf,
  newCredential,
  newFlow,
  newGrant,
  sealedBytes,
  secondOf,
  withCredential,
  withGrant
} from "./fixtures.ts"
import { burnSome, flowLifetime, parkedLifetime, startFlow, wideLimits } from "./flows.ts"
import { acquireStored, endStored, leaseOf, newTokens, renewCommand } from "./grants.ts"
import { freshSubscriber, receiveAll } from "./subscriber.ts"
import type { SuiteIt, SuiteServices } from "./SuiteServices.ts"

const erased = UserId.make("erased")
const tombstoneLife = Duration.minutes(90)

const userOf = (tenantId: TenantId, userId: UserId = ann) => ({
  tenantId,
  userId,
  userHash: hashOf(tenantId, userId)
})

const erase = Effect.fnUntraced(function* (tenantId: TenantId, userId: UserId = ann) {
  const maintenance = yield* Maintenance
  return yield* maintenance.eraseUser({
    ...userOf(tenantId, userId),
    by: erased,
    barredFor: tombstoneLife
  })
})

const ownKey = (
  tenantId: TenantId,
  provider: ProviderId,
  userId: UserId = ann
): IntegrationKey => ({ tenantId, owner: ownedBy(userId), provider, name: defaultName })

const connectOwn = Effect.fnUntraced(function* (
  key: IntegrationKey,
  userId: UserId = ann,
  account?: string
) {
  const connections = yield* ConnectionStore
  const grant = yield* newGrant()
  const more = account === undefined ? {} : { account: { id: account, label: undefined } }
  return yield* connections.connect(
    yield* connectCommand(key, withGrant(grant, undefined, more), userId)
  )
})

const storeOwn = Effect.fnUntraced(function* (tenantId: TenantId, userId: UserId = ann) {
  const credentials = yield* CredentialStore
  return yield* credentials.insert({
    ...(yield* newCredential(tenantId, datadog)),
    // Of one account no owner connects two.
    account: undefined,
    owner: ownedBy(userId),
    createdBy: userId,
    userHash: hashOf(tenantId, userId)
  })
})

type Write = Effect.Effect<unknown, { readonly _tag: string }, SuiteServices>

/** Every write that names a user: of the user's own, and of what the tenant owns. */
const writesOf = Effect.fnUntraced(function* (tenantId: TenantId, userId: UserId = ann) {
  const connections = yield* ConnectionStore
  const credentials = yield* CredentialStore
  const flows = yield* OAuthStateStore
  const maintenance = yield* Maintenance
  const userHash = hashOf(tenantId, userId)
  const grantOf = (key: IntegrationKey) =>
    Effect.flatMap(newGrant(), (grant) => connectCommand(key, withGrant(grant), userId))
  const tenantsKey = keyOf(tenantId, github)
  const [own, tenants] = [ownKey(tenantId, github, userId), secondOf(tenantsKey)]
  const stored = yield* storeOwn(tenantId, userId)
  const withKey = yield* connectCommand(
    ownKey(tenantId, datadog, userId),
    withCredential(stored.id),
    userId
  )
  const flowOf = (owner: IntegrationKey["owner"]) =>
    newFlow(tenantId, { userId, owner, reauthorizes: true })
  const burned = assumeBound(yield* burnSome(yield* startFlow(flowOf(own.owner))))
  const park = flows.park(burned, {
    as: "parked",
    flowIdHash: freshHash(),
    sealedResponse: sealedBytes(),
    lifetime: parkedLifetime,
    userHash
  })
  const start = (owner: IntegrationKey["owner"]) =>
    Effect.suspend(() => flows.start(flowOf(owner), { lifetime: flowLifetime, limits: wideLimits }))
  const importAs = (key: IntegrationKey, connectedBy: UserId) =>
    Effect.gen(function* () {
      return yield* maintenance.importConnection({
        ...key,
        newId: yield* newIntegrationId,
        connectedBy,
        userHashes: [hashOf(tenantId, connectedBy), userHash],
        connectedAt: undefined,
        with: {
          _tag: "Credential",
          credential: {
            id: yield* newCredentialId,
            label: undefined,
            sealedFields: sealedBytes()
          }
        }
      })
    })
  const writes: Readonly<Record<string, Write>> = {
    "connect with tokens, as owner": connections.connect(yield* grantOf(own)),
    "connect with tokens, for the tenant": connections.connect(yield* grantOf(tenants)),
    "connect with a key": connections.connect(withKey),
    "store a key": storeOwn(tenantId, userId),
    "store a key for the tenant": Effect.flatMap(newCredential(tenantId, datadog), (credential) =>
      credentials.insert({ ...credential, createdBy: userId, userHash })
    ),
    "start a flow": start(own.owner),
    "start a flow for the tenant": start(tenantsKey.owner),
    park,
    "import, as owner": importAs(secondOf(own), bob),
    "import, for the tenant": importAs(keyOf(tenantId, datadog), userId)
  }
  return writes
})

/** Where the user's id stands. */
const standing = Effect.fnUntraced(function* (tenantId: TenantId, userId: UserId = ann) {
  const connections = yield* ConnectionStore
  const credentials = yield* CredentialStore
  const { items } = yield* connections.list({
    tenantId,
    owners: "all"
  })
  const keys = yield* Effect.forEach([ownedBy(userId), keyOf(tenantId, datadog).owner], (owner) =>
    Effect.map(credentials.list({ tenantId, owner, provider: datadog }), (list) => list.items)
  )
  return [
    ...items.flatMap(({ connectedBy, owner }) => [connectedBy, owner]),
    ...keys.flat().flatMap(({ createdBy, owner }) => [createdBy, owner])
  ].filter((name) => String(name) === userId)
})

const outcomeOf = <A, E extends { readonly _tag: string }, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.map(
    Effect.result(effect),
    Result.match({
      onSuccess: () => "done",
      onFailure: (error) =>
        "reason" in error ? `${error._tag} ${String(error.reason)}` : error._tag
    })
  )

/** What `Maintenance` promises of users, and what the other stores refuse because of it. */
export const userStoreSuite = (it: SuiteIt, timeout: number | undefined): void => {
  it.effect(
    "S-98 destroys what an erased user owns and is not connected, and queues its tokens; others' stays",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const credentials = yield* CredentialStore
      const maintenance = yield* Maintenance
      const tenantId = yield* freshTenant
      const [left, ended] = [ownKey(tenantId, github), secondOf(ownKey(tenantId, github))]
      yield* connectOwn(left)
      yield* connections.disconnect(yield* disconnectCommand(left))
      yield* connectOwn(ended)
      const quarantined = yield* connections.grant(ended)
      yield* endStored(ended)
      const connected = yield* connectOwn(ownKey(tenantId, datadog))
      yield* storeOwn(tenantId)
      const bobs = yield* connectOwn(ownKey(tenantId, github, bob), bob)
      const bobsKey = yield* storeOwn(tenantId, bob)
      const tenants = yield* connections.connect(
        yield* connectCommand(keyOf(tenantId, github), withGrant(yield* newGrant()), ann)
      )

      const first = yield* erase(tenantId)
      expect(first).toMatchObject({ isConnected: true, integrations: 3, credentials: 1, flows: 0 })
      expect((yield* connections.find(connected)).status).toBe("connected")
      const { publish } = yield* disconnectCommand(connected)
      yield* connections.disconnect({ ...connected, publish, userHash: undefined })
      expect(yield* erase(tenantId)).toMatchObject({ isConnected: false, integrations: 1 })
      expect(yield* erase(tenantId)).toStrictEqual({
        isConnected: false,
        integrations: 0,
        credentials: 0,
        events: 0,
        flows: 0
      })

      for (const key of [left, ended, connected])
        expect((yield* Effect.flip(connections.find(key)))._tag).toBe("IntegrationNotFound")
      expect(yield* standing(tenantId)).toStrictEqual([])
      const queued = yield* maintenance.claimRevocations({
        limit: 1_000_000,
        hold: Duration.minutes(1)
      })
      const own = queued.filter((one) => one.tenantId === tenantId)
      expect(own).toHaveLength(3)
      expect(own.map(({ grant }) => grant.id)).toContain(quarantined.id)
      expect(yield* maintenance.quarantined({ provider: github, tenantId })).toStrictEqual([])

      const { connectedBy, id } = yield* connections.find(keyOf(tenantId, github))
      expect([id, connectedBy]).toStrictEqual([tenants.id, erased])
      expect((yield* connections.find(bobs)).connectedBy).toBe(bob)
      expect((yield* credentials.find(bobsKey)).createdBy).toBe(bob)
    }),
    timeout
  )

  it.effect(
    "S-98 what is told later of an erased user's own connections names nobody",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const tenantId = yield* freshTenant
      const subscriber = yield* freshSubscriber()
      const key = ownKey(tenantId, github)
      yield* connectOwn(key)
      yield* connections.disconnect(yield* disconnectCommand(key, bob))
      yield* connectOwn(ownKey(tenantId, github, bob), bob)
      expect(yield* erase(tenantId)).toMatchObject({ events: 2 })
      const told = (yield* receiveAll(subscriber)).map(({ event: { data } }) => [
        "userId" in data && data.userId,
        "connectedBy" in data ? data.connectedBy : "disconnectedBy" in data && data.disconnectedBy
      ])
      expect(told).toStrictEqual([
        [erased, erased],
        [erased, bob],
        [bob, bob]
      ])
    }),
    timeout
  )

  it.effect(
    "S-98 nothing is written for an erased user until the tombstone's life is over by the store's clock",
    Effect.fnUntraced(function* () {
      const flows = yield* OAuthStateStore
      const tenantId = yield* freshTenant
      const writes = yield* writesOf(tenantId)
      yield* erase(tenantId)
      // The key that the writes were prepared with is gone.
      yield* erase(tenantId)
      const refused = Object.keys(writes).map((name) => [name, "Forbidden erased"])
      const outcomes = () =>
        Effect.forEach(Object.entries(writes), ([name, write]) =>
          Effect.map(outcomeOf(write), (outcome) => [name, outcome])
        )
      expect(yield* outcomes()).toStrictEqual(refused)
      expect(yield* standing(tenantId)).toStrictEqual([])
      yield* advance(Duration.minutes(89))
      yield* flows.sweep
      expect(yield* outcomes()).toStrictEqual(refused)
      expect(yield* standing(tenantId)).toStrictEqual([])
      yield* advance(Duration.minutes(2))
      yield* flows.sweep
      const later = Object.fromEntries(yield* outcomes()) as Record<string, string>
      expect(later).toStrictEqual({
        ...Object.fromEntries(Object.keys(writes).map((name) => [name, "done"])),
        "connect with a key": "CredentialNotFound"
      })
    }),
    timeout
  )

  it.effect(
    "S-98 a tombstone is one tenant's and one user's, and goes with the tenant",
    Effect.fnUntraced(function* () {
      const maintenance = yield* Maintenance
      const [tenantId, other] = [yield* freshTenant, yield* freshTenant]
      yield* erase(tenantId)
      expect(yield* outcomeOf(connectOwn(ownKey(tenantId, github)))).toBe("Forbidden erased")
      expect(yield* outcomeOf(connectOwn(ownKey(other, github)))).toBe("done")
      expect(yield* outcomeOf(connectOwn(ownKey(tenantId, github, bob), bob))).toBe("done")
      yield* maintenance.removeTenant(tenantId)
      expect(yield* outcomeOf(connectOwn(ownKey(tenantId, github)))).toBe("done")
    }),
    timeout
  )

  it.effect(
    "S-98 the same id again begins with nothing: neither id, account nor key",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const credentials = yield* CredentialStore
      const tenantId = yield* freshTenant
      const key = ownKey(tenantId, github)
      const former = yield* connectOwn(key, ann, "octocat")
      yield* endStored(key)
      yield* storeOwn(tenantId)
      yield* erase(tenantId)
      yield* advance(Duration.minutes(91))
      const again = yield* connectOwn(key, ann, "another")
      expect(again.id).not.toBe(former.id)
      expect(again.account?.id).toBe("another")
      const keys = yield* credentials.list({ ...key, provider: datadog })
      expect(keys.total).toBe(0)
      expect((yield* connections.find(key)).connectedBy).toBe(ann)
    }),
    timeout
  )

  it.effect(
    "S-98 a refresh that ends after its connection was erased stores nothing",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const tenantId = yield* freshTenant
      const key = ownKey(tenantId, github)
      yield* connectOwn(key)
      const lease = yield* leaseOf(key)
      const { publish } = yield* disconnectCommand(key)
      yield* connections.disconnect({ ...key, publish, userHash: undefined })
      yield* erase(tenantId)
      expect(yield* connections.renewGrant(lease, yield* renewCommand(newTokens()))).toBe(false)
      expect(yield* standing(tenantId)).toStrictEqual([])
    }),
    timeout
  )

  it.effect(
    "S-98 an erased user disconnects nothing, because the event would name the user; others do",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const tenantId = yield* freshTenant
      const key = keyOf(tenantId, github)
      yield* connections.connect(yield* connectCommand(key, withGrant(yield* newGrant()), ann))
      yield* erase(tenantId)
      const command = yield* disconnectCommand(key, ann)
      expect(yield* outcomeOf(connections.disconnect(command))).toBe("Forbidden erased")
      expect((yield* connections.find(key)).status).toBe("connected")
      expect(yield* outcomeOf(connections.disconnect(yield* disconnectCommand(key, bob)))).toBe(
        "done"
      )
    }),
    timeout
  )

  it.effect(
    "S-98 what a suspended user owns is neither read nor leased, and works again after; others' works",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const maintenance = yield* Maintenance
      const tenantId = yield* freshTenant
      const keys = [ownKey(tenantId, github), secondOf(ownKey(tenantId, github))]
      for (const key of keys) yield* connectOwn(key)
      const others = [ownKey(tenantId, github, bob), keyOf(tenantId, github)]
      yield* connectOwn(ownKey(tenantId, github, bob), bob)
      yield* connectOwn(keyOf(tenantId, github))
      const { publish } = yield* disconnectCommand(keys[1] as IntegrationKey)
      yield* connections.disconnect({
        ...(keys[1] as IntegrationKey),
        publish,
        userHash: undefined
      })
      const [key] = keys as [IntegrationKey]
      const read = yield* connections.grant(key)
      const acquire = connections.acquireLease({
        ...key,
        grantId: read.id,
        generation: read.generation,
        holder: "worker",
        clientVersion: read.clientFingerprint,
        lease: Duration.seconds(30)
      })

      const suspended = yield* maintenance.suspendUser(userOf(tenantId))
      const byName = (a: IntegrationKey, b: IntegrationKey) => (a.name < b.name ? -1 : 1)
      expect([...suspended].toSorted(byName)).toStrictEqual(keys.toSorted(byName))
      expect((yield* connections.find(key)).isSuspended).toBe(true)
      expect(yield* outcomeOf(connections.grant(key))).toBe("Misconfigured owner_suspended")
      expect((yield* acquire)._tag).toBe("Suspended")
      for (const other of others) {
        expect((yield* connections.find(other)).isSuspended).toBe(undefined)
        expect((yield* acquireStored(other))._tag).toBe("Acquired")
      }

      yield* maintenance.resumeUser(userOf(tenantId))
      expect((yield* connections.find(key)).isSuspended).toBe(undefined)
      expect((yield* connections.grant(key)).id).toBe(read.id)
      expect((yield* acquire)._tag).toBe("Acquired")
    }),
    timeout
  )

  it.effect(
    "S-98 nothing is connected or stored in the name of a suspended user; disconnecting goes on",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const flows = yield* OAuthStateStore
      const maintenance = yield* Maintenance
      const tenantId = yield* freshTenant
      const stored = yield* storeOwn(tenantId)
      const next = yield* storeOwn(tenantId)
      const key = secondOf(ownKey(tenantId, datadog))
      yield* connections.connect(yield* connectCommand(key, withCredential(stored.id), ann))
      const swap = connections.swapCredential({
        ...key,
        credentialId: next.id,
        userHash: hashOf(tenantId)
      })
      const writes = { ...(yield* writesOf(tenantId)), swap }
      yield* maintenance.suspendUser(userOf(tenantId))
      for (const [name, write] of Object.entries(writes))
        expect([name, yield* outcomeOf(write)]).toStrictEqual([name, "Forbidden suspended"])
      yield* advance(Duration.days(1))
      yield* flows.sweep
      expect(yield* outcomeOf(swap)).toBe("Forbidden suspended")
      yield* maintenance.resumeUser(userOf(tenantId))
      for (const [name, write] of Object.entries(writes))
        expect([name, yield* outcomeOf(write)]).toStrictEqual([name, "done"])
      yield* maintenance.suspendUser(userOf(tenantId))
      expect(yield* outcomeOf(connections.disconnect(yield* disconnectCommand(key)))).toBe("done")
    }),
    timeout
  )

  it.effect(
    "S-98 who was erased is not suspended by that, and who is suspended is erased all the same",
    Effect.fnUntraced(function* () {
      const maintenance = yield* Maintenance
      const tenantId = yield* freshTenant
      const key = ownKey(tenantId, github)
      yield* connectOwn(key)
      yield* maintenance.suspendUser(userOf(tenantId))
      yield* erase(tenantId)
      expect(yield* maintenance.suspendUser(userOf(tenantId))).toStrictEqual([])
      yield* maintenance.resumeUser(userOf(tenantId))
      expect(yield* outcomeOf(connectOwn(secondOf(key)))).toBe("Forbidden erased")
      yield* advance(Duration.minutes(91))
      expect(yield* outcomeOf(connectOwn(secondOf(key)))).toBe("done")
      // What is left of the tombstone does not stand in the way.
      expect(yield* maintenance.suspendUser(userOf(tenantId))).toHaveLength(2)
      expect(yield* outcomeOf(connectOwn(ownKey(tenantId, datadog)))).toBe("Forbidden suspended")
    }),
    timeout
  )

  it.effect(
    "S-98 a tombstone is something to sweep, and a suspension is not",
    Effect.fnUntraced(function* () {
      const maintenance = yield* Maintenance
      const flows = yield* OAuthStateStore
      const tenantId = yield* freshTenant
      yield* maintenance.suspendUser(userOf(tenantId, bob))
      yield* erase(tenantId)
      yield* advance(Duration.minutes(91))
      const inTime = Effect.map(
        maintenance.dueTimes({
          subscribers: [],
          eventRetention: Duration.days(3650),
          unusedCredentialRetention: undefined
        }),
        ({ sweeper }) => sweeper
      )
      expect(Option.fromUndefinedOr(yield* inTime)).toStrictEqual(Option.some(Duration.zero))
      yield* flows.sweep
      expect(yield* outcomeOf(connectOwn(ownKey(tenantId, github, bob), bob))).toBe(
        "Forbidden suspended"
      )
    }),
    timeout
  )
}
