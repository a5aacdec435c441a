import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { type OAuth2Definition, type SharedClientConfig } from "@hawser/core"
import { comeBack, forge, makeHost, startFlow, tokenResponse } from "./support/host.ts"
import { exchange, refresh, refusedBecause, vendor } from "./support/vendor.ts"

/** Vendors that grant scopes by other names than those by which they are asked for. */

const full = "https://scopes.forge.example/auth/"
const email = { scopeAliases: { email: [`${full}userinfo.email`] } } as const
const graph = { grantedScopePrefix: "https://graph.forge.example/" } as const

const connecting = Effect.fnUntraced(function* (
  granted: string,
  config: Partial<SharedClientConfig>,
  changes: Partial<OAuth2Definition>
) {
  const host = makeHost({
    providers: [{ ...forge, ...config, definition: { ...forge.definition, ...changes } }],
    answer: () => tokenResponse({ scope: granted })
  })
  return yield* Effect.gen(function* () {
    const outcome = yield* comeBack(yield* startFlow())
    assert(outcome._tag === "Return")
    const returned = new URL(outcome.url).searchParams
    return returned.get("error") ?? returned.get("status")
  }).pipe(Effect.provide(host.layer))
})

const table: ReadonlyArray<
  readonly [string, ReadonlyArray<string>, string, Partial<OAuth2Definition>]
> = [
  ["email, granted by its full name", ["email"], `openid ${full}userinfo.email`, email],
  ["the full name, granted as email", [`${full}userinfo.email`], "email", email],
  [
    "User.Read, granted with the API before it",
    ["User.Read"],
    "https://graph.forge.example/User.Read",
    graph
  ],
  [
    "the API before it, granted as User.Read",
    ["https://graph.forge.example/User.Read"],
    "User.Read",
    graph
  ]
]

describe("a required scope that the vendor grants by another name", () => {
  for (const [name, required, granted, changes] of table) {
    it.effect(`${name}: is granted`, () =>
      Effect.gen(function* () {
        const config = { scopes: required, requiredScopes: required }
        assert.strictEqual(yield* connecting(granted, config, changes), "connected")
        // Without the definition's word for it nobody could connect.
        assert.strictEqual(yield* connecting(granted, config, {}), "insufficient_scope")
      })
    )

    it.effect(`${name}: is recorded by the name that was asked for, now and at each refresh`, () =>
      Effect.gen(function* () {
        const asked = ["repo", ...required]
        const provider = yield* vendor({ ...changes, defaultScopes: asked }, { requiredScopes: [] })
        const { result } = yield* exchange(provider, () => tokenResponse({ scope: granted }))
        assert(result._tag === "Success")
        assert.include(result.success.scopes, required[0])
      })
    )
  }

  it.effect("another scope is not taken for it", () =>
    Effect.gen(function* () {
      const config = { scopes: ["email"], requiredScopes: ["email"] }
      for (const granted of [`${full}userinfo.emails`, "emails", `${full}email`])
        assert.strictEqual(yield* connecting(granted, config, email), "insufficient_scope")
    })
  )

  it.effect("a refresh keeps the names that the grant has", () =>
    Effect.gen(function* () {
      const provider = yield* vendor({ scopeAliases: { repo: [`${full}repo`] } })
      const { result } = yield* refresh(provider, () =>
        tokenResponse({ scope: `${full}repo user ${full}other` })
      )
      assert(result._tag === "Success")
      assert.deepStrictEqual(result.success.scopes, ["repo", "user", `${full}other`])
    })
  )
})

describe("a scope that the vendor's answers never name", () => {
  const unnamedScopes = ["offline_access"] as const
  it.effect("cannot be required: the start says so, and what to do", () =>
    Effect.gen(function* () {
      const message = yield* refusedBecause(
        { unnamedScopes },
        { scopes: ["repo", "offline_access"], requiredScopes: ["repo", "offline_access"] }
      )
      assert.include(message, 'never says that it has granted "offline_access"')
      assert.include(message, "Leave it out there; it is still asked for.")
    })
  )

  it.effect(
    "is asked for, and is not among those that a vendor which leaves out scopes must grant",
    () =>
      Effect.gen(function* () {
        const provider = yield* vendor(
          { unnamedScopes, leavesOutScopes: true, defaultScopes: ["repo", "offline_access"] },
          { requiredScopes: undefined as never }
        )
        assert.deepStrictEqual(provider.scopes, ["repo", "offline_access"])
        assert.deepStrictEqual(provider.requiredScopes, ["repo"])
      })
  )
})
