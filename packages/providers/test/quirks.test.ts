import { assert, describe, it } from "@effect/vitest"
import {
  type Actor,
  AuthorizationServerClient,
  type BoundFlow,
  type CheckedServer,
  Cipher,
  configureProvider,
  CredentialStore,
  CryptoLive,
  Egress,
  EgressError,
  type EgressRequest,
  hasTenantClients,
  KeyedHash,
  OAuth4WebApiClient,
  type OAuth2ProviderConfig,
  type ProviderConfig,
  ProviderTraffic,
  Secret,
  type Sealed,
  type SecretUrl,
  SecurityLog,
  storeCredentials,
  TenantId,
  tenantsOwn,
  UserId
} from "@hawser/core"
import { DateTime, Effect, Layer } from "effect"
import { datadog, github, pagerduty, pagerdutyApiKey } from "../src/index.ts"

const client = { clientId: "client-1", clientSecret: "canary-secret" }
const code = Secret("code-1")
const verifier = Secret("verifier-0123456789-0123456789-0123456789-01")

/** A way out that leads to one answer, and remembers what was sent. */
const answering = (answer: () => Response | EgressError) => {
  const sent: Array<EgressRequest> = []
  const layer = Layer.succeed(Egress, {
    request: (request) =>
      Effect.suspend(() => {
        sent.push(request)
        const given = answer()
        return given instanceof EgressError ? Effect.fail(given) : Effect.succeed(given)
      }),
    open: () => Effect.die("no API is called here")
  })
  return { layer, sent }
}

const configured = (config: ProviderConfig) =>
  configureProvider(config, { unsafelyAllowLoopback: false }).pipe(Effect.provide(CryptoLive))

/** Validates an authorization response and exchanges its code, as the callback of a flow that was bound does. */
const exchange = Effect.fnUntraced(function* (
  config: OAuth2ProviderConfig,
  answer: () => Response,
  parameters: Record<string, string> = {}
) {
  const provider = yield* configured(config)
  assert(provider.authType === "oauth2" && !hasTenantClients(provider))
  const { definition } = provider
  // None of these providers has a place for a value in its endpoints.
  const checked: CheckedServer = {
    issuer: definition.issuer ?? new URL(definition.authorizationEndpoint).origin,
    authorizationEndpoint: definition.authorizationEndpoint as SecretUrl,
    tokenEndpoint: definition.tokenEndpoint as SecretUrl,
    clientId: provider.client.clientId
  }
  const flow = {
    provider: provider.id,
    redirectUri: `https://app.example/v1/integrations/${provider.id}/callback`,
    scopes: provider.scopes
  } as unknown as BoundFlow
  const { layer, sent } = answering(answer)
  const tokens = yield* Effect.gen(function* () {
    const server = yield* AuthorizationServerClient
    const response = yield* server.validateResponse(
      provider,
      checked,
      flow,
      new URLSearchParams({ code: "code-1", state: "state-1", ...parameters })
    )
    return yield* server.exchange(
      provider,
      checked,
      flow,
      { ...response, code },
      {
        codeVerifier: verifier,
        dpopKey: undefined
      }
    )
  }).pipe(
    Effect.result,
    Effect.provide(OAuth4WebApiClient.layer.pipe(Layer.provide([layer, CryptoLive])))
  )
  return { tokens, sent }
})

/** The one request that was sent. */
const only = (sent: ReadonlyArray<EgressRequest>): EgressRequest => {
  const [request, ...others] = sent
  assert(request !== undefined && others.length === 0)
  return request
}

const granted = (scope: string) =>
  Response.json({ access_token: "token-1", token_type: "bearer", scope })

/** Stores a tenant's key, with the live check that the definition describes. */
const store = Effect.fnUntraced(function* (
  config: ProviderConfig,
  credentials: Record<string, unknown>,
  answer: () => Response | EgressError
) {
  const provider = yield* configured(config)
  const { layer, sent } = answering(answer)
  const admin = {
    tenantId: TenantId.make("tenant-1"),
    userId: UserId.make("ann"),
    owner: tenantsOwn
  } as Actor
  const outcome = yield* storeCredentials(admin, provider, { credentials }).pipe(
    Effect.map(({ status }) => status as string),
    Effect.catch((error) => Effect.succeed(error.code)),
    Effect.provide(
      Layer.mergeAll(
        layer,
        CryptoLive,
        ProviderTraffic.layer(),
        Layer.mock(SecurityLog)({}),
        Layer.mock(KeyedHash)({ of: () => Effect.succeed(new Uint8Array()) }),
        Layer.mock(Cipher)({
          primaryKeyId: "k",
          seal: () => Effect.succeed(new Uint8Array() as Sealed)
        }),
        Layer.mock(CredentialStore)({
          insert: (credential) =>
            Effect.succeed({ ...credential, createdAt: DateTime.makeUnsafe(0) })
        })
      )
    )
  )
  return { outcome, sent }
})

describe("GitHub", () => {
  it.effect(
    "is asked with the client in the body, PKCE, JSON accepted, and nothing in the URL",
    () =>
      Effect.gen(function* () {
        const request = only((yield* exchange(github(client), () => granted("repo"))).sent)
        const body = new URLSearchParams(request.body)
        assert.strictEqual(request.url.href, "https://github.com/login/oauth/access_token")
        assert.deepStrictEqual(request.hosts, ["github.com"])
        assert.strictEqual(body.get("client_id"), "client-1")
        assert.strictEqual(body.get("client_secret"), "canary-secret")
        assert.isTrue(body.has("code_verifier"))
        const headers = new Headers(request.headers)
        assert.isNull(headers.get("authorization"))
        assert.include(headers.get("accept"), "application/json")
      })
  )

  it.effect("answers with scopes joined by commas: they are three, not one", () =>
    Effect.gen(function* () {
      const { tokens } = yield* exchange(github(client), () => granted("repo,gist, read:org"))
      assert(tokens._tag === "Success")
      assert.deepStrictEqual(tokens.success.scopes, ["repo", "gist", "read:org"])
      assert.isUndefined(tokens.success.expiresIn)
      assert.isUndefined(tokens.success.refreshToken)
    })
  )

  it.effect("S-33 answers a bad code with 200 and an error: no token comes of it", () =>
    Effect.gen(function* () {
      const { tokens } = yield* exchange(github(client), () =>
        Response.json({ error: "bad_verification_code", error_description: "expired" })
      )
      assert(tokens._tag === "Failure")
      assert.strictEqual(tokens.failure.reason, "provider_error")
    })
  )

  it.effect("answers as a form where it overlooks the Accept header", () =>
    Effect.gen(function* () {
      const { tokens } = yield* exchange(
        github(client),
        () =>
          new Response("access_token=token-1&scope=repo%2Cgist&token_type=bearer", {
            headers: { "content-type": "application/x-www-form-urlencoded; charset=utf-8" }
          })
      )
      assert(tokens._tag === "Success")
      assert.deepStrictEqual(tokens.success.scopes, ["repo", "gist"])
    })
  )

  for (const [iss, expected] of [
    [undefined, "Success"],
    ["https://github.com/login/oauth", "Success"],
    ["https://github.com", "Failure"],
    ["https://evil.example", "Failure"]
  ] as const) {
    it.effect(`S-21 sends iss since 2026: ${iss ?? "none"} is a ${expected}`, () =>
      Effect.gen(function* () {
        const { sent, tokens } = yield* exchange(
          github(client),
          () => granted("repo"),
          iss === undefined ? {} : { iss }
        )
        assert.strictEqual(tokens._tag, expected)
        assert.strictEqual(sent.length, expected === "Success" ? 1 : 0)
      })
    )
  }
})

describe("PagerDuty", () => {
  it.effect("is asked with the client in the body, at identity.pagerduty.com", () =>
    Effect.gen(function* () {
      const request = only((yield* exchange(pagerduty(client), () => granted("openid read"))).sent)
      assert.strictEqual(request.url.href, "https://identity.pagerduty.com/oauth/token")
      assert.strictEqual(new URLSearchParams(request.body).get("client_secret"), "canary-secret")
      assert.isNull(new Headers(request.headers).get("authorization"))
    })
  )

  it.effect("sends an ID token and openid that nobody asked for", () =>
    Effect.gen(function* () {
      const { tokens } = yield* exchange(
        pagerduty(client),
        () =>
          Response.json({
            client_info: "prefix_legacy_app",
            id_token: "not.a.token",
            token_type: "bearer",
            access_token: "token-1",
            refresh_token: "refresh-1",
            scope: "openid read",
            expires_in: 864_000
          }),
        { subdomain: "acme" }
      )
      assert(tokens._tag === "Success")
      assert.deepStrictEqual(tokens.success.scopes, ["openid", "read"])
      assert.strictEqual(tokens.success.expiresIn, 864_000)
    })
  )

  it.effect(
    "S-26 grants openid alone for a scope that the app has not: so each scope is required",
    () =>
      Effect.gen(function* () {
        const required = (config: OAuth2ProviderConfig) =>
          Effect.map(configured(config), (one) =>
            one.authType === "oauth2" ? one.requiredScopes : []
          )
        assert.deepStrictEqual(yield* required(pagerduty(client)), ["read"])
        const scopes = ["incidents.read", "services.read"]
        assert.deepStrictEqual(yield* required(pagerduty({ ...client, scopes })), scopes)
        assert.deepStrictEqual(
          yield* required(pagerduty({ ...client, scopes, requiredScopes: ["incidents.read"] })),
          ["incidents.read"]
        )
      })
  )
})

const down = () => new EgressError({ reason: "timeout", host: "x", sent: true })
const status =
  (code: number, body: unknown = {}) =>
  () =>
    Response.json(body, { status: code })

describe("Datadog", () => {
  const keys = { api_key: "key-1", application_key: "app-1" }

  it.effect("is asked at the tenant's own site, with both keys in headers", () =>
    Effect.gen(function* () {
      const request = only(
        (yield* store(datadog(), { ...keys, site: "us5.datadoghq.com" }, status(200))).sent
      )
      assert.strictEqual(request.url.href, "https://api.us5.datadoghq.com/api/v2/validate_keys")
      assert.deepStrictEqual(request.hosts, ["api.us5.datadoghq.com"])
      assert.strictEqual(request.headers["dd-api-key"], "key-1")
      assert.strictEqual(request.headers["dd-application-key"], "app-1")
    })
  )

  it.effect("is asked at datadoghq.com where the tenant names no site", () =>
    Effect.gen(function* () {
      const request = only((yield* store(datadog(), keys, status(200))).sent)
      assert.strictEqual(request.url.host, "api.datadoghq.com")
    })
  )

  for (const site of [
    "evil.example",
    "datadoghq.com.evil.example",
    "datadoghq.com/",
    "x@datadoghq.com",
    ""
  ]) {
    it.effect(`S-62 has no site "${site}"`, () =>
      Effect.gen(function* () {
        const { outcome, sent } = yield* store(datadog(), { ...keys, site }, status(200))
        assert.strictEqual(outcome, "validation_error")
        assert.deepStrictEqual(sent, [])
      })
    )
  }

  for (const [what, answer, expected] of [
    ["answers 200", status(200, { status: "ok" }), "validated"],
    ["answers 401", status(401), "credential_validation_failed"],
    ["answers 403", status(403), "credential_validation_failed"],
    ["answers 429", status(429), "unverified"],
    ["answers 503", status(503), "unverified"],
    ["cannot be reached", down, "unverified"]
  ] as const) {
    it.effect(`leaves a key ${expected} when it ${what}`, () =>
      Effect.gen(function* () {
        assert.strictEqual((yield* store(datadog(), keys, answer)).outcome, expected)
      })
    )
  }
})

describe("PagerDuty by API key", () => {
  const keys = { api_key: "key-1" }

  it.effect("is asked with its own scheme, which is not Bearer", () =>
    Effect.gen(function* () {
      const request = only((yield* store(pagerdutyApiKey(), keys, status(200))).sent)
      assert.strictEqual(request.url.href, "https://api.pagerduty.com/abilities")
      assert.strictEqual(request.headers["authorization"], "Token token=key-1")
    })
  )

  it.effect("is asked in the EU where the tenant's account is there", () =>
    Effect.gen(function* () {
      const credentials = { ...keys, api_host: "api.eu.pagerduty.com" }
      const request = only((yield* store(pagerdutyApiKey(), credentials, status(200))).sent)
      assert.strictEqual(request.url.host, "api.eu.pagerduty.com")
      assert.deepStrictEqual(request.hosts, ["api.eu.pagerduty.com"])
    })
  )

  for (const [what, answer, expected] of [
    ["answers 200", status(200, { abilities: [] }), "validated"],
    ["answers 401", status(401), "credential_validation_failed"],
    ["answers 500", status(500), "unverified"],
    ["cannot be reached", down, "unverified"]
  ] as const) {
    it.effect(`leaves a key ${expected} when it ${what}`, () =>
      Effect.gen(function* () {
        assert.strictEqual((yield* store(pagerdutyApiKey(), keys, answer)).outcome, expected)
      })
    )
  }
})
