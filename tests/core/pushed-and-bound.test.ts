import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import {
  ConfigurationError,
  ConnectFailed,
  configureProvider,
  CryptoLive,
  type EgressError,
  type EgressRequest,
  type NewFlow,
  type OAuth2ProviderConfig,
  OAuthStateStore,
  testConnection
} from "@hawser/core"
import { noAnswer } from "./support/answeringEgress.ts"
import {
  ann,
  comeBack,
  completeFlow,
  completeUrl,
  forge,
  makeHost,
  outbox,
  provider,
  startFlow,
  tokenResponse
} from "./support/host.ts"

const parEndpoint = "https://forge.example/par"
const pushing: OAuth2ProviderConfig = {
  ...forge,
  pushedAuthorizationRequests: true,
  definition: { ...forge.definition, pushedAuthorizationRequestEndpoint: parEndpoint }
}
const bound: OAuth2ProviderConfig = { ...forge, dpop: true }

const pushed = () =>
  Response.json({ request_uri: "urn:forge:request:1", expires_in: 60 }, { status: 201 })
const wantsNonce = (nonce: string) =>
  Response.json({ error: "use_dpop_nonce" }, { status: 400, headers: { "dpop-nonce": nonce } })
const boundResponse = () => tokenResponse({ token_type: "DPoP" })

const hostOf = (
  config: OAuth2ProviderConfig,
  ...answers: ReadonlyArray<(request: EgressRequest) => Response | EgressError>
) => {
  let next = 0
  return makeHost({
    providers: [config],
    answer: (request) => {
      const answer = answers[next++]
      return answer === undefined ? assert.fail("one request too many") : answer(request)
    }
  })
}

const proofOf = ({ headers }: EgressRequest): { readonly nonce?: string; readonly ath?: string } =>
  JSON.parse(Buffer.from(headers["dpop"]?.split(".")[1] ?? "", "base64url").toString()) as object

it.effect(
  "a pushed request has the vendor's own names, and so has the URL that stands for it",
  () => {
    const { layer, sent } = hostOf(
      {
        ...pushing,
        definition: {
          ...pushing.definition,
          parameterNames: { client_id: "client_key", scope: "rights" },
          authorizationOmits: ["response_type"]
        }
      },
      pushed
    )
    return Effect.gen(function* () {
      const { authorizationUrl } = yield* startFlow(completeUrl)
      assert.deepStrictEqual(Object.fromEntries(authorizationUrl.searchParams), {
        client_key: "forge-client",
        request_uri: "urn:forge:request:1"
      })
      const parameters = new URLSearchParams(sent[0]?.body)
      assert.deepStrictEqual(parameters.getAll("client_key"), ["forge-client"])
      assert.strictEqual(parameters.get("rights"), "repo user")
      for (const name of ["client_id", "scope", "response_type"])
        assert.isFalse(parameters.has(name), name)
    }).pipe(Effect.provide(layer))
  }
)

/** How a whole flow ends: `connected`, or the word of the callback's. */
const ending = Effect.gen(function* () {
  const outcome = yield* comeBack(yield* startFlow())
  const { searchParams } = new URL(outcome._tag === "Return" ? outcome.url : "none:")
  return searchParams.get("error") ?? searchParams.get("status")
})

describe("a provider that asks for what it does not name", () => {
  const cases: ReadonlyArray<readonly [string, OAuth2ProviderConfig, RegExp]> = [
    [
      "S-28 pushed requests without an endpoint",
      { ...forge, pushedAuthorizationRequests: true },
      /names no pushedAuthorizationRequestEndpoint\.$/
    ],
    ["a resource that is not a URI", { ...forge, resource: ["api"] }, /resource: "api" must be/],
    [
      "a resource with a fragment",
      { ...forge, resource: ["https://api.example/#x"] },
      /without a fragment/
    ]
  ]
  for (const [what, config, sentence] of cases) {
    it.effect(`stops the start: ${what}`, () =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(
          Effect.provide(configureProvider(config, { unsafelyAllowLoopback: false }), CryptoLive)
        )
        assert.instanceOf(error, ConfigurationError)
        assert.match(error.message, /^providers\[forge\]: /)
        assert.match(error.message, sentence)
      })
    )
  }
})

describe("a pushed authorization request", () => {
  it.effect(
    "S-28 costs one request, which authenticates once, and leaves no flow if it fails",
    () => {
      const answers: ReadonlyArray<
        readonly [() => Response | EgressError, ConnectFailed["reason"]]
      > = [
        [() => Response.json({ error: "canary" }, { status: 400 }), "provider_error"],
        [
          () =>
            Response.json(
              { error: "invalid_client" },
              { status: 401, headers: { "www-authenticate": 'Basic realm="canary"' } }
            ),
          "provider_error"
        ],
        [() => new Response("canary", { status: 503 }), "provider_unavailable"],
        [() => noAnswer("timeout"), "provider_unavailable"],
        [() => Response.json({ request_uri: "urn:x", expires_in: 60 }), "invalid_response"],
        [() => Response.json({ expires_in: 60 }, { status: 201 }), "invalid_response"]
      ]
      return Effect.gen(function* () {
        for (const [answer, reason] of answers) {
          const host = hostOf(pushing, answer)
          const left = new Set<unknown>()
          const error = yield* startFlow().pipe(
            Effect.flip,
            Effect.updateService(OAuthStateStore, (flows) => ({
              ...flows,
              start: (flow: NewFlow, options: Parameters<typeof flows.start>[1]) => {
                left.add(flow.stateHash)
                return flows.start(flow, options)
              },
              burn: (hash: NewFlow["stateHash"]) => {
                left.delete(hash)
                return flows.burn(hash)
              }
            })),
            Effect.provide(host.layer)
          )
          assert.strictEqual(left.size, 0)
          assert.instanceOf(error, ConnectFailed)
          assert.strictEqual(error.reason, reason)
          assert.notInclude(JSON.stringify(error), "canary")
          const [request] = host.sent
          assert.strictEqual(request?.url.href, parEndpoint)
          assert.deepStrictEqual(request?.hosts, ["forge.example"])
          assert.include(request?.body, "client_secret=canary-client-secret")
          assert.strictEqual(host.sent.length, 1)
        }
      })
    }
  )

  it.effect("S-28 keeps the endpoint's own query, and has the secret in no URL", () => {
    const authorizationEndpoint = "https://forge.example/authorize?tenant=common"
    const host = hostOf(
      { ...pushing, definition: { ...pushing.definition, authorizationEndpoint } },
      pushed
    )
    return Effect.gen(function* () {
      const { authorizationUrl } = yield* startFlow()
      assert.strictEqual(
        authorizationUrl.href,
        `${authorizationEndpoint}&client_id=forge-client&request_uri=urn%3Aforge%3Arequest%3A1`
      )
    }).pipe(Effect.provide(host.layer))
  })
})

describe("tokens that are bound to a key", () => {
  it.effect("S-28 the server's nonce is put into one more proof, and into no third", () =>
    Effect.gen(function* () {
      const twice = hostOf(bound, () => wantsNonce("n-1"), boundResponse)
      assert.strictEqual(yield* Effect.provide(ending, twice.layer), "connected")
      const [first, second] = twice.sent.map(proofOf)
      assert.notProperty(first, "nonce")
      assert.strictEqual(second?.nonce, "n-1")
      assert.deepStrictEqual(twice.sent[0]?.body, twice.sent[1]?.body)

      const always = hostOf(
        bound,
        () => wantsNonce("n-1"),
        () => wantsNonce("n-2")
      )
      assert.strictEqual(yield* Effect.provide(ending, always.layer), "provider_error")
      assert.strictEqual(always.sent.length, 2)
    })
  )

  it.effect("S-28 nothing else is asked a second time", () =>
    Effect.gen(function* () {
      for (const [answer, error] of [
        [() => Response.json({ error: "invalid_grant" }, { status: 400 }), "provider_error"],
        [() => new Response(null, { status: 503 }), "provider_unavailable"]
      ] as const) {
        const host = hostOf(bound, answer)
        assert.strictEqual(yield* Effect.provide(ending, host.layer), error)
      }
      // A host that did not ask for DPoP has no proof to put the nonce into.
      const without = hostOf(forge, () => wantsNonce("n-1"))
      assert.strictEqual(yield* Effect.provide(ending, without.layer), "provider_error")
    })
  )

  it.effect(
    "S-28 a token that is not bound is refused, and a bound one where there is no key",
    () =>
      Effect.gen(function* () {
        for (const [config, answer] of [
          [bound, tokenResponse],
          [forge, boundResponse]
        ] as const) {
          const host = hostOf(config, () => answer())
          yield* Effect.gen(function* () {
            assert.strictEqual(yield* ending, "invalid_response")
            assert.deepStrictEqual(yield* outbox, [])
          }).pipe(Effect.provide(host.layer))
        }
      })
  )

  it.effect(
    "S-28 their key waits with a parked code, and a live check proves it with each use",
    () => {
      const check = { url: "https://api.forge.example/user" }
      const challenge = (error: string) =>
        new Response(null, {
          status: 401,
          headers: { "www-authenticate": `DPoP error="${error}"`, "dpop-nonce": "n-2" }
        })
      const host = hostOf(
        { ...bound, definition: { ...bound.definition, check } },
        boundResponse,
        () => challenge("use_dpop_nonce"),
        () => new Response(),
        () => challenge("invalid_token"),
        () => challenge("use_dpop_nonce"),
        () => challenge("use_dpop_nonce"),
        () => noAnswer("timeout")
      )
      return Effect.gen(function* () {
        const outcome = yield* comeBack(yield* startFlow(completeUrl))
        const fragment = outcome._tag === "Return" ? new URL(outcome.url).hash.slice(1) : ""
        yield* completeFlow(new URLSearchParams(fragment).get("flowId") ?? "")
        const verdict = Effect.gen(function* () {
          const { reason } = yield* testConnection(ann, yield* provider("forge"))
          return reason ?? "ok"
        })
        assert.strictEqual(yield* verdict, "ok")
        assert.strictEqual(yield* verdict, "rejected")
        assert.strictEqual(yield* verdict, "rejected")
        assert.strictEqual(yield* verdict, "unreachable")
        assert.strictEqual(host.sent.length, 7)
        for (const request of host.sent.slice(1)) {
          assert.strictEqual(request.headers["authorization"], "DPoP canary-access-token")
          assert.deepStrictEqual(request.hosts, ["api.forge.example"])
          assert.isString(proofOf(request).ath)
        }
        const keys = host.sent.map(({ headers }) => headers["dpop"]?.split(".")[0])
        assert.strictEqual(new Set(keys).size, 1)
      }).pipe(Effect.provide(host.layer))
    }
  )

  it.effect("S-28 and a list of accounts may be as long as for any other", () => {
    const host = hostOf(
      {
        ...bound,
        definition: {
          ...bound.definition,
          account: { from: "request", url: "https://api.forge.example/me", id: ["id"] }
        }
      },
      boundResponse,
      () => Response.json({ id: "ann" })
    )
    return Effect.gen(function* () {
      yield* comeBack(yield* startFlow())
      assert.strictEqual(host.sent[1]?.maxBodyBytes, 1024 * 1024)
    }).pipe(Effect.provide(host.layer))
  })
})

describe("tokens for named services", () => {
  it.effect("S-28 are asked for by each URI on both requests, and by no other", () => {
    const resource = ["https://api.forge.example/", "urn:forge:files"]
    const host = hostOf(
      {
        ...forge,
        resource,
        definition: {
          ...forge.definition,
          authorizationParameters: { resource: "https://elsewhere.example" }
        }
      },
      () => tokenResponse()
    )
    return Effect.gen(function* () {
      const started = yield* startFlow()
      assert.deepStrictEqual(started.authorizationUrl.searchParams.getAll("resource"), resource)
      yield* comeBack(started)
      const form = new URLSearchParams(host.sent[0]?.body)
      assert.deepStrictEqual(form.getAll("resource"), resource)
    }).pipe(Effect.provide(host.layer))
  })
})
