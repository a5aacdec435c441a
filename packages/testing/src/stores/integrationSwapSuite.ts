import { expect } from "@effect/vitest"
import {
  type Account,
  ConnectionStore,
  type CredentialId,
  CredentialStore,
  type IntegrationKey,
  Maintenance,
  newCredentialId
} from "@hawser/core"
import { Effect } from "effect"
import { comparable } from "./comparable.ts"
import {
  connectCommand,
  datadog,
  disconnectCommand,
  freshTenant,
  github,
  hashOf,
  keyOf,
  newGrant,
  secondOf,
  storedCredentialId,
  withCredential,
  withGrant
} from "./fixtures.ts"
import { endCommand } from "./grants.ts"
import { freshSubscriber, receiveIds } from "./subscriber.ts"
import type { SuiteIt } from "./SuiteServices.ts"

export const integrationSwapSuite = (it: SuiteIt, timeout: number | undefined): void => {
  it.effect(
    "takes another stored key, keeps everything else, and leaves the former key stored",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const credentials = yield* CredentialStore
      const key = keyOf(yield* freshTenant, datadog)
      const former = yield* storedCredentialId(key.tenantId, datadog)
      const connected = yield* connections.connect(
        yield* connectCommand(key, withCredential(former))
      )
      const neighbours = []
      for (const neighbour of [keyOf(key.tenantId, github), secondOf(key)]) {
        const own = yield* storedCredentialId(neighbour.tenantId, neighbour.provider)
        const command = yield* connectCommand(neighbour, withCredential(own))
        neighbours.push(yield* connections.connect(command))
      }
      const subscriber = yield* freshSubscriber()
      const credentialId = yield* storedCredentialId(key.tenantId, datadog)
      const swapped = yield* connections.swapCredential({
        ...key,
        userHash: hashOf(key.tenantId),
        credentialId
      })
      expect(comparable(swapped)).toStrictEqual(comparable({ ...connected, credentialId }))
      expect(comparable(yield* connections.find(key))).toStrictEqual(comparable(swapped))
      for (const neighbour of neighbours) {
        expect(comparable(yield* connections.find(neighbour))).toStrictEqual(comparable(neighbour))
      }
      expect((yield* credentials.find({ ...key, id: former })).id).toBe(former)
      expect(yield* receiveIds(subscriber)).toStrictEqual([])
    }),
    timeout
  )

  it.effect(
    "S-27 connects as the account that the key belongs to, and takes another key of that account or of an unknown one",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const credentials = yield* CredentialStore
      const maintenance = yield* Maintenance
      const account = { id: crypto.randomUUID(), label: "Acme" }
      const key = keyOf(yield* freshTenant, datadog)
      const first = yield* storedCredentialId(key.tenantId, datadog, account)
      const connected = yield* connections.connect(
        yield* connectCommand(key, withCredential(first))
      )
      expect(connected.account).toStrictEqual(account)
      const holders = () =>
        Effect.map(
          maintenance.findByAccount({ provider: datadog, accountId: account.id }),
          (found) => found.map(({ integrationId }) => integrationId)
        )
      expect(yield* holders()).toStrictEqual([connected.id])

      const credentialId = yield* storedCredentialId(key.tenantId, datadog)
      const other = { id: `${account.id} `, label: "Acme" }
      const refused = yield* Effect.flip(
        connections.swapCredential({
          ...key,
          userHash: hashOf(key.tenantId),
          credentialId,
          account: other
        })
      )
      expect([refused._tag, yield* connections.find(key)]).toStrictEqual([
        "AccountMismatch",
        connected
      ])
      const renamed = { ...account, label: undefined }
      yield* connections.swapCredential({
        ...key,
        userHash: hashOf(key.tenantId),
        credentialId,
        account: renamed
      })
      expect((yield* connections.find(key)).account).toStrictEqual(renamed)
      yield* connections.swapCredential({
        ...key,
        userHash: hashOf(key.tenantId),
        credentialId: first
      })
      expect((yield* connections.find(key)).account).toBe(undefined)
      yield* connections.swapCredential({
        ...key,
        userHash: hashOf(key.tenantId),
        credentialId,
        account: other
      })
      expect((yield* connections.find(key)).account).toStrictEqual(other)
      expect(yield* holders()).toStrictEqual([])

      yield* connections.disconnect(yield* disconnectCommand(key))
      expect((yield* connections.find(key)).account).toBe(undefined)
      expect((yield* credentials.find({ ...key, id: first })).account).toStrictEqual(account)
    }),
    timeout
  )

  it.effect(
    "of the reasons against connecting, a key that is not there comes before those of the connection",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const account = { id: crypto.randomUUID(), label: undefined }
      const key = keyOf(yield* freshTenant, datadog)
      const stored = () => storedCredentialId(key.tenantId, datadog, account)
      const refusal = Effect.fnUntraced(function* (of: IntegrationKey, credentialId: CredentialId) {
        const command = yield* connectCommand(of, withCredential(credentialId))
        return (yield* Effect.flip(connections.connect(command)))._tag
      })
      yield* connections.connect(yield* connectCommand(key, withCredential(yield* stored())))
      expect([
        yield* refusal(key, yield* stored()),
        yield* refusal(key, yield* newCredentialId),
        yield* refusal(secondOf(key), yield* stored()),
        yield* refusal(secondOf(key), yield* newCredentialId)
      ]).toStrictEqual([
        "AlreadyConnected",
        "CredentialNotFound",
        "AccountAlreadyConnected",
        "CredentialNotFound"
      ])
    }),
    timeout
  )

  it.effect(
    "of an owner's connections no two are by keys of one account, by whichever way",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const account = { id: crypto.randomUUID(), label: undefined }
      const key = keyOf(yield* freshTenant, datadog)
      const second = secondOf(key)
      const stored = (of?: Account) => storedCredentialId(key.tenantId, datadog, of)
      const { id } = yield* connections.connect(
        yield* connectCommand(key, withCredential(yield* stored(account)))
      )
      const twin = { _tag: "AccountAlreadyConnected", integrationId: id }
      const connecting = yield* connectCommand(second, withCredential(yield* stored(account)))
      expect(yield* Effect.flip(connections.connect(connecting))).toMatchObject(twin)
      yield* connections.connect(yield* connectCommand(second, withCredential(yield* stored())))
      const swap = {
        ...second,
        userHash: hashOf(second.tenantId),
        credentialId: yield* stored(),
        account
      }
      expect(yield* Effect.flip(connections.swapCredential(swap))).toMatchObject(twin)
      yield* connections.disconnect(yield* disconnectCommand(key))
      expect((yield* connections.swapCredential(swap)).account).toStrictEqual(account)
    }),
    timeout
  )

  it.effect(
    "S-27 a key of another account does not connect what its provider ended",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const account = { id: crypto.randomUUID(), label: undefined }
      const key = keyOf(yield* freshTenant, datadog)
      const grant = withGrant(yield* newGrant(), undefined, { account })
      const { id } = yield* connections.connect(yield* connectCommand(key, grant))
      yield* connections.markRevoked(key, yield* endCommand())
      const storedFor = (as: Account) => storedCredentialId(key.tenantId, datadog, as)
      const connecting = Effect.fnUntraced(function* (credentialId: CredentialId) {
        return yield* connections.connect(yield* connectCommand(key, withCredential(credentialId)))
      })
      const others = yield* storedFor({ ...account, id: `${account.id}-2` })
      const refused = yield* Effect.flip(connecting(others))
      expect(refused._tag).toBe("AccountMismatch")
      const credentialId = yield* storedFor(account)
      const connected = yield* connecting(credentialId)
      expect([connected.id, connected.account, connected.credentialId]).toStrictEqual([
        id,
        account,
        credentialId
      ])
    }),
    timeout
  )

  it.effect(
    "S-57 refuses a key of another tenant or provider, and one that is not there",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const key = keyOf(yield* freshTenant, datadog)
      const former = yield* storedCredentialId(key.tenantId, datadog)
      yield* connections.connect(yield* connectCommand(key, withCredential(former)))
      for (const credentialId of [
        yield* storedCredentialId(yield* freshTenant, datadog),
        yield* storedCredentialId(key.tenantId, github),
        yield* newCredentialId
      ]) {
        const error = yield* Effect.flip(
          connections.swapCredential({ ...key, userHash: hashOf(key.tenantId), credentialId })
        )
        expect(error._tag).toBe("CredentialNotFound")
      }
      expect((yield* connections.find(key)).credentialId).toBe(former)
    }),
    timeout
  )

  it.effect(
    "finds nothing to swap where no API key connects: never connected, disconnected, or by tokens",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const tenantId = yield* freshTenant
      const key = keyOf(tenantId, datadog)
      const credentialId = yield* storedCredentialId(tenantId, datadog)
      const swap = Effect.flip(
        connections.swapCredential({ ...key, userHash: hashOf(key.tenantId), credentialId })
      )
      expect((yield* swap)._tag).toBe("IntegrationNotFound")
      yield* connections.connect(yield* connectCommand(key, withGrant(yield* newGrant())))
      expect((yield* swap)._tag).toBe("IntegrationNotFound")
      yield* connections.disconnect(yield* disconnectCommand(key))
      expect((yield* swap)._tag).toBe("IntegrationNotFound")
    }),
    timeout
  )
}
