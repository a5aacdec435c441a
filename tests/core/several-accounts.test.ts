import { assert, describe, it } from "@effect/vitest"
import { Effect, Logger } from "effect"
import {
  ConnectionStore,
  type EgressRequest,
  type OAuth2Definition,
  revokeQueued,
  tenantsDefault
} from "@hawser/core"
import { ann, comeBack, forge, makeHost, startFlow, tokenResponse } from "./support/host.ts"
import { refusedBecause } from "./support/vendor.ts"

/** A consultant who connects the second customer must not get the first one's data. */

const jwt = (claims: object) =>
  ["{}", JSON.stringify(claims), "s"]
    .map((part) => Buffer.from(part).toString("base64url"))
    .join(".")

const sites = [
  { id: "first", name: "First customer", event: "e-1", is_default: false },
  { id: "second", name: "Second customer", event: "e-2", is_default: true }
]

const recordedLog = () => {
  const lines: Array<string> = []
  const logger = Logger.make((options) => {
    lines.push(Logger.formatJson.log(options))
  })
  return { lines, layer: Logger.layer([logger]) }
}

type Step =
  | { readonly only: true }
  | { readonly where: { readonly path: readonly [string] } & object }

/** Connects where the vendor answers with this list; what became of it. */
const connecting = Effect.fnUntraced(function* (
  list: unknown,
  changes: Partial<OAuth2Definition>,
  { accessToken = "canary-access-token" }: { readonly accessToken?: string } = {}
) {
  const { layer: logged, lines } = recordedLog()
  const definition: OAuth2Definition = {
    ...forge.definition,
    revocation: { endpoint: "https://forge.example/revoke", ends: "token" },
    ...changes
  }
  const host = makeHost({
    providers: [{ ...forge, definition }],
    answer: ({ url }: EgressRequest) =>
      url.pathname === "/token"
        ? tokenResponse({ access_token: accessToken, refresh_token: "canary-refresh-token" })
        : url.pathname === "/revoke"
          ? new Response()
          : Response.json(list)
  })
  return yield* Effect.gen(function* () {
    const outcome = yield* comeBack(yield* startFlow())
    assert(outcome._tag === "Return")
    const returned = new URL(outcome.url).searchParams
    yield* revokeQueued
    const connections = yield* ConnectionStore
    const integration = yield* Effect.option(
      connections.find({
        tenantId: ann.tenantId,
        provider: forge.definition.id,
        ...tenantsDefault
      })
    )
    return {
      word: returned.get("error") ?? returned.get("status"),
      integration: integration._tag === "Some" ? integration.value : undefined,
      revoked: host.sent
        .filter(({ url }) => url.pathname === "/revoke")
        .map(({ body }) => new URLSearchParams(body).get("token")),
      lines
    }
  }).pipe(Effect.provide([host.layer, logged]))
})

const byRequest = (step: Step): Partial<OAuth2Definition> => ({
  account: {
    from: "request",
    url: "https://api.forge.example/sites",
    id: [step, "id"] as never,
    label: [step, "name"] as never
  }
})

const byDiscovery = (step: Step): Partial<OAuth2Definition> => ({
  discovery: { url: "https://api.forge.example/sites" },
  captures: { site_id: { from: "request", path: [step, "id"] as never } },
  account: { from: "capture", name: "site_id" }
})

const whereDefault: Step = { where: { path: ["is_default"], equals: true } as never }
const whereEvent: Step = {
  where: { path: ["event"], equalsClaim: ["authentication_event_id"] } as never
}

for (const [told, withStep, several] of [
  ["an account that is asked for", byRequest, "account_not_permitted"],
  ["a value that is captured", byDiscovery, "choose"]
] as const) {
  describe(`several accounts behind one consent: ${told}`, () => {
    it.effect(`is none, where the vendor does not say which: ${several}`, () =>
      Effect.gen(function* () {
        const { integration, lines, word } = yield* connecting(sites, withStep({ only: true }))
        assert.strictEqual(word, several)
        assert.isUndefined(integration)
        assert.notInclude(lines.join(), "customer")
      })
    )

    it.effect("is the only one, where there is one", () =>
      Effect.gen(function* () {
        const { integration, word } = yield* connecting(sites.slice(1), withStep({ only: true }))
        assert.strictEqual(word, "connected")
        assert.strictEqual(integration?.account?.id, "second")
      })
    )

    it.effect("is the one that the vendor marks, wherever in the list it stands", () =>
      Effect.gen(function* () {
        for (const list of [sites, sites.toReversed()]) {
          const { integration } = yield* connecting(list, withStep(whereDefault))
          assert.strictEqual(integration?.account?.id, "second")
        }
      })
    )

    it.effect("is the one of the access token's claim, wherever in the list it stands", () =>
      Effect.gen(function* () {
        const accessToken = jwt({ authentication_event_id: "e-2" })
        for (const list of [sites, sites.toReversed()]) {
          const { integration } = yield* connecting(list, withStep(whereEvent), { accessToken })
          assert.strictEqual(integration?.account?.id, "second")
        }
      })
    )

    it.effect("is none, where two are marked, or belong to the claim", () =>
      Effect.gen(function* () {
        const marked = sites.map((site) => ({ ...site, is_default: true, event: "e-2" }))
        const accessToken = jwt({ authentication_event_id: "e-2" })
        for (const step of [whereDefault, whereEvent]) {
          const { word } = yield* connecting(marked, withStep(step), { accessToken })
          assert.strictEqual(word, several)
        }
      })
    )

    it.effect("is none, where none is meant, the token has no claim, or the answer no list", () =>
      Effect.gen(function* () {
        const unmarked = sites.map((site) => ({ ...site, is_default: false }))
        // A person may choose what the vendor has not marked, if it can be chosen.
        const unmeant = several === "choose" ? several : "invalid_response"
        for (const [list, step, accessToken, expected] of [
          [unmarked, whereDefault, "canary-access-token", unmeant],
          [unmarked.slice(1), whereDefault, "canary-access-token", "invalid_response"],
          [sites, whereEvent, "canary-access-token", unmeant],
          [sites, whereEvent, "a.b.c", unmeant],
          [sites.map(({ id, name }) => ({ id, name })), whereEvent, jwt({}), unmeant],
          [
            sites.map((site) => ({ ...site, event: null })),
            whereEvent,
            jwt({ authentication_event_id: null }),
            unmeant
          ],
          [[], { only: true }, "canary-access-token", "invalid_response"],
          [{ 0: sites[0] }, { only: true }, "canary-access-token", "invalid_response"]
        ] as const) {
          const { word } = yield* connecting(list, withStep(step), { accessToken })
          assert.strictEqual(word, expected)
        }
      })
    )
  })
}

describe("a list that nobody can choose from", () => {
  it.effect("S-39 is logged, without the names in it, and its tokens are revoked", () =>
    Effect.gen(function* () {
      const { lines, revoked } = yield* connecting(sites, byRequest({ only: true }))
      const line = lines.find((one) => one.includes("several accounts"))
      assert.include(line, '"accounts":2')
      assert.include(line, '"provider":"forge"')
      assert.deepStrictEqual(revoked, ["canary-refresh-token", "canary-access-token"])
    })
  )
})

describe("a list in the path to an account", () => {
  const problem = 'a list is not left by position; write { "only": true } or { "where": … }'
  it.effect("is not left by position: the start says what to write", () =>
    Effect.gen(function* () {
      assert.include(
        yield* refusedBecause({
          account: { from: "request", url: "https://forge.example/sites", id: ["0", "id"] }
        }),
        `account.id: ${problem}`
      )
      assert.include(
        yield* refusedBecause({ account: { from: "token_response", id: ["teams", "0", "id"] } }),
        `account.id: ${problem}`
      )
      assert.include(
        yield* refusedBecause({ captures: { site: { from: "token_response", path: ["0"] } } }),
        `captures.site: path: ${problem}`
      )
    })
  )

  it.effect("a token is not captured through one either", () =>
    Effect.gen(function* () {
      assert.include(
        yield* refusedBecause({
          captures: { t: { from: "token_response", path: [{ only: true }, "access_token"] } }
        }),
        "a token may not be captured"
      )
    })
  )
})

describe("a person of 250 organisations", () => {
  const many = Array.from({ length: 250 }, (_, index) => ({
    id: `organisation-${index}`,
    name: `Organisation ${index} `.padEnd(300, "."),
    is_default: index === 249
  }))
  it.effect(
    "connects: the answer may be longer than one of a token endpoint, up to a bound of its own",
    () => {
      const bounds: Array<number | undefined> = []
      const host = makeHost({
        providers: [
          {
            ...forge,
            definition: {
              ...forge.definition,
              ...byDiscovery(whereDefault),
              ...byRequest(whereDefault)
            }
          }
        ],
        answer: ({ maxBodyBytes, url }) => {
          if (url.pathname === "/token") return tokenResponse()
          bounds.push(maxBodyBytes)
          return Response.json(many)
        }
      })
      return Effect.gen(function* () {
        const outcome = yield* comeBack(yield* startFlow())
        assert(outcome._tag === "Return")
        assert.include(outcome.url, "status=connected")
        assert.deepStrictEqual(bounds, [1024 * 1024, 1024 * 1024])
        assert.isAbove(JSON.stringify(many).length, 64 * 1024)
      }).pipe(Effect.provide(host.layer))
    }
  )
})
