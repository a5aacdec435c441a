import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { TestClock } from "effect/testing"
import {
  accessToken,
  authorizedFetch,
  connect,
  ConnectionStore,
  tenantsDefault,
  type EgressRequest,
  type OAuth2Definition
} from "@hawser/core"
import { apiOrigins } from "../../packages/core/src/connection/apiTarget.ts"
import {
  ann,
  comeBack,
  completeFlow,
  completeUrl,
  cookieUrl,
  forge,
  makeHost,
  provider,
  startFlow,
  tokenResponse,
  ofForge
} from "./support/host.ts"

/** A vendor that tells where the account lives in the callback, with the tokens and when it is asked. */
const telling = {
  ...forge.definition,
  captures: {
    realm: { from: "callback", parameter: "realmId", pattern: "[0-9]+" },
    instance: { from: "token_response", path: ["instance_url"], hostBelow: [".my.forge.example"] },
    cloud: { from: "request", path: [{ only: true }, "id"], pattern: "[a-z0-9]+" }
  },
  discovery: { url: "https://{instance}/sites/{realm}", method: "POST", body: "null" },
  account: {
    from: "request",
    url: "https://{instance}/cloud/{cloud}/me",
    id: ["id"],
    label: ["name"]
  },
  api: { baseUrl: "https://{instance}/cloud/{cloud}" },
  apiHeaders: { "Forge-Realm": "{realm}", "Forge-Cloud": "{cloud}", "Forge-Version": "7" }
} as const satisfies OAuth2Definition

const instance = "acme.my.forge.example"

interface VendorAnswers {
  readonly tokens?: Readonly<Record<string, unknown>>
  readonly sites?: () => Response
}

const hostOf = (answers: VendorAnswers = {}, changes: Partial<OAuth2Definition> = {}) =>
  makeHost({
    providers: [{ ...forge, definition: { ...telling, ...changes } }],
    answer: ({ url }: EgressRequest) => {
      if (url.pathname === "/token") {
        return tokenResponse({
          instance_url: `https://${instance}/x`,
          refresh_token: "canary-refresh",
          expires_in: 3600,
          ...answers.tokens
        })
      }
      if (url.pathname.startsWith("/sites"))
        return answers.sites?.() ?? Response.json([{ id: "c1" }])
      return Response.json({ id: 7, name: "Ann" })
    }
  })

const callback = { code: "canary-code", realmId: "42" }

const connected = Effect.fnUntraced(function* (parameters: Readonly<Record<string, string>>) {
  const outcome = yield* comeBack(yield* startFlow(), { parameters })
  return outcome._tag === "Return" ? new URL(outcome.url).searchParams : new URLSearchParams()
})

const fieldsOf = Effect.map(accessToken(ofForge), ({ fields }) => fields)
const kept = { realm: "42", instance, cloud: "c1" }

describe("what a vendor tells of a connection", () => {
  it.effect("is kept from callback, token response and discovery, and used from then on", () => {
    const host = hostOf()
    return Effect.gen(function* () {
      assert.strictEqual((yield* connected(callback)).get("status"), "connected")
      assert.deepStrictEqual(yield* fieldsOf, kept)
      const [, discovery, account] = host.sent
      assert.strictEqual(discovery?.url.href, `https://${instance}/sites/42`)
      assert.deepStrictEqual(discovery?.hosts, [instance])
      assert.deepInclude(discovery, { method: "POST", body: "null" })
      // A value that is asked for only here is not sent yet.
      assert.strictEqual(discovery?.headers["forge-realm"], "42")
      assert.notProperty(discovery?.headers ?? {}, "forge-cloud")
      assert.strictEqual(account?.url.href, `https://${instance}/cloud/c1/me`)
      assert.deepInclude(account?.headers, {
        "forge-realm": "42",
        "forge-cloud": "c1",
        "forge-version": "7",
        authorization: "Bearer canary-access-token"
      })
      yield* authorizedFetch(ofForge, "/issues")
      const [call] = host.calls
      assert.strictEqual(call?.url.href, `https://${instance}/cloud/c1/issues`)
      assert.deepInclude(call?.headers, { "forge-realm": "42", "forge-cloud": "c1" })
    }).pipe(Effect.provide(host.layer))
  })

  it.effect("survives the time between callback and complete, sealed", () => {
    const host = hostOf()
    return Effect.gen(function* () {
      const outcome = yield* comeBack(yield* startFlow(completeUrl), { parameters: callback })
      assert(outcome._tag === "Return")
      const [page, fragment] = outcome.url.split("#")
      assert.notInclude(page, "42")
      const { flowId = "", ...others } = Object.fromEntries(new URLSearchParams(fragment))
      assert.deepStrictEqual(others, {})
      yield* completeFlow(flowId)
      assert.deepStrictEqual(yield* fieldsOf, kept)
    }).pipe(Effect.provide(host.layer))
  })

  it.effect("may be the account itself", () => {
    const host = hostOf({}, { account: { from: "capture", name: "realm" } })
    return Effect.gen(function* () {
      yield* connected(callback)
      const connections = yield* ConnectionStore
      const { account } = yield* connections.find({ ...ofForge, ...tenantsDefault })
      assert.deepStrictEqual(account, { id: "42", label: undefined, issuer: undefined })
    }).pipe(Effect.provide(host.layer))
  })

  it.effect("comes again with whoever consents again", () => {
    const { account: _, ...unnamed } = telling
    const host = makeHost({
      providers: [{ ...forge, definition: unnamed }],
      answer: ({ url }) =>
        url.pathname === "/token"
          ? tokenResponse({ instance_url: `https://${instance}` })
          : Response.json([{ id: "c1" }])
    })
    return Effect.gen(function* () {
      yield* connected(callback)
      const again = yield* connect(ann, yield* provider("forge"), {
        redirectUrl: cookieUrl,
        reauthorize: true
      })
      assert(again._tag === "Authorize")
      const started = { ...again, authorizationUrl: new URL(again.authorizationUrl) }
      yield* comeBack(started, { parameters: { code: "other", realmId: "43" } })
      assert.deepStrictEqual(yield* fieldsOf, { ...kept, realm: "43" })
    }).pipe(Effect.provide(host.layer))
  })
})

describe("S-66 a value that is not as the definition wants it", () => {
  const wrong: ReadonlyArray<readonly [string, VendorAnswers, Readonly<Record<string, string>>]> = [
    ["missing in the callback", {}, { code: "canary-code" }],
    ["malformed in the callback", {}, { code: "canary-code", realmId: "42/.." }],
    ["a host of somebody else", { tokens: { instance_url: "https://evil.example" } }, callback],
    [
      "a host that only looks like the vendor's",
      { tokens: { instance_url: "https://acme.my.forge.example.evil.example" } },
      callback
    ],
    ["missing with the tokens", { tokens: { instance_url: undefined } }, callback],
    ["missing where it is asked for", { sites: () => Response.json([]) }, callback],
    ["malformed where it is asked for", { sites: () => Response.json([{ id: "../x" }]) }, callback],
    [
      "an error where it is asked for",
      { sites: () => new Response("", { status: 403 }) },
      callback
    ],
    ["no JSON where it is asked for", { sites: () => new Response("<html>") }, callback]
  ]
  for (const [what, told, parameters] of wrong) {
    it.effect(`${what}, makes no connection`, () => {
      const host = hostOf(told)
      return Effect.gen(function* () {
        assert.strictEqual((yield* connected(parameters)).get("error"), "invalid_response")
        assert.strictEqual((yield* Effect.flip(accessToken(ofForge)))._tag, "NotConnected")
        for (const { url } of host.sent) assert.notInclude(url.host, "evil")
      }).pipe(Effect.provide(host.layer))
    })
  }

  for (const [what, captures, missing] of [
    ["with the tokens", { place: { from: "token_response", path: ["place"] } }, "/token"],
    ["where it is asked for", { place: { from: "request", path: ["place"] } }, "/sites"]
  ] as const) {
    it.effect(`missing ${what}, and used nowhere, makes no connection either`, () => {
      const host = makeHost({
        providers: [
          {
            ...forge,
            definition: {
              ...forge.definition,
              captures,
              ...(missing === "/sites" && { discovery: { url: "https://forge.example/sites" } })
            }
          }
        ],
        answer: ({ url }) => (url.pathname === "/token" ? tokenResponse() : Response.json({}))
      })
      return Effect.gen(function* () {
        assert.strictEqual((yield* connected(callback)).get("error"), "invalid_response")
      }).pipe(Effect.provide(host.layer))
    })
  }

  it.effect("in the callback, sends no code", () => {
    const host = hostOf()
    return Effect.gen(function* () {
      yield* connected({ code: "canary-code", realmId: "x" })
      assert.deepStrictEqual(host.sent, [])
    }).pipe(Effect.provide(host.layer))
  })

  it.effect("where the vendor cannot be asked, is not a verdict", () => {
    const host = hostOf({ sites: () => new Response("", { status: 503 }) })
    return Effect.map(connected(callback), (parameters) =>
      assert.strictEqual(parameters.get("error"), "provider_unavailable")
    ).pipe(Effect.provide(host.layer))
  })

  it.effect(
    "a host that comes with a refresh changes nothing: it is bound until the connection ends",
    () => {
      let refreshed = false
      const host = makeHost({
        providers: [{ ...forge, definition: telling }],
        answer: ({ body = "", url }) => {
          if (url.pathname.startsWith("/sites")) return Response.json([{ id: "c1" }])
          if (url.pathname !== "/token") return Response.json({ id: 7 })
          refreshed = body.includes("grant_type=refresh_token")
          return tokenResponse({
            access_token: refreshed ? "canary-second" : "canary-first",
            instance_url: refreshed ? "https://other.my.forge.example" : `https://${instance}`,
            refresh_token: "canary-refresh",
            expires_in: 3600
          })
        }
      })
      return Effect.gen(function* () {
        yield* connected(callback)
        yield* TestClock.adjust("1 hour")
        const token = yield* accessToken(ofForge)
        assert.isTrue(refreshed)
        assert.strictEqual(Redacted.value(token.accessToken), "canary-second")
        assert.deepStrictEqual(token.fields, kept)
      }).pipe(Effect.provide(host.layer))
    }
  )
})

describe("a stored value that the definition would not take any more", () => {
  it.effect("S-66 leads nowhere", () => {
    const narrower = {
      ...telling.captures,
      cloud: { ...telling.captures.cloud, pattern: "[0-9]+" }
    }
    const before = hostOf()
    return Effect.gen(function* () {
      yield* connected(callback)
      const after = { ...telling, captures: narrower }
      const fields = yield* fieldsOf
      yield* apiOrigins(telling, telling.api, fields)
      const refusals = [
        apiOrigins(after, after.api, fields),
        apiOrigins(telling, telling.api, { ...fields, instance: "evil.example" })
      ]
      for (const refusal of refusals)
        assert.strictEqual((yield* Effect.flip(refusal)).member, "api.baseUrl")
    }).pipe(Effect.provide(before.layer))
  })
})
