import { expect } from "@effect/vitest"
import { ConnectionStore, newEventId, type SealedTokens } from "@hawser/core"
import { Duration, Effect, Exit } from "effect"
import { advance } from "../StoreClock.ts"
import { comparable } from "./comparable.ts"
import {
  connectCommand,
  disconnectCommand,
  newGrant,
  sealedBytes,
  secondOf,
  withGrant,
  eventConnection
} from "./fixtures.ts"
import {
  acquireStored,
  claimDueOf,
  connectedGrant,
  deferCommand,
  endCommand,
  failingGrant,
  leaseOf,
  leaseTime,
  newTokens,
  renewCommand
} from "./grants.ts"
import { inParallel } from "./inParallel.ts"
import { freshSubscriber, receiveEvents, receiveIds } from "./subscriber.ts"
import type { SuiteIt } from "./SuiteServices.ts"

export const grantRenewSuite = (it: SuiteIt, timeout: number | undefined): void => {
  it.effect(
    "S-35 the new tokens take the old ones' place as the next generation of the same grant, without an event",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const { grant, integration, key } = yield* connectedGrant()
      const subscriber = yield* freshSubscriber()
      yield* advance(Duration.minutes(50))
      const tokens = newTokens({ expiresIn: 7200, tokenType: "mac" })
      expect(
        yield* connections.renewGrant(yield* leaseOf(key), yield* renewCommand(tokens, ["repo"]))
      ).toBe(true)
      const stored = yield* connections.grant(key)
      expect(stored).toMatchObject({
        id: grant.id,
        clientFingerprint: grant.clientFingerprint,
        integrationId: integration.id,
        generation: 2,
        tokenType: "mac",
        scopes: ["repo"],
        lifetime: 7200,
        expired: false
      })
      expect(comparable([stored.accessToken, stored.refreshToken])).toStrictEqual(
        comparable([tokens.accessToken, tokens.refreshToken])
      )
      expect(stored.remaining).toBeGreaterThan(7100)
      expect(yield* connections.find(key)).toMatchObject({ status: "connected", scopes: ["repo"] })
      expect(yield* receiveIds(subscriber)).toStrictEqual([])
      // The lease went with it: the next one may refresh.
      expect((yield* acquireStored(key))._tag).toBe("Acquired")
    }),
    timeout
  )

  it.effect(
    "S-126 who asks again, having lost the answer, hears that the tokens are stored; of others it is false",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const { key } = yield* connectedGrant()
      const lease = yield* leaseOf(key)
      const command = yield* renewCommand(newTokens(), ["repo"])
      expect(yield* connections.renewGrant(lease, command)).toBe(true)
      expect(yield* connections.renewGrant(lease, command)).toBe(true)
      expect(yield* connections.renewGrant(lease, yield* renewCommand(newTokens(), ["repo"]))).toBe(
        false
      )
      expect((yield* (yield* ConnectionStore).grant(key)).generation).toBe(2)
    }),
    timeout
  )

  it.effect(
    "S-66 S-106 what moves goes with the tokens that are sealed for it, in one write, and the event says so",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      for (const isFailing of [false, true]) {
        const { integration, key } = yield* connectedGrant(undefined, {
          fields: { host: "na1.forge.example", region: "us" }
        })
        if (isFailing) yield* failingGrant(key)
        const subscriber = yield* freshSubscriber("now")
        const tokens = newTokens()
        const dpopKey = sealedBytes()
        const command = {
          ...(yield* renewCommand(tokens)),
          moves: {
            fields: { host: "na2.forge.example", region: "us" },
            dpopKey,
            publish: { id: yield* newEventId, event: "integration.moved" as const }
          }
        }
        expect(yield* connections.renewGrant(yield* leaseOf(key), command)).toBe(true)
        const stored = yield* connections.grant(key)
        expect(stored.fields).toStrictEqual(command.moves.fields)
        expect(comparable([stored.accessToken, stored.refreshToken, stored.dpopKey])).toStrictEqual(
          comparable([tokens.accessToken, tokens.refreshToken, dpopKey])
        )
        expect(yield* connections.find(key)).toMatchObject({
          status: "connected",
          fields: command.moves.fields
        })
        const data = { integrationId: integration.id, provider: key.provider, ...eventConnection }
        const moved = {
          id: command.moves.publish.id,
          event: "integration.moved",
          tenantId: key.tenantId,
          data
        }
        const recovered = { ...moved, id: command.publish.id, event: "integration.recovered" }
        expect(yield* receiveEvents(subscriber)).toStrictEqual(
          isFailing ? [recovered, moved] : [moved]
        )
        // An older lease moves nothing.
        expect(yield* connections.renewGrant(yield* leaseOf(key), yield* renewCommand())).toBe(true)
        expect((yield* connections.grant(key)).fields).toStrictEqual(command.moves.fields)
      }
    }),
    timeout
  )

  it.effect(
    "S-66 what moves to where its owner has the account already keeps its tokens, and tells no account",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const account = { id: "account-1", label: "Acme" }
      const at = (host: string) => ({ account, fields: { host, region: "us" } })
      const moving = Effect.fnUntraced(function* (tokens: SealedTokens, host: string) {
        return {
          ...(yield* renewCommand(tokens)),
          moves: {
            fields: { host, region: "us" },
            dpopKey: undefined,
            publish: { id: yield* newEventId, event: "integration.moved" as const }
          }
        }
      })
      const { key } = yield* connectedGrant(undefined, at("na1.forge.example"))
      const second = secondOf(key)
      yield* connections.connect(
        yield* connectCommand(
          second,
          withGrant(yield* newGrant(), undefined, at("na2.forge.example"))
        )
      )
      const tokens = newTokens()
      expect(
        yield* connections.renewGrant(
          yield* leaseOf(key),
          yield* moving(tokens, "na2.forge.example")
        )
      ).toBe(true)
      expect(comparable((yield* connections.grant(key)).accessToken)).toStrictEqual(
        comparable(tokens.accessToken)
      )
      const moved = yield* connections.find(key)
      expect([moved.status, moved.account, moved.fields["host"]]).toStrictEqual([
        "connected",
        undefined,
        "na2.forge.example"
      ])
      expect((yield* connections.find(second)).account).toStrictEqual(account)
      // It may move on, beside the other one, and to where nobody is.
      for (const host of ["na3.forge.example", "na2.forge.example"])
        expect(
          yield* connections.renewGrant(yield* leaseOf(key), yield* moving(newTokens(), host))
        ).toBe(true)
      yield* connections.disconnect(yield* disconnectCommand(key))

      // Two that move there at one moment: both keep their tokens, and one of them the account.
      const first = yield* connectedGrant(undefined, at("na1.forge.example"))
      const other = secondOf(first.key)
      yield* connections.connect(
        yield* connectCommand(
          other,
          withGrant(yield* newGrant(), undefined, at("na3.forge.example"))
        )
      )
      const leases = [yield* leaseOf(first.key), yield* leaseOf(other)] as const
      const commands = [
        yield* moving(newTokens(), "na2.forge.example"),
        yield* moving(newTokens(), "na2.forge.example")
      ] as const
      const { succeeded } = yield* inParallel([
        connections.renewGrant(leases[0], commands[0]),
        connections.renewGrant(leases[1], commands[1])
      ])
      expect(succeeded).toStrictEqual([true, true])
      const both = [yield* connections.find(first.key), yield* connections.find(other)]
      expect(both.map(({ status }) => status)).toStrictEqual(["connected", "connected"])
      expect(both.filter((one) => one.account !== undefined)).toHaveLength(1)
    }),
    timeout
  )

  it.effect(
    "a token that does not expire is due no more",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const { key } = yield* connectedGrant({ dueIn: 10 })
      const tokens = newTokens({ expiresIn: undefined })
      yield* connections.renewGrant(yield* leaseOf(key), yield* renewCommand(tokens))
      const stored = yield* connections.grant(key)
      expect([stored.expiresAt, stored.remaining, stored.lifetime]).toStrictEqual([
        undefined,
        undefined,
        undefined
      ])
      yield* advance(Duration.days(400))
      expect(yield* claimDueOf(key)).toStrictEqual([])
    }),
    timeout
  )

  it.effect(
    "S-35 a success that comes late is stored while its predecessor still is, and the verdict of who took over is not",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const { key } = yield* connectedGrant()
      const late = yield* leaseOf(key)
      yield* advance(leaseTime)
      const second = yield* leaseOf(key)
      const tokens = newTokens()
      expect(yield* connections.renewGrant(late, yield* renewCommand(tokens))).toBe(true)
      expect(
        yield* connections.endGrant(second, yield* endCommand("refresh_interrupted"))
      ).toStrictEqual({
        _tag: "Superseded"
      })
      yield* connections.deferRefresh(second, yield* deferCommand({ retryIn: Duration.hours(1) }))
      expect(yield* connections.renewGrant(second, yield* renewCommand())).toBe(false)
      const stored = yield* connections.grant(key)
      expect(stored.generation).toBe(2)
      expect(comparable(stored.accessToken)).toStrictEqual(comparable(tokens.accessToken))
      // Neither was the lease of the new tokens deferred.
      expect((yield* acquireStored(key))._tag).toBe("Acquired")
    }),
    timeout
  )

  it.effect(
    "S-35 stores one success of those that come at once",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const { key } = yield* connectedGrant()
      const first = yield* leaseOf(key)
      yield* advance(leaseTime)
      const second = yield* leaseOf(key)
      const commands = [yield* renewCommand(), yield* renewCommand()] as const
      const { succeeded } = yield* inParallel([
        connections.renewGrant(first, commands[0]),
        connections.renewGrant(second, commands[1])
      ])
      expect(succeeded.filter(Boolean)).toHaveLength(1)
      expect((yield* connections.grant(key)).generation).toBe(2)
    }),
    timeout
  )

  it.effect(
    "writes nothing where the integration was disconnected or connected again meanwhile",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const { key } = yield* connectedGrant()
      const lease = yield* leaseOf(key)
      yield* connections.disconnect(yield* disconnectCommand(key))
      expect(yield* connections.renewGrant(lease, yield* renewCommand())).toBe(false)
      expect((yield* Effect.flip(connections.grant(key)))._tag).toBe("NotConnected")
      const again = yield* newGrant()
      yield* connections.connect(yield* connectCommand(key, withGrant(again)))
      expect(yield* connections.renewGrant(lease, yield* renewCommand())).toBe(false)
      expect(comparable((yield* connections.grant(key)).accessToken)).toStrictEqual(
        comparable(again.accessToken)
      )
    }),
    timeout
  )

  it.effect(
    "S-37 an integration at error is connected again, with one event",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const { integration, key } = yield* connectedGrant()
      yield* failingGrant(key)
      const subscriber = yield* freshSubscriber()
      const command = yield* renewCommand()
      yield* connections.renewGrant(yield* leaseOf(key), command)
      expect(yield* connections.find(key)).toMatchObject({
        id: integration.id,
        status: "connected",
        problem: undefined
      })
      expect(yield* receiveEvents(subscriber)).toStrictEqual([
        {
          id: command.publish.id,
          event: "integration.recovered",
          tenantId: key.tenantId,
          data: { integrationId: integration.id, provider: key.provider, ...eventConnection }
        }
      ])
      // Failures count from here.
      expect((yield* leaseOf(key)).failures).toBe(0)
      yield* connections.renewGrant(
        yield* Effect.andThen(advance(leaseTime), leaseOf(key)),
        yield* renewCommand()
      )
      expect(yield* receiveIds(subscriber)).toStrictEqual([])
    }),
    timeout
  )

  it.effect(
    "keeps the old tokens where its event cannot be recorded",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const { key } = yield* connectedGrant()
      const taken = yield* failingGrant(key)
      const lease = yield* leaseOf(key)
      const command = yield* renewCommand()
      const failed = yield* Effect.exit(
        connections.renewGrant(lease, { ...command, publish: { ...command.publish, id: taken } })
      )
      expect(Exit.isFailure(failed)).toBe(true)
      expect((yield* connections.find(key)).status).toBe("error")
      expect((yield* connections.grant(key)).generation).toBe(1)
      // The same command may be made again.
      expect(yield* connections.renewGrant(lease, command)).toBe(true)
    }),
    timeout
  )
}
