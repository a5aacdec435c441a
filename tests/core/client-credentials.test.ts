import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect, Redacted } from "effect"
import { TestClock } from "effect/testing"
import { inspect } from "node:util"
import {
  accessToken,
  type ApiKeyProviderConfig,
  authorizedFetch,
  connect,
  EgressError,
  type EgressRequest,
  type EgressStreamRequest,
  storeCredentials,
  testConnection,
  tenantsDefault
} from "@hawser/core"
import { ann, eve, gauge, makeHost, provider, type Admin } from "./support/host.ts"

/** A vendor whose keys are clients of the tenants' own. */
const fleet: ApiKeyProviderConfig = {
  definition: {
    ...gauge.definition,
    fields: [
      { name: "client_id", label: "Client ID", secret: false },
      { name: "client_secret", label: "Client secret" }
    ],
    headers: { "x-client": "{client_id}" },
    clientCredentials: {
      tokenEndpoint: "https://login.gauge.example/token",
      clientId: "{client_id}",
      clientSecret: "{client_secret}",
      clientAuthentication: "client_secret_basic",
      scope: "machines.read",
      parameters: { audience: "https://api.gauge.example" }
    },
    api: { baseUrl: "https://api.gauge.example" },
    check: { url: "https://api.gauge.example/me" }
  }
}

interface Vendor {
  readonly token?: (request: EgressRequest, made: number) => Response | EgressError
  readonly api?: (request: EgressStreamRequest) => Response
}

const issued = (made: number, members: object = { expires_in: 3600 }): Response =>
  Response.json({ access_token: `token-${made}`, token_type: "bearer", ...members })

const refusal = (error: string): Response => Response.json({ error }, { status: 400 })

const vendor = ({ api = () => new Response(), token = (_, made) => issued(made) }: Vendor = {}) => {
  let made = 0
  const host = makeHost({
    providers: [fleet],
    answer: (request) =>
      request.url.host === "login.gauge.example" ? token(request, ++made) : new Response(),
    api
  })
  return { ...host, made: () => made }
}

const credentials = { client_id: "fleet-client", client_secret: "canary-fleet-secret" }

const connected = Effect.fnUntraced(function* (by: Admin = ann) {
  const gaugeProvider = yield* provider("gauge")
  const { id, status } = yield* storeCredentials(by, gaugeProvider, { credentials })
  assert(gaugeProvider.authType === "api_key")
  yield* connect(by, gaugeProvider, { credentialId: id })
  return status
})

const call = (by: Admin = ann) =>
  authorizedFetch(
    { tenantId: by.tenantId, ...tenantsDefault, provider: fleet.definition.id },
    "/machines"
  )

/** The tokens that the API was called with. */
const carried = (calls: ReadonlyArray<EgressStreamRequest>) =>
  calls.map(({ headers }) => headers["authorization"])

describe("client credentials of a tenant's", () => {
  it.effect("are exchanged as RFC 6749 §4.4 has it, and the secret is in no URL (S-32)", () => {
    const host = vendor()
    return Effect.gen(function* () {
      assert.strictEqual(yield* connected(), "validated")
      const [request] = host.sent
      const body = new URLSearchParams(request?.body)
      assert.deepStrictEqual(Object.fromEntries(body), {
        grant_type: "client_credentials",
        scope: "machines.read",
        audience: "https://api.gauge.example"
      })
      const basic = Buffer.from("fleet-client:canary-fleet-secret").toString("base64")
      assert.strictEqual(request?.headers["authorization"], `Basic ${basic}`)
      assert.isFalse(host.sent.some(({ url }) => url.href.includes("canary")))
    }).pipe(Effect.provide(host.layer))
  })

  it.effect(
    "become a token that is kept, renewed before its end, and carried beside the key's headers",
    () => {
      const host = vendor()
      return Effect.gen(function* () {
        yield* connected()
        yield* Effect.all([call(), call(), call()], { concurrency: "unbounded" })
        assert.strictEqual(host.made(), 2, "one for the check of the key, one for the three calls")
        assert.strictEqual(host.calls[0]?.headers["x-client"], "fleet-client")
        yield* TestClock.adjust("54 minutes")
        yield* call()
        assert.strictEqual(host.made(), 2)
        yield* TestClock.adjust("2 minutes")
        yield* call()
        assert.strictEqual(host.made(), 3)
        const [first, , , , last] = carried(host.calls)
        assert.deepStrictEqual([first, last], ["Bearer token-2", "Bearer token-3"])
      }).pipe(Effect.provide(host.layer))
    }
  )

  it.effect("are not believed without limit where nobody tells the end of a token", () => {
    const host = vendor({ token: (_, made) => issued(made, {}) })
    return Effect.gen(function* () {
      yield* connected()
      yield* call()
      yield* TestClock.adjust("11 minutes")
      yield* call()
      assert.strictEqual(host.made(), 3)
    }).pipe(Effect.provide(host.layer))
  })

  it.effect("are renewed in time although the clock on the wall steps back", () => {
    const host = vendor()
    return Effect.gen(function* () {
      yield* TestClock.setTime(Date.UTC(2024, 3, 1))
      yield* connected()
      yield* call()
      yield* TestClock.adjust("30 minutes")
      yield* TestClock.setTime(Date.UTC(2024, 3, 1))
      const query = { tenantId: ann.tenantId, ...tenantsDefault, provider: fleet.definition.id }
      const { expiresAt, remaining } = yield* accessToken(query)
      assert.strictEqual(remaining, 1800)
      assert.deepStrictEqual(expiresAt, DateTime.makeUnsafe(Date.UTC(2024, 3, 1, 0, 30)))
      yield* TestClock.adjust("26 minutes")
      yield* call()
      assert.strictEqual(host.made(), 3)
    }).pipe(Effect.provide(host.layer))
  })

  it.effect("S-60 give each tenant a token of its own, with the same client too", () => {
    const host = vendor()
    return Effect.gen(function* () {
      yield* connected(ann)
      yield* connected(eve)
      yield* call(ann)
      yield* call(eve)
      const [ofAnn, ofEve] = carried(host.calls)
      assert.notStrictEqual(ofAnn, ofEve)
    }).pipe(Effect.provide(host.layer))
  })

  it.effect(
    "are exchanged once more where the API refuses the token, and then its answer stands",
    () => {
      const host = vendor({ api: () => new Response("", { status: 401 }) })
      return Effect.gen(function* () {
        yield* connected()
        assert.strictEqual((yield* call()).status, 401)
        assert.deepStrictEqual(carried(host.calls), ["Bearer token-2", "Bearer token-3"])
        // An API that refuses all would cost a token with each call.
        assert.strictEqual((yield* call()).status, 401)
        assert.deepStrictEqual(carried(host.calls).slice(2), ["Bearer token-3"])
        assert.strictEqual(host.made(), 3)
      }).pipe(Effect.provide(host.layer))
    }
  )

  it.effect("give their token to whoever uses another client than ours", () => {
    const host = vendor()
    const query = { tenantId: ann.tenantId, ...tenantsDefault, provider: fleet.definition.id }
    return Effect.gen(function* () {
      assert.strictEqual((yield* Effect.flip(accessToken(query)))._tag, "NotConnected")
      yield* connected()
      const first = yield* accessToken(query)
      assert.strictEqual(Redacted.value(first.accessToken), "token-2")
      assert.deepStrictEqual([first.lifetime, first.remaining], [3600, 3600])
      assert.deepStrictEqual(first.fields, { client_id: "fleet-client" })
      assert.strictEqual((yield* accessToken(query)).generation, first.generation)
      yield* TestClock.adjust("20 minutes")
      const longer = yield* accessToken(query, { validFor: 2400 })
      assert.strictEqual(longer.generation, first.generation, "half of its life is the most")
      yield* TestClock.adjust("11 minutes")
      const next = yield* accessToken(query, { validFor: 2400 })
      assert.strictEqual(Redacted.value(next.accessToken), "token-3")
      const afterRefusal = yield* accessToken(query, { rejected: next })
      assert.strictEqual(Redacted.value(afterRefusal.accessToken), "token-4")
      const stale = yield* accessToken(query, { rejected: next })
      assert.strictEqual(stale.generation, afterRefusal.generation, "refused was another one")
    }).pipe(Effect.provide(host.layer))
  })

  for (const [status, error] of [
    [401, {}],
    [403, { message: "no" }],
    [400, { error: "invalid_client" }]
  ] as const) {
    it.effect(`that the vendor refuses with ${status} are not stored, and end their use`, () => {
      let isGood = true
      const host = vendor({
        token: (_, made) => (isGood ? issued(made) : Response.json(error, { status }))
      })
      return Effect.gen(function* () {
        yield* connected()
        isGood = false
        const failure = yield* Effect.flip(call())
        assert(failure._tag === "ReconnectRequired")
        assert.strictEqual(failure.reason, "credential_rejected")
        assert.notInclude(inspect(failure, { depth: 10 }), "canary")
        const gaugeProvider = yield* provider("gauge")
        const { reason } = yield* testConnection(ann, gaugeProvider)
        assert.strictEqual(reason, "rejected")
        const stored = yield* Effect.flip(storeCredentials(eve, gaugeProvider, { credentials }))
        assert.strictEqual(stored._tag, "CredentialRejected")
      }).pipe(Effect.provide(host.layer))
    })
  }

  for (const [what, answer] of [
    ["is down", () => new Response("", { status: 503 })],
    ["asks to wait", () => new Response("", { status: 429, headers: { "retry-after": "30" } })],
    ["answers a page", () => new Response("<html>", { status: 400 })],
    ["is busy and says so by 400", () => refusal("temporarily_unavailable")],
    ["has failed and says so by 400", () => refusal("server_error")],
    ["cannot be reached", () => new EgressError({ reason: "timeout", host: "x", sent: true })]
  ] as const) {
    it.effect(`are kept while the vendor ${what}`, () => {
      let isUp = true
      const host = vendor({ token: (_, made) => (isUp ? issued(made) : answer()) })
      return Effect.gen(function* () {
        yield* connected()
        isUp = false
        const failure = yield* Effect.flip(call())
        assert(failure._tag === "ProviderUnavailable")
        assert.strictEqual(failure.retryAfter, what === "asks to wait" ? 30 : 1)
        const gaugeProvider = yield* provider("gauge")
        const { status } = yield* storeCredentials(eve, gaugeProvider, { credentials })
        assert.strictEqual(status, "unverified")
      }).pipe(Effect.provide(host.layer))
    })
  }
})
