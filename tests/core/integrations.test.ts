import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import {
  accessToken,
  apiKey,
  catalog,
  connect,
  ConnectionStore,
  CredentialNotFound,
  disconnect,
  findVisible,
  Forbidden,
  get,
  IntegrationNotFound,
  list,
  type ListQuery,
  mayActFor,
  type Member,
  NotConnected,
  ownedBy,
  Principal,
  requireActor,
  requireActorOn,
  requireEnder,
  requireMember,
  requireReader,
  shownTo,
  StorageUnavailable,
  tenantsDefault,
  tenantsOwn,
  defaultName
} from "@hawser/core"
import {
  ann,
  annHerself,
  bob,
  connectForge,
  connectGauge,
  eve,
  forge,
  gauge,
  makeHost,
  outbox,
  principal,
  provider,
  storeKey
} from "./support/host.ts"

const down = Effect.fail(new StorageUnavailable({ cause: "down" }))

/** Why a caller is refused; undefined if it is not. */
const denialOf = <R>(call: Effect.Effect<unknown, unknown, R>) =>
  Effect.map(Effect.result(call), (result) => {
    if (result._tag === "Success") return undefined
    return result.failure instanceof Forbidden ? result.failure.reason : assert.fail()
  })

/** Where users have keys of their own. */
const hostOfUsers = makeHost({ providers: [{ ...gauge, ownedBy: ["tenant", "user"] }] })

const member = (of: Principal) => requireMember(of)
const reader = (of: Principal) => requireReader(of, "tenant")

/** Provider and status of what is listed. */
const listed = Effect.fnUntraced(function* (query: ListQuery, by: Principal = ann) {
  const { items } = yield* list(yield* member(by), query)
  return items.map(({ provider, status }) => `${provider} ${status}`)
})

describe("the list of integrations", () => {
  it.effect("is the tenant's own, by provider, for members too", () =>
    Effect.gen(function* () {
      yield* connectGauge()
      yield* connectForge(bob)
      const expected = ["forge connected", "gauge connected"]
      assert.deepStrictEqual(yield* listed({}), expected)
      assert.deepStrictEqual(yield* listed({}, principal("acme", "mia", ["member"])), expected)
      assert.deepStrictEqual(yield* listed({}, eve), [])
    }).pipe(Effect.provide(makeHost().layer))
  )

  it.effect("can be narrowed by status and provider", () =>
    Effect.gen(function* () {
      yield* connectGauge()
      yield* connectForge()
      yield* disconnect(ann, yield* provider("gauge"))
      const table: ReadonlyArray<readonly [ListQuery, ReadonlyArray<string>]> = [
        [{}, ["forge connected", "gauge disconnected"]],
        [{ status: "connected" }, ["forge connected"]],
        [{ status: "disconnected" }, ["gauge disconnected"]],
        [{ status: "error" }, []],
        [{ provider: "gauge" }, ["gauge disconnected"]],
        [{ provider: "gauge", status: "connected" }, []],
        [{ provider: "mill" }, []],
        // What no provider can be called is not an error: nobody is connected to it.
        [{ provider: "catalog" }, []],
        [{ provider: "' or 1=1 --" }, []],
        [{ provider: "" }, []]
      ]
      for (const [query, expected] of table) {
        assert.deepStrictEqual(yield* listed(query), expected, JSON.stringify(query))
      }
    }).pipe(Effect.provide(makeHost().layer))
  )

  it.effect("S-97 whoever asks for an error finds none of other users' connections", () => {
    const asked: Array<unknown> = []
    return Effect.gen(function* () {
      const admin = yield* member(ann)
      for (const query of [{}, { error: "grant_revoked" }, { owner: "user" }] as const)
        yield* list(admin, query)
      yield* list(admin, { owner: "user", error: "refresh_failed" })
      const own = ownedBy(ann.userId)
      assert.deepStrictEqual(asked, [
        ["all", undefined],
        [[tenantsOwn, own], ["grant_revoked"]],
        ["users", undefined],
        [
          [own],
          ["misconfigured", "refresh_failed", "refresh_interrupted", "revoked", "token_expired"]
        ]
      ])
    }).pipe(
      Effect.updateService(ConnectionStore, (store) => ({
        ...store,
        list: (query) => {
          asked.push([query.owners, query.problem])
          return store.list(query)
        }
      })),
      Effect.provide(makeHost().layer)
    )
  })

  it.effect("fails where the store cannot be reached", () =>
    Effect.gen(function* () {
      for (const query of [{}, { provider: "forge" }]) {
        assert.instanceOf(yield* Effect.flip(listed(query)), StorageUnavailable)
      }
    }).pipe(
      Effect.updateService(ConnectionStore, (store) => ({ ...store, list: () => down })),
      Effect.provide(makeHost().layer)
    )
  )
})

describe("one integration", () => {
  it.effect("is found by members of its tenant, and by nobody else", () =>
    Effect.gen(function* () {
      const integration = yield* connectForge()
      const forgeProvider = yield* provider("forge")
      const mia = yield* reader(principal("acme", "mia", ["member"]))
      assert.deepStrictEqual(yield* get(mia, forgeProvider), { ...integration, missingScopes: [] })
      const missing = [
        yield* Effect.flip(get(yield* reader(eve), forgeProvider)),
        yield* Effect.flip(get(mia, yield* provider("gauge")))
      ]
      for (const error of missing) assert.deepStrictEqual(error, new IntegrationNotFound())
    }).pipe(Effect.provide(makeHost().layer))
  )

  it.effect("fails where the store cannot be reached", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(get(yield* reader(ann), yield* provider("forge")))
      assert.instanceOf(error, StorageUnavailable)
    }).pipe(
      Effect.updateService(ConnectionStore, (store) => ({ ...store, find: () => down })),
      Effect.provide(makeHost().layer)
    )
  )
})

describe("disconnecting", () => {
  it.effect("keeps the id, records one event, and S-46 leaves no tokens", () =>
    Effect.gen(function* () {
      const { id, connectedAt } = yield* connectForge()
      yield* TestClock.adjust("1 hour")
      const integration = yield* disconnect(bob, yield* provider("forge"))
      assert.deepInclude(integration, {
        id,
        status: "disconnected",
        scopes: [],
        connectedBy: ann.userId,
        connectedAt,
        credentialId: undefined
      })
      const query = { tenantId: ann.tenantId, ...tenantsDefault, provider: forge.definition.id }
      assert.instanceOf(yield* Effect.flip(accessToken(query)), NotConnected)
      const events = yield* outbox
      assert.deepStrictEqual(
        events.map(({ event }) => event),
        ["integration.connected", "integration.disconnected"]
      )
      assert.deepStrictEqual(events[1]?.data, {
        integrationId: id,
        provider: forge.definition.id,
        name: defaultName,
        owner: "tenant",
        disconnectedBy: bob.userId,
        reason: "user"
      })
      const again = yield* connectForge(bob)
      assert.strictEqual(again.id, id)
      assert.deepStrictEqual(again.connectedBy, bob.userId)
    }).pipe(Effect.provide(makeHost().layer))
  )

  it.effect("S-46 destroys the API key in use: it connects nothing any more", () =>
    Effect.gen(function* () {
      const { credentialId = "none" } = yield* connectGauge()
      const unused = yield* storeKey()
      const gaugeProvider = yield* provider("gauge")
      yield* disconnect(ann, gaugeProvider)
      const query = { tenantId: ann.tenantId, ...tenantsDefault, provider: gauge.definition.id }
      assert.instanceOf(yield* Effect.flip(apiKey(query)), NotConnected)
      const error = yield* Effect.flip(connect(ann, gaugeProvider, { credentialId }))
      assert.instanceOf(error, CredentialNotFound)
      yield* connect(ann, gaugeProvider, { credentialId: unused.id })
    }).pipe(Effect.provide(makeHost().layer))
  )

  it.effect("fails where nothing is connected: never, not any more, or another tenant's", () =>
    Effect.gen(function* () {
      const forgeProvider = yield* provider("forge")
      assert.deepStrictEqual(
        yield* Effect.flip(disconnect(ann, forgeProvider)),
        new IntegrationNotFound()
      )
      yield* connectForge()
      assert.deepStrictEqual(
        yield* Effect.flip(disconnect(eve, forgeProvider)),
        new IntegrationNotFound()
      )
      assert.deepStrictEqual(yield* listed({}), ["forge connected"])
      yield* disconnect(ann, forgeProvider)
      assert.deepStrictEqual(
        yield* Effect.flip(disconnect(ann, forgeProvider)),
        new IntegrationNotFound()
      )
      assert.strictEqual((yield* outbox).length, 2)
    }).pipe(Effect.provide(makeHost().layer))
  )

  it.effect("fails where the store cannot be reached", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(disconnect(ann, yield* provider("forge")))
      assert.instanceOf(error, StorageUnavailable)
    }).pipe(
      Effect.updateService(ConnectionStore, (store) => ({ ...store, disconnect: () => down })),
      Effect.provide(makeHost().layer)
    )
  )
})

describe("the catalog", () => {
  it.effect("shows what the host configured, by display name, with what a form needs", () =>
    Effect.gen(function* () {
      const items = yield* catalog({})
      assert.deepStrictEqual(
        items.map(({ displayName }) => displayName),
        ["Forge", "Gauge", "Mill"]
      )
      assert.deepStrictEqual(items.slice(0, 2), [
        {
          provider: "forge",
          displayName: "Forge",
          category: "code",
          description: "A code forge.",
          authType: "oauth2",
          scopes: ["repo", "user"],
          connectUrl: "/v1/integrations/forge/connect"
        },
        {
          provider: "gauge",
          displayName: "Gauge",
          category: "monitoring",
          description: "A monitoring service.",
          authType: "api_key",
          requiredFields: ["api_key"],
          fields: [
            {
              name: "api_key",
              label: "API key",
              required: true,
              secret: true,
              pattern: "[a-z\\-]+",
              help: "Settings, then Keys."
            },
            {
              name: "site",
              label: "Site",
              required: false,
              secret: false,
              choices: ["us.gauge.example", "eu.gauge.example"]
            }
          ],
          connectUrl: "/v1/integrations/gauge/connect"
        }
      ])
      assert.notInclude(JSON.stringify(items), "canary")
    }).pipe(Effect.provide(makeHost().layer))
  )

  it.effect("shows the colour and the page of a provider whose definition names them", () =>
    Effect.gen(function* () {
      const [item] = yield* catalog({})
      assert.include(item, { docsUrl: "https://docs.forge.example/", brandColor: "#1f883d" })
    }).pipe(
      Effect.provide(
        makeHost({
          providers: [
            {
              ...forge,
              definition: {
                ...forge.definition,
                docsUrl: "https://docs.forge.example/",
                brandColor: "#1f883d"
              }
            }
          ]
        }).layer
      )
    )
  )

  it.effect("shows the scopes that the host asks for, not those of the definition", () =>
    Effect.gen(function* () {
      const [item] = yield* catalog({})
      assert.deepStrictEqual(item?.scopes, ["repo"])
    }).pipe(Effect.provide(makeHost({ providers: [{ ...forge, scopes: ["repo"] }] }).layer))
  )

  it.effect("can be narrowed to a category", () =>
    Effect.gen(function* () {
      const providers = (category: "monitoring" | "cloud") =>
        Effect.map(catalog({ category }), (items) => items.map((item) => item.provider))
      assert.deepStrictEqual(yield* providers("monitoring"), ["gauge"])
      assert.deepStrictEqual(yield* providers("cloud"), [])
    }).pipe(Effect.provide(makeHost().layer))
  )
})

describe("S-55 a caller", () => {
  type Reason = Forbidden["reason"] | undefined
  const table: ReadonlyArray<readonly [Principal, Reason, Reason]> = [
    [principal("acme", "ann", ["admin"]), undefined, undefined],
    [principal("acme", "ann", ["member", "admin"]), undefined, undefined],
    [principal("acme", "mia", ["member"]), "role", undefined],
    [principal("acme", "nobody", []), "role", "no_tenant"]
  ]
  for (const [caller, notAdmin, notMember] of table) {
    it.effect(`with the roles [${caller.roles.join(", ")}]`, () => {
      const { layer, securityEvents } = makeHost()
      return Effect.gen(function* () {
        const asAdmin = yield* denialOf(requireActor(caller, "tenant"))
        const asMember = yield* denialOf(requireMember(caller))
        assert.deepStrictEqual([asAdmin, asMember], [notAdmin, notMember])
        const denials = [notAdmin, notMember].filter((reason) => reason !== undefined)
        assert.deepStrictEqual(
          securityEvents,
          denials.map((reason) => ({
            type: "role_denied",
            tenantId: caller.tenantId,
            userId: caller.userId,
            reason
          }))
        )
      }).pipe(Effect.provide(layer))
    })
  }

  it.effect("S-96 who acts as a user has nothing of that user's, and is told why", () =>
    Effect.gen(function* () {
      const { id } = yield* connectGauge(annHerself)
      const acting = yield* member(
        new Principal({
          tenantId: ann.tenantId,
          userId: ann.userId,
          roles: ["admin"],
          isImpersonated: true
        })
      )
      for (const call of [
        requireReader(acting, "user"),
        requireActor(acting, "user"),
        findVisible(acting, id)
      ])
        assert.strictEqual(yield* denialOf(call), "impersonated")
      assert.isFalse(mayActFor(acting, ownedBy(acting.userId)))
      assert.isTrue(mayActFor(acting, tenantsOwn))
    }).pipe(Effect.provide(hostOfUsers.layer))
  )

  it.effect("S-97 an admin knows six things of a user's connection, and may end it alone", () =>
    Effect.gen(function* () {
      const integration = yield* connectGauge(annHerself)
      const admin = yield* member(bob)
      const { connectedAt, id, owner, provider, status, tenantId } = integration
      assert.deepStrictEqual(shownTo(admin, integration), {
        connectedAt,
        id,
        owner,
        provider,
        status,
        tenantId,
        isOfAnotherUser: true
      })
      assert.strictEqual(yield* denialOf(requireActorOn(admin, integration)), "owner")
      assert.strictEqual((yield* requireEnder(admin, integration)).owner, owner)
      assert.isFalse(mayActFor(admin, owner))
      const mia = yield* member(principal("acme", "mia", ["member"]))
      assert.strictEqual(yield* denialOf(requireEnder(mia, integration)), "owner")
    }).pipe(Effect.provide(hostOfUsers.layer))
  )

  it("needs a tenant and a user with a name that can be stored", () => {
    for (const id of ["", "a\0b", "\ud800", "x".repeat(256)]) {
      assert.throws(() => principal(id, "ann"))
      assert.throws(() => principal("acme", id))
    }
    assert.throws(() => principal("acme", "ann", ["Admin" as Member["roles"][number]]))
    assert.strictEqual(principal("x".repeat(255), "🔑").userId, "🔑")
  })
})
