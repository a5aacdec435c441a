import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Redacted } from "effect"
import { createHash } from "node:crypto"
import { inspect } from "node:util"
import {
  AuthorizationFailed,
  type AuthorizationResponse,
  AuthorizationServerClient,
  type BoundFlow,
  type CheckedServer,
  configureProvider,
  CryptoLive,
  tenantsDefault,
  type EgressError,
  type EgressFailure,
  type EgressRequest,
  type FlowTerms,
  OAuth4WebApiClient,
  type OAuth2Definition,
  type OAuth2Provider,
  type OAuth2ProviderConfig,
  Secret,
  type SecretUrl
} from "@hawser/core"
import { checkedServer } from "../../packages/core/src/protocol/checkedServer.ts"
import { answeringEgress, noAnswer } from "./support/answeringEgress.ts"
import { ann, cookieUrl, forge, tokenResponse } from "./support/host.ts"

const configured = (config: OAuth2ProviderConfig) =>
  configureProvider(config, { unsafelyAllowLoopback: false }).pipe(
    Effect.map((provider) => provider as OAuth2Provider),
    Effect.provide(CryptoLive)
  )

const withDefinition = (changes: Partial<OAuth2Definition>) =>
  configured({ ...forge, definition: { ...forge.definition, ...changes } })

const serverFor = (provider: OAuth2Provider) => Effect.runSync(checkedServer(provider, {}))

/** A flow of this provider that was burned and bound. */
const flowOf = (provider: OAuth2Provider, changes: Partial<FlowTerms> = {}) =>
  ({
    tenantId: ann.tenantId,
    userId: ann.userId,
    provider: provider.id,
    ...tenantsDefault,
    binding: "cookie",
    redirectUrl: cookieUrl,
    redirectUri: "https://api.example/v1/integrations/forge/callback",
    server: serverFor(provider),
    scopes: provider.scopes,
    ...changes
  }) as unknown as BoundFlow

const clientOver = (egress: ReturnType<typeof answeringEgress>) =>
  Effect.provide(OAuth4WebApiClient.layer.pipe(Layer.provide([egress.layer, CryptoLive])))

const verifier = "v".repeat(43)

/** Exchanges a code where the token endpoint answers so; with what was sent. */
const exchange = Effect.fnUntraced(function* (
  provider: OAuth2Provider,
  answer: (request: EgressRequest) => Response | EgressError,
  options: {
    readonly flow?: Partial<FlowTerms>
    readonly server?: Partial<CheckedServer>
    readonly response?: Partial<AuthorizationResponse>
    readonly codeVerifier?: Secret | undefined
  } = {}
) {
  const egress = answeringEgress(answer)
  const result = yield* Effect.flatMap(AuthorizationServerClient, (client) =>
    client.exchange(
      provider,
      { ...serverFor(provider), ...options.server },
      flowOf(provider, options.flow),
      { code: Secret("canary-code"), iss: undefined, captured: {}, ...options.response },
      {
        codeVerifier: "codeVerifier" in options ? options.codeVerifier : Secret(verifier),
        dpopKey: undefined
      }
    )
  ).pipe(Effect.result, clientOver(egress))
  return { result, sent: egress.sent }
})

/** What became of a token response: `issued`, or the reason why not. */
const outcomeOf = Effect.fnUntraced(function* (
  answer: () => Response | EgressError,
  provider?: OAuth2Provider
) {
  const { result } = yield* exchange(provider ?? (yield* configured(forge)), answer)
  return result._tag === "Success" ? "issued" : result.failure.reason
})

/** The one request that was sent, taken apart. */
const onlyRequest = (sent: ReadonlyArray<EgressRequest>) => {
  const [request, ...others] = sent
  assert.deepStrictEqual(others, [])
  if (request === undefined) return assert.fail("nothing was sent")
  return { ...request, form: [...new URLSearchParams(request.body)] }
}

const byName = (parameters: Iterable<readonly [string, string]>) =>
  [...parameters].toSorted(([a], [b]) => (a < b ? -1 : 1))

const validate = Effect.fnUntraced(function* (provider: OAuth2Provider, query: string) {
  return yield* Effect.flatMap(AuthorizationServerClient, (client) =>
    client.validateResponse(
      provider,
      serverFor(provider),
      flowOf(provider),
      new URLSearchParams(query)
    )
  ).pipe(clientOver(answeringEgress(() => assert.fail("nothing is sent"))))
})

/** Validating fails; with which reason. */
const refusal = (provider: OAuth2Provider, query: string) =>
  Effect.map(Effect.flip(validate(provider, query)), ({ reason }) => reason)

describe("the authorization URL", () => {
  const authorizationUrl = Effect.fnUntraced(function* (
    provider: OAuth2Provider,
    codeVerifier: Secret | undefined
  ) {
    const { redirectUri, scopes } = flowOf(provider)
    const server = serverFor(provider)
    const text = yield* Effect.flatMap(AuthorizationServerClient, (client) =>
      client.authorizationUrl(provider, {
        server,
        redirectUri,
        scopes,
        fields: {},
        state: "the-state",
        secrets: { codeVerifier, dpopKey: undefined }
      })
    ).pipe(clientOver(answeringEgress(() => assert.fail("nothing is sent"))))
    return new URL(text)
  })

  it.effect("S-16 carries the S256 challenge of the verifier, never the verifier", () =>
    Effect.gen(function* () {
      const url = yield* authorizationUrl(yield* configured(forge), Secret(verifier))
      assert.deepStrictEqual(url.searchParams.getAll("code_challenge_method"), ["S256"])
      assert.deepStrictEqual(url.searchParams.getAll("code_challenge"), [
        createHash("sha256").update(verifier).digest("base64url")
      ])
      assert.notInclude(url.href, verifier)
    })
  )

  it.effect("S-17 carries the state without PKCE too", () =>
    Effect.gen(function* () {
      const { searchParams } = yield* authorizationUrl(yield* configured(forge), undefined)
      assert.deepStrictEqual(searchParams.getAll("state"), ["the-state"])
      assert.notInclude([...searchParams.keys()].join(), "code_challenge")
    })
  )

  it.effect("has no client secret and, once each, the protocol's own parameters", () =>
    Effect.gen(function* () {
      const provider = yield* withDefinition({
        authorizationEndpoint: "https://forge.example/authorize?tenant=common&state=fixed",
        authorizationParameters: { access_type: "offline" }
      })
      const url = yield* authorizationUrl(provider, Secret(verifier))
      assert.deepStrictEqual(byName(url.searchParams), [
        ["access_type", "offline"],
        ["client_id", "forge-client"],
        ["code_challenge", createHash("sha256").update(verifier).digest("base64url")],
        ["code_challenge_method", "S256"],
        ["redirect_uri", "https://api.example/v1/integrations/forge/callback"],
        ["response_type", "code"],
        ["scope", "repo user"],
        ["state", "the-state"],
        ["tenant", "common"]
      ])
      assert.notInclude(url.href, "canary")
    })
  )

  it.effect("joins scopes as the vendor wants it, and leaves them out where there are none", () =>
    Effect.gen(function* () {
      const commas = yield* withDefinition({ scopeSeparator: "," })
      assert.strictEqual(
        (yield* authorizationUrl(commas, Secret(verifier))).searchParams.get("scope"),
        "repo,user"
      )
      const none = yield* withDefinition({ defaultScopes: [] })
      assert.isFalse((yield* authorizationUrl(none, Secret(verifier))).searchParams.has("scope"))
    })
  )
})

describe("the authorization response", () => {
  it.effect("gives the code", () =>
    Effect.gen(function* () {
      const response = yield* validate(yield* configured(forge), "code=abc&state=s&session_state=x")
      assert.strictEqual(Redacted.value(response.code), "abc")
      assert.isUndefined(response.iss)
    })
  )

  it.effect("S-21 has the right issuer, or none where none was promised", () =>
    Effect.gen(function* () {
      const issuer = "https://login.forge.example"
      const right = `code=abc&iss=${encodeURIComponent(issuer)}`
      for (const issParameterSupported of [true, false]) {
        const provider = yield* withDefinition({ issuer, issParameterSupported })
        assert.strictEqual((yield* validate(provider, right)).iss, issuer)
        const wrong = [
          "https://evil.example",
          "https://login.forge.example/",
          "https://login.forge.example.evil.example",
          "http://login.forge.example",
          "HTTPS://LOGIN.FORGE.EXAMPLE",
          " https://login.forge.example"
        ]
        for (const iss of wrong) {
          const query = new URLSearchParams({ code: "abc", iss }).toString()
          assert.strictEqual(yield* refusal(provider, query), "invalid_response", iss)
        }
        for (const query of ["code=abc", "code=abc&iss="]) {
          const result = yield* Effect.result(validate(provider, query))
          assert.strictEqual(result._tag, issParameterSupported ? "Failure" : "Success", query)
        }
      }
    })
  )

  it.effect("S-21 without an issuer in the definition is compared with the endpoint's origin", () =>
    Effect.gen(function* () {
      const provider = yield* configured(forge)
      const query = (iss: string) => new URLSearchParams({ code: "abc", iss }).toString()
      assert.strictEqual(
        (yield* validate(provider, query("https://forge.example"))).iss,
        "https://forge.example"
      )
      assert.strictEqual(
        yield* refusal(provider, query("https://evil.example")),
        "invalid_response"
      )
    })
  )

  it.effect(
    "S-14 says no more of a provider's error than whether somebody said no, or it cannot now",
    () =>
      Effect.gen(function* () {
        const provider = yield* configured(forge)
        const table = [
          ["error=access_denied", "access_denied"],
          ["error=access_denied&code=abc", "access_denied"],
          ["error=server_error", "provider_unavailable"],
          ["error=temporarily_unavailable", "provider_unavailable"],
          ["error=%3Cscript%3Ealert(1)%3C/script%3E", "provider_error"],
          ["error=access_denied%0d%0aset-cookie:a=b", "provider_error"],
          ["error=Access_Denied", "provider_error"],
          ["error=already_connected", "provider_error"],
          ["error=", "invalid_response"]
        ] as const
        for (const [query, reason] of table) {
          assert.strictEqual(yield* refusal(provider, query), reason, query)
        }
      })
  )

  it.effect("S-14 leaves nothing of what the provider wrote in the error", () =>
    Effect.gen(function* () {
      const provider = yield* withDefinition({ issParameterSupported: true })
      const iss = "&iss=https%3A%2F%2Fforge.example"
      const texts = "&error_description=canary-text&error_uri=https://evil.example/canary-uri"
      const queries = [
        `error=canary-error${texts}${iss}`,
        `error=access_denied${texts}${iss}`,
        `code=canary-code${texts}`,
        `code=canary-code${texts}&iss=https://canary.example`,
        `code=canary-code&code=canary-code${texts}${iss}`,
        `code=canary-code&response=canary-jarm${texts}${iss}`,
        `code=canary-code&id_token=canary-token${iss}`,
        `${texts}${iss}`
      ]
      for (const query of queries) {
        const error = yield* Effect.flip(validate(provider, query))
        assert.instanceOf(error, AuthorizationFailed)
        assert.notInclude(inspect(error, { depth: 20 }), "canary", query)
        assert.notInclude(JSON.stringify(error), "canary", query)
      }
    })
  )

  it.effect("S-10 with a parameter twice, and any that is not of this flow, is refused", () =>
    Effect.gen(function* () {
      const provider = yield* configured(forge)
      const queries = [
        "",
        "code=",
        "code=a&code=b",
        "code=a&code=a",
        "code=a&iss=https://forge.example&iss=https://forge.example",
        "code=a&error=access_denied&error=access_denied",
        "code=a&response=jwt",
        "code=a&id_token=jwt",
        "code=a&token=t",
        "code[]=a",
        "access_token=a&token_type=bearer"
      ]
      for (const query of queries) {
        assert.strictEqual(yield* refusal(provider, query), "invalid_response", query)
      }
    })
  )
})

describe("the token request", () => {
  it.effect(
    "S-19 carries code, verifier and the redirect URI of the flow, to its token endpoint",
    () =>
      Effect.gen(function* () {
        const provider = yield* configured(forge)
        const flow = {
          redirectUri: "https://api.example/prefix/v1/integrations/forge/callback?x=1"
        }
        const server = {
          issuer: "https://old.example",
          authorizationEndpoint: "https://old.example/authorize" as SecretUrl,
          tokenEndpoint: "https://old.example:8443/token?tenant=common" as SecretUrl,
          clientId: "old-client"
        }
        const { result, sent } = yield* exchange(provider, () => tokenResponse(), { flow, server })
        assert.strictEqual(result._tag, "Success")
        const request = onlyRequest(sent)
        assert.strictEqual(request.method, "POST")
        assert.strictEqual(request.url.href, server.tokenEndpoint)
        assert.deepStrictEqual(request.hosts, ["old.example:8443"])
        assert.deepStrictEqual(byName(request.form), [
          ["client_id", "old-client"],
          ["client_secret", forge.clientSecret],
          ["code", "canary-code"],
          ["code_verifier", verifier],
          ["grant_type", "authorization_code"],
          ["redirect_uri", flow.redirectUri]
        ])
        assert.strictEqual(request.headers["content-type"], "application/x-www-form-urlencoded")
        assert.strictEqual(request.headers["accept"], "application/json")
      })
  )

  it.effect("S-16 has no verifier where the flow had none", () =>
    Effect.gen(function* () {
      const provider = yield* configured(forge)
      const { sent } = yield* exchange(provider, () => tokenResponse(), { codeVerifier: undefined })
      assert.notInclude(onlyRequest(sent).body, "code_verifier")
    })
  )

  const secrets = [
    "plain",
    "with:colon",
    "100%",
    "a+b c",
    "ünïcödé 🔑",
    "&client_secret=x",
    "a/b?c#d",
    "'()*!~-_.",
    '"\\'
  ]

  it.effect("S-31 form-encodes before base64 where the client authenticates by Basic", () =>
    Effect.gen(function* () {
      for (const clientSecret of secrets) {
        const provider = yield* configured({
          ...forge,
          clientId: "id:with 100%+ü",
          clientSecret,
          definition: { ...forge.definition, clientAuthentication: "client_secret_basic" }
        })
        const { sent } = yield* exchange(provider, () => tokenResponse())
        const { authorization = "" } = onlyRequest(sent).headers
        assert.match(authorization, /^Basic [A-Za-z0-9+/]+=*$/)
        const pair = Buffer.from(authorization.slice("Basic ".length), "base64").toString("latin1")
        // As a server reads it: divide at the first colon, then form-decode each half.
        assert.match(pair, /^[\x21-\x7e]*$/)
        const [id = "", ...rest] = pair.split(":")
        const decoded = [id, rest.join(":")].map((half) => {
          assert.match(half, /^(?:[A-Za-z0-9_.*+-]|%[0-9A-F]{2})*$/)
          return decodeURIComponent(half.replaceAll("+", " "))
        })
        assert.deepStrictEqual(decoded, ["id:with 100%+ü", clientSecret])
      }
    })
  )

  it.effect("S-32 authenticates the client in exactly one way, and never in the URL", () =>
    Effect.gen(function* () {
      for (const clientSecret of secrets) {
        for (const clientAuthentication of [
          "client_secret_basic",
          "client_secret_post",
          "none"
        ] as const) {
          const provider = yield* configured({
            ...forge,
            clientSecret,
            definition: { ...forge.definition, clientAuthentication }
          })
          const { sent } = yield* exchange(provider, () => tokenResponse())
          const { form, headers, url } = onlyRequest(sent)
          const names = form.map(([name]) => name)
          assert.strictEqual(
            Object.keys(headers).some((name) => name.toLowerCase() === "authorization"),
            clientAuthentication === "client_secret_basic"
          )
          assert.deepStrictEqual(
            form.filter(([name]) => name === "client_secret"),
            clientAuthentication === "client_secret_post" ? [["client_secret", clientSecret]] : []
          )
          assert.notIncludeMembers(names, ["client_assertion"])
          assert.strictEqual(
            names.filter((name) => name === "client_id").length,
            clientAuthentication === "client_secret_basic" ? 0 : 1
          )
          assert.strictEqual(url.href, forge.definition.tokenEndpoint)
          assert.strictEqual(new Set(names).size, names.length)
        }
      }
    })
  )

  it.effect("is sent once, whatever comes of it", () =>
    Effect.gen(function* () {
      const provider = yield* configured(forge)
      const answers: ReadonlyArray<() => Response | EgressError> = [
        () => new Response(null, { status: 503, headers: { "retry-after": "1" } }),
        () => new Response(null, { status: 429 }),
        () =>
          Response.json(
            { error: "use_dpop_nonce" },
            { status: 400, headers: { "dpop-nonce": "n" } }
          ),
        () =>
          new Response(null, {
            status: 401,
            headers: { "www-authenticate": 'DPoP error="use_dpop_nonce"' }
          }),
        () => noAnswer("timeout")
      ]
      for (const answer of answers) {
        const { result, sent } = yield* exchange(provider, answer)
        assert.strictEqual(result._tag, "Failure")
        assert.strictEqual(sent.length, 1)
      }
    })
  )

  it.effect("S-21 is not sent for an issuer that is not the flow's", () =>
    Effect.gen(function* () {
      const provider = yield* configured(forge)
      const { result, sent } = yield* exchange(provider, () => tokenResponse(), {
        response: { iss: "https://evil.example" }
      })
      assert.strictEqual(result._tag === "Failure" && result.failure.reason, "invalid_response")
      assert.deepStrictEqual(sent, [])
    })
  )
})

describe("the token response", () => {
  const issued = (members: Readonly<Record<string, unknown>>) => () => tokenResponse(members)
  const json = (status: number, body: unknown) => () => Response.json(body, { status })
  const text = (status: number, body: string, type?: string) => () =>
    new Response(body, { status, headers: type === undefined ? {} : { "content-type": type } })

  it.effect("S-33 is a success with 2xx, no error, a string token and a known type", () =>
    Effect.gen(function* () {
      const good = { access_token: "t", token_type: "bearer" }
      const successes = {
        plain: json(200, good),
        created: json(201, good),
        "type in capitals": json(200, { ...good, token_type: "BEARER" }),
        "ok of Slack": json(200, { ...good, ok: true }),
        "form of GitHub": text(
          200,
          "access_token=t&token_type=bearer&scope=repo",
          "application/x-www-form-urlencoded; charset=utf-8"
        ),
        "JSON of another content type": text(200, JSON.stringify(good), "text/html"),
        "JSON of no content type": text(200, JSON.stringify(good)),
        "JSON after a byte order mark": text(200, `\uFEFF${JSON.stringify(good)}`),
        "an ID token that nobody asked for": json(200, { ...good, id_token: "no.jwt" }),
        "an empty refresh token": json(200, { ...good, refresh_token: "" }),
        "null for a refresh token": json(200, { ...good, refresh_token: null })
      }
      for (const [name, answer] of Object.entries(successes)) {
        assert.strictEqual(yield* outcomeOf(answer), "issued", name)
      }
    })
  )

  it.effect("S-33 is a failure in every other case, with a reason of the closed list", () =>
    Effect.gen(function* () {
      const good = { access_token: "t", token_type: "bearer" }
      const failures = {
        "200 with GitHub's error": [
          json(200, { error: "bad_verification_code", error_description: "The code is wrong." }),
          "provider_error"
        ],
        "200 with an error as a form": [
          text(200, "error=bad_verification_code", "application/x-www-form-urlencoded"),
          "provider_error"
        ],
        "200 with an error beside a token": [json(200, { ...good, error: "x" }), "provider_error"],
        "200 with an error that is not a string": [
          json(200, { ...good, error: { code: 1 } }),
          "provider_error"
        ],
        "200 with Slack's ok: false": [
          json(200, { ok: false, error: "invalid_code" }),
          "provider_error"
        ],
        "ok: false without an error": [json(200, { ...good, ok: false }), "provider_error"],
        "400 with an error": [json(400, { error: "invalid_grant" }), "provider_error"],
        "401 with an error": [json(401, { error: "invalid_client" }), "provider_error"],
        "400 with a token": [json(400, good), "invalid_response"],
        "400 without an error": [json(400, {}), "invalid_response"],
        "404 with a page": [text(404, "<html>", "text/html"), "invalid_response"],
        "429 with an error": [json(429, { error: "slow_down" }), "provider_unavailable"],
        "429 with a page": [text(429, "<html>", "text/html"), "provider_unavailable"],
        "500 with a token": [json(500, good), "provider_unavailable"],
        "503 with an error": [
          json(503, { error: "temporarily_unavailable" }),
          "provider_unavailable"
        ],
        "200 with a page": [text(200, "<html>", "text/html"), "provider_unavailable"],
        "200 with nothing": [text(200, ""), "provider_unavailable"],
        "204 with nothing": [() => new Response(null, { status: 204 }), "invalid_response"],
        "200 with an array": [json(200, [good]), "provider_unavailable"],
        "200 with null": [json(200, null), "provider_unavailable"],
        "200 with a string": [json(200, "t"), "provider_unavailable"],
        "200 with an empty object": [json(200, {}), "invalid_response"],
        "no token": [json(200, { token_type: "bearer" }), "invalid_response"],
        "an empty token": [json(200, { ...good, access_token: "" }), "invalid_response"],
        "a number for a token": [json(200, { ...good, access_token: 1 }), "invalid_response"],
        "a list for a token": [json(200, { ...good, access_token: ["t"] }), "invalid_response"],
        "no type": [json(200, { access_token: "t" }), "invalid_response"],
        "an unknown type": [json(200, { ...good, token_type: "mac" }), "invalid_response"],
        "a type bound to a key that nobody has": [
          json(200, { ...good, token_type: "DPoP" }),
          "invalid_response"
        ],
        "a number for a type": [json(200, { ...good, token_type: 1 }), "invalid_response"],
        "a number for a refresh token": [
          json(200, { ...good, refresh_token: 1 }),
          "invalid_response"
        ],
        "a number for scopes": [json(200, { ...good, scope: 1 }), "invalid_response"]
      } as const
      for (const [name, [answer, reason]] of Object.entries(failures)) {
        assert.strictEqual(yield* outcomeOf(answer), reason, name)
      }
    })
  )

  it.effect("is unavailable where no answer came, whatever the reason", () =>
    Effect.gen(function* () {
      const reasons: ReadonlyArray<EgressFailure> = [
        "host_not_allowed",
        "address_blocked",
        "insecure_protocol",
        "redirect_refused",
        "timeout",
        "response_too_large",
        "connection_failed"
      ]
      for (const reason of reasons) {
        assert.strictEqual(yield* outcomeOf(() => noAnswer(reason)), "provider_unavailable", reason)
      }
    })
  )

  it.effect("S-14 leaves nothing of what the provider wrote in the error", () =>
    Effect.gen(function* () {
      const provider = yield* configured(forge)
      const texts = { error_description: "canary-text", error_uri: "https://evil.example/canary" }
      const answers = [
        json(400, { error: "canary-error", ...texts }),
        json(200, { error: "canary-error", ...texts }),
        json(200, { ok: false, error: "canary-error", ...texts }),
        json(503, { error: "canary-error", ...texts }),
        json(200, { access_token: 1, refresh_token: "canary-token", ...texts }),
        json(200, { access_token: "canary-token", token_type: "canary-type", ...texts }),
        text(502, "<html>canary</html>", "text/html"),
        () => noAnswer("timeout")
      ]
      for (const answer of answers) {
        const { result } = yield* exchange(provider, answer)
        if (result._tag === "Success") return assert.fail("issued")
        assert.instanceOf(result.failure, AuthorizationFailed)
        assert.notInclude(inspect(result.failure, { depth: 20 }), "canary")
        assert.notInclude(JSON.stringify(result.failure), "canary")
      }
    })
  )

  it.effect(
    "S-34 gives a lifetime of whole seconds, and the provider's own where it tells none",
    () =>
      Effect.gen(function* () {
        const tenYears = 315_360_000
        const table: ReadonlyArray<readonly [unknown, number | "default"]> = [
          [3600, 3600],
          ["3600", 3600],
          // Over at once and nothing to follow it: Mailchimp's way to write that there is no end.
          [0, "default"],
          ["0", "default"],
          ["007", 7],
          [3599.9, 3599],
          [tenYears, tenYears],
          [tenYears + 1, tenYears],
          [1e300, tenYears],
          ["9".repeat(400), "default"],
          [-1, "default"],
          ["-1", "default"],
          ["3600.5", "default"],
          ["1e3", "default"],
          ["0x10", "default"],
          ["+5", "default"],
          [" 5", "default"],
          ["", "default"],
          ["never", "default"],
          [null, "default"],
          [true, "default"],
          [[3600], "default"],
          [{}, "default"],
          [undefined, "default"]
        ]
        const tellsNone = yield* configured(forge)
        const hasDefault = yield* withDefinition({ defaultTokenLifetime: 7200 })
        for (const [expires_in, expected] of table) {
          for (const [provider, otherwise] of [
            [tellsNone, undefined],
            [hasDefault, 7200]
          ] as const) {
            const { result } = yield* exchange(provider, issued({ expires_in }))
            assert.strictEqual(
              result._tag === "Success" ? result.success.expiresIn : result.failure.reason,
              expected === "default" ? otherwise : expected,
              String(expires_in)
            )
          }
        }
      })
  )

  it.effect("gives the tokens redacted, the type in small letters and the granted scopes", () =>
    Effect.gen(function* () {
      const provider = yield* configured(forge)
      const { result } = yield* exchange(
        provider,
        issued({
          token_type: "Bearer",
          refresh_token: "canary-refresh-token",
          scope: " repo  user "
        })
      )
      if (result._tag === "Failure") return assert.fail(result.failure.reason)
      const { accessToken, refreshToken, scopes, tokenType } = result.success
      assert.strictEqual(Redacted.value(accessToken), "canary-access-token")
      assert.strictEqual(refreshToken && Redacted.value(refreshToken), "canary-refresh-token")
      assert.strictEqual(tokenType, "bearer")
      assert.deepStrictEqual(scopes, ["repo", "user"])
      assert.notInclude(inspect(result, { depth: 20 }), "canary")
    })
  )

  it.effect("without a scope granted what was asked for; with an empty one, nothing", () =>
    Effect.gen(function* () {
      const scopesOf = Effect.fnUntraced(function* (
        changes: Partial<OAuth2Definition>,
        scope: string | undefined
      ) {
        const { result } = yield* exchange(yield* withDefinition(changes), issued({ scope }))
        return result._tag === "Success" ? result.success.scopes : result.failure.reason
      })
      assert.deepStrictEqual(yield* scopesOf({}, undefined), ["repo", "user"])
      assert.deepStrictEqual(yield* scopesOf({}, ""), [])
      assert.deepStrictEqual(yield* scopesOf({}, "repo,user"), ["repo,user"])
      const commas = { grantedScopeSeparator: "," } as const
      assert.deepStrictEqual(yield* scopesOf(commas, "repo,user"), ["repo", "user"])
      assert.deepStrictEqual(yield* scopesOf(commas, " repo , user,,"), ["repo", "user"])
    })
  )
})
