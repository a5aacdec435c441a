import { assert, describe, it } from "@effect/vitest"
import type { ProviderConfig } from "@hawser/core"
import {
  datadog,
  github,
  githubApp,
  google,
  grafana,
  jiraDataCenterDefinition,
  mailchimp,
  paypal,
  salesforce,
  shopify,
  slack,
  zendesk
} from "@hawser/providers"
import { factsOf } from "@hawser/testing/facts"
import { type RunningSimulator, seedConnected, startSimulator } from "@hawser/testing/simulator"
import { createHawser, memory } from "hawser"

const publicUrl = "http://localhost:3000"
const redirectUrl = "http://localhost:3000/done"
const admin = { tenantId: "acme", userId: "ann" }

const atHost = async (
  id: Parameters<typeof factsOf>[0],
  configure: (simulator: RunningSimulator) => ProviderConfig
) => {
  const simulator = await startSimulator({ providers: [factsOf(id)] })
  const hawser = await createHawser({
    publicUrl,
    allowedRedirectUrls: [redirectUrl],
    authenticate: () => Promise.resolve({ ...admin, roles: ["admin"] }),
    providers: [configure(simulator)],
    store: memory(),
    workers: "off",
    encryptionKey: Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64"),
    unsafelyAllowLoopback: true
  })
  return {
    hawser,
    simulator,
    [Symbol.asyncDispose]: async () => {
      await hawser.close()
      await simulator.close()
    }
  }
}

type AtHost = Awaited<ReturnType<typeof atHost>>

/** A whole flow over HTTP, as a browser and a host make it. */
const connected = async ({ hawser, simulator }: AtHost, provider: string): Promise<void> => {
  if (simulator.authType(provider) === "api_key") {
    const { credentialId, status } = await hawser
      .tenant(admin.tenantId, { user: admin.userId })
      .credentials(provider)
      .store({ credentials: simulator.fields(provider) })
    assert.strictEqual(status, "validated")
    await hawser.tenant(admin.tenantId, { user: admin.userId }).connect(provider, { credentialId })
    return
  }
  const fields = simulator.fields(provider)
  const begun = await hawser.tenant(admin.tenantId, { user: admin.userId }).connect(provider, {
    redirectUrl,
    ...(Object.keys(fields).length > 0 && { fields })
  })
  const { url } = await simulator.visit(begun.authorizationUrl)
  const back = await hawser.handler(
    new Request(url, { headers: { cookie: begun.setCookie?.split(";")[0] ?? "" } })
  )
  assert.include(back.headers.get("location"), "status=connected")
}

const works = async ({ hawser, simulator }: AtHost, provider: string): Promise<void> => {
  const answer = await hawser.tenant("acme").connection(provider).fetch("/probe")
  assert.strictEqual(answer.status, 200)
  assert.deepStrictEqual([...simulator.violations], [])
}

/** One of the catalogue for each kind of URL and of auth kind. */
const simulated: ReadonlyArray<
  readonly [
    id: Parameters<typeof factsOf>[0],
    what: string,
    configure: (simulator: RunningSimulator) => ProviderConfig
  ]
> = [
  ["github", "two API hosts", (one) => one.simulate(github, { publicUrl })],
  ["slack", "an app's and a user's scopes", (one) => one.simulate(slack, { publicUrl })],
  ["google", "an ID token of its issuer", (one) => one.simulate(google, { publicUrl })],
  ["zendesk", "a subdomain", (one) => one.simulate(zendesk, { publicUrl })],
  ["salesforce", "a host that it tells", (one) => one.simulate(salesforce, { publicUrl })],
  ["mailchimp", "a host by discovery", (one) => one.simulate(mailchimp, { publicUrl })],
  ["shopify", "signed callbacks", (one) => one.simulate(shopify, { publicUrl })],
  ["github-app", "tokens by an app's key", (one) => one.simulate(githubApp, { publicUrl })],
  ["datadog", "a site to choose", (one) => one.simulate(datadog, { publicUrl })],
  ["grafana", "a host of the tenant's", (one) => one.simulate(grafana, { publicUrl })],
  ["paypal", "client credentials", (one) => one.simulate(paypal, { publicUrl })]
]

describe("a simulated provider of the catalogue", () => {
  for (const [id, what, configure] of simulated) {
    it(`connects over HTTP: ${id}, with ${what}`, async () => {
      await using host = await atHost(id, configure)
      await connected(host, id)
      await works(host, id)
    })

    it(`is seeded: ${id}`, async () => {
      await using host = await atHost(id, configure)
      await seedConnected(host.hawser, host.simulator, { ...admin, provider: id })
      await works(host, id)
    })
  }

  it("whose clients are the tenants' own knows those that are registered", async () => {
    const provider = "jira-data-center"
    const client = { clientId: "of acme", clientSecret: "secret of acme" }
    await using host = await atHost(provider, (simulator) =>
      simulator.simulate(
        { definition: jiraDataCenterDefinition, clientOf: () => client },
        { publicUrl }
      )
    )
    host.simulator.register(provider, {
      ...client,
      redirectUris: [await host.hawser.admin.callbackUrl({ tenantId: "acme", provider })]
    })
    await connected(host, provider)
    await works(host, provider)
  })
})
