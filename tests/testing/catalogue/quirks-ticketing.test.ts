import { expect, it } from "vitest"
import { checkWith, checkWithout } from "./changedBy.ts"
import { basicIn } from "./exchanges.ts"
import { hostOf } from "./hostOf.ts"

const noLongerPlaced = /stands in a (?:URL|host) and has no/

it("linear: scopes are separated by commas", async () => {
  await using host = hostOf("linear", { scopes: ["read", "write"] })
  await host.connect()
  expect(host.authorizationRequest().get("scope")).toBe("read,write")
  expect(await checkWithout("linear", "scopeSeparator")).toMatch(
    /read write is not a scope of the vendor/
  )
})

it("linear: every token comes with a refresh token, which is used once", async () => {
  await using host = hostOf("linear")
  await host.connect()
  expect(await host.lifetime()).toBe(86400)
  expect(await host.refreshTwice()).toBe("with the new one")
})

it("linear: an API key stands in the header without Bearer", async () => {
  await using host = hostOf("linear-api-key")
  expect(await host.outcomeOf()).toBe("validated")
  expect(host.last("check").headers["authorization"]).toBe("lin_api_sample0123456789")
  expect(await checkWith("linear-api-key", "headers.Authorization", "Bearer {api_key}")).toMatch(
    /rejected the credentials/
  )
})

it.each([
  ["jira cloud", "jira", "/ex/jira/1324a887-45db-1bf4-1e99-ef0ff456d421"],
  ["confluence", "confluence", "/ex/confluence/1324a887-45db-1bf4-1e99-ef0ff456d421"]
])(
  "%s: the site's cloud id is asked for, and stands in each call of api.atlassian.com",
  async (_, id, path) => {
    await using host = hostOf(id)
    const { fields } = await host.connect()
    expect(host.last("discovery").url.pathname).toBe("/oauth/token/accessible-resources")
    expect(fields).toEqual({ cloud_id: "1324a887-45db-1bf4-1e99-ef0ff456d421" })
    const call = await host.call("/rest")
    expect(call?.url.href).toBe(`https://api.atlassian.com${path}/rest`)
    expect(await checkWithout(id, "discovery")).toMatch(/there is no discovery to ask/)
    // The site's own host takes no such token.
    expect(await checkWith(id, "api.baseUrl", "https://acme.atlassian.net")).toMatch(
      /must be captured from discovery and stand in api\.baseUrl or apiHeaders/
    )
  }
)

it("jira cloud: audience and prompt are asked for, and the token request is JSON", async () => {
  await using host = hostOf("jira")
  await host.connect()
  expect(Object.fromEntries(host.authorizationRequest())).toMatchObject({
    audience: "api.atlassian.com",
    prompt: "consent"
  })
  expect(host.last("token").headers["content-type"]).toMatch(/^application\/json/)
  expect(await checkWithout("jira", "authorizationParameters.audience")).toMatch(
    /audience is missing, not api\.atlassian\.com/
  )
  expect(await checkWithout("jira", "tokenRequest.encoding")).toMatch(/^token: /)
  expect(await checkWithout("jira", "refreshRequest.encoding")).toMatch(/^refresh: /)
})

it("jira cloud: a refresh token comes with offline_access, and is used once", async () => {
  await using host = hostOf("jira")
  await host.connect()
  expect(host.authorizationRequest().get("scope")).toContain("offline_access")
  expect(await host.refreshTwice()).toBe("with the new one")
  expect(await checkWithout("jira", "defaultScopes.0")).toMatch(/^defaultScopes:/)
})

it("confluence: scopes of both families are asked for as they are named", async () => {
  const scopes = ["read:confluence-content.summary", "read:page:confluence"]
  await using host = hostOf("confluence", { scopes })
  expect((await host.connect()).scopes).toEqual(scopes)
})

it("jira data center: is at the tenant's own host, once the host of this library allows it", async () => {
  await using host = hostOf("jira-data-center")
  await host.connect()
  expect(host.last("token").url.href).toBe("https://jira.acme.example/rest/oauth2/latest/token")
  expect(host.authorizationRequest().get("code_challenge_method")).toBe("S256")
  await using refused = hostOf("jira-data-center", { allowTenantHosts: false })
  await expect(refused.connect()).rejects.toThrow()
  expect(refused.simulator.requests).toEqual([])
  expect(await checkWithout("jira-data-center", "fields.0.format")).toMatch(noLongerPlaced)
})

it("asana: a refresh brings no refresh token, and the first one, which is kept, is what is ended", async () => {
  await using host = hostOf("asana")
  await host.connect()
  expect(host.last("token").answer).toMatchObject({ data: { gid: "4673218951" } })
  expect(await host.refreshTwice()).toBe("with the same one")
  await host.disconnect()
  expect(host.last("revocation").body["token"]).toBe(host.last("refresh").body["refresh_token"])
  expect(await checkWithout("asana", "revocation.tokens")).toMatch(/is not a refresh token/)
})

it("trello: OAuth 1.0a is not spoken; a member's key and token stand in its header", async () => {
  await using host = hostOf("trello")
  expect(host.definition.authType).toBe("api_key")
  await host.connect()
  expect(host.last("check").headers["authorization"]).toMatch(
    /^OAuth oauth_consumer_key="[0-9a-f]+", oauth_token="[0-9a-f]+"$/
  )
  // Nothing of it is in a URL, which logs would keep.
  expect(host.last("check").url.search).toBe("")
  expect(await checkWith("trello", "headers.Authorization", "Bearer {token}")).not.toBe("")
})

it("zendesk: how long tokens live is asked for in the request", async () => {
  await using host = hostOf("zendesk")
  await host.connect()
  await host.refresh()
  const lifetimes = { expires_in: "86400", refresh_token_expires_in: "5184000" }
  expect(host.last("token").body).toMatchObject(lifetimes)
  expect(host.last("refresh").body).toMatchObject(lifetimes)
  expect(await host.lifetime()).toBe(86400)
  expect(await checkWithout("zendesk", "tokenRequest.parameters")).toMatch(
    /expires_in is not 86400/
  )
  expect(await checkWithout("zendesk", "refreshRequest.parameters")).toMatch(
    /expires_in is not 86400/
  )
})

it("zendesk: a refresh ends the tokens that were there before, and the new ones are used", async () => {
  await using host = hostOf("zendesk")
  await host.connect()
  const before = host.simulator.liveTokens("zendesk")
  await host.refresh()
  const after = host.simulator.liveTokens("zendesk")
  expect(after.filter((token) => before.includes(token))).toEqual([])
  expect((await host.call("/api/v2/tickets.json"))?.status).toBe(200)
})

it("zendesk: is at the tenant's subdomain", async () => {
  await using host = hostOf("zendesk")
  await host.connect()
  expect(host.last("token").url.host).toBe("acme.zendesk.com")
  expect(await checkWithout("zendesk", "fields.0.format")).toMatch(noLongerPlaced)
})

it.each([
  ["zendesk", "rejected"],
  ["zendesk-api-key", "credential_validation_failed"]
])("zendesk: 200 for nobody is not a accepted key (%s)", async (id, outcome) => {
  await using host = hostOf(id)
  await host.connect()
  host.simulator.end(id)
  expect(await host.check()).toBe("rejected")
  expect(host.last("check")).toMatchObject({ status: 200, answer: { user: { id: null } } })
  expect(await checkWithout(id, "check.acceptedBody")).toContain(`should be "${outcome}"`)
})

it("zendesk: an API token's user name is the email address with /token after it", async () => {
  await using host = hostOf("zendesk-api-key")
  await host.connect()
  expect(basicIn(host.last("check"))).toMatch(/^ann@acme\.example\/token:/)
  expect(await checkWith("zendesk-api-key", "basic.username", "{email}")).not.toBe("")
})

it("intercom: a token never expires, and no refresh token comes", async () => {
  await using host = hostOf("intercom")
  await host.connect()
  expect(Object.keys(host.last("token").answer as object).toSorted()).toEqual([
    "access_token",
    "token",
    "token_type"
  ])
  expect(await host.lifetime()).toBeUndefined()
  expect(await checkWith("intercom", "defaultTokenLifetime", 3600)).toMatch(
    /lifetime should be null and is 3600/
  )
})

it("intercom: has a host for each region, and none that a tenant makes up", async () => {
  await using host = hostOf("intercom")
  await host.connect()
  expect(host.last("token").url.host).toBe("api.eu.intercom.io")
  expect(host.authorizationRequest().has("scope")).toBe(false)
  expect(await checkWithout("intercom", "fields.0.choices")).toMatch(noLongerPlaced)
})

it("shortcut: the token stands in a header of its own", async () => {
  await using host = hostOf("shortcut")
  await host.connect()
  const { headers } = host.last("check")
  expect(headers["shortcut-token"]).toBe("12345678-9012-3456-7890-123456789012")
  expect(headers).not.toHaveProperty("authorization")
  expect(await checkWith("shortcut", "headers", { Authorization: "Bearer {api_token}" })).toMatch(
    /shortcut-token is missing/
  )
})
