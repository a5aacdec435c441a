import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Redacted } from "effect"
import { TestClock } from "effect/testing"
import { createHash } from "node:crypto"
import {
  AlreadyConnected,
  connect,
  type ConnectInput,
  ConnectionStore,
  CredentialNotFound,
  disconnect,
  type NewFlow,
  OAuthStateStore,
  Secret,
  StorageUnavailable,
  tenantsOwn,
  TooManyPendingFlows,
  ValidationError,
  defaultName
} from "@hawser/core"
import { openFlowSecrets } from "../../packages/core/src/connect/flowSecrets.ts"
import { hashSecret } from "../../packages/core/src/vault/secrets.ts"
import {
  ann,
  bob,
  comeBack,
  completeUrl,
  connectForge,
  cookieUrl,
  eve,
  forge,
  gauge,
  makeHost,
  outbox,
  provider,
  startFlow,
  storeKey,
  type Admin
} from "./support/host.ts"

const down = Effect.fail(new StorageUnavailable({ cause: "down" }))

/** Connecting by this input fails; with what. */
const refusal = Effect.fnUntraced(function* (id: string, input: ConnectInput, by: Admin = ann) {
  return yield* Effect.flip(connect(by, yield* provider(id), input))
})

/** What a flow leaves in the store. */
const flowKept = Effect.fnUntraced(function* (redirectUrl: string, id: string = "forge") {
  const kept: Array<NewFlow> = []
  const started = yield* startFlow(redirectUrl, ann, id).pipe(
    Effect.updateService(OAuthStateStore, (flows) => ({
      ...flows,
      start: (flow: NewFlow, options: Parameters<typeof flows.start>[1]) => {
        kept.push(flow)
        return flows.start(flow, options)
      }
    }))
  )
  const [flow] = kept
  if (flow === undefined) return yield* Effect.die("no flow was kept")
  return { flow, started }
})

describe("connecting an OAuth2 provider", () => {
  it.effect("sends the browser to the provider with what the host configured", () => {
    const { layer, securityEvents, sent } = makeHost()
    return Effect.gen(function* () {
      const { authorizationUrl, state } = yield* startFlow()
      assert.strictEqual(
        `${authorizationUrl.origin}${authorizationUrl.pathname}`,
        forge.definition.authorizationEndpoint
      )
      const { code_challenge, ...parameters } = Object.fromEntries(authorizationUrl.searchParams)
      assert.match(code_challenge ?? "", /^[A-Za-z0-9_-]{43}$/)
      assert.deepStrictEqual(parameters, {
        response_type: "code",
        client_id: forge.clientId,
        redirect_uri: "https://api.example/v1/integrations/forge/callback",
        scope: "repo user",
        state,
        code_challenge_method: "S256"
      })
      assert.deepStrictEqual(securityEvents, [
        {
          type: "flow_started",
          tenantId: "acme",
          userId: "ann",
          provider: "forge",
          reason: "cookie"
        }
      ])
      assert.deepStrictEqual(sent, [])
    }).pipe(Effect.provide(layer))
  })

  it.effect("S-20 gives each provider a redirect URI of its own", () =>
    Effect.gen(function* () {
      const uris = yield* Effect.forEach(["forge", "mill"], (id) =>
        Effect.map(startFlow(cookieUrl, ann, id), ({ authorizationUrl }) =>
          authorizationUrl.searchParams.get("redirect_uri")
        )
      )
      assert.deepStrictEqual(uris, [
        "https://api.example/v1/integrations/forge/callback",
        "https://api.example/v1/integrations/mill/callback"
      ])
    }).pipe(Effect.provide(makeHost().layer))
  )

  it.effect("S-05 binds to the browser by a secret that is in neither state nor URL", () =>
    Effect.gen(function* () {
      const { flow, started } = yield* flowKept(cookieUrl)
      const { browserBinding, state } = started
      assert.strictEqual(flow.binding, "cookie")
      if (browserBinding === undefined) return assert.fail("no binding")
      const secret = Redacted.value(browserBinding.secret)
      assert.match(secret, /^[A-Za-z0-9_-]{43}$/)
      assert.notStrictEqual(secret, state)
      assert.notInclude(started.authorizationUrl.href, secret)
      assert.deepStrictEqual(flow.browserHash, yield* hashSecret(browserBinding.secret))
      assert.isTrue(Duration.equals(browserBinding.lifetime, Duration.minutes(10)))
      assert.notInclude(`${state}${secret}`, browserBinding.flowTag)
    }).pipe(Effect.provide(makeHost().layer))
  )

  it.effect("S-05 leaves the browser without a secret where a person completes the flow", () =>
    Effect.gen(function* () {
      const { flow, started } = yield* flowKept(completeUrl)
      assert.strictEqual(flow.binding, "complete")
      assert.isUndefined(flow.browserHash)
      assert.isUndefined(started.browserBinding)
    }).pipe(Effect.provide(makeHost().layer))
  )

  it.effect("S-02 keeps the hash of the state and the verifier sealed, and neither in clear", () =>
    Effect.gen(function* () {
      const { flow, started } = yield* flowKept(cookieUrl)
      assert.deepStrictEqual(flow.stateHash, yield* hashSecret(Secret(started.state)))
      const kept = Object.values(flow)
        .map((value) =>
          value instanceof Uint8Array
            ? Buffer.from(value).toString("latin1")
            : JSON.stringify(value)
        )
        .join("\n")
      const { codeVerifier } = yield* openFlowSecrets(flow)
      const verifier = codeVerifier === undefined ? "" : Redacted.value(codeVerifier)
      assert.match(verifier, /^[A-Za-z0-9_-]{43}$/)
      assert.strictEqual(
        started.authorizationUrl.searchParams.get("code_challenge"),
        createHash("sha256").update(verifier).digest("base64url")
      )
      for (const secret of [started.state, verifier, forge.clientSecret])
        assert.notInclude(kept, secret)
    }).pipe(Effect.provide(makeHost().layer))
  )

  it.effect("S-06 fixes all that the callback will need", () =>
    Effect.gen(function* () {
      const { flow } = yield* flowKept(completeUrl)
      const { browserHash: _, sealedSecrets: __, stateHash: ___, userHash: ____, ...terms } = flow
      assert.deepStrictEqual(
        { ...terms },
        {
          tenantId: ann.tenantId,
          owner: tenantsOwn,
          userId: ann.userId,
          provider: forge.definition.id,
          name: terms.name,
          binding: "complete",
          redirectUrl: completeUrl,
          redirectUri: "https://api.example/v1/integrations/forge/callback",
          server: {
            issuer: "https://forge.example",
            authorizationEndpoint: forge.definition.authorizationEndpoint,
            tokenEndpoint: forge.definition.tokenEndpoint,
            clientId: forge.clientId
          },
          scopes: ["repo", "user"],
          fields: {},
          reauthorizes: false
        }
      )
      assert.strictEqual(terms.name, "default")
    }).pipe(Effect.provide(makeHost().layer))
  )

  it.effect("S-16 makes a new verifier for each flow", () =>
    Effect.gen(function* () {
      const challenges = new Set<string | null>()
      for (let i = 0; i < 3; i++) {
        const { authorizationUrl } = yield* startFlow()
        challenges.add(authorizationUrl.searchParams.get("code_challenge"))
      }
      assert.strictEqual(challenges.size, 3)
      assert.notInclude([...challenges], null)
    }).pipe(Effect.provide(makeHost().layer))
  )

  it.effect(
    "S-17 S-106 has a state, and something sealed, where the provider breaks on PKCE and gets none",
    () => {
      const definition = { ...forge.definition, pkce: { off: "It breaks." } }
      return Effect.gen(function* () {
        const { flow, started } = yield* flowKept(cookieUrl)
        // What is sealed without any secret holds the flow's terms together.
        assert.deepStrictEqual(yield* openFlowSecrets(flow), {
          codeVerifier: undefined,
          dpopKey: undefined
        })
        const names = [...started.authorizationUrl.searchParams.keys()]
        assert.notInclude(names, "code_challenge")
        assert.notInclude(names, "code_challenge_method")
        assert.include(names, "state")
      }).pipe(Effect.provide(makeHost({ providers: [{ ...forge, definition }] }).layer))
    }
  )

  it.effect("S-12 refuses what is not exactly one of the allowed redirect URLs", () => {
    const { layer, securityEvents } = makeHost()
    return Effect.gen(function* () {
      const corpus = [
        "//evil.example",
        "/\\evil.example",
        "/done",
        "https:evil.example",
        "https://app.example@evil.example/done",
        "https://app.example.evil.example/done",
        "https://evil.example/done",
        "https://evil.example/https://app.example/done",
        "http://app.example/done",
        "javascript:alert(1)//https://app.example/done",
        "data:text/html,done",
        "https://app.example/done\r\nset-cookie: a=b",
        "https://ann:pw@app.example/done",
        "https://ａpp.example/done",
        "https://аpp.example/done",
        "https://app.example./done",
        "https://app.example:443/done",
        "https://app.example/%64one",
        "https://app.example/done%2f",
        "https://app.example/done/",
        "https://app.example/done/../evil",
        "https://app.example/done?next=//evil.example",
        "https://app.example/done#@evil.example",
        "https://APP.example/done",
        " https://app.example/done",
        "https://app.example/done ",
        "",
        "*",
        "__proto__"
      ]
      for (const redirectUrl of corpus) {
        const error = yield* refusal("forge", { redirectUrl })
        assert.instanceOf(error, ValidationError, redirectUrl)
        assert.deepStrictEqual(error.details, [{ path: "redirectUrl", code: "not_allowed" }])
        assert.strictEqual(error.message, "The request is not valid: redirectUrl (not_allowed).")
      }
      assert.deepStrictEqual(securityEvents, [])
    }).pipe(Effect.provide(layer))
  })

  it.effect("fails without a redirect URL, whatever else was sent", () =>
    Effect.gen(function* () {
      for (const input of [{}, { credentialId: (yield* storeKey()).id }]) {
        const error = yield* refusal("forge", input)
        assert.instanceOf(error, ValidationError)
        assert.deepStrictEqual(error.details, [{ path: "redirectUrl", code: "missing" }])
      }
    }).pipe(Effect.provide(makeHost().layer))
  )

  it.effect("fails where the tenant is connected, for this tenant and provider alone", () =>
    Effect.gen(function* () {
      yield* connectForge()
      for (const by of [ann, bob]) {
        const error = yield* refusal("forge", { redirectUrl: cookieUrl }, by)
        assert.instanceOf(error, AlreadyConnected)
        assert.strictEqual(
          error.message,
          `forge is already connected. For new scopes or a new consent of the same account connect with "reauthorize": true; for another API key swap the credential; for another account disconnect it first.`
        )
      }
      yield* startFlow(cookieUrl, eve)
      yield* startFlow(cookieUrl, ann, "mill")
    }).pipe(Effect.provide(makeHost().layer))
  )

  it.effect("S-11 lets a user and a tenant have so many pending flows and no more", () =>
    Effect.gen(function* () {
      const input = { redirectUrl: cookieUrl }
      for (let i = 0; i < 3; i++) yield* startFlow()
      yield* TestClock.adjust("1 minute")
      const error = yield* refusal("forge", input)
      assert.instanceOf(error, TooManyPendingFlows)
      assert.strictEqual(error.retryAfter, 9 * 60)
      // Two more of the tenant's five, whatever the provider.
      yield* startFlow(cookieUrl, bob)
      const last = yield* startFlow(cookieUrl, bob, "mill")
      assert.instanceOf(yield* refusal("forge", input, bob), TooManyPendingFlows)
      yield* startFlow(cookieUrl, eve)
      // One that is finished, and those that have expired, make room.
      yield* comeBack(last, { path: "mill" })
      yield* startFlow(cookieUrl, bob)
      assert.instanceOf(yield* refusal("forge", input, bob), TooManyPendingFlows)
      yield* TestClock.adjust("9 minutes")
      yield* startFlow()
    }).pipe(Effect.provide(makeHost().layer))
  )

  it.effect("fails where the store cannot be reached, and has started nothing", () => {
    const { layer, securityEvents } = makeHost()
    return Effect.gen(function* () {
      const error = yield* refusal("forge", { redirectUrl: cookieUrl }).pipe(
        Effect.updateService(OAuthStateStore, (flows) => ({ ...flows, start: () => down }))
      )
      assert.instanceOf(error, StorageUnavailable)
      assert.isTrue(error.retryable)
      assert.deepStrictEqual(securityEvents, [])
    }).pipe(Effect.provide(layer))
  })
})

describe("connecting an API-key provider", () => {
  it.effect("connects at once with the stored key, and records one event", () =>
    Effect.gen(function* () {
      const { id: credentialId } = yield* storeKey()
      yield* TestClock.setTime(Date.UTC(2024, 3, 1, 10, 5, 0, 700))
      const result = yield* connect(bob, yield* provider("gauge"), { credentialId })
      if (result._tag !== "Connected") return assert.fail(result._tag)
      const { integration } = result
      assert.match(integration.id, /^int_/)
      assert.deepInclude(integration, {
        tenantId: bob.tenantId,
        provider: gauge.definition.id,
        status: "connected",
        connectedBy: bob.userId,
        scopes: [],
        credentialId
      })
      const [event, ...others] = yield* outbox
      assert.deepStrictEqual(others, [])
      assert.match(event?.id ?? "", /^evt_/)
      assert.deepStrictEqual(
        { ...event, id: undefined },
        {
          id: undefined,
          event: "integration.connected",
          timestamp: "2024-04-01T10:05:00Z",
          tenantId: bob.tenantId,
          data: {
            integrationId: integration.id,
            provider: gauge.definition.id,
            name: defaultName,
            owner: "tenant",
            connectedBy: bob.userId
          }
        }
      )
    }).pipe(Effect.provide(makeHost().layer))
  )

  it.effect("ignores a redirect URL, and fails without a credential id", () =>
    Effect.gen(function* () {
      const error = yield* refusal("gauge", { redirectUrl: cookieUrl })
      assert.instanceOf(error, ValidationError)
      assert.deepStrictEqual(error.details, [{ path: "credentialId", code: "missing" }])
      const { id: credentialId } = yield* storeKey()
      const input = { credentialId, redirectUrl: "https://evil.example" }
      assert.strictEqual((yield* connect(ann, yield* provider("gauge"), input))._tag, "Connected")
    }).pipe(Effect.provide(makeHost().layer))
  )

  it.effect("S-58 does not tell a foreign credential from one that never existed", () => {
    const copy = { definition: { ...gauge.definition, id: "meter" as never } }
    const { layer } = makeHost({ providers: [gauge, copy] })
    return Effect.gen(function* () {
      const foreign = yield* storeKey(eve)
      const ofOtherProvider = yield* storeKey(ann, "meter")
      const ids = [
        foreign.id,
        ofOtherProvider.id,
        "crd_01ARZ3NDEKTSV4RRFFQ69G5FAV",
        "crd_01arz3ndektsv4rrffq69g5fav",
        "no id",
        "",
        "' or 1=1 --"
      ]
      for (const credentialId of ids) {
        const error = yield* refusal("gauge", { credentialId })
        assert.deepStrictEqual(error, new CredentialNotFound(), credentialId)
      }
      assert.deepStrictEqual(yield* outbox, [])
    }).pipe(Effect.provide(layer))
  })

  it.effect("fails with a credential that went with its connection", () =>
    Effect.gen(function* () {
      const { id: credentialId } = yield* storeKey()
      const gaugeProvider = yield* provider("gauge")
      yield* connect(bob, gaugeProvider, { credentialId })
      yield* disconnect(bob, gaugeProvider)
      assert.instanceOf(yield* refusal("gauge", { credentialId }), CredentialNotFound)
    }).pipe(Effect.provide(makeHost().layer))
  )

  it.effect("names a credential that is not there before the connection that is", () =>
    Effect.gen(function* () {
      const { id: credentialId } = yield* storeKey()
      yield* connect(ann, yield* provider("gauge"), { credentialId })
      const unknown = "crd_01ARZ3NDEKTSV4RRFFQ69G5FAV"
      const errors = [
        yield* refusal("gauge", { credentialId }),
        yield* refusal("gauge", { credentialId: unknown })
      ]
      assert.deepStrictEqual(
        errors.map(({ _tag }) => _tag),
        ["AlreadyConnected", "CredentialNotFound"]
      )
    }).pipe(Effect.provide(makeHost().layer))
  )

  it.effect("fails where the tenant is connected; of many at once exactly one succeeds", () =>
    Effect.gen(function* () {
      const { id: credentialId } = yield* storeKey()
      const gaugeProvider = yield* provider("gauge")
      const results = yield* Effect.forEach(
        Array.from({ length: 50 }),
        () => Effect.result(connect(ann, gaugeProvider, { credentialId })),
        { concurrency: "unbounded" }
      )
      const failures = results.flatMap((result) =>
        result._tag === "Failure" ? [result.failure._tag] : []
      )
      assert.deepStrictEqual(
        failures,
        Array.from({ length: 49 }, () => "AlreadyConnected")
      )
      assert.strictEqual((yield* outbox).length, 1)
    }).pipe(Effect.provide(makeHost().layer))
  )

  it.effect("fails where the store cannot be reached", () =>
    Effect.gen(function* () {
      const { id: credentialId } = yield* storeKey()
      const error = yield* refusal("gauge", { credentialId }).pipe(
        Effect.updateService(ConnectionStore, (store) => ({ ...store, connect: () => down }))
      )
      assert.instanceOf(error, StorageUnavailable)
      assert.deepStrictEqual(yield* outbox, [])
    }).pipe(Effect.provide(makeHost().layer))
  )
})
