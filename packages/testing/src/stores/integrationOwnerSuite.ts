import { expect } from "@effect/vitest"
import {
  ConnectionName,
  ConnectionStore,
  CredentialStore,
  type Integration,
  type IntegrationKey,
  Maintenance,
  mostConnections,
  newEventId,
  newIntegrationId,
  OAuthStateStore,
  ownedBy,
  type TenantFields,
  tenantsOwn,
  UserId
} from "@hawser/core"
import { Duration, Effect } from "effect"
import {
  ann,
  connectCommand,
  datadog,
  disconnectCommand,
  freshTenant,
  github,
  hashOf,
  keyOf,
  newCredential,
  newFlow,
  newGrant,
  withCredential,
  withGrant
} from "./fixtures.ts"
import { system } from "./grants.ts"
import { inParallel, times } from "./inParallel.ts"
import type { SuiteIt } from "./SuiteServices.ts"

const ada = ownedBy(UserId.make("ada"))
const bob = ownedBy(UserId.make("bob"))
const named = (name: string) => ConnectionName.make(name)

/** The same provider and tenant: the tenant's own, Ada's, Ada's by another name, and Bob's. */
const freshKeys = Effect.map(freshTenant, (tenantId) => {
  const tenants = keyOf(tenantId, github)
  return {
    tenants,
    adas: { ...tenants, owner: ada },
    sales: { ...tenants, owner: ada, name: named("sales") },
    bobs: { ...tenants, owner: bob }
  }
})

const connectGrant = Effect.fnUntraced(function* (
  key: IntegrationKey,
  accountId?: string,
  fields: TenantFields = {}
) {
  const connections = yield* ConnectionStore
  const account = accountId === undefined ? undefined : { id: accountId, label: undefined }
  const grant = withGrant(yield* newGrant(), undefined, { account, fields })
  return yield* connections.connect(yield* connectCommand(key, grant))
})

const listOf = ({ owner, provider, tenantId }: IntegrationKey) => ({
  tenantId,
  owners: [owner],
  provider
})

const outcomeOf = <R>(connecting: Effect.Effect<Integration, { readonly _tag: string }, R>) =>
  Effect.match(connecting, {
    onFailure: (error) =>
      "integrationId" in error ? `${error._tag} ${String(error.integrationId)}` : error._tag,
    onSuccess: ({ status }) => status as string
  })

/** Connections of several owners and names. */
export const integrationOwnerSuite = (it: SuiteIt, timeout: number | undefined): void => {
  it.effect(
    "S-92 two owners and two names have a connection each: none of them is found, used or ended as another",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const keys = Object.values(yield* freshKeys)
      for (const [at, key] of keys.entries()) {
        expect((yield* Effect.flip(connections.find(key)))._tag).toBe("IntegrationNotFound")
        expect((yield* Effect.flip(connections.grant(key)))._tag).toBe("NotConnected")
        const { id, name, owner } = yield* connectGrant(key, `account-${at}`)
        expect({ name, owner }).toEqual({ name: key.name, owner: key.owner })
        expect((yield* connections.find(key)).id).toBe(id)
        const found = yield* connections.findById({ tenantId: key.tenantId, id })
        expect(found.account?.id).toBe(`account-${at}`)
      }
      const grants = yield* Effect.forEach(keys, (key) => connections.grant(key))
      expect(new Set(grants.map(({ id }) => id)).size).toBe(keys.length)
      const [first, ...others] = keys
      if (first === undefined) return
      yield* connections.disconnect(yield* disconnectCommand(first))
      for (const key of others) expect((yield* connections.find(key)).status).toBe("connected")
      expect((yield* Effect.flip(connections.grant(first)))._tag).toBe("NotConnected")
    }),
    timeout
  )

  it.effect(
    "S-92 an id is of its own tenant alone",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const { adas } = yield* freshKeys
      const { id } = yield* connectGrant(adas)
      const tenantId = yield* freshTenant
      const missing = [
        yield* Effect.flip(connections.findById({ tenantId, id })),
        yield* Effect.flip(
          connections.findById({ tenantId: adas.tenantId, id: yield* newIntegrationId })
        )
      ]
      expect(missing.map(({ _tag }) => _tag)).toEqual([
        "IntegrationNotFound",
        "IntegrationNotFound"
      ])
    }),
    timeout
  )

  it.effect(
    "S-97 a list is of the owners that are asked for, and so is its total",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const { adas, bobs, sales, tenants } = yield* freshKeys
      const ids = new Map<string, IntegrationKey>()
      for (const key of [tenants, adas, sales, bobs]) ids.set((yield* connectGrant(key)).id, key)
      const listOf = Effect.fnUntraced(function* (
        query: Pick<Parameters<typeof connections.list>[0], "name" | "owners" | "provider">
      ) {
        const { tenantId } = tenants
        const { items, total } = yield* connections.list({ ...query, tenantId, status: undefined })
        expect(total).toBe(items.length)
        return new Set(items.map(({ id }) => ids.get(id)))
      })
      /** All are of one provider: whether it is named too changes nothing, and of another there are none. */
      const list = Effect.fnUntraced(function* (
        owners: Parameters<typeof connections.list>[0]["owners"],
        name?: ConnectionName
      ) {
        const listed = yield* listOf({ owners, name, provider: undefined })
        expect(yield* listOf({ owners, name, provider: tenants.provider })).toEqual(listed)
        expect(yield* listOf({ owners, name, provider: datadog })).toEqual(new Set())
        return listed
      })
      expect(yield* list([tenantsOwn])).toEqual(new Set([tenants]))
      expect(yield* list([ada])).toEqual(new Set([adas, sales]))
      expect(yield* list([tenantsOwn, bob])).toEqual(new Set([tenants, bobs]))
      expect(yield* list("users")).toEqual(new Set([adas, sales, bobs]))
      expect(yield* list("all")).toEqual(new Set([tenants, adas, sales, bobs]))
      expect(yield* list("all", named("sales"))).toEqual(new Set([sales]))
      expect(yield* list([bob], named("sales"))).toEqual(new Set())
      expect(yield* list([])).toEqual(new Set())
    }),
    timeout
  )

  it.effect(
    "S-95 an API key is its owner's: nobody else finds, lists, connects, swaps or deletes it",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const credentials = yield* CredentialStore
      const tenantId = yield* freshTenant
      const of = { ...keyOf(tenantId, datadog), owner: ada }
      const stored = yield* credentials.insert({
        ...(yield* newCredential(tenantId, datadog)),
        owner: ada
      })
      expect((yield* credentials.find({ ...of, id: stored.id })).owner).toBe(ada)
      for (const owner of [tenantsOwn, bob]) {
        const theirs = { ...of, owner }
        const { items, total } = yield* credentials.list({ tenantId, owner, provider: datadog })
        expect([items, total]).toEqual([[], 0])
        const withIts = yield* connectCommand(theirs, withCredential(stored.id))
        expect(yield* outcomeOf(connections.connect(withIts))).toBe("CredentialNotFound")
        const own = yield* credentials.insert({
          ...(yield* newCredential(tenantId, datadog)),
          owner
        })
        yield* connections.connect(yield* connectCommand(theirs, withCredential(own.id)))
        const swapped = connections.swapCredential({
          ...theirs,
          userHash: hashOf(tenantId),
          credentialId: stored.id
        })
        expect(yield* outcomeOf(swapped)).toBe("CredentialNotFound")
        for (const reach of [credentials.find, credentials.delete]) {
          const error = yield* Effect.flip(reach({ ...theirs, id: stored.id }))
          expect(error._tag).toBe("CredentialNotFound")
        }
      }
      yield* connections.connect(yield* connectCommand(of, withCredential(stored.id)))
      expect((yield* connections.find(of)).credentialId).toBe(stored.id)
    }),
    timeout
  )

  it.effect(
    "one owner is connected with an account once, under one name; another owner and another host's account are others",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const { adas, bobs, sales, tenants } = yield* freshKeys
      const { id } = yield* connectGrant(adas, "octocat")
      expect(yield* outcomeOf(connectGrant(sales, "octocat"))).toBe(`AccountAlreadyConnected ${id}`)
      expect((yield* Effect.flip(connections.find(sales)))._tag).toBe("IntegrationNotFound")
      for (const key of [tenants, bobs])
        expect(yield* outcomeOf(connectGrant(key, "octocat"))).toBe("connected")
      expect(yield* outcomeOf(connectGrant(sales, "octocat", { host: "eu.example" }))).toBe(
        "connected"
      )
      yield* connections.disconnect(yield* disconnectCommand(sales))
      yield* connections.disconnect(yield* disconnectCommand(adas))
      expect(yield* outcomeOf(connectGrant(sales, "octocat"))).toBe("connected")
    }),
    timeout
  )

  it.effect(
    "of twenty at once that connect one account under twenty names one succeeds",
    Effect.fnUntraced(function* () {
      const { adas } = yield* freshKeys
      const { succeeded: outcomes } = yield* inParallel(
        times(20, (n) => outcomeOf(connectGrant({ ...adas, name: named(`n-${n}`) }, "octocat")))
      )
      expect(outcomes.filter((one) => one === "connected")).toHaveLength(1)
      for (const one of outcomes) expect(one).toMatch(/^(connected|AccountAlreadyConnected int_)/)
    }),
    timeout
  )

  it.effect(
    "an owner has a hundred of a provider at most: of twenty at once as many succeed as there is room for",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const maintenance = yield* Maintenance
      const { adas, bobs, tenants } = yield* freshKeys
      const nth = (n: number): IntegrationKey => ({ ...adas, name: named(`n-${n}`) })
      yield* Effect.forEach(
        times(mostConnections - 7, (n) => n),
        (n) => connectGrant(nth(n)),
        { concurrency: 4, discard: true }
      )
      const { succeeded: outcomes } = yield* inParallel(
        times(20, (n) => outcomeOf(connectGrant(nth(mostConnections + n))))
      )
      expect(outcomes.toSorted()).toEqual([
        ...times(13, () => "TooManyConnections"),
        ...times(7, () => "connected")
      ])
      expect((yield* connections.list(listOf(adas))).total).toBe(mostConnections)
      const imported = maintenance.importConnection({
        ...nth(1000),
        newId: yield* newIntegrationId,
        connectedBy: ann,
        userHashes: [hashOf(adas.tenantId)],
        connectedAt: undefined,
        with: {
          _tag: "Grant",
          grant: yield* newGrant(),
          scopes: [],
          fields: {},
          account: undefined
        }
      })
      expect((yield* Effect.flip(imported))._tag).toBe("TooManyConnections")
      // What there is may come again, and others have room of their own.
      yield* connections.disconnect(yield* disconnectCommand(nth(5)))
      expect(yield* outcomeOf(connectGrant(nth(mostConnections + 100)))).toBe("TooManyConnections")
      for (const key of [nth(5), bobs, tenants])
        expect(yield* outcomeOf(connectGrant(key))).toBe("connected")
    }),
    timeout
  )

  it.effect(
    "an account that its owner has connected under another name since comes back from no quarantine, and is not imported",
    Effect.fnUntraced(function* () {
      const connections = yield* ConnectionStore
      const maintenance = yield* Maintenance
      const { adas, sales } = yield* freshKeys
      yield* connectGrant(adas, "octocat")
      yield* connections.markRevoked(adas, {
        quarantine: Duration.days(7),
        publish: {
          id: yield* newEventId,
          event: "integration.disconnected",
          disconnectedBy: system,
          reason: "revoked"
        }
      })
      const { id } = yield* connectGrant(sales, "octocat")
      const restore = Effect.flatMap(newEventId, (event) =>
        maintenance.restore(adas, { id: event, event: "integration.connected" })
      )
      expect(yield* restore).toBe(false)
      const imported = maintenance.importConnection({
        ...adas,
        name: named("imported"),
        newId: yield* newIntegrationId,
        connectedBy: ann,
        userHashes: [hashOf(adas.tenantId)],
        connectedAt: undefined,
        with: {
          _tag: "Grant",
          grant: yield* newGrant(),
          scopes: [],
          fields: {},
          account: { id: "octocat", label: undefined }
        }
      })
      const error = yield* Effect.flip(imported)
      expect(error).toMatchObject({ _tag: "AccountAlreadyConnected", integrationId: id })
      yield* connections.disconnect(yield* disconnectCommand(sales))
      expect(yield* restore).toBe(true)
    }),
    timeout
  )

  it.effect(
    "a flow of one owner begins although another is connected",
    Effect.fnUntraced(function* () {
      const flows = yield* OAuthStateStore
      const { adas, sales, tenants } = yield* freshKeys
      yield* connectGrant(tenants)
      const start = ({ name, owner, tenantId }: IntegrationKey) =>
        Effect.match(
          flows.start(newFlow(tenantId, { name, owner }), {
            lifetime: Duration.minutes(10),
            limits: { perUser: 20, perTenant: 20 }
          }),
          { onFailure: ({ _tag }) => _tag, onSuccess: () => "started" }
        )
      expect(yield* start(tenants)).toBe("AlreadyConnected")
      expect([yield* start(adas), yield* start(sales)]).toEqual(["started", "started"])
    }),
    timeout
  )
}
