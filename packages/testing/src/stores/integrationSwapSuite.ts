import { expect } from "@effect/vitest"
import { ConnectionStore, CredentialStore, newCredentialId } from "@hawser/core"
import { Effect } from "effect"
import { comparable } from "./comparable.ts"
import {
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
      const swapped = yield* connections.swapCredential({ ...key, credentialId })
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
        const error = yield* Effect.flip(connections.swapCredential({ ...key, credentialId }))
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
      const swap = Effect.flip(connections.swapCredential({ ...key, credentialId }))
      expect((yield* swap)._tag).toBe("IntegrationNotFound")
      yield* connections.connect(yield* connectCommand(key, withGrant(yield* newGrant())))
      expect((yield* swap)._tag).toBe("IntegrationNotFound")
      yield* connections.disconnect(yield* disconnectCommand(key))
      expect((yield* swap)._tag).toBe("IntegrationNotFound")
    }),
    timeout
  )
}
