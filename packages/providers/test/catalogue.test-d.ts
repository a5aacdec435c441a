import type { HasProviderId, OAuth2ProviderConfig } from "@hawser/core"
import { describe, expectTypeOf, it } from "vitest"
import {
  datadog,
  github,
  githubApp,
  type GithubScope,
  grafana,
  pagerdutyApiKey
} from "../src/index.ts"

const client = { clientId: "id", clientSecret: "secret" }

describe("the helpers of the catalogue", () => {
  it("know the scopes that the vendor documents, and take others", () => {
    expectTypeOf<"repo">().toExtend<GithubScope>()
    expectTypeOf<"repos">().not.toExtend<GithubScope>()
    const config = github({
      ...client,
      scopes: ["repo", "something:new"],
      requiredScopes: ["repo"]
    })
    expectTypeOf(config).toEqualTypeOf<OAuth2ProviderConfig & HasProviderId<"github">>()
  })

  it("take a client of the host's or a function that asks for tenants' own, and not both", () => {
    github({ clientOf: () => null })
    // @ts-expect-error One client that all share may not stand beside them (S-23).
    github({ ...client, clientOf: () => null })
    // @ts-expect-error A registration needs one of the two.
    github({ scopes: ["repo"] })
  })

  it("take what the host gives once, and no client where tenants bring keys", () => {
    githubApp({ ...client, appPrivateKey: "PEM", settings: { app_slug: "acme" } })
    grafana({ allowTenantHosts: true })
    datadog()
    pagerdutyApiKey({ availability: "unlisted" })
    // @ts-expect-error An API key has no client.
    datadog(client)
  })
})
