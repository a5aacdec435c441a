import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { TestClock } from "effect/testing"
import type { OAuth2Definition } from "@hawser/core"
import { tokenResponse } from "./support/host.ts"
import { exchange, refresh, vendor } from "./support/vendor.ts"

const answer =
  (body: unknown, status = 200) =>
  () =>
    Response.json(body, { status })

/** What is issued where a vendor answers so; the reason if nothing is. */
const issued = Effect.fnUntraced(function* (
  changes: Partial<OAuth2Definition>,
  body: unknown,
  status?: number
) {
  const { result } = yield* exchange(yield* vendor(changes), answer(body, status))
  if (result._tag === "Failure") return result.failure.reason
  const { accessToken, expiresIn, refreshToken, scopes, tokenType } = result.success
  return {
    accessToken: Redacted.value(accessToken),
    refreshToken: refreshToken && Redacted.value(refreshToken),
    tokenType,
    expiresIn,
    scopes
  }
})

const refreshFailure = Effect.fnUntraced(function* (
  changes: Partial<OAuth2Definition>,
  body: unknown,
  status?: number
) {
  const { result } = yield* refresh(yield* vendor(changes), answer(body, status))
  return result._tag === "Failure" ? result.failure.reason : "issued"
})

const standard = { access_token: "a", token_type: "bearer", refresh_token: "r", expires_in: 60 }

describe("a token response that is the vendor's own", () => {
  it.effect("has the standard's members in an object of its own", () =>
    Effect.gen(function* () {
      const tokens = yield* issued(
        { tokenResponse: { path: ["authed_user", "token"] } },
        { ok: true, access_token: "the app's", authed_user: { token: standard } }
      )
      assert.deepInclude(tokens, { accessToken: "a", refreshToken: "r", expiresIn: 60 })
      assert.strictEqual(
        yield* issued({ tokenResponse: { path: ["data"] } }, standard),
        "invalid_response"
      )
    })
  )

  it.effect("has single members elsewhere, through arrays, before those of the object", () =>
    Effect.gen(function* () {
      const tokens = yield* issued(
        {
          tokenResponse: {
            path: ["data"],
            members: {
              access_token: ["tokens", "0", "value"],
              refresh_token: ["again"],
              expires_in: ["seconds"],
              scope: ["rights"]
            }
          }
        },
        {
          data: { ...standard, access_token: "wrong", scope: "wrong" },
          tokens: [{ value: "right" }],
          again: "later",
          seconds: 7,
          rights: "repo"
        }
      )
      assert.deepStrictEqual(tokens, {
        accessToken: "right",
        refreshToken: "later",
        tokenType: "bearer",
        expiresIn: 7,
        scopes: ["repo"]
      })
    })
  )

  it.effect(
    "has no token type, or one of the vendor's own, only where the definition says so",
    () =>
      Effect.gen(function* () {
        for (const token_type of [undefined, "bot", 7]) {
          const body = { ...standard, token_type }
          assert.strictEqual(yield* issued({}, body), "invalid_response")
          assert.deepInclude(yield* issued({ tokenResponse: { ignoresTokenType: true } }, body), {
            tokenType: "bearer"
          })
        }
      })
  )

  it.effect("has scopes separated as the vendor does it, or as a list", () =>
    Effect.gen(function* () {
      for (const [separator, scope] of [
        [" ", "repo user"],
        [",", "repo, user"],
        [";", "repo;user"],
        [" ", ["repo", "user"]]
      ] as const) {
        assert.deepInclude(
          yield* issued({ grantedScopeSeparator: separator }, { ...standard, scope }),
          { scopes: ["repo", "user"] }
        )
      }
    })
  )

  it.effect("is kept as it was written, for whoever looks for the account in it", () =>
    Effect.gen(function* () {
      const body = { data: standard, team: { id: 7 } }
      const { result } = yield* exchange(
        yield* vendor({ tokenResponse: { path: ["data"] } }),
        answer(body)
      )
      assert(result._tag === "Success")
      assert.deepStrictEqual(Redacted.value(result.success.response), body)
    })
  )
})

describe("S-34 a lifetime in the vendor's own unit", () => {
  const now = Date.UTC(2026, 10, 26, 12, 0, 0)
  const table = [
    ["milliseconds", 90_500, 90],
    ["milliseconds", "90500", 90],
    ["epoch_seconds", now / 1000 + 90, 90],
    ["epoch_seconds", String(now / 1000 + 90), 90],
    ["epoch_milliseconds", now + 90_900, 90],
    ["iso_date", "2026-11-26T12:01:30Z", 90],
    ["iso_date", "2026-11-26T13:01:30.500+01:00", 90],
    // What cannot be read, or was over before it began, is refreshed after an hour and not never.
    ["milliseconds", "soon", 3600],
    ["epoch_seconds", 3600, 3600],
    ["epoch_milliseconds", -1, 3600],
    ["iso_date", "2026-11-26T12:01:30", 3600],
    ["iso_date", "26 November 2026", 3600],
    ["iso_date", 90, 3600],
    [undefined, "ninety", 3600],
    [undefined, {}, 3600],
    [undefined, -5, 3600],
    // Nothing told, and no word of it in the definition: tokens of this vendor do not end.
    ["iso_date", undefined, undefined],
    [undefined, null, undefined],
    [undefined, "", undefined]
  ] as const
  for (const [lifetimeIn, expires_in, expected] of table) {
    it.effect(
      `${lifetimeIn ?? "seconds"} ${JSON.stringify(expires_in)}: ${expected ?? "none"}`,
      () =>
        Effect.gen(function* () {
          yield* TestClock.setTime(now)
          const changes = {
            tokenResponse: { ...(lifetimeIn !== undefined && { lifetimeIn }) }
          }
          const body = { ...standard, expires_in }
          assert.deepInclude(yield* issued(changes, body), { expiresIn: expected })
          const { result } = yield* refresh(yield* vendor(changes), answer(body))
          assert(result._tag === "Success")
          assert.strictEqual(result.success.expiresIn, expected)
        })
    )
  }

  it.effect("the definition's lifetime comes before the hour", () =>
    Effect.gen(function* () {
      const changes = { defaultTokenLifetime: 900 }
      for (const expires_in of ["soon", undefined, null])
        assert.deepInclude(yield* issued(changes, { ...standard, expires_in }), { expiresIn: 900 })
    })
  )

  it.effect("over at once with nothing to follow it means that there is no end", () =>
    Effect.gen(function* () {
      const { refresh_token: _, ...alone } = standard
      assert.deepInclude(yield* issued({}, { ...alone, expires_in: 0 }), { expiresIn: undefined })
      assert.deepInclude(yield* issued({}, { ...standard, expires_in: 0 }), { expiresIn: 0 })
    })
  )
})

describe("S-33 an error in the vendor's own words", () => {
  const slack = { success: { path: ["ok"], equals: true } } as const

  it.effect("is one without what makes a success, whatever the status", () =>
    Effect.gen(function* () {
      assert.deepInclude(yield* issued({ tokenResponse: slack }, { ...standard, ok: true }), {
        accessToken: "a"
      })
      for (const body of [{ ...standard, ok: false }, standard, { ...standard, ok: "true" }])
        assert.strictEqual(yield* issued({ tokenResponse: slack }, body), "provider_error")
    })
  )

  it.effect("may leave a word at the error's place where the answer is a success", () =>
    Effect.gen(function* () {
      const tokenResponse = {
        success: { path: ["error", "code"], oneOf: ["ok"] },
        error: ["error", "code"]
      } as const
      assert.deepInclude(yield* issued({ tokenResponse }, { ...standard, error: { code: "ok" } }), {
        accessToken: "a"
      })
      assert.strictEqual(
        yield* issued({ tokenResponse }, { ...standard, error: { code: "expired" } }),
        "provider_error"
      )
    })
  )

  it.effect(
    "that ends a grant ends it with 200 too, wherever the code is and if it is a number",
    () =>
      Effect.gen(function* () {
        const changes = {
          terminalErrors: ["token_revoked", "190"],
          tokenResponse: { error: ["errors", "0", "code"] }
        } as const
        for (const code of ["token_revoked", 190]) {
          for (const status of [200, 400, 401]) {
            assert.strictEqual(
              yield* refreshFailure(changes, { errors: [{ code }] }, status),
              "invalid_grant",
              `${code} ${status}`
            )
          }
        }
        assert.strictEqual(
          yield* refreshFailure(changes, { errors: [{ code: "other" }] }, 400),
          "client_refused"
        )
      })
  )

  it.effect("that has the standard's word and not the vendor's own is read by that", () =>
    Effect.gen(function* () {
      const changes = {
        terminalErrors: ["BAD_TOKEN"],
        tokenResponse: { error: ["status"] }
      } as const
      for (const [body, reason] of [
        [{ status: "BAD_TOKEN", error: "invalid_request" }, "invalid_grant"],
        [{ status: "BAD_TOKEN" }, "invalid_grant"],
        [{ error: "invalid_grant" }, "invalid_grant"],
        [{ error: "invalid_client" }, "client_refused"],
        [{ status: "BAD_CLIENT", error: "invalid_client" }, "client_refused"]
      ] as const)
        assert.strictEqual(yield* refreshFailure(changes, body, 400), reason, JSON.stringify(body))
    })
  )

  it.effect("that has one of several shapes is read by the first that leads to something", () =>
    Effect.gen(function* () {
      const changes = {
        terminalErrors: ["GONE", { error: "refused", description: "refresh token" }],
        tokenResponse: {
          error: [["errors", "0", "code"], ["type"]],
          errorDescription: [["errors", "0", "detail"], ["message"]]
        }
      } as const
      for (const [body, reason] of [
        [{ errors: [{ code: "GONE" }], type: "refused" }, "invalid_grant"],
        [{ type: "refused", message: "Invalid refresh token" }, "invalid_grant"],
        [{ type: "refused", message: "Not authorized" }, "client_refused"],
        [{ error: "invalid_grant" }, "invalid_grant"]
      ] as const)
        assert.strictEqual(yield* refreshFailure(changes, body, 401), reason, JSON.stringify(body))
    })
  )

  it.effect("that passes is tried again: nothing ends, and a flow says so", () =>
    Effect.gen(function* () {
      const changes = { temporaryErrors: ["too_busy"] } as const
      for (const status of [200, 400]) {
        assert.strictEqual(
          yield* refreshFailure(changes, { error: "too_busy" }, status),
          "unavailable"
        )
        assert.strictEqual(
          yield* issued(changes, { error: "too_busy" }, status),
          "provider_unavailable"
        )
      }
      assert.strictEqual(yield* refreshFailure({}, { error: "too_busy" }, 400), "client_refused")
      // The standard's own word needs no name.
      const standard = { error: "temporarily_unavailable" }
      assert.strictEqual(yield* refreshFailure({}, standard, 400), "unavailable")
      assert.strictEqual(yield* issued({}, standard, 400), "provider_unavailable")
    })
  )

  it.effect("that is none of the vendor's tells nothing: the refresh token may be used up", () =>
    Effect.gen(function* () {
      const changes = { tokenResponse: slack, terminalErrors: ["token_revoked"] } as const
      for (const status of [400, 500, 502])
        assert.strictEqual(yield* refreshFailure(changes, { message: "?" }, status), "ambiguous")
    })
  )
})

describe("the token response of every vendor", () => {
  it.effect("is not an error for a member that is null", () =>
    Effect.gen(function* () {
      const { result } = yield* exchange(yield* vendor(), () => tokenResponse({ error: null }))
      assert.strictEqual(result._tag, "Success")
    })
  )
})
