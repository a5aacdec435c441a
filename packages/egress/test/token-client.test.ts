import { assert, describe, it } from "@effect/vitest"
import { Effect, type Scope } from "effect"
import type { RequestListener } from "node:http"
import { gzipSync } from "node:zlib"
import { passing } from "./support/egress.ts"
import { dripping, httpServer, rawServer } from "../../../test-support/servers.ts"
import { calls, type Outcome, outcomeOf, providerAt, secrets } from "./support/tokenClient.ts"

/** Milliseconds for a whole answer that the host has not set. */
const totalTimeoutMs = 15_000

const nothingUsable: Outcome = {
  token: "provider_unavailable",
  // The request went out, and the refresh token may have been replaced.
  refresh: "ambiguous",
  revoke: "again"
}

/** What each of the three requests comes to at a server of its own. */
const expectOf = (
  expected: Outcome,
  start: Effect.Effect<{ readonly port: number }, never, Scope.Scope>
) =>
  Effect.gen(function* () {
    for (const call of calls) {
      const { port } = yield* start
      assert.strictEqual(yield* outcomeOf(call, yield* providerAt(port)), expected[call], call)
    }
  })

const misbehaving = (
  what: string,
  expected: Outcome,
  start: Effect.Effect<{ readonly port: number }, never, Scope.Scope>
) => it.effect(what, () => expectOf(expected, start))

const answering = (respond: RequestListener) => httpServer(respond)

describe("requests with secrets at a server that misbehaves on purpose", () => {
  for (const status of [301, 302, 303, 307, 308]) {
    it.effect(`S-29 ${status} is not followed, and no secret reaches the second host`, () =>
      Effect.gen(function* () {
        for (const call of calls) {
          const second = yield* httpServer((_request, response) => response.end("stolen"))
          const first = yield* httpServer((_request, response) =>
            response.writeHead(status, { location: `http://127.0.0.1:${second.port}/token` }).end()
          )
          const outcome = yield* outcomeOf(call, yield* providerAt(first.port))
          assert.strictEqual(outcome, nothingUsable[call], call)
          assert.strictEqual(first.seen.length, 1)
          assert.strictEqual(second.connections(), 0)
        }
      })
    )
  }

  for (const [what, beginning] of [
    ["a body that drips", "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n{"],
    ["headers that drip", "HTTP/1.1 200 OK\r\nx: "]
  ] as const) {
    it.effect(`S-30 ${what} is left when the whole time is over`, () =>
      Effect.gen(function* () {
        for (const call of calls) {
          const { hasDripped, port } = yield* dripping(beginning)
          const asked = outcomeOf(call, yield* providerAt(port))
          const outcome = yield* passing(totalTimeoutMs, hasDripped, asked)
          assert.strictEqual(outcome, nothingUsable[call], call)
        }
      })
    )
  }

  misbehaving(
    "S-30 a body without an end is left at 64 KiB",
    nothingUsable,
    answering((_request, response) => {
      response.writeHead(200, { "content-type": "application/json" })
      const pour = () => {
        while (!response.destroyed && response.write(" ".repeat(16_384)));
      }
      response.on("drain", pour)
      pour()
    })
  )

  misbehaving(
    "S-30 headers without an end are left at 16 KiB",
    nothingUsable,
    rawServer((socket) => {
      socket.write("HTTP/1.1 200 OK\r\n")
      const pour = () => {
        while (!socket.destroyed && socket.write("x-more: of-the-same\r\n".repeat(100)));
      }
      socket.on("drain", pour)
      pour()
    })
  )

  const bomb = gzipSync(Buffer.alloc(50 * 1024 * 1024, " "))
  misbehaving(
    "S-30 a gzip bomb is left at 64 KiB of its content",
    nothingUsable,
    answering((_request, response) =>
      response.writeHead(200, { "content-encoding": "gzip" }).end(bomb)
    )
  )

  misbehaving(
    "S-30 an announced gigabyte is left at the announcement",
    nothingUsable,
    rawServer((socket) => {
      socket.write("HTTP/1.1 200 OK\r\ncontent-length: 1073741824\r\n\r\n{")
    })
  )

  it.effect("S-30 an answer that comes late is not waited for, and not used", () =>
    Effect.gen(function* () {
      for (const call of calls) {
        const { promise: isAnswered, resolve: answered } = Promise.withResolvers<boolean>()
        const { promise: hasArrived, resolve: arrived } = Promise.withResolvers<void>()
        const server = yield* httpServer((_request, response) => {
          arrived()
          // As late as can be: once the client has gone.
          response.on("close", () => {
            response.end(JSON.stringify({ access_token: "late", token_type: "bearer" }))
            answered(true)
          })
        })
        const asked = outcomeOf(call, yield* providerAt(server.port))
        const outcome = yield* passing(totalTimeoutMs, hasArrived, asked)
        assert.strictEqual(outcome, nothingUsable[call], call)
        assert.isTrue(yield* Effect.promise(() => isAnswered))
      }
    })
  )

  misbehaving(
    "S-35 a connection that is reset after the request was read leaves open what happened",
    nothingUsable,
    rawServer((socket) => socket.resetAndDestroy())
  )

  misbehaving(
    "S-35 a connection that is closed after the request was read leaves open what happened",
    nothingUsable,
    rawServer((socket) => socket.end())
  )

  misbehaving(
    "S-35 a refused connection has sent nothing",
    { ...nothingUsable, refresh: "unavailable" },
    // Nobody listens there, and no server of another test is given it.
    Effect.succeed({ port: 1 })
  )
})

const json = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}) =>
  answering((_request, response) =>
    response
      .writeHead(status, { "content-type": "application/json", ...headers })
      .end(JSON.stringify(body))
  )

const page = (status: number, headers: Readonly<Record<string, string>> = {}) =>
  answering((_request, response) =>
    response
      .writeHead(status, { "content-type": "text/html", ...headers })
      .end("<html><title>Sorry</title>")
  )

describe("what an answer means", () => {
  const good = { access_token: "t", token_type: "bearer" }
  /** The content of a revocation's success is not looked at (RFC 7009 §2.2). */
  const unusable = { token: "invalid_response", refresh: "ambiguous", revoke: "done" }
  const refusedBy = (refresh: string) => ({ token: "provider_error", refresh, revoke: "refused" })
  const table: ReadonlyArray<
    readonly [string, Outcome, Effect.Effect<{ readonly port: number }, never, Scope.Scope>]
  > = [
    ["200 with tokens", { token: "done", refresh: "done", revoke: "done" }, json(200, good)],
    [
      "200 with an error",
      { token: "provider_error", refresh: "invalid_grant", revoke: "refused" },
      json(200, { error: "invalid_grant" })
    ],
    [
      "200 with an error beside a token",
      { token: "provider_error", refresh: "client_refused", revoke: "refused" },
      json(200, { ...good, error: "invalid_request" })
    ],
    [
      "200 with ok: false",
      { token: "provider_error", refresh: "invalid_grant", revoke: "refused" },
      json(200, { ok: false, error: "invalid_grant" })
    ],
    ["200 with a page", { ...unusable, token: "provider_unavailable" }, page(200)],
    ["200 with nothing in it", unusable, json(200, {})],
    ["200 with a list", { ...unusable, token: "provider_unavailable" }, json(200, [good])],
    ["200 with a number for a token", unusable, json(200, { ...good, access_token: 1 })],
    ["200 with an empty token", unusable, json(200, { ...good, access_token: "" })],
    ["200 with a number for a type", unusable, json(200, { ...good, token_type: 1 })],
    ["200 with an unknown type", unusable, json(200, { ...good, token_type: "mac" })],
    ["200 with a type of a key we have not", unusable, json(200, { ...good, token_type: "DPoP" })],
    [
      // A refresh keeps what can be used of its answer: the token before may be used up.
      "200 with an object to refresh with",
      { ...unusable, refresh: "done" },
      json(200, { ...good, refresh_token: {} })
    ],
    [
      "200 with a list of scopes",
      { token: "done", refresh: "done", revoke: "done" },
      json(200, { ...good, scope: ["repo"] })
    ],
    ["204", unusable, answering((_request, response) => response.writeHead(204).end())],
    ["400 invalid_grant", refusedBy("invalid_grant"), json(400, { error: "invalid_grant" })],
    ["401 invalid_client", refusedBy("client_refused"), json(401, { error: "invalid_client" })],
    [
      "401 with a challenge",
      refusedBy("client_refused"),
      json(401, { error: "invalid_client" }, { "www-authenticate": 'Basic realm="x"' })
    ],
    [
      "400 unauthorized_client",
      refusedBy("client_refused"),
      json(400, { error: "unauthorized_client" })
    ],
    ["400 invalid_request", refusedBy("client_refused"), json(400, { error: "invalid_request" })],
    ["400 invalid_scope", refusedBy("client_refused"), json(400, { error: "invalid_scope" })],
    [
      "400 unsupported_grant_type",
      refusedBy("client_refused"),
      json(400, { error: "unsupported_grant_type" })
    ],
    [
      "400 unsupported_token_type",
      { ...refusedBy("client_refused"), revoke: "done" },
      json(400, { error: "unsupported_token_type" })
    ],
    [
      "400 invalid_token, as Google answers for a dead one",
      { ...refusedBy("client_refused"), revoke: "done" },
      json(400, { error: "invalid_token" })
    ],
    [
      "400 temporarily_unavailable",
      { ...refusedBy("unavailable"), token: "provider_unavailable" },
      json(400, { error: "temporarily_unavailable" })
    ],
    [
      "400 with tokens",
      { token: "invalid_response", refresh: "ambiguous", revoke: "refused" },
      json(400, good)
    ],
    [
      "403 with a page",
      { token: "invalid_response", refresh: "ambiguous", revoke: "refused" },
      page(403)
    ],
    ["429", { token: "provider_unavailable", refresh: "rate_limited", revoke: "again" }, page(429)],
    [
      "429 with an error and a time",
      { token: "provider_unavailable", refresh: "rate_limited 7", revoke: "again 7" },
      json(429, { error: "invalid_grant" }, { "retry-after": "7" })
    ],
    ["500 with a page", nothingUsable, page(500)],
    ["500 with invalid_grant", nothingUsable, json(500, { error: "invalid_grant" })],
    ["502 with a page", nothingUsable, page(502)],
    [
      "503 with a time",
      { token: "provider_unavailable", refresh: "unavailable 120", revoke: "again 120" },
      page(503, { "retry-after": "120" })
    ],
    [
      "503 with a time that nobody waits",
      { token: "provider_unavailable", refresh: "unavailable 900", revoke: "again 900" },
      page(503, { "retry-after": "99999999999" })
    ],
    ["504 with a page", nothingUsable, page(504)]
  ]
  for (const [what, expected, start] of table) {
    it.effect(`S-33 ${what}`, () => expectOf(expected, start))
  }
})

describe("what is sent", () => {
  const awkward = ["with:colon", "100%", "a+b c", "ünïcödé 🔑", "&client_secret=x", '"\\', "="]

  it.effect("S-31 Basic form-encodes id and secret before base64, on each of the requests", () =>
    Effect.gen(function* () {
      const server = yield* json(200, { access_token: "t", token_type: "bearer" })
      for (const call of calls) {
        for (const clientSecret of awkward) {
          const provider = yield* providerAt(
            server.port,
            { clientAuthentication: "client_secret_basic" },
            { clientId: "id:with 100%+ü", clientSecret }
          )
          assert.strictEqual(yield* outcomeOf(call, provider), "done")
          const [scheme, encoded = ""] = String(server.seen.at(-1)?.headers["authorization"]).split(
            " "
          )
          assert.strictEqual(scheme, "Basic")
          // As a server reads it: divide at the first colon, then form-decode each half.
          const [id = "", ...rest] = Buffer.from(encoded, "base64").toString("latin1").split(":")
          const decoded = [id, rest.join(":")].map((half) => {
            assert.match(half, /^(?:[A-Za-z0-9_.*+-]|%[0-9A-F]{2})*$/)
            return decodeURIComponent(half.replaceAll("+", " "))
          })
          assert.deepStrictEqual(decoded, ["id:with 100%+ü", clientSecret])
        }
      }
    })
  )

  it.effect("S-32 authenticates in exactly one way, with nothing in the URL", () =>
    Effect.gen(function* () {
      const server = yield* json(200, { access_token: "t", token_type: "bearer" })
      for (const call of calls) {
        for (const clientAuthentication of [
          "client_secret_basic",
          "client_secret_post",
          "none"
        ] as const) {
          const provider = yield* providerAt(server.port, { clientAuthentication })
          assert.strictEqual(yield* outcomeOf(call, provider), "done")
          const seen = server.seen.at(-1)
          const form = new URLSearchParams(seen?.body)
          assert.strictEqual(seen?.url, call === "revoke" ? "/revoke" : "/token")
          assert.strictEqual(
            seen?.headers["authorization"] !== undefined,
            clientAuthentication === "client_secret_basic"
          )
          assert.deepStrictEqual(
            form.getAll("client_secret"),
            clientAuthentication === "client_secret_post" ? [secrets.client] : []
          )
          assert.isFalse(form.has("client_assertion"))
          assert.strictEqual(
            form.getAll("client_id").length,
            clientAuthentication === "client_secret_basic" ? 0 : 1
          )
          assert.strictEqual(new Set(form.keys()).size, [...form.keys()].length)
        }
      }
    })
  )

  it.effect("S-38 goes to the one server and names the token once", () =>
    Effect.gen(function* () {
      const server = yield* json(200, { access_token: "t", token_type: "bearer" })
      const provider = yield* providerAt(server.port)
      for (const call of calls) yield* outcomeOf(call, provider)
      const named = server.seen.map(({ body }) => Object.fromEntries(new URLSearchParams(body)))
      const client = { client_id: "client", client_secret: secrets.client }
      assert.deepStrictEqual(named, [
        {
          grant_type: "authorization_code",
          code: secrets.code,
          code_verifier: "v".repeat(43),
          redirect_uri: "https://api.example/callback",
          ...client
        },
        { grant_type: "refresh_token", refresh_token: secrets.refreshToken, ...client },
        { token: secrets.refreshToken, token_type_hint: "refresh_token", ...client }
      ])
    })
  )
})
