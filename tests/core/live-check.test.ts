import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import {
  type ApiKeyDefinition,
  AuthorizationServerClient,
  type BodyTest,
  type LiveCheck,
  type OAuth2Definition,
  ProviderTraffic,
  Secret,
  TenantId
} from "@hawser/core"
import { checkAccessToken, checkKey } from "../../packages/core/src/auth/index.ts"
import { passes, valueAtPath } from "../../packages/core/src/provider/jsonPath.ts"
import { answeringEgress } from "./support/answeringEgress.ts"
import { recordedSecurityLog } from "./support/crypto.ts"
import { forge, gauge } from "./support/host.ts"

const check: LiveCheck = { url: "https://api.{site}/validate" }
const tenantId = TenantId.make("acme")
const open = {
  listed: true,
  isOpenTo: () => Effect.succeed(true),
  ownedBy: new Set(["tenant"] as const),
  connections: "one"
} as const
const configured = (definition: ApiKeyDefinition) =>
  ({ ...open, authType: "api_key", id: definition.id, definition }) as const
const values = { api_key: "good-key", site: "eu.gauge.example" }

const asked = Effect.fnUntraced(function* (
  changes: Partial<LiveCheck>,
  answer: () => Response,
  more: Partial<ApiKeyDefinition> = {}
) {
  const egress = answeringEgress(answer)
  const definition = { ...gauge.definition, ...more, check: { ...check, ...changes } }
  const checked = yield* checkKey(configured(definition), tenantId, values).pipe(
    Effect.provide([egress.layer, ProviderTraffic.layer(), recordedSecurityLog().layer])
  )
  return { ...checked, request: egress.sent[0] }
})

describe("the request that asks whether a key works", () => {
  it.effect("is a POST with a body and headers of the definition's, where it says so", () =>
    Effect.gen(function* () {
      const { request } = yield* asked(
        { method: "POST", body: '{"query":"{viewer{id}}"}', headers: { "Gauge-Version": "2" } },
        () => new Response(),
        { apiHeaders: { "Gauge-Version": "1", "Gauge-Site": "{site}" } }
      )
      assert.deepInclude(request, { method: "POST", body: '{"query":"{viewer{id}}"}' })
      assert.deepStrictEqual(request?.headers, {
        accept: "application/json",
        "content-type": "application/json",
        "gauge-version": "2",
        "gauge-site": "eu.gauge.example",
        "x-api-key": "good-key"
      })
      assert.deepStrictEqual(request?.hosts, ["api.eu.gauge.example"])
    })
  )

  it.effect("may be answered with a list of several hundred organisations", () =>
    Effect.gen(function* () {
      const { request } = yield* asked({}, () => new Response())
      assert.strictEqual(request?.maxBodyBytes, 1024 * 1024)
    })
  )

  it.effect("S-67 has nothing of the tenant's but in its URL", () =>
    Effect.gen(function* () {
      const { request } = yield* asked(
        { method: "POST", body: '{"site":"{site}"}' },
        () => new Response()
      )
      assert.strictEqual(request?.body, '{"site":"{site}"}')
    })
  )

  it.effect("S-62 is not sent with a value that the definition does not take", () =>
    Effect.gen(function* () {
      const egress = answeringEgress(() => new Response())
      const log = recordedSecurityLog()
      const { verdict } = yield* checkKey(configured({ ...gauge.definition, check }), tenantId, {
        ...values,
        site: "evil.example"
      }).pipe(Effect.provide([egress.layer, ProviderTraffic.layer(), log.layer]))
      assert.strictEqual(verdict, "unexpected_answer")
      assert.deepStrictEqual(egress.sent, [])
      assert.deepStrictEqual(log.events, [
        {
          type: "endpoint_not_allowed",
          tenantId,
          provider: gauge.definition.id,
          reason: "check.url"
        }
      ])
    })
  )

  it.effect("carries an access token in the same way", () =>
    Effect.gen(function* () {
      const probes: Array<unknown> = []
      const definition: OAuth2Definition = {
        ...forge.definition,
        check: {
          url: "https://forge.example/{cloud}/me",
          method: "POST",
          acceptedBody: { path: ["ok"], equals: true }
        },
        apiHeaders: { "Forge-Cloud": "{cloud}", "Forge-Other": "{absent}" },
        captures: { cloud: { from: "token_response", path: ["x"], pattern: "[a-z]+" } }
      }
      const verdict = yield* checkAccessToken(
        {
          ...open,
          authType: "oauth2",
          id: definition.id,
          definition,
          scopes: [],
          userScopes: [],
          requiredScopes: [],
          pushedAuthorizationRequests: false,
          dpop: false,
          resource: [],
          usedBy: () => Effect.undefined
        },
        tenantId,
        { fields: { cloud: "abc" }, accessToken: Secret("canary"), dpopKey: undefined }
      ).pipe(
        Effect.provide([
          ProviderTraffic.layer(),
          Layer.mock(AuthorizationServerClient, {
            ask: (_definition, { headers, method, url }) => {
              probes.push({ headers, method, url })
              return Effect.succeed(Response.json({ ok: true }))
            }
          }),
          recordedSecurityLog().layer
        ])
      )
      assert.strictEqual(verdict, "accepted")
      assert.deepStrictEqual(probes, [
        {
          method: "POST",
          url: "https://forge.example/abc/me",
          headers: { "forge-cloud": "abc" }
        }
      ])
    })
  )
})

describe("what the body of an accepted answer tells of a key", () => {
  const ok: BodyTest = { path: ["ok"], equals: true }
  const dead: BodyTest = { path: ["error"], oneOf: ["invalid_auth", "revoked"] }
  const table: ReadonlyArray<readonly [string, Partial<LiveCheck>, () => Response, string]> = [
    ["nothing, where nothing is asked", {}, () => new Response("<html>"), "accepted"],
    ["what accepts it", { acceptedBody: ok }, () => Response.json({ ok: true }), "accepted"],
    ["anything else rejects it", { acceptedBody: ok }, () => Response.json({ ok: 1 }), "rejected"],
    [
      "what rejects it",
      { acceptedBody: ok, rejectedBody: dead },
      () => Response.json({ ok: false, error: "revoked" }),
      "rejected"
    ],
    [
      "neither, which tells nothing of the key",
      { acceptedBody: ok, rejectedBody: dead },
      () => Response.json({ ok: false, error: "ratelimited" }),
      "unexpected_answer"
    ],
    [
      "both, which rejects it",
      { acceptedBody: ok, rejectedBody: dead },
      () => Response.json({ ok: true, error: "revoked" }),
      "rejected"
    ],
    [
      "only what would reject it is asked for, and is not there",
      { rejectedBody: dead },
      () => Response.json({ name: "x" }),
      "accepted"
    ],
    ["no JSON", { rejectedBody: dead }, () => new Response("<html>"), "unexpected_answer"],
    [
      "another status accepts",
      { acceptedStatus: [204] },
      () => new Response(null, { status: 204 }),
      "accepted"
    ],
    [
      "another status rejects, whatever the body",
      { acceptedBody: ok, rejectedStatus: [422] },
      () => Response.json({ ok: true }, { status: 422 }),
      "rejected"
    ],
    [
      "another status tells nothing",
      { rejectedStatus: [422] },
      () => Response.json({}, { status: 401 }),
      "unexpected_answer"
    ]
  ]
  for (const [what, changes, answer, expected] of table) {
    it.effect(what, () =>
      Effect.map(asked(changes, answer), ({ verdict }) => assert.strictEqual(verdict, expected))
    )
  }
})

describe("a member of a body", () => {
  it("is found through objects and arrays, and never in what they inherit", () => {
    const body = { a: [{ b: "x" }], n: null, s: "text" }
    assert.strictEqual(valueAtPath(body, ["a", "0", "b"]), "x")
    for (const path of [
      ["a", "1", "b"],
      ["a", "b"],
      ["n", "x"],
      ["s", "length"],
      ["toString"],
      ["__proto__"],
      ["a", "constructor"]
    ])
      assert.isUndefined(valueAtPath(body, path))
  })

  it("is what a test wants, of the same type", () => {
    const path = ["m"] as const
    const table: ReadonlyArray<readonly [BodyTest, unknown, boolean]> = [
      [{ path, equals: "1" }, "1", true],
      [{ path, equals: "1" }, 1, false],
      [{ path, equals: 1 }, 1, true],
      [{ path, equals: true }, "true", false],
      [{ path, oneOf: ["a", "b"] }, "b", true],
      [{ path, oneOf: ["a", "b"] }, "c", false],
      [{ path, oneOf: ["1"] }, 1, false],
      [{ path, exists: true }, 0, true],
      [{ path, exists: true }, "", true],
      [{ path, exists: true }, null, false],
      [{ path, exists: true }, undefined, false],
      [{ path, exists: false }, undefined, true],
      [{ path, exists: false }, null, true],
      [{ path, exists: false }, "x", false]
    ]
    for (const [test, member, expected] of table)
      assert.strictEqual(passes({ m: member }, test), expected, JSON.stringify([test, member]))
  })
})

describe("whom a key belongs to", () => {
  const account = { id: ["data", "id"], label: ["data", "name"] } as const
  // The tenant says where its gauge is, so the host is part of whom it names.
  const issuer = "https://api.eu.gauge.example"
  const of = (body: unknown, more: Partial<LiveCheck> = {}, status = 200) =>
    Effect.map(
      asked(more, () => Response.json(body, { status }), { account }),
      ({ account: found, verdict }) => ({ verdict, account: found })
    )

  it.effect("is read from the answer, id and label", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* of({ data: { id: 7, name: "Acme" } }), {
        verdict: "accepted",
        account: { id: "7", label: "Acme", issuer }
      })
      // What moves the text around it is not shown.
      assert.deepStrictEqual(yield* of({ data: { id: "a", name: "\u202eemcA\n" } }), {
        verdict: "accepted",
        account: { id: "a", label: "emcA", issuer }
      })
    })
  )

  it.effect(
    "is unknown where the answer does not tell it, and the key is accepted all the same",
    () =>
      Effect.gen(function* () {
        for (const body of [
          {},
          [],
          null,
          { data: {} },
          { data: { id: "", name: "Acme" } },
          { data: { id: null } },
          { data: { id: 1.5 } },
          { data: { id: 2 ** 53 } },
          { data: { id: "a".repeat(256) } },
          { data: { id: "\0" } },
          { data: { id: { toString: "x" } } }
        ])
          assert.deepStrictEqual(
            yield* of(body),
            { verdict: "accepted", account: undefined },
            JSON.stringify(body)
          )
        assert.deepStrictEqual(yield* of({ data: { id: "a", name: 7.5 } }), {
          verdict: "accepted",
          account: { id: "a", label: undefined, issuer }
        })
        const { account: none, verdict } = yield* asked({}, () => new Response("<html>"), {
          account
        })
        assert.deepStrictEqual([verdict, none], ["accepted", undefined])
      })
  )

  it.effect("is not read where the key was not accepted", () =>
    Effect.gen(function* () {
      const body = { ok: false, data: { id: "7", name: "Acme" } }
      const acceptedBody = { path: ["ok"], equals: true } as const
      assert.deepStrictEqual(yield* of(body, { acceptedBody }), {
        verdict: "rejected",
        account: undefined
      })
      for (const status of [401, 500]) assert.isUndefined((yield* of(body, {}, status)).account)
    })
  )
})
