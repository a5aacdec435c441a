import { assert, describe, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import { TestClock } from "effect/testing"
import { createHash } from "node:crypto"
import {
  AlreadyConnected,
  ConnectFailed,
  ConnectionStore,
  DecryptionFailed,
  FlowNotFound,
  list,
  OAuthStateStore,
  type ParkedFlow,
  ProviderRegistry,
  requireMember,
  type Sealed,
  StorageUnavailable
} from "@hawser/core"
import { noAnswer } from "./support/answeringEgress.ts"
import {
  admin,
  ann,
  bob,
  comeBack,
  completeFlow,
  completeUrl,
  connectForge,
  eve,
  forge,
  interruptedInExchange,
  makeHost,
  outbox,
  parkFlow,
  startFlow,
  tokenResponse,
  type Admin
} from "./support/host.ts"

const down = Effect.fail(new StorageUnavailable({ cause: "down" }))

/** Completing fails; with what. */
const refusal = (flowId: string, by?: Admin, providerId?: string) =>
  Effect.flip(completeFlow(flowId, by, providerId))

const connections = Effect.gen(function* () {
  return (yield* list(yield* requireMember(ann), {})).items
})

/** Takes parked flows as they are changed by the test. */
const taking = (change: (flow: ParkedFlow) => ParkedFlow) =>
  Effect.updateService(OAuthStateStore, (flows) => ({
    ...flows,
    takeParked: (hash: Parameters<typeof flows.takeParked>[0]) =>
      Effect.map(flows.takeParked(hash), Option.map(change))
  }))

describe("completing a parked flow", () => {
  it.effect("connects, by one token request with the verifier of the flow", () => {
    const { layer, reported, sent } = makeHost()
    return Effect.gen(function* () {
      const started = yield* startFlow(completeUrl)
      const outcome = yield* comeBack(started)
      const flowId = outcome._tag === "Return" ? outcome.url.split("#flowId=")[1] : undefined
      const integration = yield* completeFlow(flowId ?? "")
      assert.deepInclude(integration, {
        tenantId: ann.tenantId,
        provider: forge.definition.id,
        status: "connected",
        connectedBy: ann.userId,
        scopes: ["repo", "user"]
      })
      assert.deepStrictEqual(yield* connections, [{ ...integration, missingScopes: [] }])
      const [request, ...others] = sent
      assert.deepStrictEqual(others, [])
      const form = new URLSearchParams(request?.body)
      assert.strictEqual(form.get("code"), "canary-code")
      assert.strictEqual(
        started.authorizationUrl.searchParams.get("code_challenge"),
        createHash("sha256")
          .update(form.get("code_verifier") ?? "")
          .digest("base64url")
      )
      assert.strictEqual(
        form.get("redirect_uri"),
        started.authorizationUrl.searchParams.get("redirect_uri")
      )
      const [event, ...later] = yield* outbox
      assert.deepStrictEqual(later, [])
      assert.strictEqual(event?.data.integrationId, integration.id)
      assert.deepStrictEqual(reported(), ["flow_started", "flow_completed"])
    }).pipe(Effect.provide(layer))
  })

  it.effect("S-21 remembers the issuer that the callback brought", () => {
    const definition = { ...forge.definition, issParameterSupported: true }
    return Effect.gen(function* () {
      const outcome = yield* comeBack(yield* startFlow(completeUrl), {
        parameters: { code: "canary-code", iss: "https://forge.example" }
      })
      const flowId = outcome._tag === "Return" ? outcome.url.split("#flowId=")[1] : undefined
      assert.strictEqual((yield* completeFlow(flowId ?? "")).status, "connected")
    }).pipe(Effect.provide(makeHost({ providers: [{ ...forge, definition }] }).layer))
  })

  it.effect("works without PKCE where the provider breaks on it", () => {
    const definition = { ...forge.definition, pkce: { off: "It breaks." } }
    const { layer, sent } = makeHost({ providers: [{ ...forge, definition }] })
    return Effect.gen(function* () {
      yield* connectForge()
      assert.notInclude(sent[0]?.body, "code_verifier")
    }).pipe(Effect.provide(layer))
  })

  it.effect("S-05 works within two minutes, once, of fifty at once for one", () => {
    const { layer, sent } = makeHost()
    return Effect.gen(function* () {
      const flowId = yield* parkFlow()
      yield* TestClock.adjust("119 seconds")
      const results = yield* Effect.forEach(
        Array.from({ length: 50 }),
        () => Effect.result(completeFlow(flowId)),
        { concurrency: "unbounded" }
      )
      assert.deepStrictEqual(
        results
          .flatMap((result) => (result._tag === "Failure" ? [result.failure._tag] : []))
          .filter((tag) => tag !== "FlowNotFound"),
        []
      )
      assert.strictEqual(results.filter(({ _tag }) => _tag === "Success").length, 1)
      assert.strictEqual(sent.length, 1)
      assert.strictEqual((yield* outbox).length, 1)
    }).pipe(Effect.provide(layer))
  })

  it.effect("does not stop between burn and write when the caller goes away", () =>
    Effect.gen(function* () {
      yield* interruptedInExchange(completeFlow(yield* parkFlow()))
      assert.strictEqual((yield* connections).length, 1)
      assert.strictEqual((yield* outbox).length, 1)
    }).pipe(Effect.provide(makeHost().layer))
  )
})

describe("S-05 a parked flow is gone for its owner too once it was presented", () => {
  const presentations: ReadonlyArray<
    readonly [string, (flowId: string) => ReturnType<typeof refusal>, "not_own" | "expired"]
  > = [
    ["by another admin of the tenant", (flowId) => refusal(flowId, bob), "not_own"],
    ["by an admin of another tenant", (flowId) => refusal(flowId, eve), "not_own"],
    [
      "by a user of the same name in another tenant",
      (flowId) => refusal(flowId, admin("evil", "ann")),
      "not_own"
    ],
    ["under another provider", (flowId) => refusal(flowId, ann, "mill"), "not_own"],
    ["under a provider of API keys", (flowId) => refusal(flowId, ann, "gauge"), "not_own"],
    [
      "after two minutes",
      (flowId) => Effect.andThen(TestClock.adjust("120 seconds"), refusal(flowId)),
      "expired"
    ]
  ]
  for (const [name, present, reason] of presentations) {
    it.effect(name, () => {
      const { layer, securityEvents, sent } = makeHost()
      return Effect.gen(function* () {
        const flowId = yield* parkFlow()
        assert.deepStrictEqual(yield* present(flowId), new FlowNotFound())
        const { type, reason: told } = securityEvents.at(-1) ?? {}
        assert.deepStrictEqual([type, told], ["complete_mismatch", reason])
        assert.deepStrictEqual(yield* refusal(flowId), new FlowNotFound())
        assert.deepStrictEqual(sent, [])
        assert.deepStrictEqual(yield* connections, [])
        assert.notInclude(JSON.stringify(securityEvents), flowId)
      }).pipe(Effect.provide(layer))
    })
  }

  it.effect("with a client that is not the flow's any more", () => {
    const { layer, sent } = makeHost()
    const changed = makeHost({ providers: [{ ...forge, clientId: "other-client" }] })
    return Effect.gen(function* () {
      const flowId = yield* parkFlow()
      const registry = yield* Effect.provide(ProviderRegistry, changed.layer)
      const error = yield* refusal(flowId).pipe(Effect.provideService(ProviderRegistry, registry))
      assert.deepStrictEqual(error, new FlowNotFound())
      assert.deepStrictEqual(yield* refusal(flowId), new FlowNotFound())
      assert.deepStrictEqual(sent, [])
    }).pipe(Effect.provide(layer))
  })

  it.effect("and nothing that connect returned completes it", () => {
    const { layer, sent } = makeHost()
    return Effect.gen(function* () {
      const started = yield* startFlow(completeUrl, eve)
      // The victim comes back, in another browser, from the URL that Eve sent.
      yield* comeBack(started)
      const { authorizationUrl, state } = started
      const known = [state, "", authorizationUrl.href, ...authorizationUrl.searchParams.values()]
      for (const flowId of known) {
        assert.deepStrictEqual(yield* refusal(flowId, eve), new FlowNotFound())
      }
      assert.deepStrictEqual(sent, [])
    }).pipe(Effect.provide(layer))
  })
})

describe("completing fails", () => {
  const answers = [
    ["provider_error", () => Response.json({ error: "invalid_grant" }, { status: 400 })],
    ["provider_unavailable", () => noAnswer("timeout")],
    ["invalid_response", () => tokenResponse({ token_type: "mac" })],
    ["insufficient_scope", () => tokenResponse({ scope: "user" })]
  ] as const
  for (const [reason, answer] of answers) {
    it.effect(`where the provider gives no usable tokens: ${reason}`, () => {
      const { layer, reported } = makeHost({ answer })
      return Effect.gen(function* () {
        const flowId = yield* parkFlow()
        const error = yield* refusal(flowId)
        assert.instanceOf(error, ConnectFailed)
        assert.strictEqual(error.reason, reason)
        assert.strictEqual(
          error.message,
          `Connecting forge failed (${reason}). Start connecting again.`
        )
        assert.deepStrictEqual(yield* refusal(flowId), new FlowNotFound())
        assert.deepStrictEqual(yield* connections, [])
        assert.deepStrictEqual(yield* outbox, [])
        assert.notInclude(reported(), "flow_completed")
      }).pipe(Effect.provide(layer))
    })
  }

  it.effect("where the tenant was connected meanwhile, and keeps the winner's tokens", () =>
    Effect.gen(function* () {
      const mine = yield* parkFlow()
      const winner = yield* connectForge(bob)
      assert.instanceOf(yield* refusal(mine), AlreadyConnected)
      assert.deepStrictEqual(yield* connections, [{ ...winner, missingScopes: [] }])
      assert.strictEqual((yield* outbox).length, 1)
    }).pipe(Effect.provide(makeHost().layer))
  )

  it.effect("S-42 where the parked response is another flow's", () => {
    const { layer, reported, sent } = makeHost()
    return Effect.gen(function* () {
      const responses: Array<Sealed> = []
      yield* completeFlow(yield* parkFlow(eve), eve).pipe(
        taking((flow) => {
          responses.push(flow.sealedResponse)
          return flow
        })
      )
      const requests = sent.length
      const [foreign] = responses
      const error = yield* refusal(yield* parkFlow()).pipe(
        taking((flow) => ({ ...flow, sealedResponse: foreign ?? flow.sealedResponse }))
      )
      assert.instanceOf(error, DecryptionFailed)
      assert.strictEqual(sent.length, requests)
      assert.include(reported(), "decryption_failed")
    }).pipe(Effect.provide(layer))
  })

  it.effect("where the store cannot be reached", () =>
    Effect.gen(function* () {
      const flowId = yield* parkFlow()
      const unreachable = yield* refusal(flowId).pipe(
        Effect.updateService(OAuthStateStore, (flows) => ({ ...flows, takeParked: () => down }))
      )
      assert.instanceOf(unreachable, StorageUnavailable)
      const unwritable = yield* refusal(flowId).pipe(
        Effect.updateService(ConnectionStore, (store) => ({ ...store, connect: () => down }))
      )
      assert.instanceOf(unwritable, StorageUnavailable)
      // The code is spent: it is not sent a second time.
      assert.deepStrictEqual(yield* refusal(flowId), new FlowNotFound())
    }).pipe(Effect.provide(makeHost().layer))
  )
})
