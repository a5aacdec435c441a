import { assert, describe, it } from "@effect/vitest"
import { Deferred, Duration, Effect, Option, Redacted } from "effect"
import { TestClock } from "effect/testing"
import {
  AccountChoiceRequired,
  accessToken,
  AlreadyConnected,
  authorizedFetch,
  complete,
  confirm,
  ConnectFailed,
  connect,
  ConnectionStore,
  disconnect,
  type EgressRequest,
  FlowNotFound,
  Maintenance,
  OAuthStateStore,
  type OAuth2Definition,
  type OAuth2Provider,
  revokeAbandonedChoices,
  revokeQueued,
  type Sealed,
  StorageUnavailable,
  tenantsDefault
} from "@hawser/core"
import {
  type Admin,
  ann,
  bob,
  comeBack,
  completeFlow,
  completeUrl,
  cookieUrl,
  eve,
  forge,
  type HostOptions,
  makeHost,
  outbox,
  provider,
  tokenResponse
} from "./support/host.ts"
import { refusedBecause } from "./support/vendor.ts"

const sites = [
  { id: "first", name: "First customer" },
  { id: "second", name: "Second customer" }
]

const only = { only: true } as const

/** A vendor whose token opens all of a person's sites, and whose API is told which one by the path and by a header. */
const definition: OAuth2Definition = {
  ...forge.definition,
  discovery: { url: "https://api.forge.example/sites" },
  captures: { site_id: { from: "request", path: [only, "id"], pattern: "[a-z0-9\\-]{1,60}" } },
  account: { from: "discovery", id: [only, "id"], label: [only, "name"] },
  api: { baseUrl: "https://api.forge.example/sites/{site_id}" },
  apiHeaders: { "x-site": "{site_id}", "x-version": "1" },
  revocation: { endpoint: "https://forge.example/revoke", ends: "token" }
}

const revokesGrants: Partial<OAuth2Definition> = {
  revocation: { endpoint: "https://forge.example/revoke", ends: "grant" }
}

interface Told extends HostOptions {
  readonly list?: unknown
  readonly token?: Readonly<Record<string, unknown>>
  readonly changes?: Partial<OAuth2Definition>
}

const issued = { refresh_token: "canary-refresh-token", expires_in: 3600 }

const hostThatTells = ({ changes = {}, list = sites, token = {}, ...options }: Told = {}) =>
  makeHost({
    providers: [{ ...forge, definition: { ...definition, ...changes } }],
    answer: ({ url }: EgressRequest) =>
      url.pathname === "/token"
        ? tokenResponse({ ...issued, ...token })
        : url.pathname === "/revoke"
          ? new Response()
          : Response.json(list),
    ...options
  })

type Host = ReturnType<typeof makeHost>

/** The tokens that were revoked at the vendor by now. */
const revoked = Effect.fnUntraced(function* ({ sent }: Host) {
  yield* revokeQueued
  return sent
    .filter(({ url }) => url.pathname === "/revoke")
    .map(({ body }) => new URLSearchParams(body).get("token"))
})
const both = ["canary-refresh-token", "canary-access-token"]

/** A whole consent; the flow id that the browser brought. */
const consent = Effect.fnUntraced(function* (
  redirectUrl: string = cookieUrl,
  by: Admin = ann,
  reauthorize: boolean = false
) {
  const begun = yield* connect(by, yield* provider("forge", by), { redirectUrl, reauthorize })
  assert(begun._tag === "Authorize")
  const outcome = yield* comeBack({
    ...begun,
    authorizationUrl: new URL(begun.authorizationUrl)
  })
  assert(outcome._tag === "Return")
  const url = new URL(outcome.url)
  const status = url.searchParams.get("error") ?? url.searchParams.get("status")
  return { status, flowId: new URLSearchParams(url.hash.slice(1)).get("flowId") ?? "" }
})

/** What `complete` answers of a flow whose account is to be chosen. */
const listed = Effect.fnUntraced(function* (flowId: string) {
  const error = yield* Effect.flip(completeFlow(flowId))
  assert.instanceOf(error, AccountChoiceRequired)
  return { choices: error.choices, flowId: Redacted.value(error.flowId) }
})

const pick = (flowId: string, account: string, by: Admin = ann) =>
  completeFlow(flowId, by, "forge", account)

const query = { tenantId: ann.tenantId, provider: forge.definition.id, ...tenantsDefault }

const found = Effect.gen(function* () {
  const connections = yield* ConnectionStore
  return yield* connections.find(query).pipe(Effect.option)
})

describe("choosing an account", () => {
  it.effect(
    "S-89 lists the accounts under a new flow id, and connects the one that is chosen",
    () => {
      const host = hostThatTells()
      return Effect.gen(function* () {
        const { flowId, status } = yield* consent()
        assert.strictEqual(status, "choose")
        assert(Option.isNone(yield* found))
        assert.deepStrictEqual(yield* outbox, [])

        const list = yield* listed(flowId)
        assert.deepStrictEqual(list.choices, [
          { id: "first", label: "First customer" },
          { id: "second", label: "Second customer" }
        ])
        assert.notStrictEqual(list.flowId, flowId)
        const integration = yield* pick(list.flowId, "second")
        assert.deepInclude(integration, {
          status: "connected",
          connectedBy: ann.userId,
          scopes: ["repo", "user"],
          fields: { site_id: "second" }
        })
        assert.strictEqual(integration.account?.label, "Second customer")
        assert.strictEqual((yield* outbox)[0]?.data.integrationId, integration.id)
        assert.strictEqual(
          Redacted.value((yield* accessToken(query)).accessToken),
          "canary-access-token"
        )
        assert.deepStrictEqual(yield* revoked(host), [])
      }).pipe(Effect.provide(host.layer))
    }
  )

  it.effect("S-89 lists them at complete, where the flow was parked for it", () => {
    const host = hostThatTells()
    return Effect.gen(function* () {
      const { flowId, status } = yield* consent(completeUrl)
      assert.strictEqual(status, "pending")
      const list = yield* listed(flowId)
      assert.strictEqual((yield* pick(list.flowId, "first")).account?.id, "first")
    }).pipe(Effect.provide(host.layer))
  })

  it.effect(
    "S-89 the pick needs no list: whoever knows the id may send it with the first flow id",
    () =>
      Effect.gen(function* () {
        const { flowId } = yield* consent()
        assert.strictEqual((yield* pick(flowId, "second")).account?.id, "second")
      }).pipe(Effect.provide(hostThatTells().layer))
  )

  it.effect("S-89 each flow id is good for one call, that of the list too", () => {
    const host = hostThatTells()
    return Effect.gen(function* () {
      const { flowId } = yield* consent()
      const list = yield* listed(flowId)
      assert.instanceOf(yield* Effect.flip(completeFlow(flowId)), FlowNotFound)
      assert.instanceOf(yield* Effect.flip(pick(flowId, "first")), FlowNotFound)
      const again = yield* listed(list.flowId)
      assert.instanceOf(yield* Effect.flip(pick(list.flowId, "first")), FlowNotFound)
      yield* pick(again.flowId, "first")
      assert.instanceOf(yield* Effect.flip(pick(again.flowId, "second")), FlowNotFound)
      assert.deepStrictEqual(yield* revoked(host), [])
    }).pipe(Effect.provide(host.layer))
  })

  it.effect("S-89 50 picks at once: one connects", () => {
    const host = hostThatTells()
    return Effect.gen(function* () {
      const { flowId } = yield* listed((yield* consent()).flowId)
      const results = yield* Effect.forEach(
        Array.from({ length: 50 }, (_, index) => (index % 2 === 0 ? "first" : "second")),
        (account) => Effect.result(pick(flowId, account)),
        { concurrency: "unbounded" }
      )
      assert.lengthOf(
        results.filter(({ _tag }) => _tag === "Success"),
        1
      )
      assert.lengthOf(yield* outbox, 1)
      assert.deepStrictEqual(yield* revoked(host), [])
    }).pipe(Effect.provide(host.layer))
  })

  it.effect(
    "S-89 an account that was not offered ends the flow, and its tokens are revoked",
    () => {
      const host = hostThatTells()
      return Effect.gen(function* () {
        const { flowId } = yield* listed((yield* consent()).flowId)
        const error = yield* Effect.flip(pick(flowId, "somebody-elses"))
        assert.instanceOf(error, ConnectFailed)
        assert.strictEqual(error.reason, "account_not_permitted")
        assert.instanceOf(yield* Effect.flip(pick(flowId, "first")), FlowNotFound)
        assert.deepStrictEqual(yield* revoked(host), both)
        assert(Option.isNone(yield* found))
        assert.include(host.reported(), "complete_mismatch")
      }).pipe(Effect.provide(host.layer))
    }
  )

  for (const [who, by] of [
    ["another admin of the tenant", bob],
    ["an admin of another tenant", eve]
  ] as const)
    it.effect(`S-89 ${who} gets nothing, and ends the flow for its owner too`, () => {
      const host = hostThatTells()
      return Effect.gen(function* () {
        const { flowId } = yield* listed((yield* consent()).flowId)
        assert.instanceOf(yield* Effect.flip(pick(flowId, "first", by)), FlowNotFound)
        assert.instanceOf(yield* Effect.flip(pick(flowId, "first")), FlowNotFound)
        assert.deepStrictEqual(yield* revoked(host), both)
      }).pipe(Effect.provide(host.layer))
    })

  it.effect(
    "S-89 its flow id at the confirm page ends the flow, and the tokens are revoked",
    () => {
      const host = hostThatTells()
      return Effect.gen(function* () {
        const { flowId } = yield* consent()
        const outcome = yield* confirm("forge", {
          flowTag: "a".repeat(22),
          browserSecret: () => `${flowId}.${"b".repeat(43)}`,
          pageToken: "b".repeat(43),
          answer: "connect"
        })
        assert.strictEqual(outcome._tag, "NoFlow")
        assert.deepStrictEqual(yield* revoked(host), both)
      }).pipe(Effect.provide(host.layer))
    }
  )

  it.effect("S-89 a parked code is not redeemed by a call that names an account", () => {
    const host = hostThatTells()
    return Effect.gen(function* () {
      const { flowId } = yield* consent(completeUrl)
      assert.instanceOf(yield* Effect.flip(pick(flowId, "first")), FlowNotFound)
      assert.deepStrictEqual(host.sent, [])
    }).pipe(Effect.provide(host.layer))
  })

  const changes = {
    "another client than the tokens were issued to": (configured: OAuth2Provider) => ({
      ...configured,
      acceptedFingerprints: new Set<string>()
    }),
    "an endpoint that has moved meanwhile": (configured: OAuth2Provider) => ({
      ...configured,
      definition: { ...configured.definition, tokenEndpoint: "https://evil.example/token" }
    }),
    "an owner that the host allows no more": (configured: OAuth2Provider) => ({
      ...configured,
      ownedBy: new Set<never>()
    }),
    "a scope that is required by now": (configured: OAuth2Provider) => ({
      ...configured,
      requiredScopes: ["admin"]
    })
  } as const
  for (const [what, changed] of Object.entries(changes))
    it.effect(`S-89 ${what}: nothing is connected, and the tokens are revoked`, () => {
      const host = hostThatTells()
      return Effect.gen(function* () {
        const { flowId } = yield* consent()
        const configured = changed((yield* provider("forge")) as OAuth2Provider)
        const error = yield* Effect.flip(complete(ann, configured, { flowId, account: "first" }))
        assert.instanceOf(error, ConnectFailed)
        assert(Option.isNone(yield* found))
        assert.deepStrictEqual(yield* revoked(host), both)
      }).pipe(Effect.provide(host.layer))
    })

  it.effect("S-89 is too late after ten minutes, however often the list was asked for", () => {
    const host = hostThatTells()
    return Effect.gen(function* () {
      let { flowId } = yield* consent()
      for (let minute = 0; minute < 9; minute++) {
        yield* TestClock.adjust("1 minute")
        flowId = (yield* listed(flowId)).flowId
      }
      yield* TestClock.adjust("61 seconds")
      assert.instanceOf(yield* Effect.flip(pick(flowId, "first")), FlowNotFound)
      assert.deepStrictEqual(yield* revoked(host), both)
    }).pipe(Effect.provide(host.layer))
  })

  it.effect("the access token ends when the vendor said, and not so long after the pick", () => {
    const host = hostThatTells()
    return Effect.gen(function* () {
      const { flowId } = yield* consent()
      yield* TestClock.adjust("5 minutes")
      yield* pick(flowId, "first")
      const connections = yield* ConnectionStore
      const { remaining } = yield* connections.grant(query)
      assert.strictEqual(remaining, 3300)
    }).pipe(Effect.provide(host.layer))
  })

  it.effect(
    "S-89 of a connection that another flow made meanwhile it is refused, and the tokens go back",
    () => {
      const host = hostThatTells()
      return Effect.gen(function* () {
        const [slow, fast] = [yield* consent(), yield* consent()]
        yield* pick(fast.flowId, "first")
        assert.instanceOf(yield* Effect.flip(pick(slow.flowId, "second")), AlreadyConnected)
        assert.deepStrictEqual(yield* revoked(host), both)
      }).pipe(Effect.provide(host.layer))
    }
  )

  it.effect("S-89 where the store fails at the list, the tokens are revoked", () => {
    const queued = Deferred.makeUnsafe<void>()
    const host = hostThatTells({
      connections: (store) => ({
        ...store,
        enqueueRevocation: (command) =>
          Effect.tap(store.enqueueRevocation(command), Deferred.succeed(queued, undefined))
      })
    })
    return Effect.gen(function* () {
      const { flowId } = yield* consent()
      const down = new StorageUnavailable({ cause: "down" })
      const error = yield* Effect.flip(
        Effect.updateService(completeFlow(flowId), OAuthStateStore, (flows) => ({
          ...flows,
          park: () => Effect.fail(down)
        }))
      )
      assert.strictEqual(error, down)
      yield* TestClock.adjust("11 seconds")
      yield* Deferred.await(queued)
      assert.deepStrictEqual(yield* revoked(host), both)
    }).pipe(Effect.provide(host.layer))
  })

  it.effect(
    "S-90 nothing of what waits stands in the flow: tokens, names and ids are sealed",
    () => {
      let parked: { readonly sealedResponse: Sealed } | undefined
      const host = hostThatTells()
      return Effect.gen(function* () {
        yield* Effect.updateService(consent(), OAuthStateStore, (flows) => ({
          ...flows,
          park: (
            flow: Parameters<typeof flows.park>[0],
            options: Parameters<typeof flows.park>[1]
          ) => {
            parked = { ...flow, ...options }
            return flows.park(flow, options)
          }
        }))
        const text = Buffer.from(parked?.sealedResponse ?? []).toString("latin1")
        for (const told of ["canary", "first", "customer"]) assert.notInclude(text, told)
        const { sealedResponse: _, ...terms } = parked ?? { sealedResponse: undefined }
        for (const told of ["canary-access", "canary-refresh", "first", "customer"])
          assert.notInclude(JSON.stringify(terms), told)
      }).pipe(Effect.provide(host.layer))
    }
  )
})

describe("an account that is known before", () => {
  it.effect("S-27 is taken without asking, where it is among them", () => {
    const host = hostThatTells()
    return Effect.gen(function* () {
      const { id } = yield* pick((yield* consent()).flowId, "second")
      const { status } = yield* consent(cookieUrl, ann, true)
      assert.strictEqual(status, "connected")
      const again = Option.getOrThrow(yield* found)
      assert.deepStrictEqual([again.id, again.account?.id], [id, "second"])
      assert.deepStrictEqual(again.fields, { site_id: "second" })
    }).pipe(Effect.provide(host.layer))
  })

  it.effect(
    "S-27 is missed, where it is not: account_mismatch, and the connection stays as it was",
    () => {
      let list = sites
      const host = hostThatTells({
        answer: ({ url }) =>
          url.pathname === "/token"
            ? tokenResponse(issued)
            : url.pathname === "/revoke"
              ? new Response()
              : Response.json(list)
      })
      return Effect.gen(function* () {
        yield* pick((yield* consent()).flowId, "second")
        list = [
          { id: "first", name: "First customer" },
          { id: "third", name: "Third customer" }
        ]
        const { status } = yield* consent(cookieUrl, ann, true)
        assert.strictEqual(status, "account_mismatch")
        assert.strictEqual(Option.getOrThrow(yield* found).account?.id, "second")
      }).pipe(Effect.provide(host.layer))
    }
  )

  it.effect("S-27 is free again after the tenant's own disconnect", () => {
    const host = hostThatTells()
    return Effect.gen(function* () {
      yield* pick((yield* consent()).flowId, "second")
      yield* disconnect(ann, yield* provider("forge"))
      assert.strictEqual((yield* pick((yield* consent()).flowId, "first")).account?.id, "first")
    }).pipe(Effect.provide(host.layer))
  })
})

describe("what a vendor lists", () => {
  const choicesOf = Effect.fnUntraced(function* (list: unknown) {
    const host = hostThatTells({ list })
    return yield* Effect.gen(function* () {
      const { flowId, status } = yield* consent()
      return status === "choose" ? (yield* listed(flowId)).choices : status
    }).pipe(Effect.provide(host.layer))
  })

  it.effect("S-125 is shown without what moves text, cut, and by its id where it has no name", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(
        yield* choicesOf([
          { id: "a", name: "\u202eevil\u2066\n<b>" },
          { id: "b", name: "x".repeat(255) },
          { id: "c" },
          { id: "d", name: { toString: "no text" } }
        ]),
        [
          { id: "a", label: "evil<b>" },
          { id: "b", label: "x".repeat(200) },
          { id: "c", label: "c" },
          { id: "d", label: "d" }
        ]
      )
    })
  )

  it.effect("S-125 is left out, where its id cannot be kept, and none is taken for the rest", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(
        yield* choicesOf([{ id: "a", name: "A" }, { id: "b\0", name: "B" }, { id: "../c" }, null]),
        [{ id: "a", label: "A" }]
      )
      assert.strictEqual(yield* choicesOf([{ id: "b\0" }, {}]), "invalid_response")
    })
  )

  it.effect("is one account, where a vendor lists it once for each of its products", () =>
    Effect.gen(function* () {
      assert.strictEqual(
        yield* choicesOf([
          { id: "a", name: "Tickets" },
          { id: "a", name: "Pages" }
        ]),
        "connected"
      )
      assert.deepStrictEqual(
        yield* choicesOf([
          { id: "a", name: "Tickets" },
          { id: "b", name: "B" },
          { id: "a", name: "Pages" }
        ]),
        [
          { id: "a", label: "Tickets" },
          { id: "b", label: "B" }
        ]
      )
    })
  )

  it.effect("is offered up to 200 accounts", () =>
    Effect.gen(function* () {
      const list = Array.from({ length: 250 }, (_, index) => ({ id: `site-${index}` }))
      assert.lengthOf((yield* choicesOf(list)) ?? [], 200)
    })
  )
})

describe("S-91 the account that was chosen", () => {
  const connected = Effect.gen(function* () {
    yield* pick((yield* consent()).flowId, "second")
  })

  it.effect("stands in each request, and the caller's own header for it is dropped", () => {
    const host = hostThatTells()
    return Effect.gen(function* () {
      yield* connected
      yield* authorizedFetch(query, "/issues", {
        headers: { "X-Site": "first", "X-Version": "2" }
      })
      const [call] = host.calls
      assert.strictEqual(call?.url.href, "https://api.forge.example/sites/second/issues")
      assert.strictEqual(call?.headers["x-site"], "second")
      // What is not the connection's own may be the caller's.
      assert.strictEqual(call?.headers["x-version"], "2")
    }).pipe(Effect.provide(host.layer))
  })

  for (const url of [
    "https://api.forge.example/sites/first/issues",
    "https://api.forge.example/sites/second",
    "https://api.forge.example/sites/second%2f..%2ffirst",
    "https://api.forge.example/sites/second/../first/issues",
    "https://api.forge.example/sites/secondary/issues",
    "https://api.forge.example/me",
    "/../first/issues"
  ])
    it.effect(`is the only one that a call may be for: ${url}`, () => {
      const host = hostThatTells()
      return Effect.gen(function* () {
        yield* connected
        const error = yield* Effect.flip(authorizedFetch(query, url))
        assert.strictEqual(error._tag, "UrlNotAllowed")
        assert.deepStrictEqual(host.calls, [])
      }).pipe(Effect.provide(host.layer))
    })

  it.effect("is the only one that a redirect takes its token to", () => {
    const host = hostThatTells({
      api: ({ url }) =>
        url.pathname === "/sites/second/from"
          ? new Response("", { status: 302, headers: { location: "/sites/first/issues" } })
          : new Response()
    })
    return Effect.gen(function* () {
      yield* connected
      yield* authorizedFetch(query, "/from")
      assert.deepStrictEqual(
        host.calls.map(({ headers, url }) => [url.pathname, "authorization" in headers]),
        [
          ["/sites/second/from", true],
          ["/sites/first/issues", false]
        ]
      )
    }).pipe(Effect.provide(host.layer))
  })

  it.effect("an absolute URL below it is called", () => {
    const host = hostThatTells()
    return Effect.gen(function* () {
      yield* connected
      yield* authorizedFetch(query, "https://api.forge.example/sites/second/issues?page=2")
      assert.lengthOf(host.calls, 1)
    }).pipe(Effect.provide(host.layer))
  })

  it.effect("a definition that lets choose and puts the account nowhere is refused at start", () =>
    Effect.gen(function* () {
      const problem =
        "account: the id of the account that is chosen must be captured from discovery and stand in api.baseUrl or apiHeaders"
      const { apiHeaders: _, ...without } = definition
      const api = { baseUrl: "https://api.forge.example" }
      assert.include(yield* refusedBecause({ ...without, api }), problem)
      assert.include(
        yield* refusedBecause({ ...without, api, account: { from: "capture", name: "site_id" } }),
        problem
      )
      const { discovery: __, captures: ___, ...unasked } = without
      assert.include(
        yield* refusedBecause({ ...unasked, api }),
        "account: there is no discovery to ask"
      )
      const asks = { from: "discovery", id: ["sub"] } as const
      assert.include(
        yield* refusedBecause({ grantSubject: asks }),
        "grantSubject: there is no discovery to ask"
      )
      assert.include(
        yield* refusedBecause({ grantSubject: { from: "id_token", id: ["sub"] } }),
        "grantSubject comes from an ID token, and openid is not set"
      )
    })
  )
})

describe("S-90 tokens of a choice that nobody makes", () => {
  const late = TestClock.adjust("601 seconds")

  it.effect("go to the queue once their time is over, and not before", () => {
    const host = hostThatTells()
    return Effect.gen(function* () {
      const { flowId } = yield* consent()
      const flows = yield* OAuthStateStore
      yield* TestClock.adjust("599 seconds")
      yield* flows.sweep
      yield* revokeAbandonedChoices
      assert.deepStrictEqual(yield* revoked(host), [])
      yield* TestClock.adjust("2 seconds")
      yield* flows.sweep
      yield* revokeAbandonedChoices
      assert.deepStrictEqual(yield* revoked(host), both)
      assert.deepStrictEqual(yield* flows.abandonedChoices(10), [])
      assert.instanceOf(yield* Effect.flip(completeFlow(flowId)), FlowNotFound)
    }).pipe(Effect.provide(host.layer))
  })

  it.effect("are revoked once, where the worker dies between queue and flow", () => {
    const host = hostThatTells()
    return Effect.gen(function* () {
      yield* consent()
      yield* late
      const dying = Effect.updateService(revokeAbandonedChoices, OAuthStateStore, (flows) => ({
        ...flows,
        removeChoice: () => Effect.die("killed")
      }))
      yield* Effect.exit(dying)
      yield* Effect.exit(dying)
      const maintenance = yield* Maintenance
      const queued = yield* maintenance.claimRevocations({ limit: 10, hold: Duration.zero })
      assert.lengthOf(queued, 1)
      yield* revokeAbandonedChoices
      assert.deepStrictEqual(yield* revoked(host), both)
    }).pipe(Effect.provide(host.layer))
  })

  it.effect("stay where the queue cannot be reached", () => {
    const host = hostThatTells()
    return Effect.gen(function* () {
      yield* consent()
      yield* late
      const down = new StorageUnavailable({ cause: "down" })
      const away = Effect.updateService(revokeAbandonedChoices, ConnectionStore, (connections) => ({
        ...connections,
        enqueueRevocation: () => Effect.fail(down)
      }))
      assert.strictEqual(yield* Effect.flip(away), down)
      yield* revokeAbandonedChoices
      assert.deepStrictEqual(yield* revoked(host), both)
    }).pipe(Effect.provide(host.layer))
  })

  it.effect("are reported, where the row was changed and they do not open", () => {
    const host = hostThatTells()
    return Effect.gen(function* () {
      yield* consent()
      yield* late
      yield* Effect.updateService(revokeAbandonedChoices, OAuthStateStore, (flows) => ({
        ...flows,
        abandonedChoices: (limit: number) =>
          Effect.map(flows.abandonedChoices(limit), (all) =>
            all.map((flow) => ({ ...flow, redirectUrl: "https://evil.example/" }))
          )
      }))
      assert.deepInclude(
        host.securityEvents.find(({ type }) => type === "revocation_given_up"),
        { tenantId: "acme", provider: "forge", reason: "not_opened" }
      )
      assert.deepStrictEqual(yield* revoked(host), [])
    }).pipe(Effect.provide(host.layer))
  })

  for (const [whose, subject, expected] of [
    ["the same person", "ann at forge", []],
    ["another person", "bob at forge", both],
    ["a person whom the vendor does not tell", undefined, []]
  ] as const)
    it.effect(
      `are ${expected.length === 0 ? "left out, and reported," : "revoked"} beside a live grant of ${whose}, where revoking ends all of a consent`,
      () => {
        let person: string | undefined = "ann at forge"
        const host = hostThatTells({
          changes: { ...revokesGrants, grantSubject: { from: "token_response", id: ["person"] } },
          answer: ({ url }) =>
            url.pathname === "/token"
              ? tokenResponse({ ...issued, ...(person !== undefined && { person }) })
              : url.pathname === "/revoke"
                ? new Response()
                : Response.json(person === subject ? sites : [{ id: "x" }, { id: "y" }])
        })
        return Effect.gen(function* () {
          person = subject
          const live = yield* consent(cookieUrl, eve)
          yield* completeFlow(live.flowId, eve, "forge", "first")
          person = "ann at forge"
          yield* consent()
          yield* late
          yield* revokeAbandonedChoices
          assert.deepStrictEqual(yield* revoked(host), [...expected])
          const isLeftOut = host.reported().includes("revocation_left_out")
          assert.strictEqual(isLeftOut, expected.length === 0)
        }).pipe(Effect.provide(host.layer))
      }
    )

  it.effect("are left out beside a live grant of another person to one of the accounts", () => {
    let person = "eve at forge"
    const host = hostThatTells({
      changes: { ...revokesGrants, grantSubject: { from: "token_response", id: ["person"] } },
      answer: ({ url }) =>
        url.pathname === "/token"
          ? tokenResponse({ ...issued, person })
          : url.pathname === "/revoke"
            ? new Response()
            : Response.json(sites)
    })
    return Effect.gen(function* () {
      const live = yield* consent(cookieUrl, eve)
      yield* completeFlow(live.flowId, eve, "forge", "first")
      person = "ann at forge"
      yield* consent()
      yield* late
      yield* revokeAbandonedChoices
      assert.deepStrictEqual(yield* revoked(host), [])
      assert.include(host.reported(), "revocation_left_out")
    }).pipe(Effect.provide(host.layer))
  })
})
