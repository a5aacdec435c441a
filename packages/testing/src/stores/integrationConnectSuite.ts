import { expect } from "@effect/vitest"
import {
  ConnectionStore,
  CredentialStore,
  type Integration,
  Maintenance,
  newCredentialId,
  newGrantId,
  type StoredGrant,
  type TenantId,
  tenantsDefault
} from "@hawser/core"
import { DateTime, Duration, Effect, Exit } from "effect"
import { comparable } from "./comparable.ts"
import {
  ann,
  bob,
  connectCommand,
  datadog,
  disconnectCommand,
  freshTenant,
  github,
  keyOf,
  newGrant,
  secondOf,
  storedCredentialId,
  withCredential,
  withGrant
} from "./fixtures.ts"
import { connectedGrant, leaseOf, leaseTime, renewCommand } from "./grants.ts"
import { inParallel, times } from "./inParallel.ts"
import { freshSubscriber, receiveAll, receiveIds } from "./subscriber.ts"
import type { SuiteIt } from "./SuiteServices.ts"

export const integrationConnectSuite = (it: SuiteIt, timeout: number | undefined): void => {
  it.effect(
    "connects with a stored API key",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const key = keyOf(yield* freshTenant, datadog)
      const credentialId = yield* storedCredentialId(key.tenantId, datadog)
      const command = yield* connectCommand(key, withCredential(credentialId))
      const integration = yield* connections.connect(command)
      expect(DateTime.isUtc(integration.connectedAt)).toBe(true)
      expect(comparable(integration)).toStrictEqual(
        comparable({
          ...key,
          id: command.newId,
          status: "connected",
          connectedBy: ann,
          connectedAt: integration.connectedAt,
          scopes: [],
          credentialId,
          fields: {},
          account: undefined
        })
      )
      expect(comparable(yield* connections.find(key))).toStrictEqual(comparable(integration))
    }),
    timeout
  )

  it.effect(
    "connects with the tokens just issued, and reads them back",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const key = keyOf(yield* freshTenant, github)
      const { dueIn, expiresIn, ...grant } = yield* newGrant({ tokenType: "Bearer" })
      const command = yield* connectCommand(
        key,
        withGrant({ ...grant, dueIn, expiresIn }, ["repo", "read:user"], { fields: { site: "eu" } })
      )
      const integration = yield* connections.connect(command)
      expect(integration.scopes).toStrictEqual(["repo", "read:user"])
      expect(integration.credentialId).toBe(undefined)
      expect(comparable(yield* connections.find(key))).toStrictEqual(comparable(integration))
      const stored = yield* connections.grant(key)
      expect(comparable(stored)).toStrictEqual(
        comparable({
          ...grant,
          integrationId: integration.id,
          generation: 1,
          scopes: ["repo", "read:user"],
          fields: { site: "eu" },
          expiresAt: stored.expiresAt,
          expired: false,
          remaining: stored.remaining,
          lifetime: 3600
        })
      )
    }),
    timeout
  )

  it.effect(
    "records one event with the connection",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const subscriber = yield* freshSubscriber()
      const key = keyOf(yield* freshTenant, github)
      const command = yield* connectCommand(key, withGrant(yield* newGrant()), bob)
      yield* connections.connect(command)
      const received = yield* receiveAll(subscriber)
      expect(received.map(({ event }) => event.id)).toStrictEqual([command.publish.id])
    }),
    timeout
  )

  it.effect(
    "records neither the connection nor the event where one of them cannot be",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const tenantId = yield* freshTenant
      const subscriber = yield* freshSubscriber()
      const first = yield* connectCommand(keyOf(tenantId, github), withGrant(yield* newGrant()))
      yield* connections.connect(first)
      const key = keyOf(tenantId, datadog)
      const second = yield* connectCommand(key, withGrant(yield* newGrant()))
      // An event id is taken once; the write that brings it again cannot record its event.
      const exit = yield* Effect.exit(connections.connect({ ...second, publish: first.publish }))
      expect(Exit.isFailure(exit)).toBe(true)
      expect((yield* Effect.flip(connections.find(key)))._tag).toBe("IntegrationNotFound")
      expect((yield* Effect.flip(connections.grant(key)))._tag).toBe("NotConnected")
      expect(yield* receiveIds(subscriber)).toStrictEqual([first.publish.id])
    }),
    timeout
  )

  it.effect(
    "50 racing connects with one API key: one succeeds, 49 are already connected, one event",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const subscriber = yield* freshSubscriber()
      const key = keyOf(yield* freshTenant, datadog)
      const credentialId = yield* storedCredentialId(key.tenantId, datadog)
      const commands = yield* Effect.all(
        times(50, () => connectCommand(key, withCredential(credentialId)))
      )
      const { failed, succeeded } = yield* inParallel(commands.map(connections.connect))
      expect(succeeded).toHaveLength(1)
      expect(failed.map(({ _tag }) => _tag)).toStrictEqual(times(49, () => "AlreadyConnected"))
      expect(
        yield* connections.list({
          tenantId: key.tenantId,
          owners: "all"
        })
      ).toMatchObject({ total: 1 })
      const winner = commands.find(({ newId }) => newId === succeeded[0]?.id)
      expect(yield* receiveIds(subscriber)).toStrictEqual([winner?.publish.id])
    }),
    timeout
  )

  it.effect(
    "50 racing connects with tokens: the winner's tokens are kept, whole, and nobody else's",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const subscriber = yield* freshSubscriber()
      const key = keyOf(yield* freshTenant, github)
      const grants = yield* Effect.all(times(50, () => newGrant()))
      const commands = yield* Effect.all(
        grants.map((grant) => connectCommand(key, withGrant(grant)))
      )
      const { failed, succeeded } = yield* inParallel(commands.map(connections.connect))
      expect(succeeded).toHaveLength(1)
      expect(failed.map(({ _tag }) => _tag)).toStrictEqual(times(49, () => "AlreadyConnected"))
      const winner = commands.findIndex(({ newId }) => newId === succeeded[0]?.id)
      const { accessToken, id, refreshToken } = yield* connections.grant(key)
      expect(id).toBe(grants[winner]?.id)
      expect(comparable(accessToken)).toBe(comparable(grants[winner]?.accessToken))
      expect(comparable(refreshToken)).toBe(comparable(grants[winner]?.refreshToken))
      expect(yield* receiveIds(subscriber)).toStrictEqual([commands[winner]?.publish.id])
    }),
    timeout
  )

  it.effect(
    "leaves what is connected as it was when it refuses another connect",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const key = keyOf(yield* freshTenant, github)
      const integration = yield* connections.connect(
        yield* connectCommand(key, withGrant(yield* newGrant()))
      )
      const grant = yield* connections.grant(key)
      const subscriber = yield* freshSubscriber()
      const error = yield* Effect.flip(
        connections.connect(
          yield* connectCommand(key, withGrant(yield* newGrant(), ["other"]), bob)
        )
      )
      expect(error).toMatchObject({ _tag: "AlreadyConnected", provider: github })
      expect(comparable(yield* connections.find(key))).toStrictEqual(comparable(integration))
      expect(comparable(yield* connections.grant(key))).toStrictEqual(comparable(grant))
      expect(yield* receiveIds(subscriber)).toStrictEqual([])
    }),
    timeout
  )

  it.effect(
    "reconnects under the same integration id, with the new tokens and who brought them",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const subscriber = yield* freshSubscriber()
      const key = keyOf(yield* freshTenant, github)
      const first = yield* connectCommand(key, withGrant(yield* newGrant()))
      yield* connections.connect(first)
      const ended = yield* disconnectCommand(key)
      yield* connections.disconnect(ended)
      const grant = yield* newGrant({ refreshToken: undefined })
      const again = yield* connectCommand(key, withGrant(grant, ["gist"]), bob)
      const integration = yield* connections.connect(again)
      expect(integration).toMatchObject({
        id: first.newId,
        status: "connected",
        connectedBy: bob,
        scopes: ["gist"]
      })
      const stored = yield* connections.grant(key)
      expect(stored.id).toBe(grant.id)
      expect(comparable(stored.accessToken)).toBe(comparable(grant.accessToken))
      expect(stored.refreshToken).toBe(undefined)
      expect(stored.scopes).toStrictEqual(["gist"])
      const { items } = yield* connections.list({
        tenantId: key.tenantId,
        owners: "all"
      })
      expect(items.map(({ id }) => id)).toStrictEqual([first.newId])
      const received = yield* receiveAll(subscriber)
      expect(received.map(({ event, integrationId }) => [event.id, integrationId])).toStrictEqual(
        [first, ended, again].map(({ publish }) => [publish.id, first.newId])
      )
    }),
    timeout
  )

  it.effect(
    "S-58 refuses a credential of another tenant, of another provider, and one that never was, without an event",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const subscriber = yield* freshSubscriber()
      const key = keyOf(yield* freshTenant, datadog)
      const foreign = [
        yield* storedCredentialId(yield* freshTenant, datadog),
        yield* storedCredentialId(key.tenantId, github),
        yield* newCredentialId
      ]
      for (const credentialId of foreign) {
        const error = yield* Effect.flip(
          connections.connect(yield* connectCommand(key, withCredential(credentialId)))
        )
        expect(error._tag).toBe("CredentialNotFound")
      }
      expect((yield* Effect.flip(connections.find(key)))._tag).toBe("IntegrationNotFound")
      expect(yield* receiveIds(subscriber)).toStrictEqual([])
    }),
    timeout
  )

  it.effect(
    "a reconnect whose credential went meanwhile leaves the integration disconnected",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const credentials = yield* CredentialStore
      const key = keyOf(yield* freshTenant, datadog)
      const credentialId = yield* storedCredentialId(key.tenantId, datadog)
      yield* connections.connect(yield* connectCommand(key, withCredential(credentialId)))
      const disconnected = yield* connections.disconnect(yield* disconnectCommand(key))
      const gone = yield* Effect.flip(
        credentials.find({
          tenantId: key.tenantId,
          ...tenantsDefault,
          provider: datadog,
          id: credentialId
        })
      )
      expect(gone._tag).toBe("CredentialNotFound")
      const subscriber = yield* freshSubscriber()
      const error = yield* Effect.flip(
        connections.connect(yield* connectCommand(key, withCredential(credentialId), bob))
      )
      expect(error._tag).toBe("CredentialNotFound")
      expect(comparable(yield* connections.find(key))).toStrictEqual(comparable(disconnected))
      expect(yield* receiveIds(subscriber)).toStrictEqual([])
    }),
    timeout
  )

  it.effect(
    "S-59 what one tenant has connected, another connects as well, and each connection has its own tokens",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const a = keyOf(yield* freshTenant, github)
      const keys = [a, secondOf(a), keyOf(a.tenantId, datadog), keyOf(yield* freshTenant, github)]
      const seen = new Set<string>()
      for (const key of keys) {
        const grant = yield* newGrant()
        const command = yield* connectCommand(key, withGrant(grant))
        seen.add((yield* connections.connect(command)).id).add(grant.id)
        expect((yield* connections.grant(key)).id).toBe(grant.id)
      }
      for (const key of keys) seen.delete((yield* connections.grant(key)).id)
      // What is left are the ids of the integrations.
      expect(seen.size).toBe(keys.length)
    }),
    timeout
  )

  it.effect(
    "S-106 takes no tokens that were sealed for another id than the integration has",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const key = keyOf(yield* freshTenant, github)
      // Both were made before the tenant had the integration.
      const [first, late] = [
        yield* connectCommand(key, withGrant(yield* newGrant())),
        yield* connectCommand(key, withGrant(yield* newGrant()))
      ]
      yield* connections.connect(first)
      yield* connections.disconnect(yield* disconnectCommand(key))
      const error = yield* Effect.flip(connections.connect(late))
      expect(error._tag).toBe("IntegrationReplaced")
      expect((yield* connections.find(key)).status).toBe("disconnected")
      expect((yield* connections.connect({ ...late, newId: first.newId })).id).toBe(first.newId)
    }),
    timeout
  )

  it.effect(
    "keeps a refresh token that goes on only of the grant that was read, and revokes nothing of it then",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const maintenance = yield* Maintenance
      const queuedOf = Effect.fnUntraced(function* (tenantId: TenantId) {
        const all = yield* maintenance.claimRevocations({ limit: 1_000_000, hold: Duration.zero })
        return all.filter((one) => one.tenantId === tenantId).map(({ grant }) => grant.id)
      })
      // Its account is known, and nobody tells one with the tokens that follow.
      const { grant, key } = yield* connectedGrant({}, { account: { id: "1", label: undefined } })
      const read = yield* connections.grant(key)
      const again = (keeps: Pick<StoredGrant, "id" | "generation">) =>
        Effect.flatMap(newGrant(), (next) =>
          connectCommand(key, withGrant(next, undefined, { reauthorizes: true, keeps }))
        )
      const refused = Effect.fnUntraced(function* (keeps: Pick<StoredGrant, "id" | "generation">) {
        expect((yield* Effect.flip(connections.connect(yield* again(keeps))))._tag).toBe(
          "GrantNotKept"
        )
        expect((yield* connections.grant(key)).id).toBe(grant.id)
      })
      // Somebody refreshes it: the token may be another in a moment.
      const lease = yield* leaseOf(key)
      yield* refused(read)
      yield* connections.renewGrant(lease, yield* renewCommand())
      yield* refused(read)
      yield* refused({ id: yield* newGrantId, generation: 2 })
      yield* connections.connect(yield* again({ id: read.id, generation: 2 }))
      expect(yield* queuedOf(key.tenantId)).toStrictEqual([])
      const kept = yield* connections.grant(key)
      yield* connections.disconnect(yield* disconnectCommand(key))
      expect((yield* Effect.flip(connections.connect(yield* again(kept))))._tag).toBe(
        "GrantNotKept"
      )
      expect((yield* connections.find(key)).status).toBe("disconnected")
    }),
    timeout
  )

  it.effect(
    "a refresh and a connect that keeps its token race: never are both done with the same token",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      for (let round = 0; round < 10; round++) {
        const { grant, key } = yield* connectedGrant()
        const read = yield* connections.grant(key)
        const command = yield* connectCommand(
          key,
          withGrant(yield* newGrant(), undefined, { reauthorizes: true, keeps: read })
        )
        const acquire = (yield* ConnectionStore).acquireLease({
          ...key,
          grantId: grant.id,
          generation: 1,
          holder: "worker",
          clientVersion: grant.clientFingerprint,
          lease: leaseTime
        })
        const [connected, acquired] = yield* Effect.all(
          [Effect.result(connections.connect(command)), acquire],
          { concurrency: "unbounded" }
        )
        const isKept = connected._tag === "Success"
        expect(acquired._tag === "Acquired").toBe(!isKept)
        if (!isKept) expect(connected.failure._tag).toBe("GrantNotKept")
      }
    }),
    timeout
  )

  it.effect(
    "connects and disconnects that race leave events that tell the story in order",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const subscriber = yield* freshSubscriber()
      const key = keyOf(yield* freshTenant, github)
      const pairs = yield* Effect.all(
        times(25, () =>
          Effect.all([
            Effect.flatMap(newGrant(), (grant) => connectCommand(key, withGrant(grant))),
            disconnectCommand(key)
          ])
        )
      )
      const attempts: ReadonlyArray<Effect.Effect<Integration, { readonly _tag: string }>> =
        pairs.flatMap(([connect, disconnect]) => [
          connections.connect(connect),
          connections.disconnect(disconnect)
        ])
      const { succeeded } = yield* inParallel(attempts)
      const names = (yield* receiveAll(subscriber)).map(({ event }) => event.event)
      expect(names).toHaveLength(succeeded.length)
      expect(names).toStrictEqual(
        times(names.length, (index) =>
          index % 2 === 0 ? "integration.connected" : "integration.disconnected"
        )
      )
      const { status } = yield* connections.find(key)
      expect(`integration.${status}`).toBe(names.at(-1))
    }),
    timeout
  )
}
