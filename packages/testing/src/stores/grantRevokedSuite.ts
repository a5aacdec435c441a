import { expect } from "@effect/vitest"
import { ConnectionStore, CredentialStore, Maintenance, newEventId } from "@hawser/core"
import { Duration, Effect } from "effect"
import {
  connectCommand,
  datadog,
  disconnectCommand,
  freshTenant,
  github,
  keyOf,
  storedCredentialId,
  withCredential
} from "./fixtures.ts"
import {
  connectedGrant,
  endCommand,
  failingGrant,
  leaseOf,
  renewCommand,
  system
} from "./grants.ts"
import { inParallel, times } from "./inParallel.ts"
import { freshSubscriber, receiveEvents, receiveIds } from "./subscriber.ts"
import type { SuiteIt } from "./SuiteServices.ts"

const acme = { id: "4711", label: "Acme" }

const revoked = Effect.map(newEventId, (id) => ({
  quarantine: Duration.days(7),
  publish: {
    id,
    event: "integration.disconnected" as const,
    disconnectedBy: system,
    reason: "revoked" as const
  }
}))

export const grantRevokedSuite = (it: SuiteIt, timeout: number | undefined): void => {
  it.effect(
    "ends the integration with its event, and the tokens wait in quarantine",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const maintenance = yield* Maintenance
      const { integration, key } = yield* connectedGrant({}, { account: acme })
      const lease = yield* leaseOf(key)
      const subscriber = yield* freshSubscriber()
      const command = yield* revoked
      expect(yield* connections.markRevoked(key, command)).toBe(true)
      expect(yield* connections.markRevoked(key, yield* revoked)).toBe(false)
      expect(yield* connections.find(key)).toMatchObject({
        status: "disconnected",
        problem: "revoked",
        account: acme,
        scopes: []
      })
      expect(yield* Effect.flip(connections.grant(key))).toMatchObject({
        _tag: "ReconnectRequired",
        reason: "revoked"
      })
      expect(yield* maintenance.quarantined(key)).toMatchObject([{ ...key, reason: "revoked" }])
      expect(yield* receiveEvents(subscriber)).toMatchObject([
        {
          id: command.publish.id,
          event: "integration.disconnected",
          data: { integrationId: integration.id, disconnectedBy: system, reason: "revoked" }
        }
      ])
      // Whoever was refreshing meanwhile brings nothing back.
      expect(yield* connections.renewGrant(lease, yield* renewCommand())).toBe(false)
      expect(yield* connections.endGrant(lease, yield* endCommand())).toStrictEqual({
        _tag: "Superseded"
      })
    }),
    timeout
  )

  it.effect(
    "ends one at error too, and of marks that come at once one does",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const { key } = yield* connectedGrant()
      yield* failingGrant(key)
      const subscriber = yield* freshSubscriber()
      const commands = yield* Effect.all(times(10, () => revoked))
      const { succeeded } = yield* inParallel(
        commands.map((command) => connections.markRevoked(key, command))
      )
      expect(succeeded.filter(Boolean)).toHaveLength(1)
      expect(yield* receiveIds(subscriber)).toHaveLength(1)
    }),
    timeout
  )

  it.effect(
    "ends what is connected with an API key, which stays stored",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const maintenance = yield* Maintenance
      const credentials = yield* CredentialStore
      const key = keyOf(yield* freshTenant, datadog)
      const id = yield* storedCredentialId(key.tenantId, datadog)
      yield* connections.connect(yield* connectCommand(key, withCredential(id)))
      expect(yield* connections.markRevoked(key, yield* revoked)).toBe(true)
      expect(yield* connections.find(key)).toMatchObject({
        status: "disconnected",
        problem: "revoked",
        credentialId: undefined
      })
      expect(yield* maintenance.quarantined(key)).toStrictEqual([])
      expect((yield* credentials.find({ ...key, id })).id).toBe(id)
    }),
    timeout
  )

  it.effect(
    "is false where nothing is connected, and leaves a user's disconnect as it is",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const never = keyOf(yield* freshTenant, github)
      expect(yield* connections.markRevoked(never, yield* revoked)).toBe(false)
      const { key } = yield* connectedGrant()
      yield* connections.disconnect(yield* disconnectCommand(key))
      expect(yield* connections.markRevoked(key, yield* revoked)).toBe(false)
      expect((yield* connections.find(key)).problem).toBe(undefined)
    }),
    timeout
  )
}
