import { expect, it } from "vitest"
import { checkWith, checkWithout } from "./changedBy.ts"
import { basicIn } from "./exchanges.ts"
import { hostOf } from "./hostOf.ts"

const wantsBasic = /authenticates by client_secret_post, and the vendor takes client_secret_basic/

it("google: offline access and consent are asked for each time", async () => {
  await using host = hostOf("google")
  await host.connect()
  expect(Object.fromEntries(host.authorizationRequest())).toMatchObject({
    access_type: "offline",
    prompt: "consent"
  })
  expect(await checkWithout("google", "authorizationParameters.access_type")).toMatch(
    /access_type is missing, not offline/
  )
  expect(await checkWithout("google", "authorizationParameters.prompt")).toMatch(
    /prompt is missing, not consent/
  )
})

it("google: a refresh brings no refresh token, and the first one is kept", async () => {
  await using host = hostOf("google")
  await host.connect()
  expect(await host.refreshTwice()).toBe("with the same one")
})

it("microsoft / entra: the directory in the URL is an id or one of three words", async () => {
  await using host = hostOf("microsoft")
  await expect(host.begin({ tenant: "common/oauth2" })).rejects.toMatchObject({
    _tag: "ValidationError"
  })
  const { authorizationUrl } = await host.begin({})
  expect(authorizationUrl.pathname).toBe("/common/oauth2/v2.0/authorize")
  await host.connect()
  expect(host.last("token").url.pathname).toBe(
    "/8eaef023-2b34-4da1-9baa-8bc8c9d6a490/oauth2/v2.0/token"
  )
  expect(await checkWithout("microsoft", "fields.0.pattern")).toMatch(/no pattern either/)
  expect(await checkWithout("microsoft", "fields.0.default")).not.toBe("")
})

it("microsoft / entra: the refresh token that comes with a refresh is the next one", async () => {
  // It is another one each time, and the one before it lives on; here it is dead, so that its use would be seen.
  await using host = hostOf("microsoft", { facts: { "refresh.rotates": "always" } })
  await host.connect()
  expect(host.authorizationRequest().get("scope")).toContain("offline_access")
  expect(await host.refreshTwice()).toBe("with the new one")
})

it("notion: JSON body and Basic", async () => {
  await using host = hostOf("notion")
  await host.connect()
  const { body, headers } = host.last("token")
  expect(headers["content-type"]).toMatch(/^application\/json/)
  expect(basicIn(host.last("token"))).toBe("client:secret")
  expect(Object.keys(body)).not.toContain("client_secret")
  expect(await checkWithout("notion", "tokenRequest.encoding")).toMatch(
    /the body is application\/x-www-form-urlencoded, not application\/json/
  )
  expect(await checkWith("notion", "clientAuthentication", "client_secret_post")).toMatch(
    wantsBasic
  )
})

it("notion: each request names the version of the API, and each authorization the owner", async () => {
  await using host = hostOf("notion")
  await host.connect()
  expect(host.authorizationRequest().get("owner")).toBe("user")
  expect(host.authorizationRequest().has("scope")).toBe(false)
  expect(host.last("token").headers["notion-version"]).toBe("2025-09-03")
  expect((await host.call("/search"))?.headers["notion-version"]).toBe("2025-09-03")
  expect(await checkWithout("notion", "tokenRequest.headers")).toMatch(/notion-version is missing/)
  expect(await checkWithout("notion", "apiHeaders")).toMatch(/notion-version is missing/)
  expect(await checkWithout("notion", "authorizationParameters")).toMatch(/owner is missing/)
})

it("notion: a refresh brings a new refresh token, and a connection without one works too", async () => {
  await using host = hostOf("notion")
  await host.connect()
  expect(await host.refreshTwice()).toBe("with the new one")
  await using without = hostOf("notion", { facts: { "token.answer.refresh_token": null } })
  await without.connect()
  expect((await without.call("/users"))?.status).toBe(200)
})

it("airtable: PKCE is required, and the client uses Basic", async () => {
  await using host = hostOf("airtable")
  await host.connect()
  expect(host.authorizationRequest().get("code_challenge_method")).toBe("S256")
  expect(basicIn(host.last("token"))).toBe("client:secret")
  expect(await checkWith("airtable", "pkce", { off: "It is not wanted." })).toMatch(
    /code_challenge is missing/
  )
  expect(await checkWith("airtable", "clientAuthentication", "client_secret_post")).toMatch(
    wantsBasic
  )
})

it("figma: a refresh answer without refresh token keeps the old one", async () => {
  await using host = hostOf("figma")
  await host.connect()
  expect(await host.refreshTwice()).toBe("with the same one")
})

it("figma: tokens are refreshed at another address, by a client that uses Basic", async () => {
  await using host = hostOf("figma")
  await host.connect()
  await host.refresh()
  expect(host.last("token").url.pathname).toBe("/v1/oauth/token")
  expect(host.last("refresh").url.pathname).toBe("/v1/oauth/refresh")
  expect(basicIn(host.last("refresh"))).toBe("client:secret")
  expect(await checkWithout("figma", "refreshEndpoint")).toMatch(
    /grant_type is not authorization_code/
  )
  expect(await checkWith("figma", "clientAuthentication", "client_secret_post")).toMatch(wantsBasic)
})

it("figma: scopes are separated by commas", async () => {
  await using host = hostOf("figma")
  await host.connect()
  expect(host.authorizationRequest().get("scope")).toBe("current_user:read,file_content:read")
  expect(await checkWithout("figma", "scopeSeparator")).toMatch(/is not a scope of the vendor/)
})

it("figma: a personal access token stands in a header of its own", async () => {
  await using host = hostOf("figma-api-key")
  await host.connect()
  expect(host.last("check").headers["x-figma-token"]).toBe("figd_SAMPLE0000000000000000")
  expect(
    await checkWith("figma-api-key", "headers", { Authorization: "Bearer {api_key}" })
  ).toMatch(/x-figma-token is missing/)
})

it("clickup: the answer has no token_type, and the token never expires", async () => {
  await using host = hostOf("clickup")
  await host.connect()
  expect(Object.keys(host.last("token").answer as object)).toEqual(["access_token"])
  expect(await host.lifetime()).toBeUndefined()
  expect(await checkWithout("clickup", "tokenResponse")).toMatch(/is "invalid_response"/)
})

it("clickup: a personal key stands in the header without Bearer", async () => {
  await using host = hostOf("clickup-api-key")
  await host.connect()
  expect(host.last("check").headers["authorization"]).toMatch(/^pk_/)
  expect(await checkWith("clickup-api-key", "headers.Authorization", "Bearer {api_key}")).toMatch(
    /rejected the credentials/
  )
})

it("monday: is asked without response_type", async () => {
  await using host = hostOf("monday")
  await host.connect()
  expect(host.authorizationRequest().has("response_type")).toBe(false)
  expect(await checkWithout("monday", "authorizationOmits")).toMatch(
    /response_type is code, not left out/
  )
})

it("monday: the token stands in the header without Bearer, and is renewed after an hour", async () => {
  await using host = hostOf("monday")
  await host.connect()
  const token = (host.last("token").answer as { readonly access_token: string }).access_token
  expect(host.last("account").headers["authorization"]).toBe(token)
  expect(await host.lifetime()).toBe(3600)
  expect(await host.refreshTwice()).toBe("with the new one")
  expect(await checkWithout("monday", "apiHeaders")).toMatch(/api-version/)
  expect(await checkWithout("monday", "tokenHeader")).toMatch(/is "invalid_response"/)
})

it("calendly: a refresh token is used once, and the account is the owner's URI", async () => {
  await using host = hostOf("calendly")
  const { account } = await host.connect()
  const owner = "https://api.calendly.com/users/AAAAAAAAAAAAAAAA"
  expect(host.last("token").answer).toMatchObject({ owner })
  expect(account?.id).toBe(owner)
  expect(await host.refreshTwice()).toBe("with the new one")
  expect(await checkWith("calendly", "account.id", ["resource", "name"])).toMatch(
    /the account's id should be/
  )
})

it("dropbox: offline access is asked for, and a refresh brings no refresh token", async () => {
  await using host = hostOf("dropbox")
  await host.connect()
  expect(host.authorizationRequest().get("token_access_type")).toBe("offline")
  expect(await host.refreshTwice()).toBe("with the same one")
  expect(await checkWithout("dropbox", "authorizationParameters")).toMatch(
    /token_access_type is missing, not offline/
  )
})

it("dropbox: a call without arguments has the JSON text null as its body", async () => {
  await using host = hostOf("dropbox")
  await host.connect()
  expect(host.last("account")).toMatchObject({
    method: "POST",
    headers: { "content-type": "application/json" },
    text: "null"
  })
  expect(await checkWithout("dropbox", "check.body")).toMatch(/the body is not null/)
})

it("dropbox: a token is ended by the token itself", async () => {
  await using host = hostOf("dropbox")
  await host.connect()
  await host.disconnect()
  expect(host.last("revocation").headers["authorization"]).toMatch(/^Bearer access-/)
  expect(host.simulator.liveTokens("dropbox")).not.toContain(
    host.last("revocation").headers["authorization"]?.slice("Bearer ".length)
  )
  expect(await checkWithout("dropbox", "revocation.authentication")).toMatch(
    /authorization is not Bearer/
  )
})

it("box: a refresh token serves once, and the one that came with it is the next", async () => {
  await using host = hostOf("box")
  await host.connect()
  expect(await host.refreshTwice()).toBe("with the new one")
  expect(host.problems()).toEqual([])
})

it("google: a known account is asked with include_granted_scopes", async () => {
  expect(await checkWithout("google", "reauthorization")).toMatch(/reauthorization/)
  expect(
    await checkWith("google", "reauthorization.parameters.include_granted_scopes", "false")
  ).toMatch(/include_granted_scopes is false, not true/)
})

it("microsoft: a token is for one API", async () => {
  expect(await checkWithout("microsoft", "oneResource")).toMatch(/oneResource/)
})
