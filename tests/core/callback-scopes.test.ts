import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { exchange, validate, vendor } from "./support/vendor.ts"
import { tokenResponse } from "./support/host.ts"

describe("S-26 the scopes that a callback names as granted", () => {
  const changes = { grantedScopeParameter: "granted", grantedScopeSeparator: "," } as const
  const scopes = ["repo", "user"]

  /** What is granted where the callback says so, and the token response says nothing of it, or something. */
  const grantedBy = Effect.fnUntraced(function* (
    named: Readonly<Record<string, string>>,
    members: Readonly<Record<string, unknown>> = { scope: undefined }
  ) {
    const provider = yield* vendor(changes, { scopes })
    const response = yield* validate(provider, { code: "the-code", ...named })
    const { result } = yield* exchange(provider, () => tokenResponse(members), { response })
    return result._tag === "Success" ? result.success.scopes : assert.fail("nothing was issued")
  })

  for (const [named, granted] of [
    [{ granted: "user" }, ["user"]],
    [{ granted: "user, repo" }, ["repo", "user"]],
    [{ granted: "" }, []],
    [{}, ["repo", "user"]],
    // It stood in the browser's address, where anybody can write more.
    [{ granted: "user,admin" }, ["user"]]
  ] as const) {
    it.effect(`are ${granted.join(", ") || "none"} by ${JSON.stringify(named)}`, () =>
      Effect.gen(function* () {
        assert.deepStrictEqual(yield* grantedBy(named), [...granted])
      })
    )
  }

  it.effect("count under the vendor's other names for them, and by no other name", () =>
    Effect.gen(function* () {
      const provider = yield* vendor(
        {
          ...changes,
          scopeAliases: { mail: ["https://scopes.forge.example/user.mail"] },
          grantedScopePrefix: "https://forge.example/"
        },
        { scopes: ["mail", "repo", "user"] }
      )
      const granted = [
        "https://scopes.forge.example/user.mail",
        "https://forge.example/repo",
        "https://forge.example/admin"
      ].join(",")
      const response = yield* validate(provider, { code: "the-code", granted })
      const { result } = yield* exchange(provider, () => tokenResponse({ scope: undefined }), {
        response
      })
      assert.deepStrictEqual(result._tag === "Success" && result.success.scopes, ["mail", "repo"])
    })
  )

  it.effect("give way to those of the token response", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* grantedBy({ granted: "repo" }, { scope: "user" }), ["user"])
      // Also where the token response has another name for what the callback left out.
      const provider = yield* vendor(
        { ...changes, scopeAliases: { user: ["long.user"] } },
        { scopes }
      )
      const response = yield* validate(provider, { code: "the-code", granted: "repo" })
      const answer = () => tokenResponse({ scope: "repo,long.user" })
      const { result } = yield* exchange(provider, answer, { response })
      assert.deepStrictEqual(result._tag === "Success" && result.success.scopes, ["repo", "user"])
    })
  )
})
