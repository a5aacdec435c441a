import { expect, it } from "vitest"
import { checkWith, checkWithout } from "./changedBy.ts"
import { basicIn } from "./exchanges.ts"
import { hostOf } from "./hostOf.ts"

const wantsBasic = /authenticates by client_secret_post, and the vendor takes client_secret_basic/

it("slack: answers 200 with ok false, and no connection comes of it", async () => {
  await using host = hostOf("slack")
  host.simulator.failNext("slack", "token", { kind: "invalid_grant" })
  const page = await host.flow()
  expect(host.last("token")).toMatchObject({
    status: 200,
    answer: { ok: false, error: "invalid_code" }
  })
  expect(page.get("error")).toBe("provider_error")
})

it("slack: scopes are separated by commas, and those of the user stand in user_scope", async () => {
  await using host = hostOf("slack", {
    scopes: ["chat:write", "users:read"],
    userScopes: ["search:read", "files:read"]
  })
  const { account, scopes } = await host.connect()
  expect(Object.fromEntries(host.authorizationRequest())).toMatchObject({
    scope: "chat:write,users:read",
    user_scope: "search:read,files:read"
  })
  // Of both tokens in the answer it is the app's that is kept, with the app's scopes.
  expect(host.last("token").answer).toMatchObject({
    authed_user: { scope: "search:read,files:read" }
  })
  expect(scopes).toEqual(["chat:write", "users:read"])
  expect(account).toMatchObject({ id: "T9TK3CUKW", label: "Slack Softball Team" })
  expect(await checkWithout("slack", "scopeSeparator")).toMatch(/is not a scope of the vendor/)
  expect(await checkWithout("slack", "grantedScopeSeparator")).toMatch(/asked for and not granted/)
  expect(await checkWithout("slack", "userScopes")).toMatch(/no second list of scopes/)
})

it("slack: a user's token arrives in authed_user", async () => {
  await using host = hostOf("slack-user", { scopes: ["search:read", "files:read"] })
  const { account, scopes } = await host.connect()
  expect(host.authorizationRequest().get("user_scope")).toBe("search:read,files:read")
  expect(host.authorizationRequest().has("scope")).toBe(false)
  expect(host.last("token").answer).not.toHaveProperty("access_token")
  expect(host.last("token").answer).toMatchObject({ authed_user: { token_type: "user" } })
  expect(scopes).toEqual(["search:read", "files:read"])
  expect(account?.id).toBe("U1234")
  expect((await host.call("/search.messages"))?.status).toBe(200)
  expect(await host.refreshTwice()).toBe("with the new one")
  expect(host.last("refresh").answer).toMatchObject({ token_type: "user" })
  expect(await checkWithout("slack-user", "refreshResponse")).toMatch(/cannot be reached/)
  expect(await checkWithout("slack-user", "tokenResponse.path")).toMatch(/is "invalid_response"/)
  expect(await checkWithout("slack-user", "parameterNames")).toMatch(/knows no parameter scope/)
})

it("slack: a check that is answered 200 with ok false is a rejection, or tells nothing", async () => {
  await using host = hostOf("slack")
  await host.connect()
  host.simulator.end("slack")
  expect(await host.check()).toBe("rejected")
  expect(host.last("check")).toMatchObject({ status: 200, answer: { ok: false } })
  expect(await checkWithout("slack", "check.rejectedBody")).toMatch(/should be "unexpected_answer"/)
  expect(await checkWithout("slack", "check.acceptedBody")).toMatch(/should be "unexpected_answer"/)
})

it("slack: where tokens rotate they live 12 hours, and a dead refresh token is told by a word of its own", async () => {
  await using host = hostOf("slack")
  await host.connect()
  expect(await host.lifetime()).toBe(43200)
  expect(basicIn(host.last("token"))).toBe("client:secret")
  expect(await host.refreshTwice()).toBe("with the new one")
  host.simulator.end("slack")
  await expect(host.refresh()).rejects.toMatchObject({ _tag: "ReconnectRequired" })
  expect(host.last("refresh").answer).toMatchObject({ error: "invalid_refresh_token" })
  expect(await checkWithout("slack", "terminalErrors")).toMatch(/should be "ReconnectRequired"/)
})

it("slack: where tokens do not rotate they never expire", async () => {
  await using host = hostOf("slack", {
    facts: {
      refresh: null,
      "token.lifetime": null,
      "token.answer.expires_in": undefined,
      "token.answer.refresh_token": undefined
    }
  })
  await host.connect()
  expect(await host.lifetime()).toBeUndefined()
  expect((await host.call("/chat.postMessage"))?.status).toBe(200)
})

it("zoom: scopes are the app's, and the client uses Basic", async () => {
  await using host = hostOf("zoom")
  await host.connect()
  expect(host.authorizationRequest().has("scope")).toBe(false)
  expect(basicIn(host.last("token"))).toBe("client:secret")
  expect(await checkWith("zoom", "clientAuthentication", "client_secret_post")).toMatch(wantsBasic)
})

it("zoom: a refresh token is used once, and the one that came with it is the next", async () => {
  await using host = hostOf("zoom")
  await host.connect()
  expect(await host.lifetime()).toBe(3600)
  expect(await host.refreshTwice()).toBe("with the new one")
})

it("discord: tokens live 7 days, and a refresh token is used once", async () => {
  await using host = hostOf("discord")
  await host.connect()
  expect(await host.lifetime()).toBe(604800)
  expect(await host.refreshTwice()).toBe("with the new one")
})

it("discord: an ended token takes all tokens of its authorization with it", async () => {
  await using host = hostOf("discord")
  await host.connect()
  await host.disconnect()
  expect(host.last("revocation").status).toBe(200)
  expect(host.simulator.liveTokens("discord")).toEqual([])
  expect(await checkWith("discord", "revocation.ends", "token")).toMatch(/^revocation\.ends:/)
})

it("twilio: the account's SID stands in the URL, and an API key is Basic's user name", async () => {
  const sid = "AC0123456789abcdef0123456789abcdef"
  const key = "SK0123456789abcdef0123456789abcdef"
  await using host = hostOf("twilio")
  expect(await host.outcomeOf()).toBe("validated")
  expect(host.last("check").url.pathname).toBe(`/2010-04-01/Accounts/${sid}/Messages.json`)
  expect(basicIn(host.last("check"))).toBe(`${key}:Fedcba9876543210Fedcba9876543210`)
  expect(await host.outcomeOf({ account_sid: `${sid}/..` })).toBe("validation_error")
  expect(await checkWithout("twilio", "fields.0.pattern")).toMatch(/no pattern either/)
  expect(await checkWith("twilio", "basic.username", "api")).not.toBe("")
})

it("sendgrid: a subuser in the EU is asked at the EU's host", async () => {
  await using host = hostOf("sendgrid")
  expect(await host.outcomeOf({ api_host: "api.sendgrid.com.evil.example" })).toBe(
    "validation_error"
  )
  await host.connect()
  expect(host.last("check").url.href).toBe("https://api.eu.sendgrid.com/v3/scopes")
  expect(await checkWith("sendgrid", "fields.1.choices", ["api.sendgrid.com"])).toMatch(
    /credentials\.api_host/
  )
})

it("x / twitter: PKCE is required", async () => {
  await using host = hostOf("x")
  await host.connect()
  expect(host.authorizationRequest().get("code_challenge_method")).toBe("S256")
  expect(host.last("token").body["code_verifier"]).toMatch(/^[\w-]{43,}$/)
  expect(await checkWith("x", "pkce", { off: "It is not wanted." })).toMatch(
    /code_challenge is missing/
  )
})

it("x / twitter: a refresh token comes with offline.access, to a client that uses Basic", async () => {
  await using host = hostOf("x")
  await host.connect()
  expect(host.authorizationRequest().get("scope")).toContain("offline.access")
  expect(await host.lifetime()).toBe(7200)
  await host.refresh()
  expect(basicIn(host.last("refresh"))).toBe("client:secret")
  expect(await checkWith("x", "clientAuthentication", "client_secret_post")).toMatch(wantsBasic)
  expect(await checkWithout("x", "defaultScopes.2")).toMatch(/^defaultScopes:/)
})

it("x / twitter: a dead refresh token is answered with invalid_request, and ends the connection", async () => {
  await using host = hostOf("x")
  await host.connect()
  host.simulator.end("x")
  await expect(host.refresh()).rejects.toMatchObject({ _tag: "ReconnectRequired" })
  expect(host.last("refresh").answer).toMatchObject({ error: "invalid_request" })
  expect(await checkWithout("x", "terminalErrors")).toMatch(/should be "ReconnectRequired"/)
})

it("linkedin: a code_verifier beside the client's secret is refused", async () => {
  await using host = hostOf("linkedin")
  await host.connect()
  expect(host.authorizationRequest().has("code_challenge")).toBe(false)
  expect(host.last("token").body).not.toHaveProperty("code_verifier")
  expect(await checkWithout("linkedin", "pkce")).toMatch(
    /code_challenge is there, and the vendor refuses it/
  )
})

it("linkedin: a token lives 60 days and is not refreshed; its scopes are joined by commas", async () => {
  await using host = hostOf("linkedin")
  const { scopes } = await host.connect()
  expect(await host.lifetime()).toBe(5184000)
  expect(host.last("token").answer).toMatchObject({ scope: "openid,profile,email" })
  expect(host.last("token").answer).not.toHaveProperty("refresh_token")
  expect(host.last("token").answer).not.toHaveProperty("token_type")
  expect(scopes).toEqual(["openid", "profile", "email"])
  expect(await checkWithout("linkedin", "grantedScopeSeparator")).toMatch(
    /asked for and not granted/
  )
  expect(await checkWithout("linkedin", "tokenResponse")).toMatch(/is "invalid_response"/)
})

it("facebook: the token of an hour is exchanged for one of 60 days, and is not refreshed", async () => {
  await using host = hostOf("facebook")
  await host.connect()
  expect(host.last("token").answer).toMatchObject({ expires_in: 5400 })
  expect(host.last("exchange").body).toMatchObject({ grant_type: "fb_exchange_token" })
  // The page shows it as GET; the secret stays out of the URL.
  expect(host.last("exchange")).toMatchObject({ method: "POST", url: { search: "" } })
  expect(await host.lifetime()).toBe(5184000)
  expect(await checkWithout("facebook", "tokenExchange")).not.toBe("")
})

it("facebook: who unticks a permission is told so, by the callback alone", async () => {
  await using host = hostOf("facebook", { scopes: ["public_profile", "email"] })
  host.simulator.failNext("facebook", "authorize", { kind: "partial_scopes" })
  expect((await host.flow()).get("error")).toBe("insufficient_scope")
  expect(host.authorizationRequest().get("response_type")).toBe("code granted_scopes")
  expect(host.last("token").answer).not.toHaveProperty("scope")
  expect(await checkWithout("facebook", "grantedScopeParameter")).toMatch(/insufficient_scope/)
})

it("facebook: scopes are separated by commas", async () => {
  await using host = hostOf("facebook", { scopes: ["public_profile", "email"] })
  await host.connect()
  expect(host.authorizationRequest().get("scope")).toBe("public_profile,email")
  expect(await checkWithout("facebook", "scopeSeparator")).toMatch(/insufficient_scope/)
})

it("facebook: an error is an object, and a dead token is answered with 400", async () => {
  await using host = hostOf("facebook")
  host.simulator.failNext("facebook", "token", { kind: "invalid_grant" })
  expect((await host.flow()).get("error")).toBe("provider_error")
  expect(host.last("token").answer).toMatchObject({ error: { type: "OAuthException" } })
  await host.connect()
  host.simulator.end("facebook")
  expect(await host.check()).toBe("rejected")
  expect(host.last("check").status).toBe(400)
  expect(await checkWithout("facebook", "check.rejectedStatus")).toMatch(/should be "rejected"/)
})
