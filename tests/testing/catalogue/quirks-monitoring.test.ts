import { expect, it } from "vitest"
import { checkWith, checkWithout } from "./changedBy.ts"
import { hostOf } from "./hostOf.ts"

const refusedAsRejected = /should be "unverified" and is "credential_validation_failed"/

it("pagerduty: leaves scopes out that the app has not, so each one asked for is required", async () => {
  await using host = hostOf("pagerduty", { scopes: ["incidents.read", "services.read"] })
  host.simulator.failNext("pagerduty", "token", { kind: "partial_scopes" })
  const page = await host.flow()
  expect(host.last("token")).toMatchObject({
    status: 200,
    answer: { scope: "openid incidents.read" }
  })
  expect(page.get("error")).toBe("insufficient_scope")
  expect(await checkWithout("pagerduty", "leavesOutScopes")).toMatch(
    /should be "insufficient_scope" and is null/
  )
})

it("pagerduty: classic and scoped apps are both at identity.pagerduty.com", async () => {
  for (const scopes of [["read"], ["incidents.read"]]) {
    await using host = hostOf("pagerduty", { scopes })
    expect((await host.connect()).scopes).toEqual(["openid", ...scopes])
    expect(host.last("token").url.host).toBe("identity.pagerduty.com")
  }
})

it("pagerduty: a key has a scheme of its own, which is not Bearer", async () => {
  await using host = hostOf("pagerduty-api-key")
  await host.connect()
  expect(host.last("check").headers["authorization"]).toBe("Token token=y_NbAkKc66ryYTWUXYEu")
  expect(await checkWith("pagerduty-api-key", "headers.Authorization", "Bearer {api_key}")).toMatch(
    /authorization is not Token token=/
  )
})

it("pagerduty: has a host for accounts in the EU, and none that a tenant makes up", async () => {
  await using host = hostOf("pagerduty-api-key")
  await host.connect()
  expect(host.last("check").url.host).toBe("api.eu.pagerduty.com")
  expect(await checkWithout("pagerduty-api-key", "fields.1.choices")).toMatch(
    /stands in a URL and has no list of choices/
  )
  await using byToken = hostOf("pagerduty")
  await byToken.connect()
  expect((await byToken.call("https://api.eu.pagerduty.com/users"))?.status).toBe(200)
  expect(await checkWithout("pagerduty", "api.hosts")).toMatch(/may not be called/)
})

it("datadog: a wrong application key is refused although the API key is good", async () => {
  const wrong = { application_key: "0123456789abcdef0123456789abcdef01234568" }
  await using host = hostOf("datadog")
  expect(await host.outcomeOf()).toBe("validated")
  expect(await host.outcomeOf(wrong)).toBe("credential_validation_failed")
  expect(host.last("check").url.pathname).toBe("/api/v2/validate_keys")
  expect(await checkWithout("datadog", "headers.DD-APPLICATION-KEY")).toMatch(
    /dd-application-key is missing/
  )
  // What version 1 looks at is the API key alone.
  const url = "https://api.{site}/api/v1/validate"
  await using first = hostOf("datadog", {
    definition: { "check.url": url },
    facts: { "check.url": url, "credential.headers": { "dd-api-key": "{api_key}" } }
  })
  expect(await first.outcomeOf(wrong)).toBe("validated")
})

it("datadog: is asked at the tenant's own site", async () => {
  await using host = hostOf("datadog")
  expect(await host.outcomeOf({ site: "datadoghq.com.evil.example" })).toBe("validation_error")
  expect(await host.outcomeOf()).toBe("validated")
  expect(host.last("check").url.host).toBe("api.us5.datadoghq.com")
  expect(await checkWithout("datadog", "fields.2.choices")).toMatch(
    /stands in a URL and has no list of choices/
  )
})

it("sentry: a token that lacks a right is not called wrong", async () => {
  await using host = hostOf("sentry", { facts: { "check.accepted.status": 403 } })
  expect(await host.outcomeOf()).toBe("unverified")
  expect(await checkWithout("sentry", "check.rejectedStatus")).toMatch(refusedAsRejected)
})

it("sentry: is asked where the organization's data is", async () => {
  await using host = hostOf("sentry")
  await host.connect()
  expect(host.last("check").url.href).toBe("https://de.sentry.io/api/0/organizations/")
  expect(await checkWithout("sentry", "fields.1.choices")).toMatch(
    /stands in a URL and has no list of choices/
  )
})

it("new relic: answers 200 with errors, and a wrong key is refused", async () => {
  await using host = hostOf("new-relic")
  expect(await host.outcomeOf({ api_key: "NRAK-SAMPLE0123456780" })).toBe(
    "credential_validation_failed"
  )
  expect(host.last("check")).toMatchObject({
    status: 200,
    body: { query: "{ actor { user { id } } }" },
    answer: { data: { actor: { user: { id: null } } } }
  })
  expect((host.last("check").answer as { readonly errors: unknown }).errors).toHaveLength(1)
  expect(await checkWithout("new-relic", "check.acceptedBody")).toMatch(
    /a wrong api_key should be "credential_validation_failed" and is "validated"/
  )
})

it("new relic: the key stands in a header of its own, at the account's data center", async () => {
  await using host = hostOf("new-relic")
  await host.connect()
  expect(host.last("check").url.host).toBe("api.eu.newrelic.com")
  expect(host.last("check").headers["api-key"]).toMatch(/^NRAK-/)
  expect(await checkWith("new-relic", "headers", { Authorization: "Bearer {api_key}" })).toMatch(
    /api-key is missing/
  )
})

it("opsgenie: a key has a scheme of its own", async () => {
  await using host = hostOf("opsgenie")
  await host.connect()
  expect(host.last("check").headers["authorization"]).toMatch(/^GenieKey /)
  expect(host.last("check").url.host).toBe("api.eu.opsgenie.com")
  expect(await checkWith("opsgenie", "headers.Authorization", "Bearer {api_key}")).toMatch(
    /authorization is not GenieKey/
  )
})

it("opsgenie: says that it ends in April 2027", async () => {
  await using host = hostOf("opsgenie")
  expect(host.definition.notices?.map(({ date }) => date)).toEqual(["2027-04-05"])
  expect(await checkWithout("opsgenie", "notices")).toMatch(/^notices: .*2027-04-05/)
})

it("grafana: is at the tenant's own host, once the host of this library allows it", async () => {
  await using host = hostOf("grafana")
  await host.connect()
  expect(host.last("check").url.href).toBe(
    "https://grafana.acme.example/api/access-control/user/permissions"
  )
  expect(await host.outcomeOf({ host: "10.0.0.1" })).toBe("validation_error")
  expect(await host.outcomeOf({ host: "localhost" })).toBe("validation_error")
  await using refused = hostOf("grafana", { allowTenantHosts: false })
  await expect(refused.connect()).rejects.toThrow()
  expect(refused.simulator.requests).toEqual([])
  expect(await checkWithout("grafana", "fields.0.format")).toMatch(
    /stands in a URL and has no list of choices/
  )
})
