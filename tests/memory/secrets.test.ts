import { assert, describe, it } from "@effect/vitest"
import {
  type BoundFlow,
  CredentialId,
  EventId,
  GrantId,
  IntegrationId,
  type Sealed,
  type SecretHash
} from "@hawser/core"
import { Duration, Effect, Option } from "effect"
import { TestClock } from "effect/testing"
import { makeCredentialStore } from "../../packages/memory/src/MemoryCredentialStore.ts"
import { makeConnectionStore } from "../../packages/memory/src/MemoryConnectionStore.ts"
import { makeMaintenance } from "../../packages/memory/src/MemoryMaintenance.ts"
import { makeOAuthStateStore } from "../../packages/memory/src/MemoryOAuthStateStore.ts"
import { emptyState } from "../../packages/memory/src/MemoryState.ts"
import { bytes, flow, key, stateHash, ulid, userHash, userId } from "./support/fixtures.ts"

const response = bytes(3) as Sealed
const flowIdHash = bytes(5) as SecretHash
const accessToken = bytes(6) as Sealed
const refreshToken = bytes(7) as Sealed
const apiKey = bytes(8) as Sealed
const dpopKey = bytes(9) as Sealed

/** The first byte of each value of bytes anywhere in the state: each secret above has its own. */
const secretsIn = (value: unknown): ReadonlyArray<number | undefined> => {
  if (value instanceof Uint8Array) return [value[0]]
  if (value instanceof Map) return [...value.values()].flatMap(secretsIn)
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(secretsIn) : []
}

describe("secrets leave the state when their use is over", () => {
  it.effect(
    "S-03 a burned flow keeps neither verifier nor browser hash, a taken one no response",
    Effect.fnUntraced(function* () {
      const state = emptyState()
      const flows = makeOAuthStateStore(state)
      yield* flows.start(flow, {
        lifetime: Duration.minutes(10),
        limits: { perUser: 1, perTenant: 1 }
      })
      assert.includeMembers([...secretsIn(state)], [1, 2, 4])
      const burned = Option.getOrThrow(yield* flows.burn(stateHash))
      assert.deepStrictEqual(secretsIn(state), [4])
      yield* flows.park(burned as unknown as BoundFlow, {
        as: "parked",
        flowIdHash,
        sealedResponse: response,
        lifetime: Duration.minutes(2),
        userHash
      })
      assert.sameMembers([...secretsIn(state)], [3, 4, 5])
      yield* flows.takeParked(flowIdHash)
      assert.deepStrictEqual(secretsIn(state), [4])
    })
  )

  it.effect(
    "S-46 a disconnected integration keeps neither tokens nor API key, once the time to revoke them is over",
    Effect.fnUntraced(function* () {
      const state = emptyState()
      const connections = makeConnectionStore(state)
      const credentialId = CredentialId.make(`crd_${ulid}`)
      yield* makeCredentialStore(state).insert({
        ...key,
        id: credentialId,
        label: undefined,
        status: "unverified",
        createdBy: userId,
        userHash,
        sealedFields: apiKey
      })
      const grant = {
        id: GrantId.make(`gnt_${ulid}`),
        accessToken,
        refreshToken,
        dpopKey,
        tokenType: "bearer",
        expiresIn: 60,
        dueIn: undefined,
        clientFingerprint: ""
      }
      const ways = [
        {
          with: {
            _tag: "Grant",
            grant,
            scopes: [],
            fields: {},
            account: undefined,
            reauthorizes: false
          },
          secrets: [6, 7, 8, 9],
          // What the revocation needs waits for it.
          left: [6, 7, 8]
        },
        { with: { _tag: "Credential", credentialId }, secrets: [8], left: [] }
      ] as const
      for (const [index, way] of ways.entries()) {
        const eventId = (last: number) =>
          EventId.make(`evt_${ulid.slice(0, -1)}${index * 2 + last}`)
        yield* connections.connect({
          ...key,
          newId: IntegrationId.make(`int_${ulid}`),
          connectedBy: userId,
          userHash,
          with: way.with,
          publish: { id: eventId(0), event: "integration.connected", connectedBy: userId }
        })
        assert.sameMembers([...secretsIn(state)], [...way.secrets])
        yield* connections.disconnect({
          ...key,
          userHash,
          publish: {
            id: eventId(1),
            event: "integration.disconnected",
            disconnectedBy: userId,
            reason: "user"
          }
        })
        assert.sameMembers([...secretsIn(state)], [...way.left])
        yield* TestClock.adjust("24 hours")
        yield* makeMaintenance(state).giveUpRevocations
        assert.sameMembers(
          [...secretsIn(state)],
          way.left.filter((secret) => secret === 8)
        )
      }
    })
  )
})
