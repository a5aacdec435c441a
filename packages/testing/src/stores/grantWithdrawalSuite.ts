import { expect } from "@effect/vitest"
import {
  ConnectionStore,
  type IntegrationKey,
  Maintenance,
  newEventId,
  type StoredGrant,
  UserId
} from "@hawser/core"
import { Duration, Effect, Exit } from "effect"
import { advance } from "../StoreClock.ts"
import { connectCommand, freshTenant, newGrant, withGrant, eventConnection } from "./fixtures.ts"
import { connectedGrant } from "./grants.ts"
import { inParallel, times } from "./inParallel.ts"
import { freshSubscriber, receiveEvents, receiveIds } from "./subscriber.ts"
import type { SuiteIt } from "./SuiteServices.ts"

const acme = { id: "4711", label: "Acme" }

/** Connected with a token that neither ends nor can be refreshed. */
const lasting = connectedGrant(
  { refreshToken: undefined, expiresIn: undefined },
  { account: acme, fields: { site: "eu" } }
)

const useOf = (key: IntegrationKey, { generation, id }: StoredGrant) => ({
  ...key,
  grantId: id,
  generation
})

/** What is stored now, as somebody has used it. */
const used = Effect.fnUntraced(function* (key: IntegrationKey) {
  const connections = yield* ConnectionStore
  return useOf(key, yield* connections.grant(key))
})

const challenge = Effect.fnUntraced(function* (isProven: boolean = false) {
  return {
    isProven,
    publish: {
      id: yield* newEventId,
      event: "integration.error" as const,
      error: "grant_revoked" as const
    }
  }
})

const recovered = Effect.map(newEventId, (id) => ({
  id,
  event: "integration.recovered" as const
}))

const stateOf = Effect.fnUntraced(function* (key: IntegrationKey) {
  const connections = yield* ConnectionStore
  const { problem, status } = yield* connections.find(key)
  const { withdrawal } = yield* connections.grant(key)
  return { status, problem, withdrawal }
})

const works = { status: "connected", problem: undefined, withdrawal: undefined }
const suspected = { ...works, withdrawal: "suspected" }
const told = { status: "error", problem: "grant_revoked", withdrawal: "told" }

export const grantWithdrawalSuite = (it: SuiteIt, timeout: number | undefined): void => {
  it.effect(
    "S-103 one challenge is not enough, nor are many within a minute; a second one after a minute is",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const { integration, key } = yield* lasting
      const use = yield* used(key)
      const subscriber = yield* freshSubscriber()
      expect(yield* stateOf(key)).toStrictEqual(works)
      expect(yield* connections.noteWithdrawal(use, yield* challenge())).toBe(false)
      expect(yield* stateOf(key)).toStrictEqual(suspected)
      yield* advance(Duration.seconds(30))
      expect(yield* connections.noteWithdrawal(use, yield* challenge())).toBe(false)
      expect(yield* stateOf(key)).toStrictEqual(suspected)
      expect(yield* receiveIds(subscriber)).toStrictEqual([])

      yield* advance(Duration.seconds(30))
      const command = yield* challenge()
      expect(yield* connections.noteWithdrawal(use, command)).toBe(true)
      expect(yield* stateOf(key)).toStrictEqual(told)
      expect(yield* receiveEvents(subscriber)).toStrictEqual([
        {
          id: command.publish.id,
          event: "integration.error",
          tenantId: key.tenantId,
          data: {
            integrationId: integration.id,
            provider: key.provider,
            ...eventConnection,
            error: "grant_revoked"
          }
        }
      ])
      // It is told once.
      yield* advance(Duration.minutes(2))
      expect(yield* connections.noteWithdrawal(use, yield* challenge())).toBe(false)
      expect(yield* connections.noteWithdrawal(use, yield* challenge(true))).toBe(false)
      expect(yield* receiveIds(subscriber)).toStrictEqual([])
    }),
    timeout
  )

  it.effect(
    "S-103 the definition's check is enough; the token is still given out, and account and scopes stay",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const { integration, key } = yield* lasting
      const before = yield* connections.grant(key)
      expect(yield* connections.noteWithdrawal(yield* used(key), yield* challenge(true))).toBe(true)
      expect(yield* stateOf(key)).toStrictEqual(told)
      expect(yield* connections.grant(key)).toStrictEqual({ ...before, withdrawal: "told" })
      expect(yield* connections.find(key)).toStrictEqual({
        ...integration,
        status: "error",
        problem: "grant_revoked"
      })
    }),
    timeout
  )

  it.effect(
    "S-103 the next success recovers it, once; and before that it forgets the first challenge",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const { integration, key } = yield* lasting
      const use = yield* used(key)
      const subscriber = yield* freshSubscriber()
      yield* connections.noteWithdrawal(use, yield* challenge())
      yield* advance(Duration.minutes(1))
      yield* connections.clearWithdrawal(use, yield* recovered)
      expect(yield* stateOf(key)).toStrictEqual(works)
      expect(yield* connections.noteWithdrawal(use, yield* challenge())).toBe(false)
      expect(yield* receiveIds(subscriber)).toStrictEqual([])

      yield* connections.noteWithdrawal(use, yield* challenge(true))
      yield* receiveIds(subscriber)
      const publish = yield* recovered
      yield* connections.clearWithdrawal(use, publish)
      yield* connections.clearWithdrawal(use, yield* recovered)
      expect(yield* stateOf(key)).toStrictEqual(works)
      expect(yield* receiveEvents(subscriber)).toStrictEqual([
        {
          id: publish.id,
          event: "integration.recovered",
          tenantId: key.tenantId,
          data: { integrationId: integration.id, provider: key.provider, ...eventConnection }
        }
      ])
    }),
    timeout
  )

  it.effect(
    "of many that tell it at once one does, and of many that recover it one does",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const { key } = yield* lasting
      const use = yield* used(key)
      const subscriber = yield* freshSubscriber()
      const first = yield* Effect.all(times(10, () => challenge()))
      yield* inParallel(first.map((command) => connections.noteWithdrawal(use, command)))
      expect(yield* stateOf(key)).toStrictEqual(suspected)
      yield* advance(Duration.minutes(1))
      const second = yield* Effect.all(times(10, () => challenge()))
      const { succeeded } = yield* inParallel(
        second.map((command) => connections.noteWithdrawal(use, command))
      )
      expect(succeeded.filter((isTold) => isTold)).toHaveLength(1)
      expect(yield* receiveIds(subscriber)).toHaveLength(1)
      const publishes = yield* Effect.all(times(10, () => recovered))
      yield* inParallel(publishes.map((publish) => connections.clearWithdrawal(use, publish)))
      expect(yield* stateOf(key)).toStrictEqual(works)
      expect(yield* receiveIds(subscriber)).toHaveLength(1)
    }),
    timeout
  )

  it.effect(
    "says nothing of a grant that can be refreshed, of former tokens, nor of what is disconnected",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const refreshable = yield* connectedGrant()
      const { key } = yield* lasting
      const former = yield* used(key)
      yield* connections.noteWithdrawal(former, yield* challenge())
      const again = withGrant(yield* newGrant({ refreshToken: undefined }), undefined, {
        reauthorizes: true,
        account: acme
      })
      yield* connections.connect(yield* connectCommand(key, again))
      const subscriber = yield* freshSubscriber("now")
      for (const use of [yield* used(refreshable.key), former])
        expect(yield* connections.noteWithdrawal(use, yield* challenge(true))).toBe(false)
      yield* connections.clearWithdrawal(former, yield* recovered)
      // The newer tokens begin without the older ones' challenge.
      expect(yield* stateOf(key)).toStrictEqual(works)

      const use = yield* used(key)
      yield* connections.disconnect({
        ...key,
        userHash: undefined,
        publish: {
          id: yield* newEventId,
          event: "integration.disconnected",
          disconnectedBy: UserId.make("ada"),
          reason: "user"
        }
      })
      yield* receiveIds(subscriber)
      expect(yield* connections.noteWithdrawal(use, yield* challenge(true))).toBe(false)
      yield* connections.clearWithdrawal(use, yield* recovered)
      expect((yield* connections.find(key)).status).toBe("disconnected")
      expect(yield* receiveIds(subscriber)).toStrictEqual([])
    }),
    timeout
  )

  it.effect(
    "it can be connected again, and its provider may end it as any other",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const maintenance = yield* Maintenance
      const { integration, key } = yield* lasting
      yield* connections.noteWithdrawal(yield* used(key), yield* challenge(true))
      const again = withGrant(
        yield* newGrant({ refreshToken: undefined, expiresIn: undefined }),
        undefined,
        { account: acme }
      )
      expect((yield* connections.connect(yield* connectCommand(key, again))).id).toBe(
        integration.id
      )
      expect(yield* stateOf(key)).toStrictEqual(works)

      yield* connections.noteWithdrawal(yield* used(key), yield* challenge(true))
      const ended = yield* connections.markRevoked(key, {
        quarantine: Duration.days(7),
        publish: {
          id: yield* newEventId,
          event: "integration.disconnected",
          disconnectedBy: UserId.make("system"),
          reason: "revoked"
        }
      })
      expect(ended).toBe(true)
      yield* maintenance.restore(key, { id: yield* newEventId, event: "integration.connected" })
      expect(yield* stateOf(key)).toStrictEqual(works)
    }),
    timeout
  )

  it.effect(
    "S-57 another tenant can neither tell nor recover it",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const { key } = yield* lasting
      const use = yield* used(key)
      const foreign = { ...use, tenantId: yield* freshTenant }
      expect(yield* connections.noteWithdrawal(foreign, yield* challenge(true))).toBe(false)
      expect(yield* stateOf(key)).toStrictEqual(works)
      yield* connections.noteWithdrawal(use, yield* challenge(true))
      yield* connections.clearWithdrawal(foreign, yield* recovered)
      expect(yield* stateOf(key)).toStrictEqual(told)
    }),
    timeout
  )

  it.effect(
    "writes nothing where the event cannot be recorded",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const { key } = yield* lasting
      const use = yield* used(key)
      const command = yield* challenge(true)
      yield* connections.noteWithdrawal(use, command)
      const again = { id: command.publish.id, event: "integration.recovered" as const }
      expect(Exit.isFailure(yield* Effect.exit(connections.clearWithdrawal(use, again)))).toBe(true)
      expect(yield* stateOf(key)).toStrictEqual(told)
    }),
    timeout
  )
}
