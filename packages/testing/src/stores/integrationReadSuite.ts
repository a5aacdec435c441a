import { expect } from "@effect/vitest"
import {
  ConnectionName,
  ConnectionStore,
  tenantsDefault,
  type IntegrationKey,
  type IntegrationProblem,
  keyText,
  newEventId,
  newIntegrationId,
  Owner,
  type PlaceInList,
  ProviderId,
  TenantId,
  tenantsOwn,
  UserId
} from "@hawser/core"
import { DateTime, Duration, Effect } from "effect"
import { advance } from "../StoreClock.ts"
import { comparable } from "./comparable.ts"
import {
  connectCommand,
  datadog,
  disconnectCommand,
  freshTenant,
  github,
  keyOf,
  newGrant,
  storedCredentialId,
  withCredential,
  withGrant
} from "./fixtures.ts"
import type { SuiteIt } from "./SuiteServices.ts"

const byCodeUnits = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

const connectGrant = Effect.fnUntraced(function* (key: IntegrationKey) {
  const integrations = yield* ConnectionStore
  return yield* integrations.connect(yield* connectCommand(key, withGrant(yield* newGrant())))
})

export const integrationReadSuite = (it: SuiteIt, timeout: number | undefined): void => {
  it.effect(
    "S-57 S-58 what another tenant has is not there: not to find, not to list, not to read",
    Effect.fnUntraced(function* () {
      const integrations = yield* ConnectionStore
      const tenantId = yield* freshTenant
      yield* connectGrant(keyOf(tenantId, github))
      // Ids that a careless comparison would take for the same.
      const others = [
        yield* freshTenant,
        TenantId.make(tenantId.toUpperCase()),
        TenantId.make(`${tenantId} `),
        TenantId.make(tenantId.slice(0, -1)),
        TenantId.make(`${tenantId.slice(0, -1)}%`)
      ]
      for (const other of others) {
        const key = keyOf(other, github)
        expect((yield* Effect.flip(integrations.find(key)))._tag).toBe("IntegrationNotFound")
        expect((yield* Effect.flip(integrations.grant(key)))._tag).toBe("NotConnected")
        expect(
          yield* integrations.list({
            tenantId: other,
            owners: "all"
          })
        ).toStrictEqual({ items: [], total: 0 })
      }
    }),
    timeout
  )

  it.effect(
    "lists by provider, the tenant's own before those of users, by id, in the order of code units",
    Effect.fnUntraced(function* () {
      const integrations = yield* ConnectionStore
      const tenantId = yield* freshTenant
      // A language's collation would sort these otherwise.
      const providers = ["a-z", "a1", "ab"].map((id) => ProviderId.make(id))
      const owners = [tenantsOwn, ...["B", "a"].map((user) => Owner.make(user))]
      const names = ["z", "a", "default"].map((name) => ConnectionName.make(name))
      const keys = providers.flatMap((provider) =>
        owners.flatMap((owner) => names.map((name) => ({ tenantId, owner, provider, name })))
      )
      const ids = new Map<string, string>()
      for (const key of keys.toReversed()) ids.set(keyText(key), (yield* connectGrant(key)).id)
      const { items } = yield* integrations.list({
        tenantId,
        owners: "all"
      })
      const expected = providers.flatMap((provider) =>
        owners.flatMap((owner) =>
          names
            .map((name) => ids.get(keyText({ tenantId, owner, provider, name })) ?? "")
            .toSorted(byCodeUnits)
        )
      )
      expect(items.map(({ id }) => id)).toStrictEqual(expected)
    }),
    timeout
  )

  it.effect(
    "lists by status, by provider, and by both",
    Effect.fnUntraced(function* () {
      const integrations = yield* ConnectionStore
      const tenantId = yield* freshTenant
      const ended = keyOf(tenantId, datadog)
      const running = { ...ended, name: ConnectionName.make("second") }
      const other = yield* connectGrant(keyOf(tenantId, github))
      yield* connectGrant(ended)
      const disconnected = yield* integrations.disconnect(yield* disconnectCommand(ended))
      const connected = yield* connectGrant(running)
      const cases = [
        { status: "connected", provider: undefined, expected: [connected, other] },
        { status: "disconnected", provider: undefined, expected: [disconnected] },
        { status: "error", provider: undefined, expected: [] },
        { status: undefined, provider: datadog, expected: [disconnected, connected] },
        { status: "connected", provider: datadog, expected: [connected] },
        { status: "disconnected", provider: github, expected: [] }
      ] as const
      for (const { expected, provider, status } of cases) {
        const listed = yield* integrations.list({
          tenantId,
          status,
          provider,
          owners: "all"
        })
        expect(comparable(listed)).toStrictEqual(
          comparable({ items: expected, total: expected.length })
        )
      }
    }),
    timeout
  )

  it.effect(
    "lists by problem",
    Effect.fnUntraced(function* () {
      const integrations = yield* ConnectionStore
      const tenantId = yield* freshTenant
      const key = keyOf(tenantId, github)
      yield* connectGrant(key)
      yield* connectGrant(keyOf(tenantId, datadog))
      yield* integrations.markRevoked(key, {
        quarantine: Duration.days(7),
        publish: {
          id: yield* newEventId,
          event: "integration.disconnected",
          disconnectedBy: UserId.make("system"),
          reason: "revoked"
        }
      })
      const having = (...problem: ReadonlyArray<IntegrationProblem>) =>
        integrations
          .list({
            tenantId,
            owners: "all",
            problem
          })
          .pipe(Effect.map(({ items, total }) => [total, ...items.map(({ provider }) => provider)]))
      expect(yield* having("revoked")).toStrictEqual([1, github])
      expect(yield* having("refresh_failed", "revoked")).toStrictEqual([1, github])
      expect(yield* having("refresh_failed")).toStrictEqual([0])
      expect(yield* having()).toStrictEqual([0])
    }),
    timeout
  )

  it.effect(
    "lists page by page, with the total of all pages on each",
    Effect.fnUntraced(function* () {
      const integrations = yield* ConnectionStore
      const tenantId = yield* freshTenant
      const keys = [datadog, github].flatMap((provider) =>
        ["a", "b"].map((name) => ({
          ...keyOf(tenantId, provider),
          name: ConnectionName.make(name)
        }))
      )
      const all = (yield* Effect.forEach(keys, connectGrant)).toSorted((a, b) =>
        a.provider === b.provider ? (a.id < b.id ? -1 : 1) : a.provider < b.provider ? -1 : 1
      )
      const page = (limit: number, after: PlaceInList | undefined) =>
        integrations.list({
          tenantId,
          owners: "all",
          page: { limit, after }
        })
      expect(comparable(yield* page(3, undefined))).toStrictEqual(
        comparable({ items: all.slice(0, 3), total: 4 })
      )
      expect(comparable(yield* page(3, all[2]))).toStrictEqual(
        comparable({ items: all.slice(3), total: 4 })
      )
      expect(yield* page(3, all[3])).toStrictEqual({ items: [], total: 4 })
      // A place where nothing is, or no longer: the page begins after it all the same.
      const gone = yield* newIntegrationId
      const place = { provider: datadog, owner: tenantsOwn, id: gone }
      const next = all.find((one) => one.provider === github || one.id > gone)
      expect(comparable(yield* page(1, place))).toStrictEqual(
        comparable({ items: next === undefined ? [] : [next], total: 4 })
      )
    }),
    timeout
  )

  it.effect(
    "keeps the connections of one provider apart",
    Effect.fnUntraced(function* () {
      const integrations = yield* ConnectionStore
      const tenantId = yield* freshTenant
      const first = { tenantId, provider: github, ...tenantsDefault }
      const second = { ...first, name: ConnectionName.make("second") }
      const one = yield* connectGrant(first)
      expect((yield* Effect.flip(integrations.find(second)))._tag).toBe("IntegrationNotFound")
      const two = yield* connectGrant(second)
      expect(two.id).not.toBe(one.id)
      yield* integrations.disconnect(yield* disconnectCommand(first))
      expect((yield* integrations.find(second)).status).toBe("connected")
      expect((yield* integrations.grant(second)).expired).toBe(false)
      expect((yield* Effect.flip(integrations.grant(first)))._tag).toBe("NotConnected")
    }),
    timeout
  )

  it.effect(
    "has no tokens for an integration that is connected with an API key",
    Effect.fnUntraced(function* () {
      const integrations = yield* ConnectionStore
      const key = keyOf(yield* freshTenant, datadog)
      const credentialId = yield* storedCredentialId(key.tenantId, datadog)
      yield* integrations.connect(yield* connectCommand(key, withCredential(credentialId)))
      expect(yield* Effect.flip(integrations.grant(key))).toMatchObject({
        _tag: "NotConnected",
        provider: datadog
      })
    }),
    timeout
  )

  it.effect(
    "judges an access token's life by its own clock, from the moment of storing",
    Effect.fnUntraced(function* () {
      const integrations = yield* ConnectionStore
      const key = keyOf(yield* freshTenant, github)
      const grant = yield* newGrant({ expiresIn: 3600 })
      const { connectedAt } = yield* integrations.connect(
        yield* connectCommand(key, withGrant(grant))
      )
      const { expiresAt } = yield* integrations.grant(key)
      const life =
        DateTime.toEpochMillis(expiresAt ?? connectedAt) - DateTime.toEpochMillis(connectedAt)
      // A database may round the two instants differently.
      expect(Math.abs(life - 3_600_000)).toBeLessThanOrEqual(1)
      yield* advance(Duration.minutes(55))
      const late = yield* integrations.grant(key)
      expect([late.expired, late.lifetime]).toStrictEqual([false, 3600])
      expect(late.remaining).toBeGreaterThan(280)
      expect(late.remaining).toBeLessThanOrEqual(300)
      yield* advance(Duration.minutes(5))
      const dead = yield* integrations.grant(key)
      expect([dead.expired, dead.remaining, dead.lifetime]).toStrictEqual([true, 0, 3600])
    }),
    timeout
  )

  it.effect(
    "never lets a token expire whose provider tells no life",
    Effect.fnUntraced(function* () {
      const integrations = yield* ConnectionStore
      const key = keyOf(yield* freshTenant, github)
      const grant = yield* newGrant({
        expiresIn: undefined,
        refreshToken: undefined,
        dpopKey: undefined
      })
      yield* integrations.connect(yield* connectCommand(key, withGrant(grant)))
      yield* advance(Duration.days(400))
      const stored = yield* integrations.grant(key)
      expect(stored.expiresAt).toBe(undefined)
      expect(stored.expired).toBe(false)
      expect([stored.refreshToken, stored.dpopKey]).toStrictEqual([undefined, undefined])
    }),
    timeout
  )

  it.effect(
    "keeps its own bytes, whatever a caller does with those given or answered",
    Effect.fnUntraced(function* () {
      const integrations = yield* ConnectionStore
      const key = keyOf(yield* freshTenant, github)
      const grant = yield* newGrant()
      const original = comparable([grant.accessToken, grant.refreshToken, grant.dpopKey])
      yield* integrations.connect(yield* connectCommand(key, withGrant(grant)))
      grant.accessToken.fill(0)
      grant.refreshToken?.fill(0)
      grant.dpopKey?.fill(0)
      const stored = yield* integrations.grant(key)
      expect(comparable([stored.accessToken, stored.refreshToken, stored.dpopKey])).toStrictEqual(
        original
      )
      stored.accessToken.fill(0)
      stored.refreshToken?.fill(0)
      stored.dpopKey?.fill(0)
      const again = yield* integrations.grant(key)
      expect(comparable([again.accessToken, again.refreshToken, again.dpopKey])).toStrictEqual(
        original
      )
    }),
    timeout
  )
}
