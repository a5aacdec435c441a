import { assert, describe, it } from "@effect/vitest"
import { Effect, Logger, Redacted } from "effect"
import { inspect } from "node:util"
import { type ApiKeyProviderConfig, type EgressRequest, type OAuth2Definition } from "@hawser/core"
import {
  comeBack,
  completeUrl,
  connectGauge,
  cookieUrl,
  gauge,
  makeHost,
  startFlow,
  tokenResponse
} from "./support/host.ts"
import { noAnswer } from "./support/answeringEgress.ts"
import { exchange, refresh, refusedBecause, revoke, validate, vendor } from "./support/vendor.ts"

/** What people reported of vendors that do otherwise than the standards, or than everybody thinks that the standards say. */

const basicOf = (authorization = "") => {
  const pair = Buffer.from(authorization.replace(/^Basic /, ""), "base64").toString()
  return [pair.slice(0, pair.indexOf(":")), pair.slice(pair.indexOf(":") + 1)] as const
}

/** How a server reads Basic: as RFC 6749 §2.3.1 has it, or as RFC 7617 alone does. */
const readings = {
  "that form-decodes": (text: string) => new URLSearchParams(`x=${text}`).get("x"),
  "that does not form-decode": (text: string) => text
}

const revocation = { endpoint: "https://forge.example/revoke", ends: "token" } as const

/** The one request of each kind that a client authenticates. */
const authenticated = Effect.fnUntraced(function* (
  changes: Partial<OAuth2Definition>,
  client: { readonly clientId: string; readonly clientSecret: string }
) {
  const provider = yield* vendor({ revocation, ...changes }, client)
  return [
    ...(yield* exchange(provider, () => tokenResponse())).sent,
    ...(yield* refresh(provider, () => tokenResponse())).sent,
    ...(yield* revoke(provider)).sent
  ]
})

/** Sends what the tenant's own client credentials are exchanged by. */
const clientCredentialsRequest = Effect.fnUntraced(function* (
  changes: Partial<NonNullable<ApiKeyProviderConfig["definition"]["clientCredentials"]>>,
  definition: Partial<ApiKeyProviderConfig["definition"]> = {}
) {
  const sent: Array<EgressRequest> = []
  const host = makeHost({
    providers: [
      {
        definition: {
          ...gauge.definition,
          headers: {},
          clientCredentials: {
            tokenEndpoint: "https://login.gauge.example/token",
            clientId: "fleet-client_1.0",
            clientSecret: "{api_key}",
            clientAuthentication: "client_secret_basic",
            scope: "machines.read",
            ...changes
          },
          api: { baseUrl: "https://api.gauge.example" },
          ...definition
        }
      }
    ],
    answer: (request) => {
      sent.push(request)
      return request.url.pathname === "/token" ? tokenResponse() : new Response()
    }
  })
  yield* connectGauge().pipe(Effect.provide(host.layer))
  return sent.find(({ url }) => url.pathname === "/token") ?? assert.fail("nothing was sent")
})

describe("S-31 a client id or secret with - _ . under Basic", () => {
  const client = { clientId: "my-client_1.0", clientSecret: "canary-secret_2.0*" }
  for (const [server, read] of Object.entries(readings)) {
    it.effect(`is the registered one to a server ${server}, on every request`, () =>
      Effect.gen(function* () {
        const sent = yield* authenticated({ clientAuthentication: "client_secret_basic" }, client)
        assert.lengthOf(sent, 3)
        for (const { headers } of sent) {
          const [id, secret] = basicOf(headers["authorization"])
          assert.strictEqual(read(id), client.clientId)
          assert.strictEqual(read(secret), client.clientSecret)
        }
      })
    )

    it.effect(
      `is the tenant's own to a server ${server}, where client credentials are exchanged`,
      () =>
        Effect.gen(function* () {
          const { headers } = yield* clientCredentialsRequest({})
          const [id, secret] = basicOf(headers["authorization"])
          assert.strictEqual(read(id), "fleet-client_1.0")
          assert.strictEqual(read(secret), "good-key")
        })
    )
  }

  it.effect("goes raw, whatever is in it, to a server that the definition says takes it so", () =>
    Effect.gen(function* () {
      const odd = { clientId: "my client", clientSecret: "canary%+ä:secret" }
      const sent = yield* authenticated({ clientAuthentication: "client_secret_basic_raw" }, odd)
      assert.lengthOf(sent, 3)
      for (const { headers } of sent)
        assert.deepStrictEqual(basicOf(headers["authorization"]), [
          odd.clientId,
          "canary%+ä:secret"
        ])
      const { headers } = yield* clientCredentialsRequest({
        clientId: "my client",
        clientAuthentication: "client_secret_basic_raw"
      })
      assert.deepStrictEqual(basicOf(headers["authorization"]), ["my client", "good-key"])
    })
  )
})

/** Messages and annotations of all that is logged. */
const recordedLog = () => {
  const lines: Array<string> = []
  const logger = Logger.make((options) => {
    lines.push(Logger.formatJson.log(options))
  })
  return { lines, layer: Logger.layer([logger]) }
}

describe("S-21 a definition without issuer, and a callback that brings iss", () => {
  const changes = {
    authorizationEndpoint: "https://login.forge.example/authorize",
    tokenEndpoint: "https://api.forge.example/token"
  }
  for (const iss of [
    "https://login.forge.example",
    "https://login.forge.example/tenants/7",
    "https://api.forge.example/"
  ]) {
    it.effect(`is taken, and the code exchanged, where iss is ${iss}`, () =>
      Effect.gen(function* () {
        const provider = yield* vendor(changes)
        const response = yield* validate(provider, { code: "abc", iss })
        assert.strictEqual(response.iss, iss)
        const { result } = yield* exchange(provider, () => tokenResponse(), {
          response: { iss }
        })
        assert.strictEqual(result._tag, "Success")
      })
    )
  }

  for (const iss of [
    "https://evil.example",
    "https://login.forge.example.evil.example",
    "https://ann:x@login.forge.example",
    "https://login.forge.example#x",
    "https://login.forge.example?x",
    "http://login.forge.example",
    "https://login.forge.example:8443",
    "login.forge.example"
  ]) {
    it.effect(`is refused where iss is ${iss}, and says what was expected, for the log`, () =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(validate(yield* vendor(changes), { code: "abc", iss }))
        assert.strictEqual(error.reason, "invalid_response")
        assert.strictEqual(error.expected?.["expectedIssuer"], "https://login.forge.example")
        assert.include(error.expected?.["hint"], "set the definition's issuer")
      })
    )
  }

  it.effect("names another issuer than the definition's, and says what was expected", () =>
    Effect.gen(function* () {
      const provider = yield* vendor({ issuer: "https://forge.example" })
      const error = yield* Effect.flip(
        validate(provider, { code: "abc", iss: "https://forge.example/" })
      )
      assert.strictEqual(error.expected?.["expectedIssuer"], "https://forge.example")
      assert.include(error.expected?.["hint"], "correct the definition's issuer")
    })
  )

  it.effect("the host's log has both, and no line of the browser's own", () => {
    const { layer, lines } = recordedLog()
    const host = makeHost()
    return Effect.gen(function* () {
      const iss = "https://evil.example/\r\nlevel=ERROR"
      yield* comeBack(yield* startFlow(), { parameters: { code: "canary-code", iss } })
      const line = lines.find((one) => one.includes("receivedIssuer")) ?? ""
      const { message } = JSON.parse(line) as {
        readonly message: readonly [string, Readonly<Record<string, string>>]
      }
      assert.strictEqual(message[1]["expectedIssuer"], "https://forge.example")
      assert.match(message[1]["receivedIssuer"] ?? "", /^https:\/\/evil\.example\/[^\r\n]*$/)
      assert.notInclude(line, "canary")
    }).pipe(Effect.provide([host.layer, layer]))
  })
})

describe("an authorization response that is an error", () => {
  const reasonOf = Effect.fnUntraced(function* (
    error: string,
    changes: Partial<OAuth2Definition> = {}
  ) {
    return (yield* Effect.flip(validate(yield* vendor(changes), { error }))).reason
  })

  for (const error of ["user_cancelled_login", "user_cancelled_authorize"]) {
    it.effect(`${error}, which the definition says is a no, is access_denied`, () =>
      Effect.gen(function* () {
        const denialErrors = ["user_cancelled_login", "user_cancelled_authorize"] as const
        assert.strictEqual(yield* reasonOf(error, { denialErrors }), "access_denied")
        assert.strictEqual(yield* reasonOf(error), "provider_error")
      })
    )
  }

  for (const error of ["temporarily_unavailable", "server_error"]) {
    it.effect(`${error} is provider_unavailable: a redirect has no status for it`, () =>
      Effect.map(reasonOf(error), (reason) => assert.strictEqual(reason, "provider_unavailable"))
    )
  }

  it.effect("a vendor's own word for a busy server is provider_unavailable as well", () =>
    Effect.map(reasonOf("over_capacity", { temporaryErrors: ["over_capacity"] }), (reason) =>
      assert.strictEqual(reason, "provider_unavailable")
    )
  )

  for (const error of ["login_required", "consent_required", "interaction_required"]) {
    it.effect(`${error}: the person has not done what the vendor waits for, access_denied`, () =>
      Effect.map(reasonOf(error), (reason) => assert.strictEqual(reason, "access_denied"))
    )
  }
})

describe("a callback whose URL ends in #_=_", () => {
  const located = (parameters: Readonly<Record<string, string>>, url = cookieUrl) => {
    const host = makeHost()
    return Effect.gen(function* () {
      const outcome = yield* comeBack(yield* startFlow(url), { parameters })
      // What a browser makes of a Location at a URL that has a fragment (RFC 9110 §10.2.2).
      assert(outcome._tag === "Return")
      return outcome.url.includes("#") ? outcome.url : `${outcome.url}#_=_`
    }).pipe(Effect.provide(host.layer))
  }

  it.effect("leaves nothing of it to the host's page, however the flow ends", () =>
    Effect.gen(function* () {
      for (const parameters of [{ code: "canary-code" }, { error: "access_denied" }]) {
        const at = new URL(yield* located(parameters))
        assert.strictEqual(at.hash, "")
        assert.isNotNull(at.searchParams.get("status"))
      }
    })
  )

  it.effect("keeps the flow id of a parked flow in the fragment", () =>
    Effect.gen(function* () {
      assert.match(new URL(yield* located({ code: "c" }, completeUrl)).hash, /^#flowId=.{43}$/)
    })
  )
})

describe("a token response that is a form under another type", () => {
  const form =
    "access_token=canary-next&token_type=bearer&expires_in=3600&refresh_token=canary-new=="
  const types = ["text/plain", "text/html; charset=utf-8", "application/json", undefined]
  for (const type of types) {
    const answer = () =>
      new Response(new TextEncoder().encode(`${form}\n`), {
        headers: type === undefined ? {} : { "content-type": type }
      })
    it.effect(`${type ?? "none"}: the tokens of a refresh are read, the rotated one too`, () =>
      Effect.gen(function* () {
        const { result } = yield* refresh(yield* vendor(), answer)
        assert(result._tag === "Success")
        const { accessToken, expiresIn, refreshToken } = result.success
        assert.strictEqual(Redacted.value(accessToken), "canary-next")
        assert.strictEqual(expiresIn, 3600)
        assert.strictEqual(refreshToken && Redacted.value(refreshToken), "canary-new==")
      })
    )
    it.effect(`${type ?? "none"}: the tokens of a code are read`, () =>
      Effect.gen(function* () {
        const { result } = yield* exchange(yield* vendor(), answer)
        assert.strictEqual(result._tag, "Success")
      })
    )
    it.effect(`${type ?? "none"}: an error is read`, () =>
      Effect.gen(function* () {
        const { result } = yield* refresh(
          yield* vendor(),
          () =>
            new Response("error=invalid_grant", {
              status: 400,
              headers: { "content-type": type ?? "" }
            })
        )
        assert(result._tag === "Failure")
        assert.strictEqual(result.failure.reason, "invalid_grant")
      })
    )
  }

  it.effect("JSON under the type of a form is read", () =>
    Effect.gen(function* () {
      const { result } = yield* refresh(
        yield* vendor(),
        () =>
          new Response(JSON.stringify({ access_token: "canary-next", token_type: "bearer" }), {
            headers: { "content-type": "application/x-www-form-urlencoded" }
          })
      )
      assert.strictEqual(result._tag, "Success")
    })
  )

  for (const page of [
    "<html><a href='?error=invalid_grant&x=y'>error=invalid_grant</a></html>",
    "error=invalid_grant, says this page",
    "error: invalid_grant",
    "{error=invalid_grant}"
  ]) {
    it.effect(`no form: ${page}`, () =>
      Effect.gen(function* () {
        const answer = () => new Response(page, { headers: { "content-type": "text/html" } })
        const { result } = yield* refresh(yield* vendor(), answer)
        assert(result._tag === "Failure")
        assert.strictEqual(result.failure.reason, "ambiguous")
      })
    )
  }
})

describe("a server that refuses ;charset=UTF-8", () => {
  it.effect("gets the bare type on every request with a form", () =>
    Effect.gen(function* () {
      const sent = yield* authenticated({}, { clientId: "forge", clientSecret: "canary" })
      const { headers } = yield* clientCredentialsRequest({})
      const exchanged = (yield* exchange(
        yield* vendor({
          introspection: { endpoint: "https://forge.example/introspect" },
          tokenExchange: {
            endpoint: "https://forge.example/long-lived",
            parameters: { token: "{access_token}" }
          }
        }),
        ({ url }) =>
          url.pathname === "/introspect" ? Response.json({ active: true }) : tokenResponse()
      )).sent
      assert.deepStrictEqual(
        exchanged.map(({ url }) => new URL(url).pathname),
        ["/token", "/long-lived", "/introspect"]
      )
      for (const one of [...sent, ...exchanged, { headers }])
        assert.strictEqual(one.headers["content-type"], "application/x-www-form-urlencoded")
    })
  )

  for (const member of ["tokenRequest", "refreshRequest", "revocation"] as const) {
    it.effect(
      `a Content-Type in ${member}.headers is refused at the start, and says what to set`,
      () =>
        Effect.gen(function* () {
          const headers = { "Content-Type": "application/json" }
          const changes = { [member]: { ...(member === "revocation" && revocation), headers } }
          assert.include(
            yield* refusedBecause(changes),
            `${member}.headers may not set Content-Type: ${member}.encoding does`
          )
        })
    )
  }

  it.effect("so is one in clientCredentials.headers", () =>
    Effect.gen(function* () {
      const headers = { "content-type": "application/json" }
      const cause = yield* Effect.exit(clientCredentialsRequest({ headers }))
      assert.include(String(cause), "clientCredentials.encoding does")
    })
  )
})

describe("the User-Agent of a request to a vendor", () => {
  const sentBy = Effect.fnUntraced(function* (changes: Partial<OAuth2Definition>) {
    const provider = yield* vendor({
      revocation,
      introspection: { endpoint: "https://forge.example/introspect" },
      tokenExchange: {
        endpoint: "https://forge.example/long-lived",
        parameters: { token: "{access_token}" }
      },
      ...changes
    })
    const answer = ({ url }: EgressRequest) =>
      url.pathname === "/introspect" ? Response.json({ active: true }) : tokenResponse()
    return [
      ...(yield* exchange(provider, answer)).sent,
      ...(yield* refresh(provider, answer)).sent,
      ...(yield* revoke(provider)).sent
    ]
  })

  it.effect("is never the library's: what names none gets the egress's own", () =>
    Effect.gen(function* () {
      const sent = yield* sentBy({})
      assert.lengthOf(sent, 7)
      for (const { headers, url } of sent) assert.notProperty(headers, "user-agent", url)
      assert.notProperty((yield* clientCredentialsRequest({})).headers, "user-agent")
    })
  )

  it.effect("is the definition's on every request, and not on the API's alone", () =>
    Effect.gen(function* () {
      const apiHeaders = { "User-Agent": "web:acme:v1", Accept: "application/json; v=3" }
      const sent = yield* sentBy({ apiHeaders })
      assert.lengthOf(sent, 7)
      for (const { headers, url } of sent)
        assert.strictEqual(headers["user-agent"], "web:acme:v1", url)
      const { headers } = yield* clientCredentialsRequest({}, { apiHeaders })
      assert.strictEqual(headers["user-agent"], "web:acme:v1")
      // The API's other headers are its own.
      assert.strictEqual(headers["accept"], "application/json")
    })
  )

  it.effect("is the one of a request, where its headers name another", () =>
    Effect.gen(function* () {
      const provider = yield* vendor({
        apiHeaders: { "User-Agent": "web:acme:v1" },
        tokenRequest: { headers: { "user-agent": "acme-login" } }
      })
      const { sent } = yield* exchange(provider, () => tokenResponse())
      assert.strictEqual(sent[0]?.headers["user-agent"], "acme-login")
    })
  )
})

describe("client credentials at a vendor that", () => {
  it.effect("wants headers of its own, and hides the token in its answer", () => {
    const calls: Array<Readonly<Record<string, string>>> = []
    const host = makeHost({
      providers: [
        {
          definition: {
            ...gauge.definition,
            headers: {},
            check: { url: "https://api.gauge.example/check" },
            clientCredentials: {
              tokenEndpoint: "https://login.gauge.example/token",
              clientId: "fleet",
              clientSecret: "{api_key}",
              clientAuthentication: "client_secret_post",
              headers: { "X-Version": "7" },
              tokenResponse: {
                path: ["data"],
                ignoresTokenType: true,
                success: { path: ["code"], equals: 0 },
                members: { access_token: ["data", "token"] }
              },
              tokenHeader: { name: "X-Token", template: "T {access_token}" }
            }
          }
        }
      ],
      answer: ({ headers, url }) => {
        calls.push(headers)
        return url.pathname === "/token"
          ? Response.json({ code: 0, data: { token: "canary-token", expires_in: 60 } })
          : new Response()
      }
    })
    return Effect.gen(function* () {
      yield* connectGauge()
      assert.strictEqual(calls[0]?.["x-version"], "7")
      assert.strictEqual(calls[1]?.["x-token"], "T canary-token")
    }).pipe(Effect.provide(host.layer))
  })

  it.effect("has no code, and so no name for it: such a member stops the start", () =>
    Effect.gen(function* () {
      const exit = yield* Effect.exit(
        clientCredentialsRequest({ parameterNames: { code: "x" } as never })
      )
      assert.include(String(exit), "parameterNames.code is not a member")
    })
  )

  it.effect("refuses a parameter of the standard, and has names of its own for the others", () =>
    Effect.gen(function* () {
      const { body } = yield* clientCredentialsRequest({
        clientAuthentication: "client_secret_post",
        omits: ["grant_type"],
        parameterNames: { client_id: "appKey", client_secret: "appSecret", scope: "rights" }
      })
      assert.deepStrictEqual(Object.fromEntries(new URLSearchParams(body)), {
        appKey: "fleet-client_1.0",
        appSecret: "good-key",
        rights: "machines.read"
      })
    })
  )
})

describe("S-32 a vendor that exchanges by GET alone", () => {
  const byGet = { unsafelySendsSecretsInUrl: true } as const
  it.effect("gets the code in the URL, by a member that says that this is unsafe", () =>
    Effect.gen(function* () {
      const provider = yield* vendor({
        tokenEndpoint: "https://forge.example/token?v=2",
        tokenRequest: { ...byGet, headers: { "Forge-Version": "7" } }
      })
      const { result, sent } = yield* exchange(provider, () => tokenResponse())
      assert.strictEqual(result._tag, "Success")
      const [request] = sent
      assert.strictEqual(request?.method, "GET")
      assert.strictEqual(request?.body, "")
      assert.notProperty(request?.headers, "content-type")
      assert.strictEqual(request?.headers["forge-version"], "7")
      assert.deepInclude(Object.fromEntries(new URL(request?.url ?? "").searchParams), {
        v: "2",
        grant_type: "authorization_code",
        code: "canary-code",
        client_secret: "canary-client-secret"
      })
    })
  )

  it.effect("gets a refresh so, without grant_type", () =>
    Effect.gen(function* () {
      const provider = yield* vendor({ refreshRequest: { ...byGet, omits: ["grant_type"] } })
      const { result, sent } = yield* refresh(provider, () => tokenResponse())
      assert.strictEqual(result._tag, "Success")
      assert.strictEqual(sent[0]?.method, "GET")
      assert.deepStrictEqual(Object.fromEntries(new URL(sent[0]?.url ?? "").searchParams), {
        refresh_token: "canary-old-token",
        client_id: "forge-client",
        client_secret: "canary-client-secret"
      })
    })
  )

  it.effect("no error that comes of it tells the URL", () =>
    Effect.gen(function* () {
      const provider = yield* vendor({ tokenRequest: byGet, refreshRequest: byGet })
      const { layer, lines } = recordedLog()
      const failures = [
        yield* exchange(provider, () => noAnswer("timeout")),
        yield* refresh(provider, () => noAnswer("timeout")),
        yield* exchange(provider, () => new Response("<html>", { status: 500 }))
      ].map(({ result }) => result)
      yield* Effect.logError(failures).pipe(Effect.provide(layer))
      assert.lengthOf(failures, 3)
      assert.notInclude(inspect(failures, { depth: 20 }) + lines.join(), "canary")
    })
  )

  it.effect("JSON has no place in it: the start says so", () =>
    Effect.gen(function* () {
      assert.include(
        yield* refusedBecause({ tokenRequest: { ...byGet, encoding: "json" } }),
        "tokenRequest.encoding stands beside unsafelySendsSecretsInUrl"
      )
    })
  )
})
