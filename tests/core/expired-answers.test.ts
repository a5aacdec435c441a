import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import {
  authorizedFetch,
  connect,
  type EgressStreamRequest,
  type OAuth2Definition,
  storeCredentials
} from "@hawser/core"
import {
  ann,
  connectForge,
  forge,
  gauge,
  makeHost,
  provider,
  tokenResponse,
  ofForge,
  ofGauge,
  type HostOptions
} from "./support/host.ts"
import { refusedBecause } from "./support/vendor.ts"

/** APIs that say "expired" by another status than 401, or by 200 with a word of their own. */

const expired = [
  { status: 403, body: { path: ["error", "code"], equals: "ACCESS_TOKEN_EXPIRED" } },
  { status: 400, body: { path: ["error", "code"], equals: 190 } },
  { status: 200, body: { path: ["error"], oneOf: ["token_expired", "token_revoked"] } },
  { status: 419 }
] as const satisfies NonNullable<NonNullable<OAuth2Definition["api"]>["expired"]>

const answers: ReadonlyArray<readonly [string, () => Response]> = [
  [
    "403 and its word",
    () => Response.json({ error: { code: "ACCESS_TOKEN_EXPIRED" } }, { status: 403 })
  ],
  ["400 and its number", () => Response.json({ error: { code: 190 } }, { status: 400 })],
  ["200 and its word", () => Response.json({ ok: false, error: "token_expired" })],
  ["a status that says it alone", () => new Response("gone", { status: 419 })]
]

/** What an API may answer besides, and means something else. */
const others: ReadonlyArray<readonly [string, () => Response]> = [
  ["403 and another word", () => Response.json({ error: { code: "NO_RIGHT" } }, { status: 403 })],
  ["200 and no word", () => Response.json({ ok: true, error: null })],
  [
    "the word under another status",
    () => Response.json({ error: "token_expired" }, { status: 201 })
  ],
  ["a page", () => new Response("token_expired", { headers: { "content-type": "text/html" } })],
  [
    "JSON that is none",
    () => new Response("{", { headers: { "content-type": "application/json" } })
  ],
  ["204", () => new Response(null, { status: 204 })]
]

const tokenOf = ({ headers }: EgressStreamRequest) => headers["authorization"]

/** Gauge's keys are exchanged for tokens: `token-1`, `token-2`, … */
const exchangingHost = (api: NonNullable<HostOptions["api"]>) => {
  let made = 0
  const host = makeHost({
    providers: [
      {
        definition: {
          ...gauge.definition,
          headers: {},
          check: { url: "https://api.gauge.example/check" },
          clientCredentials: {
            tokenEndpoint: "https://gauge.example/token",
            clientId: "fleet",
            clientSecret: "{api_key}",
            clientAuthentication: "client_secret_post"
          },
          api: { baseUrl: "https://api.gauge.example", expired }
        }
      }
    ],
    answer: ({ url }) =>
      url.pathname === "/token"
        ? tokenResponse({ access_token: `token-${++made}` })
        : new Response(),
    api
  })
  return { ...host, made: () => made }
}

/** An OAuth2 provider whose tokens rotate; the API answers to the first token as given. */
const forgeHost = (answer: (request: EgressStreamRequest) => Response) => {
  let issued = 0
  return makeHost({
    providers: [
      {
        ...forge,
        definition: {
          ...forge.definition,
          api: { baseUrl: "https://api.forge.example", expired }
        }
      }
    ],
    answer: () =>
      tokenResponse({ access_token: `token-${++issued}`, refresh_token: `refresh-${issued}` }),
    api: answer
  })
}

describe("an API that says expired by", () => {
  for (const [name, answer] of answers) {
    it.effect(`${name} gets a new token, once, as for 401`, () => {
      const host = forgeHost((request) =>
        tokenOf(request) === "Bearer token-1" ? answer() : Response.json({ fine: true })
      )
      return Effect.gen(function* () {
        yield* connectForge()
        const response = yield* authorizedFetch(ofForge, "/x")
        assert.deepStrictEqual(yield* Effect.promise(() => response.json()), { fine: true })
        assert.deepStrictEqual(host.calls.map(tokenOf), ["Bearer token-1", "Bearer token-2"])
      }).pipe(Effect.provide(host.layer))
    })

    it.effect(`${name}, always: one refresh, and then its answer stands`, () => {
      const host = forgeHost(answer)
      return Effect.gen(function* () {
        yield* connectForge()
        for (let n = 0; n < 3; n++) {
          const response = yield* authorizedFetch(ofForge, "/x")
          assert.strictEqual(
            yield* Effect.promise(() => response.text()),
            yield* Effect.promise(() => answer().text())
          )
        }
        const refreshes = host.sent.filter(({ body }) => body?.includes("refresh_token="))
        assert.lengthOf(refreshes, 1)
      }).pipe(Effect.provide(host.layer))
    })

    it.effect(`${name}: a token of client credentials is exchanged again, once`, () => {
      const host = exchangingHost((request) =>
        tokenOf(request) === "Bearer token-2" ? answer() : Response.json({ fine: true })
      )
      return Effect.gen(function* () {
        const { id } = yield* storeCredentials(ann, yield* provider("gauge"), {
          credentials: { api_key: "good-key" }
        })
        yield* connect(ann, yield* provider("gauge"), { credentialId: id })
        const response = yield* authorizedFetch(ofGauge, "/x")
        assert.deepStrictEqual(yield* Effect.promise(() => response.json()), { fine: true })
        assert.deepStrictEqual(host.calls.map(tokenOf), ["Bearer token-2", "Bearer token-3"])
      }).pipe(Effect.provide(host.layer))
    })
  }
})

describe("an answer that does not say expired", () => {
  for (const [name, answer] of others) {
    it.effect(`${name}: is the caller's, whole, and nothing is refreshed`, () => {
      const host = forgeHost(answer)
      return Effect.gen(function* () {
        yield* connectForge()
        const response = yield* authorizedFetch(ofForge, "/x")
        assert.strictEqual(response.status, answer().status)
        assert.deepStrictEqual([...response.headers], [...answer().headers])
        assert.strictEqual(
          yield* Effect.promise(() => response.text()),
          yield* Effect.promise(() => answer().text())
        )
        assert.lengthOf(host.sent, 1)
      }).pipe(Effect.provide(host.layer))
    })
  }

  for (const [what, type, most] of [
    ["longer than 64 KiB", "application/json", 100_000],
    ["that is not JSON", "text/event-stream", 30_000]
  ] as const) {
    it.effect(`${what} is handed on as it comes, whatever its words`, () => {
      const long = JSON.stringify({ error: "token_expired", data: "x".repeat(200 * 1024) })
      const bytes = new TextEncoder().encode(long)
      let pulled = 0
      const host = forgeHost(() => {
        pulled = 0
        return new Response(
          new ReadableStream({
            pull: (controller) => {
              const chunk = bytes.subarray(pulled, pulled + 10_000)
              pulled += chunk.length
              if (chunk.length === 0) controller.close()
              else controller.enqueue(chunk)
            }
          }),
          { headers: { "content-type": type } }
        )
      })
      return Effect.gen(function* () {
        yield* connectForge()
        const response = yield* authorizedFetch(ofForge, "/x")
        assert.isBelow(pulled, most)
        assert.strictEqual(yield* Effect.promise(() => response.text()), long)
        assert.lengthOf(host.sent, 1)
      }).pipe(Effect.provide(host.layer))
    })
  }

  it.effect("whose body breaks off breaks off for the caller, who can let it go as well", () => {
    let canceled = false
    const bodies = [
      () =>
        new ReadableStream({
          pull: (controller) => controller.error(new Error("broken off"))
        }),
      () =>
        new ReadableStream({
          pull: (controller) => controller.enqueue(new Uint8Array(40_000)),
          cancel: () => {
            canceled = true
          }
        })
    ]
    const host = forgeHost(
      () => new Response(bodies.shift()?.(), { headers: { "content-type": "application/json" } })
    )
    return Effect.gen(function* () {
      yield* connectForge()
      const broken = yield* authorizedFetch(ofForge, "/x")
      assert.strictEqual(
        (yield* Effect.exit(Effect.tryPromise(() => broken.text())))._tag,
        "Failure"
      )
      const endless = yield* authorizedFetch(ofForge, "/x")
      yield* Effect.promise(async () => endless.body?.cancel())
      assert.isTrue(canceled)
    }).pipe(Effect.provide(host.layer))
  })

  it.effect("says nothing of a token of client credentials either", () => {
    const host = exchangingHost(({ url }) =>
      url.host === "api.gauge.example"
        ? new Response(null, { status: 302, headers: { location: "https://files.example/x" } })
        : new Response(null, { status: 419 })
    )
    return Effect.gen(function* () {
      const { id } = yield* storeCredentials(ann, yield* provider("gauge"), {
        credentials: { api_key: "good-key" }
      })
      yield* connect(ann, yield* provider("gauge"), { credentialId: id })
      assert.strictEqual((yield* authorizedFetch(ofGauge, "/x")).status, 419)
      // One for the check of the key, one for the call.
      assert.strictEqual(host.made(), 2)
    }).pipe(Effect.provide(host.layer))
  })

  it.effect("says nothing of the token where the request did not carry it", () => {
    const host = forgeHost(({ url }) =>
      url.host === "api.forge.example"
        ? new Response(null, { status: 302, headers: { location: "https://files.example/x" } })
        : new Response(null, { status: 419 })
    )
    return Effect.gen(function* () {
      yield* connectForge()
      assert.strictEqual((yield* authorizedFetch(ofForge, "/x")).status, 419)
      assert.lengthOf(host.sent, 1)
    }).pipe(Effect.provide(host.layer))
  })
})

describe("a definition's api.expired", () => {
  it.effect("needs a body where the status is one of success", () =>
    Effect.gen(function* () {
      const api = { baseUrl: "https://api.forge.example", expired: [{ status: 200 }] } as const
      assert.include(yield* refusedBecause({ api }), "api.expired: a status below 400 needs a body")
    })
  )

  it("is of no use for a key that is not exchanged", () => {
    const api = { baseUrl: "https://api.gauge.example", expired }
    const host = makeHost({ providers: [{ definition: { ...gauge.definition, api } }] })
    const exit = Effect.runSyncExit(Effect.void.pipe(Effect.provide(host.layer)))
    assert.include(String(exit), "api.expired: a key that is not exchanged cannot be renewed")
  })
})
