import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import {
  accessToken,
  type ApiKeyDefinition,
  authorizedFetch,
  connect,
  ConnectionStore,
  CurrentEndpointLock,
  tenantsDefault,
  disconnect,
  lockEndpoints,
  type OAuth2Definition,
  ProviderRegistry,
  revokeQueued,
  storeCredentials,
  testConnection
} from "@hawser/core"
import {
  ann,
  comeBack,
  completeFlow,
  completeUrl,
  cookieUrl,
  forge,
  gauge,
  makeHost,
  provider,
  startFlow,
  tokenResponse,
  ofForge,
  ofGauge
} from "./support/host.ts"

type Choices = readonly [string, ...ReadonlyArray<string>]

const region = (choices: Choices) => ({
  fields: [{ name: "region", label: "Region", secret: false, choices }] as const
})

/** A provider that has each kind of endpoint, all of them in the tenant's region. */
const forgeIn = (choices: Choices): OAuth2Definition => ({
  ...forge.definition,
  ...region(choices),
  authorizationEndpoint: "https://{region}.forge.example/authorize",
  tokenEndpoint: "https://{region}.forge.example/token",
  refreshEndpoint: "https://{region}.forge.example/refresh",
  introspection: { endpoint: "https://{region}.forge.example/introspect" },
  tokenExchange: {
    endpoint: "https://{region}.forge.example/exchange",
    parameters: { token: "{access_token}" }
  },
  account: { from: "request", url: "https://{region}.forge.example/me", id: ["id"] },
  revocation: { endpoint: "https://{region}.forge.example/revoke", ends: "token" },
  check: { url: "https://{region}.forge.example/me" },
  api: { baseUrl: "https://{region}.forge.example/api" }
})

const gaugeIn = (choices: Choices): ApiKeyDefinition => ({
  ...gauge.definition,
  fields: [gauge.definition.fields[0], ...region(choices).fields],
  check: { url: "https://{region}.gauge.example/validate" },
  api: { baseUrl: "https://{region}.gauge.example/api" }
})

/** The same vendor where a key is exchanged for a token first. */
const exchangingIn = (choices: Choices): ApiKeyDefinition => {
  const { headers: _, ...rest } = gaugeIn(choices)
  return {
    ...rest,
    fields: [{ name: "api_key", label: "API key" }, ...region(choices).fields],
    clientCredentials: {
      tokenEndpoint: "https://{region}.gauge.example/token",
      clientId: "client",
      clientSecret: "{api_key}",
      clientAuthentication: "client_secret_post"
    }
  }
}

const answer = ({ url }: { readonly url: URL }): Response =>
  /token|refresh|exchange/.test(url.pathname)
    ? tokenResponse({ refresh_token: "canary-refresh", expires_in: 3600 })
    : Response.json({ id: 1, active: true })

type Key = (choices: Choices) => ApiKeyDefinition

const hostOf = (choices: Choices, key: Key) =>
  makeHost({
    providers: [{ ...forge, definition: forgeIn(choices) }, { definition: key(choices) }],
    answer
  })

const eu = { region: "eu" }

/** Who no longer lets secrets go to `eu`: the deploy that comes after, or the lock of the host's alone. */
const droppedBy = {
  "the definition": (key: Key) =>
    Effect.map(Effect.provide(ProviderRegistry, hostOf(["us"], key).layer), (registry) =>
      Effect.provideService(ProviderRegistry, registry)
    ),
  "the lock": (key: Key) =>
    Effect.succeed(
      Effect.provideService(
        CurrentEndpointLock,
        lockEndpoints(undefined, [forgeIn(["us"]), key(["us"])])
      )
    )
} as const

const connectedInEu = Effect.gen(function* () {
  yield* comeBack(yield* startFlow(cookieUrl, ann, "forge", eu))
})

const keyInEu = Effect.gen(function* () {
  const configured = yield* provider("gauge")
  const credentials = { api_key: "good-key", region: "eu" }
  const { id } = yield* storeCredentials(ann, configured, { credentials })
  yield* connect(ann, configured, { credentialId: id })
})

const statusOf = (query: typeof ofForge) =>
  Effect.gen(function* () {
    const connections = yield* ConnectionStore
    const found = yield* connections.find({ ...query, ...tenantsDefault })
    return [found.status, found.problem]
  })

const refused = { _tag: "Misconfigured", reason: "endpoint_not_allowed" } as const

for (const [who, dropping] of Object.entries(droppedBy)) {
  describe(`S-105 S-38 once ${who} has dropped a region, nothing is sent there`, () => {
    /** What happens after, with what was sent and the members that the security log was told. */
    const afterwards = <A, E, R, B, E2, R2>(
      before: Effect.Effect<B, E2, R2>,
      after: (known: B) => Effect.Effect<A, E, R>,
      key: Key = gaugeIn
    ) => {
      const host = hostOf(["eu", "us"], key)
      return Effect.gen(function* () {
        const known = yield* before
        const under = yield* dropping(key)
        const [sent, calls] = [host.sent.length, host.calls.length]
        const events = host.securityEvents.length
        const result = yield* under(after(known))
        assert.deepStrictEqual([host.sent.length, host.calls.length], [sent, calls])
        const members = host.securityEvents
          .slice(events)
          .filter(({ type }) => type === "endpoint_not_allowed")
          .map(({ provider: id, reason, tenantId }) => `${tenantId} ${id} ${reason}`)
        return { result, members }
      }).pipe(Effect.provide(host.layer))
    }

    it.effect("at the start of a flow", () =>
      Effect.gen(function* () {
        const began = Effect.flip(startFlow(cookieUrl, ann, "forge", eu))
        const { result } = yield* afterwards(Effect.void, () => began)
        // If the definition has no such region, the tenant's own input is wrong.
        assert.strictEqual(result._tag, who === "the lock" ? "ConnectFailed" : "ValidationError")
      })
    )

    it.effect("at the callback", () =>
      Effect.gen(function* () {
        const before = startFlow(cookieUrl, ann, "forge", eu)
        const { members, result } = yield* afterwards(before, comeBack)
        assert.include(result._tag === "Return" ? result.url : "", "error=provider_error")
        assert.deepStrictEqual(members, ["acme forge authorizationEndpoint"])
      })
    )

    it.effect("by complete", () =>
      Effect.gen(function* () {
        const before = Effect.gen(function* () {
          const outcome = yield* comeBack(yield* startFlow(completeUrl, ann, "forge", eu))
          const fragment = outcome._tag === "Return" ? new URL(outcome.url).hash.slice(1) : ""
          return new URLSearchParams(fragment).get("flowId") ?? ""
        })
        const { members, result } = yield* afterwards(before, (flowId) =>
          Effect.flip(completeFlow(flowId))
        )
        assert.deepInclude(result, { _tag: "ConnectFailed", reason: "provider_error" })
        assert.deepStrictEqual(members, ["acme forge authorizationEndpoint"])
      })
    )

    it.effect("by a refresh, and the connection stays", () =>
      Effect.gen(function* () {
        const { members, result } = yield* afterwards(connectedInEu, () =>
          Effect.gen(function* () {
            yield* TestClock.adjust("2 hours")
            return [yield* Effect.flip(accessToken(ofForge)), yield* statusOf(ofForge)] as const
          })
        )
        assert.deepInclude(result[0], refused)
        assert.deepStrictEqual(result[1], ["connected", undefined])
        assert.deepStrictEqual(members, ["acme forge authorizationEndpoint"])
      })
    )

    it.effect("by a call of its API, or a check of the connection", () =>
      Effect.gen(function* () {
        const { members, result } = yield* afterwards(connectedInEu, () =>
          Effect.gen(function* () {
            const error = yield* Effect.flip(authorizedFetch(ofForge, "/x"))
            const check = yield* testConnection(ann, yield* provider("forge"))
            return { error, check }
          })
        )
        assert.deepInclude(result.error, refused)
        assert.deepInclude(result.check, { status: "failed", reason: "unexpected_answer" })
        assert.deepStrictEqual(members, ["acme forge api.baseUrl", "acme forge check.url"])
      })
    )

    it.effect("by the revocation of what was disconnected, which is told once and waits", () =>
      Effect.gen(function* () {
        const { members } = yield* afterwards(
          Effect.gen(function* () {
            yield* connectedInEu
            yield* disconnect(ann, yield* provider("forge"))
          }),
          () =>
            Effect.gen(function* () {
              yield* revokeQueued
              yield* TestClock.adjust("1 hour")
              yield* revokeQueued
            })
        )
        assert.deepStrictEqual(members, ["acme forge authorizationEndpoint"])
      })
    )

    for (const [what, key, member] of [
      ["with an API key", gaugeIn, undefined],
      ["with client credentials", exchangingIn, "clientCredentials.tokenEndpoint"]
    ] as const) {
      it.effect(`by a call or a check ${what}`, () =>
        Effect.gen(function* () {
          const { members, result } = yield* afterwards(
            keyInEu,
            () =>
              Effect.gen(function* () {
                const error = yield* Effect.flip(authorizedFetch(ofGauge, "/x"))
                const check = yield* testConnection(ann, yield* provider("gauge"))
                return { error, check }
              }),
            key
          )
          assert.deepInclude(result.error, refused)
          assert.deepInclude(result.check, { status: "failed", reason: "unexpected_answer" })
          assert.deepStrictEqual(members, [
            `acme gauge ${member ?? "api.baseUrl"}`,
            `acme gauge ${member ?? "check.url"}`
          ])
        })
      )
    }
  })
}

it.effect(
  "S-105 what is asked with new tokens goes where definition and lock let it, or nowhere",
  () => {
    const host = hostOf(["eu", "us"], gaugeIn)
    return Effect.gen(function* () {
      const lock = lockEndpoints(undefined, [forgeIn(["eu", "us"])])
      yield* Effect.provideService(connectedInEu, CurrentEndpointLock, lock)
      assert.deepStrictEqual(
        host.sent.map(({ url }) => url.href),
        ["token", "exchange", "me"].map((path) => `https://eu.forge.example/${path}`)
      )
      for (const member of ["introspection.endpoint", "tokenExchange.endpoint"]) {
        const changed = {
          ...lock,
          providers: { forge: { ...lock.providers["forge"], [member]: "https://other.example" } }
        }
        yield* disconnect(ann, yield* provider("forge"))
        const started = yield* startFlow(cookieUrl, ann, "forge", eu)
        const before = host.sent.length
        const outcome = yield* Effect.provideService(
          comeBack(started),
          CurrentEndpointLock,
          changed
        )
        assert.include(outcome._tag === "Return" ? outcome.url : "", "error=provider_error")
        assert.strictEqual(host.sent.length, before)
        assert.strictEqual(host.securityEvents.at(-2)?.reason, member)
        yield* comeBack(yield* startFlow(cookieUrl, ann, "forge", eu))
      }
    }).pipe(Effect.provide(host.layer))
  }
)
