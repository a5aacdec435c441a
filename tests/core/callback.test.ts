import { assert, describe, it } from "@effect/vitest"
import { Effect, Option, Redacted } from "effect"
import { TestClock } from "effect/testing"
import { createHash } from "node:crypto"
import {
  type BurnedFlow,
  type CallbackInput,
  ConnectionStore,
  DecryptionFailed,
  finishCallback,
  get,
  list,
  OAuthStateStore,
  ProviderRegistry,
  requireMember,
  type Sealed,
  Secret,
  StorageUnavailable
} from "@hawser/core"
import { hashSecret } from "../../packages/core/src/vault/secrets.ts"
import { noAnswer } from "./support/answeringEgress.ts"
import {
  ann,
  bob,
  browserOf,
  comeBack,
  completeUrl,
  connectForge,
  cookieUrl,
  eve,
  forge,
  interruptedInExchange,
  makeHost,
  otherBrowser,
  outbox,
  provider,
  type Started,
  startFlow,
  tokenResponse
} from "./support/host.ts"

const down = Effect.fail(new StorageUnavailable({ cause: "down" }))

/** The state of Ann's integration. */
const connection = Effect.gen(function* () {
  return yield* Effect.match(get(ann, yield* provider("forge")), {
    onFailure: (error) => error._tag,
    onSuccess: ({ status }) => status
  })
})

/** Where the browser is sent, taken apart. */
const placeOf = (outcome: { readonly _tag: string; readonly url?: string }) => {
  if (outcome.url === undefined) return assert.fail(outcome._tag)
  const url = new URL(outcome.url)
  return {
    at: `${url.origin}${url.pathname}`,
    parameters: Object.fromEntries(url.searchParams),
    fragment: url.hash
  }
}

/** Presents the flow as its burned row is changed by the test. */
const burning = (change: (flow: BurnedFlow) => BurnedFlow) =>
  Effect.updateService(OAuthStateStore, (flows) => ({
    ...flows,
    burn: (hash: Parameters<typeof flows.burn>[0]) =>
      Effect.map(flows.burn(hash), Option.map(change))
  }))

describe("a callback of its own flow", () => {
  it.effect("connects, and sends the browser to where the flow was to end", () => {
    const { layer, securityEvents, sent } = makeHost()
    return Effect.gen(function* () {
      const started = yield* startFlow()
      const outcome = yield* comeBack(started)
      const {
        items: [integration]
      } = yield* list(yield* requireMember(ann), {})
      assert.deepStrictEqual(placeOf(outcome), {
        at: cookieUrl,
        parameters: {
          status: "connected",
          provider: "forge",
          integrationId: integration?.id ?? ""
        },
        fragment: ""
      })
      assert.strictEqual(
        outcome._tag === "Return" && outcome.flowTag,
        started.browserBinding?.flowTag
      )
      assert.deepInclude(integration, {
        tenantId: ann.tenantId,
        status: "connected",
        connectedBy: ann.userId,
        scopes: ["repo", "user"],
        credentialId: undefined
      })
      const [event, ...others] = yield* outbox
      assert.deepStrictEqual(others, [])
      assert.strictEqual(event?.event, "integration.connected")
      assert.deepStrictEqual(
        securityEvents.map(({ type, userId }) => [type, userId]),
        [
          ["flow_started", "ann"],
          ["flow_completed", "ann"]
        ]
      )
      assert.strictEqual(sent.length, 1)
    }).pipe(Effect.provide(layer))
  })

  it.effect("S-16 proves by the verifier of its own flow who began it", () => {
    const { layer, sent } = makeHost()
    return Effect.gen(function* () {
      const [first, second] = [yield* startFlow(), yield* startFlow(cookieUrl, eve)]
      for (const [index, started] of [first, second].entries()) {
        yield* comeBack(started)
        const form = new URLSearchParams(sent[index]?.body)
        const verifier = form.get("code_verifier") ?? ""
        assert.match(verifier, /^[A-Za-z0-9_-]{43}$/)
        assert.strictEqual(
          started.authorizationUrl.searchParams.get("code_challenge"),
          createHash("sha256").update(verifier).digest("base64url")
        )
        // S-19
        assert.strictEqual(
          form.get("redirect_uri"),
          started.authorizationUrl.searchParams.get("redirect_uri")
        )
      }
    }).pipe(Effect.provide(layer))
  })

  it.effect("S-05 parks the code of a flow that a person completes, and asks no provider", () => {
    const { layer, reported, sent } = makeHost()
    return Effect.gen(function* () {
      const started = yield* startFlow(completeUrl)
      const outcome = yield* comeBack(started, { browserSecret: otherBrowser })
      const { at, fragment, parameters } = placeOf(outcome)
      assert.strictEqual(at, "https://spa.example/done")
      assert.deepStrictEqual(parameters, {
        view: "integrations",
        status: "pending",
        provider: "forge"
      })
      // Fresh: nothing that connect returned is in it.
      assert.match(fragment, /^#flowId=[A-Za-z0-9_-]{43}$/)
      assert.notInclude(fragment, started.state)
      assert.deepStrictEqual(sent, [])
      assert.strictEqual(yield* connection, "IntegrationNotFound")
      assert.deepStrictEqual(reported(), ["flow_started"])
    }).pipe(Effect.provide(layer))
  })

  it.effect("S-02 parks nothing but hashes and a sealed value", () =>
    Effect.gen(function* () {
      const kept: Array<unknown> = []
      const outcome = yield* comeBack(yield* startFlow(completeUrl)).pipe(
        Effect.updateService(OAuthStateStore, (flows) => ({
          ...flows,
          park: (...[flow, parked]: Parameters<typeof flows.park>) => {
            kept.push(parked.flowIdHash, Buffer.from(parked.sealedResponse).toString("latin1"))
            return flows.park(flow, parked)
          }
        }))
      )
      const flowId = placeOf(outcome).fragment.slice("#flowId=".length)
      const [hash, sealed] = kept
      assert.deepStrictEqual(hash, yield* hashSecret(Secret(flowId)))
      assert.notInclude(String(sealed), "canary-code")
    }).pipe(Effect.provide(makeHost().layer))
  )

  it.effect("S-06 takes nothing but code and issuer from the request", () =>
    Effect.gen(function* () {
      const outcome = yield* comeBack(yield* startFlow(), {
        parameters: {
          code: "canary-code",
          tenantId: "evil",
          tenant_id: "evil",
          userId: "eve",
          provider: "mill",
          connection: "other",
          redirectUrl: "https://evil.example",
          redirect_uri: "https://evil.example",
          issuer: "https://evil.example",
          scope: "everything",
          binding: "complete",
          status: "error"
        }
      })
      const { at, parameters } = placeOf(outcome)
      assert.strictEqual(at, cookieUrl)
      assert.strictEqual(parameters["status"], "connected")
      const member = yield* requireMember(ann)
      assert.strictEqual((yield* list(member, {})).total, 1)
      assert.strictEqual((yield* list(yield* requireMember(eve), {})).total, 0)
    }).pipe(Effect.provide(makeHost().layer))
  )

  it.effect("does not stop between burn and write when the browser goes away", () =>
    Effect.gen(function* () {
      yield* interruptedInExchange(comeBack(yield* startFlow()))
      assert.strictEqual(yield* connection, "connected")
      assert.strictEqual((yield* outbox).length, 1)
    }).pipe(Effect.provide(makeHost().layer))
  )
})

describe("S-13 without a valid flow there is no place to go", () => {
  const malformed = { type: "state_unknown", reason: "malformed" }
  const unknown = { type: "state_unknown" }
  const states: ReadonlyArray<readonly [string, URLSearchParams, object]> = [
    ["none", new URLSearchParams({ code: "c" }), malformed],
    ["an empty one", new URLSearchParams({ code: "c", state: "" }), malformed],
    ["one that is too long", new URLSearchParams({ code: "c", state: "u".repeat(257) }), malformed],
    ["as long as may be", new URLSearchParams({ code: "c", state: "u".repeat(256) }), unknown],
    ["one in brackets", new URLSearchParams("code=c&state[]=u"), malformed],
    ["an unknown one", new URLSearchParams({ code: "c", state: "u".repeat(43) }), unknown],
    [
      "an unknown one and the provider's error",
      new URLSearchParams("error=access_denied&state=u"),
      unknown
    ]
  ]
  for (const [name, parameters, event] of states) {
    it.effect(`for a state that is ${name}`, () => {
      const { layer, securityEvents, sent } = makeHost()
      return Effect.gen(function* () {
        const outcome = yield* finishCallback("forge", {
          parameters,
          isPosted: false,
          browserSecret: otherBrowser
        })
        assert.deepStrictEqual(outcome, { _tag: "NoFlow" })
        assert.deepStrictEqual(securityEvents, [event])
        assert.deepStrictEqual(sent, [])
      }).pipe(Effect.provide(layer))
    })
  }

  it.effect("S-10 for a state that comes twice, and the flow is not burned by it", () => {
    const { layer, reported } = makeHost()
    return Effect.gen(function* () {
      const started = yield* startFlow()
      const parameters = new URLSearchParams({ code: "c", state: started.state })
      parameters.append("state", started.state)
      const twice = yield* finishCallback("forge", {
        parameters,
        isPosted: false,
        browserSecret: browserOf(started)
      })
      assert.deepStrictEqual(twice, { _tag: "NoFlow" })
      assert.deepStrictEqual(reported(), ["flow_started", "state_unknown"])
      assert.strictEqual((yield* comeBack(started))._tag, "Return")
    }).pipe(Effect.provide(layer))
  })

  it.effect("for a hash in place of the state: what the store holds opens nothing", () => {
    const { layer } = makeHost()
    return Effect.gen(function* () {
      const started = yield* startFlow()
      const hash = Buffer.from(yield* hashSecret(Secret(started.state)))
      for (const state of [hash.toString("hex"), hash.toString("base64url")]) {
        assert.deepStrictEqual(yield* comeBack({ ...started, state }), { _tag: "NoFlow" })
      }
    }).pipe(Effect.provide(layer))
  })
})

interface Visit {
  readonly browserSecret?: CallbackInput["browserSecret"]
  readonly path?: string
  readonly parameters?: Readonly<Record<string, string>>
  readonly after?: string
}

describe("S-03 the state is burned first, so that it is spent after", () => {
  const secretly =
    (secret: string): CallbackInput["browserSecret"] =>
    () =>
      secret
  const visits: ReadonlyArray<
    readonly [string, (started: Started, other: Started) => Visit, string | undefined]
  > = [
    ["a success", () => ({}), undefined],
    ["a refusal of the user", () => ({ parameters: { error: "access_denied" } }), "flow_failed"],
    ["a response without a code", () => ({ parameters: {} }), "flow_failed"],
    ["a browser without the cookie", () => ({ browserSecret: otherBrowser }), "binding_mismatch"],
    ["a browser with an empty cookie", () => ({ browserSecret: secretly("") }), "binding_mismatch"],
    [
      "a browser with the cookie of another flow",
      (_, { browserBinding }) => ({
        browserSecret: secretly(browserBinding ? Redacted.value(browserBinding.secret) : "")
      }),
      "binding_mismatch"
    ],
    [
      "a browser with all that the flow's URL says",
      ({ authorizationUrl, browserBinding, state }) => ({
        browserSecret: secretly(`${state}${browserBinding?.flowTag}${authorizationUrl.href}`)
      }),
      "binding_mismatch"
    ],
    [
      "a browser with the state for a cookie",
      ({ state }) => ({ browserSecret: secretly(state) }),
      "binding_mismatch"
    ],
    ["the path of another provider", () => ({ path: "mill" }), "provider_mismatch"],
    ["the path of no provider", () => ({ path: "__proto__" }), "provider_mismatch"],
    ["the path in capitals", () => ({ path: "FORGE" }), "provider_mismatch"],
    ["its expiry", () => ({ after: "601 seconds" }), "state_expired"]
  ]
  for (const [name, visit, reason] of visits) {
    it.effect(name, () => {
      const { layer, reported, sent } = makeHost()
      return Effect.gen(function* () {
        const other = yield* startFlow(cookieUrl, eve)
        const started = yield* startFlow()
        const { after, ...options } = visit(started, other)
        if (after !== undefined) yield* TestClock.adjust(after as "1 second")
        const outcome = yield* comeBack(started, options)
        const isNoFlow = reason !== undefined && reason !== "flow_failed"
        assert.strictEqual(outcome._tag, isNoFlow ? "NoFlow" : "Return")
        if (reason !== undefined) assert.deepStrictEqual(sent, [])
        const requests = sent.length

        assert.deepStrictEqual(yield* comeBack(started), { _tag: "NoFlow" })
        assert.strictEqual(sent.length, requests)
        assert.deepStrictEqual(reported(), [
          "flow_started",
          "flow_started",
          reason ?? "flow_completed",
          "state_replayed"
        ])
        if (reason !== undefined) assert.strictEqual(yield* connection, "IntegrationNotFound")
      }).pipe(Effect.provide(layer))
    })
  }

  it.effect("fifty at once: one token request, one integration, one event", () => {
    const { layer, sent } = makeHost()
    return Effect.gen(function* () {
      const started = yield* startFlow()
      const outcomes = yield* Effect.all(
        Array.from({ length: 50 }, () => comeBack(started)),
        { concurrency: "unbounded" }
      )
      assert.strictEqual(outcomes.filter(({ _tag }) => _tag === "Return").length, 1)
      assert.strictEqual(sent.length, 1)
      assert.strictEqual((yield* outbox).length, 1)
    }).pipe(Effect.provide(layer))
  })

  it.effect(
    "nothing but the state decides what is burned: the store is asked for its hash alone",
    () =>
      Effect.gen(function* () {
        const asked: Array<unknown> = []
        const started = yield* startFlow()
        yield* comeBack(started, { path: "mill", browserSecret: otherBrowser }).pipe(
          Effect.updateService(OAuthStateStore, (flows) => ({
            ...flows,
            burn: (...parameters: Parameters<typeof flows.burn>) => {
              asked.push(...parameters)
              return flows.burn(...parameters)
            }
          }))
        )
        assert.deepStrictEqual(asked, [yield* hashSecret(Secret(started.state))])
      }).pipe(Effect.provide(makeHost().layer))
  )
})

describe("S-05 a browser proves itself", () => {
  it.effect("by the secret under its own flow's name, of several flows at once", () =>
    Effect.gen(function* () {
      const flows = [yield* startFlow(), yield* startFlow(cookieUrl, ann, "mill")]
      const jar: CallbackInput["browserSecret"] = (flowTag) =>
        flows.map((flow) => browserOf(flow)(flowTag)).find((secret) => secret !== undefined)
      for (const [index, started] of flows.entries()) {
        const path = index === 0 ? "forge" : "mill"
        const outcome = yield* comeBack(started, { browserSecret: jar, path })
        assert.strictEqual(outcome._tag, "Return")
      }
    }).pipe(Effect.provide(makeHost().layer))
  )

  it.effect("never by an absence on both sides", () => {
    const { layer, reported, sent } = makeHost()
    return Effect.gen(function* () {
      for (const browserSecret of [otherBrowser, () => "", () => "undefined"]) {
        const outcome = yield* comeBack(yield* startFlow(), { browserSecret }).pipe(
          burning((flow) => ({ ...flow, browserHash: undefined }))
        )
        assert.deepStrictEqual(outcome, { _tag: "NoFlow" })
      }
      assert.deepStrictEqual(sent, [])
      assert.strictEqual(reported().filter((type) => type === "binding_mismatch").length, 3)
    }).pipe(Effect.provide(layer))
  })

  it.effect(
    "S-20 and a flow that a person completes too comes back on its own provider's path",
    () => {
      const { layer, reported } = makeHost()
      return Effect.gen(function* () {
        const started = yield* startFlow(completeUrl)
        assert.deepStrictEqual(yield* comeBack(started, { path: "mill" }), { _tag: "NoFlow" })
        assert.deepStrictEqual(yield* comeBack(started), { _tag: "NoFlow" })
        assert.deepStrictEqual(reported(), ["flow_started", "provider_mismatch", "state_replayed"])
      }).pipe(Effect.provide(layer))
    }
  )

  it.effect("S-04 to the last second of ten minutes", () =>
    Effect.gen(function* () {
      const started = yield* startFlow()
      yield* TestClock.adjust("599 seconds")
      assert.strictEqual((yield* comeBack(started))._tag, "Return")
    }).pipe(Effect.provide(makeHost().layer))
  )
})

describe("S-14 a flow that failed ends with a word of ours", () => {
  const failures: ReadonlyArray<readonly [string, () => ReturnType<typeof tokenResponse>, string]> =
    [
      [
        "the provider refuses the code",
        () => Response.json({ error: "canary<script>", error_description: "canary" }),
        "provider_error"
      ],
      [
        "the provider is down",
        () => new Response("canary", { status: 503 }),
        "provider_unavailable"
      ],
      [
        "the provider gives no usable token",
        () => tokenResponse({ access_token: 1 }),
        "invalid_response"
      ],
      [
        "a required scope was not granted",
        () => tokenResponse({ scope: "user" }),
        "insufficient_scope"
      ]
    ]
  for (const [name, answer, error] of failures) {
    it.effect(`where ${name}: ${error}`, () => {
      const { layer, securityEvents, sent } = makeHost({ answer })
      return Effect.gen(function* () {
        const outcome = yield* comeBack(yield* startFlow())
        assert.deepStrictEqual(placeOf(outcome), {
          at: cookieUrl,
          parameters: { status: "error", provider: "forge", error },
          fragment: ""
        })
        assert.strictEqual(sent.length, 1)
        assert.strictEqual(yield* connection, "IntegrationNotFound")
        assert.deepStrictEqual(yield* outbox, [])
        const [, event] = securityEvents
        assert.deepInclude(event, { type: "flow_failed", reason: error, provider: "forge" })
      }).pipe(Effect.provide(layer))
    })
  }

  it.effect("where no answer came: provider_unavailable", () =>
    Effect.gen(function* () {
      const outcome = yield* comeBack(yield* startFlow())
      assert.strictEqual(placeOf(outcome).parameters["error"], "provider_unavailable")
    }).pipe(Effect.provide(makeHost({ answer: () => noAnswer("timeout") }).layer))
  )

  it.effect("where the provider sent the user back with an error", () => {
    const { layer, securityEvents, sent } = makeHost()
    return Effect.gen(function* () {
      const payloads = [
        ["access_denied", "access_denied"],
        ["canary<script>alert(1)</script>", "provider_error"],
        ["canary\r\nset-cookie: a=b", "provider_error"]
      ] as const
      for (const [error, expected] of payloads) {
        for (const redirectUrl of [cookieUrl, completeUrl]) {
          const outcome = yield* comeBack(yield* startFlow(redirectUrl), {
            parameters: { error, error_description: "canary", error_uri: "https://canary.example" }
          })
          const { fragment, parameters } = placeOf(outcome)
          assert.strictEqual(parameters["error"], expected)
          assert.strictEqual(fragment, "")
          assert.notInclude(JSON.stringify(outcome), "canary")
        }
      }
      assert.notInclude(JSON.stringify(securityEvents), "canary")
      assert.deepStrictEqual(sent, [])
    }).pipe(Effect.provide(layer))
  })

  it.effect("where the tenant was connected meanwhile: already_connected, and one event", () =>
    Effect.gen(function* () {
      const [first, second] = [yield* startFlow(), yield* startFlow(cookieUrl, bob)]
      yield* comeBack(first)
      const { parameters } = placeOf(yield* comeBack(second))
      assert.deepStrictEqual(parameters, {
        status: "error",
        provider: "forge",
        error: "already_connected"
      })
      assert.strictEqual((yield* outbox).length, 1)
    }).pipe(Effect.provide(makeHost().layer))
  )

  const elsewhere: ReadonlyArray<readonly [string, ReadonlyArray<typeof forge>]> = [
    ["is configured no longer", []],
    ["has another client by now", [{ ...forge, clientId: "other" as "forge-client" }]]
  ]
  for (const [name, providers] of elsewhere) {
    it.effect(`where the provider ${name}: provider_error, and no code is sent`, () => {
      const { layer, sent } = makeHost()
      return Effect.gen(function* () {
        const started = yield* startFlow()
        const later = yield* Effect.provide(ProviderRegistry, makeHost({ providers }).layer)
        const outcome = yield* comeBack(started).pipe(
          Effect.provideService(ProviderRegistry, later)
        )
        assert.strictEqual(placeOf(outcome).parameters["error"], "provider_error")
        assert.deepStrictEqual(sent, [])
      }).pipe(Effect.provide(layer))
    })
  }
})

describe("a callback fails", () => {
  it.effect("where the store cannot be reached, at each of its steps", () =>
    Effect.gen(function* () {
      const errors = [
        yield* comeBack(yield* startFlow()).pipe(
          Effect.updateService(OAuthStateStore, (flows) => ({ ...flows, burn: () => down })),
          Effect.flip
        ),
        yield* comeBack({ ...(yield* startFlow()), state: "unknown" }).pipe(
          Effect.updateService(OAuthStateStore, (flows) => ({ ...flows, explainMiss: () => down })),
          Effect.flip
        ),
        yield* comeBack(yield* startFlow(completeUrl, bob)).pipe(
          Effect.updateService(OAuthStateStore, (flows) => ({ ...flows, park: () => down })),
          Effect.flip
        ),
        yield* comeBack(yield* startFlow(cookieUrl, bob)).pipe(
          Effect.updateService(ConnectionStore, (store) => ({ ...store, connect: () => down })),
          Effect.flip
        )
      ]
      for (const error of errors) assert.instanceOf(error, StorageUnavailable)
      assert.deepStrictEqual(yield* outbox, [])
    }).pipe(Effect.provide(makeHost().layer))
  )

  it.effect("S-42 where the verifier does not open, and sends no code", () => {
    const { layer, reported, sent } = makeHost()
    return Effect.gen(function* () {
      const foreign: Array<Sealed | undefined> = []
      const other = yield* startFlow(cookieUrl, eve)
      yield* comeBack(other).pipe(
        burning((flow) => {
          foreign.push(flow.sealedSecrets)
          return flow
        })
      )
      const requests = sent.length
      const error = yield* comeBack(yield* startFlow()).pipe(
        burning((flow) => ({ ...flow, sealedSecrets: foreign[0] })),
        Effect.flip
      )
      assert.instanceOf(error, DecryptionFailed)
      assert.strictEqual(error.reason, "not_authentic")
      assert.strictEqual(sent.length, requests)
      assert.include(reported(), "decryption_failed")
    }).pipe(Effect.provide(layer))
  })

  it.effect("S-106 where its page was changed in the table, before anybody is sent there", () => {
    const { layer, reported } = makeHost()
    return Effect.gen(function* () {
      const answers = [{ code: "a-code" }, { error: "access_denied" }]
      for (const parameters of answers) {
        const error = yield* comeBack(yield* startFlow(), { parameters }).pipe(
          burning((flow) => ({ ...flow, redirectUrl: "https://elsewhere.example/" })),
          Effect.flip
        )
        assert.instanceOf(error, DecryptionFailed)
      }
      assert.strictEqual(reported().filter((type) => type === "decryption_failed").length, 2)
    }).pipe(Effect.provide(layer))
  })

  it.effect("S-72 and no security event of any flow holds a secret", () => {
    const { layer, securityEvents } = makeHost()
    return Effect.gen(function* () {
      const started = yield* startFlow()
      yield* comeBack(started)
      yield* comeBack(started)
      yield* Effect.flip(connectForge())
      const told = JSON.stringify(securityEvents)
      const secret = started.browserBinding && Redacted.value(started.browserBinding.secret)
      for (const text of [started.state, secret ?? "none", "canary"]) assert.notInclude(told, text)
    }).pipe(Effect.provide(layer))
  })
})
