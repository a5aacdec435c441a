import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Redacted } from "effect"
import { TestClock } from "effect/testing"
import { inspect } from "node:util"
import {
  AuthorizationServerClient,
  configureProvider,
  CryptoLive,
  EgressError,
  type EgressFailure,
  type EgressRequest,
  OAuth4WebApiClient,
  type OAuth2Definition,
  type OAuth2Provider,
  Secret,
  type TenantFields
} from "@hawser/core"
import { refreshUrl, checkedServer } from "../../packages/core/src/protocol/checkedServer.ts"
import { secretUrl } from "../../packages/core/src/provider/secretUrl.ts"
import { answeringEgress, noAnswer } from "./support/answeringEgress.ts"
import { forge, tokenResponse } from "./support/host.ts"

const withDefinition = (changes: Partial<OAuth2Definition> = {}) =>
  configureProvider(
    { ...forge, definition: { ...forge.definition, ...changes } },
    { unsafelyAllowLoopback: false }
  ).pipe(
    Effect.map((provider) => provider as OAuth2Provider),
    Effect.provide(CryptoLive)
  )

type Answer = (request: EgressRequest) => Response | EgressError

const clientOver = (egress: ReturnType<typeof answeringEgress>) =>
  Effect.provide(OAuth4WebApiClient.layer.pipe(Layer.provide([egress.layer, CryptoLive])))

const sendBefore = 123_456

/** Refreshes a grant where the server answers so; with what was sent. */
const refresh = Effect.fnUntraced(function* (
  changes: Partial<OAuth2Definition>,
  answer: Answer,
  grant: { readonly fields: TenantFields; readonly scopes: ReadonlyArray<string> } = {
    fields: {},
    scopes: ["repo", "user"]
  }
) {
  const egress = answeringEgress(answer)
  const provider = yield* withDefinition(changes)
  const result = yield* Effect.flatMap(AuthorizationServerClient, (client) =>
    client.refresh(
      provider,
      {
        ...grant,
        server: Effect.runSync(checkedServer(provider, grant.fields)),
        endpoint: Effect.runSync(refreshUrl(provider, grant.fields)),
        dpopKey: undefined
      },
      Secret("canary-old-token"),
      { sendBefore }
    )
  ).pipe(Effect.result, clientOver(egress))
  const [request, ...others] = egress.sent
  assert.deepStrictEqual(others, [])
  if (request === undefined) return assert.fail("nothing was sent")
  return { result, request, form: Object.fromEntries(new URLSearchParams(request.body)) }
})

const issued = Effect.fnUntraced(function* (
  changes: Partial<OAuth2Definition>,
  members: Readonly<Record<string, unknown>>
) {
  const { result } = yield* refresh(changes, () => tokenResponse(members))
  return result._tag === "Success" ? result.success : assert.fail(result.failure.reason)
})

const failure = Effect.fnUntraced(function* (
  answer: Answer,
  changes: Partial<OAuth2Definition> = {}
) {
  const { result } = yield* refresh(changes, answer)
  return result._tag === "Failure" ? result.failure : assert.fail("issued")
})

const revoke = Effect.fnUntraced(function* (
  changes: Partial<OAuth2Definition>,
  answer: Answer,
  fields: TenantFields = {}
) {
  const egress = answeringEgress(answer)
  const provider = yield* withDefinition(changes)
  const result = yield* Effect.flatMap(AuthorizationServerClient, (client) =>
    Effect.gen(function* () {
      const server = yield* checkedServer(provider, fields)
      const { clientId } = provider.client
      const endpoint =
        changes.revocation === undefined
          ? server.tokenEndpoint
          : yield* secretUrl(provider.definition, "revocation.endpoint", fields, clientId)
      const to = { server, endpoint, fields }
      return yield* client.revoke(provider, to, Secret("canary-old-token"), "access_token")
    })
  ).pipe(Effect.result, clientOver(egress))
  return { result, sent: egress.sent }
})

const json = (status: number, body: unknown) => () => Response.json(body, { status })

describe("the refresh request", () => {
  it.effect("carries the token, the client and nothing else, and its last moment of sending", () =>
    Effect.gen(function* () {
      const { form, request } = yield* refresh({}, () => tokenResponse())
      assert.strictEqual(request.method, "POST")
      assert.strictEqual(request.url.href, "https://forge.example/token")
      assert.deepStrictEqual(request.hosts, ["forge.example"])
      assert.strictEqual(request.sendBefore, sendBefore)
      assert.deepStrictEqual(form, {
        grant_type: "refresh_token",
        refresh_token: "canary-old-token",
        client_id: "forge-client",
        client_secret: forge.clientSecret
      })
    })
  )

  it.effect("goes to the refresh endpoint, with the vendor's parameters and scopes", () =>
    Effect.gen(function* () {
      const { form, request } = yield* refresh(
        {
          refreshEndpoint: "https://api.forge.example/refresh",
          refreshRequest: { parameters: { audience: "api" }, sendsScope: true },
          scopeSeparator: ","
        },
        () => tokenResponse()
      )
      assert.strictEqual(request.url.href, "https://api.forge.example/refresh")
      assert.deepStrictEqual(request.hosts, ["api.forge.example"])
      assert.strictEqual(form["audience"], "api")
      assert.strictEqual(form["scope"], "repo,user")
      const none = yield* refresh({ refreshRequest: { sendsScope: true } }, () => tokenResponse(), {
        fields: {},
        scopes: []
      })
      assert.notProperty(none.form, "scope")
    })
  )

  it.effect("goes to the host that the tenant named when it connected", () =>
    Effect.gen(function* () {
      const { request } = yield* refresh(
        {
          tokenEndpoint: "https://{site}.forge.example/token",
          fields: [{ name: "site", label: "Site", secret: false, format: "subdomain" }]
        },
        () => tokenResponse(),
        { fields: { site: "acme" }, scopes: [] }
      )
      assert.strictEqual(request.url.href, "https://acme.forge.example/token")
      assert.deepStrictEqual(request.hosts, ["acme.forge.example"])
    })
  )
})

describe("the tokens of a refresh", () => {
  it.effect(
    "S-36 have a refresh token where the provider sent one, and none where the old one stays",
    () =>
      Effect.gen(function* () {
        const { refreshToken } = yield* issued({}, { refresh_token: "canary-new-token" })
        assert.strictEqual(refreshToken && Redacted.value(refreshToken), "canary-new-token")
        for (const members of [{}, { refresh_token: "" }, { refresh_token: null }])
          assert.isUndefined((yield* issued({}, members)).refreshToken)
      })
  )

  it.effect("stand where the answer to a refresh has them, if that is another place", () =>
    Effect.gen(function* () {
      const tokens = yield* issued(
        { tokenResponse: { path: ["authed_user"] }, refreshResponse: { ignoresTokenType: true } },
        { access_token: "canary-at-the-top", token_type: "user" }
      )
      assert.strictEqual(Redacted.value(tokens.accessToken), "canary-at-the-top")
    })
  )

  it.effect("S-34 have a lifetime of whole seconds, and the definition's where there is none", () =>
    Effect.gen(function* () {
      const table: ReadonlyArray<readonly [unknown, number]> = [
        [3600, 3600],
        ["3600", 3600],
        [0, 0],
        [3599.9, 3599],
        [1e300, 315_360_000],
        [-1, 7200],
        ["never", 7200],
        [null, 7200],
        [{}, 7200],
        [undefined, 7200]
      ]
      for (const [expires_in, expected] of table) {
        const { expiresIn } = yield* issued({ defaultTokenLifetime: 7200 }, { expires_in })
        assert.strictEqual(expiresIn, expected, String(expires_in))
      }
      assert.isUndefined((yield* issued({}, {})).expiresIn)
    })
  )

  it.effect("S-34 are over in an hour where a lifetime is told and cannot be read", () =>
    Effect.gen(function* () {
      // Without a refresh token in it, the one that was sent stays.
      for (const refresh_token of [undefined, "canary-new-token"])
        for (const expires_in of ["3600s", "never", -1, {}, [3600], true])
          assert.strictEqual(
            (yield* issued({}, { expires_in, refresh_token })).expiresIn,
            3600,
            JSON.stringify(expires_in)
          )
    })
  )

  it.effect("have the scopes of the grant where the provider tells none", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual((yield* issued({}, { scope: undefined })).scopes, ["repo", "user"])
      assert.deepStrictEqual((yield* issued({}, { scope: "repo" })).scopes, ["repo"])
    })
  )

  it.effect("are not lost by an ID token that nobody needs", () =>
    Effect.gen(function* () {
      const openid = { openid: true, issuer: "https://forge.example" } as const
      const { accessToken } = yield* issued(openid, { id_token: "no.jwt" })
      assert.strictEqual(Redacted.value(accessToken), "canary-access-token")
    })
  )
})

describe("a refresh that fails", () => {
  it.effect("S-37 ends the grant by invalid_grant, and by the vendor's own names for it", () =>
    Effect.gen(function* () {
      const terminalErrors = ["bad_refresh_token"] as const
      const table = [
        ["invalid_grant", "invalid_grant"],
        ["bad_refresh_token", "invalid_grant"],
        ["invalid_client", "client_refused"],
        ["Invalid_Grant", "client_refused"],
        ["server_error", "ambiguous"],
        ["temporarily_unavailable", "unavailable"]
      ] as const
      for (const [error, reason] of table) {
        for (const status of [200, 400, 401]) {
          const { reason: got } = yield* failure(json(status, { error }), { terminalErrors })
          assert.strictEqual(got, reason, `${status} ${error}`)
        }
      }
      const unnamed = yield* failure(json(400, { error: "bad_refresh_token" }))
      assert.strictEqual(unnamed.reason, "client_refused")
    })
  )

  it.effect("S-37 tells by the description what a word means that stands for several things", () =>
    Effect.gen(function* () {
      const changes = {
        terminalErrors: [{ error: "unauthorized_client", description: "refresh_token is invalid" }],
        temporaryErrors: [
          { error: "invalid_grant", description: "is already being processed" },
          "internal_failure"
        ]
      } as const
      const table = [
        ["unauthorized_client", "refresh_token is invalid", "invalid_grant"],
        ["unauthorized_client", "The Refresh_Token is invalid.", "invalid_grant"],
        ["unauthorized_client", "this client may not refresh", "client_refused"],
        ["unauthorized_client", undefined, "client_refused"],
        ["unauthorized_client", 7, "client_refused"],
        ["invalid_grant", "token request is already being processed", "unavailable"],
        ["invalid_grant", "expired access/refresh token", "invalid_grant"],
        ["invalid_grant", undefined, "invalid_grant"],
        ["invalid_client", "refresh_token is invalid", "client_refused"],
        ["internal_failure", "whatever", "unavailable"]
      ] as const
      for (const [error, description, reason] of table) {
        for (const status of [200, 400, 401, 403]) {
          const body = { error, error_description: description }
          const { reason: got } = yield* failure(json(status, body), changes)
          assert.strictEqual(got, reason, `${status} ${error} ${description}`)
        }
      }
    })
  )

  it.effect("S-37 ends nothing where descriptions of both kinds fit, and any beats a code", () =>
    Effect.gen(function* () {
      const gone = { error: "denied", description: "token" } as const
      const later = { error: "denied", description: "try again" } as const
      const answer = json(400, { error: "denied", error_description: "token busy, try again" })
      const both = { terminalErrors: [gone], temporaryErrors: [later] } as const
      assert.strictEqual((yield* failure(answer, both)).reason, "unavailable")
      const described = { terminalErrors: [gone], temporaryErrors: ["denied"] } as const
      assert.strictEqual((yield* failure(answer, described)).reason, "invalid_grant")
    })
  )

  it.effect(
    "reads the description where the vendor has it, or else where the standard has it",
    () =>
      Effect.gen(function* () {
        const changes = {
          tokenResponse: { errorDescription: ["reason"] },
          temporaryErrors: [{ error: "invalid_grant", description: "locked" }]
        } as const
        const told = json(400, { error: "invalid_grant", reason: "Locked!" })
        assert.strictEqual((yield* failure(told, changes)).reason, "unavailable")
        const standard = json(400, { error: "invalid_grant", error_description: "Locked!" })
        assert.strictEqual((yield* failure(standard, changes)).reason, "unavailable")
        const both = json(400, {
          error: "invalid_grant",
          reason: "Over",
          error_description: "Locked"
        })
        assert.strictEqual((yield* failure(both, changes)).reason, "invalid_grant")
      })
  )

  it.effect("S-35 is ambiguous by a status that leaves open whether tokens were issued", () =>
    Effect.gen(function* () {
      for (const [status, reason] of [
        [429, "rate_limited"],
        [503, "unavailable"],
        [500, "ambiguous"],
        [502, "ambiguous"],
        [504, "ambiguous"],
        [200, "ambiguous"]
      ] as const) {
        const page = () => new Response("<html>", { status })
        assert.strictEqual((yield* failure(page)).reason, reason, String(status))
      }
    })
  )

  it.effect("S-35 is ambiguous where the request went out and no answer came, and only there", () =>
    Effect.gen(function* () {
      const reasons: ReadonlyArray<EgressFailure> = [
        "redirect_refused",
        "timeout",
        "too_late",
        "response_too_large",
        "connection_failed"
      ]
      for (const reason of reasons) {
        assert.strictEqual((yield* failure(() => noAnswer(reason))).reason, "ambiguous", reason)
        const unsent = new EgressError({ reason, host: "forge.example", sent: false })
        assert.strictEqual((yield* failure(() => unsent)).reason, "unavailable", reason)
      }
    })
  )

  it.effect("S-37 tells the seconds that the provider asks to wait, from 0 to 900", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(Date.UTC(2026, 0, 1, 12))
      const table: ReadonlyArray<readonly [string, number | undefined]> = [
        ["0", 0],
        ["7", 7],
        [" 7 ", 7],
        ["900", 900],
        ["901", 900],
        ["9".repeat(400), 900],
        ["Thu, 01 Jan 2026 12:00:30 GMT", 30],
        ["Thu, 01 Jan 2026 11:59:30 GMT", 0],
        ["Fri, 02 Jan 2026 12:00:00 GMT", 900],
        ["Thu, 99 Jan 2026 12:00:00 GMT", undefined],
        ["-1", undefined],
        ["1.5", undefined],
        ["7, 8", undefined],
        ["1e3", undefined],
        ["tomorrow", undefined],
        ["2026-01-01T12:00:30Z", undefined],
        ["", undefined]
      ]
      for (const [header, expected] of table) {
        for (const status of [429, 503]) {
          const answer = () => new Response(null, { status, headers: { "retry-after": header } })
          assert.strictEqual((yield* failure(answer)).retryAfter, expected, header)
        }
      }
    })
  )

  it.effect(
    "S-14 leaves nothing of what the provider wrote, nor of what was sent, in the error",
    () =>
      Effect.gen(function* () {
        const texts = { error_description: "canary-text", error_uri: "https://evil.example/canary" }
        const answers: ReadonlyArray<Answer> = [
          json(400, { error: "canary-error", ...texts }),
          json(400, { error: "invalid_grant", ...texts }),
          json(200, { access_token: 1, refresh_token: "canary-token", ...texts }),
          () => new Response("<html>canary</html>", { status: 502 }),
          () => new Response(null, { status: 429, headers: { "retry-after": "canary" } }),
          () => noAnswer("timeout")
        ]
        const revocation = { endpoint: "https://forge.example/revoke", ends: "token" } as const
        for (const answer of answers) {
          const { result } = yield* revoke({ revocation }, answer)
          for (const one of [yield* failure(answer), result]) {
            assert.notInclude(inspect(one, { depth: 20, showHidden: true }), "canary")
            assert.notInclude(JSON.stringify(one), "canary")
          }
        }
      })
  )
})

describe("revoking", () => {
  const endpoint = "https://forge.example/revoke"

  it.effect("S-39 sends nothing where nothing can be ended", () =>
    Effect.gen(function* () {
      for (const changes of [{}, { revocation: { endpoint, ends: "none" } }] as const) {
        const { result, sent } = yield* revoke(changes, () => new Response())
        assert.strictEqual(result._tag, "Success")
        assert.deepStrictEqual(sent, [])
      }
    })
  )

  it.effect("S-39 sends the token and what it is to the tenant's host", () =>
    Effect.gen(function* () {
      for (const ends of ["token", "grant"] as const) {
        const { result, sent } = yield* revoke(
          {
            revocation: { endpoint: "https://{site}.forge.example/revoke", ends },
            fields: [{ name: "site", label: "Site", secret: false, format: "subdomain" }]
          },
          () => new Response(),
          { site: "acme" }
        )
        assert.strictEqual(result._tag, "Success")
        assert.deepStrictEqual(
          sent.map(({ body, url }) => [url.href, Object.fromEntries(new URLSearchParams(body))]),
          [
            [
              "https://acme.forge.example/revoke",
              {
                token: "canary-old-token",
                token_type_hint: "access_token",
                client_id: "forge-client",
                client_secret: forge.clientSecret
              }
            ]
          ]
        )
      }
    })
  )
})
