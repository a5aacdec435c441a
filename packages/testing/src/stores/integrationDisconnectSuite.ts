import { expect } from "@effect/vitest"
import { ConnectionStore, CredentialStore, tenantsDefault } from "@hawser/core"
import { Effect, Exit } from "effect"
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
import { inParallel, times } from "./inParallel.ts"
import { freshSubscriber, receiveIds } from "./subscriber.ts"
import type { SuiteIt } from "./SuiteServices.ts"

export const integrationDisconnectSuite = (it: SuiteIt, timeout: number | undefined): void => {
  it.effect(
    "S-46 destroys the tokens and keeps the integration as disconnected",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const key = keyOf(yield* freshTenant, github)
      const connected = yield* connections.connect(
        yield* connectCommand(key, withGrant(yield* newGrant()), ann)
      )
      const subscriber = yield* freshSubscriber()
      const command = yield* disconnectCommand(key, bob)
      const disconnected = yield* connections.disconnect(command)
      expect(comparable(disconnected)).toStrictEqual(
        comparable({
          ...connected,
          status: "disconnected",
          // Nothing is granted any more.
          scopes: []
        })
      )
      expect(comparable(yield* connections.find(key))).toStrictEqual(comparable(disconnected))
      expect((yield* Effect.flip(connections.grant(key)))._tag).toBe("NotConnected")
      expect(yield* receiveIds(subscriber)).toStrictEqual([command.publish.id])
    }),
    timeout
  )

  it.effect(
    "S-46 destroys the API key in use, and no other",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const credentials = yield* CredentialStore
      const key = keyOf(yield* freshTenant, datadog)
      const { provider, tenantId } = key
      const other = yield* storedCredentialId(tenantId, provider)
      const inUse = yield* storedCredentialId(tenantId, provider)
      yield* connections.connect(yield* connectCommand(key, withCredential(inUse)))
      const disconnected = yield* connections.disconnect(yield* disconnectCommand(key))
      expect(disconnected.status).toBe("disconnected")
      expect(disconnected.credentialId).toBe(undefined)
      expect((yield* connections.find(key)).credentialId).toBe(undefined)
      expect(
        (yield* Effect.flip(credentials.find({ tenantId, ...tenantsDefault, provider, id: inUse })))
          ._tag
      ).toBe("CredentialNotFound")
      expect(
        (yield* credentials.find({ tenantId, ...tenantsDefault, provider, id: other })).id
      ).toBe(other)
    }),
    timeout
  )

  it.effect(
    "S-46 an API key that another connection uses stays until that one is disconnected too",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const credentials = yield* CredentialStore
      const key = keyOf(yield* freshTenant, datadog)
      const { provider, tenantId } = key
      const second = secondOf(key)
      const id = yield* storedCredentialId(tenantId, provider)
      const find = credentials.find({ tenantId, ...tenantsDefault, provider, id })
      for (const one of [key, second]) {
        yield* connections.connect(yield* connectCommand(one, withCredential(id)))
      }
      yield* connections.disconnect(yield* disconnectCommand(key))
      expect((yield* find).id).toBe(id)
      expect((yield* connections.find(second)).credentialId).toBe(id)
      yield* connections.disconnect(yield* disconnectCommand(second))
      expect((yield* Effect.flip(find))._tag).toBe("CredentialNotFound")
    }),
    timeout
  )

  it.effect(
    "fails with IntegrationNotFound where nothing was ever connected, and where it already is disconnected",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const key = keyOf(yield* freshTenant, github)
      const never = yield* Effect.flip(connections.disconnect(yield* disconnectCommand(key)))
      expect(never._tag).toBe("IntegrationNotFound")
      yield* connections.connect(yield* connectCommand(key, withGrant(yield* newGrant())))
      yield* connections.disconnect(yield* disconnectCommand(key))
      const subscriber = yield* freshSubscriber()
      const again = yield* Effect.flip(connections.disconnect(yield* disconnectCommand(key)))
      expect(again._tag).toBe("IntegrationNotFound")
      expect(yield* receiveIds(subscriber)).toStrictEqual([])
    }),
    timeout
  )

  it.effect(
    "S-57 another tenant cannot disconnect it",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const key = keyOf(yield* freshTenant, github)
      yield* connections.connect(yield* connectCommand(key, withGrant(yield* newGrant())))
      const foreign = yield* disconnectCommand(keyOf(yield* freshTenant, github))
      expect((yield* Effect.flip(connections.disconnect(foreign)))._tag).toBe("IntegrationNotFound")
      expect((yield* connections.find(key)).status).toBe("connected")
      expect((yield* connections.grant(key)).expired).toBe(false)
    }),
    timeout
  )

  it.effect(
    "50 racing disconnects: one succeeds, one event",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const key = keyOf(yield* freshTenant, github)
      yield* connections.connect(yield* connectCommand(key, withGrant(yield* newGrant())))
      const subscriber = yield* freshSubscriber()
      const commands = yield* Effect.all(times(50, () => disconnectCommand(key)))
      const { failed, succeeded } = yield* inParallel(commands.map(connections.disconnect))
      expect(succeeded).toHaveLength(1)
      expect(failed.map(({ _tag }) => _tag)).toStrictEqual(times(49, () => "IntegrationNotFound"))
      expect(yield* receiveIds(subscriber)).toHaveLength(1)
    }),
    timeout
  )

  it.effect(
    "keeps tokens and credential where its event cannot be recorded",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const credentials = yield* CredentialStore
      const tenantId = yield* freshTenant
      const [oauth, apiKey] = [keyOf(tenantId, github), keyOf(tenantId, datadog)]
      const connect = yield* connectCommand(oauth, withGrant(yield* newGrant()))
      yield* connections.connect(connect)
      const credentialId = yield* storedCredentialId(tenantId, datadog)
      yield* connections.connect(yield* connectCommand(apiKey, withCredential(credentialId)))
      const subscriber = yield* freshSubscriber()
      for (const key of [oauth, apiKey]) {
        const command = yield* disconnectCommand(key)
        const taken = { ...command, publish: { ...command.publish, id: connect.publish.id } }
        expect(Exit.isFailure(yield* Effect.exit(connections.disconnect(taken)))).toBe(true)
        expect((yield* connections.find(key)).status).toBe("connected")
      }
      expect((yield* connections.grant(oauth)).expired).toBe(false)
      expect(
        (yield* credentials.find({
          tenantId,
          ...tenantsDefault,
          provider: datadog,
          id: credentialId
        })).id
      ).toBe(credentialId)
      expect(yield* receiveIds(subscriber)).toStrictEqual([])
    }),
    timeout
  )
}
