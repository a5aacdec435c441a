import { expect } from "@effect/vitest"
import { ConnectionStore, type IntegrationKey, Maintenance, newEventId } from "@hawser/core"
import { Duration, Effect } from "effect"
import { advance } from "../StoreClock.ts"
import {
  ann,
  connectCommand,
  disconnectCommand,
  freshHash,
  freshTenant,
  github,
  hashOf,
  keyOf,
  newGrant,
  withGrant
} from "./fixtures.ts"
import { leaseOf, renewCommand, system } from "./grants.ts"
import { inParallel, times } from "./inParallel.ts"
import type { SuiteIt } from "./SuiteServices.ts"

const freshKey = Effect.map(freshTenant, (tenantId) => keyOf(tenantId, github))

/** What connecting with an account of this hash comes to. */
const connectAs = Effect.fnUntraced(function* (
  key: IntegrationKey,
  heldAccount: Uint8Array | undefined,
  reauthorizes?: boolean
) {
  const connections = yield* ConnectionStore
  const command = withGrant(yield* newGrant(), undefined, {
    heldAccount,
    reauthorizes: reauthorizes === true
  })
  const outcome = yield* Effect.result(connections.connect(yield* connectCommand(key, command)))
  return outcome._tag === "Success" ? outcome.success.status : outcome.failure._tag
})

const end = Effect.fnUntraced(function* (key: IntegrationKey) {
  const connections = yield* ConnectionStore
  const publish = {
    id: yield* newEventId,
    event: "integration.disconnected",
    disconnectedBy: system,
    reason: "revoked"
  } as const
  yield* connections.markRevoked(key, { quarantine: Duration.days(7), publish })
})

const restore = Effect.fnUntraced(function* (key: IntegrationKey) {
  const maintenance = yield* Maintenance
  return yield* maintenance.restore(key, { id: yield* newEventId, event: "integration.connected" })
})

/** An account that one tenant at a time may be connected with. */
export const integrationHeldSuite = (it: SuiteIt, timeout: number | undefined): void => {
  it.effect(
    "S-104 of two tenants one holds an account, and nothing of the other is written",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const [one, other] = [yield* freshKey, yield* freshKey]
      const account = freshHash()
      expect(yield* connectAs(one, account)).toBe("connected")
      expect(yield* connectAs(other, account)).toBe("AccountHeld")
      expect((yield* Effect.flip(connections.find(other)))._tag).toBe("IntegrationNotFound")
      // Another account, and one that many may have, are free.
      expect(yield* connectAs(other, freshHash())).toBe("connected")
      expect(yield* connectAs(yield* freshKey, undefined)).toBe("connected")
      expect(yield* connectAs(yield* freshKey, undefined)).toBe("connected")
    }),
    timeout
  )

  it.effect(
    "S-104 of tenants that race for an account one gets it",
    Effect.fnUntraced(function* () {
      const account = freshHash()
      const keys = yield* Effect.all(times(20, () => freshKey))
      const outcomes = yield* inParallel(keys.map((key) => connectAs(key, account)))
      expect(outcomes.succeeded.toSorted()).toStrictEqual([
        ...times(19, () => "AccountHeld"),
        "connected"
      ])
    }),
    timeout
  )

  it.effect(
    "S-104 a refused account changes nothing of what a tenant is connected with",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const [one, other] = [yield* freshKey, yield* freshKey]
      const account = freshHash()
      yield* connectAs(one, account)
      yield* connectAs(other, freshHash())
      const before = yield* connections.grant(other)
      expect(yield* connectAs(other, account, true)).toBe("AccountHeld")
      const after = yield* connections.grant(other)
      expect([after.id, after.generation]).toStrictEqual([before.id, before.generation])
    }),
    timeout
  )

  it.effect(
    "S-104 who holds an account may reauthorize with it, and give it up for another",
    Effect.fnUntraced(function* () {
      const [one, other] = [yield* freshKey, yield* freshKey]
      const account = freshHash()
      yield* connectAs(one, account)
      expect(yield* connectAs(one, account, true)).toBe("connected")
      expect(yield* connectAs(other, account)).toBe("AccountHeld")
      expect(yield* connectAs(one, freshHash(), true)).toBe("connected")
      expect(yield* connectAs(other, account)).toBe("connected")
    }),
    timeout
  )

  it.effect(
    "S-104 an account stays held when its tokens are renewed",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const key = yield* freshKey
      const account = freshHash()
      yield* connectAs(key, account)
      expect(yield* connections.renewGrant(yield* leaseOf(key), yield* renewCommand())).toBe(true)
      expect(yield* connectAs(yield* freshKey, account)).toBe("AccountHeld")
    }),
    timeout
  )

  it.effect(
    "S-104 an account is free once its tenant disconnects or is removed",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const maintenance = yield* Maintenance
      const [one, two, three] = [yield* freshKey, yield* freshKey, yield* freshKey]
      const account = freshHash()
      yield* connectAs(one, account)
      yield* connections.disconnect(yield* disconnectCommand(one))
      expect(yield* connectAs(two, account)).toBe("connected")
      yield* end(two)
      yield* maintenance.removeTenant(two.tenantId)
      expect(yield* connectAs(three, account)).toBe("connected")
    }),
    timeout
  )

  it.effect(
    "S-104 an account is held while its tokens wait in quarantine, so that they can be restored, and free afterwards",
    Effect.fnUntraced(function* () {
      const maintenance = yield* Maintenance
      const [one, other] = [yield* freshKey, yield* freshKey]
      const account = freshHash()
      yield* connectAs(one, account)
      yield* end(one)
      expect(yield* connectAs(other, account)).toBe("AccountHeld")
      expect(yield* restore(one)).toBe(true)
      expect(yield* connectAs(other, account)).toBe("AccountHeld")
      yield* end(one)
      yield* advance(Duration.days(8))
      yield* maintenance.sweepQuarantine
      expect(yield* connectAs(other, account)).toBe("connected")
      expect(yield* restore(one)).toBe(false)
    }),
    timeout
  )

  it.effect(
    "S-104 what is imported holds its account, and takes none that is held",
    Effect.fnUntraced(function* () {
      const maintenance = yield* Maintenance
      const connections = yield* ConnectionStore
      const account = freshHash()
      const importAs = Effect.fnUntraced(function* (key: IntegrationKey) {
        const { newId } = yield* connectCommand(key, withGrant(yield* newGrant()))
        const grant = yield* newGrant()
        return yield* Effect.result(
          maintenance.importConnection({
            ...key,
            newId,
            connectedBy: ann,
            userHashes: [hashOf(key.tenantId)],
            connectedAt: undefined,
            with: {
              _tag: "Grant",
              grant,
              scopes: [],
              fields: {},
              account: undefined,
              heldAccount: account
            }
          })
        )
      })
      const [one, other] = [yield* freshKey, yield* freshKey]
      expect((yield* importAs(one))._tag).toBe("Success")
      expect(yield* importAs(other)).toMatchObject({ failure: { _tag: "AccountHeld" } })
      expect((yield* Effect.flip(connections.find(other)))._tag).toBe("IntegrationNotFound")
      expect(yield* connectAs(other, account)).toBe("AccountHeld")
      // Repeated, it finds itself.
      expect((yield* importAs(one))._tag).toBe("Success")
    }),
    timeout
  )
}
