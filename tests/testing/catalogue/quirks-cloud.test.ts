import { decodeUnsupportedFacts } from "@hawser/testing/facts"
import { Effect } from "effect"
import { expect, it } from "vitest"
import { providerIds, readFacts } from "./catalogFiles.ts"
import { checkWith, checkWithout } from "./changedBy.ts"
import { basicIn } from "./exchanges.ts"
import { hostOf } from "./hostOf.ts"

it("aws: is listed as unsupported, with its reason", async () => {
  expect(providerIds()).not.toContain("aws")
  const facts = await Effect.runPromise(decodeUnsupportedFacts(readFacts("aws"), "aws.facts.json"))
  expect(facts.authType).toBe("unsupported")
  expect(facts.reason).toMatch(/Signature Version 4/)
  // What a host has to do instead, against the confused deputy.
  expect(facts.notes?.join(" ")).toMatch(/external id/)
})

it.each([
  ["cloudflare", "/client/v4/user/tokens/verify"],
  ["cloudflare-account", "/client/v4/accounts/023e105f4ecef8ad9ca31a8372d0c353/tokens/verify"]
])(
  "cloudflare: a token that is not active is refused although it is answered 200 (%s)",
  async (id, path) => {
    await using host = hostOf(id)
    await host.connect()
    host.simulator.end(id)
    expect(await host.check()).toBe("rejected")
    expect(host.last("check")).toMatchObject({
      status: 200,
      url: { pathname: path },
      answer: { result: { status: "disabled" } }
    })
    expect(await checkWithout(id, "check.acceptedBody")).toMatch(
      /a wrong api_token should be "credential_validation_failed" and is "validated"/
    )
  }
)

it("cloudflare: a token that an account owns is verified at the account", async () => {
  await using host = hostOf("cloudflare-account")
  expect(await host.outcomeOf()).toBe("validated")
  expect(await host.outcomeOf({ account_id: "../user" })).toBe("validation_error")
  // Where users' tokens are verified such a token is a wrong one.
  expect(
    await checkWith(
      "cloudflare-account",
      "check.url",
      "https://api.cloudflare.com/client/v4/user/tokens/verify"
    )
  ).toMatch(/rejected the credentials/)
})

it("vercel: a wrong token is answered with 403", async () => {
  await using host = hostOf("vercel")
  expect(await host.outcomeOf({ api_token: "Qp5dYc0nSAMPLEnS2tTyuV9j" })).toBe(
    "credential_validation_failed"
  )
  expect(host.last("check").status).toBe(403)
  expect(await checkWith("vercel", "check.rejectedStatus", [401])).toMatch(
    /a wrong api_token should be "credential_validation_failed" and is "unverified"/
  )
})

it("netlify: asks for no scopes, and its token never expires", async () => {
  await using host = hostOf("netlify")
  await host.connect()
  expect(host.authorizationRequest().has("scope")).toBe(false)
  expect(await host.lifetime()).toBeUndefined()
  expect(await checkWith("netlify", "defaultTokenLifetime", 3600)).toMatch(
    /lifetime should be null and is 3600/
  )
})

it("supabase: a refresh token is used once, by a client that uses Basic", async () => {
  await using host = hostOf("supabase")
  await host.connect()
  expect(basicIn(host.last("token"))).toBe("client:secret")
  expect(await host.refreshTwice()).toBe("with the new one")
  expect(await checkWith("supabase", "clientAuthentication", "client_secret_post")).toMatch(
    /authenticates by client_secret_post, and the vendor takes client_secret_basic/
  )
})

it("supabase: a consent is ended by JSON with the client and the refresh token in it", async () => {
  await using host = hostOf("supabase")
  await host.connect()
  await host.disconnect()
  expect(host.last("revocation").headers["content-type"]).toMatch(/^application\/json/)
  expect(Object.keys(host.last("revocation").body).toSorted()).toEqual([
    "client_id",
    "client_secret",
    "refresh_token"
  ])
  expect(await checkWithout("supabase", "revocation.clientAuthentication")).toMatch(
    /authenticates by client_secret_basic, and the vendor takes client_secret_post/
  )
  expect(await checkWithout("supabase", "revocation.encoding")).not.toBe("")
})

it("openai: a key that may not list models is not called wrong", async () => {
  await using host = hostOf("openai", { facts: { "check.accepted.status": 403 } })
  expect(await host.outcomeOf()).toBe("unverified")
  expect(await checkWithout("openai", "check.rejectedStatus")).toMatch(
    /should be "unverified" and is "credential_validation_failed"/
  )
})

it("anthropic: the key stands in a header of its own, and each request names the version", async () => {
  await using host = hostOf("anthropic")
  await host.connect()
  const named = { "x-api-key": "sk-ant-api03-SAMPLE00000000", "anthropic-version": "2023-06-01" }
  expect(host.last("check").headers).toMatchObject(named)
  expect((await host.call("/v1/messages"))?.headers).toMatchObject(named)
  expect(await checkWithout("anthropic", "apiHeaders")).toMatch(/anthropic-version is missing/)
  expect(await checkWith("anthropic", "headers", { Authorization: "Bearer {api_key}" })).toMatch(
    /x-api-key is missing/
  )
})

it("snowflake: is at the tenant's account, and its tokens live as long as the answer says", async () => {
  await using host = hostOf("snowflake")
  const { account } = await host.connect()
  expect(host.last("token").url.href).toBe(
    "https://myorg-account1.snowflakecomputing.com/oauth/token-request"
  )
  expect(account?.id).toBe("ANN")
  expect(await host.lifetime()).toBe(600)
  expect(await checkWithout("snowflake", "fields.0.format")).toMatch(
    /stands in a URL and has no list of choices/
  )
  await using longer = hostOf("snowflake", { facts: { "token.lifetime": 86400 } })
  await longer.connect()
  expect(await longer.lifetime()).toBe(86400)
})

it("snowflake: the client uses Basic, and each call says that its token is OAuth's", async () => {
  await using host = hostOf("snowflake")
  await host.connect()
  expect(basicIn(host.last("token"))).toBe("client:secret")
  expect(await host.check()).toBeUndefined()
  expect(host.last("check")).toMatchObject({
    headers: { "x-snowflake-authorization-token-type": "OAUTH" },
    body: { statement: "SELECT 1" }
  })
  expect(await checkWith("snowflake", "clientAuthentication", "client_secret_post")).toMatch(
    /the vendor takes client_secret_basic/
  )
  expect(await checkWithout("snowflake", "apiHeaders")).toMatch(/token-type is missing/)
})
