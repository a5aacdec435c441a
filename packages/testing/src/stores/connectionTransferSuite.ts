import { expect } from "@effect/vitest"
import {
  ConnectionStore,
  CredentialStore,
  type ImportConnection,
  type IntegrationKey,
  Maintenance,
  newCredentialId,
  newIntegrationId,
  ProviderId,
  type StorageUnavailable,
  type StoredConnection,
  type TenantId,
  tenantsDefault
} from "@hawser/core"
import { DateTime, Duration, Effect } from "effect"
import { advance } from "../StoreClock.ts"
import { comparable } from "./comparable.ts"
import {
  ann,
  bob,
  connectCommand,
  datadog,
  disconnectCommand,
  freshTenant,
  github,
  hashOf,
  keyOf,
  newGrant,
  sealedBytes,
  secondOf,
  storedCredentialId,
  withCredential,
  withGrant
} from "./fixtures.ts"
import { connectedGrant } from "./grants.ts"
import { inParallel, times } from "./inParallel.ts"
import { freshSubscriber, receiveIds } from "./subscriber.ts"
import type { SuiteIt } from "./SuiteServices.ts"

const connectedAt = DateTime.makeUnsafe("2021-05-06T07:08:09Z")
const octocat = { id: "583231", label: "octocat" }

const grantImport = Effect.fnUntraced(function* (
  key: IntegrationKey,
  overrides: Parameters<typeof newGrant>[0] = {}
) {
  const command = {
    ...key,
    newId: yield* newIntegrationId,
    connectedBy: ann,
    userHashes: [hashOf(key.tenantId)],
    connectedAt,
    with: {
      _tag: "Grant",
      grant: yield* newGrant(overrides),
      scopes: ["repo"],
      fields: { site: "eu" },
      account: octocat
    }
  } satisfies ImportConnection
  return command
})

const credentialImport = Effect.fnUntraced(function* (key: IntegrationKey) {
  const command = {
    ...key,
    newId: yield* newIntegrationId,
    connectedBy: ann,
    userHashes: [hashOf(key.tenantId)],
    connectedAt: undefined,
    with: {
      _tag: "Credential",
      credential: {
        id: yield* newCredentialId,
        label: "production",
        sealedFields: sealedBytes(),
        account: octocat
      }
    }
  } satisfies ImportConnection
  return command
})

/** All pages, and of them what is this tenant's. */
const exportedOf = Effect.fnUntraced(function* (
  tenantId: TenantId,
  limit: number = 1_000_000
): Effect.fn.Return<ReadonlyArray<StoredConnection>, StorageUnavailable, Maintenance> {
  const { exportConnections: exportPage } = yield* Maintenance
  const own: Array<StoredConnection> = []
  let page = yield* exportPage({ limit, after: undefined })
  for (;;) {
    expect(page.length).toBeLessThanOrEqual(limit)
    own.push(...page.filter(({ integration }) => integration.tenantId === tenantId))
    const last = page.at(-1)?.integration
    if (last === undefined) return own
    page = yield* exportPage({ limit, after: last })
  }
})

export const connectionTransferSuite = (it: SuiteIt, timeout: number | undefined): void => {
  it.effect(
    "imports tokens as a connection that works, and tells nobody",
    Effect.fnUntraced(function* () {
      const maintenance = yield* Maintenance
      const connections = yield* ConnectionStore
      const subscriber = yield* freshSubscriber()
      const key = keyOf(yield* freshTenant, github)
      const command = yield* grantImport(key, { expiresIn: 600 })
      expect(yield* maintenance.importConnection(command)).toBe(undefined)
      expect(comparable(yield* connections.find(key))).toStrictEqual(
        comparable({
          ...key,
          id: command.newId,
          status: "connected",
          connectedBy: ann,
          connectedAt,
          scopes: ["repo"],
          fields: { site: "eu" },
          account: octocat
        })
      )
      const grant = yield* connections.grant(key)
      const { accessToken, clientFingerprint, id, refreshToken, tokenType } = command.with.grant
      expect(comparable(grant)).toMatchObject(
        comparable({ accessToken, clientFingerprint, id, refreshToken, tokenType }) as object
      )
      expect([grant.generation, grant.expired, grant.lifetime]).toStrictEqual([1, false, 600])
      expect(yield* receiveIds(subscriber)).toStrictEqual([])
    }),
    timeout
  )

  it.effect(
    "imported tokens come due, and the next change is told of like any other",
    Effect.fnUntraced(function* () {
      const maintenance = yield* Maintenance
      const connections = yield* ConnectionStore
      const key = keyOf(yield* freshTenant, github)
      const command = yield* grantImport(key, {
        dueIn: 120,
        refreshExpiresIn: 3600,
        refreshNoticeIn: 60,
        dpopKey: sealedBytes()
      })
      yield* maintenance.importConnection(command)
      expect((yield* connections.grant(key)).dpopKey).toStrictEqual(command.with.grant.dpopKey)
      const due = Effect.map(
        maintenance.claimDueGrants({ limit: 1_000_000, hold: Duration.seconds(30) }),
        (all) => all.filter(({ tenantId }) => tenantId === key.tenantId)
      )
      expect(yield* due).toStrictEqual([])
      yield* advance(Duration.seconds(60))
      expect((yield* due).map(({ refreshEndsSoon }) => refreshEndsSoon)).toStrictEqual([true])
      const subscriber = yield* freshSubscriber()
      const disconnect = yield* disconnectCommand(key)
      yield* connections.disconnect(disconnect)
      const again = yield* connectCommand(key, withGrant(yield* newGrant()))
      yield* connections.connect(again)
      expect(yield* receiveIds(subscriber)).toStrictEqual([disconnect.publish.id, again.publish.id])
    }),
    timeout
  )

  it.effect(
    "imports an API key with its connection",
    Effect.fnUntraced(function* () {
      const maintenance = yield* Maintenance
      const connections = yield* ConnectionStore
      const credentials = yield* CredentialStore
      const key = keyOf(yield* freshTenant, datadog)
      const command = yield* credentialImport(key)
      expect(yield* maintenance.importConnection(command)).toBe(undefined)
      const { id, label, sealedFields } = command.with.credential
      expect(yield* connections.find(key)).toMatchObject({ credentialId: id, account: octocat })
      const { provider, tenantId } = key
      const stored = yield* credentials.find({ tenantId, ...tenantsDefault, provider, id })
      expect(comparable(stored)).toMatchObject(
        comparable({
          label,
          sealedFields,
          account: octocat,
          status: "unverified",
          createdBy: ann
        }) as object
      )
      // As one that was connected here: not under two names.
      const twin = yield* Effect.flip(
        maintenance.importConnection(yield* credentialImport(secondOf(key)))
      )
      expect(twin).toMatchObject({ _tag: "AccountAlreadyConnected", integrationId: command.newId })
    }),
    timeout
  )

  it.effect(
    "leaves what is there as it is, whatever its status, and answers it",
    Effect.fnUntraced(function* () {
      const maintenance = yield* Maintenance
      const connections = yield* ConnectionStore
      const credentials = yield* CredentialStore
      const key = keyOf(yield* freshTenant, github)
      const first = yield* grantImport(key)
      yield* maintenance.importConnection(first)
      const connected = yield* maintenance.importConnection({
        ...(yield* grantImport(key)),
        connectedBy: bob
      })
      expect([connected?.id, connected?.connectedBy]).toStrictEqual([first.newId, ann])
      expect((yield* connections.grant(key)).id).toBe(first.with.grant.id)
      yield* connections.disconnect(yield* disconnectCommand(key))
      const disconnected = yield* maintenance.importConnection(yield* grantImport(key))
      expect(disconnected?.status).toBe("disconnected")
      expect((yield* Effect.flip(connections.grant(key)))._tag).toBe("NotConnected")
      // Nor is a key stored that nothing is connected with.
      const late = yield* credentialImport(key)
      yield* maintenance.importConnection(late)
      const { id } = late.with.credential
      const { provider, tenantId } = key
      expect(
        (yield* Effect.flip(credentials.find({ tenantId, ...tenantsDefault, provider, id })))._tag
      ).toBe("CredentialNotFound")
    }),
    timeout
  )

  it.effect(
    "20 racing imports of one connection write one",
    Effect.fnUntraced(function* () {
      const maintenance = yield* Maintenance
      const key = keyOf(yield* freshTenant, github)
      const commands = yield* Effect.all(times(20, () => grantImport(key)))
      const { succeeded } = yield* inParallel(commands.map(maintenance.importConnection))
      expect(succeeded.filter((existing) => existing === undefined)).toHaveLength(1)
      expect(new Set(succeeded.flatMap((existing) => existing?.id ?? []))).toHaveLength(1)
    }),
    timeout
  )

  it.effect(
    "exports what is connected, with what it is connected with, page by page",
    Effect.fnUntraced(function* () {
      const maintenance = yield* Maintenance
      const connections = yield* ConnectionStore
      const credentials = yield* CredentialStore
      const tenantId = yield* freshTenant
      const [oauth, apiKey] = [keyOf(tenantId, github), keyOf(tenantId, datadog)]
      yield* maintenance.importConnection(yield* grantImport(oauth))
      const credentialId = yield* storedCredentialId(tenantId, datadog)
      // One that nothing is connected with is not a connection.
      yield* storedCredentialId(tenantId, datadog)
      yield* connections.connect(yield* connectCommand(apiKey, withCredential(credentialId)))
      const expected = [
        {
          integration: yield* connections.find(apiKey),
          with: {
            _tag: "Credential",
            credential: yield* credentials.find({
              tenantId,
              ...tenantsDefault,
              provider: datadog,
              id: credentialId
            })
          }
        },
        { integration: yield* connections.find(oauth), with: { _tag: "Grant" } }
      ]
      const exported = yield* exportedOf(tenantId)
      expect(comparable(exported)).toMatchObject(comparable(expected) as object)
      const [, withTokens] = exported
      const grant = withTokens?.with._tag === "Grant" ? withTokens.with.grant : undefined
      const { accessToken, id, refreshToken } = yield* connections.grant(oauth)
      expect(comparable(grant)).toMatchObject(
        comparable({ accessToken, id, refreshToken }) as object
      )
      expect(comparable(yield* exportedOf(tenantId, 1))).toMatchObject(
        comparable(expected) as object
      )
      yield* connections.disconnect(yield* disconnectCommand(oauth))
      expect(yield* exportedOf(tenantId)).toHaveLength(1)
    }),
    timeout
  )

  it.effect(
    "does not export what its provider ended",
    Effect.fnUntraced(function* () {
      const maintenance = yield* Maintenance
      const connections = yield* ConnectionStore
      const key = keyOf(yield* freshTenant, github)
      yield* maintenance.importConnection(yield* grantImport(key))
      const { publish } = yield* disconnectCommand(key)
      const command = { quarantine: Duration.days(7), publish }
      expect(yield* connections.markRevoked(key, command)).toBe(true)
      expect(yield* exportedOf(key.tenantId)).toStrictEqual([])
    }),
    timeout
  )

  it.effect(
    "pages through the tenants of a provider, each once, in the statuses that are asked for",
    Effect.fnUntraced(function* () {
      const maintenance = yield* Maintenance
      const connections = yield* ConnectionStore
      const provider = ProviderId.make(`p-${crypto.randomUUID()}`)
      const tenants = (yield* Effect.all(times(5, () => freshTenant))).toSorted()
      const connected = yield* Effect.forEach(tenants, (tenantId) =>
        Effect.gen(function* () {
          const key = keyOf(tenantId, provider)
          return yield* connections.connect(
            yield* connectCommand(key, withGrant(yield* newGrant()))
          )
        })
      )
      yield* connectedGrant()
      const page = (after?: TenantId, limit = 2) =>
        maintenance.connectionsOfProvider({
          provider,
          status: ["connected", "error"],
          limit,
          after: after && keyOf(after, provider)
        })
      expect(yield* page()).toStrictEqual(connected.slice(0, 2))
      expect(yield* page(tenants[1])).toStrictEqual(connected.slice(2, 4))
      expect(yield* page(tenants[3])).toStrictEqual(connected.slice(4))
      expect(yield* page(tenants[4])).toStrictEqual([])
      expect(yield* page(undefined, 100)).toStrictEqual(connected)

      const [first = yield* freshTenant] = tenants
      yield* connections.disconnect(yield* disconnectCommand(keyOf(first, provider)))
      expect(yield* page(undefined, 100)).toStrictEqual(connected.slice(1))
      const ended = yield* maintenance.connectionsOfProvider({
        provider,
        status: ["disconnected"],
        limit: 100,
        after: undefined
      })
      expect(ended.map(({ tenantId }) => tenantId)).toStrictEqual([first])
    }),
    timeout
  )

  it.effect(
    "pages through those that lack a scope, by whichever of its names",
    Effect.fnUntraced(function* () {
      const maintenance = yield* Maintenance
      const connections = yield* ConnectionStore
      const provider = ProviderId.make(`p-${crypto.randomUUID()}`)
      const granted = [["a"], ["a", "b"], ["A", "b"], [], ["b"]]
      const tenants = (yield* Effect.all(times(granted.length, () => freshTenant))).toSorted()
      yield* Effect.forEach(tenants, (tenantId, index) =>
        Effect.gen(function* () {
          const command = withGrant(yield* newGrant(), granted[index])
          yield* connections.connect(yield* connectCommand(keyOf(tenantId, provider), command))
        })
      )
      const lacking = (
        names: ReadonlyArray<ReadonlyArray<string>> | undefined,
        limit = 100,
        after?: TenantId
      ) =>
        maintenance
          .connectionsOfProvider({
            provider,
            status: ["connected", "error"],
            lacking: names,
            limit,
            after: after && keyOf(after, provider)
          })
          .pipe(Effect.map((page) => page.map(({ tenantId }) => tenants.indexOf(tenantId))))
      expect(yield* lacking(undefined)).toStrictEqual([0, 1, 2, 3, 4])
      expect(yield* lacking([["a"]])).toStrictEqual([2, 3, 4])
      expect(yield* lacking([["a", "A"]])).toStrictEqual([3, 4])
      expect(yield* lacking([["a", "A"], ["b"]])).toStrictEqual([0, 3, 4])
      // The page is filled with those that match, however many lie between.
      expect(yield* lacking([["a", "A"], ["b"]], 2)).toStrictEqual([0, 3])
      expect(yield* lacking([["a", "A"], ["b"]], 2, tenants[3])).toStrictEqual([4])
      expect(yield* lacking([])).toStrictEqual([])
      // A name is compared whole, whatever stands in it.
      expect(yield* lacking([[`a"],["b`, "a%", "{a,b}"]])).toStrictEqual([0, 1, 2, 3, 4])
    }),
    timeout
  )

  it.effect(
    "finds every tenant that is connected as an account, at that provider only",
    Effect.fnUntraced(function* () {
      const maintenance = yield* Maintenance
      const connections = yield* ConnectionStore
      const account = { id: crypto.randomUUID(), label: undefined }
      const holders = [yield* freshTenant, yield* freshTenant].toSorted()
      const ids = yield* Effect.forEach(holders, (tenantId) =>
        Effect.gen(function* () {
          const command = withGrant(yield* newGrant(), undefined, { account })
          const key = keyOf(tenantId, github)
          return (yield* connections.connect(yield* connectCommand(key, command))).id
        })
      )
      const find = maintenance.findByAccount({ provider: github, accountId: account.id })
      expect(yield* find).toStrictEqual(
        holders.map((tenantId, index) => ({
          tenantId,
          ...tenantsDefault,
          integrationId: ids[index],
          status: "connected"
        }))
      )
      expect(
        yield* maintenance.findByAccount({ provider: datadog, accountId: account.id })
      ).toStrictEqual([])
      const [first = yield* freshTenant] = holders
      yield* connections.disconnect(yield* disconnectCommand(keyOf(first, github)))
      expect((yield* find).map(({ tenantId }) => tenantId)).toStrictEqual(holders.slice(1))
    }),
    timeout
  )
}
