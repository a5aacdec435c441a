import { expect } from "@effect/vitest"
import { type Account, ConnectionStore, type IntegrationKey, type UserId } from "@hawser/core"
import { DateTime, Duration, Effect } from "effect"
import { advance } from "../StoreClock.ts"
import { comparable } from "./comparable.ts"
import {
  ann,
  bob,
  connectCommand,
  disconnectCommand,
  freshTenant,
  github,
  keyOf,
  newGrant,
  withGrant
} from "./fixtures.ts"
import { inParallel, times } from "./inParallel.ts"
import { freshSubscriber, receiveIds } from "./subscriber.ts"
import type { SuiteIt } from "./SuiteServices.ts"

const acme: Account = { id: "4711", label: "Acme, Inc. \u{1f680}" }
const other: Account = { id: "4712", label: undefined }

const connectAs = Effect.fnUntraced(function* (
  key: IntegrationKey,
  account: Account | undefined,
  options: {
    readonly by?: UserId
    readonly reauthorizes?: boolean
    readonly scopes?: ReadonlyArray<string>
    readonly site?: string
  } = {}
) {
  const { by = ann, reauthorizes = false, scopes = ["repo"], site = "eu" } = options
  const grant = yield* newGrant(reauthorizes ? { tokenType: "DPoP", expiresIn: 60 } : {})
  const command = yield* connectCommand(
    key,
    withGrant(grant, scopes, { account, reauthorizes, fields: { site } }),
    by
  )
  return { command, grant }
})

export const integrationAccountSuite = (it: SuiteIt, timeout: number | undefined): void => {
  it.effect(
    "S-27 keeps the account and the tenant's fields, and forgets them when the tenant disconnects",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const key = keyOf(yield* freshTenant, github)
      const { command } = yield* connectAs(key, acme)
      const connected = yield* connections.connect(command)
      expect([connected.account, connected.fields]).toStrictEqual([acme, { site: "eu" }])
      expect(comparable(yield* connections.find(key))).toStrictEqual(comparable(connected))

      const ended = yield* connections.disconnect(yield* disconnectCommand(key))
      expect([ended.account, ended.fields]).toStrictEqual([undefined, {}])
      // Free for any account again.
      const again = yield* connections.connect((yield* connectAs(key, other)).command)
      expect([again.id, again.account]).toStrictEqual([connected.id, other])
    }),
    timeout
  )

  it.effect(
    "reauthorizes a connected integration: the new tokens, scopes and person take the old one's place",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const subscriber = yield* freshSubscriber()
      const key = keyOf(yield* freshTenant, github)
      const first = yield* connectAs(key, acme)
      const connected = yield* connections.connect(first.command)
      const second = yield* connectAs(key, acme, {
        by: bob,
        reauthorizes: true,
        scopes: ["repo", "gist"],
        site: "us"
      })
      yield* advance(Duration.minutes(1))
      const before = yield* connections.find(key)
      const renewed = yield* connections.connect(second.command)
      expect(renewed).toMatchObject({
        id: connected.id,
        status: "connected",
        connectedBy: bob,
        scopes: ["repo", "gist"],
        fields: { site: "us" }
      })
      expect(
        DateTime.toEpochMillis(renewed.connectedAt) - DateTime.toEpochMillis(before.connectedAt)
      ).toBeGreaterThanOrEqual(60_000)
      const { expiresIn: _, ...issued } = second.grant
      const { expiresAt, ...kept } = yield* connections.grant(key)
      const expected = { ...issued, scopes: ["repo", "gist"], expired: false }
      expect(comparable(kept)).toMatchObject(comparable(expected) as typeof expected)
      expect(expiresAt).toBeDefined()
      yield* advance(Duration.seconds(61))
      expect((yield* connections.grant(key)).expired).toBe(true)
      expect(yield* receiveIds(subscriber)).toStrictEqual([
        first.command.publish.id,
        second.command.publish.id
      ])
    }),
    timeout
  )

  it.effect(
    "S-27 refuses to reauthorize with another account, and the old tokens stay",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const key = keyOf(yield* freshTenant, github)
      const first = yield* connectAs(key, acme)
      yield* connections.connect(first.command)
      const subscriber = yield* freshSubscriber()
      const { command } = yield* connectAs(key, other, { reauthorizes: true })
      const error = yield* Effect.flip(connections.connect(command))
      expect(error).toMatchObject({ _tag: "AccountMismatch", provider: github })
      expect((yield* connections.grant(key)).id).toBe(first.grant.id)
      expect((yield* connections.find(key)).account).toStrictEqual(acme)
      expect(yield* receiveIds(subscriber)).toStrictEqual([])
    }),
    timeout
  )

  it.effect(
    "does not replace tokens where nobody asked to reauthorize, whoever comes back",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const key = keyOf(yield* freshTenant, github)
      yield* connections.connect((yield* connectAs(key, acme)).command)
      for (const account of [acme, other, undefined]) {
        const { command } = yield* connectAs(key, account)
        expect((yield* Effect.flip(connections.connect(command)))._tag).toBe("AlreadyConnected")
      }
    }),
    timeout
  )

  it.effect(
    "connects for the first time where a flow that was to reauthorize finds nothing",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const key = keyOf(yield* freshTenant, github)
      const { command } = yield* connectAs(key, acme, { reauthorizes: true })
      expect((yield* connections.connect(command)).status).toBe("connected")
    }),
    timeout
  )

  it.effect(
    "of accounts that race to connect one wins, and the others find it connected",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const key = keyOf(yield* freshTenant, github)
      const commands = yield* Effect.all(
        times(20, (index) => connectAs(key, index % 2 === 0 ? acme : other))
      )
      const { failed, succeeded } = yield* inParallel(
        commands.map(({ command }) => connections.connect(command))
      )
      expect(succeeded).toHaveLength(1)
      expect(new Set(failed.map(({ _tag }) => _tag))).toStrictEqual(new Set(["AlreadyConnected"]))
    }),
    timeout
  )

  it.effect(
    "S-27 reauthorizes where either account is not known, and the new one is kept",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const key = keyOf(yield* freshTenant, github)
      yield* connections.connect((yield* connectAs(key, acme)).command)
      for (const account of [undefined, other]) {
        const { command, grant } = yield* connectAs(key, account, { reauthorizes: true })
        expect((yield* connections.connect(command)).account).toStrictEqual(account)
        expect((yield* connections.grant(key)).id).toBe(grant.id)
      }
    }),
    timeout
  )
}
