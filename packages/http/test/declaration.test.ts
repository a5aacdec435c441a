import { Clock, Effect, Layer, Redacted } from "effect"
import { FetchHttpClient } from "effect/http"
import { describe, expect, it, onTestFinished } from "vitest"
import { client, openApi } from "../src/index.ts"
import { addressKey, makeRateLimit } from "../src/RateLimit.ts"
import { cookieUrl } from "./support/flow.ts"
import { type Host, makeHost, matching } from "./support/host.ts"
import { withinAMinute } from "../../../test-support/within-a-minute.ts"

/** A client whose `fetch` is the handler: what goes between is exactly what goes over the wire. */
const calling = <A, E>(
  host: Host,
  token: string | undefined,
  use: (api: Effect.Success<ReturnType<typeof client>>) => Effect.Effect<A, E>
) =>
  Effect.flatMap(
    client({
      baseUrl: "https://process.test/api",
      ...(token !== undefined && { token: Redacted.make(token) })
    }),
    use
  ).pipe(
    Effect.provide(
      FetchHttpClient.layer.pipe(
        Layer.provide(
          Layer.succeed(FetchHttpClient.Fetch, (input, init) =>
            host.handle(new Request(input, init))
          )
        )
      )
    ),
    Effect.result,
    Effect.runPromise
  )

describe("the typed client, against the running handler", () => {
  it("goes the whole way of an API key", async () => {
    const host = await makeHost()
    const token = await host.issuer.token()
    const result = await calling(host, token, (api) =>
      Effect.gen(function* () {
        const params = { provider: "gauge" }
        const stored = yield* api.storeCredentials({
          params,
          query: {},
          payload: { credentials: { api_key: "good-key" } }
        })
        const connected = yield* api.connect({
          params,
          query: {},
          payload: { credentialId: stored.credentialId }
        })
        const list = yield* api.list({ query: { status: "connected" } })
        return { stored, connected, list }
      })
    )
    expect(result).toMatchObject({
      success: {
        stored: { status: "validated" },
        connected: { status: "connected" },
        list: { total: 1 }
      }
    })
  })

  it("begins a flow, reads the catalogue without a token, and follows nothing at the callback", async () => {
    const host = await makeHost()
    const begun = await calling(host, await host.issuer.token(), (api) =>
      api.connect({ params: { provider: "forge" }, query: {}, payload: { redirectUrl: cookieUrl } })
    )
    expect(begun).toMatchObject({ success: { authorizationUrl: matching(/^https:/) } })
    const catalog = await calling(host, undefined, (api) => api.catalog({ query: {} }))
    expect(catalog).toMatchObject({ success: { total: 2 } })
  })

  it.each([
    ["no token", undefined, {}, "unauthorized"],
    ["a member", { roles: ["member"] }, { redirectUrl: cookieUrl }, "forbidden"],
    ["no redirect URL", {}, {}, "validation_error"]
  ])("fails with the declared error: %s", async (_, claims, payload, error) => {
    const host = await makeHost()
    const token = claims === undefined ? undefined : await host.issuer.token(claims)
    const result = await calling(host, token, (api) =>
      api.connect({ params: { provider: "forge" }, query: {}, payload })
    )
    expect(result).toMatchObject({ failure: { error } })
  })
})

describe("the OpenAPI document", () => {
  const document = openApi()

  it("is 3.1 and has every operation of the contract", () => {
    expect(document.openapi).toMatch(/^3\.1\./)
    const operations = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`)
    )
    expect(operations.toSorted()).toEqual([
      "DELETE /v1/integrations/{provider}",
      "DELETE /v1/integrations/{provider}/credentials/{credentialId}",
      "GET /v1/integrations",
      "GET /v1/integrations/catalog",
      "GET /v1/integrations/{provider}",
      "GET /v1/integrations/{provider}/callback",
      "GET /v1/integrations/{provider}/callback/{context}",
      "GET /v1/integrations/{provider}/confirm",
      "GET /v1/integrations/{provider}/credentials",
      "POST /v1/integrations/{provider}/callback",
      "POST /v1/integrations/{provider}/callback/{context}",
      "POST /v1/integrations/{provider}/complete",
      "POST /v1/integrations/{provider}/confirm",
      "POST /v1/integrations/{provider}/connect",
      "POST /v1/integrations/{provider}/credentials",
      "POST /v1/integrations/{provider}/test",
      "PUT /v1/integrations/{provider}/credential"
    ])
  })

  it("says which operations want a bearer token, and what they fail with", () => {
    expect(document.paths["/v1/integrations"]?.get?.security).toEqual([
      { bearer: ["admin"] },
      { bearer: ["member"] }
    ])
    expect(document.paths["/v1/integrations/catalog"]?.get?.security).toEqual([])
    expect(
      Object.keys(document.paths["/v1/integrations/{provider}/connect"]?.post?.responses ?? {})
    ).toEqual(["200", "400", "401", "403", "404", "409", "413", "415", "429", "500", "503"])
  })

  it("has no _tag in any body", () => {
    expect(JSON.stringify(document)).not.toContain("_tag")
  })
})

describe("the counts of the rate limit", () => {
  it("stay bounded: addresses past 100,000 in a minute share one count", () => {
    onTestFinished(withinAMinute())
    const limit = makeRateLimit(1, Effect.runSync(Clock.Clock))
    const draw = (key: string) => limit.draw(key).allowed
    for (let key = 0; key < 100_000; key++) draw(String(key))
    expect(draw("late")).toBe(true)
    expect(draw("later")).toBe(false)
    expect(draw("0")).toBe(false)
  })

  it.each([
    ["192.0.2.7", "192.0.2.7"],
    ["::ffff:192.0.2.7", "192.0.2.7"],
    ["2001:db8::1", "2001:db8:0:0"],
    ["2001:DB8:0:0:1:2:3:4", "2001:db8:0:0"],
    ["fe80::1%eth0", "fe80:0:0:0"],
    ["::", "0:0:0:0"],
    ["not an address", "not an address"]
  ])("take %s as %s", (address, key) => {
    expect(addressKey(address)).toBe(key)
  })
})
