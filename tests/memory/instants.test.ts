import { assert, it } from "@effect/vitest"
import {
  type BoundFlow,
  CredentialId,
  EventId,
  IntegrationId,
  type NewFlow,
  type Sealed,
  type SecretHash
} from "@hawser/core"
import { Duration, Effect, Option } from "effect"
import { TestClock } from "effect/testing"
import { makeCredentialStore } from "../../packages/memory/src/MemoryCredentialStore.ts"
import { makeEventBus } from "../../packages/memory/src/MemoryEventBus.ts"
import { makeConnectionStore } from "../../packages/memory/src/MemoryConnectionStore.ts"
import { makeOAuthStateStore } from "../../packages/memory/src/MemoryOAuthStateStore.ts"
import { emptyState } from "../../packages/memory/src/MemoryState.ts"
import { bytes, flow, key, ulid, userHash, userId } from "./support/fixtures.ts"

// The clock of a database never stands still; here a test knows the very instant.

const withState = (first: number): NewFlow => ({ ...flow, stateHash: bytes(first) as SecretHash })

const credentialId = (last: string) => CredentialId.make(`crd_${ulid.slice(1)}${last}`)

const insert = (state: ReturnType<typeof emptyState>, id: CredentialId) =>
  makeCredentialStore(state).insert({
    ...key,
    id,
    label: undefined,
    status: "unverified",
    createdBy: userId,
    userHash,
    sealedFields: bytes(8) as Sealed
  })

const recordOne = (state: ReturnType<typeof emptyState>) =>
  Effect.gen(function* () {
    const used = credentialId("1")
    yield* insert(state, used)
    yield* makeConnectionStore(state).connect({
      ...key,
      newId: IntegrationId.make(`int_${ulid}`),
      connectedBy: userId,
      userHash,
      with: { _tag: "Credential", credentialId: used },
      publish: {
        id: EventId.make(`evt_${ulid}`),
        event: "integration.connected",
        connectedBy: userId
      }
    })
  })

it.effect(
  "a flow that expires at this instant counts against no limit, and one that lives says when it ends",
  Effect.fnUntraced(function* () {
    const flows = makeOAuthStateStore(emptyState())
    const options = { lifetime: Duration.minutes(10), limits: { perUser: 1, perTenant: 1 } }
    yield* flows.start(withState(20), options)
    yield* TestClock.adjust(Duration.millis(1500))
    const refused = yield* Effect.flip(flows.start(withState(21), options))
    assert.deepInclude(refused, { _tag: "TooManyPendingFlows", retryAfter: 599 })
    yield* TestClock.adjust(Duration.millis(600_000 - 1500))
    yield* flows.start(withState(21), options)
  })
)

it.effect(
  "flows that were swept or taken leave nothing behind",
  Effect.fnUntraced(function* () {
    const state = emptyState()
    const flows = makeOAuthStateStore(state)
    const parked = Effect.fnUntraced(function* (first: number) {
      const started = withState(first)
      yield* flows.start(started, {
        lifetime: Duration.minutes(10),
        limits: { perUser: 9, perTenant: 9 }
      })
      const burned = Option.getOrThrow(yield* flows.burn(started.stateHash))
      const flowIdHash = bytes(first + 1) as SecretHash
      yield* flows.park(burned as unknown as BoundFlow, {
        as: "parked",
        flowIdHash,
        sealedResponse: bytes(3) as Sealed,
        lifetime: Duration.minutes(2),
        userHash
      })
      return flowIdHash
    })
    yield* flows.takeParked(yield* parked(30))
    const isParked = [...state.tables.flows.values()].map((row) => row.parked !== undefined)
    assert.deepStrictEqual(isParked, [false])
    yield* parked(40)
    yield* TestClock.adjust(Duration.minutes(10))
    assert.strictEqual(yield* flows.sweep, 2)
    assert.deepStrictEqual([...state.tables.flows], [])
  })
)

it.effect(
  "credentials are listed by age, and those of one instant by id",
  Effect.fnUntraced(function* () {
    const state = emptyState()
    const [first, second, third] = [credentialId("1"), credentialId("2"), credentialId("3")]
    yield* TestClock.setTime(5_000)
    yield* insert(state, third)
    yield* insert(state, second)
    // A machine's clock may be set back.
    yield* TestClock.setTime(4_000)
    yield* insert(state, first)
    const { items: listed } = yield* makeCredentialStore(state).list(key)
    assert.deepStrictEqual(
      listed.map(({ id }) => id),
      [first, second, third]
    )
    yield* TestClock.setTime(3_000)
    const last = credentialId("9")
    yield* insert(state, last)
    const { items } = yield* makeCredentialStore(state).list(key)
    assert.strictEqual(items[0]?.id, last)
  })
)

it.effect(
  "a batch is given to another at the instant when its lease ends, and not before",
  Effect.fnUntraced(function* () {
    const state = emptyState()
    const bus = makeEventBus(state)
    yield* bus.subscribe("one", "beginning")
    yield* recordOne(state)
    const options = { limit: 1, lease: Duration.seconds(60) }
    assert.isTrue(Option.isSome(yield* bus.claim("one", options)))
    yield* TestClock.adjust(Duration.millis(59_999))
    assert.isTrue(Option.isNone(yield* bus.claim("one", options)))
    yield* TestClock.adjust(Duration.millis(1))
    assert.isTrue(Option.isSome(yield* bus.claim("one", options)))
  })
)

it.effect(
  "an event is kept for the whole retention, and no longer",
  Effect.fnUntraced(function* () {
    const state = emptyState()
    const bus = makeEventBus(state)
    yield* recordOne(state)
    yield* TestClock.adjust(Duration.hours(1))
    assert.strictEqual(yield* bus.sweep(Duration.hours(1)), 0)
    yield* TestClock.adjust(Duration.millis(1))
    assert.strictEqual(yield* bus.sweep(Duration.hours(1)), 1)
  })
)
