import { expect, it } from "vitest"
import { checkWith, checkWithout } from "./changedBy.ts"
import { basicIn } from "./exchanges.ts"
import { hostOf } from "./hostOf.ts"

const wantsBasic = /authenticates by client_secret_post, and the vendor takes client_secret_basic/

it("hubspot: version 1 ends on 16 February 2027, and what is used came after it", async () => {
  await using host = hostOf("hubspot")
  await host.connect()
  expect(host.definition.notices?.map(({ date }) => date)).toEqual(["2027-02-16"])
  // Parameters stand in the body alone, since then.
  expect(host.last("token").url.href).toBe("https://api.hubapi.com/oauth/2026-03/token")
  expect(host.last("token").body).toMatchObject({ client_id: "client", client_secret: "secret" })
  expect(await checkWithout("hubspot", "notices")).toMatch(/^notices: .*2027-02-16/)
  expect(
    await checkWith("hubspot", "tokenEndpoint", "https://api.hubapi.com/oauth/v1/token")
  ).not.toBe("")
})

it("hubspot: a token lives as long as the answer says, and not half an hour", async () => {
  await using host = hostOf("hubspot", { facts: { "token.lifetime": 900 } })
  await host.connect()
  expect(await host.lifetime()).toBe(900)
})

it("hubspot: it is the refresh token that can be ended", async () => {
  await using host = hostOf("hubspot")
  await host.connect()
  const { refresh_token: token } = host.last("token").answer as { readonly refresh_token: string }
  await host.disconnect()
  expect(host.exchanges("revocation").map(({ body }) => body["token"])).toEqual([token])
  expect(await checkWithout("hubspot", "revocation.tokens")).toMatch(/is not a refresh token/)
})

it("salesforce: instance_url says where the API is, and is Salesforce's", async () => {
  await using host = hostOf("salesforce")
  const { fields } = await host.connect()
  expect(fields).toMatchObject({ instance_host: "acme.my.salesforce.com" })
  expect((await host.call("/services/data"))?.url.host).toBe("acme.my.salesforce.com")
  await using elsewhere = hostOf("salesforce", {
    facts: { "token.answer.instance_url": "https://acme.my.salesforce.com.evil.example" }
  })
  expect((await elsewhere.flow()).get("error")).toBe("invalid_response")
  expect(elsewhere.exchanges("account")).toEqual([])
  expect(await checkWithout("salesforce", "captures.instance_host.hostBelow")).toMatch(
    /only a host below the vendor's domains/
  )
})

it("salesforce: no expires_in comes, and a token is taken to live two hours", async () => {
  await using host = hostOf("salesforce")
  await host.connect()
  expect(host.last("token").answer).not.toHaveProperty("expires_in")
  expect(host.authorizationRequest().get("scope")).toContain("refresh_token")
  expect(await host.lifetime()).toBe(7200)
  expect(await checkWithout("salesforce", "defaultTokenLifetime")).toMatch(
    /lifetime should be 7200 and is null/
  )
})

it("salesforce: who has a My Domain, or a sandbox, logs in at a host of its own", async () => {
  await using host = hostOf("salesforce")
  const { authorizationUrl } = await host.begin({})
  expect(authorizationUrl.host).toBe("login.salesforce.com")
  const sandbox = await host.begin({
    my_domain: "acme--dev",
    login_domain: "sandbox.my.salesforce.com"
  })
  expect(sandbox.authorizationUrl.host).toBe("acme--dev.sandbox.my.salesforce.com")
  await host.connect()
  expect(host.last("token").url.host).toBe("acme.my.salesforce.com")
  expect(await checkWithout("salesforce", "fields.1.choices")).toMatch(/before a fixed name/)
})

it("salesforce: a second request for a token that is being refreshed ends nothing", async () => {
  expect(await checkWithout("salesforce", "temporaryErrors.1")).toMatch(
    /already being processed.* should be "ProviderUnavailable" and is "ReconnectRequired"/
  )
})

it("stripe (Connect): the platform's secret key stands in the body, and a token never expires", async () => {
  await using host = hostOf("stripe")
  const { account } = await host.connect()
  expect(host.last("token").body).toMatchObject({ client_secret: "secret" })
  expect(host.last("token").answer).toMatchObject({ livemode: false })
  expect(account?.id).toBe("acct_1032D82eZvKYlo2C")
  expect(await host.lifetime()).toBeUndefined()
  expect(await checkWith("stripe", "clientAuthentication", "client_secret_basic")).toMatch(
    /^token:/
  )
})

it("stripe (Connect): access is ended by naming the account", async () => {
  await using host = hostOf("stripe")
  await host.connect()
  await host.disconnect()
  expect(host.last("revocation").body).toEqual({
    client_id: "client",
    stripe_user_id: "acct_1032D82eZvKYlo2C"
  })
  expect(host.simulator.liveTokens("stripe")).toEqual([])
  expect(await checkWithout("stripe", "revocation.parameters.stripe_user_id")).toMatch(
    /stripe_user_id is not acct_/
  )
})

it("stripe (Apps): the secret key alone is Basic's user name, and no redirect_uri is taken", async () => {
  await using host = hostOf("stripe-apps")
  await host.connect()
  expect(basicIn(host.last("token"))).toBe("secret:")
  expect(Object.keys(host.last("token").body).toSorted()).toEqual(["code", "grant_type"])
  expect(await checkWith("stripe-apps", "clientAuthentication", "client_secret_basic")).toMatch(
    /the password of Authorization: Basic is not empty/
  )
  expect(await checkWithout("stripe-apps", "tokenRequest.omits")).toMatch(
    /knows no parameter redirect_uri/
  )
})

it("stripe (Apps): PKCE is off", async () => {
  await using host = hostOf("stripe-apps")
  await host.connect()
  expect(host.authorizationRequest().has("code_challenge")).toBe(false)
  expect(await checkWithout("stripe-apps", "pkce")).toMatch(
    /code_challenge is there, and the vendor refuses it/
  )
})

it("stripe (Apps): a token lives an hour that nobody tells, and a refresh token is used once", async () => {
  await using host = hostOf("stripe-apps")
  await host.connect()
  expect(host.last("token").answer).not.toHaveProperty("expires_in")
  expect(await host.lifetime()).toBe(3600)
  expect(await host.refreshTwice()).toBe("with the new one")
  expect(await checkWithout("stripe-apps", "defaultTokenLifetime")).toMatch(
    /lifetime should be 3600 and is null/
  )
})

it("shopify: a callback that Shopify has not signed is refused", async () => {
  await using host = hostOf("shopify")
  const page = await host.flow((parameters) => parameters.set("timestamp", "1"))
  expect(page.get("status")).toBe("error")
  expect(host.exchanges("token")).toEqual([])
  await using unsigned = hostOf("shopify", { definition: { callbackSignature: undefined } })
  const believed = await unsigned.flow((parameters) => parameters.set("timestamp", "1"))
  expect(believed.get("status")).toBe("connected")
  expect(await checkWithout("shopify", "callbackSignature")).toMatch(/^callbackSignature:/)
})

it("shopify: the shop of the callback is one of Shopify's hosts", async () => {
  await using host = hostOf("shopify")
  expect((await host.connect()).fields).toMatchObject({ shop_host: "acme.myshopify.com" })
  expect(await checkWithout("shopify", "captures.shop_host.hostBelow")).toMatch(
    /captures\.shop_host takes what it must refuse/
  )
})

it("shopify: tokens that expire are asked for, as all public apps must by 1 January 2027", async () => {
  await using host = hostOf("shopify")
  await host.connect()
  expect(host.last("token").body).toMatchObject({ expiring: "1" })
  expect(await host.lifetime()).toBe(3600)
  expect(await host.refreshTwice()).toBe("with the new one")
  expect(host.definition.notices?.map(({ date }) => date)).toEqual(["2027-01-01"])
  expect(await checkWithout("shopify", "tokenRequest.parameters")).toMatch(/expiring is not 1/)
  expect(await checkWithout("shopify", "notices")).toMatch(/^notices: .*2027-01-01/)
})

it("shopify: the token stands in a header of its own, and scopes are separated by commas", async () => {
  await using host = hostOf("shopify", { scopes: ["read_products", "read_orders"] })
  await host.connect()
  expect(host.authorizationRequest().get("scope")).toBe("read_products,read_orders")
  const { headers } = host.last("account")
  expect(headers["x-shopify-access-token"]).toMatch(/^access-/)
  expect(headers).not.toHaveProperty("authorization")
  expect(await checkWithout("shopify", "tokenHeader")).toMatch(/x-shopify-access-token is missing/)
  expect(await checkWithout("shopify", "scopeSeparator")).toMatch(/is not a scope of the vendor/)
})

it("shopify: an installation begun at Shopify comes without state, and names the shop", async () => {
  const visit = { shop: "acme.myshopify.com", hmac: "00", timestamp: "1" }
  await using host = hostOf("shopify")
  expect(await host.visitCallback(visit)).toMatchObject({
    _tag: "NoFlow",
    installation: { provider: "shopify", fields: { shop: "acme" } }
  })
  expect(host.simulator.requests).toEqual([])
  expect(await checkWithout("shopify", "installation")).toMatch(/^installation:/)
  expect(await checkWithout("shopify", "installation.fields")).toMatch(/^installation:/)
})

it("quickbooks: realmId of the callback is kept and goes into the calls", async () => {
  await using host = hostOf("quickbooks")
  const { account, fields } = await host.connect()
  expect(fields).toEqual({ realm_id: "1231434565226279" })
  expect(account?.id).toBe("1231434565226279")
  expect((await host.call("/query"))?.url.pathname).toBe("/v3/company/1231434565226279/query")
  await using without = hostOf("quickbooks")
  const page = await without.flow((parameters) => parameters.delete("realmId"))
  expect(page.get("status")).toBe("error")
  // Another company's number in the address: the token is not good for it.
  const other = await without.flow((parameters) => parameters.set("realmId", "1231434565226280"))
  expect(other.get("status")).toBe("error")
  expect(await checkWithout("quickbooks", "discovery")).toMatch(/is nowhere asked about/)
  expect(await checkWith("quickbooks", "captures.realm_id.parameter", "realm_id")).toMatch(
    /is "invalid_response"/
  )
  expect(await checkWithout("quickbooks", "captures.realm_id.pattern")).toMatch(
    /no pattern that keeps it within its segment/
  )
})

it("quickbooks: the refresh token changes and the last one is used, by a client that uses Basic", async () => {
  await using host = hostOf("quickbooks")
  await host.connect()
  expect(await host.refreshTwice()).toBe("with the new one")
  expect(basicIn(host.last("refresh"))).toBe("client:secret")
  expect(await checkWith("quickbooks", "clientAuthentication", "client_secret_post")).toMatch(
    wantsBasic
  )
})

it("xero: the organisation is asked for, and named in each call", async () => {
  const tenant = "fe79f7dd-b6d4-4a92-ba7b-538af6289c58"
  await using host = hostOf("xero")
  const { account, fields } = await host.connect()
  expect(host.last("discovery").url.href).toBe("https://api.xero.com/connections")
  expect(fields).toEqual({ tenant_id: tenant })
  expect(account).toMatchObject({ id: tenant, label: "Demo Company (NZ)" })
  expect((await host.call("/Invoices"))?.headers["xero-tenant-id"]).toBe(tenant)
  expect(await checkWithout("xero", "apiHeaders.Xero-tenant-id")).toMatch(
    /must be captured from discovery and stand in api\.baseUrl or apiHeaders/
  )
  expect(await checkWithout("xero", "discovery")).not.toBe("")
})

it("xero: a refresh has Basic, and its refresh token is used once", async () => {
  await using host = hostOf("xero")
  await host.connect()
  expect(host.authorizationRequest().get("scope")).toContain("offline_access")
  expect(await host.lifetime()).toBe(1800)
  expect(await host.refreshTwice()).toBe("with the new one")
  expect(basicIn(host.last("refresh"))).toBe("client:secret")
  expect(
    await checkWith("xero", "refreshRequest", { clientAuthentication: "client_secret_post" })
  ).toMatch(wantsBasic)
})

it("mailchimp: the metadata says where the account's data center is", async () => {
  await using host = hostOf("mailchimp")
  const { fields } = await host.connect()
  expect(host.last("discovery").url.href).toBe("https://login.mailchimp.com/oauth2/metadata")
  expect(fields).toEqual({ api_host: "us6.api.mailchimp.com" })
  expect((await host.call("/lists"))?.url.href).toBe("https://us6.api.mailchimp.com/3.0/lists")
  await using elsewhere = hostOf("mailchimp", {
    facts: { "account.request.answer.api_endpoint": "https://us6.api.mailchimp.com.evil.example" }
  })
  expect((await elsewhere.flow()).get("error")).toBe("invalid_response")
  expect(await checkWithout("mailchimp", "captures.api_host.hostBelow")).toMatch(/has no hostBelow/)
})

it("mailchimp: an expires_in of 0 means that a token never expires", async () => {
  await using host = hostOf("mailchimp")
  await host.connect()
  expect(host.last("token").answer).toMatchObject({ expires_in: 0, scope: null })
  expect(await host.lifetime()).toBeUndefined()
  expect((await host.call("/lists"))?.status).toBe(200)
  expect(await checkWithout("mailchimp", "tokenResponse")).toMatch(/is "invalid_response"/)
})

it("mailchimp: a key is Basic's password, beside any user name", async () => {
  await using host = hostOf("mailchimp-api-key")
  await host.connect()
  expect(basicIn(host.last("check"))).toBe("hawser:0123456789abcdef0123456789abcdef-us6")
  expect(await checkWith("mailchimp-api-key", "basic.password", "{server}")).not.toBe("")
})

it("typeform: a refresh token is asked for by the scope offline", async () => {
  await using host = hostOf("typeform")
  await host.connect()
  expect(host.authorizationRequest().get("scope")).toContain("offline")
  expect(await host.refreshTwice()).toBe("with the new one")
  expect(await checkWithout("typeform", "defaultScopes.2")).toMatch(/^defaultScopes:/)
})

it("typeform: accounts in the EU have a host of their own", async () => {
  await using host = hostOf("typeform")
  await host.connect()
  expect((await host.call("https://api.eu.typeform.com/forms"))?.status).toBe(200)
  expect(await checkWithout("typeform", "api.hosts")).toMatch(/may not be called/)
})

it("webflow: a token never expires, and is ended under the name access_token", async () => {
  await using host = hostOf("webflow")
  await host.connect()
  expect(await host.lifetime()).toBeUndefined()
  await host.disconnect()
  expect(host.last("revocation").body["access_token"]).toMatch(/^access-/)
  expect(host.simulator.liveTokens("webflow")).toEqual([])
  expect(await checkWithout("webflow", "revocation.tokenParameter")).toMatch(
    /access_token is missing/
  )
  expect(await checkWith("webflow", "defaultTokenLifetime", 3600)).toMatch(
    /lifetime should be null and is 3600/
  )
})

it("salesforce: an organisation moves to another host of the vendor's, as a refresh tells", async () => {
  expect(await checkWithout("salesforce", "captures.instance_host.moves")).toBe(
    'captures.instance_host once a refresh tells that it has moved should be "acma.my.salesforce.com" and is "acme.my.salesforce.com"'
  )
})

it("zoho-crm: an account is where the callback says, of the vendor's regions and no other host", async () => {
  const stays = /^what is kept should be .*"zoho\.eu".* and is .*"zoho\.com"/
  expect(await checkWithout("zoho-crm", "callbackRegion")).toMatch(stays)
  expect(await checkWith("zoho-crm", "callbackRegion.parameter", "accounts_server")).toMatch(stays)
  const anywhere = { "https://evil.example": "zoho.com", "https://accounts.zoho.eu": "zoho.eu" }
  expect(await checkWith("zoho-crm", "callbackRegion.values", anywhere)).toMatch(
    /where accounts-server names no region should be "invalid_response"/
  )
})
