import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { TestClock } from "effect/testing"
import {
  accessToken,
  EgressError,
  type EgressRequest,
  Keeper,
  type OAuth2Definition,
  tenantsDefault
} from "@hawser/core"
import { checkedServer, serverOfFlow } from "../../packages/core/src/protocol/checkedServer.ts"
import { dueIn } from "../../packages/core/src/token/lifetime.ts"
import { ann, connectForge, forge, makeHost, tokenResponse } from "./support/host.ts"
import { exchange, refresh, refusedBecause, vendor } from "./support/vendor.ts"

const introspection = { endpoint: "https://forge.example/introspect" }
const exchangeEndpoint = "https://forge.example/long-lived"
const tokenExchange = {
  endpoint: exchangeEndpoint,
  parameters: {
    grant_type: "make_long",
    token: "{access_token}",
    id: "{client_id}",
    secret: "{client_secret}"
  }
}

type Answer = () => Response | EgressError
const down = () => new EgressError({ reason: "timeout", host: "forge.example", sent: true })

/** The token endpoint issues tokens, and the others answer as the test says. */
const vendorWith =
  (others: Readonly<Record<string, Answer>>, members: Readonly<Record<string, unknown>> = {}) =>
  ({ url }: EgressRequest) =>
    others[url.pathname]?.() ?? tokenResponse({ refresh_token: "canary-refresh", ...members })

const outcomes = Effect.fnUntraced(function* (
  changes: Partial<OAuth2Definition>,
  answer: ReturnType<typeof vendorWith>
) {
  const provider = yield* vendor(changes)
  return [yield* exchange(provider, answer), yield* refresh(provider, answer)]
})

describe("the lifetime of a token that the response does not tell", () => {
  it.effect(
    "is asked for at the introspection endpoint, as the client, after exchange and refresh",
    () =>
      Effect.gen(function* () {
        yield* TestClock.setTime(1_000_000)
        const answer = vendorWith({
          "/introspect": () => Response.json({ active: true, exp: 1_000 + 1234 })
        })
        for (const { result, sent } of yield* outcomes({ introspection }, answer)) {
          assert(result._tag === "Success")
          assert.strictEqual(result.success.expiresIn, 1234)
          assert.deepInclude(sent[1], { method: "POST", url: introspection.endpoint })
          assert.deepStrictEqual(sent[1]?.parameters, {
            token: "canary-access-token",
            token_type_hint: "access_token",
            client_id: "forge-client",
            client_secret: "canary-client-secret"
          })
        }
      })
  )

  it.effect("is not asked for where the response tells it", () =>
    Effect.gen(function* () {
      const answer = vendorWith({ "/introspect": down }, { expires_in: 60 })
      for (const { result, sent } of yield* outcomes({ introspection }, answer)) {
        assert(result._tag === "Success")
        assert.strictEqual(result.success.expiresIn, 60)
        assert.lengthOf(sent, 1)
      }
    })
  )

  it.effect(
    "stays unknown where nobody can tell: no token is lost, and none is kept without limit",
    () =>
      Effect.gen(function* () {
        const failures: ReadonlyArray<Answer> = [
          down,
          () => new Response("<html>", { status: 200 }),
          () => Response.json({ error: "server_error" }, { status: 500 }),
          () => Response.json({ active: false, exp: 1_000 + 9999 }),
          () => Response.json({ active: true }),
          () => Response.json({ active: true, exp: 1 }),
          () => Response.json({ active: true, exp: "never" })
        ]
        yield* TestClock.setTime(1_000_000)
        for (const failure of failures) {
          const answer = vendorWith({ "/introspect": failure })
          for (const { result } of yield* outcomes({ introspection }, answer)) {
            assert(result._tag === "Success")
            assert.strictEqual(result.success.expiresIn, 3600)
          }
          for (const { result } of yield* outcomes(
            { introspection, defaultTokenLifetime: 77 },
            answer
          )) {
            assert(result._tag === "Success")
            assert.strictEqual(result.success.expiresIn, 77)
          }
        }
      })
  )
})

describe("a vendor that turns its token into the one that is used", () => {
  it.effect("is asked by one POST, and its answer replaces token and lifetime", () =>
    Effect.gen(function* () {
      const answer = vendorWith(
        {
          "/long-lived": () =>
            Response.json({ data: { access_token: "canary-long", expires_in: 5_184_000 } })
        },
        { expires_in: 60, data: { access_token: "canary-short", expires_in: 60 } }
      )
      const changes = {
        tokenExchange,
        tokenResponse: { path: ["data"], ignoresTokenType: true }
      } as const
      for (const { result, sent } of yield* outcomes(changes, answer)) {
        assert(result._tag === "Success")
        assert.strictEqual(Redacted.value(result.success.accessToken), "canary-long")
        assert.strictEqual(result.success.expiresIn, 5_184_000)
        assert.deepInclude(sent[1], { method: "POST", url: exchangeEndpoint })
        assert.deepStrictEqual(sent[1]?.parameters, {
          grant_type: "make_long",
          token: "canary-short",
          id: "forge-client",
          secret: "canary-client-secret"
        })
      }
    })
  )

  it.effect("that does not do it makes no connection", () =>
    Effect.gen(function* () {
      for (const [failure, reason] of [
        [down, "provider_unavailable"],
        [() => Response.json({ error: "no" }, { status: 400 }), "provider_error"],
        [() => Response.json({}), "invalid_response"]
      ] as const) {
        const { result } = yield* exchange(
          yield* vendor({ tokenExchange }),
          vendorWith({ "/long-lived": failure })
        )
        assert(result._tag === "Failure")
        assert.strictEqual(result.failure.reason, reason)
      }
    })
  )

  it.effect("that does not do it on a refresh loses no refresh token", () =>
    Effect.gen(function* () {
      const { result } = yield* refresh(
        yield* vendor({ tokenExchange }),
        vendorWith({ "/long-lived": down }, { expires_in: 60 })
      )
      assert(result._tag === "Success")
      const { expiresIn, refreshToken } = result.success
      assert.strictEqual(refreshToken && Redacted.value(refreshToken), "canary-refresh")
      assert.strictEqual(expiresIn, 0)
    })
  )

  it.effect("gets the secret, which must be there, and nothing in its URL", () =>
    Effect.gen(function* () {
      assert.include(
        yield* refusedBecause(
          { tokenExchange, clientAuthentication: "none" },
          { clientSecret: undefined }
        ),
        "Set clientSecret."
      )
      for (const name of ["access_token", "client_secret", "client_id"]) {
        assert.include(
          yield* refusedBecause({
            tokenExchange: { ...tokenExchange, endpoint: `https://forge.example/{${name}}` }
          }),
          `tokenExchange.endpoint: {${name}} is not the name`
        )
      }
    })
  )
})

describe("where the requests about a new token go", () => {
  const site = { name: "site", label: "Site", secret: false, format: "subdomain" } as const
  const at = (path: string) => `https://{site}.forge.example/${path}`

  it.effect("S-38 is the tenant's host at the vendor, and no other", () =>
    Effect.gen(function* () {
      const provider = yield* vendor({
        fields: [site],
        tokenEndpoint: at("token"),
        authorizationEndpoint: at("authorize"),
        introspection: { endpoint: at("introspect") },
        tokenExchange: { endpoint: at("long-lived"), parameters: { token: "{access_token}" } }
      })
      const answer = vendorWith({ "/introspect": () => Response.json({ active: true }) })
      for (const { sent } of [
        yield* exchange(provider, answer, { fields: { site: "acme" } }),
        yield* refresh(provider, answer, { site: "acme" })
      ]) {
        assert.deepStrictEqual(
          sent.map(({ hosts, url }) => [url, ...hosts]),
          ["token", "long-lived", "introspect"].map((path) => [
            `https://acme.forge.example/${path}`,
            "acme.forge.example"
          ])
        )
      }
    })
  )

  it.effect("S-22 is where they went when the flow began, or nowhere", () =>
    Effect.gen(function* () {
      const before = yield* vendor({ introspection, tokenExchange })
      const began = { fields: {}, server: yield* checkedServer(before, {}) }
      assert.deepStrictEqual(yield* serverOfFlow(before, began), began.server)
      const evil = "https://evil.example/x"
      for (const [changes, member] of [
        [{ introspection: { endpoint: evil }, tokenExchange }, "introspection.endpoint"],
        [
          { introspection, tokenExchange: { ...tokenExchange, endpoint: evil } },
          "tokenExchange.endpoint"
        ],
        [{ introspection }, "tokenExchange.endpoint"]
      ] as const) {
        const moved = yield* vendor(changes)
        assert.strictEqual((yield* Effect.flip(serverOfFlow(moved, began))).member, member)
      }
    })
  )
})

describe("when a token is due to be refreshed", () => {
  it("is that many seconds before its end as the definition says, and half its life at most", () => {
    assert.strictEqual(dueIn(3600, true), 3300)
    assert.strictEqual(dueIn(3600, true, 60), 3540)
    assert.strictEqual(dueIn(3600, true, 3000), 1800)
    assert.isUndefined(dueIn(undefined, true, 60))
  })

  it.effect("is when the definition says, for whoever reads it and for the keeper", () => {
    let issued = 0
    const host = makeHost({
      providers: [{ ...forge, definition: { ...forge.definition, refreshMargin: 60 } }],
      answer: () =>
        tokenResponse({
          access_token: `access-${++issued}`,
          refresh_token: "refresh",
          expires_in: 3600
        })
    })
    const read = Effect.map(
      accessToken({ tenantId: ann.tenantId, ...tenantsDefault, provider: forge.definition.id }),
      ({ accessToken: token }) => Redacted.value(token)
    )
    const keep = Effect.flatMap(Keeper, ({ drain }) => drain)
    return Effect.gen(function* () {
      yield* connectForge()
      yield* TestClock.adjust("3535 seconds")
      yield* keep
      assert.strictEqual(yield* read, "access-1")
      yield* TestClock.adjust("10 seconds")
      assert.strictEqual(yield* read, "access-2")
      yield* TestClock.adjust("3545 seconds")
      yield* keep
      assert.strictEqual(issued, 3)
    }).pipe(Effect.provide(host.layer))
  })
})
