import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import {
  ConnectFailed,
  CurrentEndpointLock,
  type EndpointLock,
  lockEndpoints,
  type OAuth2Definition,
  ProviderRegistry
} from "@hawser/core"
import {
  ann,
  comeBack,
  completeFlow,
  cookieUrl,
  forge,
  makeHost,
  parkFlow,
  startFlow
} from "./support/host.ts"

const approved = {
  ...forge.definition,
  issuer: "https://forge.example",
  pushedAuthorizationRequestEndpoint: "https://forge.example/par"
} satisfies OAuth2Definition

const evil = "https://evil.example/x"
const lock = lockEndpoints(undefined, [approved])

const hostOf = (definition: OAuth2Definition) => makeHost({ providers: [{ ...forge, definition }] })

/** What a process that runs with the lock makes of a flow, begun by one that ran without. */
const underLock = <A, E, R>(effect: Effect.Effect<A, E, R>, by: EndpointLock | undefined = lock) =>
  Effect.flatMap(Effect.provide(ProviderRegistry, hostOf(approved).layer), (registry) =>
    effect.pipe(
      Effect.provideService(ProviderRegistry, registry),
      Effect.provideService(CurrentEndpointLock, by)
    )
  )

const account = { from: "request", url: evil, id: ["id"] } as const
const poisoned: ReadonlyArray<readonly [string, Partial<OAuth2Definition>]> = [
  ["authorizationEndpoint", { authorizationEndpoint: evil }],
  ["tokenEndpoint", { tokenEndpoint: evil }],
  ["account.url", { account }],
  ["issuer", { issuer: "https://evil.example" }]
]

describe("S-84 a flow that was begun under endpoints other than the locked ones", () => {
  for (const [member, changes] of poisoned) {
    it.effect(`is refused at the callback, and nothing is sent (${member})`, () => {
      const host = hostOf({ ...approved, ...changes })
      return Effect.gen(function* () {
        const started = yield* startFlow(cookieUrl, ann)
        const outcome = yield* underLock(comeBack(started))
        assert.include(outcome._tag === "Return" ? outcome.url : "", "error=provider_error")
        assert.deepStrictEqual(host.sent, [])
        assert.deepInclude(host.securityEvents, {
          type: "endpoint_not_allowed",
          tenantId: "acme",
          userId: "ann",
          provider: "forge",
          reason: member
        })
      }).pipe(Effect.provide(host.layer))
    })

    it.effect(`is refused by complete, and nothing is sent (${member})`, () => {
      const host = hostOf({ ...approved, ...changes })
      return Effect.gen(function* () {
        const flowId = yield* parkFlow()
        const error = yield* Effect.flip(underLock(completeFlow(flowId)))
        assert.instanceOf(error, ConnectFailed)
        assert.strictEqual(error.reason, "provider_error")
        assert.deepStrictEqual(host.sent, [])
        assert.strictEqual(host.reported().at(-1), "endpoint_not_allowed")
      }).pipe(Effect.provide(host.layer))
    })
  }

  it.effect("is refused where the lock does not know the provider", () => {
    const host = hostOf(approved)
    return Effect.gen(function* () {
      const outcome = yield* underLock(comeBack(yield* startFlow()), { version: 1, providers: {} })
      assert.include(outcome._tag === "Return" ? outcome.url : "", "error=provider_error")
      assert.deepStrictEqual(host.sent, [])
    }).pipe(Effect.provide(host.layer))
  })
})

describe("a flow that was begun under the locked ones", () => {
  const desk = {
    ...approved,
    fields: [{ name: "subdomain", label: "Subdomain", secret: false, format: "subdomain" }],
    authorizationEndpoint: "https://{subdomain}.forge.example/authorize",
    tokenEndpoint: "https://{subdomain}.forge.example/token"
  } as const
  const definitions: ReadonlyArray<readonly [string, OAuth2Definition, Record<string, string>]> = [
    ["", approved, {}],
    [" without an issuer", forge.definition, {}],
    [" at a host of the tenant's", desk, { subdomain: "acme" }]
  ]
  for (const [what, definition, fields] of definitions) {
    it.effect(`connects${what}`, () => {
      const host = hostOf(definition)
      return Effect.gen(function* () {
        const registry = yield* ProviderRegistry
        const configured = yield* registry.get("forge")
        const started = yield* startFlow(cookieUrl, ann, "forge", fields)
        const outcome = yield* comeBack(started).pipe(
          Effect.provideService(
            CurrentEndpointLock,
            lockEndpoints(undefined, [configured.definition])
          )
        )
        assert.include(outcome._tag === "Return" ? outcome.url : "", "status=connected")
      }).pipe(Effect.provide(host.layer))
    })
  }
})
